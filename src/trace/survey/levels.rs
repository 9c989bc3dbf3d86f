//! Mean, median, peak: how high a load is.

use crate::stats::weighted_quantile;
use crate::trace::Series;
use crate::units::SimTime;

/// How high a load is; each number weighs as long as it holds, gaps are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// The mean.
    pub mean: f64,
    /// What it is below for half the time.
    pub median: f64,
    /// What it is below for 95 % of the time.
    pub p95: f64,
    /// The highest.
    pub peak: f64,
    /// When that begins, for the first time.
    pub peak_at: SimTime,
    /// The lowest.
    pub least: f64,
    /// The share of time without any load.
    pub zero_share: f64,
    /// The peak over the mean; `None` without a mean.
    pub peak_to_mean: Option<f64>,
}

pub(super) fn levels(series: &Series) -> Levels {
    let mut gaps = series.gaps().iter().copied().peekable();
    let mut weighted = Vec::with_capacity(series.len());
    let (mut peak, mut peak_at) = (0.0, SimTime::ZERO);
    let (mut time, mut zero, mut sum) = (0.0, 0.0, 0.0);
    for (index, step) in series.steps().enumerate() {
        if gaps.next_if_eq(&index).is_some() {
            continue;
        }
        let length = step.length().as_seconds();
        time += length;
        sum += step.value * length;
        if step.value <= 0.0 {
            zero += length;
        }
        if step.value > peak {
            (peak, peak_at) = (step.value, step.start);
        }
        weighted.push((step.value, length));
    }
    let share = |part: f64| if time > 0.0 { part / time } else { 0.0 };
    let mean = share(sum);
    let mut quantile = |q| weighted_quantile(&mut weighted, q).unwrap_or(0.0);
    Levels {
        mean,
        median: quantile(0.5),
        p95: quantile(0.95),
        peak,
        peak_at,
        least: quantile(0.0),
        zero_share: share(zero),
        peak_to_mean: (mean > 0.0).then(|| peak / mean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    #[test]
    fn levels_are_weighed_by_time_and_leave_gaps_out() {
        let series = Series::from_notation(SimDuration::from_seconds(10), "0 2 4 _x5 10");
        let found = levels(&series.expect("valid"));
        assert!((found.mean - 4.0).abs() < 1e-12);
        assert!((found.median - 2.0).abs() < 1e-12);
        assert!((found.zero_share - 0.25).abs() < 1e-12);
        assert_eq!(found.peak_at, SimTime::from_seconds(80));
        assert_eq!(found.peak_to_mean, Some(2.5));
    }
}
