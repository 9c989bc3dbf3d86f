//! Live sources: a workload asked of Prometheus, and an autoscaler with its workload asked of a cluster.
//!
//! Each fetches what a file would hold and hands over its bytes; the readers of files do the rest.

mod answer;
mod client;
mod credentials;
mod kubectl;
mod live_args;
mod prometheus;
mod time_range;

pub(super) use kubectl::manifests;
pub(super) use live_args::{ClusterArgs, PrometheusArgs};
pub(super) use prometheus::{Fetched, fetch};
