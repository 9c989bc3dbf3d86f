//! Everything a run depends on, in one value.
//!
//! Entry point: [`assemble`] makes a [`Scenario`] from manifests, a trace and settings, and lists every assumption with
//! where it came from. It plays nothing.

mod activation;
mod assemble;
mod assumption;
mod backend;
mod backend_settings;
mod backends;
mod balancing;
mod between;
mod cautions;
mod choose;
mod control_loop;
mod controller;
mod demand;
mod describe;
mod disturbance;
mod disturbance_text;
mod error;
mod example_file;
mod feasibility;
mod fidelity;
mod health;
mod metric_source;
mod metrics;
mod nodes;
mod optimization;
mod optimize;
mod path;
mod range;
mod replica;
mod service;
mod service_samples;
mod settings;
mod settings_file;
mod show;
mod slo;
mod span;
mod spec;
mod steering;
mod strategies;
mod values;
mod words;

pub use crate::hpa::FOLLOWED_VERSION;
pub use activation::Activation;
pub use assemble::{Inputs, assemble};
pub use assumption::{Assumption, Assumptions, Origin};
pub use backend::{Backend, BackendKind};
pub use backend_settings::{BackendSettings, Resemblance};
pub use control_loop::{ControlLoop, LoopInputs, control_loop};
pub use disturbance::{Disturbance, DisturbanceKind, IntOrPercent};
pub use error::ScenarioError;
pub use example_file::example_file;
pub use feasibility::MANY_REPLICAS;
pub use fidelity::Fidelity;
pub use metric_source::MetricSource;
pub use optimization::{Change, Effect, Optimization, Parameter};
pub use service_samples::ServiceSamples;
pub use settings::Settings;
pub use slo::Slo;
pub use span::Span;
pub use spec::{MetricsIntervals, Scenario, Target};
pub use steering::{
    PolicyChoice, PolicyUnit, Steering, SteeringMetric, SteeringPolicies, SteeringPolicy,
    SteeringRules,
};
pub use values::{Amount, MetricMapping, RetryBudget, SessionAffinity};
