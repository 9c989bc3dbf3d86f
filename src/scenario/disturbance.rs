//! `Disturbance`: what goes wrong, or is done on purpose, beside the trace.

use crate::units::{SimDuration, SimTime};

/// Something that happens to the workload or to its sensors at a given time.
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    /// When, from the beginning of the trace.
    pub at: SimTime,
    /// What.
    pub kind: DisturbanceKind,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// Nodes stop without a word, and their replicas with them. Needs a node pool.
    NodeFailure {
        /// How many.
        nodes: u32,
        /// For how long they are gone; `None` for good.
        lasts: Option<SimDuration>,
    },
    /// All nodes of zones stop. Needs a node pool.
    ZoneLoss {
        /// How many zones.
        zones: u32,
        /// For how long they are gone; `None` for good.
        lasts: Option<SimDuration>,
    },
    /// Replicas stop answering, their nodes do not; they are restarted once they are seen dead.
    ReplicaFailure {
        /// How many.
        replicas: u32,
    },
    /// Every replica is replaced by a new one.
    RollingUpdate {
        /// Replicas that may exist beyond the wanted ones (`maxSurge`).
        max_surge: u32,
        /// Wanted replicas that may be missing (`maxUnavailable`).
        max_unavailable: u32,
    },
    /// Replicas created meanwhile take longer to prepare: a registry or storage under pressure.
    SlowPrepare {
        /// Times the usual.
        factor: f64,
        /// For how long.
        lasts: SimDuration,
    },
    /// The controller gets no metrics.
    MetricOutage {
        /// For how long.
        lasts: SimDuration,
    },
}
