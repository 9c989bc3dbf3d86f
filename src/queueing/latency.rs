//! `ServiceModel`: one replica as an M/G/c queue behind a path; the latency its clients see, and the load it can take.

use thiserror::Error;

use super::erlang::erlang_c;
use super::root::{first_where, last_where};
use super::service_time::ServiceTime;

/// What makes a replica's latency: how many requests it serves at a time, for how long, and the path to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Requests in service at the same time, c; the others wait in line.
    pub servers: u32,
    /// Mean service time, in seconds.
    pub mean: f64,
    /// Squared coefficient of variation of the service time: 0 is fixed, 1 exponential, others gamma.
    pub scv: f64,
    /// Time on the way to the replica and back, in seconds.
    pub path_latency: f64,
}

/// One replica as an M/G/c queue in first-come order.
///
/// kube-proxy picks a backend at random for each connection, so each of n replicas sees a Poisson stream with rate
/// lambda / n. The wait is 0 with probability 1 - C (Erlang), and otherwise exponential with the mean that makes the
/// Allen-Cunneen mean wait: S (1 + scv) / (2 c (1 - rho)). That is exact for exponential service and in the mean for one
/// server; elsewhere it is an approximation, whose mean wait is up to 30 % high at c = 10, scv 4, occupancy 70 %.
/// Waits and service times are then added without further approximation, in closed form for every variability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceModel {
    spec: ServiceSpec,
    service: ServiceTime,
}

/// Why figures make no service model.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum ServiceModelError {
    /// Too few or too many servers.
    #[error("a concurrency of `{0}` cannot be modelled, expected a number from 1 to {MAX_SERVERS}")]
    Servers(u32),
    /// A service time that is not positive or too long.
    #[error(
        "a service time of `{0}` seconds cannot be modelled, expected a number from 1e-9 to 1e9"
    )]
    Mean(f64),
    /// A negative or too large variability.
    #[error(
        "a service time variability of `scv {0}` cannot be modelled, expected a number from 0 to {MAX_SCV}"
    )]
    Scv(f64),
    /// A negative or too long path.
    #[error("a path latency of `{0}` seconds cannot be modelled, expected a number from 0 to 1e9")]
    PathLatency(f64),
}

/// The greatest concurrency accepted.
pub(super) const MAX_SERVERS: u32 = 100_000;
/// The greatest squared coefficient of variation accepted.
pub(super) const MAX_SCV: f64 = 100.0;

/// The wait at one occupancy below 1: none, or exponential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SteadyWait {
    /// P(wait > 0).
    pub(super) probability: f64,
    /// 1 / E(wait | wait > 0), in 1/s.
    pub(super) rate: f64,
}

impl ServiceModel {
    /// Checks the figures.
    ///
    /// # Errors
    /// When one is not finite or outside the range the formulas are tested for.
    pub fn new(spec: ServiceSpec) -> Result<Self, ServiceModelError> {
        if !(1..=MAX_SERVERS).contains(&spec.servers) {
            return Err(ServiceModelError::Servers(spec.servers));
        }
        if !(1e-9..=1e9).contains(&spec.mean) {
            return Err(ServiceModelError::Mean(spec.mean));
        }
        if !(0.0..=MAX_SCV).contains(&spec.scv) {
            return Err(ServiceModelError::Scv(spec.scv));
        }
        if !(0.0..=1e9).contains(&spec.path_latency) {
            return Err(ServiceModelError::PathLatency(spec.path_latency));
        }
        Ok(Self {
            spec,
            service: ServiceTime::new(spec.mean, spec.scv),
        })
    }

    /// What the model was made of.
    #[must_use]
    pub const fn spec(&self) -> ServiceSpec {
        self.spec
    }

