//! What the controller sees at one sync: the scale, the pods, the metrics, and the time.

use crate::units::{SimDuration, SimTime};

/// Everything that one sync reads.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The time of the sync.
    pub now: SimTime,
    /// The scale subresource, as read.
    pub scale: ScaleReading,
    /// What the scale's selector turned out to be.
    pub selection: Selection,
    /// The selected pods, one by one or in groups of identical pods: both forms give the same decision.
    pub pods: &'a [PodGroup],
    /// One reading for each of `HpaSpec::metrics`, in order.
    pub metrics: &'a [MetricReading<'a>],
    /// Whether the API server will take a write to the scale.
    pub update: ScaleUpdate,
}

/// The answer to the GET of the scale subresource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleReading {
    /// It was read.
    Found {
        /// `.spec.replicas`.
        spec_replicas: i32,
        /// `.status.replicas`.
        status_replicas: i32,
    },
    /// The GET failed.
    Failed,
}

/// What the label selector of the scale turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// It parses; `Observation::pods` are the pods that it selects, possibly none.
    Valid,
    /// It is empty.
    Missing,
    /// It does not parse.
    Unparsable,
}

/// Whether the API server takes a write to the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleUpdate {
    /// The write goes through.
    Accepted,
    /// The write fails.
    Refused,
}

/// Pods that are alike in everything that the controller looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodGroup {
    /// How many pods.
    pub count: u32,
    /// `status.phase`.
    pub phase: PodPhase,
    /// The Ready condition, if there is one.
    pub ready: Option<ReadyCondition>,
    /// `status.startTime`, if set.
    pub start_time: Option<SimTime>,
    /// Whether `metadata.deletionTimestamp` is set.
    pub being_deleted: bool,
}

/// `status.phase` of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodPhase {
    /// Not all containers have started.
    Pending,
    /// At least one container runs.
    Running,
    /// All containers ended well.
    Succeeded,
    /// A container ended badly.
    Failed,
    /// The node does not answer.
    Unknown,
}

/// The Ready condition of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyCondition {
    /// Its status.
    pub status: ConditionStatus,
    /// When the status last changed.
    pub last_transition: SimTime,
}

/// The status of a Kubernetes condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Nobody knows.
    Unknown,
}

/// What a metrics API answered for one metric of the spec.
#[derive(Clone, Copy, Debug)]
pub enum MetricReading<'a> {
    /// For Resource and ContainerResource.
    PodResource {
        /// One entry for each of `Observation::pods`: the sample of *each* pod of that group, `None` without one.
        samples: Result<&'a [Option<PodSample>], MetricFailure>,
        /// Samples of pods that are not selected (any more): they count in places.
        strays: &'a [PodSample],
        /// One entry for each of `Observation::pods`: the request of each pod (or of the named container), in
        /// thousandths; `None` where a container states none, which fails the metric.
        requests: &'a [Option<i64>],
    },
    /// For Pods.
    PodCustom {
        /// As for `PodResource`.
        samples: Result<&'a [Option<PodSample>], MetricFailure>,
        /// As for `PodResource`.
        strays: &'a [PodSample],
    },
    /// For Object: the value in thousandths.
    Object(Result<i64, MetricFailure>),
    /// For External: the values of all series in thousandths.
    External(Result<&'a [i64], MetricFailure>),
}

/// A metric's sample of one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSample {
    /// When it was taken (the end of its window).
    pub timestamp: SimTime,
    /// The span it averages over.
    pub window: SimDuration,
    /// Thousandths of the metric's unit.
    pub value: i64,
}

/// A metrics API gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricFailure {
    /// The API answered with an error.
    ApiError,
    /// The API answered, with no series or no pods.
    Empty,
    /// A pod's metrics lack the named container.
    ContainerMissing,
}
