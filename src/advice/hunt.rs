//! `hunt`: from a lattice and parts of a trace to the settings that hold there for the least, confirmed over all runs.

use super::confirmed::Confirmed;
use super::part::Part;
use super::screen::Screen;
use super::search::{ALIKE, Found, Limits, Progress, Ranked, best_first, search};
use super::{Appraisal, Candidate, Lattice};

/// Starts from which it is learnt which runs are the hardest.
const PILOTS: usize = 3;

/// Candidates confirmed at once.
const AT_ONCE: usize = 4;

/// Rounds of confirming, at most.
const ROUNDS: i32 = 16;

/// The share of the budget that is hoped for shrinks by this from round to round, while nothing holds.
const SAFER: f64 = 0.9;

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

/// What was found.
pub(super) struct Hunted<'a> {
    /// The best settings: those that hold for the least, or where none do, the nearest miss.
    pub(super) best: Candidate,
    /// What was confirmed over all runs.
    pub(super) confirmed: Confirmed<'a>,
    /// What a first look found.
    pub(super) found: Found,
}

impl Hunted<'_> {
    /// Whether the best holds.
    pub(super) fn holds(&self) -> bool {
        self.confirmed.get(&self.best).is_some_and(Appraisal::holds)
    }
}

/// Searches the lattice by a first look, confirms the promising over all runs, and drops changes that buy nothing.
pub(super) fn hunt<'a>(
    lattice: &'a Lattice,
    grounds: Grounds<'a>,
    starts: &[Candidate],
    limits: &Limits<'_>,
    told: &dyn Fn(&Progress<'_>),
) -> Hunted<'a> {
    let pilots = &starts[..starts.len().min(PILOTS)];
    let mut confirmed = Confirmed::pilot(lattice, grounds, pilots);
    let looks = confirmed.looks(grounds.screening_runs);
    let screen = Screen {
        lattice,
        slices: grounds.slices,
        parts: grounds.parts,
        backends: grounds.backends,
        looks: &looks,
        confidence: grounds.confidence,
    };
    let found = search(lattice, starts, &screen, limits, grounds.seed, told);
    confirm_the_promising(&found, &mut confirmed, limits);
    let mut best = best_first(confirmed.all())
        .into_iter()
        .next()
        .map_or_else(|| lattice.present(), |best| best.candidate);
    if let Some(reference) = confirmed.get(&best).copied() {
        while (limits.stop)().is_none()
            && let Some(simpler) = simpler(lattice, &best, &reference, &mut confirmed)
        {
            best = simpler;
        }
    }
    Hunted {
        best,
        confirmed,
        found,
    }
}

/// Confirms, the cheapest first, those that the first look lets hope for, until one holds that no other can undercut.
///
/// How much more budget all runs spend than the few of the first look is learnt on the way.
fn confirm_the_promising(found: &Found, confirmed: &mut Confirmed<'_>, limits: &Limits<'_>) {
    let mut growth = 1.0;
    for round in 0..ROUNDS {
        if round > 0 && (limits.stop)().is_some() {
            return;
        }
        let held = confirmed
            .all()
            .into_iter()
            .filter(|ranked| ranked.appraisal.holds());
        let cheapest = held
            .map(|ranked| ranked.appraisal.cost)
            .fold(f64::INFINITY, f64::min);
        // While nothing holds, ever safer ones are asked for.
        let margin = if cheapest.is_infinite() {
            SAFER.powi(round)
        } else {
            1.0
        };
        let fresh = || {
            let ranked = found.ranked.iter().chain(&found.archive);
            ranked.filter(|ranked| {
                ranked.appraisal.whole && confirmed.get(&ranked.candidate).is_none()
            })
        };
        let mut hopeful: Vec<&Ranked> = fresh()
            .filter(|Ranked { appraisal, .. }| {
                appraisal.budget_spent * growth <= margin
                    && appraisal.cost <= cheapest * (1.0 + ALIKE)
            })
            .collect();
        hopeful.sort_by(|a, b| a.appraisal.cost.total_cmp(&b.appraisal.cost));
        if hopeful.is_empty() && cheapest.is_infinite() {
            // Nothing to hope for: the nearest misses.
            hopeful = fresh().collect();
            hopeful.sort_by(|a, b| {
                a.appraisal
                    .budget_spent
                    .total_cmp(&b.appraisal.budget_spent)
            });
        }
        hopeful.dedup_by(|a, b| a.candidate == b.candidate);
        hopeful.truncate(AT_ONCE);
        if hopeful.is_empty() {
            return;
        }
        let chosen: Vec<Candidate> = hopeful
            .iter()
            .map(|ranked| ranked.candidate.clone())
            .collect();
        confirmed.confirm(&chosen, 1.0);
        let mut ratios: Vec<f64> = found
            .ranked
            .iter()
            .filter(|ranked| ranked.appraisal.whole && ranked.appraisal.budget_spent > 0.0)
            .filter_map(|ranked| {
                let whole = confirmed.get(&ranked.candidate)?;
                Some(whole.budget_spent / ranked.appraisal.budget_spent)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        growth = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
    }
}

/// The best without one of its changes, where it still does as well as what the search came to: the objective holds, at
/// the same cost and as calmly.
fn simpler(
    lattice: &Lattice,
    best: &Candidate,
    at_best: &Appraisal,
    confirmed: &mut Confirmed<'_>,
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
    confirmed.confirm(&compared, as_good_as);
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
