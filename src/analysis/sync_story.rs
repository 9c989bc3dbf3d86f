//! `SyncStory`: what windows and scaling policies did in one sync, from the log of all syncs before it.

use crate::outcome::{SyncLog, SyncRecord, SyncWrite};
use crate::scenario::{
    PolicyChoice, PolicyUnit, Steering, SteeringPolicies, SteeringPolicy, SteeringRules,
};
use crate::units::{SimDuration, SimTime};

/// Where `behavior` is absent, one sync may go to so many pods (`scaleUpLimitMinimum`).
const FIXED_LIMIT_MINIMUM: i32 = 4;

/// A way for the count to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More pods.
    Up,
    /// Fewer pods.
    Down,
}

/// What the stages after the metrics did in one sync.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncStory {
    /// The recommendation that a window took instead of the new one; `None` where it took the new one.
    pub window: Option<WindowPick>,
    /// How far the policies let the count go; `None` where it was not to go anywhere.
    pub limit: Option<RateLimit>,
}

/// A recommendation that held the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowPick {
    /// The way that was held.
    pub held: Direction,
    /// The window's length.
    pub window: SimDuration,
    /// What was recommended, pods.
    pub replicas: i32,
    /// When: the latest of its kind, so the one that holds longest.
    pub at: SimTime,
    /// When it leaves the window.
    pub until: SimTime,
    /// Whether it is the count that the controller found when it began, which it takes for a recommendation.
    pub is_first_count: bool,
}

/// How far the scaling policies let the count go.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimit {
    /// The way.
    pub direction: Direction,
    /// As far as this count.
    pub replicas: i32,
    /// Which policy counts; `None` of the fixed limit where `behavior` is absent.
    pub select: Option<PolicyChoice>,
    /// Each policy with what it allows.
    pub allowances: Vec<Allowance>,
}

/// What one scaling policy allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// The policy.
    pub policy: SteeringPolicy,
    /// Pods at its period's start: the changes written within the period undone.
    pub period_start_replicas: i32,
    /// As far as this count.
    pub replicas: i32,
}

/// What windows and policies did in the sync of this index; `None` where there is no such sync.
///
/// Formulas are those of `stabilizeRecommendation`, `stabilizeRecommendationWithBehaviors`,
/// `calculateScaleUpLimitWithScalingRules` and `calculateScaleDownLimitWithBehaviors` of Kubernetes.
#[must_use]
pub fn sync_story(log: &SyncLog, index: usize, steering: &Steering) -> Option<SyncStory> {
    let sync = log.syncs.get(index)?;
    let before = &log.syncs[..index];
    Some(SyncStory {
        window: window_pick(sync, before, steering),
        limit: rate_limit(sync, before, steering),
    })
}

/// The recommendation that a window took.
fn window_pick(
    sync: &SyncRecord,
    before: &[SyncRecord],
    steering: &Steering,
) -> Option<WindowPick> {
    let (wanted, taken) = (sync.inputs.recommendation?, sync.inputs.stabilized?);
    let held = match taken.cmp(&wanted) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => Direction::Down,
        std::cmp::Ordering::Less => Direction::Up,
    };
    let window = match held {
        Direction::Down => steering.down_window,
        Direction::Up => steering.up_window,
    };
    let cutoff = sync.at - window;
    // At the window's far end a recommendation still counts only where `behavior` is absent.
    let is_within = |at: SimTime| at > cutoff || (at == cutoff && steering.policies.is_none());
    // The count stays where it is as soon as some recommendation reaches it.
    let holds = |replicas: i32| match held {
        Direction::Down => replicas >= taken,
        Direction::Up => replicas <= taken,
    };
    let recommended = before.iter().rev().filter_map(|earlier| {
        let replicas = earlier.inputs.recommendation?;
        Some((replicas, earlier.at, false))
    });
    let first_count = before.first().map(|first| (first.current, first.at, true));
    let (replicas, at, is_first_count) = recommended
        .chain(first_count)
        .take_while(|(_, at, _)| is_within(*at))
        .find(|(replicas, ..)| holds(*replicas))?;
    Some(WindowPick {
        held,
        window,
        replicas,
        at,
        until: at + window,
        is_first_count,
    })
}

/// How far the policies let the count go.
fn rate_limit(sync: &SyncRecord, before: &[SyncRecord], steering: &Steering) -> Option<RateLimit> {
    let taken = sync.inputs.stabilized?;
    let current = sync.current;
    let direction = match taken.cmp(&current) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => Direction::Up,
        std::cmp::Ordering::Less => Direction::Down,
    };
    let Some(SteeringPolicies { up, down }) = &steering.policies else {
        return (direction == Direction::Up).then(|| RateLimit {
            direction,
            replicas: current.saturating_mul(2).max(FIXED_LIMIT_MINIMUM),
            select: None,
            allowances: Vec::new(),
        });
    };
    let rules = match direction {
        Direction::Up => up,
        Direction::Down => down,
    };
    let allowances: Vec<Allowance> = rules
        .policies
        .iter()
        .map(|policy| allowance(*policy, direction, sync, before))
        .collect();
    Some(RateLimit {
        direction,
        replicas: selected(rules, direction, &allowances, current),
        select: Some(rules.select),
        allowances,
    })
}

fn selected(
    rules: &SteeringRules,
    direction: Direction,
    allowances: &[Allowance],
    current: i32,
) -> i32 {
    let counts = allowances.iter().map(|allowance| allowance.replicas);
    let farthest = match (rules.select, direction) {
        (PolicyChoice::Disabled, _) => None,
        (PolicyChoice::Max, Direction::Up) | (PolicyChoice::Min, Direction::Down) => counts.max(),
        (PolicyChoice::Min, Direction::Up) | (PolicyChoice::Max, Direction::Down) => counts.min(),
    };
    // A limit never turns the direction around.
    match (farthest, direction) {
        (None, _) => current,
        (Some(count), Direction::Up) => count.max(current),
        (Some(count), Direction::Down) => count.min(current),
    }
}

fn allowance(
    policy: SteeringPolicy,
    direction: Direction,
    sync: &SyncRecord,
    before: &[SyncRecord],
) -> Allowance {
    let cutoff = sync.at - policy.period;
    let written = before
        .iter()
        .rev()
        .take_while(|earlier| earlier.at > cutoff)
        .filter(|earlier| earlier.write == SyncWrite::Written);
    let change = written.fold(0_i32, |sum, earlier| {
        sum.saturating_add(earlier.desired.saturating_sub(earlier.current))
    });
    let start = sync.current.saturating_sub(change);
    let replicas = match (policy.unit, direction) {
        (PolicyUnit::Pods, Direction::Up) => start.saturating_add(policy.value),
        (PolicyUnit::Pods, Direction::Down) => start.saturating_sub(policy.value),
        (PolicyUnit::Percent, Direction::Up) => {
            whole((f64::from(start) * (1.0 + f64::from(policy.value) / 100.0)).ceil())
        }
        (PolicyUnit::Percent, Direction::Down) => {
            whole((f64::from(start) * (1.0 - f64::from(policy.value) / 100.0)).trunc())
        }
    };
    Allowance {
        policy,
        period_start_replicas: start,
        replicas,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole already, and a float cast saturates"
)]
fn whole(pods: f64) -> i32 {
    pods as i32
}
