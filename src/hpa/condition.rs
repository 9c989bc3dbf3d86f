//! The status conditions of an autoscaler, each with its closed set of reasons.

use super::observation::ConditionStatus;

/// The conditions of an autoscaler's status; `None` until a sync has set one. They persist between syncs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `AbleToScale`: can the scale be read and written, and does anything hold it back.
    pub able_to_scale: Option<AbleToScale>,
    /// `ScalingActive`: is a desired count being computed.
    pub scaling_active: Option<ScalingActive>,
    /// `ScalingLimited`: did a limit change the count.
    pub scaling_limited: Option<ScalingLimited>,
    /// `ScaledToZero`: was it this controller that scaled to zero.
    pub scaled_to_zero: Option<ScaledToZero>,
}

impl Conditions {
    /// Every condition that is set: type, status and reason as Kubernetes writes them, ordered by type.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, ConditionStatus, &'static str)> {
        [
            self.able_to_scale
                .map(|reason| ("AbleToScale", reason.status(), reason.as_str())),
            self.scaled_to_zero
                .map(|reason| ("ScaledToZero", reason.status(), reason.as_str())),
            self.scaling_active
                .map(|reason| ("ScalingActive", reason.status(), reason.as_str())),
            self.scaling_limited
                .map(|reason| ("ScalingLimited", reason.status(), reason.as_str())),
        ]
        .into_iter()
        .flatten()
    }
}

/// Why `AbleToScale` is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbleToScale {
    /// The scale was read, and the sync went no further.
    SucceededGetScale,
    /// The scale could not be read.
    FailedGetScale,
    /// No earlier recommendation changed the count.
    ReadyForNewScale,
    /// Lower recommendations of the scale-up window held the count down.
    ScaleUpStabilized,
    /// Higher recommendations of the scale-down window held the count up.
    ScaleDownStabilized,
    /// The scale was written.
    SucceededRescale,
    /// The scale could not be written.
    FailedUpdateScale,
}

impl AbleToScale {
    /// The condition's status.
    #[must_use]
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::FailedGetScale | Self::FailedUpdateScale => ConditionStatus::False,
            _ => ConditionStatus::True,
        }
    }

    /// The reason as Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SucceededGetScale => "SucceededGetScale",
            Self::FailedGetScale => "FailedGetScale",
            Self::ReadyForNewScale => "ReadyForNewScale",
            Self::ScaleUpStabilized => "ScaleUpStabilized",
            Self::ScaleDownStabilized => "ScaleDownStabilized",
            Self::SucceededRescale => "SucceededRescale",
            Self::FailedUpdateScale => "FailedUpdateScale",
        }
    }
}

/// Why `ScalingActive` is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingActive {
    /// A count was computed.
    ValidMetricFound,
    /// The scale names no selector, or one that does not parse.
    InvalidSelector,
    /// The scale stands at zero, and not because this controller put it there.
    ScalingDisabled,
    /// A Resource metric could not be used.
    FailedGetResourceMetric,
    /// A ContainerResource metric could not be used.
    FailedGetContainerResourceMetric,
    /// A Pods metric could not be used.
    FailedGetPodsMetric,
    /// An Object metric could not be used.
    FailedGetObjectMetric,
    /// An External metric could not be used.
    FailedGetExternalMetric,
}

impl ScalingActive {
    /// The condition's status.
    #[must_use]
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::ValidMetricFound => ConditionStatus::True,
            _ => ConditionStatus::False,
        }
    }

    /// The reason as Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidMetricFound => "ValidMetricFound",
            Self::InvalidSelector => "InvalidSelector",
            Self::ScalingDisabled => "ScalingDisabled",
            Self::FailedGetResourceMetric => "FailedGetResourceMetric",
            Self::FailedGetContainerResourceMetric => "FailedGetContainerResourceMetric",
            Self::FailedGetPodsMetric => "FailedGetPodsMetric",
            Self::FailedGetObjectMetric => "FailedGetObjectMetric",
            Self::FailedGetExternalMetric => "FailedGetExternalMetric",
        }
    }
}

/// Why `ScalingLimited` is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingLimited {
    /// No limit changed the count.
    DesiredWithinRange,
    /// The scaling policies (or the fixed limit without `behavior`) allow no faster growth.
    ScaleUpLimit,
    /// The scaling policies allow no faster shrinking.
    ScaleDownLimit,
    /// `maxReplicas` is lower.
    TooManyReplicas,
    /// `minReplicas` is higher.
    TooFewReplicas,
}

impl ScalingLimited {
    /// The condition's status.
    #[must_use]
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::DesiredWithinRange => ConditionStatus::False,
            _ => ConditionStatus::True,
        }
    }

    /// The reason as Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DesiredWithinRange => "DesiredWithinRange",
            Self::ScaleUpLimit => "ScaleUpLimit",
            Self::ScaleDownLimit => "ScaleDownLimit",
            Self::TooManyReplicas => "TooManyReplicas",
            Self::TooFewReplicas => "TooFewReplicas",
        }
    }
}

/// Why `ScaledToZero` is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaledToZero {
    /// The last write of this controller took the scale to zero.
    ScaledToZero,
    /// The last write of this controller did not.
    NotScaledToZero,
}

impl ScaledToZero {
    /// The condition's status.
    #[must_use]
    pub const fn status(self) -> ConditionStatus {
        match self {
            Self::ScaledToZero => ConditionStatus::True,
            Self::NotScaledToZero => ConditionStatus::False,
        }
    }

    /// The reason as Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScaledToZero => "ScaledToZero",
            Self::NotScaledToZero => "NotScaledToZero",
        }
    }
}
