//! Kubernetes YAML and JSON, as written and as meant. Knows nothing of traces and runs nothing.
//!
//! Entry point: [`read`]. An [`Autoscaler`] carries both views: `written` and `document` keep what the file says, with
//! places; `spec` is what the API server would make of it, every default applied. `docs/manifests.md` says what is read.

mod annotation;
mod builder;
mod decode;
mod document;
mod error;
mod gather;
mod hpa_legacy;
mod hpa_v2;
mod json;
mod manifests;
mod merge;
mod name;
mod object;
mod pre_stop;
mod read;
mod resolve;
mod scalar;
mod service;
mod source;
mod target;
mod template;
#[cfg(test)]
mod testing;
mod validate;
mod virtual_machine;
mod workload;
mod yaml;

pub use decode::Written;
pub use document::{Document, Node, Position, Span};
pub use error::{ErrorKind, ManifestError};
pub use hpa_v2::{
    BehaviorAsWritten, HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, PolicyAsWritten,
    ReferenceAsWritten, RulesAsWritten, SourceKind, TargetAsWritten,
};
pub use manifests::Manifests;
pub use object::{Autoscaler, MetricSource, ObjectRef, Origin, Workload};
pub use read::read;
pub use scalar::Scalar;
pub use service::Service;
pub use source::Source;
pub use target::{ScaleTargetRef, TargetKind};
pub use virtual_machine::{DiskFacts, DiskKind, Filling, VmFacts};
pub use workload::{ContainerFacts, PodFacts, Probe, ProbeKind, ResourceFacts};
