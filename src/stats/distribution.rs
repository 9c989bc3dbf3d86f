//! `Distribution`: fixed, uniform, exponential, lognormal, gamma or empirical times; each a seedable sampler.

use rand::{Rng, RngExt};
use rand_distr::Distribution as _;
use statrs::distribution::{ContinuousCDF, Gamma, LogNormal};
use thiserror::Error;

use super::summary::Summary;

/// How a time varies, in seconds.
///
/// The variants are open so that built-in values can be written down; values that come from outside go through the
/// constructors or `FromStr`, which check them. No method panics on unchecked fields, but its answer then means
/// nothing. `FromStr` and `Display` share one compact form: `20s`, `5..30s`, `exp(20s)`, `lognormal(20s, scv 1.5)`,
/// `gamma(20s, scv 0.5)`, `samples(18s, 20s, 25s)`.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Deterministic {
        /// The value, in seconds.
        value: f64,
    },
    /// Equally likely everywhere between two bounds.
    Uniform {
        /// Lower bound, in seconds.
        low: f64,
        /// Upper bound, in seconds.
        high: f64,
    },
    /// Memoryless.
    Exponential {
        /// Mean, in seconds.
        mean: f64,
    },
    /// The exponential of a normal variable, given by its own mean and variability.
    LogNormal {
        /// Mean, in seconds.
        mean: f64,
        /// Squared coefficient of variation: variance over squared mean.
        scv: f64,
    },
    /// Gamma, with shape 1 / scv.
    Gamma {
        /// Mean, in seconds.
        mean: f64,
        /// Squared coefficient of variation: variance over squared mean.
        scv: f64,
    },
    /// One of the given samples, each equally likely.
    Empirical(SortedSamples),
}

/// At least one finite sample, none negative, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct SortedSamples {
    values: Box<[f64]>,
    mean: f64,
    variance: f64,
}

/// Why numbers or a text make no distribution.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DistributionError {
    /// The text has none of the known forms.
    #[error(
        "`{0}` is not a distribution of times, expected `20s`, `5..30s`, `exp(20s)`, `lognormal(20s, scv 1.5)`, `gamma(20s, scv 0.5)` or `samples(18s, 20s, 25s)`"
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

/// Below this squared coefficient of variation a lognormal or gamma variable is taken as fixed.
const FIXED_SCV: f64 = 1e-6;

/// The smallest share of its mean at which a gamma time is told from 0.
const SMALLEST_SHARE: f64 = 1e-290;

