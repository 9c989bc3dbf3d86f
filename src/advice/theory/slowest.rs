//! The longest dead time of a control loop.

use super::facts::Facts;
use crate::scenario::{ControlLoop, ScenarioError};

/// The longest dead time of a loop's backends, seconds: of each that which 95 % of the rises stay below. Where no metric
/// grows with the load, the time that replicas take to become ready at the slowest, and a sync.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub(in crate::advice) fn longest_dead_time(control: &ControlLoop) -> Result<f64, ScenarioError> {
    let sync = control.controller.sync_period.as_seconds();
    let mut longest: f64 = sync;
    for backend in &control.backends {
        let dead_time = match Facts::of(control, backend, None)? {
            Some(facts) => facts.dead_time.whole.p95,
            None => sync + backend.plant.startup.ready_after([0.95; 4]).as_seconds(),
        };
        if dead_time.is_finite() {
            longest = longest.max(dead_time);
        }
    }
    Ok(longest)
}
