//! `held`: over a span, what kept the count from going down, or up.

use super::sync_story::{Direction, WindowPick, sync_story};
use crate::outcome::{Brake, MetricVote, SyncLog, SyncRecord, SyncWrite, VoteRule};
use crate::scenario::Steering;
use crate::units::SimTime;

/// Consecutive syncs in which the same rule held the same count.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldSpan {
    /// The first of the syncs.
    pub from: SimTime,
    /// The sync after the last of them, or the end of what was looked at.
    pub to: SimTime,
    /// How many syncs.
    pub syncs: usize,
    /// Index in the log of the last of them.
    pub last: usize,
    /// Replicas when they looked.
    pub replicas: i32,
    /// The least and the most that the metrics asked for; `None` where they asked for nothing.
    pub asked: Option<(i32, i32)>,
    /// What held the count.
    pub holder: Holder,
    /// The recommendation that held it longest, where a window did.
    pub window: Option<WindowPick>,
}

/// What kept a count from going one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nothing: it went there.
    Moved,
    /// It stands at the bound of this way already.
    AtBound,
    /// The metrics ask for this count, or for the other way.
    Metrics,
    /// The ratio is beyond the tolerance, but rounded up it comes to the same count.
    Rounding,
    /// The ratio is within the tolerance.
    Tolerance,
    /// Pods without a usable sample, filled in, turned the direction around.
    MissingSamples,
    /// A stabilization window.
    Window,
    /// The scaling policies.
    Policies,
    /// The limit that holds where `behavior` is absent.
    FixedLimit,
    /// `minReplicas` or `maxReplicas`.
    Bounds,
    /// A metric that could not be used.
    MissingMetrics,
    /// The API server refused the write.
    Refused,
    /// Something else, which the sync's reason says.
    Other,
}

impl Holder {
    /// Its name for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::AtBound => "atBound",
            Self::Metrics => "metrics",
            Self::Rounding => "rounding",
            Self::Tolerance => "tolerance",
            Self::MissingSamples => "missingSamples",
            Self::Window => "stabilizationWindow",
            Self::Policies => "scalingPolicies",
            Self::FixedLimit => "fixedScaleUpLimit",
            Self::Bounds => "bounds",
            Self::MissingMetrics => "missingMetrics",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }
}

/// What kept the count from going `way`, in the syncs from `from` to `to`, both included.
#[must_use]
pub fn held(
    log: &SyncLog,
    steering: &Steering,
    way: Direction,
    from: SimTime,
    to: SimTime,
) -> Vec<HeldSpan> {
    let first = log.syncs.partition_point(|sync| sync.at < from);
    let end = log.syncs.partition_point(|sync| sync.at <= to);
    let mut spans: Vec<HeldSpan> = Vec::new();
    for index in first..end.max(first) {
        let sync = &log.syncs[index];
        let holder = holder(sync, steering, way);
        let window = match holder {
            Holder::Window => sync_story(log, index, steering).and_then(|story| story.window),
            _ => None,
        };
        let asked = sync.inputs.recommendation;
        let ends = log.syncs.get(index + 1).map_or(to, |next| next.at.min(to));
        let value = |pick: Option<WindowPick>| pick.map(|pick| pick.replicas);
        match spans.last_mut() {
            Some(span)
                if span.holder == holder
                    && holder != Holder::Moved
                    && span.replicas == sync.current
                    && value(span.window) == value(window) =>
            {
                span.to = ends;
                span.syncs += 1;
                span.last = index;
                span.window = window;
                span.asked = match (span.asked, asked) {
                    (Some((least, most)), Some(asked)) => Some((least.min(asked), most.max(asked))),
                    (known, None) => known,
                    (None, Some(asked)) => Some((asked, asked)),
                };
            }
            _ => spans.push(HeldSpan {
                from: sync.at,
                to: ends,
                syncs: 1,
                last: index,
                replicas: sync.current,
                asked: asked.map(|asked| (asked, asked)),
                holder,
                window,
            }),
        }
    }
    spans
}

/// What kept one sync from going `way`.
fn holder(sync: &SyncRecord, steering: &Steering, way: Direction) -> Holder {
    let goes_on = |from: i32, to: i32| match way {
        Direction::Down => to < from,
        Direction::Up => to > from,
    };
    let bound = match way {
        Direction::Down => steering.min_replicas,
        Direction::Up => steering.max_replicas,
    };
    if sync.write == SyncWrite::Written && goes_on(sync.current, sync.desired) {
        return Holder::Moved;
    }
    if !goes_on(sync.current, bound) {
        return Holder::AtBound;
    }
    let Some(asked) = sync.inputs.recommendation else {
        return if sync.inputs.votes.iter().any(Result::is_err) {
            Holder::MissingMetrics
        } else {
            Holder::Other
        };
    };
    if !goes_on(sync.current, asked) {
        return of_metrics(sync, way);
    }
    if sync.write == SyncWrite::Refused {
        return Holder::Refused;
    }
    match sync.inputs.brake {
        Some(Brake::Stabilization) => Holder::Window,
        Some(Brake::ScalingPolicy) => Holder::Policies,
        Some(Brake::FixedScaleUpLimit) => Holder::FixedLimit,
        Some(Brake::MinReplicas | Brake::MaxReplicas) => Holder::Bounds,
        Some(Brake::Tolerance) | None => Holder::Other,
    }
}

/// Why the metrics do not ask for it.
fn of_metrics(sync: &SyncRecord, way: Direction) -> Holder {
    let Some(vote) = leading(sync) else {
        return Holder::Metrics;
    };
    match vote.rule {
        VoteRule::WithinTolerance => Holder::Tolerance,
        VoteRule::DirectionKept => Holder::MissingSamples,
        _ if way == Direction::Down && vote.filled_ratio < 1.0 && vote.replicas == sync.current => {
            Holder::Rounding
        }
        _ => Holder::Metrics,
    }
}

/// The metric that asked for the most, the first of several: the one that the controller follows.
#[must_use]
pub fn leading(sync: &SyncRecord) -> Option<&MetricVote> {
    leading_metric(sync).and_then(|index| sync.inputs.votes[index].as_ref().ok())
}

/// Its index.
#[must_use]
pub fn leading_metric(sync: &SyncRecord) -> Option<usize> {
    let mut highest: Option<(usize, i32)> = None;
    for (index, vote) in sync.inputs.votes.iter().enumerate() {
        let Ok(vote) = vote else { continue };
        if highest.is_none_or(|(_, most)| vote.replicas > most) {
            highest = Some((index, vote.replicas));
        }
    }
    highest.map(|(index, _)| index)
}
