//! `Server`: the constants of one replica that serves, derived once from its spec.

use std::sync::{Arc, OnceLock};

use super::PlantSpec;
use super::connections::{Connections, HeaviestLoad};
use super::splitting::splitting;
use crate::queueing::{
    BoundedLine, LatencyTable, Link, ServiceModel, ServiceModelError, ServiceSpec,
};
use crate::traffic::{Discipline, Strategy};
use crate::units::SimDuration;

/// For how long a load is taken to last at least, seconds: see [`Server::steady_occupancy`].
const STEADY_SECONDS: f64 = 60.0;

/// Intervals of occupancy in the table of waiting requests.
const WAITING_INTERVALS: usize = 256;

/// A line that is served within so many seconds is taken as always in steady state.
const SHORT_LINE_SECONDS: f64 = 10.0;

/// A link that is busy for a smaller share of time than this, and for less of a service time, is taken as free.
const FREE_LINK: f64 = 1e-3;

/// No search for a demand goes beyond this.
const MOST_DEMAND: u32 = 1 << 30;

/// Powers of two of replicas for which the greatest rate is kept.
const COUNTS: usize = 21;

/// One replica that serves: its capacity, its latency model and what a request costs.
///
/// Its latency depends on how many replicas share the requests where the balancer looks at them or deals in turn, so what
/// depends on it takes `replicas`, the number in rotation.
#[derive(Clone, Debug)]
pub struct Server {
    table: Arc<LatencyTable>,
    capacity: f64,
    link_binds: bool,
    timeout_bound: f64,
    room: Option<f64>,
    short_line: Option<ShortLine>,
    connections: Connections,
    backlog_bound: (f64, Limit),
    connected_share: f64,
    pooled: bool,
    transfer: f64,
    path_latency: f64,
    bits_per_request: f64,
    highest_at_once: f64,
    wait_alone_at_highest: f64,
    waiting: Box<[f64]>,
    objective: f64,
    max_rates: Box<[OnceLock<Option<f64>>]>,
    cpu_per_request: f64,
    cpu_idle: f64,
    service_time: f64,
    memory_idle: f64,
    memory_per_request: f64,
}

/// What a bounded line that is served within seconds does, by occupancy.
#[derive(Clone, Debug)]
struct ShortLine {
    line: BoundedLine,
    /// The occupancy of an unbounded line with the same mean wait, by intervals of occupancy.
    alike: Box<[f64]>,
}

/// Intervals of occupancy up to the greatest one that a short line is tabulated for.
const SHORT_LINE_INTERVALS: usize = 300;
const SHORT_LINE_MOST: f64 = 3.0;

/// What a replica takes in of a load; rates in requests/s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Admitted {
    /// What it takes in.
    pub(super) rate: f64,
    /// The occupancy whose steady state those meet.
    pub(super) occupancy: f64,
    /// The connections that they need; 0 where a heavier load has been met.
    pub(super) connections: f64,
    /// Turned away for want of room in the line.
    pub(super) refused_by_room: f64,
    /// Turned away for want of a connection.
    pub(super) refused_by_connections: f64,
}

/// What keeps requests out of a backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// The last client would give up.
    Timeout,
    /// The line is full.
    Room,
    /// No connection is left.
    Connections,
}

