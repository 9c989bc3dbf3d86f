//! Everything a run depends on, in one value.
//!
//! It plays nothing.

mod assumption;
mod backend;
mod describe;
mod error;
mod metric_source;
mod slo;
mod span;
mod spec;

pub use assumption::{Assumption, Assumptions, Origin};
pub use backend::{Backend, BackendKind};
pub use error::ScenarioError;
pub use metric_source::MetricSource;
pub use slo::Slo;
pub use span::Span;
pub use spec::{MetricsIntervals, Scenario, Target};
