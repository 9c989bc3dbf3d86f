//! `Tried`: what a candidate comes to on a ground.

use rayon::prelude::*;

use super::ground::{Candidate, Ground};
use super::reruns::median;
use crate::analysis::RUNS_THAT_MUST_HOLD;
use crate::engine::{EngineError, GiveUp, Stage, Trial, TrialFigures, Trialled};
use crate::hpa::HpaSpec;
use crate::outcome::Bound;
use crate::scenario::Scenario;

/// Runs that are played before it is looked whether the rest can still hold.
const AT_ONCE: usize = 4;

/// What settings come to: medians over the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tried {
    /// Whether so many runs hold the objective that it counts as held.
    pub(super) holds: bool,
    /// Runs that miss it.
    pub(super) missed_runs: u32,
    /// What the requests met.
    pub(super) service: Service,
    /// The same of the runs that miss the objective alone; NaN where none does.
    pub(super) service_if_missed: Service,
    /// Replica-hours a day.
    pub(super) replica_hours: f64,
    /// Most replicas that existed at one time.
    pub(super) peak: f64,
    /// Seconds for which each bound kept capacity below the demand.
    pub(super) bound_seconds: [f64; Bound::ALL.len()],
}

/// What requests met: medians over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Service {
    /// Requests that were bad, percent.
    pub(super) bad_percent: f64,
    /// Minutes below the objective.
    pub(super) violation_minutes: f64,
}

impl Tried {
    /// Plays every run of a candidate to its end.
    pub(super) fn of(ground: &Ground<'_>, candidate: &Candidate) -> Self {
        Self::on(ground.stage_for(candidate), &candidate.hpa)
    }

    /// Likewise of another scenario, under its own settings.
    pub(super) fn of_scenario(scenario: &Scenario) -> Result<Self, EngineError> {
        Ok(Self::on(&Stage::new(scenario)?, &scenario.hpa))
    }

    fn on(stage: &Stage<'_>, hpa: &HpaSpec) -> Self {
        let scenario = stage.scenario();
        let played: Vec<TrialFigures> = (0..scenario.runs)
            .into_par_iter()
            .map(|run| *play(stage, hpa, run, GiveUp::NEVER).figures())
            .collect();
        let missed: Vec<TrialFigures> = played
            .iter()
            .filter(|it| !is_held(scenario, it))
            .copied()
            .collect();
        let days = scenario.trace.end().since_start().as_days();
        let held = played.len() - missed.len();
        let of = |figure: fn(&TrialFigures) -> f64| median_of(&played, figure);
        Self {
            missed_runs: u32::try_from(missed.len()).unwrap_or(u32::MAX),
            holds: held as f64 >= RUNS_THAT_MUST_HOLD * played.len() as f64,
            service: Service::of(&played),
            service_if_missed: Service::of(&missed),
            replica_hours: of(|it| it.existing / 3600.0) / days,
            peak: of(|it| f64::from(it.peak_existing)),
            bound_seconds: Bound::ALL
                .map(|bound| median_of(&played, |it| it.bound_time[bound as usize].as_seconds())),
        }
    }
}

impl Service {
    fn of(runs: &[TrialFigures]) -> Self {
        Self {
            bad_percent: median_of(runs, |it| 100.0 * (1.0 - it.requests.good_share())),
            violation_minutes: median_of(runs, |it| f64::from(it.violation_slices)),
        }
    }
}

/// Whether a candidate holds the objective; runs are given up once they have missed it.
pub(super) fn holds(ground: &Ground<'_>, candidate: &Candidate) -> bool {
    let (stage, hpa) = (ground.stage_for(candidate), &candidate.hpa);
    let scenario = stage.scenario();
    let slo = scenario.slo;
    // A run that is given up has missed: its bound is above what a whole run may spend.
    let give_up = match slo.good_slices {
        None => GiveUp {
            bad_requests: scenario.trace.total_requests() * (1.0 - slo.objective) * 1.05 + 1.0,
            ..GiveUp::NEVER
        },
        Some(share) => GiveUp {
            violation_slices: (scenario.trace.end().as_seconds() / 60.0 + 1.0) * (1.0 - share)
                + 1.0,
            ..GiveUp::NEVER
        },
    };
    let runs: Vec<u32> = (0..scenario.runs).collect();
    let may_miss = (1.0 - RUNS_THAT_MUST_HOLD) * f64::from(scenario.runs) + 1e-9;
    let mut missed = 0;
    // Most candidates that miss do so in the first few runs.
    for some in runs.chunks(AT_ONCE) {
        let is_missed = |run: &&u32| match play(stage, hpa, **run, give_up) {
            Trialled::Whole(figures) => !is_held(scenario, &figures),
            Trialled::GivenUp { .. } => true,
        };
        missed += some.par_iter().filter(is_missed).count();
        if missed as f64 > may_miss {
            return false;
        }
    }
    true
}

/// The median of a figure; NaN of no runs.
fn median_of(runs: &[TrialFigures], figure: impl Fn(&TrialFigures) -> f64) -> f64 {
    median(&runs.iter().map(figure).collect::<Vec<_>>())
}

fn play(stage: &Stage<'_>, hpa: &HpaSpec, run: u32, give_up: GiveUp) -> Trialled {
    let trial = Trial {
        hpa,
        initial_replicas: stage.scenario().initial_replicas_under(hpa),
        give_up,
    };
    stage.play(0, run, &trial)
}

/// Whether a whole run holds the objective, by its requests or its minutes.
fn is_held(scenario: &Scenario, figures: &TrialFigures) -> bool {
    let slo = scenario.slo;
    match slo.good_slices {
        None => figures.requests.good_share() >= slo.objective,
        Some(share) => {
            let allowed = f64::from(figures.slices) * (1.0 - share) * (1.0 + 1e-9);
            f64::from(figures.violation_slices) <= allowed
        }
    }
}
