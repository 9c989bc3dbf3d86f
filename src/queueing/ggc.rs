//! Approximate and exact mean waits beyond exponential: G/G/c and M/G/1.

use super::erlang::erlang_c;

/// A G/G/c queue given by two moments of its arrivals and services.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ggc {
    /// Arrivals, in 1/s.
    pub arrival_rate: f64,
    /// Mean service time, in seconds.
    pub service_mean: f64,
    /// Number of servers.
    pub servers: u32,
    /// Squared coefficient of variation of the times between arrivals; 1 for Poisson.
    pub arrival_scv: f64,
    /// Squared coefficient of variation of the service time.
    pub service_scv: f64,
}

impl Ggc {
    /// Share of time a server is busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.arrival_rate * self.service_mean / f64::from(self.servers)
    }

    /// Approximate mean wait, C / (c mu - lambda) (ca^2 + cs^2) / 2, in seconds; infinite from saturation on
    /// (Allen and Cunneen, in Allen 1978).
    ///
    /// Exact for M/M/c and M/G/1; 30 % high for M/H2/10 with scv 4 at occupancy 70 %, 6 % high at 90 %.
    #[must_use]
    pub fn allen_cunneen_wait(&self) -> f64 {
        let offered_load = self.arrival_rate * self.service_mean;
        self.scaled_to_variability(erlang_c(self.servers, offered_load))
    }

    /// Approximate mean wait with rho^(sqrt(2 (c + 1)) - 1) in the place of Erlang C, in seconds; infinite from
    /// saturation on (Sakasegawa 1977; the VUT equation of Hopp and Spearman).
    #[must_use]
    pub fn sakasegawa_wait(&self) -> f64 {
        let exponent = (2.0 * (f64::from(self.servers) + 1.0)).sqrt() - 1.0;
        self.scaled_to_variability(self.occupancy().powf(exponent))
    }

    /// `wait_probability` S / (c (1 - rho)) (ca^2 + cs^2) / 2.
    fn scaled_to_variability(&self, wait_probability: f64) -> f64 {
        let free = 1.0 - self.occupancy();
        if free <= 0.0 {
            return f64::INFINITY;
        }
        wait_probability * self.service_mean / (f64::from(self.servers) * free)
            * self.arrival_scv.midpoint(self.service_scv)
    }
}

/// Exact mean wait of M/G/1, lambda E(S^2) / (2 (1 - rho)), in seconds; infinite from saturation on (Pollaczek 1930,
/// Khinchine 1932).
#[must_use]
pub fn pollaczek_khinchine_wait(arrival_rate: f64, service_mean: f64, service_scv: f64) -> f64 {
    let occupancy = arrival_rate * service_mean;
    if occupancy >= 1.0 {
        return f64::INFINITY;
    }
    occupancy * service_mean * (1.0 + service_scv) / (2.0 * (1.0 - occupancy))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::Mmc;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn allen_cunneen_is_exact_for_its_two_special_cases(
            servers in 1..30_u32, occupancy in 0.01..0.99_f64, scv in 0.0..9.0_f64
        ) {
            let exponential = Ggc {
                arrival_rate: occupancy * f64::from(servers),
                service_mean: 1.0,
                servers,
                arrival_scv: 1.0,
                service_scv: 1.0,
            };
            let exact = Mmc::new(exponential.arrival_rate, 1.0, servers).unwrap().mean_wait();
            prop_assert!((exponential.allen_cunneen_wait() / exact - 1.0).abs() < 1e-9);
            let single = Ggc { arrival_rate: occupancy, servers: 1, service_scv: scv, ..exponential };
            let exact = pollaczek_khinchine_wait(occupancy, 1.0, scv);
            prop_assert!((single.allen_cunneen_wait() / exact - 1.0).abs() < 1e-9);
            prop_assert!((single.sakasegawa_wait() / exact - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn saturation_waits_for_ever() {
        assert!(pollaczek_khinchine_wait(1.0, 1.0, 0.0).is_infinite());
        let full = Ggc {
            arrival_rate: 2.0,
            service_mean: 1.0,
            servers: 2,
            arrival_scv: 1.0,
            service_scv: 1.0,
        };
        assert!(full.allen_cunneen_wait().is_infinite() && full.sakasegawa_wait().is_infinite());
    }
}