impl Server {
    /// Derives the constants. `slo_seconds` and `objective` are the latency objective that defines demand.
    ///
    /// The cpu limit feeds `limit / cpu_per_request` requests/s; the workers pass `concurrency / service_time`; the path
    /// carries `bits_per_second`. The smallest one is the capacity. The queue has as many workers as cpu can feed,
    /// rounded up, and each takes the service time; where cpu cannot feed even one at full speed, service stretches.
    /// Occupancy is arrival rate over capacity, so that the rounding never adds capacity.
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
        let served = fed_by_cpu.min(f64::from(workers) / service_time);
        let transfer = spec.path.transfer_seconds();
        let latency = spec.path.latency.mean() + spec.path.ingress_latency;
        let mut model = ServiceModel::new(ServiceSpec {
            servers: workers,
            mean: service_time.max(1.0 / fed_by_cpu),
            scv: serving.service.scv(),
            path_latency: latency + transfer,
        })?
        .split(splitting(&spec.balancing));
        if serving.discipline == Discipline::ProcessorSharing {
            model = model.processor_sharing();
        }
        let capacity = served.min(spec.path.max_rate());
        let link = Link {
            transfer,
            share: capacity * transfer,
            server_share: capacity / served,
        };
        let noticed = link.share > FREE_LINK && transfer > FREE_LINK * model.spec().mean;
        if noticed || link.server_share < 1.0 {
            model = model.behind_link(link);
        }
        let alone = model.spec();
        let waiting = waiting_table(&model);
        let highest = highest_steady_occupancy(capacity, STEADY_SECONDS);
        let model_wait = model.mean_wait(highest * model.capacity());
        let table = Arc::new(LatencyTable::new(model, slo_seconds));
        let room = serving.queue_bound.map(f64::from);
        let timeout_bound = capacity * serving.timeout.as_seconds();
        let mut server = Self {
            capacity,
            link_binds: link.server_share < 1.0,
            timeout_bound,
            room,
            short_line: serving
                .queue_bound
                .filter(|room| f64::from(*room) <= capacity * SHORT_LINE_SECONDS)
                .map(|room| {
                    let line = BoundedLine {
                        servers: alone.servers,
                        room,
                        scv: alone.scv,
                    };
                    ShortLine::new(line, &table)
                }),
            connections: Connections::new(spec.path.connections),
            pooled: spec.balancing.strategy == Strategy::LeastConnections,
            transfer,
            path_latency: latency + transfer,
            bits_per_request: 8.0 * (spec.path.request_bytes + spec.path.response_bytes),
            highest_at_once: highest,
            wait_alone_at_highest: model_wait,
            waiting,
            objective,
            max_rates: (0..COUNTS).map(|_| OnceLock::new()).collect(),
            backlog_bound: (timeout_bound, Limit::Timeout),
            connected_share: 1.0,
            cpu_per_request: serving.cpu_per_request,
            cpu_idle: spec.pod.cpu_idle,
            service_time: alone.mean,
            memory_idle: spec.pod.memory_idle,
            memory_per_request: spec.pod.memory_per_request,
            table,
        };
        server.backlog_bound = server.find_backlog_bound();
        server.connected_share = server.find_connected_share();
        Ok(server)
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

    /// The share of requests that are answered of those that are served behind a line as long as the clients' patience,
    /// while so many a second give up.
    pub(super) fn answered_at_patience(&self, giving_up: f64) -> f64 {
        self.table.model().answered_at_patience(giving_up)
    }

    /// How long clients wait, seconds.
    pub(super) fn patience(&self) -> f64 {
        self.timeout_bound / self.capacity
    }

    /// Requests/s that one replica can serve.
    #[must_use]
    pub const fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Requests that can wait at one replica before the last one's client gives up, or before there is no room.
    #[must_use]
    pub fn queue_bound(&self) -> f64 {
        self.room
            .map_or(self.timeout_bound, |room| room.min(self.timeout_bound))
    }

    /// Requests/s at which each of `replicas` just holds the objective; `None` where even an idle one misses it.
    #[must_use]
    pub fn max_rate(&self, replicas: u32) -> Option<f64> {
        if !self.demand_depends_on_replicas() {
            return self.max_rate_at(0);
        }
        let replicas = replicas.clamp(1, 1 << (COUNTS - 1));
        let octave = replicas.ilog2() as usize;
        let here = self.max_rate_at(octave)?;
        let first = 1_u32 << octave;
        if replicas == first {
            return Some(here);
        }
        // In 1 / count, as latencies are.
        let inverse = |count: u32| f64::from(count).recip();
        let rest = (inverse(first) - inverse(replicas)) / (inverse(first) - inverse(2 * first));
        let next = self.max_rate_at(octave + 1)?;
        Some(here + rest * (next - here))
    }

    /// The greatest rate at 2^`octave` replicas.
    fn max_rate_at(&self, octave: usize) -> Option<f64> {
        *self.max_rates[octave].get_or_init(|| {
            let model = self.table.model();
            if self.demand_depends_on_replicas() {
                let occupancy = self.table.max_occupancy(1 << octave, self.objective)?;
                return Some(occupancy * self.capacity);
            }
            let rate = model.max_arrival_rate(self.table.slo_seconds(), self.objective)?;
            Some(rate * (self.capacity / model.capacity()))
        })
    }

    /// Whether the rate that a replica takes depends on how many there are. Where clients have their own replicas it does
    /// not: demand is what equal shares would need, since no number of replicas makes unequal ones equal.
    fn demand_depends_on_replicas(&self) -> bool {
        let splitting = self.table.model().splitting();
        splitting.shares_alike() && splitting.depends_on_replicas()
    }

