//! M(t)/M/inf: how busy servers follow a changing load when there are always enough of them.

use std::f64::consts::TAU;

/// A load that swings as a sine, lambda(t) = mean + amplitude sin(2 pi t / period).
///
/// Busy servers follow with a lag and less amplitude (Eick, Massey and Whitt 1993).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinusoidalLoad {
    /// Mean arrivals, in 1/s.
    pub mean_rate: f64,
    /// Greatest departure from the mean, in 1/s.
    pub amplitude: f64,
    /// Seconds of one swing.
    pub period: f64,
    /// Services of one busy server, in 1/s.
    pub service_rate: f64,
}

/// A load that rises in a straight line, lambda(t) = initial + slope t from a steady state at t = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RampLoad {
    /// Arrivals up to t = 0, in 1/s.
    pub initial_rate: f64,
    /// Rise of the arrival rate, in 1/s per second.
    pub slope: f64,
    /// Services of one busy server, in 1/s.
    pub service_rate: f64,
}

impl SinusoidalLoad {
    /// Mean of the expected number of busy servers over a swing.
    #[must_use]
    pub fn mean_busy(&self) -> f64 {
        self.mean_rate / self.service_rate
    }

    /// Swing of the expected number of busy servers, A / sqrt(mu^2 + gamma^2).
    #[must_use]
    pub fn busy_amplitude(&self) -> f64 {
        self.amplitude / self.service_rate.hypot(self.angular_rate())
    }

    /// How long after the load the busy servers peak, atan(gamma / mu) / gamma, in seconds.
    #[must_use]
    pub fn lag_seconds(&self) -> f64 {
        (self.angular_rate() / self.service_rate).atan() / self.angular_rate()
    }

    /// Expected number of busy servers at a time in seconds, long after the beginning.
    #[must_use]
    pub fn busy(&self, t: f64) -> f64 {
        let phase = self.angular_rate() * (t - self.lag_seconds());
        self.mean_busy() + self.busy_amplitude() * phase.sin()
    }

    /// The greatest expected number of busy servers.
    #[must_use]
    pub fn peak_busy(&self) -> f64 {
        self.mean_busy() + self.busy_amplitude()
    }

    /// What the greatest load would keep busy if it stayed: the pointwise stationary approximation of the peak.
    #[must_use]
    pub fn stationary_peak_busy(&self) -> f64 {
        (self.mean_rate + self.amplitude) / self.service_rate
    }

    fn angular_rate(&self) -> f64 {
        TAU / self.period
    }
}

impl RampLoad {
    /// Expected number of busy servers at a time t >= 0 in seconds: (lambda(t) - slope / mu) / mu, and what is left of
    /// the beginning.
    #[must_use]
    pub fn busy(&self, t: f64) -> f64 {
        let behind = self.slope * self.lag_seconds() * (1.0 - (-self.service_rate * t).exp());
        (self.initial_rate + self.slope * t - behind) / self.service_rate
    }

    /// How far the busy servers follow behind the load in the end, one mean service time, in seconds.
    #[must_use]
    pub fn lag_seconds(&self) -> f64 {
        self.service_rate.recip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Integrates m'(t) = lambda(t) - mu m(t) by small steps.
    fn integrated(load: impl Fn(f64) -> f64, service_rate: f64, start: f64, seconds: u32) -> f64 {
        let steps_per_second = 1000;
        let width = 1.0 / f64::from(steps_per_second);
        (0..seconds * steps_per_second).fold(start, |busy, step| {
            let middle = (f64::from(step) + 0.5) * width;
            let half = busy + (load(middle) - service_rate * busy) * width / 2.0;
            busy + (load(middle) - service_rate * half) * width
        })
    }

    #[test]
    fn both_solve_the_equation_of_flow() {
        let swing = SinusoidalLoad {
            mean_rate: 10.0,
            amplitude: 6.0,
            period: 60.0,
            service_rate: 0.1,
        };
        let load = |t: f64| 10.0 + 6.0 * (TAU * t / 60.0).sin();
        let found = integrated(load, 0.1, swing.busy(0.0), 100);
        assert!((found - swing.busy(100.0)).abs() < 1e-3, "{found}");
        let ramp = RampLoad {
            initial_rate: 10.0,
            slope: 0.5,
            service_rate: 0.1,
        };
        let found = integrated(|t| 10.0 + 0.5 * t, 0.1, ramp.busy(0.0), 100);
        assert!((found - ramp.busy(100.0)).abs() < 1e-3, "{found}");
    }
}
