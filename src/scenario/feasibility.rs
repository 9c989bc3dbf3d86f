//! What no replica count can reach: an objective beyond an idle replica, a target beyond its capacity.

use super::{Backend, ScenarioError, Slo};
use crate::hpa::ControllerConfig;
use crate::plant::Server;

/// Replicas among which a balancer does its best, for warnings that hold at any count.
const MANY: u32 = 1000;

/// Warns of objectives and targets that the replicas cannot reach.
pub(super) fn warn_of_the_unreachable(
    backends: &[Backend],
    controller: &ControllerConfig,
    slo: Slo,
    rate_at_target: f64,
    warnings: &mut Vec<String>,
) -> Result<(), ScenarioError> {
    for backend in backends {
        let name = &backend.name;
        let server =
            Server::new(&backend.plant, slo.latency, slo.objective).map_err(|problem| {
                ScenarioError::Service {
                    backend: name.clone(),
                    problem: problem.to_string(),
                }
            })?;
        let capacity = server.capacity();
        match server.max_rate(MANY) {
            None => warnings.push(format!(
                "{name}: no number of replicas holds the objective {slo}: even an idle one answers 99 % of requests only \
                 within {:.0} ms; demand then counts the replicas that can serve the load at all",
                server.latency_quantile(0.0, 1, 0.99) * 1e3
            )),
            Some(most) if most < rate_at_target => warnings.push(format!(
                "{name}: a replica holds the objective up to {most:.4} requests/s, and the metric target gives it \
                 {rate_at_target:.4}: the target is looser than the objective"
            )),
            Some(_) => {}
        }
        if rate_at_target * (1.0 + controller.tolerance) >= capacity {
            warnings.push(format!(
                "{name}: a replica serves at most {capacity:.4} requests/s, and usage leaves the tolerance band only \
                 above {:.4}: a saturated replica never asks for another one",
                rate_at_target * (1.0 + controller.tolerance)
            ));
        }
    }
    Ok(())
}
