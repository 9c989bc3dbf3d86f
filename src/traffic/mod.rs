//! How requests reach backends, one by one: balancing, the path, the queue of a backend, retries.
//!
//! The specs here say what a request meets and hold for both fidelities; the rest plays it. It must not know pods,
//! Kubernetes objects or the HPA: a backend is a number, and whoever owns the backends says which are in rotation.

mod answers;
mod attempts;
mod backend;
mod balancer;
mod balancing;
mod books;
mod clients;
mod connections;
mod draws;
mod fifo_server;
mod in_flight;
mod latency_histogram;
mod link;
mod loads;
mod lone_workers;
mod offered;
mod path;
mod player;
mod player_spec;
mod retries;
mod retry;
mod service;
mod shared_processor;
mod shared_server;
mod soonest;
mod tally;
mod worker_pool;

pub use balancer::{Balancer, Choice};
pub use balancing::{Balancing, ClientPopulation, Pinning, Strategy};
pub use in_flight::InFlight;
pub use latency_histogram::LatencyHistogram;
pub use lone_workers::LoneWorkers;
pub use offered::Offered;
pub use path::{ConnectionSpec, PathSpec};
pub use player::RequestPlayer;
pub use player_spec::{BackendUsage, Death, PlayerSpec, SliceShares};
pub use retry::RetrySpec;
pub use service::Discipline;
pub use tally::{PathTally, Tally};
pub use worker_pool::WorkerPool;
