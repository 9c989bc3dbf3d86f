//! What no replica count can reach: an objective beyond an idle replica, a target beyond its capacity or its path; and
//! what the chosen fidelity does not play.

use super::balancing::only_discrete;
use super::{Backend, Fidelity, ScenarioError, Slo, Span};
use crate::hpa::ControllerConfig;

/// Replicas among which a balancer does its best, for what holds at any count.
pub const MANY_REPLICAS: u32 = 1000;

/// Warns of objectives and targets that the replicas cannot reach. Gives the load up to which a replica of each backend
/// holds the objective, requests/s; `None` where even an idle one misses it.
pub(super) fn warn_of_the_unreachable(
    backends: &[Backend],
    controller: &ControllerConfig,
    slo: Slo,
    rate_at_target: f64,
    warnings: &mut Vec<String>,
) -> Result<Vec<Option<f64>>, ScenarioError> {
    let mut rates = Vec::new();
    for backend in backends {
        let name = &backend.name;
        let server = backend.server(slo)?;
        let capacity = server.capacity();
        let rate = server.max_rate(MANY_REPLICAS);
        rates.push(rate);
        match rate {
            None => warnings.push(format!(
                "{name}: no number of replicas holds the objective {slo}: even an idle one answers {} % of requests only \
                 within {:.0} ms; demand then counts the replicas that can serve the load at all",
                (slo.objective * 100.0 * 1e6).round() / 1e6,
                server.latency_quantile(0.0, 1, slo.objective) * 1e3
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
    Ok(rates)
}

/// Warns of paths that carry less than the metric target gives a replica.
pub(super) fn warn_of_the_path(
    backends: &[Backend],
    rate_at_target: f64,
    warnings: &mut Vec<String>,
) {
    for backend in backends {
        let name = &backend.name;
        let path = &backend.plant.path;
        let serving = &backend.plant.serving;
        let most = path.max_rate();
        if most < rate_at_target {
            warnings.push(format!(
                "{name}: the path to a replica carries at most {most:.4} requests/s, and the metric target gives it \
                 {rate_at_target:.4}: its throughput binds before the target does"
            ));
        }
        // Little's law: a connection is in use while its request is, and remembered afterwards if it closes.
        let travel = path.latency.mean() + path.ingress_latency;
        let mut held = travel + path.transfer_seconds() + serving.service_time();
        if path.connections.keep_alive.as_nanos() == 0 {
            held += path.connections.linger.as_seconds();
        }
        let needed = rate_at_target * held;
        if needed > f64::from(path.connections.most) {
            warnings.push(format!(
                "{name}: at the metric target a replica needs {needed:.0} connections, and there are {}: requests are \
                 refused before the target is reached",
                path.connections.most
            ));
        }
        if travel >= serving.timeout.as_seconds() {
            warnings.push(format!(
                "{name}: the path alone takes {}, and clients give up after {}",
                Span(travel),
                Span(serving.timeout.as_seconds())
            ));
        }
    }
}

/// Warns of what the fluid does not play as it is.
pub(super) fn warn_of_the_fluid(
    backends: &[Backend],
    fidelity: Fidelity,
    warnings: &mut Vec<String>,
) {
    // Balancing and retries are the same for all backends.
    let Some(backend) = backends.first() else {
        return;
    };
    warnings.extend(only_discrete(&backend.plant.balancing, fidelity));
    if fidelity == Fidelity::Fluid && backend.plant.serving.retry.attempts > 1 {
        warnings.push("retries are played only with --fidelity discrete".to_owned());
    }
}
