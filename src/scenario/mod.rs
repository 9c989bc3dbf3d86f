//! Everything a run depends on, in one value.
//!
//! Entry point: [`assemble`] makes a [`Scenario`] from manifests, a trace and settings, and lists every assumption with
//! where it came from. It plays nothing.

mod assemble;
mod assumption;
mod backend;
mod choose;
mod controller;
mod demand;
mod describe;
mod disturbance;
mod error;
mod feasibility;
mod fidelity;
mod metric_source;
mod metrics;
mod range;
mod replica;
mod settings;
mod settings_file;
mod slo;
mod span;
mod spec;
mod variants;

pub use crate::hpa::FOLLOWED_VERSION;
pub use assemble::{Inputs, assemble};
pub use assumption::{Assumption, Assumptions, Origin};
pub use backend::{Backend, BackendKind};
pub use disturbance::{Disturbance, DisturbanceKind};
pub use error::ScenarioError;
pub use fidelity::Fidelity;
pub use metric_source::MetricSource;
pub use settings::{Amount, BackendSettings, MetricMapping, Resemblance, Settings, example_file};
pub use slo::Slo;
pub use span::Span;
pub use spec::{MetricsIntervals, Scenario, Target};
