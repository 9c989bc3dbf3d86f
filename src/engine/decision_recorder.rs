//! Fills the log of what changed the scale.

use super::record::AtRescale;
use crate::hpa::{self, Basis, Decision, Evaluation, Proposal, Usage};
use crate::outcome::{
    Brake, DecidedBy, DecisionLog, Measured, MetricVote, Rescale, ScaleDecision, SyncInputs,
    VoteRule,
};

/// The most decisions of a log: two a minute for more than a day, or the usual dozens a day for a month.
const MOST: usize = 4_000;

/// Collects decisions.
#[derive(Default)]
pub(super) struct DecisionRecorder {
    log: DecisionLog,
}

impl DecisionRecorder {
    pub(super) fn rescale(&mut self, rescale: Rescale, at: AtRescale<'_>) {
        if self.log.decisions.len() >= MOST {
            self.log.not_kept += 1;
            return;
        }
        self.log.decisions.push(ScaleDecision {
            rescale,
            ready: at.ready,
            arrival_rate: at.arrival_rate,
            decided_by: at
                .decision
                .map_or(DecidedBy::Poll, |(decision, evaluations)| {
                    DecidedBy::Controller(inputs(decision, evaluations))
                }),
        });
    }

    pub(super) fn finish(self) -> DecisionLog {
        self.log
    }
}

/// What a sync went by.
pub(super) fn inputs(decision: &Decision, evaluations: &[Evaluation]) -> SyncInputs {
    let votes = evaluations.iter().map(|evaluation| match evaluation {
        Ok(proposal) => Ok(vote(proposal)),
        Err(error) => Err(error.to_string()),
    });
    SyncInputs {
        votes: votes.collect(),
        recommendation: decision.recommendation,
        stabilized: decision.stabilized,
        reason: decision.reason.as_str().into(),
        brake: brake(decision.bound),
    }
}

const fn brake(bound: hpa::Bound) -> Option<Brake> {
    match bound {
        hpa::Bound::Nothing => None,
        hpa::Bound::Tolerance => Some(Brake::Tolerance),
        hpa::Bound::Stabilization => Some(Brake::Stabilization),
        hpa::Bound::ScalingPolicy => Some(Brake::ScalingPolicy),
        hpa::Bound::FixedScaleUpLimit => Some(Brake::FixedScaleUpLimit),
        hpa::Bound::MaxReplicas => Some(Brake::MaxReplicas),
        hpa::Bound::MinReplicas => Some(Brake::MinReplicas),
    }
}

fn vote(proposal: &Proposal) -> MetricVote {
    let whole = |thousandths: i64| thousandths as f64 / 1000.0;
    MetricVote {
        replicas: proposal.replicas,
        measured: match proposal.usage {
            Usage::Utilization { percent, average } => Measured::Percent(percent, whole(average)),
            Usage::AverageValue(average) => Measured::Average(whole(average)),
            Usage::Value(value) => Measured::Whole(whole(value)),
        },
        usage_ratio: proposal.usage_ratio,
        filled_ratio: proposal.filled_ratio,
        pods: proposal.pods,
        rule: match proposal.basis {
            Basis::WithinTolerance => VoteRule::WithinTolerance,
            Basis::ReadyPods => VoteRule::ReadyPods,
            Basis::FilledIn => VoteRule::FilledIn,
            Basis::DirectionKept => VoteRule::DirectionKept,
            Basis::PerPod => VoteRule::PerPod,
            Basis::FromZero => VoteRule::FromZero,
        },
    }
}