    /// The arrival rate at which the replica saturates, c / S, in 1/s.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        f64::from(self.spec.servers) / self.spec.mean
    }

    /// The share of the replica's servers that are busy at an arrival rate, in the long run; above 1 the queue grows.
    #[must_use]
    pub fn occupancy(&self, arrival_rate: f64) -> f64 {
        arrival_rate / self.capacity()
    }

    /// Mean wait before service in steady state, in seconds; infinite from saturation on.
    #[must_use]
    pub fn mean_wait(&self, arrival_rate: f64) -> f64 {
        self.steady_wait(self.occupancy(arrival_rate))
            .map_or(f64::INFINITY, |wait| wait.probability / wait.rate)
    }

    /// Mean number of requests waiting or in service in steady state, by Little's law; infinite from saturation on.
    #[must_use]
    pub fn mean_in_flight(&self, arrival_rate: f64) -> f64 {
        if arrival_rate > 0.0 {
            arrival_rate * (self.mean_wait(arrival_rate) + self.spec.mean)
        } else {
            0.0
        }
    }

    /// P(latency > `x` seconds) in steady state; 1 from saturation on, where waits grow without bound.
    #[must_use]
    pub fn survival(&self, arrival_rate: f64, x: f64) -> f64 {
        self.steady_wait(self.occupancy(arrival_rate))
            .map_or(1.0, |wait| self.survival_in(wait, x))
    }

    /// P(latency > `x` seconds) of a request that waits `wait` seconds, as it does behind a known backlog.
    #[must_use]
    pub fn survival_with_wait(&self, wait: f64, x: f64) -> f64 {
        self.service.survival(x - self.spec.path_latency - wait)
    }

    /// P(latency > `x` seconds) of a request whose wait is uniform between two values in seconds, as it is for arrivals
    /// while a backlog grows or shrinks linearly.
    #[must_use]
    pub fn survival_with_wait_between(&self, from: f64, to: f64, x: f64) -> f64 {
        self.service
            .survival_after_uniform(from, to, x - self.spec.path_latency)
    }

    /// The latency that the share `q` of requests does not exceed in steady state, in seconds; infinite from saturation
    /// on.
    #[must_use]
    pub fn quantile(&self, arrival_rate: f64, q: f64) -> f64 {
        let Some(wait) = self.steady_wait(self.occupancy(arrival_rate)) else {
            return f64::INFINITY;
        };
        let path = self.spec.path_latency;
        let beyond = 1.0 - q;
        path + first_where(self.spec.mean, |y| {
            self.survival_behind_path(wait, y) <= beyond
        })
    }

    /// The greatest arrival rate, in 1/s, at which the share `objective` of requests takes at most `slo_seconds`.
    ///
    /// `None` when not even an idle replica keeps that promise. The least number of replicas for an arrival rate is that
    /// rate over this one, rounded up: the demand.
    #[must_use]
    pub fn max_arrival_rate(&self, slo_seconds: f64, objective: f64) -> Option<f64> {
        let keeps = |arrival_rate: f64| {
            arrival_rate < self.capacity()
                && self.survival(arrival_rate, slo_seconds) <= 1.0 - objective
        };
        let rate = last_where(0.0, self.capacity(), keeps);
        (rate > 0.0).then_some(rate)
    }

    /// The wait at an occupancy; `None` from saturation on.
    pub(super) fn steady_wait(&self, occupancy: f64) -> Option<SteadyWait> {
        let occupancy = occupancy.max(0.0);
        let servers = f64::from(self.spec.servers);
        (occupancy < 1.0).then(|| SteadyWait {
            probability: erlang_c(self.spec.servers, occupancy * servers),
            rate: 2.0 * servers * (1.0 - occupancy) / (self.spec.mean * (1.0 + self.spec.scv)),
        })
    }

    /// P(S > x - path), the part of the survival that does not depend on the wait.
    pub(super) fn idle_survival(&self, x: f64) -> f64 {
        self.service.survival(x - self.spec.path_latency)
    }

    /// What a wait adds to [`idle_survival`](Self::idle_survival).
    pub(super) fn late_for_waiting(&self, wait: SteadyWait, x: f64) -> f64 {
        wait.probability
            * self
                .service
                .late_for_waiting(wait.rate, x - self.spec.path_latency)
    }

    /// P(latency > `x` seconds) when the wait is as given.
    pub(super) fn survival_in(&self, wait: SteadyWait, x: f64) -> f64 {
        self.survival_behind_path(wait, x - self.spec.path_latency)
    }

    fn survival_behind_path(&self, wait: SteadyWait, y: f64) -> f64 {
        let for_waiting = wait.probability * self.service.late_for_waiting(wait.rate, y);
        (self.service.survival(y) + for_waiting).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use proptest::prelude::*;

    fn model(servers: u32, mean: f64, scv: f64, path_latency: f64) -> ServiceModel {
        ServiceModel::new(ServiceSpec {
            servers,
            mean,
            scv,
            path_latency,
        })
        .unwrap()
    }

    fn any_model() -> impl Strategy<Value = ServiceModel> {
        let scv = prop_oneof![Just(0.0), Just(1.0), 0.01..9.0];
        (1..40_u32, 1e-3..1.0_f64, scv, 0.0..0.01_f64)
            .prop_map(|(servers, mean, scv, path)| model(servers, mean, scv, path))
    }

    proptest! {
        #[test]
        fn survival_falls_with_latency_and_rises_with_the_rate(
            model in any_model(), occupancy in 0.0..1.2_f64, x in 0.0..5.0_f64
        ) {
            let rate = occupancy * model.capacity();
            let here = model.survival(rate, x);
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(model.survival(rate, x * 1.1) <= here + 1e-12);
            prop_assert!(model.survival(rate * 1.01, x) >= here - 1e-12);
        }

        #[test]
        fn the_quantile_is_where_survival_falls_to_the_rest(
            model in any_model(), occupancy in 0.0..0.99_f64, q in 0.01..0.999_f64
        ) {
            let rate = occupancy * model.capacity();
            let x = model.quantile(rate, q);
            prop_assert!(model.survival(rate, x * (1.0 + 1e-12)) <= 1.0 - q + 1e-9);
            prop_assert!(model.survival(rate, x * (1.0 - 1e-9)) >= 1.0 - q - 1e-6);
        }

        #[test]
        fn the_greatest_rate_keeps_the_objective_and_a_greater_one_does_not(
            model in any_model(), slo in 0.01..5.0_f64, objective in 0.5..0.9999_f64
        ) {
            let late = |rate| model.survival(rate, slo);
            match model.max_arrival_rate(slo, objective) {
                Some(rate) => {
                    prop_assert!(rate < model.capacity());
                    prop_assert!(late(rate) <= 1.0 - objective);
                    prop_assert!(late(rate * (1.0 + 1e-9)) > 1.0 - objective);
                }
                None => prop_assert!(late(1e-6 * model.capacity()) > 1.0 - objective),
            }
        }

        #[test]
        fn a_known_wait_shifts_the_latency_of_an_idle_replica(model in any_model(), wait in 0.0..100.0_f64) {
            let path = model.spec().path_latency;
            prop_assert!((model.survival_with_wait(wait, wait + path / 2.0) - 1.0).abs() < 1e-12);
            let behind = model.survival_with_wait(wait, wait + 0.3);
            prop_assert!((behind - model.survival(0.0, 0.3)).abs() < 1e-6 || model.spec().scv < 1.0);
        }
    }

    #[test]
    fn one_exponential_server_has_an_exponential_latency() {
        let model = model(1, 0.1, 1.0, 0.0);
        for x in [0.01, 0.3, 2.0] {
            assert!((model.survival(7.0, x) - f64::exp(-3.0 * x)).abs() < 1e-12);
        }
        assert!((model.quantile(7.0, 0.99) - 100.0_f64.ln() / 3.0).abs() < 1e-12);
        assert!((model.mean_in_flight(7.0) - 7.0 / 3.0).abs() < 1e-12);
        // e^(-(10 - rate) 0.3) = 0.1.
        let rate = model.max_arrival_rate(0.3, 0.9).unwrap();
        assert!((rate - (10.0 - 10.0_f64.ln() / 0.3)).abs() < 1e-9);
    }

    #[test]
    fn the_path_shifts_every_latency() {
        let (near, far) = (model(4, 0.05, 2.0, 0.0), model(4, 0.05, 2.0, 0.001));
        assert!((near.survival(60.0, 0.2) - far.survival(60.0, 0.201)).abs() < 1e-12);
        assert!((near.quantile(60.0, 0.9) + 0.001 - far.quantile(60.0, 0.9)).abs() < 1e-12);
        assert!((far.survival(0.0, 0.0005) - 1.0).abs() < 1e-300);
    }

    #[test]
    fn a_promise_that_an_idle_replica_breaks_has_no_rate() {
        assert_eq!(model(10, 0.1, 1.0, 0.0).max_arrival_rate(0.3, 0.99), None);
        assert_eq!(model(10, 0.1, 0.0, 0.3).max_arrival_rate(0.3, 0.5), None);
        assert!(
            model(10, 0.1, 0.0, 0.0)
                .max_arrival_rate(0.3, 0.99)
                .is_some()
        );
    }

    #[test]
    fn figures_outside_the_tested_range_are_refused() {
        let spec = model(1, 1.0, 1.0, 0.0).spec();
        for bad in [
            ServiceSpec { servers: 0, ..spec },
            ServiceSpec { mean: 0.0, ..spec },
            ServiceSpec {
                mean: f64::NAN,
                ..spec
            },
            ServiceSpec { scv: -1.0, ..spec },
            ServiceSpec {
                path_latency: f64::INFINITY,
                ..spec
            },
        ] {
            assert!(ServiceModel::new(bad).is_err(), "{bad:?}");
        }
    }
}
