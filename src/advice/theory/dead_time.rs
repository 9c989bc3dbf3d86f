//! The dead time of the loop: metrics, sync and startup, from a step of the load to replicas that serve it.

use super::detection::{LoadStep, MetricPath, wait_for_sync};
use super::quadrature;
use crate::scenario::Backend;

/// How a time varies, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Its mean.
    pub mean: f64,
    /// Half of all are below.
    pub median: f64,
    /// 95 % are below.
    pub p95: f64,
}

impl Spread {
    /// Always the same.
    #[must_use]
    pub const fn fixed(value: f64) -> Self {
        Self {
            mean: value,
            median: value,
            p95: value,
        }
    }

    /// Of equally likely values; infinite where there is none.
    fn of(mut values: Vec<f64>) -> Self {
        if values.is_empty() {
            return Self::fixed(f64::INFINITY);
        }
        values.sort_by(f64::total_cmp);
        let at = |share: usize| values[(values.len() * share / 100).min(values.len() - 1)];
        Self {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            median: at(50),
            p95: at(95),
        }
    }
}

/// The parts of the dead time, and their sum.
///
/// The formulas of the loop take L = metric + startup, without the wait for the sync, and add the sync period h where they
/// ask for the worst case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeadTime {
    /// Until a reading shows the step.
    pub metric: Spread,
    /// From then until the next sync.
    pub sync_wait: Spread,
    /// From a replica's creation until its first request can come.
    pub startup: Spread,
    /// L: metric and startup.
    pub lag: Spread,
    /// All three.
    pub whole: Spread,
}

impl DeadTime {
    /// The dead time of a backend's replicas behind a metric, for a step of the load.
    ///
    /// Startup is preparation, start and application start, seen by its probe, and the endpoint delay, as the plant draws
    /// them; replicas that wait for others to be prepared, for a node, or that come from a warm pool are left out.
    #[must_use]
    pub fn of(backend: &Backend, path: MetricPath, step: LoadStep, sync: f64) -> Self {
        let plant = &backend.plant;
        let mut parts = [(); 5].map(|()| Vec::new());
        for point in quadrature::points::<8>() {
            let [usage, scrape, phase, prepare, start, ready, probe, endpoint] = point;
            let startup = plant.startup.ready_after([prepare, start, ready, probe]);
            let startup = startup.as_seconds() + plant.endpoints.add_delay.quantile(endpoint);
            parts[2].push(startup);
            if let Some(metric) = path.seen_at(step, [usage, scrape]) {
                let wait = wait_for_sync(metric, sync, phase);
                parts[0].push(metric);
                parts[1].push(wait);
                parts[3].push(metric + startup);
                parts[4].push(metric + wait + startup);
            }
        }
        let [metric, sync_wait, startup, lag, whole] = parts.map(Spread::of);
        Self {
            metric,
            sync_wait,
            startup,
            lag,
            whole,
        }
    }
}
