//! The Horizontal Pod Autoscaler of Kubernetes, as a pure function of one sync.
//!
//! Entry point: `reconcile(&ControllerConfig, &HpaSpec, &mut HpaState, &Observation) -> Decision`. No I/O, no clock,
//! no randomness. This floor must not know the plant, the trace or the manifest.

mod config;
mod observation;
mod spec;

pub use config::ControllerConfig;
pub use observation::{
    ConditionStatus, MetricFailure, MetricReading, Observation, PodGroup, PodPhase, PodSample,
    ReadyCondition, ScaleReading, ScaleUpdate, Selection,
};
pub use spec::{
    Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, Resource, ScalingPolicy, ScalingRules,
    SelectPolicy,
};
