//! `Decision`: desired replicas, each metric's proposal, and the reason that bound it.

use thiserror::Error;

use super::condition::Conditions;
use super::observation::MetricFailure;
use crate::units::SimTime;

/// What one sync came to. Small and free to copy; what it says of each metric is in `HpaState::evaluations`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The time of the sync.
    pub now: SimTime,
    /// `status.currentReplicas` after the sync.
    pub current_replicas: i32,
    /// `status.desiredReplicas` after the sync.
    pub desired_replicas: i32,
    /// The highest proposal of the metrics before any limit, as stored for stabilization; `None` if none was stored.
    pub recommendation: Option<i32>,
    /// The recommendation after the stabilization windows, before policies and bounds.
    pub stabilized: Option<i32>,
    /// What was done to the scale.
    pub write: ScaleWrite,
    /// What the sync came to, in a word.
    pub reason: Reason,
    /// What kept the count from being the metrics' own.
    pub bound: Bound,
    /// How many metrics could not be used.
    pub failed_metrics: usize,
    /// The conditions after the sync.
    pub conditions: Conditions,
    /// `status.lastScaleTime` after the sync.
    pub last_scale_time: Option<SimTime>,
}

impl Decision {
    /// The replica count written to the scale, if one was.
    #[must_use]
    pub const fn written(&self) -> Option<i32> {
        match self.write {
            ScaleWrite::Written(replicas) => Some(replicas),
            ScaleWrite::NotNeeded | ScaleWrite::Refused(_) => None,
        }
    }

    /// Whether the controller would log this sync as failed, in whole or in part.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.failed_metrics > 0
            || matches!(self.write, ScaleWrite::Refused(_))
            || matches!(
                self.reason,
                Reason::ScaleUnreadable | Reason::SelectorMissing | Reason::SelectorUnparsable
            )
    }
}

/// What a sync did to the scale subresource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleWrite {
    /// The count stays.
    NotNeeded,
    /// This `.spec.replicas` was written.
    Written(i32),
    /// This `.spec.replicas` should have been written, and the API server refused.
    Refused(i32),
}

/// What a sync came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The scale could not be read.
    ScaleUnreadable,
    /// The scale names no selector.
    SelectorMissing,
    /// The scale's selector does not parse.
    SelectorUnparsable,
    /// The scale stands at zero, and not because this controller put it there.
    ScalingDisabled,
    /// The count stood above `maxReplicas`: corrected at once, without looking at metrics.
    AboveMaximum,
    /// The count stood below `minReplicas`: corrected at once, without looking at metrics.
    BelowMinimum,
    /// No metric could be used, or the usable ones asked for fewer pods while another failed.
    MetricsFailed {
        /// Index into `HpaSpec::metrics` of the first that failed.
        first: usize,
    },
    /// A metric asks for more pods.
    MetricAboveTarget {
        /// Index into `HpaSpec::metrics` of the one that asks for the most.
        metric: usize,
    },
    /// Every metric asks for fewer pods.
    AllMetricsBelowTarget,
    /// The metrics ask for what there is.
    OnTarget,
}

impl Reason {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScaleUnreadable => "scale could not be read",
            Self::SelectorMissing => "scale has no selector",
            Self::SelectorUnparsable => "scale's selector does not parse",
            Self::ScalingDisabled => "scaling disabled at zero replicas",
            Self::AboveMaximum => "replicas above maxReplicas",
            Self::BelowMinimum => "replicas below minReplicas",
            Self::MetricsFailed { .. } => "metrics failed",
            Self::MetricAboveTarget { .. } => "metric above target",
            Self::AllMetricsBelowTarget => "all metrics below target",
            Self::OnTarget => "on target",
        }
    }
}

/// What kept a count from being the metrics' own: the last stage that changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing did.
    Nothing,
    /// The metric that asks for the most is within the tolerance.
    Tolerance,
    /// The recommendations of a stabilization window.
    Stabilization,
    /// The scaling policies of `behavior`.
    ScalingPolicy,
    /// The limit of max(2 n, 4) pods that holds where `behavior` is absent.
    FixedScaleUpLimit,
    /// `maxReplicas`.
    MaxReplicas,
    /// `minReplicas`.
    MinReplicas,
}

