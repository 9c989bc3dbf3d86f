//! `PlantSpec`: one replica's size, startup, probe and service.

use crate::stats::Distribution;
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
    /// Mean time that one request occupies a worker when cpu is free, seconds.
    pub service_time: f64,
    /// Squared coefficient of variation of the service time.
    pub service_scv: f64,
    /// Requests served at the same time; `None`: as many as the cpu limit can feed.
    pub concurrency: Option<u32>,
    /// How long a client waits for an answer.
    pub timeout: SimDuration,
    /// Latency of the network path, seconds.
    pub path_latency: f64,
}
