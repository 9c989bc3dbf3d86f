//! `SyncLog`: every sync of one run, with what the controller saw and what it made of it.

use std::borrow::Cow;

use super::SyncInputs;
use crate::units::SimTime;

/// The syncs of one run, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncLog {
    /// Every sync; empty where nobody asked for them.
    pub syncs: Vec<SyncRecord>,
}

/// One sync of the controller.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncRecord {
    /// When.
    pub at: SimTime,
    /// `status.currentReplicas`: `spec.replicas` of the scale when it was read.
    pub current: i32,
    /// `status.desiredReplicas` after the sync; the count that should have been written where that was refused.
    pub desired: i32,
    /// Replicas in rotation that answered at that time.
    pub ready: u32,
    /// Requests/s at that time, as the trace has it.
    pub arrival_rate: f64,
    /// What was done to the scale.
    pub write: SyncWrite,
    /// What it went by.
    pub inputs: SyncInputs,
    /// The conditions of the status after the sync.
    pub conditions: StatusConditions,
}

/// What a sync did to the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncWrite {
    /// The count stayed.
    NotNeeded,
    /// The desired count was written.
    Written,
    /// The desired count should have been written, and the API server refused.
    Refused,
}

/// The conditions of an autoscaler's status by their reasons, as Kubernetes writes them; `None` where none was set yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusConditions {
    /// `AbleToScale`.
    pub able_to_scale: Option<Cow<'static, str>>,
    /// `ScalingActive`.
    pub scaling_active: Option<Cow<'static, str>>,
    /// `ScalingLimited`.
    pub scaling_limited: Option<Cow<'static, str>>,
}

impl SyncLog {
    /// The index of the last sync at or before a time; `None` before the first.
    #[must_use]
    pub fn last_until(&self, time: SimTime) -> Option<usize> {
        self.syncs
            .partition_point(|sync| sync.at <= time)
            .checked_sub(1)
    }
}
