//! `Timeline`: columns of a run at a fixed step, coarse enough to draw, with the extremes kept.

use crate::units::{SimDuration, SimTime};

/// A run over time, one row for each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The length of every row.
    pub step: SimDuration,
    /// The rows, from time zero.
    pub rows: Vec<TimelineRow>,
}

/// What one step of the timeline saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimelineRow {
    /// The step's beginning.
    pub at: SimTime,
    /// Mean arrival rate, requests/s.
    pub arrival_rate: f64,
    /// Highest demand, replicas.
    pub demand: u32,
    /// Fewest ready replicas.
    pub ready_min: u32,
    /// Most ready replicas.
    pub ready_max: u32,
    /// Replicas asked for at the step's end.
    pub desired: u32,
    /// Fewest replicas asked for.
    pub desired_min: u32,
    /// Most replicas asked for.
    pub desired_max: u32,
    /// The usage ratio (metric over target) that the controller last acted on, the highest of its metrics; NaN before
    /// the first.
    pub usage_ratio: f64,
    /// The lowest usage ratio that the controller acted on; NaN before the first.
    pub usage_ratio_min: f64,
    /// The highest of them; NaN before the first.
    pub usage_ratio_max: f64,
    /// Highest median latency, seconds; NaN without traffic.
    pub p50: f64,
    /// Highest p95 latency, seconds; NaN without traffic.
    pub p95: f64,
    /// Highest p99 latency, seconds; NaN without traffic.
    pub p99: f64,
    /// Requests that arrived.
    pub requests: f64,
    /// Those that were bad.
    pub bad_requests: f64,
    /// Most requests waiting at one time.
    pub backlog: f64,
}
