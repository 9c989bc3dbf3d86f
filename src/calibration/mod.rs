//! Measurements of a running system to settings: each a value with its source and the interval that it is known to.
//!
//! [`read_startups`] and [`startup_settings`] know pods and KubeVirt machines, [`recorded_startups`] the counts of a run,
//! [`CapacityTable`] a load test, [`cost`] a rate beside a usage, [`Latencies`] a histogram; [`pooled`] weighs what several
//! runs say of one value, and [`scenario_file`] writes down what was found. It must not know where files
//! are, the engine or the autoscaler.

mod capacity;
mod cost;
mod estimate;
mod fit;
mod kube_objects;
mod latencies;
mod measured;
mod recorded_startup;
mod regression;
mod startup;

pub use capacity::{CapacityError, CapacityFigures, CapacityTable};
pub use cost::{CostError, RateAndUsage, cost};
pub use estimate::{Estimate, Pooled, pooled};
pub use fit::{Fitted, GoodnessOfFit, WhyMeasured, fit_times};
pub use kube_objects::{ObjectsError, Startup, StartupKind, Startups, read_startups};
pub use latencies::{Latencies, LatencyError};
pub use measured::{Measured, scenario_file};
pub use recorded_startup::{
    ProbeWait, StartupBounds, recorded_startup_settings, recorded_startups,
};
pub use regression::{Line, TooFewPoints, theil_sen};
pub use startup::startup_settings;
