//! `Cohort`: pods that are alike in everything the plant and its sensors know.

use super::pod::Startup;
use super::sensor::{Point, Sensor};
use super::server::Server;
use crate::units::SimTime;

/// Pods that are alike: one by one while they start, merged once nothing tells them apart any more.
#[derive(Clone, Debug)]
pub struct Cohort {
    pub(super) count: u32,
    /// The ordinal of its youngest pod.
    pub(super) ordinal: u64,
    pub(super) startup: Startup,
    pub(super) ready: bool,
    /// When a pod that is being deleted is gone.
    pub(super) gone: Option<SimTime>,
    /// Requests waiting at each pod.
    pub(super) backlog: f64,
    /// Requests/s that each pod serves now.
    pub(super) throughput: f64,
    /// Pods in rotation, this one with them, when it last served.
    pub(super) replicas: u32,
    /// Occupancy of its steady state now; 0 while there is a backlog.
    pub(super) occupancy: f64,
    /// Core-seconds that each pod has used.
    pub(super) cpu_seconds: f64,
    /// Whether its container runs, or QEMU has handed over to the guest.
    pub(super) started: bool,
    /// Requests that each pod has taken in.
    pub(super) taken_in: f64,
    pub(super) usage: Sensor,
    pub(super) custom: Sensor,
}

impl Cohort {
    pub(super) fn starting(count: u32, ordinal: u64, startup: Startup) -> Self {
        Self {
            count,
            ordinal,
            startup,
            started: false,
            ready: false,
            gone: None,
            backlog: 0.0,
            throughput: 0.0,
            replicas: 1,
            occupancy: 0.0,
            cpu_seconds: 0.0,
            taken_in: 0.0,
            usage: Sensor::default(),
            custom: Sensor::default(),
        }
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

    /// Whether their containers run.
    #[must_use]
    pub const fn has_started(&self) -> bool {
        self.started
    }

    /// Whether a probe has found them ready.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether they are being deleted.
    #[must_use]
    pub const fn is_leaving(&self) -> bool {
        self.gone.is_some()
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

    pub(super) fn serves(&self) -> bool {
        self.ready && self.gone.is_none()
    }

    /// Requests waiting at each pod: the backlog, or what chance makes wait in steady state.
    pub(super) fn waiting(&self, server: &Server) -> f64 {
        if self.backlog > 0.0 {
            self.backlog
        } else {
            server.waiting_at(self.occupancy, self.replicas)
        }
    }

    /// Requests waiting or in service at each pod.
    pub(super) fn inside(&self, server: &Server) -> f64 {
        self.waiting(server) + server.in_service(self.throughput)
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

    /// Whether nothing that is still to come can tell the two apart.
    pub(super) fn merges_with(&self, other: &Self) -> bool {
        let idle = |cohort: &Self| cohort.backlog == 0.0;
        self.serves()
            && other.serves()
            && idle(self)
            && idle(other)
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
