//! Chance upon a made-up workload.

use rand::RngExt;
use rand_distr::{Distribution as _, Poisson, StandardNormal};

use super::Series;
use crate::stats::{Purpose, stream};

/// What chance does to the rates of a workload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    /// Requests come independently of one another: each step holds a Poisson number of them.
    Poisson,
    /// Each rate is multiplied by a normal number of mean 1, each step by its own.
    Gaussian {
        /// Its standard deviation.
        share: f64,
    },
    /// The same, but steps are like the ones before them: a first-order autoregressive process.
    Autoregressive {
        /// The standard deviation in the long run.
        share: f64,
        /// The correlation of a step with the one before, from 0 up to 1.
        correlation: f64,
    },
}

impl Noise {
    /// A series of requests per second with this noise upon it. `ordinal` tells noises apart that are laid over one
    /// another. Nothing becomes negative: what would is zero.
    #[must_use]
    pub fn upon(self, series: Series, seed: u64, ordinal: u64) -> Series {
        let mut draws = stream(seed, 0, Purpose::TraceNoise, ordinal);
        let lengths: Vec<f64> = series
            .steps()
            .map(|step| step.length().as_seconds())
            .collect();
        let (starts, mut values, end, gaps) = series.into_columns();
        let mut state: f64 = draws.sample(StandardNormal);
        for (value, seconds) in values.iter_mut().zip(lengths) {
            *value = match self {
                // A mean of zero, or one beyond the sampler's, is what comes.
                Self::Poisson => Poisson::new(*value * seconds)
                    .map_or(*value, |requests| requests.sample(&mut draws) / seconds),
                Self::Gaussian { share } => {
                    let normal: f64 = draws.sample(StandardNormal);
                    *value * (1.0 + share * normal).max(0.0)
                }
                Self::Autoregressive { share, correlation } => {
                    let noisy = *value * (1.0 + share * state).max(0.0);
                    let normal: f64 = draws.sample(StandardNormal);
                    let fresh = (1.0 - correlation * correlation).max(0.0).sqrt();
                    state = correlation * state + fresh * normal;
                    noisy
                }
            };
        }
        Series::from_columns(starts, values, end, gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Summary;
    use crate::units::SimDuration;

    const STEPS: usize = 40_000;

    fn noisy(noise: Noise, rate: f64) -> Vec<f64> {
        let step = SimDuration::from_seconds(10);
        let level = Series::evenly_spaced(step, vec![rate; STEPS], Vec::new());
        noise.upon(level, 7, 0).values().to_vec()
    }

    /// Mean and variance lie within a few standard errors of what they should be.
    #[track_caller]
    fn check(noise: Noise, mean: f64, variance: f64) {
        let mut summary = Summary::new();
        summary.extend(noisy(noise, 20.0));
        let (found_mean, found) = (
            summary.mean().expect("some"),
            summary.variance().expect("some"),
        );
        assert!((found_mean / mean - 1.0).abs() < 0.02, "{found_mean}");
        assert!((found / variance - 1.0).abs() < 0.1, "{found}");
    }

    #[test]
    fn each_noise_has_its_mean_and_variance() {
        // 200 requests in each step, so the variance of the rate is 200 / 10 / 10.
        check(Noise::Poisson, 20.0, 2.0);
        check(Noise::Gaussian { share: 0.1 }, 20.0, 4.0);
        let (share, correlation) = (0.1, 0.8);
        check(Noise::Autoregressive { share, correlation }, 20.0, 4.0);
    }

    #[test]
    fn neighbours_are_as_like_as_they_should_be() {
        let correlation_of = |values: &[f64]| {
            let above = |value: f64| value - 20.0;
            let products = values
                .windows(2)
                .map(|pair| above(pair[0]) * above(pair[1]));
            let squares = values.iter().map(|value| above(*value).powi(2));
            products.sum::<f64>() / squares.sum::<f64>()
        };
        let (share, correlation) = (0.1, 0.8);
        let like = correlation_of(&noisy(Noise::Autoregressive { share, correlation }, 20.0));
        assert!((like - 0.8).abs() < 0.03, "{like}");
        let unlike = correlation_of(&noisy(Noise::Gaussian { share: 0.1 }, 20.0));
        assert!(unlike.abs() < 0.03, "{unlike}");
    }

    #[test]
    fn nothing_becomes_negative_and_nothing_comes_of_nothing() {
        let wild = noisy(Noise::Gaussian { share: 5.0 }, 20.0);
        assert!(wild.iter().all(|value| *value >= 0.0));
        assert!(noisy(Noise::Poisson, 0.0).iter().all(|value| *value == 0.0));
    }
}
