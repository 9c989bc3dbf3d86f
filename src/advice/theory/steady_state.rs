//! Where the loop comes to rest: rounding, the tolerance band, and noise under a window.

/// A loop at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteadyState {
    /// The metric's target, in its own unit.
    pub target: f64,
    /// Tolerance of the scale-up direction, a share of the target.
    pub tolerance_up: f64,
    /// Tolerance of the scale-down direction.
    pub tolerance_down: f64,
    /// The controller rounds the metric down to multiples of this: 1 of a utilization in percent, 0 where it does not.
    pub step: f64,
}

/// Floats this close to a whole step are on it.
const CLOSE: f64 = 1e-9;

impl SteadyState {
    /// Between which values the metric rests after a scale-up to `replicas`: (r (1 - 1/n), r], since the count was rounded
    /// up.
    #[must_use]
    pub fn after_scale_up(&self, replicas: u32) -> (f64, f64) {
        let below = 1.0 - 1.0 / f64::from(replicas.max(1));
        (self.target * below, self.target)
    }

    /// Between which values it may drift without any answer: r (1 - tolerance) to r (1 + tolerance). Of a metric that is
    /// rounded down, from the first whole step in there to the first beyond, which itself is answered.
    #[must_use]
    pub fn blind_band(&self) -> (f64, f64) {
        let low = self.target * (1.0 - self.tolerance_down).max(0.0);
        let high = self.target * (1.0 + self.tolerance_up);
        if self.step > 0.0 {
            let steps = |value: f64| value / self.step;
            (
                (steps(low) - CLOSE).ceil() * self.step,
                ((steps(high) + CLOSE).floor() + 1.0) * self.step,
            )
        } else {
            (low, high)
        }
    }

    /// The counts of replicas that the loop leaves alone at a load that needs `replicas` at the target: from
    /// a / (r (1 + tolerance)) to a / (r (1 - tolerance)), by the ends of the band.
    #[must_use]
    pub fn blind_counts(&self, replicas: f64) -> (f64, f64) {
        let (low, high) = self.blind_band();
        let load = replicas * self.target;
        let most = if low > 0.0 { load / low } else { f64::INFINITY };
        (load / high, most)
    }
}

/// Standard deviations beyond which nothing is looked for.
const WIDEST: f64 = 12.0;
const INTERVALS: u32 = 4800;

/// The mean of the highest of `samples` independent standard normal variables, E_m: the integral of
/// x m pdf(x) cdf(x)^(m - 1), by the trapezoidal rule, which is all but exact for smooth functions that vanish at both
/// ends. A window of m syncs whose highest recommendation counts holds about ceil((a / r) (1 + E_m sigma)) replicas, where
/// sigma is the relative noise of the metric.
#[must_use]
pub fn expected_maximum(samples: u32) -> f64 {
    let m = f64::from(samples.max(1));
    let width = 2.0 * WIDEST / f64::from(INTERVALS);
    let (mut below, mut sum, mut before) = (0.0, 0.0, 0.0);
    for interval in 0..=INTERVALS {
        let x = -WIDEST + f64::from(interval) * width;
        let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        below += f64::midpoint(before, density) * width;
        before = density;
        sum += x * m * density * f64::min(below, 1.0).powf(m - 1.0) * width;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_many_lies_further_out() {
        for (samples, expected) in [(1, 0.0), (4, 1.029_375), (10, 1.538_753), (40, 2.160_777)] {
            let found = expected_maximum(samples);
            assert!((found - expected).abs() < 1e-3, "{samples}: {found}");
        }
    }

    #[test]
    fn ten_percent_tolerance_leaves_a_fifth_of_the_counts_alone() {
        let rest = SteadyState {
            target: 70.0,
            tolerance_up: 0.1,
            tolerance_down: 0.1,
            step: 0.0,
        };
        let (least, most) = rest.blind_counts(99.0);
        assert!((least - 90.0).abs() < 1e-9 && (most - 110.0).abs() < 1e-9);
        let (low, high) = rest.after_scale_up(4);
        assert!((low - 52.5).abs() < 1e-9 && (high - 70.0).abs() < 1e-9);
    }

    #[test]
    fn a_utilization_that_is_rounded_down_is_left_alone_for_longer() {
        let rest = SteadyState {
            target: 60.0,
            tolerance_up: 0.1,
            tolerance_down: 0.1,
            step: 1.0,
        };
        let (low, high) = rest.blind_band();
        assert!((low - 54.0).abs() < 1e-9 && (high - 67.0).abs() < 1e-9);
        // 18 replicas at 66.67 % are left alone, 17 at 70.6 % are not.
        let (least, most) = rest.blind_counts(20.0);
        assert!((17.0..18.0).contains(&least) && (22.0..23.0).contains(&most));
    }

    #[test]
    fn a_tolerance_over_one_never_scales_down() {
        let rest = SteadyState {
            target: 70.0,
            tolerance_up: 0.1,
            tolerance_down: 1.5,
            step: 1.0,
        };
        assert!(rest.blind_counts(10.0).1.is_infinite());
        assert!(rest.blind_band().0.abs() < 1e-12);
    }
}