impl Bound {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Tolerance => "tolerance",
            Self::Stabilization => "stabilization window",
            Self::ScalingPolicy => "scaling policy",
            Self::FixedScaleUpLimit => "fixed scale-up limit",
            Self::MaxReplicas => "maxReplicas",
            Self::MinReplicas => "minReplicas",
        }
    }
}

/// What a sync made of one metric: its proposal, or why there is none.
pub type Evaluation = Result<Proposal, MetricError>;

/// One metric's replica count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// How many pods it asks for.
    pub replicas: i32,
    /// What was measured, as shown in `status.currentMetrics`.
    pub usage: Usage,
    /// What was measured over what is wanted, before any pod without a usable sample was filled in.
    pub usage_ratio: f64,
    /// The usage ratio once pods without a usable sample were filled in; as `usage_ratio` where none was.
    pub filled_ratio: f64,
    /// The pods that the ratio is multiplied by, or would be.
    pub pods: i64,
    /// Where the count comes from.
    pub basis: Basis,
}

/// A measured value, as shown in `status.currentMetrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// `averageUtilization` and `averageValue`.
    Utilization {
        /// Usage over request, whole percent, truncated.
        percent: i32,
        /// Mean over pods, thousandths.
        average: i64,
    },
    /// `averageValue`, thousandths.
    AverageValue(i64),
    /// `value`, thousandths.
    Value(i64),
}

/// Where a proposal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The usage ratio is within the tolerance: the count stays.
    WithinTolerance,
    /// The usage ratio times the ready pods.
    ReadyPods,
    /// The usage ratio after filling in pods without a usable sample, times the pods counted.
    FilledIn,
    /// Filling in turned the direction around: the count stays.
    DirectionKept,
    /// The whole value over the wanted value for one pod.
    PerPod,
    /// The usage ratio alone, since there is no pod.
    FromZero,
}

/// Why a metric has no proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MetricError {
    /// The metrics API gave no usable answer.
    #[error("the metrics API gave no usable answer")]
    Unavailable(MetricFailure),
    /// The selector selects no pod.
    #[error("no pods returned by selector")]
    NoPods,
    /// No sample is left once those of unready and ignored pods are set aside.
    #[error("did not receive metrics for targeted pods (pods might be unready)")]
    NoUsableSamples,
    /// A container of a selected pod states no request for the resource.
    #[error("missing request")]
    MissingRequest,
    /// The pods with samples request nothing.
    #[error("no metrics returned matched known pods")]
    NoRequests,
    /// This kind of metric has no such target.
    #[error("the target does not fit the metric source")]
    InvalidTarget,
    /// The observation holds no reading of this metric's kind, or one for another number of pod groups.
    #[error("the observation lacks a reading for the metric")]
    NoReading,
}

/// An event that the controller records on the autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its reason, which fixes its type.
    pub reason: EventReason,
    /// Index into `HpaSpec::metrics`, where it is about one.
    pub metric: Option<usize>,
}

/// The reason of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventReason {
    /// The scale was written.
    SuccessfulRescale,
    /// The scale could not be written.
    FailedRescale,
    /// The scale could not be read.
    FailedGetScale,
    /// The scale names no selector.
    SelectorRequired,
    /// The scale's selector does not parse.
    InvalidSelector,
    /// No count could be computed.
    FailedComputeMetricsReplicas,
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

impl EventReason {
    /// The event's type: `Normal` or `Warning`.
    #[must_use]
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::SuccessfulRescale => "Normal",
            _ => "Warning",
        }
    }

    /// The reason as Kubernetes writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuccessfulRescale => "SuccessfulRescale",
            Self::FailedRescale => "FailedRescale",
            Self::FailedGetScale => "FailedGetScale",
            Self::SelectorRequired => "SelectorRequired",
            Self::InvalidSelector => "InvalidSelector",
            Self::FailedComputeMetricsReplicas => "FailedComputeMetricsReplicas",
            Self::FailedGetResourceMetric => "FailedGetResourceMetric",
            Self::FailedGetContainerResourceMetric => "FailedGetContainerResourceMetric",
            Self::FailedGetPodsMetric => "FailedGetPodsMetric",
            Self::FailedGetObjectMetric => "FailedGetObjectMetric",
            Self::FailedGetExternalMetric => "FailedGetExternalMetric",
        }
    }
}
