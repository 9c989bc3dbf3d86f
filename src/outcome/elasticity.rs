//! `ElasticityFigures`: how supply followed demand over a run, as the sums that elasticity scores are made of.

/// Demand against ready replicas, and against a count that nobody scales, over one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ElasticityFigures {
    /// Against the ready replicas.
    pub scaled: MismatchSums,
    /// Against the constant count of the baseline.
    pub baseline: MismatchSums,
    /// The baseline: so many replicas, always ready.
    pub baseline_replicas: u32,
    /// Length of the run, seconds.
    pub seconds: f64,
    /// Time with a demand above zero, seconds.
    pub demand_seconds: f64,
    /// How often the demand changed.
    pub demand_changes: u64,
    /// By how many replicas in all, up and down.
    pub demand_steps: u64,
    /// How often the number of ready replicas changed.
    pub supply_changes: u64,
    /// By how many replicas in all, up and down.
    pub supply_steps: u64,
    /// Sampling intervals: pairs of looks at demand and supply, one sync period apart.
    pub intervals: u64,
    /// Those in which demand and supply did not go the same way: up, down or not at all.
    pub diverging_intervals: u64,
}

/// Integrals of what lies between a demand d and a supply s, in replicas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MismatchSums {
    /// Integral of `max(d - s, 0) / d` where d > 0, seconds.
    pub relative_under: f64,
    /// Integral of `max(s - d, 0) / d` where d > 0, seconds.
    pub relative_over: f64,
    /// Integral of `max(d - s, 0)`, replica-seconds.
    pub under: f64,
    /// Integral of `max(s - d, 0)`, replica-seconds.
    pub over: f64,
    /// Time with d > s, seconds.
    pub under_seconds: f64,
    /// Time with s > d, seconds.
    pub over_seconds: f64,
}
