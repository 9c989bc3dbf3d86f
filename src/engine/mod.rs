//! Plays a scenario: scenario in, outcome out.
//!
//! Entry points: [`simulate`], [`Stage`] for one scenario under many settings, and [`play_open_loop`] for an autoscaler
//! driven by recorded metrics. `observe.rs` and `replay.rs` are the only files that name both the HPA and the plant. It must not know how an outcome is judged or drawn.

mod activation;
mod arrivals;
mod bound_clock;
mod burst_recorder;
mod cost_floor;
mod decision_recorder;
mod elasticity_recorder;
mod fates;
mod lag_recorder;
mod observe;
mod open_loop;
mod record;
mod recorder;
mod replay;
mod request_times;
mod simulate;
mod slo_recorder;
mod stage;
mod sync_recorder;
mod timeline_recorder;
mod traffic_recorder;
mod trial_recorder;

pub use open_loop::{Feed, OpenLoop, OpenLoopError, OpenSync, play_open_loop};
pub use simulate::{EngineError, KeepSyncs, simulate, simulate_keeping, simulate_with_progress};
pub use stage::{Stage, Trial, Trialled};
pub use trial_recorder::{GiveUp, TrialFigures};
