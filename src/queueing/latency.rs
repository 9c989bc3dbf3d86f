//! `ServiceModel`: one of n replicas as a queue behind a path; the latency its clients see, and the load it can take.

use thiserror::Error;

use super::root::{first_at_most, first_where, last_where};
use super::service_time::ServiceTime;
use super::split_wait::{random_wait, shared_time, split_wait};
use super::splitting::{Splitting, SplittingRule, hashed_load_classes};
use super::wait_figures::{SteadyWait, WaitFigures};

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

/// One replica as an M/G/c queue in first-come order, alone or as one of several that share the requests.
///
/// Alone, and behind random balancing as kube-proxy does it for each connection, a replica sees a Poisson stream. The
/// wait is 0 with probability 1 - C (Erlang), and otherwise exponential with the mean that makes the Allen-Cunneen mean
/// wait: S (1 + scv) / (2 c (1 - rho)). That is exact for exponential service and in the mean for one server; elsewhere it
/// is an approximation, whose mean wait is up to 30 % high at c = 10, scv 4, occupancy 70 %. Waits and service times are
/// then added without further approximation, in closed form for every variability.
///
/// Methods that take `replicas` follow the [`Splitting`], the others take the replica as alone.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceModel {
    spec: ServiceSpec,
    service: ServiceTime,
    splitting: Splitting,
    order: Order,
    link: Option<Link>,
}

/// In which order requests are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    FirstCome,
    Shared,
}

