//! `Cohort`: pods that are alike in everything the plant and its sensors know.

use super::pod::{Lot, Startup};
use super::rotation::{Cause, Death, Deletion, Rotation, Routing};
use super::sensor::{Point, Sensor};
use super::server::Server;
use crate::units::SimTime;

/// Pods that are alike: one by one while they start, merged once nothing tells them apart any more.
#[derive(Clone, Debug)]
pub struct Cohort {
    pub(super) count: u32,
    /// The ordinal of one of its pods: of the only one, where pods are kept one by one.
    pub(super) ordinal: u64,
    pub(super) lot: Lot,
    /// The rolling update that it came with, or after.
    pub(super) generation: u32,
    /// Where it runs, if there is a node pool and it is scheduled.
    pub(super) node: Option<usize>,
    /// Times the usual time to prepare.
    pub(super) prepare_factor: f64,
    pub(super) startup: Startup,
    /// Its Ready condition.
    pub(super) ready: bool,
    /// When that changed last.
    pub(super) ready_changed: SimTime,
    pub(super) rotation: Rotation,
    /// What the rotation, deletion and death come to at present.
    pub(super) routing: Routing,
    pub(super) deletion: Option<Deletion>,
    pub(super) death: Option<Death>,
    /// The number of its death, or of its deletion.
    pub(super) departure: u64,
    /// Requests waiting at each pod.
    pub(super) backlog: f64,
    /// Requests in line at each pod whose clients will give up first.
    pub(super) in_vain: f64,
    /// Requests/s that each pod serves now.
    pub(super) throughput: f64,
    /// Pods in rotation, this one with them, when it last served.
    pub(super) replicas: u32,
    /// Occupancy of its steady state now; 0 while there is a backlog.
    pub(super) occupancy: f64,
    /// Requests counted inside, where they are followed one by one.
    pub(super) counted: Option<Inside>,
    /// Core-seconds that each pod has used.
    pub(super) cpu_seconds: f64,
    /// Whether its container runs, or QEMU has handed over to the guest.
    pub(super) started: bool,
    /// Whether it ever has.
    pub(super) ran: bool,
    /// Requests that each pod has taken in.
    pub(super) taken_in: f64,
    pub(super) usage: Sensor,
    pub(super) custom: Sensor,
}

/// Requests counted at a pod.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Inside {
    pub(super) waiting: f64,
    pub(super) all: f64,
}

impl Cohort {
    pub(super) fn new(count: u32, ordinal: u64, startup: Startup) -> Self {
        Self {
            count,
            ordinal,
            lot: Lot(ordinal),
            generation: 0,
            node: None,
            prepare_factor: 1.0,
            startup,
            started: false,
            ran: false,
            ready: false,
            ready_changed: startup.created,
            rotation: Rotation::NEVER,
            routing: Routing::Out,
            deletion: None,
            death: None,
            departure: 0,
            backlog: 0.0,
            in_vain: 0.0,
            throughput: 0.0,
            replicas: 1,
            occupancy: 0.0,
            counted: None,
            cpu_seconds: 0.0,
            taken_in: 0.0,
            usage: Sensor::default(),
            custom: Sensor::default(),
        }
    }

    /// Takes the first `count` pods away.
    pub(super) fn split_off(&mut self, count: u32) -> Self {
        let mut first = self.clone();
        first.count = count;
        self.count -= count;
        self.ordinal += u64::from(count);
        first
    }

    /// How many pods.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Their startup.
    #[must_use]
    pub const fn startup(&self) -> &Startup {
        &self.startup
    }

    /// The number of the pod, in the order of creation, where pods are kept one by one.
    #[must_use]
    pub const fn ordinal(&self) -> u64 {
        self.ordinal
    }

    /// What a request meets that is sent to one of them, if any is.
    #[must_use]
    pub const fn routing(&self) -> Routing {
        self.routing
    }

    /// Whether their containers run.
    #[must_use]
    pub const fn has_started(&self) -> bool {
        self.started
    }

    /// Whether their containers run, or have run and are being restarted: the pods' phase is Running.
    #[must_use]
    pub const fn has_ever_started(&self) -> bool {
        self.ran
    }

