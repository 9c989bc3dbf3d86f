//! Measured times, each as likely as another.

use std::sync::Arc;

use super::distribution_error::{DistributionError, checked_time};
use super::summary::Summary;

/// At least one finite sample, none negative, in ascending order. A clone shares the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct SortedSamples {
    values: Arc<[f64]>,
    mean: f64,
    variance: f64,
}

impl SortedSamples {
    /// Sorts the samples, in seconds.
    ///
    /// # Errors
    /// When there is none, or one is negative or not finite.
    pub fn new(mut values: Vec<f64>) -> Result<Self, DistributionError> {
        if values.is_empty() {
            return Err(DistributionError::NoSamples);
        }
        // Sorted first, so that the mean is the same in its last digit whatever the order.
        values.sort_unstable_by(f64::total_cmp);
        let mut summary = Summary::new();
        for value in &values {
            summary.add(checked_time(*value)?);
        }
        let count = values.len() as f64;
        Ok(Self {
            mean: summary.mean().unwrap_or_default(),
            // Of the samples as they are, not an estimate of what they were drawn from.
            variance: summary.variance().unwrap_or_default() * (count - 1.0) / count,
            values: values.into(),
        })
    }

    /// The samples in ascending order, in seconds.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn shared(&self) -> Arc<[f64]> {
        Arc::clone(&self.values)
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn variance(&self) -> f64 {
        self.variance
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is not negative, and at most a length"
    )]
    pub(super) fn quantile(&self, u: f64) -> f64 {
        let rank = (u * self.values.len() as f64).ceil() as usize;
        self.values[rank.clamp(1, self.values.len()) - 1]
    }

    pub(super) fn survival(&self, x: f64) -> f64 {
        let not_above = self.values.partition_point(|value| *value <= x);
        (self.values.len() - not_above) as f64 / self.values.len() as f64
    }
}
