//! M/M/c: Poisson arrivals, exponential service, c servers, one line.

use super::erlang::erlang_c;
use super::root::first_where;
use super::service_time::ServiceTime;

/// A stable M/M/c queue in first-come order (Erlang 1917; Gross and Harris, Fundamentals of Queueing Theory).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmc {
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    wait_probability: f64,
}

impl Mmc {
    /// A queue with the given arrival rate and service rate of each server, in 1/s.
    ///
    /// `None` when it has no steady state, or a rate is not a positive number.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<Self> {
        let offered_load = arrival_rate / service_rate;
        let stable = arrival_rate > 0.0 && service_rate > 0.0 && offered_load < f64::from(servers);
        stable.then(|| Self {
            arrival_rate,
            service_rate,
            servers,
            wait_probability: erlang_c(servers, offered_load),
        })
    }

    /// Arrivals, in 1/s.
    #[must_use]
    pub const fn arrival_rate(&self) -> f64 {
        self.arrival_rate
    }

    /// Services of one busy server, in 1/s.
    #[must_use]
    pub const fn service_rate(&self) -> f64 {
        self.service_rate
    }

    /// Number of servers.
    #[must_use]
    pub const fn servers(&self) -> u32 {
        self.servers
    }

    /// Arrival rate over service rate, in erlangs: the mean number of busy servers.
    #[must_use]
    pub fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// Share of time a server is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.offered_load() / f64::from(self.servers)
    }

    /// P(wait > 0): Erlang C.
    #[must_use]
    pub const fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean wait, C / (c mu - lambda), in seconds.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability / self.spare_rate()
    }

    /// Mean latency, in seconds.
    #[must_use]
    pub fn mean_latency(&self) -> f64 {
        self.mean_wait() + self.service_rate.recip()
    }

    /// Mean number waiting, by Little's law.
    #[must_use]
    pub fn mean_waiting(&self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// Mean number in the system, by Little's law.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_latency()
    }

    /// P(wait > `x` seconds) = C e^(-(c mu - lambda) x).
    #[must_use]
    pub fn wait_survival(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 1.0;
        }
        self.wait_probability * (-self.spare_rate() * x).exp()
    }

    /// P(latency > `x` seconds), wait and service together.
    #[must_use]
    pub fn latency_survival(&self, x: f64) -> f64 {
        let service = ServiceTime::Exponential(self.service_rate.recip());
        let for_waiting = service.late_for_waiting(self.spare_rate(), x);
        service.survival(x) + self.wait_probability * for_waiting
    }

    /// The wait that the share `q` of requests does not exceed, in seconds.
    #[must_use]
    pub fn wait_quantile(&self, q: f64) -> f64 {
        ((self.wait_probability / (1.0 - q)).ln() / self.spare_rate()).max(0.0)
    }

    /// The latency that the share `q` of requests does not exceed, in seconds.
    #[must_use]
    pub fn latency_quantile(&self, q: f64) -> f64 {
        first_where(self.service_rate.recip(), |x| {
            self.latency_survival(x) <= 1.0 - q
        })
    }

    /// Service rate of all servers beyond the arrival rate, c mu - lambda.
    fn spare_rate(&self) -> f64 {
        f64::from(self.servers) * self.service_rate - self.arrival_rate
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_saturated_queue_has_no_steady_state() {
        assert_eq!(Mmc::new(10.0, 1.0, 10), None);
        assert_eq!(Mmc::new(f64::NAN, 1.0, 10), None);
        assert_eq!(Mmc::new(1.0, 1.0, 0), None);
    }

    #[test]
    fn the_latency_tail_is_smooth_where_both_rates_meet() {
        // With lambda = (c - 1) mu the spare rate is mu itself.
        let at = Mmc::new(4.0, 1.0, 5).unwrap().latency_survival(2.0);
        let beside = Mmc::new(4.0 + 1e-7, 1.0, 5).unwrap().latency_survival(2.0);
        assert!((at - beside).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn the_mean_latency_is_the_area_under_its_tail(servers in 1..50_u32, occupancy in 0.05..0.9_f64) {
            let queue = Mmc::new(occupancy * f64::from(servers), 1.0, servers).unwrap();
            let end = queue.latency_quantile(1.0 - 1e-9);
            let slices = 20_000;
            let width = end / f64::from(slices);
            let area: f64 = (0..slices)
                .map(|slice| width * queue.latency_survival((f64::from(slice) + 0.5) * width))
                .sum();
            prop_assert!((area / queue.mean_latency() - 1.0).abs() < 1e-5);
        }

        #[test]
        fn quantiles_invert_the_tails(servers in 1..50_u32, occupancy in 0.05..0.99_f64, q in 0.01..0.999_f64) {
            let queue = Mmc::new(occupancy * f64::from(servers), 1.0, servers).unwrap();
            let latency = queue.latency_survival(queue.latency_quantile(q));
            prop_assert!((latency - (1.0 - q)).abs() < 1e-9);
            let wait = queue.wait_quantile(q);
            prop_assert!(wait <= 0.0 || (queue.wait_survival(wait) - (1.0 - q)).abs() < 1e-9);
            prop_assert!(wait > 0.0 || queue.wait_probability() <= 1.0 - q + 1e-9);
        }
    }
}
