//! `Stage`: a scenario prepared once, to be played many times with other settings of its autoscaler.

use super::cost_floor::{CostFloor, Serving, Stretch};
use super::recorder::KeepTimeline;
use super::replay::{Job, replay};
use super::simulate::{EngineError, servers};
use super::timeline_recorder::timeline_step;
use super::trial_recorder::{GiveUp, TrialFigures, TrialRecorder};
use crate::hpa::HpaSpec;
use crate::plant::{Grouping, Server};
use crate::scenario::{Fidelity, Scenario};
use crate::units::SimTime;

/// A scenario on which trials are played, from any number of threads at once.
///
/// What all trials share is prepared once: the servers with their tables of latency, and what the trace asks to serve.
#[derive(Debug)]
pub struct Stage<'a> {
    scenario: &'a Scenario,
    servers: Vec<Server>,
    stretches: Vec<Stretch>,
}

/// What a trial tries.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The autoscaler: the metrics are those of the scenario's, in the same order; their targets and all else may differ.
    pub hpa: &'a HpaSpec,
    /// Replicas when the trace begins.
    pub initial_replicas: u32,
    /// Where the rest is no longer wanted.
    pub give_up: GiveUp,
}

/// How far a trial came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trialled {
    /// To the end of the trace: the figures are those of the same run of [`simulate`](super::simulate) with these settings.
    Whole(TrialFigures),
    /// To the end of the slice in which it was sure to pass a bound.
    GivenUp {
        /// That end.
        at: SimTime,
        /// The figures up to there.
        figures: TrialFigures,
    },
}

impl<'a> Stage<'a> {
    /// Prepares a scenario.
    ///
    /// # Errors
    /// When a backend's figures make no queueing model.
    pub fn new(scenario: &'a Scenario) -> Result<Self, EngineError> {
        Ok(Self {
            scenario,
            servers: servers(scenario)?,
            stretches: Stretch::all(&scenario.trace),
        })
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// Plays one run of the backend at an index of [`Scenario::backends`], for its figures only. They depend on the
    /// arguments alone, and trials of the same run share their random draws.
    ///
    /// # Panics
    /// Where there is no such backend.
    #[must_use]
    pub fn play(&self, backend: usize, run: u32, trial: &Trial<'_>) -> Trialled {
        let scenario = self.scenario;
        let job = Job {
            scenario,
            backend: &scenario.backends[backend],
            server: &self.servers[backend],
            run,
            hpa: trial.hpa,
            initial_replicas: trial.initial_replicas,
            keep: KeepTimeline::of_run(run, timeline_step(scenario.trace.end().since_start())),
            grouping: Grouping::Merged,
        };
        let objective = scenario.slo.objective;
        let initial = trial.initial_replicas;
        let recorder = TrialRecorder::new(
            objective,
            initial,
            trial.give_up,
            self.floor(backend, trial),
        );
        let played = replay(job, recorder);
        let given_up = played.recorder.has_given_up();
        let figures = played.recorder.finish(played.end, &played.workload);
        if given_up {
            Trialled::GivenUp {
                at: played.end,
                figures,
            }
        } else {
            Trialled::Whole(figures)
        }
    }

    /// The replicas that the highest rate of the trace needs of the backend at an index, by the objective.
    ///
    /// # Panics
    /// Where there is no such backend.
    #[must_use]
    pub fn peak_demand(&self, backend: usize) -> u32 {
        self.servers[backend].demand(self.scenario.trace.series().peak())
    }

    /// Beside the trace nothing takes the count below `minReplicas` but disturbances, which also add replicas beyond
    /// `maxReplicas`; and requests that are drawn one by one may be quicker to serve than they are on average.
    fn floor(&self, backend: usize, trial: &Trial<'_>) -> CostFloor {
        let scenario = self.scenario;
        let least = match &scenario.activation {
            Some(activation) => activation.floor(trial.hpa),
            None => u32::try_from(trial.hpa.min_replicas).unwrap_or(0),
        };
        let is_plain = scenario.disturbances.is_empty();
        let is_bounded =
            trial.give_up.replica_seconds.is_finite() && trial.give_up.bad_requests.is_finite();
        let serving = Serving {
            capacity: self.servers[backend].capacity(),
            latency: scenario.slo.latency,
            most: f64::from(trial.hpa.max_replicas).max(f64::from(trial.initial_replicas)),
        };
        let counts = is_plain && is_bounded && scenario.fidelity == Fidelity::Fluid;
        CostFloor::new(
            &self.stretches,
            scenario.trace.end(),
            if is_plain {
                least.min(trial.initial_replicas)
            } else {
                0
            },
            counts.then_some(serving),
        )
    }
}

impl Trialled {
    /// The figures, whole or not.
    #[must_use]
    pub const fn figures(&self) -> &TrialFigures {
        match self {
            Self::Whole(figures) | Self::GivenUp { figures, .. } => figures,
        }
    }
}
