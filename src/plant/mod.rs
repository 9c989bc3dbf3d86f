//! The thing being steered: pods, their startup, their queues, and the sensors that measure them.
//!
//! Entry points: [`Workload`], the scaled set, and [`Server`], the constants of one replica. It must not know the HPA,
//! the trace or the scenario.

mod cohort;
mod connections;
mod flow;
mod fluid;
mod pod;
mod routing;
mod sensor;
mod server;
mod spec;
mod workload;

pub use cohort::Cohort;
pub use flow::{Flow, PathFlow};
pub use pod::{Draws, Startup};
pub use sensor::{Point, Sample, Sensor};
pub use server::Server;
pub use spec::{
    EndpointSpec, HealthSpec, NodePool, PlantSpec, PodSpec, PrepareLimit, PrepareScope, Probe,
    ServingSpec, StartupSpec,
};
pub use workload::{Grouping, Lost, SensorGrids, Workload};