impl Distribution {
    /// Always `value` seconds.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn deterministic(value: f64) -> Result<Self, DistributionError> {
        Ok(Self::Deterministic {
            value: checked_time(value)?,
        })
    }

    /// Between `low` and `high` seconds.
    ///
    /// # Errors
    /// When a bound is negative or not finite, or they are the wrong way round.
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        let (low, high) = (checked_time(low)?, checked_time(high)?);
        if low > high {
            return Err(DistributionError::Backwards { low, high });
        }
        Ok(Self::Uniform { low, high })
    }

    /// Exponential with a mean of `mean` seconds.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        Ok(Self::Exponential {
            mean: checked_time(mean)?,
        })
    }

    /// Lognormal with a mean of `mean` seconds and a squared coefficient of variation of `scv`.
    ///
    /// # Errors
    /// When the mean is negative or not finite, or `scv` is not between 0 and 100.
    pub fn log_normal(mean: f64, scv: f64) -> Result<Self, DistributionError> {
        Ok(Self::LogNormal {
            mean: checked_time(mean)?,
            scv: checked_scv(scv)?,
        })
    }

    /// Gamma with a mean of `mean` seconds and a squared coefficient of variation of `scv`.
    ///
    /// # Errors
    /// When the mean is negative or not finite, or `scv` is not between 0 and 100.
    pub fn gamma(mean: f64, scv: f64) -> Result<Self, DistributionError> {
        Ok(Self::Gamma {
            mean: checked_time(mean)?,
            scv: checked_scv(scv)?,
        })
    }

    /// One of `samples`, in seconds and any order.
    ///
    /// # Errors
    /// When there is none, or one is negative or not finite.
    pub fn empirical(samples: Vec<f64>) -> Result<Self, DistributionError> {
        SortedSamples::new(samples).map(Self::Empirical)
    }

    /// The mean, in seconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Deterministic { value } => *value,
            Self::Uniform { low, high } => low.midpoint(*high),
            Self::Exponential { mean }
            | Self::LogNormal { mean, .. }
            | Self::Gamma { mean, .. } => *mean,
            Self::Empirical(samples) => samples.mean,
        }
    }

    /// The squared coefficient of variation, variance over squared mean; 0 when the mean is 0.
    #[must_use]
    pub fn scv(&self) -> f64 {
        let mean = self.mean();
        if mean <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Deterministic { .. } => 0.0,
            Self::Uniform { low, high } => ((high - low) / mean).powi(2) / 12.0,
            Self::Exponential { .. } => 1.0,
            Self::LogNormal { scv, .. } | Self::Gamma { scv, .. } => *scv,
            Self::Empirical(samples) => samples.variance / (mean * mean),
        }
    }

    /// The least time that the share `u` of all draws does not exceed, in seconds: the inverse transform.
    ///
    /// `u` outside [0, 1] means the nearer end; at 1 an unbounded distribution is infinite. Of samples it is the
    /// inverse of the empirical distribution function, number 1 of Hyndman and Fan (1996).
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        let u = if u > 0.0 { u.min(1.0) } else { 0.0 };
        match self {
            Self::Deterministic { value } => *value,
            Self::Uniform { low, high } => low + u * (high - low),
            Self::Exponential { mean } if *mean > 0.0 => -mean * (-u).ln_1p(),
            Self::Exponential { mean } => *mean,
            Self::LogNormal { mean, scv } => {
                log_normal(*mean, *scv).map_or(*mean, |shape| shape.inverse_cdf(u))
            }
            Self::Gamma { mean, scv } => {
                gamma_of_unit_mean(*mean, *scv).map_or(*mean, |shape| mean * shape.inverse_cdf(u))
            }
            Self::Empirical(samples) => samples.quantile(u),
        }
    }

    /// The probability of more than `x` seconds.
    #[must_use]
    pub fn survival(&self, x: f64) -> f64 {
        let fixed = |value: f64| if value > x { 1.0 } else { 0.0 };
        if x < 0.0 {
            return 1.0;
        }
        match self {
            Self::Deterministic { value } => fixed(*value),
            Self::Uniform { low, high } if high > low => {
                ((high - x) / (high - low)).clamp(0.0, 1.0)
            }
            Self::Uniform { low, .. } => fixed(*low),
            Self::Exponential { mean } if *mean > 0.0 => (-x / mean).exp(),
            Self::Exponential { mean } => fixed(*mean),
            Self::LogNormal { mean, scv } => {
                log_normal(*mean, *scv).map_or_else(|| fixed(*mean), |shape| shape.sf(x))
            }
            Self::Gamma { mean, scv } => gamma_of_unit_mean(*mean, *scv).map_or_else(
                || fixed(*mean),
                // Within what the incomplete gamma function takes; it has long reached 1 or 0 there.
                |shape| shape.sf((x / mean).clamp(SMALLEST_SHARE, 1e9)),
            ),
            Self::Empirical(samples) => samples.survival(x),
        }
    }

    /// One draw, in seconds. Takes as many numbers from `rng` as the fastest method needs; where draws must
    /// correspond between distributions, use [`quantile`](Self::quantile).
    #[must_use]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match self {
            Self::Exponential { mean } => mean * rng.sample::<f64, _>(rand_distr::Exp1),
            Self::LogNormal { mean, scv } if *mean > 0.0 => {
                rand_distr::LogNormal::from_mean_cv(*mean, scv.sqrt())
                    .map_or(*mean, |shape| shape.sample(rng))
            }
            Self::Gamma { mean, scv } if *scv >= FIXED_SCV => {
                rand_distr::Gamma::new(1.0 / scv, mean * scv)
                    .map_or(*mean, |shape| shape.sample(rng))
            }
            _ => self.quantile(rng.random()),
        }
    }

    /// The same distribution with every time multiplied by `factor`.
    ///
    /// # Errors
    /// When a time becomes negative or infinite.
    pub fn scaled(&self, factor: f64) -> Result<Self, DistributionError> {
        match self {
            Self::Deterministic { value } => Self::deterministic(value * factor),
            Self::Uniform { low, high } => Self::uniform(low * factor, high * factor),
            Self::Exponential { mean } => Self::exponential(mean * factor),
            Self::LogNormal { mean, scv } => Self::log_normal(mean * factor, *scv),
            Self::Gamma { mean, scv } => Self::gamma(mean * factor, *scv),
            Self::Empirical(samples) => {
                Self::empirical(samples.values.iter().map(|value| value * factor).collect())
            }
        }
    }
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
            values: values.into_boxed_slice(),
        })
    }

    /// The samples in ascending order, in seconds.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is not negative, and at most a length"
    )]
    fn quantile(&self, u: f64) -> f64 {
        let rank = (u * self.values.len() as f64).ceil() as usize;
        self.values[rank.clamp(1, self.values.len()) - 1]
    }

    fn survival(&self, x: f64) -> f64 {
        let not_above = self.values.partition_point(|value| *value <= x);
        (self.values.len() - not_above) as f64 / self.values.len() as f64
    }
}

