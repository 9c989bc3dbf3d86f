//! Spans worth naming: a demand that outran capacity, a minute below the objective, a burst of scale-ups.

use crate::units::{SimDuration, SimTime};

/// What kept capacity from following the demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// The metrics had not yet shown the demand: pipeline delay, averaging, or usage clipped at the cpu limit.
    Metrics,
    /// The usage ratio was within the tolerance.
    Tolerance,
    /// A stabilization window held the count.
    Stabilization,
    /// A scaling policy (or the legacy doubling limit, or a disabled direction) capped the step.
    Policy,
    /// `maxReplicas` was reached.
    MaxReplicas,
    /// Replicas that were asked for found no room on nodes.
    Nodes,
    /// Enough replicas were asked for; they were not ready yet.
    Startup,
}

impl Bound {
    /// Every bound, in the order in which a scale-up meets them.
    pub const ALL: [Self; 7] = [
        Self::Metrics,
        Self::Tolerance,
        Self::Stabilization,
        Self::Policy,
        Self::MaxReplicas,
        Self::Nodes,
        Self::Startup,
    ];

    /// The bound's name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Tolerance => "tolerance",
            Self::Stabilization => "stabilization",
            Self::Policy => "policy",
            Self::MaxReplicas => "maxReplicas",
            Self::Nodes => "nodes",
            Self::Startup => "startup",
        }
    }
}

/// How a lag episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpisodeEnd {
    /// Ready replicas caught up with the demand.
    CapacityArrived,
    /// The demand fell back to the ready replicas.
    DemandFell,
    /// The trace ended first: the episode's length is a lower bound.
    Censored,
}

/// From the first moment demand exceeds ready replicas to the first moment it no longer does.
///
/// The five stages add up to `end - begin`. Where a stage was already over when the episode began it is zero; where
/// the demand fell first, the stage under way takes the rest and later ones are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LagEpisode {
    /// First moment with demand > ready.
    pub begin: SimTime,
    /// First moment after it with ready >= demand, or the end of the trace.
    pub end: SimTime,
    /// How it ended.
    pub ending: EpisodeEnd,
    /// Until a sync whose metrics were out of the tolerance band.
    pub detect: SimDuration,
    /// From there until the write that covers the demand.
    pub decide: SimDuration,
    /// Preparation (room on a node, image, disk) of the last pod that was needed.
    pub prepare: SimDuration,
    /// Its start (container, or QEMU and firmware).
    pub start: SimDuration,
    /// Its application's start, the probe's confirmation, and the delay until requests come.
    pub ready: SimDuration,
    /// Ready replicas when it began.
    pub ready_at_begin: u32,
    /// The highest demand during it, replicas.
    pub peak_demand: u32,
    /// What bound it for the longest part of it.
    pub bound: Bound,
}

impl LagEpisode {
    /// The scale lag: how long demand exceeded ready replicas.
    #[must_use]
    pub fn lag(&self) -> SimDuration {
        self.end - self.begin
    }
}

/// Consecutive one-minute slices whose share of good requests is below the objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Violation {
    /// The first slice's beginning.
    pub begin: SimTime,
    /// The last slice's end.
    pub end: SimTime,
    /// Requests that arrived in it.
    pub requests: f64,
    /// Those that were late, refused, timed out or failed.
    pub bad_requests: f64,
    /// The longest wait for a server in it.
    pub worst_wait: SimDuration,
}

/// One write to the scale subresource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescale {
    /// When.
    pub at: SimTime,
    /// Replicas before.
    pub from: u32,
    /// Replicas written.
    pub to: u32,
}

/// Scale-ups that follow one another closely: one movement of the controller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleUpBurst {
    /// The first write.
    pub begin: SimTime,
    /// The last write.
    pub end: SimTime,
    /// Replicas before the first write.
    pub from: u32,
    /// Replicas after the last write.
    pub to: u32,
    /// Replicas that the highest arrival rate of the burst needs at the metric target.
    pub needed_at_target: u32,
}
