//! Holds a prediction against what was recorded.
//!
//! [`Recording`] is the replicas of a real run, [`Prediction`] what a replay of its load, or of its recorded metric, makes
//! of them, [`compare`] the differences, and [`judge_backtest`] a verdict by [`Thresholds`]. It must not know how a
//! difference is drawn or where recordings come from.

mod compare;
mod counts;
mod fit;
mod prediction;
mod recording;
mod rises;
mod thresholds;

pub use compare::{Changes, Comparison, compare};
pub use counts::Counts;
pub use fit::{CostFit, FitError, fit_cost};
pub use prediction::{OpenInputs, Prediction, predict, predict_open};
pub use recording::{Recording, RecordingError};
pub use rises::{Rise, RiseMatch};
pub use thresholds::{Check, CheckedFigure, Thresholds, judge_backtest};
