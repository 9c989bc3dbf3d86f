//! Kubernetes YAML and JSON, as written and as meant. Knows nothing of traces and runs nothing.
//!
//! Entry points: [`read`] for what is to be replayed, [`read_objects`] for what rules look at. An [`Autoscaler`] carries
//! both views: `written` and `document` keep what the file says, with places; `spec` is what the API server would make of
//! it, every default applied. `docs/manifests.md` says what is read.

mod annotation;
#[cfg(test)]
mod api_validation;
mod builder;
mod change;
mod decode;
mod definition;
mod disruption_budget;
mod document;
mod error;
mod field_path;
mod gather;
mod hpa_legacy;
mod hpa_v2;
mod in_force;
mod inventory;
mod json;
mod keda;
mod keda_metrics;
mod keda_triggers;
mod manifests;
mod merge;
mod name;
mod object;
mod objects;
mod packed;
mod pre_stop;
mod quota;
mod read;
mod resolve;
mod scalar;
mod scaled_object;
mod selector;
mod service;
mod source;
mod target;
mod template;
#[cfg(test)]
mod testing;
mod tree;
mod validate;
mod validate_behavior;
mod validate_metric;
mod vertical_autoscaler;
mod virtual_machine;
mod workload;
mod yaml;

pub use change::{AutoscalerChange, SettingChange, autoscaler_changes};
pub use decode::Written;
pub(crate) use decode::edit_distance;
pub use definition::Definition;
pub use disruption_budget::{Amount, DisruptionBudget};
pub use document::{Document, Node, Position, Span};
pub use error::{Concern, ErrorKind, ManifestError};
pub use field_path::FieldPath;
pub use hpa_v2::{
    BehaviorAsWritten, HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, PolicyAsWritten,
    ReferenceAsWritten, RulesAsWritten, SourceKind, TargetAsWritten,
};
pub use in_force::Role;
pub use keda::KedaFacts;
pub use keda_metrics::KedaMetric;
pub use manifests::Manifests;
pub use object::{Autoscaler, MetricSource, ObjectRef, Origin, Workload};
pub use objects::{Form, Hpa, Object, Objects};
pub use quota::{LimitRange, LimitRangeItem, ResourceQuota};
pub use read::{ObjectReader, read, read_objects};
pub use scalar::Scalar;
pub use scaled_object::{Fallback, ScaledObject, ScalingModifiers, Trigger};
pub use selector::{LabelSelector, Requirement};
pub use service::Service;
pub use source::{Source, SourceForm};
pub use target::{ScaleTargetRef, TargetKind, has_no_scale};
pub use vertical_autoscaler::{VerticalAutoscaler, VerticalPolicy};
pub use virtual_machine::{DiskFacts, DiskKind, Filling, VmFacts};
pub use workload::{ContainerFacts, PodFacts, Probe, ProbeKind, ResourceFacts};
