//! Plays a scenario: scenario in, outcome out.
//!
//! Entry point: [`simulate`]. `observe.rs` and `replay.rs` are the only files that name both the HPA and the plant. It
//! must not know how an outcome is judged or drawn.

mod arrivals;
mod burst_recorder;
mod lag_recorder;
mod observe;
mod recorder;
mod replay;
mod request_times;
mod simulate;
mod slo_recorder;
mod timeline_recorder;
mod traffic_recorder;

pub use simulate::{EngineError, simulate, simulate_with_progress};
