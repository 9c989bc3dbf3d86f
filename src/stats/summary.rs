//! Count, mean, variance, min and max of a stream of numbers; quantiles of sorted ones.

/// Running count, mean, variance, least and greatest of the numbers added so far (Welford 1962).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    count: u64,
    mean: f64,
    squared_deviations: f64,
    min: f64,
    max: f64,
}

/// A figure over several runs: its median, and the 5 % and 95 % quantiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The 50 % quantile.
    pub median: f64,
    /// The 5 % quantile.
    pub low: f64,
    /// The 95 % quantile.
    pub high: f64,
}

impl Summary {
    /// Of no numbers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squared_deviations: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Takes one more number in.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let deviation = value - self.mean;
        self.mean += deviation / self.count as f64;
        self.squared_deviations += deviation * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Takes in all the numbers of another summary (Chan, Golub and LeVeque 1979).
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (own, others) = (self.count as f64, other.count as f64);
        let deviation = other.mean - self.mean;
        self.count += other.count;
        self.mean += deviation * others / (own + others);
        self.squared_deviations +=
            other.squared_deviations + deviation * deviation * own * others / (own + others);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many numbers were added.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` of no numbers.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The sample variance, with divisor n - 1; `None` of fewer than two numbers.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squared_deviations / (self.count - 1) as f64)
    }

    /// The least number; `None` of no numbers.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The greatest number; `None` of no numbers.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

impl Default for Summary {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<f64> for Summary {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.add(value);
        }
    }
}

impl Band {
    /// The band of the values of all runs, by [`quantile_of_sorted`]; `None` of no runs.
    ///
    /// With few runs the 5 % and 95 % quantiles lie between the outermost values: of 20 runs just inside the second.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            median: quantile_of_sorted(&sorted, 0.5)?,
            low: quantile_of_sorted(&sorted, 0.05)?,
            high: quantile_of_sorted(&sorted, 0.95)?,
        })
    }
}

/// The `q` quantile of ascending values; `None` of no values.
///
/// The estimator is number 7 of Hyndman and Fan (1996), linear between order statistics at (n - 1) q, the default of R
/// and NumPy. `q` outside [0, 1] means the nearer end.
#[must_use]
pub fn quantile_of_sorted(values: &[f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let position = last as f64 * q.clamp(0.0, 1.0);
    let below = floor_index(position).min(last);
    let above = (below + 1).min(last);
    let share = position - below as f64;
    let (low, high) = (values[below], values[above]);
    // Equal neighbours are returned as they are, so that infinite ones give no NaN.
    Some(if low.total_cmp(&high).is_eq() || share <= 0.0 {
        low
    } else {
        low + share * (high - low)
    })
}

/// The `q` quantile of (value, weight) pairs: the least value at which the weights reach the share `q` of their sum.
///
/// Sorts the pairs by value. Weights that are not positive count as nothing; `None` when none is positive.
#[must_use]
pub fn weighted_quantile(pairs: &mut [(f64, f64)], q: f64) -> Option<f64> {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let positive = || pairs.iter().filter(|(_, weight)| *weight > 0.0);
    let wanted = q.clamp(0.0, 1.0) * positive().map(|(_, weight)| weight).sum::<f64>();
    let mut reached = 0.0;
    positive()
        .find(|(_, weight)| {
            reached += weight;
            reached >= wanted
        })
        .or_else(|| positive().next_back())
        .map(|(value, _)| *value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position is not negative, and at most a length"
)]
fn floor_index(position: f64) -> usize {
    position.floor() as usize
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check_quantile(values: &[f64], q: f64, expected: Option<f64>) {
        assert_eq!(quantile_of_sorted(values, q), expected);
    }

    #[test]
    fn quantiles_are_linear_between_order_statistics() {
        check_quantile(&[], 0.5, None);
        check_quantile(&[3.0], 0.95, Some(3.0));
        check_quantile(&[1.0, 2.0, 3.0, 4.0], 0.5, Some(2.5));
        check_quantile(&[1.0, 2.0, 3.0, 4.0], 0.25, Some(1.75));
        check_quantile(&[1.0, 2.0, 3.0, 4.0], 1.0, Some(4.0));
        check_quantile(&[1.0, 2.0], 7.0, Some(2.0));
        check_quantile(
            &[1.0, f64::INFINITY, f64::INFINITY],
            0.75,
            Some(f64::INFINITY),
        );
    }

    #[test]
    fn a_band_takes_runs_in_any_order() {
        let runs: Vec<f64> = (0..=20).rev().map(f64::from).collect();
        assert_eq!(
            Band::of(&runs),
            Some(Band {
                median: 10.0,
                low: 1.0,
                high: 19.0
            })
        );
        assert_eq!(Band::of(&[]), None);
    }

    #[test]
    fn weights_count_as_repetitions() {
        let pairs = || vec![(9.0, 1.0), (1.0, 2.0), (5.0, 0.0), (4.0, 1.0)];
        assert_eq!(weighted_quantile(&mut pairs(), 0.0), Some(1.0));
        assert_eq!(weighted_quantile(&mut pairs(), 0.5), Some(1.0));
        assert_eq!(weighted_quantile(&mut pairs(), 0.51), Some(4.0));
        assert_eq!(weighted_quantile(&mut pairs(), 1.0), Some(9.0));
        assert_eq!(weighted_quantile(&mut [(1.0, 0.0)], 0.5), None);
    }

    #[test]
    fn an_empty_summary_has_no_figures() {
        let empty = Summary::new();
        assert_eq!(
            (empty.mean(), empty.variance(), empty.min(), empty.max()),
            (None, None, None, None)
        );
    }

    proptest! {
        #[test]
        fn merging_two_summaries_is_adding_all_numbers(
            first in prop::collection::vec(-1e6..1e6, 0..40),
            second in prop::collection::vec(-1e6..1e6, 1..40),
        ) {
            let of = |values: &[f64]| {
                let mut summary = Summary::new();
                summary.extend(values.iter().copied());
                summary
            };
            let mut merged = of(&first);
            merged.merge(&of(&second));
            let all = of(&[first, second].concat());
            prop_assert_eq!(merged.count(), all.count());
            prop_assert_eq!((merged.min(), merged.max()), (all.min(), all.max()));
            prop_assert!((merged.mean().unwrap() - all.mean().unwrap()).abs() < 1e-6);
            let (a, b) = (merged.variance().unwrap_or(0.0), all.variance().unwrap_or(0.0));
            prop_assert!((a - b).abs() <= 1e-9 * (1.0 + b), "{} {}", a, b);
        }
    }
}
