//! Whole runs: the typical one of several, and those of a scenario with something changed.

use crate::engine::simulate;
use crate::outcome::RunOutcome;
use crate::scenario::Scenario;
use crate::stats::Band;

/// Runs of a variant that are looked at one by one.
const MOST_RUNS: u32 = 3;

/// The first few runs of a scenario with something changed; `None` where it cannot be played.
pub(super) fn replayed(
    scenario: &Scenario,
    change: impl FnOnce(&mut Scenario),
) -> Option<Vec<RunOutcome>> {
    let mut changed = scenario.clone();
    changed.runs = changed.runs.min(MOST_RUNS);
    change(&mut changed);
    changed.initial_replicas = scenario.initial_replicas_under(&changed.hpa);
    let outcome = simulate(&changed).ok()?;
    outcome
        .backends
        .into_iter()
        .next()
        .map(|backend| backend.runs)
}

/// The median; NaN of none.
pub(super) fn median(figures: &[f64]) -> f64 {
    Band::of(figures).map_or(f64::NAN, |band| band.median)
}

/// The run in the middle by a figure, of an even number the upper one: where the median is above a bound, so is it.
///
/// # Panics
/// Of no runs.
pub(super) fn median_run(runs: &[RunOutcome], figure: impl Fn(&RunOutcome) -> f64) -> &RunOutcome {
    let mut order: Vec<(f64, &RunOutcome)> = runs.iter().map(|run| (figure(run), run)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.run.cmp(&b.1.run)));
    order[order.len() / 2].1
}
