//! `hunt`: from a lattice and parts of a trace to the settings that hold there for the least, confirmed over all runs.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::confirmed::Confirmed;
use super::front::front;
use super::part::Part;
use super::screen::{Hardened, Screen};
use super::search::{ALIKE, Found, Limits, Progress, Ranked, best_first, search};
use super::{Appraisal, Candidate, Ended, Lattice, Shuns, Stop};

/// Starts from which it is learnt which runs are the hardest.
const PILOTS: usize = 3;

/// One in so many candidates is kept for a second look where all runs spend more than the first look let hope for.
const KEPT_FOR_HARDER_RUNS: u64 = 3;

/// From so many times the budget on.
const HARDER: f64 = 1.02;

/// Budgets spent at a first look whose growth counts: those near the bound. Where a budget is hardly touched, ratios say
/// nothing.
const TELLING: RangeInclusive<f64> = 0.5..=1.5;

/// The growth of budgets from a first look to all runs is taken to be no more than this, either way.
const MOST_GROWTH: f64 = 4.0;

/// Where that begins: so many points of the front of the first look.
const NEAR: usize = 12;

/// Candidates confirmed at once.
const AT_ONCE: usize = 4;

/// Rounds of confirming, at most.
const ROUNDS: i32 = 16;

/// So few further reversals a day are as calm, or so small a share of those of the autoscaler as it is.
const CALM: f64 = 2.0;
const CALM_OF_NOW: f64 = 0.1;

/// Where settings are sought.
#[derive(Clone, Copy)]
pub(super) struct Grounds<'a> {
    /// The parts of the trace on each of which the objective has to hold.
    pub(super) parts: &'a [&'a Part<'a>],
    /// The hardest slices of the first.
    pub(super) slices: &'a [Part<'a>],
    /// The backends that the settings are for.
    pub(super) backends: &'a [usize],
    /// In which share of the runs it has to hold.
    pub(super) confidence: f64,
    /// Runs of a first look.
    pub(super) screening_runs: u32,
    /// The seed of the search.
    pub(super) seed: u64,
    /// What is never advised.
    pub(super) shuns: Shuns<'a>,
}

impl Grounds<'_> {
    /// How many runs there are.
    pub(super) fn runs(&self) -> u32 {
        self.parts
            .iter()
            .map(|part| part.scenario().runs)
            .min()
            .unwrap_or(0)
    }
}

/// Why to stop what goes on beside a search, if so.
#[derive(Clone, Copy)]
pub(super) struct Stops<'a> {
    /// Learning which runs are hard.
    pub(super) piloting: Stop<'a>,
    /// Confirming.
    pub(super) confirming: Stop<'a>,
}

/// What was found.
pub(super) struct Hunted<'a> {
    /// The best settings: those that hold for the least, or where none do, the nearest miss.
    pub(super) best: Candidate,
    /// What was confirmed over all runs.
    pub(super) confirmed: Confirmed<'a>,
    /// What a first look found.
    pub(super) found: Found,
    /// Why it ended.
    pub(super) ended: Ended,
}

impl Hunted<'_> {
    /// Whether the best holds.
    pub(super) fn holds(&self) -> bool {
        self.confirmed.get(&self.best).is_some_and(Appraisal::holds)
    }
}

