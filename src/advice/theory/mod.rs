//! The control loop in closed form: how late it is, what load it can follow, what must stand by, whether it swings.
//!
//! Pure functions of a few numbers, each with its formula and its source, one thing a file; [`loop_report`] puts the
//! numbers of one autoscaler in, and [`suggest`] turns them into settings to begin a search with. Nothing here plays a
//! trace request by request, and nothing knows how its results are drawn.

mod climb;
mod dead_time;
mod detection;
mod facts;
mod figure;
mod loop_report;
mod meter;
mod minimum;
mod node_loss;
mod quadrature;
mod ramp;
mod reasons;
mod rising_load;
mod saturation;
mod slowest;
mod stale_average;
mod steady_state;
mod suggest;
mod whole;
mod windows;

pub use climb::{Climb, Climbed};
pub use dead_time::{DeadTime, Spread};
pub use detection::{LoadStep, MetricPath};
pub use figure::{Figure, Finding, Given, Part, Reason, Unit};
pub use loop_report::{BackendLoop, LoopReport, loop_report};
pub use meter::{Averaging, Meter};
pub use minimum::{Floor, least_replicas};
pub use node_loss::NodeLoss;
pub use ramp::{RampLimits, required_target};
pub use rising_load::{Rise, RisingLoad};
pub use saturation::{growth_per_loop, loops_by_steps, loops_in_closed_form};
pub(super) use slowest::longest_dead_time;
pub use stale_average::{Mode, StaleAverage, Swing, calm_gain, enough_syncs, greatest_gain, mode};
pub use steady_state::{SteadyState, expected_maximum};
pub use suggest::{Suggestion, suggest};
pub use windows::{Settling, outlasting_window};
