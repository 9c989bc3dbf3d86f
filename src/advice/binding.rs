//! What keeps the nearest miss from meeting the objective.

use rayon::prelude::*;

use super::part::{Part, Tried};
use super::{Binding, NearestMiss};
use crate::hpa::HpaSpec;
use crate::outcome::Bound;
use crate::scenario::MANY_REPLICAS;

/// Runs that tell what binds.
const RUNS: u32 = 4;

/// Why settings miss the objective on a part of the trace.
pub(super) fn nearest_miss(part: &Part<'_>, hpa: &HpaSpec, backends: &[usize]) -> NearestMiss {
    let runs = part.scenario().runs.min(RUNS);
    let jobs: Vec<(usize, u32)> = backends
        .iter()
        .flat_map(|backend| (0..runs).map(|run| (*backend, run)))
        .collect();
    let played: Vec<Tried> = jobs
        .par_iter()
        .map(|(backend, run)| part.play(hpa, *backend, *run, f64::INFINITY, f64::INFINITY))
        .collect();
    let mut time = [0.0; Bound::ALL.len()];
    for tried in played {
        for (sum, bound) in time.iter_mut().zip(tried.figures.bound_time) {
            *sum += bound.as_seconds();
        }
    }
    let under: f64 = time.iter().sum();
    let scenario = part.scenario();
    let is_too_slow = |backend: &usize| {
        let server = scenario.backends[*backend].server(scenario.slo);
        server.is_ok_and(|server| server.max_rate(MANY_REPLICAS).is_none())
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
