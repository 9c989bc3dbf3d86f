//! Closed forms of queueing theory, each with its reference. Knows nothing of pods or Kubernetes.
//!
//! Times are seconds and rates 1/s, as plain numbers. The engine's entry is [`ServiceModel`], one replica as a queue,
//! with its [`LatencyTable`] and [`LatencyMix`]; the other formulas are what it is checked against.

mod birth_death;
mod bounded_line;
mod dealt_in_turn;
mod erlang;
mod erlang_a;
mod fluid;
mod ggc;
mod infinite_server;
mod latency;
mod latency_mix;
mod latency_table;
mod least_connections;
mod mdc;
mod mmc;
mod mmck;
mod octave_grid;
mod power_of_choices;
mod ps;
mod replica_grid;
mod root;
mod round_robin;
mod service_time;
mod split_wait;
mod splitting;
mod transient;
mod two_choices;
mod wait_figures;

pub use bounded_line::{BoundedFigures, BoundedLine};
pub use erlang::{erlang_b, erlang_c, halfin_whitt_margin, least_servers, square_root_staffing};
pub use erlang_a::{ImpatientFigures, ImpatientQueue};
pub use fluid::StepOverload;
pub use ggc::{Ggc, pollaczek_khinchine_wait};
pub use infinite_server::{RampLoad, SinusoidalLoad};
pub use latency::{Link, ServiceModel, ServiceModelError, ServiceSpec};
pub use latency_mix::LatencyMix;
pub use latency_table::{LateRequests, LatencyTable};
pub use mdc::Mdc;
pub use mmc::Mmc;
pub use mmck::{FiniteRoom, Places, finite_room};
pub use power_of_choices::power_of_choices_latency;
pub use ps::processor_sharing_latency;
pub use round_robin::RoundRobin;
pub use splitting::{Splitting, SplittingRule};
pub use transient::{Stretch, TransientQueue};
