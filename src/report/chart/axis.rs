//! Value axes of the panels.

use super::scale::{
    Tick, log_percent_ticks, log_time_ticks, ticks_around, ticks_to, whole_ticks_to,
};

/// From how many times the smallest value on the axis of latencies is logarithmic.
const WIDE_RANGE: f64 = 20.0;

/// A value axis and its ticks.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    kind: Kind,
    pub(super) ticks: Vec<Tick>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Logarithmic,
}

impl Axis {
    /// From zero to a round value above `top`.
    pub(super) fn values(top: f64) -> Self {
        Self::from_zero(ticks_to(top, 4))
    }

    /// From zero to a round whole number above `top`.
    pub(super) fn counts(top: f64) -> Self {
        Self::from_zero(whole_ticks_to(top, 5))
    }

    /// From `low`, which need not be zero, to `high`, with ticks at round values between; what is all at one place gets
    /// round values around it.
    pub(super) fn around(low: f64, high: f64) -> Self {
        let ticks = ticks_around(low, high, 6);
        let within = ticks.iter().filter(|tick| (low..=high).contains(&tick.at));
        let within: Vec<Tick> = within.cloned().collect();
        if within.len() < 2 {
            return Self::between(ticks, Kind::Linear);
        }
        Self {
            low,
            high,
            kind: Kind::Linear,
            ticks: within,
        }
    }

    /// Percent between two positive numbers, logarithmic.
    pub(super) fn decades_of_percent(least: f64, most: f64) -> Self {
        Self::between(log_percent_ticks(least, most), Kind::Logarithmic)
    }

    /// Latencies between two positive numbers of seconds, logarithmic where they are far apart.
    pub(super) fn latencies(least: f64, most: f64) -> Self {
        if least > 0.0 && most / least > WIDE_RANGE {
            Self::between(log_time_ticks(least, most), Kind::Logarithmic)
        } else {
            let (unit, worth) = if most < 1.0 { ("ms", 1e-3) } else { ("s", 1.0) };
            let ticks = ticks_to(most / worth, 4).into_iter().map(|tick| Tick {
                at: tick.at * worth,
                label: format!("{} {unit}", tick.label),
            });
            Self::from_zero(ticks.collect())
        }
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper; the nearer end for what is outside.
    pub(super) fn share(&self, value: f64) -> f64 {
        let share = match self.kind {
            Kind::Linear => (value - self.low) / (self.high - self.low),
            Kind::Logarithmic => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        // A logarithm of nothing is the lower end.
        if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        }
    }

    fn from_zero(ticks: Vec<Tick>) -> Self {
        Self {
            low: 0.0,
            ..Self::between(ticks, Kind::Linear)
        }
    }

    /// From the first tick to the last.
    fn between(ticks: Vec<Tick>, kind: Kind) -> Self {
        Self {
            low: ticks.first().map_or(0.0, |tick| tick.at),
            high: ticks.last().map_or(1.0, |tick| tick.at),
            kind,
            ticks,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "ends are returned as they are")]

    use super::*;

    #[test]
    fn a_logarithmic_axis_spaces_decades_evenly() {
        let axis = Axis::latencies(0.02, 8.0);
        let labels: Vec<&str> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["10 ms", "100 ms", "1 s", "10 s"]);
        assert!((axis.share(0.1) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((axis.share(0.0), axis.share(100.0)), (0.0, 1.0));
    }

    #[test]
    fn an_axis_around_values_is_no_wider_than_they_are() {
        let axis = Axis::around(43.5, 127.5);
        let labels: Vec<&str> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["60", "80", "100", "120"]);
        assert_eq!((axis.share(43.5), axis.share(127.5)), (0.0, 1.0));
        assert!(Axis::around(100.0, 100.0).ticks.len() >= 2);
    }

    #[test]
    fn near_latencies_are_on_a_linear_axis() {
        let axis = Axis::latencies(0.1, 0.3);
        assert_eq!(axis.ticks[0].label, "0 ms");
        assert_eq!(axis.share(0.0), 0.0);
    }
}