fn checked_time(seconds: f64) -> Result<f64, DistributionError> {
    if seconds.is_finite() && seconds >= 0.0 {
        Ok(seconds)
    } else {
        Err(DistributionError::TimeOutOfRange(seconds))
    }
}

fn checked_scv(scv: f64) -> Result<f64, DistributionError> {
    if (0.0..=MAX_SCV).contains(&scv) {
        Ok(scv)
    } else {
        Err(DistributionError::VariabilityOutOfRange(scv))
    }
}

/// The lognormal shape with this mean and scv: sigma^2 = ln(1 + scv), mu = ln(mean) - sigma^2 / 2. `None` when fixed.
fn log_normal(mean: f64, scv: f64) -> Option<LogNormal> {
    let variance = scv.ln_1p();
    (scv > FIXED_SCV && mean > 0.0)
        .then(|| LogNormal::new(mean.ln() - variance / 2.0, variance.sqrt()).ok())
        .flatten()
}

/// The gamma variable with mean 1 and this scv, shape and rate 1 / scv. `None` when fixed.
fn gamma_of_unit_mean(mean: f64, scv: f64) -> Option<Gamma> {
    ((FIXED_SCV..=MAX_SCV).contains(&scv) && mean > 0.0)
        .then(|| Gamma::new(1.0 / scv, 1.0 / scv).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]
    #![expect(clippy::float_cmp, reason = "fixed times are returned as they are")]

    use super::*;
    use crate::stats::{Purpose, stream};
    use proptest::prelude::*;

    fn any_distribution() -> impl Strategy<Value = Distribution> {
        let time = 1e-3..1e3;
        prop_oneof![
            time.clone()
                .prop_map(|value| Distribution::Deterministic { value }),
            (time.clone(), time.clone()).prop_map(|(low, span)| Distribution::Uniform {
                low,
                high: low + span
            }),
            time.clone()
                .prop_map(|mean| Distribution::Exponential { mean }),
            (time.clone(), 0.01..10.0)
                .prop_map(|(mean, scv)| Distribution::LogNormal { mean, scv }),
            (time.clone(), 0.01..10.0).prop_map(|(mean, scv)| Distribution::Gamma { mean, scv }),
            prop::collection::vec(time, 1..20)
                .prop_map(|samples| Distribution::empirical(samples).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn a_quantile_is_where_the_survival_falls_to_the_rest(
            distribution in any_distribution(), u in 0.001..0.999_f64
        ) {
            let x = distribution.quantile(u);
            let tolerance = 1e-6 * (1.0 + x);
            prop_assert!(distribution.survival(x + tolerance) <= 1.0 - u + 1e-6);
            prop_assert!(distribution.survival(x - tolerance) >= 1.0 - u - 1e-6);
        }

        #[test]
        fn survival_never_rises(distribution in any_distribution(), x in 0.0..1e3, step in 0.0..1e2) {
            let (near, far) = (distribution.survival(x), distribution.survival(x + step));
            prop_assert!((0.0..=1.0).contains(&near) && near >= far - 1e-12);
        }

        #[test]
        fn quantiles_average_to_the_mean(distribution in any_distribution()) {
            let count = 4000;
            let mean = (0..count)
                .map(|k| distribution.quantile((f64::from(k) + 0.5) / f64::from(count)))
                .sum::<f64>() / f64::from(count);
            // The midpoint rule leaves out most of the last 1 / 4000 of a heavy tail.
            prop_assert!((mean / distribution.mean() - 1.0).abs() < 0.03, "{} {}", mean, distribution.mean());
        }
    }

    #[test]
    fn samples_have_the_mean_and_variability_asked_for() {
        for distribution in [
            Distribution::Deterministic { value: 3.0 },
            Distribution::Uniform {
                low: 5.0,
                high: 30.0,
            },
            Distribution::Exponential { mean: 20.0 },
            Distribution::LogNormal {
                mean: 20.0,
                scv: 1.5,
            },
            Distribution::Gamma {
                mean: 20.0,
                scv: 0.5,
            },
            Distribution::empirical(vec![1.0, 2.0, 6.0]).unwrap(),
        ] {
            let mut rng = stream(1, 0, Purpose::ReadyTime, 0);
            let mut summary = Summary::new();
            summary.extend((0..200_000).map(|_| distribution.sample(&mut rng)));
            let mean = summary.mean().unwrap();
            let scv = summary.variance().unwrap() / (mean * mean);
            assert!(
                (mean / distribution.mean() - 1.0).abs() < 0.02,
                "{distribution}: {mean}"
            );
            assert!(
                (scv - distribution.scv()).abs() < 0.1,
                "{distribution}: {scv}"
            );
        }
    }

    #[test]
    fn numbers_that_make_no_time_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Distribution::deterministic(bad).is_err());
            assert!(Distribution::uniform(0.0, bad).is_err());
            assert!(Distribution::exponential(bad).is_err());
            assert!(Distribution::log_normal(bad, 1.0).is_err());
            assert!(Distribution::gamma(1.0, bad).is_err());
            assert!(Distribution::empirical(vec![1.0, bad]).is_err());
        }
        assert!(Distribution::uniform(2.0, 1.0).is_err());
        assert_eq!(
            Distribution::empirical(vec![]),
            Err(DistributionError::NoSamples)
        );
    }

    #[test]
    fn unvaried_and_zero_times_are_fixed() {
        assert_eq!(Distribution::gamma(2.0, 0.0).unwrap().quantile(0.9), 2.0);
        assert_eq!(
            Distribution::log_normal(0.0, 1.0).unwrap().quantile(0.9),
            0.0
        );
        assert_eq!(Distribution::exponential(0.0).unwrap().survival(0.0), 0.0);
        assert_eq!(Distribution::uniform(2.0, 2.0).unwrap().survival(1.9), 1.0);
    }

    #[test]
    fn unchecked_fields_never_panic() {
        let odd = [
            -1.0,
            0.0,
            1e-320,
            1e-300,
            1.0,
            100.0,
            1e300,
            f64::NAN,
            f64::INFINITY,
        ];
        for a in odd {
            for b in odd {
                for distribution in [
                    Distribution::Uniform { low: a, high: b },
                    Distribution::LogNormal { mean: a, scv: b },
                    Distribution::Gamma { mean: a, scv: b },
                ] {
                    let mut rng = stream(1, 0, Purpose::ReadyTime, 0);
                    for u in odd {
                        let _ = distribution.quantile(u);
                        let _ = distribution.survival(u);
                    }
                    let _ = distribution.sample(&mut rng);
                    let _ = (
                        distribution.mean(),
                        distribution.scv(),
                        distribution.to_string(),
                    );
                }
            }
        }
    }
}
