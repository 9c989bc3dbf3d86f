//! `Workload`: the scaled set, and how it moves through time.
//!
//! Its state changes in few places: [`scale_to`](Workload::scale_to), [`pass_transitions`](Workload::pass_transitions)
//! and what goes wrong (`disturb.rs`). Between them [`advance`](Workload::advance) moves requests.

use super::cohort::Cohort;
use super::connections::HeaviestLoad;
use super::disturb::restart;
use super::flow::Flow;
use super::mover::{Fluid, Latencies, Mover};
use super::node_pool::Nodes;
use super::one_by_one::{OneByOne, Unevenness};
use super::placement::WarmPool;
use super::pod::{Draws, Startup};
use super::replicas::{Rollout, drain};
use super::rotation::{Deletion, Rotation, Routing};
use super::sensor::Sensor;
use super::server::Server;
use super::spec::PlantSpec;
use crate::queueing::LatencyMix;
use crate::traffic::Offered;
use crate::units::{SimDuration, SimTime};

/// Whether pods that nothing tells apart are kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// They are: the cost of a step does not grow with the number of pods.
    Merged,
    /// Each pod stays alone: the slow model that the fast one is tested against.
    Single,
}

/// The grids of the sensors, as far as pods must be started in step with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorGrids {
    /// Time between two looks at the usage counters.
    pub usage: SimDuration,
    /// Time between two scrapes of custom metrics; `None` where nobody scrapes them.
    pub custom: Option<SimDuration>,
    /// Pods that have been ready for less than this are told apart by somebody.
    pub settle_after: SimDuration,
}

/// The scaled set.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    pub(super) spec: &'a PlantSpec,
    pub(super) server: &'a Server,
    pub(super) draws: Draws,
    pub(super) grouping: Grouping,
    grids: SensorGrids,
    pub(super) cohorts: Vec<Cohort>,
    pub(super) nodes: Option<Nodes<'a>>,
    pub(super) warm_pool: WarmPool,
    /// Times at which preparation is no longer slow, and how many times the usual it takes until then.
    pub(super) slow: Vec<(SimTime, f64)>,
    /// Replicas that there should be.
    pub(super) desired: u32,
    pub(super) rollout: Option<Rollout>,
    /// Rolling updates so far.
    pub(super) generation: u32,
    pub(super) next_ordinal: u64,
    /// Pods that were deleted or died so far.
    pub(super) departures: u64,
    pub(super) now: SimTime,
    next_transition: SimTime,
    active: u32,
    without_room: u32,
    in_rotation: u32,
    serving: u32,
    rotation_version: u64,
    /// Changes whenever anything of the pods may have changed but what requests do to them.
    pub(super) version: u64,
    existing: u32,
    /// Whether pods are past their start and not ready.
    warming: bool,
    /// The startup of the pod that last began to take requests, if nobody has asked yet.
    entered: Option<Startup>,
    pub(super) mover: Mover,
    pub(super) lost: Lost,
    /// Requests that were in pods that died since the last span.
    pub(super) failed: f64,
}

/// Requests that were still queued at a pod when its grace period ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lost {
    /// All of them.
    pub requests: f64,
    /// Those that had been counted as late when they arrived, because they were to wait for longer than the objective;
    /// with those of pods that died, which [`Flow::failed`] counts.
    pub counted_late: f64,
}

