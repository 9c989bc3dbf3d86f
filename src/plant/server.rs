//! `Server`: the constants of one replica that serves, derived once from its spec.

use std::sync::Arc;

use super::PlantSpec;
use crate::queueing::{LatencyTable, ServiceModel, ServiceModelError, ServiceSpec};

/// For how long a load is taken to last at least, seconds: see [`Server::steady_occupancy`].
const STEADY_SECONDS: f64 = 60.0;
/// Likewise, in service times: a load on slow servers is watched for longer.
const STEADY_SERVICE_TIMES: f64 = 100.0;

/// One replica that serves: its capacity, its latency model and what a request costs.
#[derive(Clone, Debug)]
pub struct Server {
    table: Arc<LatencyTable>,
    capacity: f64,
    queue_bound: f64,
    highest_steady_occupancy: f64,
    max_rate: Option<f64>,
    cpu_per_request: f64,
    cpu_idle: f64,
    service_time: f64,
    memory_idle: f64,
    memory_per_request: f64,
}

impl Server {
    /// Derives the constants. `slo_seconds` and `objective` are the latency objective that defines demand.
    ///
    /// The cpu limit feeds `limit / cpu_per_request` requests/s; the workers pass `concurrency / service_time`. The
    /// smaller one is the capacity. Workers that cpu cannot feed do not count, and where cpu cannot even feed one at
    /// full speed, service stretches.
    ///
    /// # Errors
    /// When the figures make no queueing model.
    pub fn new(
        spec: &PlantSpec,
        slo_seconds: f64,
        objective: f64,
    ) -> Result<Self, ServiceModelError> {
        let serving = &spec.serving;
        let cpu_for_requests = (spec.pod.cpu_limit - spec.pod.cpu_idle).max(0.0);
        let fed_by_cpu = if serving.cpu_per_request > 0.0 {
            cpu_for_requests / serving.cpu_per_request
        } else {
            f64::INFINITY
        };
        let workers_fed = whole_workers(fed_by_cpu * serving.service_time);
        let servers = serving
            .concurrency
            .map_or(workers_fed, |workers| workers.min(workers_fed));
        let by_workers = f64::from(servers) / serving.service_time;
        let capacity = fed_by_cpu.min(by_workers);
        let model = ServiceModel::new(ServiceSpec {
            servers,
            mean: f64::from(servers) / capacity,
            scv: serving.service_scv,
            path_latency: serving.path_latency,
        })?;
        // A queue near saturation needs about 1 / (capacity (1 - sqrt(rho))^2) seconds to reach its steady state.
        let steady = STEADY_SECONDS.max(STEADY_SERVICE_TIMES * serving.service_time);
        let approach = 1.0 - (1.0 / (steady * capacity)).sqrt().min(0.5);
        Ok(Self {
            max_rate: model.max_arrival_rate(slo_seconds, objective),
            table: Arc::new(LatencyTable::new(model, slo_seconds)),
            capacity,
            queue_bound: capacity * serving.timeout.as_seconds(),
            highest_steady_occupancy: approach * approach,
            cpu_per_request: serving.cpu_per_request,
            cpu_idle: spec.pod.cpu_idle,
            service_time: f64::from(servers) / capacity,
            memory_idle: spec.pod.memory_idle,
            memory_per_request: spec.pod.memory_per_request,
        })
    }

    /// The latency model with its lookup table.
    #[must_use]
    pub const fn table(&self) -> &Arc<LatencyTable> {
        &self.table
    }

    /// Requests/s that one replica can serve.
    #[must_use]
    pub const fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Requests that can wait at one replica before the last one's client gives up.
    #[must_use]
    pub const fn queue_bound(&self) -> f64 {
        self.queue_bound
    }

    /// Requests/s at which one replica just holds the objective; `None` where even an idle one misses it.
    #[must_use]
    pub const fn max_rate(&self) -> Option<f64> {
        self.max_rate
    }

    /// The least number of replicas that holds the objective at an arrival rate in requests/s; where even an idle
    /// replica misses it, the least number that can serve the rate at all.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of replicas; a float cast saturates"
    )]
    pub fn demand(&self, arrival_rate: f64) -> u32 {
        let per_replica = self.max_rate.unwrap_or(self.capacity);
        // The slack keeps a rate of exactly n replicas at n in spite of rounding.
        (arrival_rate / per_replica - 1e-9).ceil().max(0.0) as u32
    }

    /// The occupancy whose steady state stands for that of an arrival rate per replica.
    ///
    /// Very near saturation no steady state is reached while the load lasts; the occupancy is kept to what a minute (or
    /// 100 service times) can approach: relaxation time of M/M/1, 1 / (capacity (1 - sqrt(rho))^2), at most that.
    #[must_use]
    pub fn steady_occupancy(&self, arrival_rate: f64) -> f64 {
        (arrival_rate / self.capacity).min(self.highest_steady_occupancy)
    }

    /// Cores in use at a throughput in requests/s.
    #[must_use]
    pub fn cpu_at(&self, throughput: f64) -> f64 {
        self.cpu_idle + self.cpu_per_request * throughput
    }

    /// Requests in service at a throughput in requests/s, by Little's law.
    #[must_use]
    pub fn in_service(&self, throughput: f64) -> f64 {
        throughput * self.service_time
    }

    /// Bytes in use with so many requests in the replica.
    #[must_use]
    pub fn memory_with(&self, requests: f64) -> f64 {
        self.memory_idle + self.memory_per_request * requests
    }
}

/// Workers that cpu can keep busy: at least one, and at most what the queueing model takes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small positive range just before"
)]
fn whole_workers(workers: f64) -> u32 {
    const MOST: f64 = 10_000.0;
    (workers - 1e-9).ceil().clamp(1.0, MOST) as u32
}