/// Searches the lattice by a first look, confirms the promising over all runs, also those that an earlier search found on
/// fewer parts, and drops changes that buy nothing. `limits` has when the search is to stop, and
/// `stops` when all else is.
pub(super) fn hunt<'a>(
    lattice: &'a Lattice,
    grounds: Grounds<'a>,
    starts: &[Candidate],
    earlier: Option<&Found>,
    limits: &Limits<'_>,
    stops: Stops<'_>,
    told: &dyn Fn(&Progress<'_>),
) -> Hunted<'a> {
    let pilots = &starts[..starts.len().min(PILOTS)];
    let stop = stops.confirming;
    let mut confirmed = Confirmed::pilot(lattice, grounds, pilots, stops.piloting);
    let looks = confirmed.looks(grounds.screening_runs);
    let screen = Screen {
        lattice,
        slices: grounds.slices,
        parts: grounds.parts,
        backends: grounds.backends,
        looks: &looks,
        shuns: grounds.shuns,
    };
    let is_small = lattice.valid_len() <= limits.evaluations;
    let at_first = if is_small {
        limits.evaluations
    } else {
        limits.evaluations - limits.evaluations / KEPT_FOR_HARDER_RUNS
    };
    let at_most = limits.evaluations;
    let look = |starts: &[Candidate], before: u64, evaluations: u64, harder: (f64, _)| {
        let limits = Limits {
            evaluations,
            ..*limits
        };
        let (growth, known) = harder;
        let screen = Hardened {
            screen: &screen,
            growth,
            known,
        };
        let told = |progress: &Progress<'_>| {
            told(&Progress {
                tried: before + progress.tried,
                at_most,
                best: progress.best,
            });
        };
        search(lattice, starts, &screen, &limits, grounds.seed, &told)
    };
    let nothing_known = HashMap::new();
    let mut found = look(starts, 0, at_first, (1.0, &nothing_known));
    let growth = confirm_the_promising(&found, &mut confirmed, 1.0, stop);
    let left = limits.evaluations.saturating_sub(found.tried());
    let has_held = confirmed.all().iter().any(|one| one.appraisal.holds());
    let is_off = growth > HARDER || !has_held;
    if is_off && !is_small && left > 0 && (limits.stop)().is_none() {
        // What all runs ask for was searched for too little.
        let near = front(&found.archive, NEAR);
        let starts: Vec<Candidate> = near.into_iter().map(|ranked| ranked.candidate).collect();
        let known = found.known();
        let mut again = look(&starts, found.tried(), left, (growth, &known));
        again.scale_budgets(1.0 / growth);
        found.add(again);
        confirm_the_promising(&found, &mut confirmed, growth, stop);
    }
    if let Some(earlier) = earlier {
        // Played on fewer parts, and yet many more of them.
        let mut all = found.clone();
        all.add_unknown(earlier);
        confirm_the_promising(&all, &mut confirmed, growth, stop);
    }
    if !confirmed.all().iter().any(|one| one.appraisal.holds()) {
        // Of those that were given up too little is known to compare them.
        let nearest = best_first(confirmed.all()).into_iter().take(AT_ONCE);
        let nearest: Vec<Candidate> = nearest.map(|ranked| ranked.candidate).collect();
        confirmed.confirm(&nearest, f64::INFINITY, stop);
    }
    let mut best = best_of(&confirmed, &found).unwrap_or_else(|| lattice.present());
    if let Some(reference) = confirmed.whole(&best).copied() {
        while stop().is_none()
            && let Some(simpler) = simpler(lattice, &best, &reference, &mut confirmed, stop)
        {
            best = simpler;
        }
    }
    Hunted {
        best,
        confirmed,
        ended: stop().unwrap_or(found.ended),
        found,
    }
}

/// The best that was confirmed; where a first look was ended before anything that holds was, the best of that.
fn best_of(confirmed: &Confirmed<'_>, found: &Found) -> Option<Candidate> {
    let whole = best_first(confirmed.all_whole());
    let is_early =
        found.ended.is_early() && !whole.first().is_some_and(|best| best.appraisal.holds());
    let screened = found
        .ranked
        .iter()
        .filter(|one| is_early && confirmed.is_open(&one.candidate));
    let screened: Vec<Ranked> = screened.cloned().collect();
    let best = best_first(whole.into_iter().chain(screened).collect());
    best.into_iter().next().map(|best| best.candidate)
}

