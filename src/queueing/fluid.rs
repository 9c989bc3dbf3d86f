//! Fluid of an overload: load above capacity until more capacity comes, in closed form.

/// A load that steps above capacity at time 0, and capacity that steps above the load some time later.
///
/// Requests are taken as a fluid served in first-come order. That is right to about the square root of the arrivals, so
/// for a backlog much greater than that (Newell, Applications of Queueing Theory).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepOverload {
    /// Arrivals from time 0 on, in 1/s.
    pub arrival_rate: f64,
    /// Capacity until the new one comes, in 1/s.
    pub capacity_before: f64,
    /// Capacity from then on, in 1/s.
    pub capacity_after: f64,
    /// When the new capacity comes, in seconds.
    pub capacity_delay: f64,
}

impl StepOverload {
    /// Requests waiting when the new capacity comes, the most there are when it suffices: (lambda - C0) T.
    #[must_use]
    pub fn backlog_peak(&self) -> f64 {
        self.excess_rate() * self.capacity_delay
    }

    /// Seconds from the new capacity to the end of the backlog; infinite when it doesn't suffice.
    #[must_use]
    pub fn drain_seconds(&self) -> f64 {
        let spare = self.capacity_after - self.arrival_rate;
        if self.backlog_peak() <= 0.0 {
            0.0
        } else if spare > 0.0 {
            self.backlog_peak() / spare
        } else {
            f64::INFINITY
        }
    }

    /// Seconds with a backlog.
    #[must_use]
    pub fn overload_seconds(&self) -> f64 {
        if self.backlog_peak() <= 0.0 {
            0.0
        } else {
            self.capacity_delay + self.drain_seconds()
        }
    }

    /// The longest wait of a request, in seconds: T (1 - C0 / lambda); infinite when the new capacity doesn't suffice.
    #[must_use]
    pub fn greatest_wait(&self) -> f64 {
        if self.drain_seconds().is_infinite() && self.capacity_after < self.arrival_rate {
            return f64::INFINITY;
        }
        self.capacity_delay * self.excess_rate() / self.arrival_rate
    }

    /// When the request with the longest wait arrives, in seconds: C0 T / lambda. It is served when the capacity comes.
    #[must_use]
    pub fn greatest_wait_at(&self) -> f64 {
        (self.capacity_before / self.arrival_rate).min(1.0) * self.capacity_delay
    }

    /// Waiting requests summed over time, in request seconds: the total wait of all.
    #[must_use]
    pub fn total_wait(&self) -> f64 {
        self.backlog_peak() * self.overload_seconds() / 2.0
    }

    /// Requests that arrive while there is a backlog.
    #[must_use]
    pub fn delayed_requests(&self) -> f64 {
        self.arrival_rate * self.overload_seconds()
    }

    /// Requests that wait longer than `x` seconds.
    ///
    /// The wait of an arrival at t is t (lambda - C0) / C0 while it is served by the old capacity, and falls by
    /// 1 - lambda / C1 for each second of arrivals after that.
    #[must_use]
    pub fn waiting_longer_than(&self, x: f64) -> f64 {
        if x >= self.greatest_wait() || self.backlog_peak() <= 0.0 {
            return 0.0;
        }
        let x = x.max(0.0);
        let from = x * self.capacity_before / self.excess_rate();
        let spare = self.capacity_after - self.arrival_rate;
        if spare <= 0.0 {
            return f64::INFINITY;
        }
        let to = self.capacity_delay + (self.backlog_peak() - x * self.capacity_after) / spare;
        self.arrival_rate * (to - from)
    }

    fn excess_rate(&self) -> f64 {
        (self.arrival_rate - self.capacity_before).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_total_wait_is_the_area_under_the_waits(
            load in 1.0..100.0_f64, before in 0.1..0.95_f64, after in 1.05..3.0_f64, delay in 1.0..100.0_f64
        ) {
            let overload = StepOverload {
                arrival_rate: load,
                capacity_before: before * load,
                capacity_after: after * load,
                capacity_delay: delay,
            };
            // E(wait) = integral of P(wait > x), by the midpoint rule, exact for straight lines.
            let slices = 100;
            let width = overload.greatest_wait() / f64::from(slices);
            let area: f64 = (0..slices)
                .map(|slice| width * overload.waiting_longer_than((f64::from(slice) + 0.5) * width))
                .sum();
            prop_assert!((area / overload.total_wait() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn enough_capacity_has_no_backlog_and_too_little_never_ends() {
        let enough = StepOverload {
            arrival_rate: 10.0,
            capacity_before: 20.0,
            capacity_after: 20.0,
            capacity_delay: 60.0,
        };
        assert!(enough.overload_seconds() + enough.total_wait() + enough.greatest_wait() < 1e-300);
        assert!(enough.waiting_longer_than(0.0) < 1e-300);
        let little = StepOverload {
            capacity_before: 5.0,
            capacity_after: 8.0,
            ..enough
        };
        assert!(little.drain_seconds().is_infinite() && little.greatest_wait().is_infinite());
        assert!(little.waiting_longer_than(1.0).is_infinite());
    }
}
