//! What each further nine of the objective costs.

use super::confirmed::Confirmed;
use super::hunt::Hunted;
use super::search::{Found, Ranked};
use super::{NineCost, Stop};

/// Objectives that people ask for.
const NINES: [f64; 4] = [0.9, 0.99, 0.999, 0.9999];

/// The shares of the error budget to search the cheapest settings for, beside the objective's own: one nine more.
pub(super) fn further_budgets(own: f64) -> Vec<f64> {
    let further = NINES.iter().filter(|objective| **objective > own + 1e-12);
    further
        .take(1)
        .map(|objective| (1.0 - objective) / (1.0 - own))
        .collect()
}

/// So many candidates are confirmed for each objective.
const CONFIRMED_EACH: usize = 2;

/// The objectives that costs are told of: those that people ask for, and the scenario's own.
pub(super) fn objectives(own: f64) -> Vec<f64> {
    let mut objectives: Vec<f64> = NINES.into_iter().chain([own]).collect();
    objectives.sort_by(f64::total_cmp);
    objectives.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    objectives
}

/// Confirms for each objective those that a first look lets hope to be the cheapest.
pub(super) fn confirm_for_nines(
    own: f64,
    found: &Found,
    confirmed: &mut Confirmed<'_>,
    stop: Stop<'_>,
) {
    for objective in objectives(own) {
        let budget = (1.0 - objective) / (1.0 - own);
        let mut held: Vec<&Ranked> = found
            .ranked
            .iter()
            .chain(&found.archive)
            .filter(|ranked| ranked.appraisal.whole && ranked.appraisal.budget_spent <= budget)
            .collect();
        held.sort_by(|a, b| a.appraisal.cost.total_cmp(&b.appraisal.cost));
        held.dedup_by(|a, b| a.candidate == b.candidate);
        let held = held.into_iter().take(CONFIRMED_EACH);
        let held: Vec<_> = held.map(|ranked| ranked.candidate.clone()).collect();
        confirmed.confirm(&held, budget, stop);
    }
}

/// For each objective, the cheapest settings that were confirmed to meet it, over all runs; `price` is the cost of a
/// replica-hour, `is_possible` says of an objective whether an idle replica is quick enough for it.
pub(super) fn nines(
    own: f64,
    price: f64,
    hunted: &Hunted<'_>,
    is_possible: impl Fn(f64) -> bool,
) -> Vec<NineCost> {
    let confirmed = hunted.confirmed.all_whole();
    let cost_of = |objective: f64| {
        let budget = (1.0 - objective) / (1.0 - own);
        let held = confirmed
            .iter()
            .filter(|ranked| ranked.appraisal.budget_spent <= budget);
        let cheapest = held
            .map(|ranked| ranked.appraisal.cost)
            .fold(f64::INFINITY, f64::min);
        let replica_hours = cheapest.is_finite().then_some(cheapest);
        NineCost {
            objective,
            replica_hours,
            cost: replica_hours.map(|hours| hours * price),
            possible: replica_hours.is_some() || is_possible(objective),
        }
    };
    objectives(own).into_iter().map(cost_of).collect()
}
