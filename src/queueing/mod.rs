//! Closed forms of queueing theory, each with its reference. Knows nothing of pods or Kubernetes.
//!
//! Times are seconds and rates 1/s, as plain numbers. The engine's entry is [`ServiceModel`], one replica as a queue,
//! with its [`LatencyTable`] and [`LatencyMix`]; the other formulas are what it is checked against.

mod erlang;
mod latency;
mod latency_mix;
mod latency_table;
mod octave_grid;
mod root;
mod service_time;

pub use erlang::{erlang_b, erlang_c, halfin_whitt_margin, least_servers, square_root_staffing};
pub use latency::{ServiceModel, ServiceModelError, ServiceSpec};
pub use latency_mix::LatencyMix;
pub use latency_table::LatencyTable;
