//! `course`: how far the rate limits alone let the count move from sync to sync, toward a bound that metrics ask for
//! throughout.

use super::scaling_policy::{
    ScaleEvents, limit_with_behavior, limit_without_behavior, store_scale_event,
};
use super::spec::Behavior;
use super::state::ScaleEvent;
use crate::units::{SimDuration, SimTime};

/// The shortest time between two syncs that a course is made for.
const SHORTEST_SYNC: SimDuration = SimDuration::from_seconds(1);

/// Steps of a count that only rate limits hold back. Endless: what has arrived stays.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    behavior: Option<&'a Behavior>,
    sync_period: SimDuration,
    now: SimTime,
    current: i32,
    wanted: i32,
    /// The lower and the upper bound.
    bounds: (i32, i32),
    up: Vec<ScaleEvent>,
    down: Vec<ScaleEvent>,
}

/// The count after a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CourseStep {
    /// Time since the first sync, which acts at once.
    pub after: SimDuration,
    /// Pods.
    pub replicas: i32,
}

/// The course from `from` pods to `wanted` pods, sync by sync, by the very limits that `reconcile` applies; with
/// `behavior` absent by the fixed ones. Windows and metrics take no part: every sync wants `wanted`.
#[must_use]
pub fn course(
    behavior: Option<&Behavior>,
    sync_period: SimDuration,
    from: i32,
    wanted: i32,
) -> Course<'_> {
    Course {
        behavior,
        sync_period: sync_period.max(SHORTEST_SYNC),
        now: SimTime::ZERO,
        current: from,
        wanted,
        bounds: (from.min(wanted), from.max(wanted)),
        up: Vec::new(),
        down: Vec::new(),
    }
}

impl Course<'_> {
    /// When the count is where it is wanted; `None` if that takes longer than `at_most`.
    #[must_use]
    pub fn arrival(self, at_most: SimDuration) -> Option<SimDuration> {
        let wanted = self.wanted;
        self.take_while(|step| step.after <= at_most)
            .find(|step| step.replicas == wanted)
            .map(|step| step.after)
    }
}

impl Iterator for Course<'_> {
    type Item = CourseStep;

    fn next(&mut self) -> Option<CourseStep> {
        let (min, max) = self.bounds;
        let now = self.now;
        if self.current != self.wanted {
            let limited = match self.behavior {
                None => limit_without_behavior(self.current, self.wanted, min, max),
                Some(behavior) => {
                    let events = ScaleEvents {
                        up: &self.up,
                        down: &self.down,
                        now,
                    };
                    limit_with_behavior(behavior, events, self.current, self.wanted, min, max)
                }
            };
            let change = limited.replicas.wrapping_sub(self.current);
            if let Some(behavior) = self.behavior {
                if change > 0 {
                    store_scale_event(&mut self.up, &behavior.scale_up, change, now);
                } else if change < 0 {
                    let removed = change.wrapping_neg();
                    store_scale_event(&mut self.down, &behavior.scale_down, removed, now);
                }
            }
            self.current = limited.replicas;
        }
        self.now = now + self.sync_period;
        Some(CourseStep {
            after: now.since_start(),
            replicas: self.current,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpa::{PolicyKind, ScalingPolicy, ScalingRules};

    const SYNC: SimDuration = SimDuration::from_seconds(15);
    const DAY: SimDuration = SimDuration::from_seconds(86_400);

    fn one(kind: PolicyKind, value: i32, seconds: i64) -> Behavior {
        let policies = vec![ScalingPolicy {
            kind,
            value,
            policy_period: SimDuration::from_seconds(seconds),
        }];
        Behavior {
            scale_up: ScalingRules {
                policies: policies.clone(),
                ..ScalingRules::default_scale_up()
            },
            scale_down: ScalingRules {
                policies,
                ..ScalingRules::default_scale_down()
            },
        }
    }

    #[track_caller]
    fn check(behavior: Option<&Behavior>, from: i32, wanted: i32, expected: &[i32]) {
        let steps = course(behavior, SYNC, from, wanted).take(expected.len());
        let found: Vec<i32> = steps.map(|step| step.replicas).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn one_pod_a_period_takes_a_period_for_each_further_pod() {
        let behavior = one(PolicyKind::Pods, 1, 60);
        check(Some(&behavior), 1, 4, &[2, 2, 2, 2, 3, 3, 3, 3, 4, 4]);
        let time = |from, wanted| course(Some(&behavior), SYNC, from, wanted).arrival(DAY);
        assert_eq!(time(1, 20), Some(SimDuration::from_seconds(18 * 60)));
        assert_eq!(time(20, 1), Some(SimDuration::from_seconds(18 * 60)));
        assert_eq!(time(5, 5), Some(SimDuration::ZERO));
    }

    #[test]
    fn ten_percent_down_takes_at_least_one_pod() {
        let behavior = one(PolicyKind::Percent, 10, 15);
        check(Some(&behavior), 12, 1, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn without_behavior_the_count_doubles_and_falls_at_once() {
        check(None, 1, 20, &[4, 8, 16, 20]);
        check(None, 20, 1, &[1]);
    }

    #[test]
    fn percent_of_nothing_is_nothing_for_ever() {
        let behavior = one(PolicyKind::Percent, 900, 15);
        check(Some(&behavior), 0, 9, &[0, 0, 0]);
        assert_eq!(course(Some(&behavior), SYNC, 0, 9).arrival(DAY), None);
    }

    #[test]
    fn a_sync_period_of_zero_is_no_endless_loop() {
        let behavior = one(PolicyKind::Pods, 1, 60);
        let found = course(Some(&behavior), SimDuration::ZERO, 1, 3).arrival(DAY);
        assert_eq!(found, Some(SimDuration::from_seconds(60)));
    }
}
