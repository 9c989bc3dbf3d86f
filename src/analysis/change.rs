//! `replay_change`: what a change of settings does to the same load, run by run.

use super::bands::band_of;
use super::compare::Played;
use super::judge::{judge, lag_p95};
use super::scorecard::{BackendCard, Verdict};
use crate::outcome::RunOutcome;
use crate::scenario::Slo;
use crate::stats::Band;

/// A share of what the objective allows, below which a change of bad requests or minutes does not matter.
const IMMATERIAL: f64 = 0.05;

/// Differences closer than this, in their own unit, are none.
const TIE: f64 = 1e-6;

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// A figure that is told of both sides. Of each, less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeFigure {
    /// Bad requests, percent of all.
    Bad,
    /// One-minute slices below the objective.
    ViolationMinutes,
    /// 95th percentile of the scale lag, seconds; 0 in a run that had none.
    LagP95,
    /// 99th percentile of the latency, seconds.
    P99,
    /// Replica-hours paid for, per day of the trace.
    ReplicaHoursADay,
    /// Writes of the replica count, up or down.
    ScaleEvents,
}

/// Where a figure went, over the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Up in at least 95 % of the runs.
    Rose,
    /// Down in at least 95 % of the runs.
    Fell,
    /// Neither.
    Unclear,
}

/// What a change does to the objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is missed, and was not.
    NewlyMissed,
    /// It is missed by more, or held with less room.
    Worse,
    /// Neither better nor worse beyond noise.
    Same,
    /// It is missed by less, or held with more room.
    Better,
    /// It is missed no more.
    NoLongerMissed,
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayedSide {
    /// The backend whose verdict counts.
    pub backend: String,
    /// Whether the objective held.
    pub verdict: Verdict,
    /// Runs that missed it.
    pub missed_runs: u32,
    /// All runs.
    pub runs: u32,
    /// Each of [`ChangeFigure::ALL`] over the runs.
    pub figures: [Band; ChangeFigure::ALL.len()],
}

/// Two sides that met the same load.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayChange {
    /// Before.
    pub base: ReplayedSide,
    /// After.
    pub head: ReplayedSide,
    /// Each of [`ChangeFigure::ALL`], after less before: run k of both meets the same requests, so luck is not in it.
    pub differences: [Band; ChangeFigure::ALL.len()],
    /// What it does to the objective.
    pub judgement: Judgement,
}

impl ChangeFigure {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::Bad,
        Self::ViolationMinutes,
        Self::LagP95,
        Self::P99,
        Self::ReplicaHoursADay,
        Self::ScaleEvents,
    ];

    fn of(self, run: &RunOutcome) -> f64 {
        match self {
            Self::Bad => 100.0 * (1.0 - run.requests.good_share()),
            Self::ViolationMinutes => f64::from(run.violation_slices),
            Self::LagP95 if run.lag_episodes.is_empty() => 0.0,
            Self::LagP95 => lag_p95(run),
            Self::P99 => run.latency.p99,
            Self::ReplicaHoursADay => {
                let days = run.horizon.as_seconds() / DAY;
                run.provision.existing / HOUR / days
            }
            Self::ScaleEvents => run.rescales.len() as f64,
        }
    }

    /// Its place in [`ChangeFigure::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl Movement {
    /// Of the differences of all runs.
    #[must_use]
    pub fn of(difference: &Band) -> Self {
        if difference.low > TIE {
            Self::Rose
        } else if difference.high < -TIE {
            Self::Fell
        } else {
            Self::Unclear
        }
    }
}

impl ReplayChange {
    /// Whether somebody should look before this is merged.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        matches!(self.judgement, Judgement::NewlyMissed | Judgement::Worse)
    }
}

/// One side alone, on the backend whose verdict counts.
#[must_use]
pub fn replayed_side(played: Played<'_>) -> ReplayedSide {
    let scorecard = judge(played.scenario, played.outcome);
    let card: &BackendCard = &scorecard.backends[scorecard.verdict_backend];
    let runs = runs(played);
    ReplayedSide {
        backend: card.backend.clone(),
        verdict: card.slo.verdict,
        missed_runs: card.slo.missed_runs,
        runs: card.slo.runs,
        figures: ChangeFigure::ALL.map(|figure| finite_band(runs.iter().map(|run| figure.of(run)))),
    }
}