impl<'a> Workload<'a> {
    /// `replicas` pods that have been ready, and have taken `arrival_rate` requests/s together, since long before time
    /// zero; those for which the nodes have no room are created at time zero.
    #[must_use]
    pub fn settled(
        spec: &'a PlantSpec,
        server: &'a Server,
        draws: Draws,
        grids: SensorGrids,
        grouping: Grouping,
        replicas: u32,
        arrival_rate: f64,
    ) -> Self {
        let mut workload = Self {
            spec,
            server,
            draws,
            grids,
            grouping,
            cohorts: Vec::with_capacity(16),
            nodes: spec.nodes.as_ref().map(|pool| Nodes::new(pool, draws)),
            warm_pool: WarmPool::of(spec.startup.warm_pool),
            slow: Vec::new(),
            desired: replicas,
            rollout: None,
            generation: 0,
            next_ordinal: 0,
            departures: 0,
            now: SimTime::ZERO,
            next_transition: SimTime::MAX,
            active: 0,
            without_room: 0,
            in_rotation: 0,
            serving: 0,
            rotation_version: 0,
            version: 0,
            existing: 0,
            warming: false,
            entered: None,
            mover: Mover::Fluid(Fluid {
                mix: Some(LatencyMix::new(server.table().clone())),
                pace: None,
                busy_since: None,
                heaviest_steady: HeaviestLoad::default(),
                heaviest_backlog: HeaviestLoad::default(),
            }),
            lost: Lost::default(),
            failed: 0.0,
        };
        let placed = workload.settle(replicas, arrival_rate);
        workload.create(replicas - placed);
        workload.reconcile();
        workload.refresh();
        workload.entered = None;
        workload
    }