    /// The least number of replicas that holds the objective at an arrival rate in requests/s; where even an idle
    /// replica misses it, the least number that can serve the rate at all.
    #[must_use]
    pub fn demand(&self, arrival_rate: f64) -> u32 {
        let alone = self.max_rate(1).unwrap_or(self.capacity);
        if !self.demand_depends_on_replicas() {
            return replicas_for(arrival_rate, alone);
        }
        let holds = |replicas: u32| {
            let each = self.max_rate(replicas).unwrap_or(self.capacity);
            replicas_for(arrival_rate, each) <= replicas
        };
        let (mut low, mut high) = (0, 1);
        while !holds(high) && high < MOST_DEMAND {
            (low, high) = (high, 2 * high);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if holds(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        if arrival_rate > 0.0 { high } else { 0 }
    }

    /// The occupancy whose steady state stands for that of an arrival rate per replica, `busy_for` after it rose above
    /// [`highest_at_once`](Self::highest_at_once), with so many `replicas`.
    ///
    /// Very near saturation a steady state takes long to reach: the occupancy is kept to what a minute and the time
    /// since can approach (relaxation time of M/M/1, 1 / (capacity (1 - sqrt(rho))^2)). Behind least connections all
    /// replicas together are one such queue.
    #[must_use]
    pub fn steady_occupancy(&self, arrival_rate: f64, replicas: u32, busy_for: SimDuration) -> f64 {
        let occupancy = arrival_rate / self.capacity;
        if occupancy <= self.highest_at_once {
            return occupancy;
        }
        let reached = STEADY_SECONDS + busy_for.as_seconds();
        let queue = if self.pooled {
            self.capacity * f64::from(replicas.max(1))
        } else {
            self.capacity
        };
        occupancy.min(highest_steady_occupancy(queue, reached))
    }

    /// The highest occupancy that is steady within a minute.
    #[must_use]
    pub const fn highest_at_once(&self) -> f64 {
        self.highest_at_once
    }

    /// The mean wait at that occupancy with so many `replicas`, seconds: what chance alone makes requests wait before a
    /// backlog shows.
    #[must_use]
    pub fn wait_at_highest(&self, replicas: u32) -> f64 {
        let model = self.table.model();
        if model.splitting().depends_on_replicas() {
            self.table.mean_wait(self.highest_at_once, replicas)
        } else {
            self.wait_alone_at_highest
        }
    }

    /// The `q` quantile of latency at an occupancy of each of `replicas`, seconds.
    #[must_use]
    pub fn latency_quantile(&self, occupancy: f64, replicas: u32, q: f64) -> f64 {
        self.table.quantile(occupancy, replicas, q)
    }

    /// Requests waiting for a worker at each of `replicas` in steady state at an occupancy, by table within about 1 %.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index, clamped to the table just before"
    )]
    pub fn waiting_at(&self, occupancy: f64, replicas: u32) -> f64 {
        let occupancy = occupancy.clamp(0.0, 0.999);
        if self.table.model().splitting().depends_on_replicas() {
            return occupancy * self.capacity * self.table.mean_wait(occupancy, replicas);
        }
        let place = occupancy * WAITING_INTERVALS as f64;
        let index = place as usize;
        let rest = place - index as f64;
        let next = self.waiting[(index + 1).min(WAITING_INTERVALS)];
        let smooth = self.waiting[index] + rest * (next - self.waiting[index]);
        smooth / (1.0 - occupancy)
    }

    /// What one of `replicas` takes in of a load without a backlog: all, but for what finds no room in a short line, or no
    /// connection.
    pub(super) fn admitted(
        &self,
        rate: f64,
        occupancy: f64,
        replicas: u32,
        heaviest: &mut HeaviestLoad,
    ) -> Admitted {
        let mut admitted = Admitted {
            rate,
            occupancy,
            connections: 0.0,
            refused_by_room: 0.0,
            refused_by_connections: 0.0,
        };
        if let Some(short) = &self.short_line {
            let (refused, alike) = short.at(rate / self.capacity);
            admitted.refused_by_room = rate * refused;
            admitted.rate = rate - admitted.refused_by_room;
            admitted.occupancy = alike;
        }
        // A table of waits is the same for any count of replicas, unless they share the requests.
        let among = if self.table.model().splitting().depends_on_replicas() {
            replicas
        } else {
            0
        };
        let (taken_in, met) = (admitted.rate, admitted.occupancy);
        if heaviest.covers(taken_in, met, among) {
            return admitted;
        }
        let needed = |admitted: &Admitted| {
            let waiting = admitted.rate * self.mean_wait(admitted.occupancy, replicas);
            let inside = waiting + self.in_service(admitted.rate) + self.on_path(admitted.rate);
            self.connections.needed(inside, admitted.rate)
        };
        admitted.connections = needed(&admitted);
        let refused = self.connections.refused(admitted.connections);
        if refused > 0.0 {
            admitted.refused_by_connections = admitted.rate * refused;
            admitted.rate -= admitted.refused_by_connections;
            admitted.occupancy *= 1.0 - refused;
            admitted.connections = needed(&admitted).min(self.connections.most());
        } else {
            heaviest.remember(taken_in, met, among);
        }
        admitted
    }

    /// Whether the line is so short that it is always in steady state, in overload too.
    pub(super) const fn has_short_line(&self) -> bool {
        self.short_line.is_some()
    }

