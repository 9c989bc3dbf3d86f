//! Figures over several runs, where some runs may not have them.

use crate::outcome::RunOutcome;
use crate::stats::Band;

/// The band of a figure over the runs that have it.
pub(super) fn band(runs: &[RunOutcome], figure: impl Fn(&RunOutcome) -> f64) -> Band {
    let values: Vec<f64> = runs
        .iter()
        .map(figure)
        .filter(|value| !value.is_nan())
        .collect();
    band_of(&values)
}

/// The band of some numbers; NaN of none.
pub(super) fn band_of(values: &[f64]) -> Band {
    Band::of(values).unwrap_or(Band {
        low: f64::NAN,
        median: f64::NAN,
        high: f64::NAN,
    })
}

/// A part of a whole, percent; 0 of nothing.
pub(super) fn percent_of(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        100.0 * part / whole
    } else {
        0.0
    }
}
