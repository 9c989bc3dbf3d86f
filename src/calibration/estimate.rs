//! `Estimate`: a value with its interval, and one of several that measure the same.

/// Half of the width of a 95 % interval in standard errors, by the normal law.
const WIDTH: f64 = 1.959_963_984_540_054;
/// No value is known better than to this share of itself.
const FINEST: f64 = 1e-3;
/// Values further apart than this factor do not measure the same.
const SAME: f64 = 1.5;

/// A value with the interval that it is known to, at 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// One value of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Their mean, with the interval that it is known to.
    pub mean: Estimate,
    /// By how much the value differs from run to run beyond what each is known to, a standard deviation; 0 where their
    /// intervals explain all of it.
    pub between: f64,
}

impl Estimate {
    /// Its standard error, by its interval; no less than is worth telling.
    fn error(self) -> f64 {
        let error = (self.high - self.low) / (2.0 * WIDTH);
        if error.is_finite() {
            error.max(self.value * FINEST)
        } else {
            error
        }
    }
}

/// The mean of estimates from different runs, each weighed by how well it is known and by how much the runs differ: the
/// random-effects mean of DerSimonian and Laird (1986). Where the runs differ no more than their intervals say this is the
/// usual mean by inverse variances; where they differ far more all count nearly alike. `None` of fewer than two, of values
/// that are not above zero or intervals that have no end, and where the largest is more than half above the smallest: then they do not
/// measure the same.
#[must_use]
pub fn pooled(estimates: &[Estimate]) -> Option<Pooled> {
    let values = || estimates.iter().map(|one| one.value);
    let least = values().fold(f64::INFINITY, f64::min);
    let most = values().fold(0.0, f64::max);
    let is_known = |one: &Estimate| one.error() > 0.0 && one.error().is_finite();
    if estimates.len() < 2 || least <= 0.0 || most > least * SAME || !estimates.iter().all(is_known)
    {
        return None;
    }
    let weights: Vec<f64> = estimates.iter().map(|one| one.error().powi(-2)).collect();
    let mean_by = |weights: &[f64]| {
        let sum: f64 = weights.iter().sum();
        let weighed: f64 = weights.iter().zip(values()).map(|(w, y)| w * y).sum();
        (weighed / sum, sum)
    };
    let (mean, sum) = mean_by(&weights);
    let spread: f64 = weights
        .iter()
        .zip(values())
        .map(|(w, y)| w * (y - mean).powi(2))
        .sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let degrees = (estimates.len() - 1) as f64;
    let variance = ((spread - degrees) / (sum - squares / sum)).max(0.0);
    let weights: Vec<f64> = weights
        .iter()
        .map(|w| (w.recip() + variance).recip())
        .collect();
    let (mean, sum) = mean_by(&weights);
    let half = WIDTH * sum.sqrt().recip();
    Some(Pooled {
        mean: Estimate {
            value: mean,
            low: mean - half,
            high: mean + half,
        },
        between: variance.sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn estimate(value: f64, half: f64) -> Estimate {
        Estimate {
            value,
            low: value - half,
            high: value + half,
        }
    }

    #[test]
    fn runs_that_agree_are_weighed_by_their_variances() {
        let found = pooled(&[estimate(10.0, 2.0), estimate(11.0, 1.0)]).expect("two runs");
        assert!((found.mean.value - 10.8).abs() < 1e-12, "{found:?}");
        assert!(found.between.abs() < 1e-12);
        assert!(found.mean.high - found.mean.value < 1.0, "{found:?}");
    }

    #[test]
    fn runs_that_differ_far_beyond_their_intervals_count_nearly_alike() {
        let found = pooled(&[estimate(10.0, 0.2), estimate(12.0, 0.01)]).expect("two runs");
        assert!((found.mean.value - 11.0).abs() < 0.01, "{found:?}");
        assert!((found.between - 2.0_f64.sqrt()).abs() < 0.01, "{found:?}");
        assert!(found.mean.low < 10.0 && found.mean.high > 12.0, "{found:?}");
    }

    #[test]
    fn a_value_without_any_error_does_not_outweigh_everything() {
        let found = pooled(&[estimate(10.0, 0.0), estimate(11.0, 1e-17)]).expect("two runs");
        assert!((found.mean.value - 10.5).abs() < 0.01, "{found:?}");
        assert!((found.between - 0.5_f64.sqrt()).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn what_does_not_measure_the_same_is_not_averaged() {
        assert_eq!(pooled(&[estimate(10.0, 1.0)]), None);
        assert_eq!(pooled(&[estimate(10.0, 1.0), estimate(16.0, 1.0)]), None);
        assert_eq!(pooled(&[estimate(0.0, 0.0), estimate(0.0, 1.0)]), None);
        assert_eq!(
            pooled(&[estimate(10.0, f64::NAN), estimate(11.0, 1.0)]),
            None
        );
    }

    proptest! {
        #[test]
        fn a_mean_lies_between_what_it_is_the_mean_of(
            runs in proptest::collection::vec((10.0..14.9_f64, 0.001..20.0_f64), 2..8)
        ) {
            let runs: Vec<Estimate> = runs.iter().map(|(value, half)| estimate(*value, *half)).collect();
            let found = pooled(&runs).expect("near enough");
            let least = runs.iter().map(|run| run.value).fold(f64::INFINITY, f64::min);
            let most = runs.iter().map(|run| run.value).fold(0.0, f64::max);
            prop_assert!(least - 1e-9 <= found.mean.value && found.mean.value <= most + 1e-9);
            prop_assert!(found.mean.low <= found.mean.value && found.mean.value <= found.mean.high);
        }
    }
}
