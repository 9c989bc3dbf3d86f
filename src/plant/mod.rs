//! The thing being steered: pods, their startup, their queues, and the sensors that measure them.
//!
//! It must not know the HPA, the trace or the scenario.

mod spec;

pub use spec::{PlantSpec, PodSpec, Probe, ServingSpec, StartupSpec};
