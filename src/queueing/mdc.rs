//! M/D/c: Poisson arrivals and a fixed service time, exactly.

use statrs::distribution::{Discrete, DiscreteCDF, Poisson};
use statrs::function::gamma::gamma_lr;

use super::erlang::erlang_c;
use super::root::{first_where, last_where};

/// A stable M/D/c queue in first-come order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mdc {
    arrival_rate: f64,
    service_time: f64,
    servers: u32,
}

/// A sum ends at a term this much smaller than itself.
const NEGLIGIBLE: f64 = 1e-17;
/// Beyond this many service times the wait of M/D/1 follows its exponential tail to all digits.
const TAIL_FROM: f64 = 40.0;

impl Mdc {
    /// A queue with the given arrival rate in 1/s and service time in seconds.
    ///
    /// `None` when it has no steady state, or a figure is not a positive number.
    #[must_use]
    pub fn new(arrival_rate: f64, service_time: f64, servers: u32) -> Option<Self> {
        let positive = arrival_rate > 0.0 && service_time > 0.0;
        let stable = positive && arrival_rate * service_time < f64::from(servers);
        stable.then_some(Self {
            arrival_rate,
            service_time,
            servers,
        })
    }

    /// Share of time a server is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.arrival_rate * self.service_time / f64::from(self.servers)
    }

    /// P(wait > 0), by Spitzer's identity: 1 - exp(-sum over k of P(S_k > 0) / k).
    ///
    /// In first-come order with fixed service every c-th arrival meets the same server, which is an E_c/D/1 queue; S_k is
    /// k services less the time of k c arrivals (Crommelin 1932; Spitzer 1956). The sum is longer the nearer the
    /// occupancy is to 1: about 80 / (c (1 - rho)^2) terms.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        let (servers, load) = (
            f64::from(self.servers),
            self.arrival_rate * self.service_time,
        );
        let sum = sum_until_negligible(|k| gamma_lr(k * servers, k * load) / k);
        -(-sum).exp_m1()
    }

    /// Mean wait, the sum over k of E max(S_k, 0) / k, in seconds; as [`wait_probability`](Self::wait_probability).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        let (servers, load) = (
            f64::from(self.servers),
            self.arrival_rate * self.service_time,
        );
        let sum = sum_until_negligible(|k| {
            let (arrivals, expected) = (k * servers, k * load);
            gamma_lr(arrivals, expected) - servers / load * gamma_lr(arrivals + 1.0, expected)
        });
        self.service_time * sum
    }

    /// Approximate mean wait, in seconds: half that of M/M/c, corrected for several servers (Cosmetatos 1976).
    #[must_use]
    pub fn cosmetatos_wait(&self) -> f64 {
        let (servers, occupancy) = (f64::from(self.servers), self.occupancy());
        let correction = (1.0 - occupancy) * (servers - 1.0) * ((4.0 + 5.0 * servers).sqrt() - 2.0)
            / (16.0 * occupancy * servers);
        self.half_rule_wait() * (1.0 + correction)
    }

    /// Approximate mean wait, in seconds: half that of M/M/c, which is low for several servers.
    #[must_use]
    pub fn half_rule_wait(&self) -> f64 {
        let servers = f64::from(self.servers);
        let spare = servers / self.service_time - self.arrival_rate;
        erlang_c(self.servers, self.arrival_rate * self.service_time) / spare / 2.0
    }

    /// P(wait > `x` seconds) of one server; `None` of several.
    ///
    /// Up to 40 service times by Franx's sum, whose terms are all positive, for one server (Franx 2001); beyond by the
    /// exponential tail (Cramer-Lundberg), which has met it by then.
    #[must_use]
    pub fn wait_survival(&self, x: f64) -> Option<f64> {
        if self.servers != 1 {
            return None;
        }
        let services = x / self.service_time;
        Some(if services < 0.0 {
            1.0
        } else if services > TAIL_FROM {
            self.tail(services)
        } else {
            self.franx_survival(services)
        })
    }

    /// The wait that the share `q` of requests does not exceed with one server, in seconds; `None` of several.
    #[must_use]
    pub fn wait_quantile(&self, q: f64) -> Option<f64> {
        self.wait_survival(0.0)?;
        Some(first_where(self.service_time, |x| {
            self.wait_survival(x)
                .is_none_or(|survival| survival <= 1.0 - q)
        }))
    }

    /// 1 - e^(-v) sum over j < k of Q(k - 1 - j) v^j / j!, with v = lambda (k D - x), k the services begun by x and Q(j)
    /// the probability of at most j waiting.
    fn franx_survival(&self, services: f64) -> f64 {
        let load = self.occupancy();
        let begun = services.floor() + 1.0;
        let in_line = at_most_waiting(load, begun);
        let expected = load * (begun - services);
        let mut term = (-expected).exp();
        let mut sum = 0.0;
        for (j, at_most) in in_line.iter().rev().enumerate() {
            sum += at_most * term;
            term *= expected / (j as f64 + 1.0);
        }
        (1.0 - sum).max(0.0)
    }

    /// (1 - rho) / (rho e^u - 1) e^(-u x / D), with u > 0 where rho (e^u - 1) = u.
    fn tail(&self, services: f64) -> f64 {
        let load = self.occupancy();
        let decay = last_where(f64::MIN_POSITIVE, 2.0 - 2.0 * load.ln(), |u| {
            load * u.exp_m1() <= u
        });
        (1.0 - load) / (load * decay.exp() - 1.0) * (-decay * services).exp()
    }
}

