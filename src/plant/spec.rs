//! `PlantSpec`: one replica's size, startup, probe and service.

use crate::stats::Distribution;
use crate::traffic::{Balancing, Discipline, PathSpec, RetrySpec};
use crate::units::SimDuration;

/// Everything about a replica that does not change during a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantSpec {
    /// Size and idle use.
    pub pod: PodSpec,
    /// How long a new replica takes.
    pub startup: StartupSpec,
    /// How requests are served.
    pub serving: ServingSpec,
    /// The network path to a replica.
    pub path: PathSpec,
    /// How a replica is chosen for a request.
    pub balancing: Balancing,
    /// When traffic follows a change of the ready replicas.
    pub endpoints: EndpointSpec,
    /// When somebody notices that a replica is dead.
    pub health: HealthSpec,
    /// Where replicas run; `None` for a cluster that always has room and never fails.
    pub nodes: Option<NodePool>,
}

/// A replica's resources and shutdown.
#[derive(Clone, Debug, PartialEq)]
pub struct PodSpec {
    /// Requested cpu, cores.
    pub cpu_request: f64,
    /// Most cpu that the replica can use, cores.
    pub cpu_limit: f64,
    /// Cpu used without any request, cores.
    pub cpu_idle: f64,
    /// Cpu used while the application starts, cores.
    pub cpu_starting: f64,
    /// Memory used without any request, bytes.
    pub memory_idle: f64,
    /// Memory of each request in flight, bytes.
    pub memory_per_request: f64,
    /// Time from deletion until the pod is gone, if it has work left.
    pub termination_grace_period: SimDuration,
}

/// Distributions of the three startup phases, and the probe that sees their end.
#[derive(Clone, Debug, PartialEq)]
pub struct StartupSpec {
    /// Image pull, or disk clone.
    pub prepare: Distribution,
    /// Container start, or QEMU and firmware.
    pub start: Distribution,
    /// Application start (in a VM: the guest's boot and the application).
    pub ready: Distribution,
    /// The startup probe, which holds the readiness probe back until it succeeds.
    pub startup_probe: Option<Probe>,
    /// The readiness probe.
    pub probe: Probe,
    /// How many replicas are prepared at the same time: image pulls of a node, clones of a storage. `None`: all.
    pub prepare_at_once: Option<PrepareLimit>,
    /// Replicas kept prepared and started, so that a new one only has to get ready; each is replaced by one that takes
    /// the whole startup.
    pub warm_pool: u32,
}

/// A limit on how many replicas are prepared at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrepareLimit {
    /// So many at once; at least 1.
    pub at_once: u32,
    /// Of what.
    pub scope: PrepareScope,
}

/// What a limit on preparing holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrepareScope {
    /// Each node has its own: image pulls.
    Node,
    /// All nodes share one: a storage that clones disks.
    Storage,
}

/// A probe, as far as its timing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `initialDelaySeconds`.
    pub initial_delay: SimDuration,
    /// `periodSeconds`.
    pub probe_period: SimDuration,
    /// `successThreshold`.
    pub success_threshold: u32,
}

/// How a replica serves requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ServingSpec {
    /// Cpu time of one request, core-seconds.
    pub cpu_per_request: f64,
    /// Time that one request occupies a worker when cpu is free, seconds.
    pub service: Distribution,
    /// In which order.
    pub discipline: Discipline,
    /// Requests served at the same time; `None`: as many as the cpu limit can feed.
    pub concurrency: Option<u32>,
    /// Requests that may wait for a worker at one replica; more are refused. `None`: as many as come.
    pub queue_bound: Option<u32>,
    /// How long a client waits for an answer.
    pub timeout: SimDuration,
    /// What it does then.
    pub retry: RetrySpec,
}

impl ServingSpec {
    /// Mean time that one request occupies a worker when cpu is free, seconds.
    #[must_use]
    pub fn service_time(&self) -> f64 {
        self.service.mean()
    }
}

/// When traffic follows a change of the ready replicas: EndpointSlice, kube-proxy, and the shutdown of a replica.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointSpec {
    /// From ready until the first request can come, seconds.
    pub add_delay: Distribution,
    /// From deletion, or from being seen dead, until the last request comes, seconds.
    pub remove_delay: Distribution,
    /// How long a replica that is being deleted goes on taking requests (a preStop sleep); then it refuses them.
    pub pre_stop: SimDuration,
}

impl EndpointSpec {
    /// Traffic follows at once, and a replica that is being deleted gets none.
    #[must_use]
    pub const fn immediate() -> Self {
        Self {
            add_delay: Distribution::Deterministic { value: 0.0 },
            remove_delay: Distribution::Deterministic { value: 0.0 },
            pre_stop: SimDuration::ZERO,
        }
    }
}

/// When somebody notices that a replica is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthSpec {
    /// From the death of a replica alone until it is seen as not ready: probes that must fail, or reports of a guest
    /// agent that must be missing.
    pub replica_lost_after: SimDuration,
    /// From the death of its node until it is seen as not ready.
    pub node_lost_after: SimDuration,
    /// From a node's being seen lost until its replicas are deleted, and so replaced.
    pub evicted_after: SimDuration,
}

impl HealthSpec {
    /// Three probes 10 s apart, the node lease of 40 s, and the default toleration of 300 s.
    pub const CONTAINER: Self = Self {
        replica_lost_after: SimDuration::from_seconds(30),
        node_lost_after: SimDuration::from_seconds(40),
        evicted_after: SimDuration::from_seconds(300),
    };
}

/// Nodes for the replicas of this workload.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePool {
    /// How many there are when the trace begins; at least 1.
    pub nodes: u32,
    /// How many there can be; more are added when replicas find no room.
    pub most: u32,
    /// Zones that they are spread over evenly; at least 1.
    pub zones: u32,
    /// Replicas of this workload that fit on one; at least 1.
    pub replicas_per_node: u32,
    /// From the first replica without room until a new node takes it, seconds.
    pub provisioning: Distribution,
}

impl NodePool {
    /// More nodes than this are never made, so that memory stays bounded.
    pub const LARGEST: u32 = 10_000;
}
