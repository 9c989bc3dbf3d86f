//! Scale-up and scale-down limits over a period.

use super::condition::ScalingLimited;
use super::replica_calculator::{ceil_replicas, truncate_replicas};
use super::spec::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};
use super::state::ScaleEvent;
use crate::units::{SimDuration, SimTime};

/// Where `behavior` is absent, one sync may double the pods, or go to this many (`scaleUpLimitMinimum`).
const FIXED_LIMIT_MINIMUM: f64 = 4.0;
/// Where `behavior` is absent, one sync may multiply the pods by this (`scaleUpLimitFactor`).
const FIXED_LIMIT_FACTOR: f64 = 2.0;

/// A count after its limits, and which of them changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limited {
    pub(super) replicas: i32,
    pub(super) by: ScalingLimited,
}

/// The changes written so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScaleEvents<'a> {
    pub(super) up: &'a [ScaleEvent],
    pub(super) down: &'a [ScaleEvent],
    pub(super) now: SimTime,
}

impl ScaleEvents<'_> {
    /// The count at the start of a period that ends now: both directions are undone.
    fn period_start_replicas(&self, current: i32, policy_period: SimDuration) -> i32 {
        let cutoff = self.now - policy_period;
        current
            .wrapping_sub(replica_change_since(self.up, cutoff))
            .wrapping_add(replica_change_since(self.down, cutoff))
    }
}

/// The limits of a spec without `behavior` (`convertDesiredReplicasWithRules`).
pub(super) fn limit_without_behavior(
    current: i32,
    stabilized: i32,
    min_replicas: i32,
    max_replicas: i32,
) -> Limited {
    let scale_up_limit =
        truncate_replicas((FIXED_LIMIT_FACTOR * f64::from(current)).max(FIXED_LIMIT_MINIMUM));
    let (maximum, above) = if max_replicas > scale_up_limit {
        (scale_up_limit, ScalingLimited::ScaleUpLimit)
    } else {
        (max_replicas, ScalingLimited::TooManyReplicas)
    };
    if stabilized < min_replicas {
        limited(min_replicas, ScalingLimited::TooFewReplicas)
    } else if stabilized > maximum {
        limited(maximum, above)
    } else {
        limited(stabilized, ScalingLimited::DesiredWithinRange)
    }
}

/// The limits of a spec with `behavior` (`convertDesiredReplicasWithBehaviorRate`). A direction's bound is looked at
/// only when moving that way.
pub(super) fn limit_with_behavior(
    behavior: &Behavior,
    events: ScaleEvents<'_>,
    current: i32,
    stabilized: i32,
    min_replicas: i32,
    max_replicas: i32,
) -> Limited {
    if stabilized > current {
        let scale_up_limit = scale_up_limit(&behavior.scale_up, events, current).max(current);
        let (maximum, above) = if max_replicas > scale_up_limit {
            (scale_up_limit, ScalingLimited::ScaleUpLimit)
        } else {
            (max_replicas, ScalingLimited::TooManyReplicas)
        };
        if stabilized > maximum {
            return limited(maximum, above);
        }
    } else if stabilized < current {
        let scale_down_limit = scale_down_limit(&behavior.scale_down, events, current).min(current);
        let (minimum, below) = if min_replicas < scale_down_limit {
            (scale_down_limit, ScalingLimited::ScaleDownLimit)
        } else {
            (min_replicas, ScalingLimited::TooFewReplicas)
        };
        if stabilized < minimum {
            return limited(minimum, below);
        }
    }
    limited(stabilized, ScalingLimited::DesiredWithinRange)
}

/// Remembers a change for the periods to come; slots that the longest period no longer needs are marked, and the last
/// of them is taken again (`storeScaleEvent`).
pub(super) fn store_scale_event(
    events: &mut Vec<ScaleEvent>,
    rules: &ScalingRules,
    replica_change: i32,
    now: SimTime,
) {
    let longest = rules
        .policies
        .iter()
        .map(|policy| policy.policy_period)
        .fold(SimDuration::ZERO, Ord::max);
    let cutoff = now - longest;
    let mut outdated_slot = None;
    for (slot, event) in events.iter_mut().enumerate() {
        event.outdated |= event.at < cutoff;
        if event.outdated {
            outdated_slot = Some(slot);
        }
    }
    let new = ScaleEvent {
        replica_change,
        at: now,
        outdated: false,
    };
    match outdated_slot {
        Some(slot) => events[slot] = new,
        None => events.push(new),
    }
}

/// The highest count that the policies allow (`calculateScaleUpLimitWithScalingRules`).
fn scale_up_limit(rules: &ScalingRules, events: ScaleEvents<'_>, current: i32) -> i32 {
    let limits = rules.policies.iter().map(|policy| {
        let start = events.period_start_replicas(current, policy.policy_period);
        match policy.kind {
            PolicyKind::Pods => start.wrapping_add(policy.value),
            // Rounded up: otherwise a small percentage of few pods would never allow any growth.
            PolicyKind::Percent => {
                ceil_replicas(f64::from(start) * (1.0 + percent_as_factor(policy)))
            }
        }
    });
    match rules.select_policy {
        SelectPolicy::Disabled => current,
        SelectPolicy::Min => limits.fold(i32::MAX, i32::min),
        SelectPolicy::Max => limits.fold(i32::MIN, i32::max),
    }
}

