//! `Recording`: the replicas of a real run.

use thiserror::Error;

use super::counts::Counts;
use crate::trace::Trace;
use crate::units::SimDuration;

/// The most replicas that a recording may tell of.
const MOST_REPLICAS: f64 = 1e6;

/// The replicas of a real run.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The name it was read under.
    pub name: String,
    /// When its first sample was taken; `None` when its times only count from an unknown beginning.
    pub start: Option<jiff::Timestamp>,
    /// The replicas; times count from the first sample.
    pub counts: Counts,
    /// The usual time between two samples: no change is known to be earlier than that before it was seen.
    pub step: SimDuration,
}

/// Why a table holds no replicas.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RecordingError {
    /// Half a replica, or a million.
    #[error("{name}: `{value}` replicas, expected whole numbers up to 1000000")]
    NotACount {
        /// The file.
        name: String,
        /// What it holds.
        value: f64,
    },
}

impl Recording {
    /// The replicas that a table was read for.
    ///
    /// # Errors
    /// When a value is no count of replicas.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative and at most a million"
    )]
    pub fn of(trace: &Trace) -> Result<Self, RecordingError> {
        let series = &trace.series;
        if let Some(value) = series
            .values()
            .iter()
            .find(|value| value.fract() != 0.0 || **value > MOST_REPLICAS)
        {
            return Err(RecordingError::NotACount {
                name: trace.name.clone(),
                value: *value,
            });
        }
        let steps = series.steps().map(|step| (step.start, step.value as u32));
        let mut lengths: Vec<SimDuration> = series.steps().map(|step| step.length()).collect();
        lengths.sort_unstable();
        Ok(Self {
            name: trace.name.clone(),
            start: trace.start,
            counts: Counts::of_steps(steps, series.end()),
            step: lengths
                .get(lengths.len() / 2)
                .copied()
                .unwrap_or(SimDuration::ZERO),
        })
    }
}
