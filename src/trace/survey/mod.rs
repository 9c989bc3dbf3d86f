//! What a trace is like: its level, its steepest rises, whether days and weeks repeat, how bursty it is, and what its
//! step is too coarse to show. Figures only; how they are told is not decided here.
//!
//! Start at [`Survey::of`].

mod bursts;
mod course;
mod levels;
mod ramps;
mod seasons;
mod trace_survey;

pub use bursts::Burstiness;
pub use course::CoursePart;
pub use levels::Levels;
pub use ramps::Ramp;
pub use seasons::{Season, SeasonPeriod};
pub use trace_survey::{Gaps, Steps, Survey};
