//! `ServiceTime`: the closed forms of one service time, alone, after a wait, and after an exponential wait.

use statrs::function::gamma::{gamma_lr, gamma_ur, ln_gamma};

/// Below this squared coefficient of variation a service time is taken as fixed: its spread is under 0.1 %.
const FIXED_SCV: f64 = 1e-6;

/// A range of waits narrower than this, in mean service times, is taken at its middle: the difference of two tails would
/// lose more digits.
const NARROW: f64 = 1e-6;

/// A service time with a given mean and squared coefficient of variation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ServiceTime {
    /// Always the mean, in seconds.
    Fixed(f64),
    /// Memoryless, with the mean in seconds.
    Exponential(f64),
    /// Gamma.
    Gamma(GammaTime),
}

/// A gamma time of shape 1 / scv and rate 1 / (mean scv).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GammaTime {
    mean: f64,
    shape: f64,
    rate: f64,
    ln_gamma_of_next_shape: f64,
}

impl ServiceTime {
    /// From a mean in seconds and a squared coefficient of variation, both positive or the latter 0.
    pub(super) fn new(mean: f64, scv: f64) -> Self {
        if scv < FIXED_SCV {
            Self::Fixed(mean)
        } else if (scv - 1.0).abs() < f64::EPSILON {
            Self::Exponential(mean)
        } else {
            let shape = 1.0 / scv;
            Self::Gamma(GammaTime {
                mean,
                shape,
                rate: shape / mean,
                ln_gamma_of_next_shape: ln_gamma(shape + 1.0),
            })
        }
    }

    pub(super) const fn mean(&self) -> f64 {
        match self {
            Self::Fixed(mean) | Self::Exponential(mean) => *mean,
            Self::Gamma(gamma) => gamma.mean,
        }
    }

    /// P(S < X) of an exponential X with a rate in 1/s: the Laplace transform of the service time there.
    pub(super) fn before_exponential(&self, rate: f64) -> f64 {
        match self {
            Self::Fixed(mean) => (-rate * mean).exp(),
            Self::Exponential(mean) => (1.0 + rate * mean).recip(),
            Self::Gamma(gamma) => (1.0 + rate / gamma.rate).powf(-gamma.shape),
        }
    }

    /// P(S > y).
    pub(super) fn survival(&self, y: f64) -> f64 {
        if y < 0.0 {
            return 1.0;
        }
        match self {
            Self::Fixed(mean) => indicator(*mean > y),
            Self::Exponential(mean) => (-y / mean).exp(),
            Self::Gamma(gamma) => upper(gamma.shape, gamma.rate * y),
        }
    }

    /// P(V + S > y) - P(S > y), V exponential with rate `theta`: the service alone would be over by y, but not the wait
    /// and the service.
    ///
    /// It is the integral of f(s) e^(-theta (y - s)) over s from 0 to y.
    pub(super) fn late_for_waiting(&self, theta: f64, y: f64) -> f64 {
        if y <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Fixed(mean) if y < *mean => 0.0,
            Self::Fixed(mean) => (-theta * (y - mean)).exp(),
            Self::Exponential(mean) => {
                // mu (e^(-theta y) - e^(-mu y)) / (mu - theta), written so that mu = theta is no special point.
                let mu = 1.0 / mean;
                let apart = ((theta - mu) * y).abs();
                let shrink = if apart > 0.0 {
                    -(-apart).exp_m1() / apart
                } else {
                    1.0
                };
                mu * y * (-mu.min(theta) * y).exp() * shrink
            }
            Self::Gamma(gamma) => gamma.late_for_waiting(theta, y),
        }
    }

    /// The mean over `w` uniform in [`from`, `to`] of P(w + S > y).
    ///
    /// With G(y) = E max(S - y, 0), the integrated tail, it is (G(y - to) - G(y - from)) / (to - from).
    pub(super) fn survival_after_uniform(&self, from: f64, to: f64, y: f64) -> f64 {
        let (from, to) = (from.min(to), from.max(to));
        if let Self::Fixed(mean) = self {
            let turn = y - mean;
            return if from > turn {
                1.0
            } else if to <= turn {
                0.0
            } else {
                (to - turn) / (to - from)
            };
        }
        if y < from {
            return 1.0;
        }
        if to - from <= NARROW * self.mean() {
            return self.survival(y - from.midpoint(to));
        }
        ((self.excess(y - to) - self.excess(y - from)) / (to - from)).clamp(0.0, 1.0)
    }

    /// E max(S - y, 0).
    fn excess(&self, y: f64) -> f64 {
        if y <= 0.0 {
            return self.mean() - y;
        }
        match self {
            Self::Fixed(mean) => (mean - y).max(0.0),
            Self::Exponential(mean) => mean * (-y / mean).exp(),
            Self::Gamma(gamma) => {
                let scaled = gamma.rate * y;
                let tail =
                    gamma.mean * upper(gamma.shape + 1.0, scaled) - y * upper(gamma.shape, scaled);
                tail.max(0.0)
            }
        }
    }
}

impl GammaTime {
    /// As [`ServiceTime::late_for_waiting`], for y > 0, with shape k and rate r:
    ///
    /// (r y)^k e^(-r y) / Gamma(k + 1) * M(1, k + 1, (r - theta) y), with Kummer's function M in the one of three forms
    /// that has only positive terms (Abramowitz and Stegun 13.1.27, 6.5.12).
    fn late_for_waiting(&self, theta: f64, y: f64) -> f64 {
        let (k, scaled) = (self.shape, self.rate * y);
        let argument = (self.rate - theta) * y;
        if argument > k + 1.0 {
            // (r / (r - theta))^k e^(-theta y) P(k, (r - theta) y).
            let power = -k * (-theta / self.rate).ln_1p();
            return (power - theta * y).exp() * lower(k, argument);
        }
        let density = (k * scaled.ln() - scaled - self.ln_gamma_of_next_shape).exp();
        if density <= 0.0 {
            return 0.0;
        }
        density
            * if argument >= 0.0 {
                rising_series(k, argument)
            } else {
                poisson_mean(k, -argument)
            }
    }
}