    /// The same, with requests followed one by one from now on, and so pods too. To be called before the first span.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.grouping = Grouping::Single;
        let mut single = Vec::with_capacity(self.cohorts.len());
        for mut cohort in std::mem::take(&mut self.cohorts) {
            while cohort.count > 1 {
                single.push(cohort.split_off(1));
            }
            single.push(cohort);
        }
        self.cohorts = single;
        let moving = OneByOne::new(self.spec, self.server, self.draws);
        self.mover = Mover::OneByOne(Box::new(moving));
        self
    }

    /// The same without a record of all latencies: late requests are counted all the same.
    #[must_use]
    pub fn without_latencies(mut self) -> Self {
        if let Mover::Fluid(fluid) = &mut self.mover {
            fluid.mix = None;
        }
        self
    }

    /// Creates pods that have been ready for long, as many as have room; returns how many.
    fn settle(&mut self, replicas: u32, arrival_rate: f64) -> u32 {
        let (server, grids) = (self.server, self.grids);
        let mut on_nodes = vec![0; self.nodes.as_ref().map_or(0, Nodes::len)];
        let room = self.nodes.as_ref().map_or(replicas, |nodes| {
            let most = nodes.len() as u64 * u64::from(nodes.room_of_each());
            replicas.min(u32::try_from(most).unwrap_or(u32::MAX))
        });
        let throughput = (arrival_rate / f64::from(room.max(1))).min(server.capacity());
        // Pods on nodes are told apart by them.
        let size = match (self.grouping, &self.nodes) {
            (Grouping::Merged, None) => room.max(1),
            _ => 1,
        };
        for _ in 0..room / size {
            let startup = Startup::long_ago(SimTime::ZERO);
            let mut cohort = Cohort::new(size, self.next_ordinal, startup);
            self.next_ordinal += u64::from(size);
            if let Some(nodes) = &self.nodes {
                cohort.node = nodes.emptiest(&on_nodes);
                on_nodes[cohort.node.unwrap_or(0)] += 1;
            }
            (cohort.started, cohort.ran, cohort.ready) = (true, true, true);
            cohort.ready_changed = startup.ready;
            cohort.rotation.admit(startup.ready, startup.ready);
            cohort.throughput = throughput;
            cohort.replicas = room;
            cohort.occupancy = server.steady_occupancy(throughput, room, SimDuration::ZERO);
            let cpu = server.cpu_at(throughput);
            let usage = cohort.usage_point(SimTime::ZERO, server);
            // The gauges are those of a pod that takes requests.
            cohort.usage = Sensor::settled(SimTime::ZERO, grids.usage, cpu, usage.gauge);
            if let Some(step) = grids.custom {
                let inside = cohort.custom_point(SimTime::ZERO, server).gauge;
                cohort.custom = Sensor::settled(SimTime::ZERO, step, throughput, inside);
            }
            self.cohorts.push(cohort);
        }
        room
    }

    /// Pods that are not being deleted (`status.replicas`).
    #[must_use]
    pub const fn active(&self) -> u32 {
        self.active
    }

    /// Active pods that wait for room on a node.
    #[must_use]
    pub const fn without_room(&self) -> u32 {
        self.without_room
    }

    /// Pods that are sent requests, and answer them. This is the capacity that demand is compared with; what the
    /// autoscaler calls ready is [`Cohort::is_ready`].
    #[must_use]
    pub const fn serving(&self) -> u32 {
        self.serving
    }

    /// Pods that are sent requests, whether they answer or not.
    #[must_use]
    pub const fn in_rotation(&self) -> u32 {
        self.in_rotation
    }

    /// Changes whenever requests are sent to other pods than before, or meet something else there: whenever the
    /// [`Routing`] of a pod changes.
    #[must_use]
    pub const fn rotation_version(&self) -> u64 {
        self.rotation_version
    }

    /// Pods that exist, those being deleted included.
    #[must_use]
    pub const fn existing(&self) -> u32 {
        self.existing
    }

    /// The pods, in groups of like ones; those that are gone too, while requests are still sent to them.
    #[must_use]
    pub fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    /// When the next pod passes a point of its life; `SimTime::MAX` if none will.
    #[must_use]
    pub const fn next_transition(&self) -> SimTime {
        self.next_transition
    }

    /// Whether pods are past their start and not ready yet.
    pub(super) const fn is_warming(&self) -> bool {
        self.warming
    }

    /// Whether a scrape of usage may find pods that nothing tells apart any more.
    #[must_use]
    pub fn may_merge(&self) -> bool {
        self.grouping == Grouping::Merged && self.cohorts.len() > 1
    }

    /// The latencies of all requests so far.
    #[must_use]
    pub fn latencies(&self) -> Latencies<'_> {
        match &self.mover {
            Mover::Fluid(fluid) => match &fluid.mix {
                Some(mix) => Latencies::Expected(mix),
                None => Latencies::NotKept,
            },
            Mover::OneByOne(moving) => Latencies::Counted(Box::new(moving.latencies())),
        }
    }

    /// Median, 95th and 99th percentile of the latencies since the last call, seconds, NaN without any; `None` where
    /// requests are not followed one by one.
    pub fn end_row(&mut self) -> Option<[f64; 3]> {
        let Mover::OneByOne(moving) = &mut self.mover else {
            return None;
        };
        let row = moving.end_row();
        Some([0.5, 0.95, 0.99].map(|q| row.quantile(q).unwrap_or(f64::NAN)))
    }

    /// A one-minute slice ends.
    pub fn end_slice(&mut self) {
        if let Mover::OneByOne(moving) = &mut self.mover {
            moving.end_slice();
        }
    }

    /// How unequally the replicas took requests in; `None` where they are not followed one by one, or were too few.
    #[must_use]
    pub fn unevenness(&self) -> Option<Unevenness> {
        match &self.mover {
            Mover::Fluid(_) => None,
            Mover::OneByOne(moving) => moving.unevenness(),
        }
    }

    /// Requests that are neither answered nor given up; none in expectation, where each has its fate when it arrives.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        match &self.mover {
            Mover::Fluid(_) => 0,
            Mover::OneByOne(moving) => moving.in_flight(),
        }
    }

    /// Requests that were still queued at a pod when its grace period ended.
    #[must_use]
    pub const fn lost(&self) -> Lost {
        self.lost
    }

    /// Requests waiting, of all pods.
    #[must_use]
    pub fn waiting(&self) -> f64 {
        self.total(|cohort| cohort.waiting(self.server))
    }

    /// Requests in service or waiting, of all pods.
    #[must_use]
    pub fn in_flight(&self) -> f64 {
        self.total(|cohort| cohort.inside(self.server))
    }

    fn total(&self, of_each: impl Fn(&Cohort) -> f64) -> f64 {
        let working = self.cohorts.iter().filter(|cohort| cohort.works());
        working
            .map(|cohort| f64::from(cohort.count) * of_each(cohort))
            .sum()
    }

    /// Pods of which something is true.
    pub(super) fn count(&self, which: impl Fn(&Cohort) -> bool) -> u32 {
        let counted = self.cohorts.iter().filter(|cohort| which(cohort));
        counted
            .map(|cohort| cohort.count)
            .fold(0, u32::saturating_add)
    }

    /// Moves every pod on to `to` while requests arrive at a constant rate, requests/s: in expectation, or one by one as
    /// a Poisson stream. Must not pass [`next_transition`](Self::next_transition).
    pub fn advance(&mut self, to: SimTime, arrival_rate: f64) -> Flow {
        self.move_on(to, Offered::Poisson { rate: arrival_rate })
    }

    /// The same with requests that arrive at given instants, in ascending order.
    pub fn advance_at(&mut self, to: SimTime, times: &[SimTime]) -> Flow {
        self.move_on(to, Offered::Times(times))
    }

    fn move_on(&mut self, to: SimTime, offered: Offered<'_>) -> Flow {
        let from = self.now;
        self.now = to;
        if self.warming {
            self.warm_up((to - from).as_seconds());
        }
        let Mover::OneByOne(moving) = &mut self.mover else {
            let seconds = (to - from).as_seconds();
            let rate = match offered {
                Offered::Poisson { rate } => rate,
                Offered::Times(_) if seconds <= 0.0 => 0.0,
                Offered::Times(times) => times.len() as f64 / seconds,
            };
            return if self.is_calm(rate) {
                self.flow_calmly(from, rate)
            } else {
                self.flow_on(from, rate)
            };
        };
        moving.follow(&self.cohorts, self.rotation_version, from);
        let idle = self.spec.pod.cpu_idle;
        let flow = moving.advance(&mut self.cohorts, (from, to), offered, idle);
        for cohort in &mut self.cohorts {
            if let Some(deletion) = &mut cohort.deletion
                && deletion.takes_until <= to
                && deletion.gone.is_none_or(|gone| gone > to)
                && moving.is_idle(cohort.ordinal)
            {
                // It has nothing left to do: it is gone now, not at the end of its grace period.
                deletion.gone = Some(to);
                self.next_transition = to;
            }
        }
        flow
    }

    /// Pods past their start, before they are ready, burn cpu.
    fn warm_up(&mut self, seconds: f64) {
        for cohort in &mut self.cohorts {
            if cohort.started && !cohort.ready && !cohort.is_dead() {
                let cores = if cohort.startup.warm < self.now {
                    self.spec.pod.cpu_idle
                } else {
                    self.spec.pod.cpu_starting
                };
                cohort.cpu_seconds += cores * seconds;
            }
        }
    }

    /// Carries out what is due at the present moment. Returns the startup of the pod that began to take requests, if one
    /// did (of several at the same moment, the one created last).
    pub fn pass_transitions(&mut self) -> Option<Startup> {
        let now = self.now;
        if let Some(nodes) = &mut self.nodes {
            nodes.pass(now);
        }
        let Self {
            cohorts,
            spec,
            server,
            draws,
            lost,
            ..
        } = self;
        for cohort in cohorts.iter_mut() {
            if cohort.deletion.is_some() {
                if cohort
                    .deletion
                    .is_some_and(|deletion| deletion.takes_until <= now)
                {
                    drain(cohort, server, now, lost);
                }
                continue;
            }
            if let Some(death) = cohort.death {
                if death.seen <= now && cohort.ready {
                    (cohort.ready, cohort.ready_changed) = (false, now);
                }
                if death.evicted <= now {
                    cohort.deletion = Some(Deletion {
                        takes_until: now,
                        grace_end: now,
                        gone: Some(now),
                    });
                } else if death.restart <= now {
                    restart(cohort, &spec.startup, *draws);
                }
                continue;
            }
            cohort.started |= cohort.startup.started <= now;
            cohort.ran |= cohort.started;
            if !cohort.ready && cohort.startup.ready <= now {
                (cohort.ready, cohort.ready_changed) = (true, now);
                let delay = cohort.lot.add_delay(&spec.endpoints, *draws);
                cohort.rotation.admit(now, now + delay);
            }
        }
        self.reconcile();
        self.refresh();
        self.entered.take()
    }

    /// Brings everything up to date that follows from the state of each pod.
    pub(super) fn refresh(&mut self) {
        let now = self.now;
        let mut next = self
            .nodes
            .as_ref()
            .map_or(SimTime::MAX, |nodes| nodes.next_after(now));
        let (mut active, mut without_room, mut in_rotation, mut serving) =
            (0_u32, 0_u32, 0_u32, 0_u32);
        let (mut existing, mut warming) = (0_u32, false);
        for cohort in &mut self.cohorts {
            let routing = cohort.routing_at(now);
            if routing != cohort.routing {
                self.rotation_version += 1;
                let latest = self
                    .entered
                    .is_none_or(|other| other.created <= cohort.startup.created);
                if routing == Routing::Takes && latest {
                    self.entered = Some(cohort.startup);
                }
                cohort.routing = routing;
            }
            let add = |sum: &mut u32, counts: bool| {
                *sum = sum.saturating_add(if counts { cohort.count } else { 0 });
            };
            add(&mut existing, !cohort.is_gone(now));
            add(&mut active, !cohort.is_leaving());
            add(&mut without_room, cohort.is_without_room());
            add(&mut in_rotation, routing != Routing::Out);
            add(&mut serving, routing == Routing::Takes);
            warming |= cohort.started && !cohort.ready && !cohort.is_dead();
            next = next.min(cohort.next_change(now));
        }
        (self.active, self.without_room) = (active, without_room);
        (self.in_rotation, self.serving) = (in_rotation, serving);
        (self.existing, self.warming) = (existing, warming);
        self.version += 1;
        self.next_transition = next;
        self.cohorts
            .retain(|cohort| !cohort.is_gone(now) || Rotation::is_open(cohort.rotation, now));
    }

    /// The usage counters of all containers are read (cAdvisor housekeeping).
    pub fn read_usage(&mut self) {
        let now = self.now;
        for cohort in &mut self.cohorts {
            if cohort.started && !cohort.is_cut_off() {
                let point = cohort.usage_point(now, self.server);
                cohort.usage.read(point);
            }
        }
    }

    /// metrics-server scrapes what was read. It forgets the pods of a node that does not answer.
    pub fn scrape_usage(&mut self, interval: SimDuration) {
        for cohort in &mut self.cohorts {
            if cohort.is_cut_off() {
                cohort.usage = Sensor::default();
            } else {
                cohort.usage.scrape(cohort.startup.started, interval);
            }
        }
        self.merge();
    }

    /// A custom-metrics scraper reads and keeps at once, from every container that answers.
    pub fn scrape_custom(&mut self) {
        let now = self.now;
        for cohort in &mut self.cohorts {
            if cohort.is_dead() {
                cohort.custom = Sensor::default();
            } else if cohort.started {
                let point = cohort.custom_point(now, self.server);
                cohort.custom.read(point);
                cohort.custom.keep();
            }
        }
    }

    /// Puts together what nothing tells apart any more.
    fn merge(&mut self) {
        if !self.may_merge() {
            return;
        }
        let settled_before = self.now - self.grids.settle_after;
        let Some(first) = self
            .cohorts
            .iter()
            .position(|cohort| cohort.is_plain() && cohort.startup.ready <= settled_before)
        else {
            return;
        };
        let mut whole = self.cohorts[first].clone();
        let mut at = first + 1;
        while at < self.cohorts.len() {
            let other = &self.cohorts[at];
            if other.startup.ready <= settled_before && whole.merges_with(other) {
                whole.count += other.count;
                whole.ordinal = whole.ordinal.max(other.ordinal);
                if other.startup.ready > whole.startup.ready {
                    whole.startup = other.startup;
                    whole.ready_changed = other.ready_changed;
                }
                self.cohorts.remove(at);
            } else {
                at += 1;
            }
        }
        self.cohorts[first] = whole;
    }
}
