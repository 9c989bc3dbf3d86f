//! `Mover`: the two ways to move requests through a span, and what each keeps.

use super::connections::HeaviestLoad;
use super::one_by_one::OneByOne;
use super::pace::Pace;
use super::server::Server;
use crate::queueing::{LateRequests, LatencyMix};
use crate::traffic::LatencyHistogram;
use crate::units::{SimDuration, SimTime};

/// How requests are moved through a span.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a workload has one, most often the large one"
)]
pub(super) enum Mover {
    /// In expectation.
    Fluid(Fluid),
    /// One by one.
    OneByOne(Box<OneByOne>),
}

/// What the fluid keeps from span to span.
#[derive(Clone, Debug)]
pub(super) struct Fluid {
    /// The latencies of all requests so far, if they are kept.
    pub(super) mix: Option<LatencyMix>,
    /// What each second was like in the last span, if it was calm.
    pub(super) pace: Option<Pace>,
    /// When the replicas' occupancy last rose above what is steady within a minute; `None` below.
    pub(super) busy_since: Option<SimTime>,
    /// Without a backlog, by occupancy.
    pub(super) heaviest_steady: HeaviestLoad,
    /// With a backlog, by requests inside.
    pub(super) heaviest_backlog: HeaviestLoad,
}

impl Fluid {
    /// The occupancy whose steady state requests meet at a rate for each of so many replicas, from `now` on.
    pub(super) fn steady_occupancy(
        &mut self,
        server: &Server,
        rate: f64,
        replicas: u32,
        now: SimTime,
    ) -> f64 {
        if rate <= server.highest_at_once() * server.capacity() {
            self.busy_since = None;
            return server.steady_occupancy(rate, replicas, SimDuration::ZERO);
        }
        let since = *self.busy_since.get_or_insert(now);
        server.steady_occupancy(rate, replicas, now - since)
    }

    /// Counts the late ones of requests that met a steady state, and keeps their latencies.
    pub(super) fn add_steady(
        &mut self,
        server: &Server,
        occupancy: f64,
        replicas: u32,
        requests: f64,
    ) -> LateRequests {
        match &mut self.mix {
            Some(mix) => mix.add_steady(occupancy, replicas, requests),
            None => server.table().late_in_steady(occupancy, replicas, requests),
        }
    }

    /// The same for requests whose wait went from one value to another, seconds.
    pub(super) fn add_waiting(
        &mut self,
        server: &Server,
        (from, to): (f64, f64),
        requests: f64,
    ) -> LateRequests {
        match &mut self.mix {
            Some(mix) => mix.add_waiting_linear(from, to, requests),
            None => server.table().late_behind(from, to, requests),
        }
    }
}

/// The latencies of all requests so far, seconds.
#[derive(Clone, Debug)]
pub enum Latencies<'a> {
    /// In expectation.
    Expected(&'a LatencyMix),
    /// Of requests one by one.
    Counted(Box<LatencyHistogram>),
    /// Nobody wrote them down.
    NotKept,
}

impl Latencies<'_> {
    /// Of how many requests; none where they are not kept.
    #[must_use]
    pub fn requests(&self) -> f64 {
        match self {
            Self::Expected(mix) => mix.requests(),
            Self::Counted(histogram) => histogram.count() as f64,
            Self::NotKept => 0.0,
        }
    }

    /// The latency that the share `q` of requests does not exceed; `None` without requests.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        match self {
            Self::Expected(mix) => mix.quantile(q),
            Self::Counted(histogram) => histogram.quantile(q),
            Self::NotKept => None,
        }
    }

    /// Their mean; `None` without requests.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        match self {
            Self::Expected(mix) => mix.mean(),
            Self::Counted(histogram) => histogram.mean(),
            Self::NotKept => None,
        }
    }

    /// The longest; in expectation, what one request of all exceeds. `None` without requests.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        match self {
            Self::Expected(mix) => mix.quantile(1.0 - mix.requests().max(1.0).recip()),
            Self::Counted(histogram) => histogram.max(),
            Self::NotKept => None,
        }
    }
}
