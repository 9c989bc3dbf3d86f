//! The two heavy-tailed shapes that no library of ours has by mean and variability.

use super::distribution::FIXED_SCV;

/// Steps after which Newton's method has converged for every variability up to 100; it takes a dozen or two.
const MAX_STEPS: usize = 100;

/// A Pareto variable of the first type: survival (low / x)^shape over its least value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pareto {
    /// The least time, in seconds.
    pub(super) low: f64,
    /// The power of the tail, over 2.
    pub(super) shape: f64,
}

/// Exponential with one of two means, each chosen in inverse proportion to its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct TwoPhases {
    /// How many draws have the smaller mean.
    pub(super) fast_share: f64,
    /// The smaller mean, in seconds.
    pub(super) fast_mean: f64,
    /// The larger mean, in seconds.
    pub(super) slow_mean: f64,
}

impl Pareto {
    /// With shape a, the mean is a low / (a - 1) and the scv 1 / (a (a - 2)). `None` when fixed.
    pub(super) fn of(mean: f64, scv: f64) -> Option<Self> {
        (mean > 0.0 && scv > FIXED_SCV).then(|| {
            let shape = 1.0 + (1.0 + 1.0 / scv).sqrt();
            Self {
                low: mean * (shape - 1.0) / shape,
                shape,
            }
        })
    }

    pub(super) fn quantile(self, u: f64) -> f64 {
        self.low * (-(-u).ln_1p() / self.shape).exp()
    }

    pub(super) fn survival(self, x: f64) -> f64 {
        if x <= self.low {
            1.0
        } else {
            (self.low / x).powf(self.shape)
        }
    }
}

impl TwoPhases {
    /// Balanced means: the fast phase has the share p = (1 + sqrt((scv - 1) / (scv + 1))) / 2 and the mean
    /// `mean` / 2p, the slow one the rest and `mean` / 2(1 - p) (H. C. Tijms, "Stochastic Models", 1994, appendix B).
    /// `None` when the mean is zero or the scv below 1.
    pub(super) fn of(mean: f64, scv: f64) -> Option<Self> {
        (mean > 0.0 && (1.0..=f64::MAX).contains(&scv)).then(|| {
            let spread = ((scv - 1.0) / (scv + 1.0)).sqrt();
            Self {
                fast_share: f64::midpoint(1.0, spread),
                fast_mean: mean / (1.0 + spread),
                slow_mean: mean / (1.0 - spread),
            }
        })
    }

    pub(super) fn survival(self, x: f64) -> f64 {
        self.fast_share * (-x / self.fast_mean).exp()
            + (1.0 - self.fast_share) * (-x / self.slow_mean).exp()
    }

    /// The logarithm of the survival is convex and falls, so Newton's method from the fast phase's own quantile, which
    /// is never too far, comes ever nearer from below.
    pub(super) fn quantile(self, u: f64) -> f64 {
        let wanted = (-u).ln_1p();
        if wanted == f64::NEG_INFINITY {
            return f64::INFINITY;
        }
        let mut x = -wanted * self.fast_mean;
        for _ in 0..MAX_STEPS {
            let fast = self.fast_share * (-x / self.fast_mean).exp();
            let slow = (1.0 - self.fast_share) * (-x / self.slow_mean).exp();
            let hazard = (fast / self.fast_mean + slow / self.slow_mean) / (fast + slow);
            let step = ((fast + slow).ln() - wanted) / hazard;
            x += step;
            if step.abs() <= 1e-14 * x || step.is_nan() {
                break;
            }
        }
        x
    }
}
