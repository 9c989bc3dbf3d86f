//! Erlang A, M/M/c+M: clients that give up after an exponential patience.

use super::birth_death::{mean, stationary};

/// An M/M/c queue whose waiting clients give up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImpatientQueue {
    /// Arrivals, in 1/s.
    pub arrival_rate: f64,
    /// Services of one busy server, in 1/s.
    pub service_rate: f64,
    /// Number of servers.
    pub servers: u32,
    /// 1 / mean patience of a waiting client, in 1/s.
    pub abandonment_rate: f64,
}

/// Figures of an [`ImpatientQueue`] in steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImpatientFigures {
    /// P(all servers busy on arrival).
    pub wait_probability: f64,
    /// Mean number waiting.
    pub mean_waiting: f64,
    /// Share of clients that give up.
    pub abandoned: f64,
    /// Mean time in line of all clients, whether served or not, in seconds.
    pub mean_wait: f64,
}

impl ImpatientQueue {
    /// Its steady state, from the birth-death chain (Palm 1957; Garnett, Mandelbaum and Reiman 2002).
    ///
    /// `None` when a figure is not positive, or the line is too long to compute (over ten million).
    #[must_use]
    pub fn steady_state(&self) -> Option<ImpatientFigures> {
        let rates = [self.arrival_rate, self.service_rate, self.abandonment_rate];
        if self.servers == 0 || !rates.iter().all(|rate| *rate > 0.0 && rate.is_finite()) {
            return None;
        }
        let servers = f64::from(self.servers);
        let leaving = |n: f64| {
            n.min(servers) * self.service_rate + (n - servers).max(0.0) * self.abandonment_rate
        };
        let probabilities = stationary(|n| self.arrival_rate / leaving(n), None)?;
        let mean_waiting = mean(&probabilities, |n| (n - servers).max(0.0));
        Some(ImpatientFigures {
            wait_probability: mean(&probabilities, |n| if n >= servers { 1.0 } else { 0.0 }),
            mean_waiting,
            abandoned: self.abandonment_rate * mean_waiting / self.arrival_rate,
            mean_wait: mean_waiting / self.arrival_rate,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::Mmc;

    #[test]
    fn endless_patience_gives_mmc() {
        let patient = ImpatientQueue {
            arrival_rate: 8.0,
            service_rate: 1.0,
            servers: 10,
            abandonment_rate: 1e-9,
        };
        let endless = Mmc::new(8.0, 1.0, 10).unwrap();
        let figures = patient.steady_state().unwrap();
        assert!((figures.mean_wait - endless.mean_wait()).abs() < 1e-8);
        assert!((figures.wait_probability - endless.wait_probability()).abs() < 1e-8);
    }

    #[test]
    fn patience_as_long_as_service_gives_as_many_servers_as_clients() {
        // Each of n clients leaves at the same rate, so n is Poisson with mean lambda / mu.
        let queue = ImpatientQueue {
            arrival_rate: 3.0,
            service_rate: 1.0,
            servers: 1,
            abandonment_rate: 1.0,
        };
        let idle = (-3.0_f64).exp();
        assert!((queue.steady_state().unwrap().wait_probability - (1.0 - idle)).abs() < 1e-12);
        let broken = ImpatientQueue {
            servers: 0,
            ..queue
        };
        assert_eq!(broken.steady_state(), None);
    }
}
