//! Round robin over c exponential servers: each sees every c-th arrival, an E_c/M/1 queue.

use super::root::last_where;

/// One of the servers behind a round-robin balancer, in steady state.
///
/// In GI/M/1 the latency is exponential with rate mu (1 - sigma), where sigma is the probability of waiting
/// (Kendall 1953).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundRobin {
    service_rate: f64,
    wait_probability: f64,
}

impl RoundRobin {
    /// Poisson arrivals with the total `arrival_rate`, dealt in turn to `servers` servers, each with `service_rate`; in 1/s.
    ///
    /// sigma is the root below 1 of sigma = (lambda / (lambda + mu (1 - sigma)))^c. `None` when there is no steady state,
    /// or a rate is not a positive number.
    #[must_use]
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<Self> {
        let count = f64::from(servers);
        let occupancy = arrival_rate / (service_rate * count);
        if !(arrival_rate > 0.0 && service_rate > 0.0 && occupancy < 1.0) {
            return None;
        }
        // Erlang gaps are more regular than Poisson ones, for which sigma is the occupancy.
        let wait_probability = last_where(0.0, occupancy, |sigma| {
            let gap = arrival_rate / (arrival_rate + service_rate * (1.0 - sigma));
            gap.powf(count) >= sigma
        });
        Some(Self {
            service_rate,
            wait_probability,
        })
    }

    /// P(wait > 0): sigma.
    #[must_use]
    pub const fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean latency, in seconds.
    #[must_use]
    pub fn mean_latency(&self) -> f64 {
        (self.service_rate * (1.0 - self.wait_probability)).recip()
    }

    /// Mean wait, in seconds.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability * self.mean_latency()
    }

    /// The latency that the share `q` of requests does not exceed, in seconds.
    #[must_use]
    pub fn latency_quantile(&self, q: f64) -> f64 {
        -self.mean_latency() * (-q).ln_1p()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_server_is_an_mm1_queue() {
        let queue = RoundRobin::new(7.0, 10.0, 1).unwrap();
        assert!((queue.wait_probability() - 0.7).abs() < 1e-12);
        assert!((queue.mean_latency() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(RoundRobin::new(10.0, 10.0, 1), None);
    }

    proptest! {
        #[test]
        fn dealing_in_turn_waits_less_than_dealing_at_random(servers in 2..100_u32, occupancy in 0.05..0.99_f64) {
            let queue = RoundRobin::new(occupancy * f64::from(servers), 1.0, servers).unwrap();
            prop_assert!(queue.wait_probability() < occupancy);
            let gap = (1.0 + (1.0 - queue.wait_probability()) / (occupancy * f64::from(servers))).recip();
            prop_assert!((gap.powf(f64::from(servers)) - queue.wait_probability()).abs() < 1e-9);
        }
    }
}