    /// Whether the pods' Ready condition is True: a probe has found them ready, and nobody has noticed yet if they died
    /// since.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.ready
    }

    /// When the Ready condition changed last.
    #[must_use]
    pub const fn ready_changed(&self) -> SimTime {
        self.ready_changed
    }

    /// Whether they are being deleted, or gone.
    #[must_use]
    pub const fn is_leaving(&self) -> bool {
        self.deletion.is_some()
    }

    /// Whether they are gone; they are remembered while requests are still sent to them.
    #[must_use]
    pub fn is_gone(&self, now: SimTime) -> bool {
        let gone = self.deletion.and_then(|deletion| deletion.gone);
        gone.is_some_and(|gone| gone <= now)
    }

    /// Whether they are dead, noticed or not.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        self.death.is_some()
    }

    /// Whether requests will be sent to them for the first time, or again.
    #[must_use]
    pub fn is_coming(&self) -> bool {
        !self.is_leaving() && !self.is_dead() && self.routing != Routing::Takes
    }

    /// Whether they wait for room on a node.
    #[must_use]
    pub fn is_without_room(&self) -> bool {
        !self.is_leaving() && !self.startup.is_scheduled()
    }

    /// Cpu in cores per second of use, and memory in bytes, as metrics-server would say it.
    #[must_use]
    pub const fn usage(&self) -> &Sensor {
        &self.usage
    }

    /// Requests/s taken in, and requests in the pod, as a custom-metrics scraper would say it.
    #[must_use]
    pub const fn custom(&self) -> &Sensor {
        &self.custom
    }

    /// Whether they answer what is or comes inside: ready, alive, and not yet draining.
    pub(super) fn works(&self) -> bool {
        let drains = self
            .deletion
            .is_some_and(|deletion| deletion.gone.is_some());
        self.ready && self.death.is_none() && !drains
    }

    /// Whether they are silent with their node.
    pub(super) fn is_cut_off(&self) -> bool {
        self.death.is_some_and(|death| death.cause == Cause::Node)
    }

    /// What a request meets at `now`.
    pub(super) fn routing_at(&self, now: SimTime) -> Routing {
        if !self.rotation.holds(now) {
            Routing::Out
        } else if self.death.is_some() {
            Routing::Dead
        } else if !self.works() {
            Routing::Refuses
        } else {
            Routing::Takes
        }
    }

    /// When the next of its states changes; `now` if that is due.
    pub(super) fn next_change(&self, now: SimTime) -> SimTime {
        let startup = &self.startup;
        let life = match (self.death, self.deletion) {
            (_, Some(deletion)) => match deletion.gone {
                None => deletion.takes_until,
                Some(gone) if gone > now => gone,
                Some(_) => SimTime::MAX,
            },
            (Some(death), None) => {
                let seen = if self.ready { death.seen } else { SimTime::MAX };
                seen.min(death.restart).min(death.evicted)
            }
            (None, None) if self.ready => SimTime::MAX,
            // A startup that takes no time is over at once.
            (None, None) if startup.ready <= now || startup.started <= now && !self.started => now,
            (None, None) => startup.next_after(now),
        };
        life.min(self.rotation.next_after(now)).max(now)
    }

    /// What decides the order of deletion, the largest first: the ReplicaSet controller's `ActivePodsWithRanks`, as far
    /// as pods differ here. `rank` is the number of pods on its node.
    pub(super) fn deletion_order(&self, rank: u32) -> impl Ord + Copy + use<> {
        let progress =
            u8::from(self.startup.is_scheduled()) + u8::from(self.ran) + u8::from(self.ready);
        // Of merged pods those that died were the newest, in the order in which they did.
        let died = (self.is_dead(), std::cmp::Reverse(self.departure));
        let newest = (self.startup.ready, self.ordinal, died);
        (std::cmp::Reverse(progress), rank, newest)
    }

    /// Requests waiting at each pod: the backlog, or what chance makes wait in steady state.
    pub(super) fn waiting(&self, server: &Server) -> f64 {
        if let Some(counted) = self.counted {
            counted.waiting
        } else if self.backlog > 0.0 {
            self.backlog + self.in_vain
        } else {
            server.waiting_at(self.occupancy, self.replicas)
        }
    }

    /// Requests waiting or in service at each pod.
    pub(super) fn inside(&self, server: &Server) -> f64 {
        match self.counted {
            Some(counted) => counted.all,
            None => self.waiting(server) + server.in_service(self.throughput),
        }
    }

    pub(super) fn usage_point(&self, now: SimTime, server: &Server) -> Point {
        Point {
            at: now,
            counter: self.cpu_seconds,
            gauge: server.memory_with(self.inside(server)),
            waiting: 0.0,
        }
    }

    pub(super) fn custom_point(&self, now: SimTime, server: &Server) -> Point {
        Point {
            at: now,
            counter: self.taken_in,
            gauge: self.inside(server),
            waiting: self.waiting(server),
        }
    }

    /// Whether they take requests like others, with no end in sight and no node that could fail.
    pub(super) fn is_plain(&self) -> bool {
        self.routing == Routing::Takes
            && self.rotation.leave == SimTime::MAX
            && self.deletion.is_none()
            && self.node.is_none()
    }

    /// Whether nothing that is still to come can tell the two apart.
    pub(super) fn merges_with(&self, other: &Self) -> bool {
        let idle = |cohort: &Self| cohort.backlog == 0.0;
        self.is_plain()
            && other.is_plain()
            && idle(self)
            && idle(other)
            && self.generation == other.generation
            && self
                .usage
                .agrees_with(self.cpu_seconds, &other.usage, other.cpu_seconds)
            && self.custom_agrees(other)
    }

    fn custom_agrees(&self, other: &Self) -> bool {
        self.custom == Sensor::default() && other.custom == Sensor::default()
            || self
                .custom
                .agrees_with(self.taken_in, &other.custom, other.taken_in)
    }
}
