//! The figures every report prints, computed once.

use crate::outcome::{Bound, Violation};
use crate::stats::Band;

/// The figures of every backend, and whose verdict counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    /// One card for each backend, in the scenario's order.
    pub backends: Vec<BackendCard>,
    /// The index of the backend whose verdict counts.
    pub verdict_backend: usize,
}

/// Whether the objective held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In at least 95 % of the runs.
    Met,
    /// Not so.
    Missed,
    /// In at least 95 % of the runs, but so few requests cannot prove it.
    Unproven,
}

/// One backend's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendCard {
    /// The backend's name.
    pub backend: String,
    /// Against the objective.
    pub slo: SloCard,
    /// How long capacity trailed demand.
    pub lag: LagCard,
    /// Capacity against demand.
    pub provision: ProvisionCard,
    /// How calm the controller was.
    pub stability: StabilityCard,
    /// What bound the lag episodes: for each of [`Bound::ALL`], how many of all runs' episodes it bound for longest,
    /// and the share of all under-provisioned time.
    pub bounds: Vec<BoundCard>,
}

/// What one bound did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundCard {
    /// Which.
    pub bound: Bound,
    /// Lag episodes, of all runs, that it bound for longest.
    pub episodes: u64,
    /// Its share of all time under demand, of all runs, in [0, 1].
    pub share: f64,
}

/// Figures against the objective.
#[derive(Clone, Debug, PartialEq)]
pub struct SloCard {
    /// Whether the objective held.
    pub verdict: Verdict,
    /// Runs that missed it.
    pub missed_runs: u32,
    /// All runs.
    pub runs: u32,
    /// Requests that arrived in a run.
    pub requests: Band,
    /// Share of good requests, percent.
    pub good_percent: Band,
    /// Share of bad requests, percent.
    pub bad_percent: Band,
    /// Late requests, percent of all.
    pub late_percent: Band,
    /// Timed-out requests, percent of all.
    pub timed_out_percent: Band,
    /// Refused requests, percent of all.
    pub refused_percent: Band,
    /// Failed requests, percent of all.
    pub failed_percent: Band,
    /// One-minute slices below the objective, minutes.
    pub violation_minutes: Band,
    /// Violation episodes.
    pub violations: Band,
    /// The worst violation episodes of run 0, most bad requests first, at most five.
    pub worst: Vec<Violation>,
    /// Latency quantiles, seconds.
    pub p50: Band,
    /// Likewise.
    pub p95: Band,
    /// Likewise.
    pub p99: Band,
    /// Most requests waiting at one time.
    pub worst_backlog: Band,
    /// Longest wait for a server, seconds.
    pub worst_wait: Band,
}

/// Scale lag, seconds. Censored episodes are left out of the quantiles and counted. Quantiles are nearest ranks.
#[derive(Clone, Debug, PartialEq)]
pub struct LagCard {
    /// Lag episodes in a run.
    pub episodes: Band,
    /// Those that ended because capacity arrived.
    pub capacity_arrived: Band,
    /// Those that ended because demand fell first.
    pub demand_fell: Band,
    /// Those still open at the end of the trace.
    pub censored: Band,
    /// Median, 95th percentile and maximum of the lag within a run.
    pub p50: Band,
    /// Likewise.
    pub p95: Band,
    /// Likewise.
    pub max: Band,
    /// The stages: detect, decide, prepare, start, ready.
    pub stages: [StageCard; 5],
}

/// One stage of the scale lag, seconds. Its parts of the quantiles add up, over the stages, to the lag of an episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageCard {
    /// Its mean length.
    pub mean: Band,
    /// Its length in the episode whose lag is the median.
    pub p50: Band,
    /// Its length in the episode whose lag is the 95th percentile.
    pub p95: Band,
    /// Its length in the longest episode.
    pub max: Band,
}

/// Capacity against demand.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvisionCard {
    /// Replica-hours short of demand.
    pub under_replica_hours: Band,
    /// Replica-hours above demand.
    pub over_replica_hours: Band,
    /// Share of time below demand, percent.
    pub under_percent: Band,
    /// Share of time above demand, percent.
    pub over_percent: Band,
    /// Replica-hours paid for.
    pub replica_hours: Band,
    /// Replica-hours of cpu requests, core-hours.
    pub core_hours: Band,
    /// Price of them, in the price's currency.
    pub cost: Band,
    /// Most ready replicas.
    pub peak_ready: Band,
    /// Highest demand, replicas.
    pub peak_demand: Band,
}

/// How calm the controller was.
#[derive(Clone, Debug, PartialEq)]
pub struct StabilityCard {
    /// Writes that added replicas.
    pub scale_ups: Band,
    /// Writes that removed replicas.
    pub scale_downs: Band,
    /// Changes of direction between one write and the next.
    pub reversals: Band,
    /// Largest overshoot: replicas reached by a movement beyond those that its highest arrival rate needs at the
    /// target, percent of the latter.
    pub overshoot_percent: Band,
    /// Longest settling time: from the first to the last write of a movement, seconds.
    pub settling_seconds: Band,
}
