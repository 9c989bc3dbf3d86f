//! The figures every report prints, computed once.

use crate::outcome::{Bound, PathLimit, Violation};
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
    /// How requests were spread, and what happened to them on the way.
    pub traffic: TrafficCard,
    /// The network path to a replica.
    pub path: PathCard,
    /// How long capacity trailed demand.
    pub lag: LagCard,
    /// Capacity against demand.
    pub provision: ProvisionCard,
    /// How closely it followed demand.
    pub elasticity: ElasticityCard,
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
    /// Requests neither answered nor given up when the trace ended.
    pub in_flight: Band,
    /// One-minute slices below the objective, minutes.
    pub violation_minutes: Band,
    /// One-minute slices with requests, minutes.
    pub counted_minutes: Band,
    /// Share of them that held the objective, percent.
    pub good_minutes_percent: Band,
    /// So many may be below the objective, minutes; NaN where requests are counted instead.
    pub allowed_minutes: Band,
    /// Burn of the error budget over the whole trace: bad requests, or minutes below the objective, over those that it
    /// allows.
    pub budget_burn: Band,
    /// Violation episodes.
    pub violations: Band,
    /// The worst violation episodes of run 0, most bad requests first, at most five.
    pub worst: Vec<Violation>,
    /// Latency of all answered requests, seconds: mean, quantiles, the longest.
    pub mean: Band,
    /// Likewise.
    pub p50: Band,
    /// Likewise.
    pub p95: Band,
    /// Likewise.
    pub p99: Band,
    /// Likewise.
    pub max: Band,
    /// Most requests waiting at one time.
    pub worst_backlog: Band,
    /// Longest wait for a server, seconds.
    pub worst_wait: Band,
}

/// How requests were spread over replicas, and what happened to them on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficCard {
    /// Attempts beyond the first one of a request.
    pub retries: Band,
    /// Requests sent to replicas that were dead, or that no longer took any.
    pub misrouted: Band,
    /// Time for which some dead replica was sent requests, seconds.
    pub dead_seconds: Band,
    /// Load imbalance: standard deviation over mean of the requests of each replica; NaN where requests are not followed
    /// one by one.
    pub share_cv: Band,
    /// Load imbalance: requests of the busiest replica over the mean; NaN likewise.
    pub busiest: Band,
}

/// What the network path to a replica did. Figures are NaN where nothing travelled or nothing is limited.
#[derive(Clone, Debug, PartialEq)]
pub struct PathCard {
    /// Mean time of a request on the path, seconds.
    pub mean: Band,
    /// Most bits/s that one replica's path carried over a minute.
    pub peak_bits_per_second: Band,
    /// The same, percent of what it can carry.
    pub peak_throughput_percent: Band,
    /// Most connections of one replica at one time.
    pub peak_connections: Band,
    /// The same, percent of the most there can be.
    pub peak_connections_percent: Band,
    /// For each of [`PathLimit::ALL`], what it did.
    pub limits: Vec<PathLimitCard>,
    /// When, in the runs where some limit spoilt a request, the first one did; seconds since the trace began.
    pub bound_first_at: Band,
    /// What the path loses against that of the first container backend; NaN on containers, and without one.
    pub loss: PathLossCard,
}

/// What one limit of the path did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathLimitCard {
    /// Which.
    pub limit: PathLimit,
    /// Requests that would have been good but for it.
    pub spoilt: Band,
    /// Runs in which it spoilt a request before the other limits did.
    pub first_in: u32,
}

/// The loss ratios between two backends as measured: run by run, so that both met the same requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathLossCard {
    /// dL: mean time on the path over that of the container, less one, percent.
    pub latency_percent: Band,
    /// dT: one less the ratio of peak throughputs of a replica, percent. NaN where this path never was nearly full, or
    /// the container's carried no more; a lower bound where the container's was not full either.
    pub throughput_percent: Band,
    /// dC: likewise of connections.
    pub connections_percent: Band,
}

impl PathCard {
    /// The limit that was the first to spoil a request in most runs, and in how many; `None` where none did.
    #[must_use]
    pub fn bound_first(&self) -> Option<(PathLimit, u32)> {
        // Of equal counts the earlier one, which `max_by_key` would not take.
        let firsts = self.limits.iter().rev().filter(|card| card.first_in > 0);
        let most = firsts.max_by_key(|card| card.first_in)?;
        Some((most.limit, most.first_in))
    }
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

/// How closely ready replicas followed demand; [`elasticity_scores`](super::elasticity_scores) has the formulas.
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticityCard {
    /// Elastic speedup over a constant count.
    pub speedup: Band,
    /// Runs in which some score was too small for it, and was clamped.
    pub clamped_runs: u32,
    /// Scores of the ready replicas.
    pub scaled: MismatchCard,
    /// The constant count, replicas.
    pub baseline_replicas: Band,
    /// Scores of the constant count.
    pub baseline: MismatchCard,
    /// Share of the time in which demand and supply did not move the same way, percent.
    pub instability_percent: Band,
    /// Changes of supply less changes of demand, per hour.
    pub jitter_per_hour: Band,
    /// The same, with each replica counted.
    pub replica_jitter_per_hour: Band,
}

/// How far a supply is from demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MismatchCard {
    /// What is missing, percent of the demand.
    pub under_accuracy: Band,
    /// What is too much, percent of the demand.
    pub over_accuracy: Band,
    /// What is missing on average, replicas.
    pub under_replicas: Band,
    /// What is too much on average, replicas.
    pub over_replicas: Band,
    /// Share of time below demand, percent.
    pub under_timeshare: Band,
    /// Share of time above demand, percent.
    pub over_timeshare: Band,
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
