//! The Horizontal Pod Autoscaler of Kubernetes, as a pure function of one sync.
//!
//! Entry point: `reconcile(&ControllerConfig, &HpaSpec, &mut HpaState, &Observation) -> Decision`. No I/O, no clock,
//! no randomness. This floor must not know the plant, the trace or the manifest.

mod condition;
mod config;
mod course;
mod decision;
mod observation;
mod pod_groups;
mod pod_request;
mod pod_usage;
mod reconcile;
mod replica_calculator;
mod scaling_policy;
mod spec;
mod stabilization;
mod state;

pub use condition::{AbleToScale, Conditions, ScaledToZero, ScalingActive, ScalingLimited};
pub use config::{ControllerConfig, FOLLOWED_VERSION};
pub use course::{Course, CourseStep, course};
pub use decision::{
    Basis, Bound, Decision, Evaluation, Event, EventReason, MetricError, Proposal, Reason,
    ScaleWrite, Usage,
};
pub use observation::{
    ConditionStatus, MetricFailure, MetricReading, Observation, PodGroup, PodPhase, PodSample,
    ReadyCondition, ScaleReading, ScaleUpdate, Selection,
};
pub use pod_request::{ContainerShape, InitContainerKind, InitContainerShape, PodShape};
pub use pod_usage::{ContainerUsage, PodUsage};
pub use reconcile::reconcile;
pub use spec::{
    Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, Resource, ScalingPolicy, ScalingRules,
    SelectPolicy,
};
pub use state::{HpaState, Recommendation, ScaleEvent};