/// Q(0), Q(1), ... Q(count - 1): the probabilities of at most so many waiting in M/D/1.
///
/// The number in the system at departures, from the balance of flow over each level, which has only positive terms:
/// p(j+1) a(0) = p(0) P(A > j) + sum over i = 1..j of p(i) P(A > j + 1 - i), A Poisson arrivals in one service.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of at most some dozens"
)]
fn at_most_waiting(load: f64, count: f64) -> Vec<f64> {
    let count = count as usize;
    let Ok(arrivals) = Poisson::new(load) else {
        return vec![1.0; count];
    };
    let none = arrivals.pmf(0);
    let more_than: Vec<f64> = (0..=count as u64).map(|j| arrivals.sf(j)).collect();
    let mut states = vec![1.0 - load];
    for j in 0..count {
        let upward: f64 = states[0] * more_than[j]
            + (1..=j)
                .map(|i| states[i] * more_than[j + 1 - i])
                .sum::<f64>();
        states.push(upward / none);
    }
    let mut in_system = states[0];
    states[1..]
        .iter()
        .map(|probability| {
            in_system += probability;
            in_system
        })
        .collect()
}

/// The sum of positive terms that fall geometrically in the end, from k = 1.
fn sum_until_negligible(term: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut k) = (0.0, 1.0);
    loop {
        let next: f64 = term(k);
        sum += next;
        if next <= sum * NEGLIGIBLE {
            return sum;
        }
        k += 1.0;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::pollaczek_khinchine_wait;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_server_agrees_with_pollaczek_and_khinchine(occupancy in 0.05..0.95_f64) {
            let queue = Mdc::new(occupancy, 1.0, 1).unwrap();
            let exact = pollaczek_khinchine_wait(occupancy, 1.0, 0.0);
            prop_assert!((queue.mean_wait() / exact - 1.0).abs() < 1e-9);
            prop_assert!((queue.wait_probability() - occupancy).abs() < 1e-9);
            prop_assert!((queue.wait_survival(0.0).unwrap() - occupancy).abs() < 1e-12);
        }

        #[test]
        fn the_tail_continues_the_sum(occupancy in 0.5..0.99_f64) {
            let queue = Mdc::new(occupancy, 1.0, 1).unwrap();
            let (sum, tail) = (queue.franx_survival(TAIL_FROM), queue.tail(TAIL_FROM));
            prop_assert!((sum - tail).abs() < 1e-12, "{} {}", sum, tail);
        }

        #[test]
        fn the_wait_survival_falls(occupancy in 0.05..0.99_f64, x in 0.0..60.0_f64, step in 0.0..3.0_f64) {
            let queue = Mdc::new(occupancy, 1.0, 1).unwrap();
            let survival = |x| queue.wait_survival(x).unwrap();
            prop_assert!(survival(x + step) <= survival(x) + 1e-12);
        }
    }

    #[test]
    fn only_stable_queues_exist_and_only_one_server_has_quantiles() {
        assert_eq!(Mdc::new(2.0, 1.0, 2), None);
        assert_eq!(Mdc::new(1.0, f64::NAN, 2), None);
        assert_eq!(Mdc::new(1.0, 1.0, 2).unwrap().wait_quantile(0.5), None);
    }
}