/// The sum over n of z^n / ((k + 1) (k + 2) ... (k + n)), for 0 <= z <= k + 1.
fn rising_series(k: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 0.0);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= z / (k + n);
        sum += term;
    }
    sum
}

/// E k / (k + N), N Poisson with mean `z`, summed outwards from the mode.
fn poisson_mean(k: f64, z: f64) -> f64 {
    let mode = z.floor();
    let at_mode = (mode * z.ln() - z - ln_gamma(mode + 1.0)).exp();
    let mut sum = at_mode * k / (k + mode);
    let (mut n, mut probability) = (mode, at_mode);
    while probability > at_mode * 1e-17 {
        n += 1.0;
        probability *= z / n;
        sum += probability * k / (k + n);
    }
    (n, probability) = (mode, at_mode);
    while n > 0.0 && probability > at_mode * 1e-17 {
        probability *= n / z;
        n -= 1.0;
        sum += probability * k / (k + n);
    }
    sum
}

/// The regularized upper incomplete gamma function Q(k, x), with its limits at 0 and far out.
fn upper(k: f64, x: f64) -> f64 {
    if x < 1e-290 {
        1.0
    } else if x > 1e12 {
        0.0
    } else {
        gamma_ur(k, x)
    }
}

/// The regularized lower incomplete gamma function P(k, x), with its limit far out.
fn lower(k: f64, x: f64) -> f64 {
    if x > 1e12 { 1.0 } else { gamma_lr(k, x) }
}

const fn indicator(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check_against_integration(scv: f64, theta: f64, y: f64) {
        let service = ServiceTime::new(1.0, scv);
        // Slices that are fine near 0, where the density of a variable time has its pole.
        let slices = 20_000;
        let edge = |slice: i32| y * (f64::from(slice) / f64::from(slices)).powi(3);
        let expected: f64 = (0..slices)
            .map(|slice| {
                let (from, to) = (edge(slice), edge(slice + 1));
                let share = service.survival(from) - service.survival(to);
                share * (-theta * (y - from.midpoint(to))).exp()
            })
            .sum();
        let found = service.late_for_waiting(theta, y);
        assert!(
            (found - expected).abs() < 1e-5,
            "scv {scv}, theta {theta}, y {y}: {found} not {expected}"
        );
    }

    #[test]
    fn a_gamma_service_after_an_exponential_wait_matches_integration() {
        for scv in [0.05, 0.3, 0.999, 1.0, 1.5, 4.0] {
            for theta in [0.01, 0.4, 1.0 / scv, 1.01 / scv, 3.0, 30.0, 300.0] {
                for y in [0.01, 0.5, 1.0, 3.0, 12.0] {
                    check_against_integration(scv, theta, y);
                }
            }
        }
    }

    #[test]
    fn a_gamma_service_tends_to_the_exponential_and_the_fixed_one() {
        for theta in [0.3, 1.0, 7.0] {
            for y in [0.2, 1.1, 4.0] {
                let exponential = ServiceTime::Exponential(1.0).late_for_waiting(theta, y);
                let gamma = ServiceTime::new(1.0, 1.0 + 1e-9).late_for_waiting(theta, y);
                assert!((exponential - gamma).abs() < 1e-8, "{theta} {y}");
                let fixed = ServiceTime::Fixed(1.0).late_for_waiting(theta, y);
                let gamma = ServiceTime::new(1.0, 2e-6).late_for_waiting(theta, y);
                assert!((fixed - gamma).abs() < 1e-4, "{theta} {y}: {fixed} {gamma}");
            }
        }
    }

    fn any_service() -> impl Strategy<Value = ServiceTime> {
        prop_oneof![Just(0.0), Just(1.0), 1e-5..0.1, 0.1..10.0, 10.0..100.0]
            .prop_flat_map(|scv| (1e-3..10.0_f64).prop_map(move |mean| ServiceTime::new(mean, scv)))
    }

    proptest! {
        #[test]
        fn survival_after_a_wait_falls_with_y_and_with_the_rate(
            service in any_service(), theta in 1e-3..1e4_f64, y in 0.0..50.0_f64, step in 0.0..5.0_f64
        ) {
            let survival = |theta, y| service.survival(y) + service.late_for_waiting(theta, y);
            let here = survival(theta, y);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&here));
            prop_assert!(survival(theta, y + step) <= here + 1e-9);
            prop_assert!(survival(theta * 1.5, y) <= here + 1e-9);
        }

        #[test]
        fn survival_after_a_uniform_wait_is_the_mean_of_its_two_halves(
            service in any_service(), from in 0.0..20.0_f64, span in 0.0..20.0_f64, y in 0.0..50.0_f64
        ) {
            let (to, middle) = (from + span, from + span / 2.0);
            let whole = service.survival_after_uniform(from, to, y);
            let halves = service.survival_after_uniform(from, middle, y)
                .midpoint(service.survival_after_uniform(middle, to, y));
            prop_assert!((whole - halves).abs() < 1e-6, "{} {}", whole, halves);
            prop_assert!(whole >= service.survival(y - from) - 1e-9);
            prop_assert!(whole <= service.survival(y - to) + 1e-9);
        }
    }
}
