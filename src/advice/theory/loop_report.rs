//! `loop_report`: an autoscaler's loop in closed form, on each of its backends.

use super::facts::Facts;
use super::figure::{Figure, Reason};
use super::reasons::{reasons, without_metric};
use crate::scenario::{ControlLoop, ScenarioError};
use crate::trace::ArrivalTrace;

/// An autoscaler's loop in closed form.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopReport {
    /// One entry for each backend, in their order.
    pub backends: Vec<BackendLoop>,
}

/// The loop on one backend.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendLoop {
    /// The backend's name.
    pub backend: String,
    /// The metric that asks for the most replicas and its target; `None` where no metric grows with the load in a straight
    /// line: then only what holds for any loop is there.
    pub metric: Option<(String, Figure)>,
    /// The reasons, in the order of [`Part::ALL`](super::Part::ALL).
    pub reasons: Vec<Reason>,
}

/// Puts the numbers of a control loop into the formulas, with a trace those of its load too.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn loop_report(
    control: &ControlLoop,
    trace: Option<&ArrivalTrace>,
) -> Result<LoopReport, ScenarioError> {
    let backends = control.backends.iter().map(|backend| {
        let facts = Facts::of(control, backend, trace)?;
        Ok(match facts {
            Some(facts) => BackendLoop {
                backend: backend.name.clone(),
                metric: Some((facts.meter.name.clone(), facts.metric(facts.meter.target))),
                reasons: reasons(&facts),
            },
            None => BackendLoop {
                backend: backend.name.clone(),
                metric: None,
                reasons: without_metric(control, backend),
            },
        })
    });
    Ok(LoopReport {
        backends: backends.collect::<Result<_, ScenarioError>>()?,
    })
}
