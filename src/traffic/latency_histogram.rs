//! `LatencyHistogram`: latencies to three significant digits, in memory that does not grow.

use hdrhistogram::Histogram;

/// The longest latency that is told from longer ones, seconds.
const LONGEST: f64 = 86_400.0;

const TICKS_PER_SECOND: f64 = 1e9;

/// Latencies, in buckets that keep three significant digits from a nanosecond to a day (HdrHistogram).
///
/// Mean and maximum are exact; a latency of more than a day counts as a day in quantiles.
#[derive(Clone, Debug)]
pub struct LatencyHistogram {
    /// In nanoseconds.
    counts: Histogram<u64>,
    sum: f64,
    max: f64,
}

impl LatencyHistogram {
    /// Of no latencies yet.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "the bounds are constants that hold"
    )]
    pub fn new() -> Self {
        Self {
            counts: Histogram::new_with_bounds(1, ticks(LONGEST), 3)
                .expect("three digits from a nanosecond to a day"),
            sum: 0.0,
            max: 0.0,
        }
    }

    /// Takes one latency in, seconds.
    #[inline]
    pub fn record(&mut self, seconds: f64) {
        self.counts.saturating_record(ticks(seconds));
        self.sum += seconds;
        if seconds > self.max {
            self.max = seconds;
        }
    }

    /// Takes all latencies of another one in.
    pub fn merge(&mut self, other: &Self) {
        if other.count() == 0 {
            return;
        }
        // The bounds are the same, so that every count has its place.
        if self.counts.add(&other.counts).is_ok() {
            self.sum += other.sum;
            self.max = self.max.max(other.max);
        }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        if self.count() > 0 {
            self.counts.reset();
        }
        self.sum = 0.0;
        self.max = 0.0;
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// The latency that the share `q` of all does not exceed, seconds; `None` of no latencies.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let ticks = self.counts.value_at_quantile(q.clamp(0.0, 1.0));
        (self.count() > 0).then(|| (ticks as f64 / TICKS_PER_SECOND).min(self.max))
    }

    /// Their mean, seconds; `None` of no latencies.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.sum / self.count() as f64)
    }

    /// The longest, seconds; `None` of no latencies.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count() > 0).then_some(self.max)
    }
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self::new()
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates: at zero below, and the histogram has a longest latency above"
)]
const fn ticks(seconds: f64) -> u64 {
    (seconds * TICKS_PER_SECOND) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_keep_three_digits() {
        let mut latencies = LatencyHistogram::new();
        for k in 1..=100_000_u32 {
            latencies.record(f64::from(k) * 1e-5);
        }
        for q in [0.01, 0.5, 0.95, 0.99, 0.999] {
            let quantile = latencies.quantile(q).unwrap_or_default();
            assert!((quantile / q - 1.0).abs() < 1e-3, "{q}: {quantile}");
        }
        assert_eq!(latencies.max(), Some(100_000.0 * 1e-5));
        let mean = latencies.mean().unwrap_or_default();
        assert!((mean - 0.500_005).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        let latencies = LatencyHistogram::new();
        assert_eq!(latencies.quantile(0.5), None);
        assert_eq!(latencies.mean(), None);
        assert_eq!(latencies.max(), None);
    }

    #[test]
    fn two_halves_make_the_whole() {
        let (mut whole, mut low, mut high) = Default::default();
        for k in 1..=1000_u32 {
            let seconds = f64::from(k) * 1e-3;
            LatencyHistogram::record(&mut whole, seconds);
            LatencyHistogram::record(if k < 300 { &mut low } else { &mut high }, seconds);
        }
        low.merge(&high);
        assert_eq!(low.quantile(0.77), whole.quantile(0.77));
        assert_eq!(low.count(), whole.count());
        low.clear();
        assert_eq!(low.count(), 0);
    }

    #[test]
    fn longer_than_a_day_is_a_day_and_nothing_panics() {
        let mut latencies = LatencyHistogram::new();
        for odd in [0.0, -1.0, f64::NAN, 1e-300, 1e9, f64::INFINITY] {
            latencies.record(odd);
        }
        assert_eq!(latencies.count(), 6);
        assert!(
            latencies
                .quantile(1.0)
                .is_some_and(|longest| longest < 87_000.0)
        );
    }
}
