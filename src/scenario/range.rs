//! Numbers that must lie within a range.

use std::ops::RangeInclusive;

use super::ScenarioError;

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
        Err(out_of_range(key, &value.to_string(), expected))
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
