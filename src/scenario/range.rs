//! Numbers that must lie within a range.

use std::ops::RangeInclusive;

use super::{ScenarioError, Span, show};
use crate::stats::Distribution;

/// Refuses a value outside its range; NaN is outside of every range.
pub(super) fn in_range(
    key: &'static str,
    value: f64,
    range: RangeInclusive<f64>,
    expected: &'static str,
) -> Result<(), ScenarioError> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(out_of_range(key, &written(value), expected))
    }
}

/// Refuses a time outside its range, in seconds.
pub(super) fn span_in_range(
    key: &'static str,
    span: Span,
    range: RangeInclusive<f64>,
    expected: &'static str,
) -> Result<(), ScenarioError> {
    if range.contains(&span.0) {
        Ok(())
    } else {
        Err(out_of_range(key, &span.to_string(), expected))
    }
}

/// Refuses a count outside its range.
pub(super) fn counted(
    key: &'static str,
    count: u32,
    range: RangeInclusive<u32>,
    expected: &'static str,
) -> Result<(), ScenarioError> {
    if range.contains(&count) {
        Ok(())
    } else {
        Err(out_of_range(key, &count.to_string(), expected))
    }
}

/// Refuses times whose mean is outside a range, in seconds.
pub(super) fn times_in_range(
    key: &'static str,
    times: &Distribution,
    range: RangeInclusive<f64>,
    expected: &'static str,
) -> Result<(), ScenarioError> {
    if range.contains(&times.mean()) {
        Ok(())
    } else {
        Err(out_of_range(key, &show::times(times), expected))
    }
}

/// The refusal of a value.
pub(super) fn out_of_range(
    key: &'static str,
    value: &str,
    expected: &'static str,
) -> ScenarioError {
    ScenarioError::OutOfRange {
        key,
        value: value.to_owned(),
        expected,
    }
}

/// A number as it reads best: with an exponent where it would be long otherwise.
pub(super) fn written(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (1e-6..1e15).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}
