//! How requests reach backends, one by one: balancing, the path, the queue of a backend, retries.
//!
//! The specs here say what a request meets and hold for both fidelities; the rest plays it. It must not know pods,
//! Kubernetes objects or the HPA: a backend is a number, and whoever owns the backends says which are in rotation.

mod balancer;
mod balancing;
mod clients;
mod in_flight;
mod path;
mod retry;
mod service;
mod shared_processor;
mod worker_pool;

pub use balancer::{Balancer, Choice};
pub use balancing::{Balancing, ClientPopulation, Pinning, Strategy};
pub use in_flight::InFlight;
pub use path::{ConnectionSpec, PathSpec};
pub use retry::RetrySpec;
pub use service::Discipline;
pub use shared_processor::{Departure, DepartureKind, SharedProcessor};
pub use worker_pool::WorkerPool;