/// Confirms those that the first look lets hope for, until one holds that no other can undercut: the safest of each
/// quarter of the costs in question, so that the costs in question halve and halve again.
///
/// How much more budget all runs spend than the few of the first look is learnt on the way, and returned.
fn confirm_the_promising(
    found: &Found,
    confirmed: &mut Confirmed<'_>,
    mut growth: f64,
    stop: Stop<'_>,
) -> f64 {
    for _ in 0..ROUNDS {
        if stop().is_some() {
            return growth;
        }
        let held = confirmed
            .all()
            .into_iter()
            .filter(|ranked| ranked.appraisal.holds());
        let cheapest = held
            .map(|ranked| ranked.appraisal.cost)
            .fold(f64::INFINITY, f64::min);
        let fresh = || {
            let ranked = found.ranked.iter().chain(&found.archive);
            ranked.filter(|ranked| ranked.appraisal.whole && confirmed.is_open(&ranked.candidate))
        };
        let mut hopeful: Vec<&Ranked> = fresh()
            .filter(|Ranked { appraisal, .. }| {
                appraisal.budget_spent * growth <= 1.0 && appraisal.cost <= cheapest * (1.0 + ALIKE)
            })
            .collect();
        if hopeful.is_empty() && cheapest.is_infinite() {
            // Nothing to hope for: the nearest misses.
            hopeful = fresh().collect();
            hopeful.sort_by(|a, b| by_budget(a, b).then(a.candidate.cmp(&b.candidate)));
            hopeful.dedup_by(|a, b| a.candidate == b.candidate);
            hopeful.truncate(AT_ONCE);
        } else {
            hopeful = spread(hopeful);
        }
        if hopeful.is_empty() {
            return growth;
        }
        let chosen: Vec<Candidate> = hopeful
            .iter()
            .map(|ranked| ranked.candidate.clone())
            .collect();
        confirmed.confirm(&chosen, 1.0, stop);
        let mut ratios: Vec<f64> = found
            .ranked
            .iter()
            .filter(|ranked| {
                ranked.appraisal.whole && TELLING.contains(&ranked.appraisal.budget_spent)
            })
            .filter_map(|ranked| {
                let whole = confirmed.get(&ranked.candidate)?;
                Some(whole.budget_spent / ranked.appraisal.budget_spent)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios.get(ratios.len() / 4).copied().unwrap_or(1.0);
        growth = ratio.clamp(1.0 / MOST_GROWTH, MOST_GROWTH);
    }
    growth
}

/// Of each part of the candidates, in order of cost, the one that spends least.
fn spread(mut hopeful: Vec<&Ranked>) -> Vec<&Ranked> {
    hopeful.sort_by(|a, b| {
        let by_cost = a.appraisal.cost.total_cmp(&b.appraisal.cost);
        by_cost.then(a.candidate.cmp(&b.candidate))
    });
    hopeful.dedup_by(|a, b| a.candidate == b.candidate);
    let part = hopeful.len().div_ceil(AT_ONCE).max(1);
    let parts = hopeful.chunks(part);
    parts
        .filter_map(|part| part.iter().copied().min_by(|a, b| by_budget(a, b)))
        .collect()
}

fn by_budget(a: &Ranked, b: &Ranked) -> Ordering {
    let (a, b) = (&a.appraisal, &b.appraisal);
    a.budget_spent
        .total_cmp(&b.budget_spent)
        .then(a.bad.total_cmp(&b.bad))
}

/// The best without one of its changes, where it still does as well as what the search came to: the objective holds, at
/// the same cost and as calmly.
fn simpler(
    lattice: &Lattice,
    best: &Candidate,
    at_best: &Appraisal,
    confirmed: &mut Confirmed<'_>,
    stop: Stop<'_>,
) -> Option<Candidate> {
    let present = lattice.present();
    let without: Vec<Candidate> = lattice
        .changed(best)
        .map(|axis| {
            let mut without = best.clone();
            without.0[axis] = present.0[axis];
            without
        })
        .filter(|candidate| lattice.is_valid(candidate))
        .collect();
    let compared: Vec<Candidate> = without.iter().chain([&present]).cloned().collect();
    let as_good_as = if at_best.holds() {
        1.0
    } else {
        at_best.budget_spent * (1.0 + ALIKE)
    };
    confirmed.confirm(&compared, as_good_as, stop);
    let now = confirmed.get(&present).map_or(0.0, |now| now.reversals);
    let calm = CALM.max(CALM_OF_NOW * now);
    let serves = |appraisal: &Appraisal| {
        appraisal.budget_spent <= as_good_as
            && appraisal.cost <= at_best.cost * (1.0 + ALIKE)
            && appraisal.reversals <= at_best.reversals + calm
    };
    let mut simpler: Vec<(&Candidate, &Appraisal)> = without
        .iter()
        .filter_map(|candidate| Some((candidate, confirmed.get(candidate)?)))
        .filter(|(_, appraisal)| serves(appraisal))
        .collect();
    simpler.sort_by(|a, b| a.1.cost.total_cmp(&b.1.cost).then(a.0.cmp(b.0)));
    simpler.first().map(|(candidate, _)| (*candidate).clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::Knob;
    use crate::advice::testing::{candidates, grounds, lattice, scenario};

    fn ranked(number: u16, cost: f64, budget_spent: f64) -> Ranked {
        Ranked {
            candidate: Candidate(vec![number]),
            appraisal: Appraisal {
                budget_spent,
                bad: 0.0,
                cost,
                reversals: 0.0,
                changes: 0,
                whole: true,
            },
        }
    }

    #[test]
    fn of_each_quarter_of_the_costs_the_safest_is_confirmed() {
        let all = [
            ranked(0, 8.0, 0.2),
            ranked(1, 1.0, 0.9),
            ranked(2, 2.0, 0.8),
            ranked(3, 3.0, 0.95),
            ranked(4, 4.0, 0.99),
            ranked(5, 5.0, 0.3),
            ranked(6, 6.0, 0.4),
            ranked(7, 7.0, 0.5),
            ranked(1, 1.0, 0.9),
        ];
        let chosen = spread(all.iter().collect());
        let chosen: Vec<u16> = chosen.iter().map(|one| one.candidate.0[0]).collect();
        assert_eq!(chosen, [2, 3, 5, 0]);
        assert!(spread(Vec::new()).is_empty());
    }

    /// Every candidate of a scenario, confirmed.
    fn confirmed(check: impl Fn(&Lattice, &mut Confirmed<'_>, &[Candidate])) {
        let scenario = scenario();
        let part = Part::new(&scenario).expect("it plays");
        let lattice = lattice(&scenario);
        let parts = [&part];
        let candidates = candidates(&lattice);
        let mut confirmed = Confirmed::pilot(&lattice, grounds(&parts), &[], &|| None);
        confirmed.confirm(&candidates, f64::INFINITY, &|| None);
        check(&lattice, &mut confirmed, &candidates);
    }

    #[test]
    fn a_change_that_buys_nothing_is_dropped_and_one_that_does_stays() {
        confirmed(|lattice, confirmed, candidates| {
            let held =
                |candidate: &&Candidate| confirmed.get(candidate).is_some_and(Appraisal::holds);
            let needed = candidates
                .iter()
                .find(held)
                .expect("something holds")
                .clone();
            let present = confirmed.get(&lattice.present());
            assert!(!present.is_some_and(Appraisal::holds), "a change is needed");
            // The peak needs less than there is.
            let max = lattice
                .axes
                .iter()
                .position(|axis| axis.knob == Knob::MaxReplicas);
            let max = max.expect("maxReplicas is turned");
            let mut more = needed.clone();
            more.0[max] += 1;
            confirmed.confirm(std::slice::from_ref(&more), f64::INFINITY, &|| None);
            let reference = *confirmed.get(&more).expect("it was confirmed");
            let without = simpler(lattice, &more, &reference, confirmed, &|| None);
            assert_eq!(without, Some(needed.clone()));
            assert_eq!(
                simpler(lattice, &needed, &reference, confirmed, &|| None),
                None
            );
        });
    }

    #[test]
    fn what_all_runs_spend_beside_the_first_look_is_learnt() {
        confirmed(|lattice, known, candidates| {
            // A first look that saw half of what all runs spend.
            let looked: Vec<Ranked> = candidates
                .iter()
                .map(|candidate| {
                    let appraisal = *known.get(candidate).expect("it was confirmed");
                    Ranked {
                        candidate: candidate.clone(),
                        appraisal: Appraisal {
                            budget_spent: appraisal.budget_spent / 1.5,
                            ..appraisal
                        },
                    }
                })
                .collect();
            let found = Found {
                archive: Vec::new(),
                looked_at: HashMap::new(),
                ranked: best_first(looked),
                ended: Ended::Settled,
            };
            let scenario = scenario();
            let part = Part::new(&scenario).expect("it plays");
            let parts = [&part];
            let mut fresh = Confirmed::pilot(lattice, grounds(&parts), &[], &|| None);
            let growth = confirm_the_promising(&found, &mut fresh, 1.0, &|| None);
            assert!((1.0..=1.6).contains(&growth), "{growth}");
            let best = best_first(fresh.all_whole());
            let all = best_first(known.all_whole());
            assert_eq!(best[0].candidate, all[0].candidate);
        });
    }
}
