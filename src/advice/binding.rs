//! What keeps the nearest miss from meeting the objective.

use super::part::Part;
use super::{Binding, NearestMiss};
use crate::hpa::HpaSpec;
use crate::outcome::Bound;

/// Replicas among which a balancer does its best.
const MANY: u32 = 1000;

/// Why settings miss the objective on a part of the trace.
pub(super) fn nearest_miss(part: &Part<'_>, hpa: &HpaSpec, backends: &[usize]) -> NearestMiss {
    let mut time = [0.0; Bound::ALL.len()];
    for backend in backends {
        for run in 0..part.scenario().runs {
            let tried = part.play(hpa, *backend, run, f64::INFINITY, f64::INFINITY);
            for (sum, bound) in time.iter_mut().zip(tried.figures.bound_time) {
                *sum += bound.as_seconds();
            }
        }
    }
    let under: f64 = time.iter().sum();
    let scenario = part.scenario();
    let is_too_slow = |backend: &usize| {
        let server = scenario.backends[*backend].server(scenario.slo);
        server.is_ok_and(|server| server.max_rate(MANY).is_none())
    };
    let longest = Bound::ALL
        .iter()
        .zip(time)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|_| under > 0.0);
    let (binding, share) = match longest {
        Some((bound, seconds)) if !backends.iter().any(is_too_slow) => {
            (Binding::Loop(*bound), seconds / under)
        }
        _ => (Binding::Path, 1.0),
    };
    NearestMiss {
        binding,
        share,
        container_would: None,
        only_held_out: false,
    }
}
