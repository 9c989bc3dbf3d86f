//! `RunOutcome`: what one run of one backend left.

use super::{
    Bound, ElasticityFigures, LagEpisode, Rescale, ScaleUpBurst, TrafficFigures, Violation,
};
use crate::units::SimDuration;

/// One run of one backend.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOutcome {
    /// The run's number, from 0.
    pub run: u32,
    /// How long the trace lasts.
    pub horizon: SimDuration,
    /// Requests by fate.
    pub requests: RequestTotals,
    /// Latency of all requests that were answered.
    pub latency: LatencyFigures,
    /// How the requests travelled.
    pub traffic: TrafficFigures,
    /// The largest number of requests waiting at one time.
    pub worst_backlog: f64,
    /// The longest wait for a server that a request met.
    pub worst_wait: SimDuration,
    /// Demand above ready replicas, span by span.
    pub lag_episodes: Vec<LagEpisode>,
    /// Minutes below the objective, span by span.
    pub violations: Vec<Violation>,
    /// One-minute slices with requests.
    pub slices: u32,
    /// Those below the objective.
    pub violation_slices: u32,
    /// Replicas against demand over time.
    pub provision: Provision,
    /// How ready replicas followed demand.
    pub elasticity: ElasticityFigures,
    /// Writes to the scale subresource.
    pub rescales: Vec<Rescale>,
    /// Scale-ups grouped into movements.
    pub bursts: Vec<ScaleUpBurst>,
    /// Time for which each of [`Bound::ALL`] kept capacity below demand.
    pub bound_time: [SimDuration; Bound::ALL.len()],
    /// How many syncs the controller made.
    pub syncs: u64,
}

impl RunOutcome {
    /// Share of the one-minute slices with requests that held the objective; 1 where there are none.
    #[must_use]
    pub fn good_slice_share(&self) -> f64 {
        if self.slices > 0 {
            1.0 - f64::from(self.violation_slices) / f64::from(self.slices)
        } else {
            1.0
        }
    }
}

/// Requests by fate. Real-valued: the fluid engine counts in expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RequestTotals {
    /// All that arrived.
    pub arrived: f64,
    /// Answered, but later than the SLO's latency.
    pub late: f64,
    /// Given up by the client after the timeout.
    pub timed_out: f64,
    /// Turned away: no replica in rotation, no room in its queue or on its path, or it no longer took requests.
    pub refused: f64,
    /// Taken in by a pod that was gone before it answered.
    pub failed: f64,
    /// Neither answered nor given up when the trace ended; counted as late only if they already were. Zero where
    /// requests are counted in expectation.
    pub in_flight: f64,
}

impl RequestTotals {
    /// Late, timed out, refused or failed.
    #[must_use]
    pub fn bad(&self) -> f64 {
        self.late + self.timed_out + self.refused + self.failed
    }

    /// Share of requests that were good; 1 where none arrived.
    #[must_use]
    pub fn good_share(&self) -> f64 {
        if self.arrived > 0.0 {
            (1.0 - self.bad() / self.arrived).clamp(0.0, 1.0)
        } else {
            1.0
        }
    }
}

/// Quantiles of latency over all answered requests, seconds; NaN where none was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyFigures {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// The longest; in expectation, what one request of all exceeds.
    pub max: f64,
}

/// Ready replicas against demand, integrated over time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Provision {
    /// Integral of `max(demand - ready, 0)`, replica-seconds.
    pub under: f64,
    /// Integral of `max(ready - demand, 0)`, replica-seconds.
    pub over: f64,
    /// Time with demand > ready, seconds.
    pub under_seconds: f64,
    /// Time with ready > demand, seconds.
    pub over_seconds: f64,
    /// Integral of demand, replica-seconds.
    pub demand: f64,
    /// Integral of ready replicas, replica-seconds.
    pub ready: f64,
    /// Integral of replicas that exist and are paid for (created, not yet gone), replica-seconds.
    pub existing: f64,
    /// Most replicas that were ready at one time.
    pub peak_ready: u32,
    /// Highest demand, replicas.
    pub peak_demand: u32,
}