/// Both sides, on the backend whose verdict counts on each, and what came of the change. They have the same seed, runs
/// and load, and the objective is that of the second.
#[must_use]
pub fn replay_change(base: Played<'_>, head: Played<'_>) -> ReplayChange {
    let pairs = || runs(base).iter().zip(runs(head));
    let differences = ChangeFigure::ALL
        .map(|figure| finite_band(pairs().map(|(one, other)| figure.of(other) - figure.of(one))));
    let (before, after) = (replayed_side(base), replayed_side(head));
    let (figure, allowed) = spent(head);
    let judgement = judgement(
        before.verdict,
        after.verdict,
        &differences[figure.index()],
        allowed,
    );
    ReplayChange {
        base: before,
        head: after,
        differences,
        judgement,
    }
}

fn runs(played: Played<'_>) -> &[RunOutcome] {
    &played.outcome.backends[played.scenario.verdict_backend].runs
}

/// What the objective does not like, and how much of it is allowed.
fn spent(played: Played<'_>) -> (ChangeFigure, f64) {
    let Slo {
        objective,
        good_slices,
        ..
    } = played.scenario.slo;
    match good_slices {
        Some(share) => {
            let slices = runs(played).iter().map(|run| f64::from(run.slices));
            let most = slices.fold(0.0, f64::max);
            (ChangeFigure::ViolationMinutes, most * (1.0 - share))
        }
        None => (ChangeFigure::Bad, 100.0 * (1.0 - objective)),
    }
}

fn judgement(before: Verdict, after: Verdict, difference: &Band, allowed: f64) -> Judgement {
    let is_material = difference.median.abs() > IMMATERIAL * allowed;
    match (before, after, Movement::of(difference)) {
        (Verdict::Met | Verdict::Unproven, Verdict::Missed, _) => Judgement::NewlyMissed,
        (Verdict::Missed, Verdict::Met | Verdict::Unproven, _) => Judgement::NoLongerMissed,
        (_, _, Movement::Rose) if is_material => Judgement::Worse,
        (_, _, Movement::Fell) if is_material => Judgement::Better,
        _ => Judgement::Same,
    }
}

fn finite_band(values: impl Iterator<Item = f64>) -> Band {
    let known: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    band_of(&known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(verdicts: (Verdict, Verdict), difference: [f64; 3], expected: Judgement) {
        let [low, median, high] = difference;
        let band = Band { median, low, high };
        assert_eq!(judgement(verdicts.0, verdicts.1, &band, 1.0), expected);
    }

    #[test]
    fn what_most_runs_say_counts_and_what_matters_little_does_not() {
        use Verdict::{Met, Missed, Unproven};
        check((Met, Missed), [-1.0, 0.0, 1.0], Judgement::NewlyMissed);
        check((Unproven, Missed), [0.5, 1.0, 2.0], Judgement::NewlyMissed);
        check((Missed, Met), [-3.0, -2.0, -1.0], Judgement::NoLongerMissed);
        check((Missed, Missed), [0.1, 0.5, 1.0], Judgement::Worse);
        check((Met, Met), [0.1, 0.5, 1.0], Judgement::Worse);
        check((Met, Unproven), [0.0, 0.0, 0.0], Judgement::Same);
        // Some runs got better: chance.
        check((Missed, Missed), [-0.1, 0.5, 1.0], Judgement::Same);
        // Every run got worse, by a hundredth of what is allowed.
        check((Met, Met), [0.009, 0.01, 0.011], Judgement::Same);
        check((Met, Met), [-0.3, -0.2, -0.1], Judgement::Better);
        check((Met, Met), [f64::NAN; 3], Judgement::Same);
    }

    #[test]
    fn a_figure_knows_its_place() {
        for (index, figure) in ChangeFigure::ALL.into_iter().enumerate() {
            assert_eq!(figure.index(), index);
        }
    }
}