/// The lowest count that the policies allow (`calculateScaleDownLimitWithBehaviors`).
fn scale_down_limit(rules: &ScalingRules, events: ScaleEvents<'_>, current: i32) -> i32 {
    let limits = rules.policies.iter().map(|policy| {
        let start = events.period_start_replicas(current, policy.policy_period);
        match policy.kind {
            PolicyKind::Pods => start.wrapping_sub(policy.value),
            PolicyKind::Percent => {
                truncate_replicas(f64::from(start) * (1.0 - percent_as_factor(policy)))
            }
        }
    });
    match rules.select_policy {
        SelectPolicy::Disabled => current,
        // The smallest change leaves the most pods.
        SelectPolicy::Min => limits.fold(i32::MIN, i32::max),
        SelectPolicy::Max => limits.fold(i32::MAX, i32::min),
    }
}

fn percent_as_factor(policy: &ScalingPolicy) -> f64 {
    f64::from(policy.value) / 100.0
}

/// The pods added or removed after `cutoff` (`getReplicasChangePerPeriod`).
fn replica_change_since(events: &[ScaleEvent], cutoff: SimTime) -> i32 {
    events
        .iter()
        .filter(|event| event.at > cutoff)
        .fold(0, |sum, event| sum.wrapping_add(event.replica_change))
}

const fn limited(replicas: i32, by: ScalingLimited) -> Limited {
    Limited { replicas, by }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(select_policy: SelectPolicy, policies: &[(PolicyKind, i32, i64)]) -> ScalingRules {
        ScalingRules {
            stabilization_window: None,
            select_policy,
            policies: policies
                .iter()
                .map(|&(kind, value, seconds)| ScalingPolicy {
                    kind,
                    value,
                    policy_period: SimDuration::from_seconds(seconds),
                })
                .collect(),
            tolerance: None,
        }
    }

    fn event(replica_change: i32, seconds: i64) -> ScaleEvent {
        ScaleEvent {
            replica_change,
            at: SimTime::from_seconds(seconds),
            outdated: false,
        }
    }

    const NO_EVENTS: ScaleEvents<'static> = ScaleEvents {
        up: &[],
        down: &[],
        now: SimTime::ZERO,
    };

    #[test]
    fn percent_up_rounds_up_and_percent_down_truncates() {
        let up = rules(SelectPolicy::Max, &[(PolicyKind::Percent, 1, 60)]);
        assert_eq!(scale_up_limit(&up, NO_EVENTS, 7), 8);
        let down = rules(SelectPolicy::Max, &[(PolicyKind::Percent, 10, 60)]);
        assert_eq!(scale_down_limit(&down, NO_EVENTS, 7), 6);
    }

    #[test]
    fn both_directions_count_toward_the_start_of_a_period() {
        let up = rules(SelectPolicy::Max, &[(PolicyKind::Pods, 4, 60)]);
        let events = ScaleEvents {
            up: &[event(3, 50), event(9, 30)],
            down: &[event(2, 70)],
            now: SimTime::from_seconds(90),
        };
        assert_eq!(scale_up_limit(&up, events, 10), 10 - 3 + 2 + 4);
    }

    #[test]
    fn min_is_the_smallest_change_in_either_direction() {
        let policies = [(PolicyKind::Pods, 4, 60), (PolicyKind::Percent, 10, 60)];
        let min = rules(SelectPolicy::Min, &policies);
        assert_eq!(scale_up_limit(&min, NO_EVENTS, 20), 22);
        assert_eq!(scale_down_limit(&min, NO_EVENTS, 20), 18);
        let max = rules(SelectPolicy::Max, &policies);
        assert_eq!(scale_up_limit(&max, NO_EVENTS, 20), 24);
        assert_eq!(scale_down_limit(&max, NO_EVENTS, 20), 16);
        let disabled = rules(SelectPolicy::Disabled, &policies);
        assert_eq!(scale_up_limit(&disabled, NO_EVENTS, 20), 20);
        assert_eq!(scale_down_limit(&disabled, NO_EVENTS, 20), 20);
    }

    #[test]
    fn a_limit_never_crosses_the_current_count() {
        let behavior = Behavior {
            scale_up: rules(SelectPolicy::Max, &[(PolicyKind::Pods, 1, 600)]),
            scale_down: rules(SelectPolicy::Max, &[(PolicyKind::Pods, 1, 600)]),
        };
        let events = ScaleEvents {
            up: &[event(5, 10)],
            down: &[],
            now: SimTime::from_seconds(60),
        };
        let up = limit_with_behavior(&behavior, events, 10, 12, 1, 20);
        assert_eq!(up, limited(10, ScalingLimited::ScaleUpLimit));
    }

    #[test]
    fn a_maximum_below_the_current_count_takes_it_down_at_once() {
        let behavior = Behavior {
            scale_up: rules(SelectPolicy::Max, &[(PolicyKind::Percent, 100, 15)]),
            scale_down: rules(SelectPolicy::Max, &[(PolicyKind::Percent, 100, 15)]),
        };
        assert_eq!(
            limit_with_behavior(&behavior, NO_EVENTS, 20, 1000, 1, 10),
            limited(10, ScalingLimited::TooManyReplicas)
        );
    }

    #[test]
    fn without_behavior_the_fixed_limit_is_double_or_four() {
        let grow = |current| limit_without_behavior(current, 100, 1, 50).replicas;
        assert_eq!([1, 2, 3, 8].map(grow), [4, 4, 6, 16]);
        assert_eq!(
            limit_without_behavior(30, 100, 1, 50),
            limited(50, ScalingLimited::TooManyReplicas)
        );
    }

    #[test]
    fn events_are_marked_only_when_one_is_stored() {
        let up = rules(
            SelectPolicy::Max,
            &[(PolicyKind::Pods, 4, 15), (PolicyKind::Pods, 9, 60)],
        );
        let mut events = vec![event(1, 0), event(2, 5), event(3, 40)];
        store_scale_event(&mut events, &up, 7, SimTime::from_seconds(70));
        assert_eq!(events[1], event(7, 70), "the last outdated slot is taken");
        assert!(events[0].outdated && !events[2].outdated);
    }
}
