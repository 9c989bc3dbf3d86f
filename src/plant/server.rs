//! `Server`: the constants of one replica that serves, derived once from its spec.

use std::sync::Arc;

use super::PlantSpec;
use crate::queueing::{LatencyTable, ServiceModel, ServiceModelError, ServiceSpec};
use crate::units::SimDuration;

/// For how long a load is taken to last at least, seconds: see [`Server::steady_occupancy`].
const STEADY_SECONDS: f64 = 60.0;

/// Intervals of occupancy in the table of waiting requests.
const WAITING_INTERVALS: usize = 256;

/// One replica that serves: its capacity, its latency model and what a request costs.
#[derive(Clone, Debug)]
pub struct Server {
    table: Arc<LatencyTable>,
    capacity: f64,
    queue_bound: f64,
    highest_at_once: f64,
    wait_at_highest: f64,
    waiting: Box<[f64]>,
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
    /// smaller one is the capacity. The queue has as many workers as cpu can feed, rounded up, and each takes the
    /// service time; where cpu cannot feed even one at full speed, service stretches. Occupancy is arrival rate over
    /// capacity, so that the rounding never adds capacity.
    ///
    /// # Errors
    /// When the figures make no queueing model.
    pub fn new(
        spec: &PlantSpec,
        slo_seconds: f64,
        objective: f64,
    ) -> Result<Self, ServiceModelError> {
        let serving = &spec.serving;
        let service_time = serving.service_time();
        let cpu_for_requests = (spec.pod.cpu_limit - spec.pod.cpu_idle).max(0.0);
        let fed_by_cpu = if serving.cpu_per_request > 0.0 {
            cpu_for_requests / serving.cpu_per_request
        } else {
            f64::INFINITY
        };
        let workers_fed = whole_workers(fed_by_cpu * service_time);
        let workers = serving
            .concurrency
            .map_or(workers_fed, |most| most.min(workers_fed));
        let capacity = fed_by_cpu.min(f64::from(workers) / service_time);
        let model = ServiceModel::new(ServiceSpec {
            servers: workers,
            mean: service_time.max(1.0 / fed_by_cpu),
            scv: serving.service.scv(),
            path_latency: spec.path.latency.mean(),
        })?;
        let highest = highest_steady_occupancy(capacity, STEADY_SECONDS);
        let per_model_rate = capacity / model.capacity();
        Ok(Self {
            max_rate: model
                .max_arrival_rate(slo_seconds, objective)
                .map(|rate| rate * per_model_rate),
            capacity,
            queue_bound: capacity * serving.timeout.as_seconds(),
            highest_at_once: highest,
            wait_at_highest: model.mean_wait(highest * model.capacity()),
            waiting: waiting_table(&model),
            cpu_per_request: serving.cpu_per_request,
            cpu_idle: spec.pod.cpu_idle,
            service_time: model.spec().mean,
            memory_idle: spec.pod.memory_idle,
            memory_per_request: spec.pod.memory_per_request,
            table: Arc::new(LatencyTable::new(model, slo_seconds)),
        })
    }

    /// The latency model with its lookup table.
    #[must_use]
    pub const fn table(&self) -> &Arc<LatencyTable> {
        &self.table
    }

    /// Requests that one replica serves at the same time.
    #[must_use]
    pub fn workers(&self) -> u32 {
        self.table.model().spec().servers
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

    /// The occupancy whose steady state stands for that of an arrival rate per replica, `busy_for` after it rose above
    /// [`highest_at_once`](Self::highest_at_once).
    ///
    /// Very near saturation a steady state takes long to reach: the occupancy is kept to what a minute and the time
    /// since can approach (relaxation time of M/M/1, 1 / (capacity (1 - sqrt(rho))^2)).
    #[must_use]
    pub fn steady_occupancy(&self, arrival_rate: f64, busy_for: SimDuration) -> f64 {
        let occupancy = arrival_rate / self.capacity;
        if occupancy <= self.highest_at_once {
            return occupancy;
        }
        let reached = STEADY_SECONDS + busy_for.as_seconds();
        occupancy.min(highest_steady_occupancy(self.capacity, reached))
    }

    /// The highest occupancy that is steady within a minute.
    #[must_use]
    pub const fn highest_at_once(&self) -> f64 {
        self.highest_at_once
    }

    /// The mean wait at that occupancy, seconds: what chance alone makes requests wait before a backlog shows.
    #[must_use]
    pub const fn wait_at_highest(&self) -> f64 {
        self.wait_at_highest
    }

    /// The `q` quantile of latency at an occupancy, seconds.
    #[must_use]
    pub fn latency_quantile(&self, occupancy: f64, q: f64) -> f64 {
        let model = self.table.model();
        model.quantile(occupancy * model.capacity(), q)
    }

    /// Requests waiting for a worker in steady state at an occupancy, by table within about 1 %.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index, clamped to the table just before"
    )]
    pub fn waiting_at(&self, occupancy: f64) -> f64 {
        let occupancy = occupancy.clamp(0.0, 0.999);
        let place = occupancy * WAITING_INTERVALS as f64;
        let (index, rest) = (place as usize, place.fract());
        let next = self.waiting[(index + 1).min(WAITING_INTERVALS)];
        let smooth = self.waiting[index] + rest * (next - self.waiting[index]);
        smooth / (1.0 - occupancy)
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

/// The occupancy whose relaxation time is `seconds`; at least a quarter.
fn highest_steady_occupancy(capacity: f64, seconds: f64) -> f64 {
    let approach = 1.0 - (1.0 / (seconds * capacity)).sqrt().min(0.5);
    approach * approach
}

/// Requests waiting times the free share, which is smooth up to saturation, over the occupancy.
fn waiting_table(model: &ServiceModel) -> Box<[f64]> {
    // The last point stands for saturation, where the product has a limit.
    let occupancy = |index: usize| (index as f64 / WAITING_INTERVALS as f64).min(0.9999);
    let product = |index: usize| {
        let rate = occupancy(index) * model.capacity();
        rate * model.mean_wait(rate) * (1.0 - occupancy(index))
    };
    (0..=WAITING_INTERVALS).map(product).collect()
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