    /// The most requests that wait at a replica, and what keeps others out.
    pub(super) const fn backlog_bound(&self) -> (f64, Limit) {
        self.backlog_bound
    }

    /// The share of its capacity that a replica can use for want of connections.
    pub(super) const fn connected_share(&self) -> f64 {
        self.connected_share
    }

    /// Connections of a replica with so many requests in flight, which arrive at a rate in 1/s.
    pub(super) fn connections(&self, in_flight: f64, rate: f64) -> f64 {
        self.connections
            .needed(in_flight, rate)
            .min(self.connections.most())
    }

    /// Whether the path carries less than the replica can serve.
    pub(super) const fn link_binds(&self) -> bool {
        self.link_binds
    }

    /// The mean wait for the path at an occupancy, seconds: M/D/1.
    pub(super) fn link_wait(&self, occupancy: f64) -> f64 {
        let busy = (occupancy * self.capacity * self.transfer).min(0.999);
        self.transfer * busy / (2.0 * (1.0 - busy))
    }

    /// Time on the path without waiting for it, seconds.
    pub(super) const fn path_latency(&self) -> f64 {
        self.path_latency
    }

    /// Requests on the path at a throughput in requests/s, by Little's law.
    pub(super) fn on_path(&self, throughput: f64) -> f64 {
        throughput * self.path_latency
    }

    /// Bits/s on the path at a throughput in requests/s.
    pub(super) fn bits_per_second(&self, throughput: f64) -> f64 {
        throughput * self.bits_per_request
    }

    /// The share of requests that is late without any wait.
    pub(super) fn late_share_alone(&self) -> f64 {
        self.table.late_share(0.0, 1)
    }

    fn find_backlog_bound(&self) -> (f64, Limit) {
        let busy = self.in_service(self.capacity) + self.on_path(self.capacity);
        let others = self.connections.needed(busy, self.capacity);
        let by_connections = (self.connections.most() - others).max(0.0);
        let room = self.room.unwrap_or(f64::INFINITY);
        if by_connections < room && by_connections < self.timeout_bound {
            (by_connections, Limit::Connections)
        } else if room < self.timeout_bound {
            (room, Limit::Room)
        } else {
            (self.timeout_bound, Limit::Timeout)
        }
    }

    fn find_connected_share(&self) -> f64 {
        let busy = self.in_service(self.capacity) + self.on_path(self.capacity);
        let needed = self.connections.needed(busy, self.capacity);
        if needed < self.connections.most() {
            1.0
        } else {
            1.0 - self.connections.refused(needed)
        }
    }

    /// The mean wait at an occupancy of each of `replicas`, seconds.
    fn mean_wait(&self, occupancy: f64, replicas: u32) -> f64 {
        let rate = occupancy.clamp(1e-9, 0.999) * self.capacity;
        self.waiting_at(occupancy, replicas) / rate
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

impl ShortLine {
    fn new(line: BoundedLine, table: &LatencyTable) -> Self {
        let service = table.model().spec().mean;
        let alike = (0..=SHORT_LINE_INTERVALS)
            .map(|index| {
                let wait = line.at(short_line_occupancy(index)).mean_wait * service;
                let (mut below, mut above) = (0.0, 1.0);
                for _ in 0..40 {
                    let middle = f64::midpoint(below, above);
                    if table.mean_wait(middle, 1) <= wait {
                        below = middle;
                    } else {
                        above = middle;
                    }
                }
                below
            })
            .collect();
        Self { line, alike }
    }

    /// The share of requests that is refused at an occupancy, and the occupancy of an unbounded line that is like it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index, clamped to the table just before"
    )]
    fn at(&self, occupancy: f64) -> (f64, f64) {
        let last = SHORT_LINE_INTERVALS as f64;
        let place = (occupancy / SHORT_LINE_MOST * last).clamp(0.0, last);
        let (index, rest) = (place as usize, place.fract());
        let next = self.alike[(index + 1).min(SHORT_LINE_INTERVALS)];
        let alike = self.alike[index] + rest * (next - self.alike[index]);
        (self.line.at(occupancy).refused, alike)
    }
}

fn short_line_occupancy(index: usize) -> f64 {
    index as f64 / SHORT_LINE_INTERVALS as f64 * SHORT_LINE_MOST
}

/// The least number of replicas whose rates add up to an arrival rate.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of replicas; a float cast saturates"
)]
fn replicas_for(arrival_rate: f64, per_replica: f64) -> u32 {
    // The slack keeps a rate of exactly n replicas at n in spite of rounding.
    let replicas = arrival_rate / per_replica - 1e-9;
    // Not `f64::ceil`: without a special target that is a call.
    let whole = replicas as u32;
    whole.saturating_add(u32::from(f64::from(whole) < replicas))
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
