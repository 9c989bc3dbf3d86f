//! `DecisionLog`: every change of the scale of one run, with what decided it.

use std::borrow::Cow;

use super::Rescale;

/// The writes to the scale of one run, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecisionLog {
    /// The first ones, as many as are kept.
    pub decisions: Vec<ScaleDecision>,
    /// How many came after those.
    pub not_kept: u64,
}

/// One write to the scale, and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleDecision {
    /// When, from how many replicas, to how many.
    pub rescale: Rescale,
    /// Replicas in rotation that answered at that time.
    pub ready: u32,
    /// Requests/s at that time, as the trace has it.
    pub arrival_rate: f64,
    /// What made it.
    pub decided_by: DecidedBy,
}

/// Who wrote the scale.
#[derive(Clone, Debug, PartialEq)]
pub enum DecidedBy {
    /// The HorizontalPodAutoscaler, in a sync.
    Controller(SyncInputs),
    /// KEDA, at a poll: it wakes a workload that has something to do, and puts one to sleep that has not.
    Poll,
}

/// What a sync of the controller went by.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncInputs {
    /// What each metric of the autoscaler asked for, or why it could not be used; empty where the controller corrected
    /// the count without looking at metrics.
    pub votes: Vec<Result<MetricVote, String>>,
    /// The highest of the votes, before any limit; `None` where there was none.
    pub recommendation: Option<i32>,
    /// The recommendation after the stabilization windows.
    pub stabilized: Option<i32>,
    /// What the sync came to, in words.
    pub reason: Cow<'static, str>,
    /// The last stage that kept the count from being the metrics' own; `None` where it is their own.
    pub brake: Option<Brake>,
}

/// A stage of the controller that keeps a count from being the metrics' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brake {
    /// The metric that asks for the most is within the tolerance.
    Tolerance,
    /// The recommendations of a stabilization window.
    Stabilization,
    /// The scaling policies of `behavior`.
    ScalingPolicy,
    /// The limit of max(2 n, 4) pods that holds where `behavior` is absent.
    FixedScaleUpLimit,
    /// `maxReplicas`.
    MaxReplicas,
    /// `minReplicas`.
    MinReplicas,
}

impl Brake {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Tolerance,
        Self::Stabilization,
        Self::ScalingPolicy,
        Self::FixedScaleUpLimit,
        Self::MaxReplicas,
        Self::MinReplicas,
    ];

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tolerance => "tolerance",
            Self::Stabilization => "stabilization window",
            Self::ScalingPolicy => "scaling policy",
            Self::FixedScaleUpLimit => "fixed scale-up limit",
            Self::MaxReplicas => "maxReplicas",
            Self::MinReplicas => "minReplicas",
        }
    }
}

/// What one metric asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricVote {
    /// How many replicas.
    pub replicas: i32,
    /// What was measured.
    pub measured: Measured,
    /// What was measured over the target.
    pub usage_ratio: f64,
    /// The usage ratio once pods without a usable sample were filled in; where none was, as `usage_ratio`.
    pub filled_ratio: f64,
    /// The pods that the ratio is multiplied by.
    pub pods: i64,
    /// How the count was made.
    pub rule: VoteRule,
}

/// A measured value as an autoscaler's status shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// Usage over request, percent, and the mean over pods that it comes from, in the resource's own unit.
    Percent(i32, f64),
    /// Mean over pods, in the metric's own unit.
    Average(f64),
    /// A whole value, in the metric's own unit.
    Whole(f64),
}

/// How a metric's count was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteRule {
    /// The ratio is within the tolerance: the count stays.
    WithinTolerance,
    /// The ratio times the ready pods, rounded up.
    ReadyPods,
    /// The ratio after filling in pods without a usable sample, times the pods counted, rounded up.
    FilledIn,
    /// Filling in turned the direction around: the count stays.
    DirectionKept,
    /// The whole value over the target of one pod, rounded up.
    PerPod,
    /// The ratio alone, rounded up, since there is no pod.
    FromZero,
}
