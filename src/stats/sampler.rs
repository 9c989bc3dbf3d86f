//! Draws from a distribution, with everything that a draw does not change computed once.

use std::sync::Arc;

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, LogNormal};

use super::distribution::{Distribution, FIXED_SCV};
use super::heavy_tail::{Pareto, TwoPhases};

/// A distribution that is ready to be drawn from many times: no draw allocates or sets up anything.
///
/// It draws the same times as [`Distribution::sample`] from the same numbers.
#[derive(Clone, Debug)]
pub struct Sampler(Draw);

#[derive(Clone, Debug)]
enum Draw {
    Fixed(f64),
    Uniform { low: f64, width: f64 },
    Exponential(f64),
    LogNormal(LogNormal<f64>),
    Gamma(Gamma<f64>),
    TwoPhases(TwoPhases),
    Pareto(Pareto),
    Empirical(Arc<[f64]>),
}

impl Sampler {
    pub(super) fn of(distribution: &Distribution) -> Self {
        Self(match distribution {
            Distribution::Deterministic { value } => Draw::Fixed(*value),
            Distribution::Uniform { low, high } => Draw::Uniform {
                low: *low,
                width: high - low,
            },
            Distribution::Exponential { mean } => Draw::Exponential(*mean),
            Distribution::LogNormal { mean, scv } if *mean > 0.0 => {
                LogNormal::from_mean_cv(*mean, scv.sqrt())
                    .map_or(Draw::Fixed(*mean), Draw::LogNormal)
            }
            Distribution::Gamma { mean, scv } if *scv >= FIXED_SCV => {
                Gamma::new(1.0 / scv, mean * scv).map_or(Draw::Fixed(*mean), Draw::Gamma)
            }
            Distribution::LogNormal { mean, .. } | Distribution::Gamma { mean, .. } => {
                Draw::Fixed(*mean)
            }
            Distribution::HyperExponential { mean, scv } => {
                TwoPhases::of(*mean, *scv).map_or(Draw::Fixed(*mean), Draw::TwoPhases)
            }
            Distribution::Pareto { mean, scv } => {
                Pareto::of(*mean, *scv).map_or(Draw::Fixed(*mean), Draw::Pareto)
            }
            Distribution::Empirical(samples) => Draw::Empirical(samples.shared()),
        })
    }

    /// One draw, in seconds.
    #[must_use]
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match &self.0 {
            Draw::Fixed(value) => *value,
            Draw::Uniform { low, width } => low + width * rng.random::<f64>(),
            Draw::Exponential(mean) => mean * rng.sample::<f64, _>(Exp1),
            Draw::LogNormal(shape) => shape.sample(rng),
            Draw::Gamma(shape) => shape.sample(rng),
            Draw::TwoPhases(phases) => {
                let is_fast = rng.random::<f64>() < phases.fast_share;
                let mean = if is_fast {
                    phases.fast_mean
                } else {
                    phases.slow_mean
                };
                mean * rng.sample::<f64, _>(Exp1)
            }
            // The logarithm of a Pareto variable over its least value is exponential.
            Draw::Pareto(Pareto { low, shape }) => low * (rng.sample::<f64, _>(Exp1) / shape).exp(),
            Draw::Empirical(values) => values[rng.random_range(0..values.len())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};

    #[track_caller]
    fn check(text: &str) {
        let distribution: Distribution = text.parse().expect("a distribution");
        let sampler = distribution.sampler();
        let mut draws = stream(1, 0, Purpose::ReadyTime, 0);
        let mut times: Vec<f64> = (0..40_000).map(|_| sampler.sample(&mut draws)).collect();
        times.sort_unstable_by(f64::total_cmp);
        for u in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
            let below = times.partition_point(|time| *time <= distribution.quantile(u));
            let share = below as f64 / times.len() as f64;
            // Five standard errors.
            let tolerance = 5.0 * (u * (1.0 - u) / times.len() as f64).sqrt();
            assert!((share - u).abs() < tolerance, "{text}: {share} below {u}");
        }
    }

    #[test]
    fn draws_stay_below_a_quantile_as_often_as_it_says() {
        check("5..30s");
        check("exp(20s)");
        check("lognormal(20s, scv 4)");
        check("gamma(20s, scv 0.5)");
        check("hyperexp(50ms, scv 4)");
        check("pareto(50ms, scv 4)");
        check("pareto(50ms, shape 2.5)");
    }

    #[test]
    fn measured_times_are_drawn_equally_often() {
        let distribution = Distribution::empirical(vec![1.0, 2.0, 4.0]).expect("samples");
        let sampler = distribution.sampler();
        let mut draws = stream(1, 0, Purpose::ReadyTime, 0);
        let mut counts = [0_u32; 5];
        for _ in 0..30_000 {
            let time = sampler.sample(&mut draws);
            counts[if time > 3.0 {
                4
            } else {
                usize::from(time > 1.5) + 1
            }] += 1;
        }
        let is_third = |count: u32| (9_500..10_500).contains(&count);
        assert!([counts[1], counts[2], counts[4]].map(is_third) == [true; 3]);
    }

    #[test]
    fn one_draw_is_that_of_a_sampler() {
        for text in ["exp(2s)", "gamma(2s, scv 3)", "hyperexp(2s, scv 3)"] {
            let distribution: Distribution = text.parse().expect("a distribution");
            let mut one = stream(7, 0, Purpose::ReadyTime, 0);
            let mut other = stream(7, 0, Purpose::ReadyTime, 0);
            let sampler = distribution.sampler();
            for _ in 0..10 {
                let (now, prepared) = (distribution.sample(&mut one), sampler.sample(&mut other));
                assert!(now.total_cmp(&prepared).is_eq());
            }
        }
    }
}
