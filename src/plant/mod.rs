//! The thing being steered: pods, their startup, their queues, and the sensors that measure them.
//!
//! Entry points: [`Workload`], the scaled set, and [`Server`], the constants of one replica. It must not know the HPA,
//! the trace or the scenario.

mod cohort;
mod connections;
mod disturb;
mod flow;
mod fluid;
mod mover;
mod node_pool;
mod one_by_one;
mod pace;
mod placement;
mod pod;
mod replicas;
mod rotation;
mod sensor;
mod server;
mod spec;
mod splitting;
mod workload;

pub use cohort::Cohort;
pub use flow::{Flow, PathFlow};
pub use mover::Latencies;
pub use one_by_one::Unevenness;
pub use pod::{Draws, Startup};
pub use rotation::Routing;
pub use sensor::{Point, Sample, Sensor};
pub use server::Server;
pub use spec::{
    EndpointSpec, HealthSpec, NodePool, PlantSpec, PodSpec, PrepareLimit, PrepareScope, Probe,
    ServingSpec, StartupSpec,
};
pub use workload::{Grouping, Lost, SensorGrids, Workload};
