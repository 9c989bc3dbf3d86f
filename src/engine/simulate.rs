//! `simulate`: every run of every backend, side by side.

use rayon::prelude::*;
use thiserror::Error;

use super::recorder::KeepTimeline;
use super::replay::replay;
use super::timeline_recorder::timeline_step;
use crate::outcome::{BackendOutcome, Outcome, Timeline};
use crate::plant::{Grouping, Server};
use crate::queueing::ServiceModelError;
use crate::scenario::Scenario;

/// Why a scenario cannot be played.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EngineError {
    /// A backend's figures make no queueing model.
    #[error("backend `{backend}`: {problem}")]
    Service {
        /// The backend's name.
        backend: String,
        /// What is wrong with its figures.
        problem: ServiceModelError,
    },
}

/// Plays a scenario: every run of every backend, on all cores. The outcome does not depend on how many there are.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn simulate(scenario: &Scenario) -> Result<Outcome, EngineError> {
    simulate_with_progress(scenario, || {})
}

/// As [`simulate`]; calls `run_done` after each run of a backend, from any thread.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn simulate_with_progress(
    scenario: &Scenario,
    run_done: impl Fn() + Sync,
) -> Result<Outcome, EngineError> {
    simulate_grouped(scenario, Grouping::Merged, run_done)
}

/// As [`simulate_with_progress`], with a choice of how pods are kept.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub(crate) fn simulate_grouped(
    scenario: &Scenario,
    grouping: Grouping,
    run_done: impl Fn() + Sync,
) -> Result<Outcome, EngineError> {
    let mut servers = Vec::with_capacity(scenario.backends.len());
    for backend in &scenario.backends {
        let slo = scenario.slo;
        let server = Server::new(&backend.plant, slo.latency, slo.objective);
        servers.push(server.map_err(|problem| EngineError::Service {
            backend: backend.name.clone(),
            problem,
        })?);
    }
    let step = timeline_step(scenario.trace.end().since_start());
    let jobs: Vec<(usize, u32)> = (0..scenario.backends.len())
        .flat_map(|backend| (0..scenario.runs).map(move |run| (backend, run)))
        .collect();
    let mut played: Vec<_> = jobs
        .par_iter()
        .map(|(index, run)| {
            let keep = if *run == 0 {
                KeepTimeline::Step(step)
            } else {
                KeepTimeline::No
            };
            let backend = &scenario.backends[*index];
            let outcome = replay(scenario, backend, &servers[*index], *run, keep, grouping);
            run_done();
            outcome
        })
        .collect();
    let mut backends = Vec::with_capacity(scenario.backends.len());
    for backend in &scenario.backends {
        let rest = played.split_off(played.len().min(scenario.runs as usize));
        let mut timeline = Timeline {
            step,
            rows: Vec::new(),
        };
        let mut runs = Vec::with_capacity(played.len());
        for (run, kept) in std::mem::replace(&mut played, rest) {
            if let Some(kept) = kept {
                timeline = kept;
            }
            runs.push(run);
        }
        backends.push(BackendOutcome {
            backend: backend.name.clone(),
            runs,
            timeline,
        });
    }
    Ok(Outcome { backends })
}