/// A link that requests pass one after the other before they reach their replica, each in the same time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// How long one request keeps the link busy, in seconds.
    pub transfer: f64,
    /// The link's occupancy at an occupancy of 1.
    pub share: f64,
    /// The occupancy of the replica's servers at an occupancy of 1.
    pub server_share: f64,
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
            splitting: Splitting::RANDOM,
            order: Order::FirstCome,
            link: None,
        })
    }

    /// The same replica behind a balancer.
    #[must_use]
    pub fn split(self, splitting: Splitting) -> Self {
        Self { splitting, ..self }
    }

    /// The same replica serving all its requests at once, at equal shares of its servers.
    #[must_use]
    pub fn processor_sharing(self) -> Self {
        Self {
            order: Order::Shared,
            ..self
        }
    }

    /// The same replica behind a link. The transfer itself is in the path's latency already.
    #[must_use]
    pub fn behind_link(self, link: Link) -> Self {
        Self {
            link: Some(link),
            ..self
        }
    }

    /// The same replica as if its link were never busy.
    #[must_use]
    pub(super) fn without_waits_for_link(&self) -> Option<Self> {
        let link = self.link?;
        Some(Self {
            link: Some(Link { share: 0.0, ..link }),
            ..self.clone()
        })
    }

    /// Time on the way to the replica and back, in seconds.
    pub(super) const fn path_latency(&self) -> f64 {
        self.spec.path_latency
    }

    /// How requests are dealt out.
    #[must_use]
    pub const fn splitting(&self) -> Splitting {
        self.splitting
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
            .map_or(f64::INFINITY, |wait| wait.mean())
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

    /// The share of requests that are answered in time of those that are served behind a line as long as the clients'
    /// patience, out of which so many give up in a second.
    ///
    /// The patience left to the oldest one in line falls as time goes by, and rises by a gap between arrivals with each
    /// one that is served or gives up. That is the workload of an M/M/1 queue that is fed at capacity and served at the
    /// arrival rate: while not zero it is exponential, with the difference of the two rates.
    #[must_use]
    pub fn answered_at_patience(&self, giving_up: f64) -> f64 {
        let on_path = (-giving_up * self.spec.path_latency).exp();
        on_path * self.service.before_exponential(giving_up)
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
        path + first_at_most(self.spec.mean, beyond, |y| {
            self.survival_behind_path(wait, y)
        })
    }

    /// Mean wait before service, in seconds, at an occupancy, as one of `replicas`; infinite from saturation on.
    #[must_use]
    pub fn mean_wait_among(&self, occupancy: f64, replicas: u32) -> f64 {
        self.met_by_classes(occupancy, replicas, |wait| {
            wait.map_or(f64::INFINITY, |wait| wait.mean())
        })
    }

    /// P(latency > `x` seconds) at an occupancy, as one of `replicas`; 1 from saturation on.
    #[must_use]
    pub fn survival_among(&self, occupancy: f64, replicas: u32, x: f64) -> f64 {
        self.met_by_classes(occupancy, replicas, |wait| {
            wait.map_or(1.0, |wait| self.survival_in(wait, x))
        })
    }

    /// The latency that the share `q` of requests does not exceed at an occupancy, as one of `replicas`, in seconds;
    /// infinite from saturation on.
    #[must_use]
    pub fn quantile_among(&self, occupancy: f64, replicas: u32, q: f64) -> f64 {
        if !self.splitting.depends_on_replicas() {
            return self.quantile(occupancy * self.capacity(), q);
        }
        let beyond = 1.0 - q;
        let path = self.spec.path_latency;
        path + first_where(self.spec.mean, |y| {
            self.survival_among(occupancy, replicas, path + y) <= beyond
        })
    }

    /// The mean of a figure over the classes of replicas that requests meet: one, or with hashed clients five.
    fn met_by_classes(
        &self,
        occupancy: f64,
        replicas: u32,
        figure: impl Fn(Option<SteadyWait>) -> f64,
    ) -> f64 {
        if let SplittingRule::Hashed { concentration } = self.splitting.rule {
            return hashed_load_classes(replicas, concentration)
                .iter()
                .map(|(share, load)| share * figure(self.steady_wait(occupancy * load)))
                .sum();
        }
        figure(self.steady_wait_among(occupancy, replicas))
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

    /// What a replica alone makes requests wait at an occupancy; `None` from saturation on.
    pub(super) fn steady_wait(&self, occupancy: f64) -> Option<SteadyWait> {
        self.steady_wait_among(occupancy, 1)
    }

    /// What one of `replicas` makes requests wait at an occupancy; `None` from saturation on.
    pub(super) fn steady_wait_among(&self, occupancy: f64, replicas: u32) -> Option<SteadyWait> {
        let occupancy = occupancy.max(0.0);
        if occupancy >= 1.0 {
            return None;
        }
        if self.link.is_none()
            && self.order == Order::FirstCome
            && (replicas <= 1 || !self.splitting.depends_on_replicas())
        {
            // Without the detour over figures, which would round.
            let servers = f64::from(self.spec.servers);
            let rate = 2.0 * servers * (1.0 - occupancy) / (self.spec.mean * (1.0 + self.spec.scv));
            let probability = random_wait(occupancy, self.spec.servers, self.spec.scv).probability;
            return Some(SteadyWait::exponential(probability, rate));
        }
        Some(self.wait_of(self.wait_figures(occupancy, replicas)))
    }

    /// The moments of that wait, in seconds, at an occupancy below 1. Shared replicas: what it would be in a line.
    pub(super) fn wait_figures(&self, occupancy: f64, replicas: u32) -> RoutedFigures {
        let ServiceSpec {
            servers, mean, scv, ..
        } = self.spec;
        let wait = |occupancy: f64, servers, scv| {
            split_wait(self.splitting, occupancy, replicas, servers, scv)
        };
        let occupancy = occupancy.max(0.0);
        let Some(link) = self.link else {
            return RoutedFigures {
                server: wait(occupancy, servers, scv).times(mean),
                link: WaitFigures::NONE,
            };
        };
        RoutedFigures {
            server: wait(occupancy * link.server_share, servers, scv).times(mean),
            link: wait(occupancy * link.share, 1, 0.0).times(link.transfer),
        }
    }

    /// The law of the wait with given moments.
    pub(super) fn wait_of(&self, figures: RoutedFigures) -> SteadyWait {
        match self.order {
            Order::FirstCome => figures.server.plus(figures.link).in_line(),
            Order::Shared => shared_time(self.spec, figures.server, figures.link.overall_mean()),
        }
    }

    /// P(S > x - path), the part of the survival that does not depend on the wait.
    pub(super) fn idle_survival(&self, x: f64) -> f64 {
        self.service.survival(x - self.spec.path_latency)
    }

    /// What a wait adds to [`idle_survival`](Self::idle_survival), which is given.
    pub(super) fn late_for_waiting(&self, wait: SteadyWait, idle: f64, x: f64) -> f64 {
        wait.late_for_waiting(&self.service, idle, x - self.spec.path_latency)
    }

    /// P(latency > `x` seconds) when the wait is as given.
    pub(super) fn survival_in(&self, wait: SteadyWait, x: f64) -> f64 {
        self.survival_behind_path(wait, x - self.spec.path_latency)
    }

    fn survival_behind_path(&self, wait: SteadyWait, y: f64) -> f64 {
        let alone = self.service.survival(y);
        (alone + wait.late_for_waiting(&self.service, alone, y)).min(1.0)
    }
}

/// Waits of one of several replicas, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RoutedFigures {
    /// For a server.
    pub(super) server: WaitFigures,
    /// For the link.
    pub(super) link: WaitFigures,
}

impl RoutedFigures {
    /// Between two, figure by figure.
    pub(super) fn between(self, other: Self, share: f64) -> Self {
        Self {
            server: self.server.between(other.server, share),
            link: self.link.between(other.link, share),
        }
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
    fn at_the_end_of_their_patience_few_are_answered() {
        // Exponential: 1 / (1 + rate S); fixed: e^(-rate S).
        let answered = |scv| model(5, 0.05, scv, 0.0).answered_at_patience(120.0);
        assert!((answered(1.0) - 1.0 / 7.0).abs() < 1e-12);
        assert!((answered(0.0) - (-6.0_f64).exp()).abs() < 1e-12);
        assert!(answered(0.0) < answered(0.5) && answered(0.5) < answered(1.0));
        assert!((model(5, 0.05, 1.0, 0.0).answered_at_patience(0.0) - 1.0).abs() < 1e-12);
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
