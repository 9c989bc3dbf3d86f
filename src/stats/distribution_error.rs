//! What no distribution of times can be, and the checks that say so.

use thiserror::Error;

/// Why numbers or a text make no distribution.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DistributionError {
    /// The text has none of the known forms.
    #[error(
        "`{0}` is not a distribution of times, expected `20s`, `5..30s`, `exp(20s)`, `lognormal(20s, scv 1.5)`, `gamma(20s, scv 0.5)`, `hyperexp(20s, scv 4)`, `pareto(20s, scv 4)` or `samples(18s, 20s, 25s)`"
    )]
    Form(String),
    /// A part of the text should be a time and is not.
    #[error("`{0}` is not a time, expected a number with a unit `us`, `ms`, `s`, `m`, `h` or `d`")]
    Time(String),
    /// A part of the text should be a variability and is not.
    #[error("`{0}` is not a variability, expected `scv` and a number such as `scv 1.5`")]
    Variability(String),
    /// A time is negative, infinite or not a number.
    #[error("a time of `{0}` seconds cannot be, expected a finite number that is not negative")]
    TimeOutOfRange(f64),
    /// A variability is negative, too large or not a number.
    #[error("a variability of `scv {0}` cannot be used, expected a number from 0 to {MAX_SCV}")]
    VariabilityOutOfRange(f64),
    /// A hyperexponential time that varies less than an exponential one.
    #[error(
        "a hyperexponential time of `scv {0}` cannot be, expected a number from 1 to {MAX_SCV}"
    )]
    TooEvenForPhases(f64),
    /// A Pareto shape without a finite variance.
    #[error("a Pareto shape of `{0}` has no finite variance, expected a number over 2")]
    ShapeOutOfRange(f64),
    /// The bounds of a range are the wrong way round.
    #[error("the range `{low}..{high}s` runs backwards, expected the lower bound first")]
    Backwards {
        /// The first bound, in seconds.
        low: f64,
        /// The second bound, in seconds.
        high: f64,
    },
    /// An empirical distribution of nothing.
    #[error("no samples, expected at least one")]
    NoSamples,
}

/// The greatest squared coefficient of variation that is accepted; measured service times stay far below it.
pub(super) const MAX_SCV: f64 = 100.0;

/// The seconds, if a time can last so long.
pub(super) fn checked_time(seconds: f64) -> Result<f64, DistributionError> {
    if seconds.is_finite() && seconds >= 0.0 {
        Ok(seconds)
    } else {
        Err(DistributionError::TimeOutOfRange(seconds))
    }
}

/// The squared coefficient of variation, if it is in range.
pub(super) fn checked_scv(scv: f64) -> Result<f64, DistributionError> {
    if (0.0..=MAX_SCV).contains(&scv) {
        Ok(scv)
    } else {
        Err(DistributionError::VariabilityOutOfRange(scv))
    }
}
