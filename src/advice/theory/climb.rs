//! How the real rule climbs: the controller itself, sync by sync, before a load that has risen for good.

use super::steady_state::SteadyState;
use super::whole::whole_replicas;
use crate::hpa::{
    ControllerConfig, HpaSpec, HpaState, MetricReading, MetricSpec, MetricTarget, Observation,
    ScaleReading, ScaleUpdate, Selection, reconcile,
};
use crate::units::{SimDuration, SimTime};

/// Syncs after which a climb is given up.
const MOST_SYNCS: u32 = 100_000;
/// Thousandths that stand for a replica's load at the target.
const AT_TARGET: f64 = 1e6;
/// The greatest total that is reported, thousandths.
const MOST_TOTAL: f64 = 9e18;

/// A load that rises at time 0, and a loop that answers it after its dead time.
///
/// The metric is the total of what all ready replicas show, each at most its ceiling: Kubernetes' formula for external
/// averages, and in effect for cpu, where replicas that are not ready count as idle.
#[derive(Clone, Copy, Debug)]
pub struct Climb<'a> {
    /// The controller's flags.
    pub controller: &'a ControllerConfig,
    /// The autoscaler: its bounds and behavior; its metrics are not looked at.
    pub hpa: &'a HpaSpec,
    /// Replicas at the beginning.
    pub from: u32,
    /// Replicas that the load needs at the target.
    pub needed: f64,
    /// The most that the metric shows of a replica, over its target; infinite where it has no ceiling.
    pub ceiling: f64,
    /// The target, where the metric is a utilization: whole percent, as the controller counts, rounding down.
    pub whole_percent: Option<f64>,
    /// Age of the metric, seconds.
    pub metric_age: f64,
    /// From a replica's creation until it shows in the load, seconds.
    pub startup: f64,
}

/// How a climb went.
#[derive(Clone, Debug, PartialEq)]
pub struct Climbed {
    /// When a count was written, seconds since the first sync that can see the load, and the count; the first one at 0.
    pub steps: Vec<(f64, u32)>,
    /// Whether the last count is maxReplicas, or what the load needs but for the tolerance.
    pub arrived: bool,
}

impl Climb<'_> {
    /// Lets the controller run until it has arrived or nothing changes any more.
    #[must_use]
    pub fn run(&self) -> Climbed {
        let most = self.hpa.max_replicas.max(0).unsigned_abs();
        // Where the tolerance ends the climb.
        let goal = self.least_at_rest().min(most);
        let spec = HpaSpec {
            metrics: vec![MetricSpec::External {
                name: "load".to_owned(),
                target: MetricTarget::AverageValue(1_000_000),
            }],
            ..self.hpa.clone()
        };
        let mut state = HpaState::new();
        let mut steps = vec![(0.0, self.from)];
        // Counts that are ready, from when on they show.
        let mut showing = vec![(f64::NEG_INFINITY, self.from)];
        let sync = self.controller.sync_period;
        let patience = self.patience();
        let (mut now, mut count, mut changed) = (SimTime::ZERO, self.from, 0.0);
        for _ in 0..MOST_SYNCS {
            let seconds = now.since_start().as_seconds();
            let ready = showing.iter().rev().find(|(from, _)| *from <= seconds);
            let ready = ready.map_or(self.from, |(_, ready)| *ready);
            let total = [self.total(ready, count)];
            let replicas = i32::try_from(count).unwrap_or(i32::MAX);
            let decision = reconcile(
                self.controller,
                &spec,
                &mut state,
                &Observation {
                    now,
                    scale: ScaleReading::Found {
                        spec_replicas: replicas,
                        status_replicas: replicas,
                    },
                    selection: Selection::Valid,
                    pods: &[],
                    metrics: &[MetricReading::External(Ok(&total))],
                    update: ScaleUpdate::Accepted,
                },
            );
            if let Some(written) = decision.written() {
                count = written.max(0).unsigned_abs();
                steps.push((seconds, count));
                showing.push((seconds + self.startup + self.metric_age, count));
                changed = seconds;
            }
            if count >= goal || seconds - changed > patience {
                break;
            }
            now += sync;
        }
        Climbed {
            steps,
            arrived: count >= goal,
        }
    }

    fn tolerance(&self) -> f64 {
        let behavior = self.hpa.behavior.as_ref();
        let behavior = behavior.filter(|_| self.controller.configurable_tolerance);
        let own = behavior.and_then(|behavior| behavior.scale_up.tolerance);
        own.unwrap_or(self.controller.tolerance)
    }

    /// The fewest replicas among which the load is within the tolerance.
    fn least_at_rest(&self) -> u32 {
        let rest = SteadyState {
            target: self.whole_percent.unwrap_or(1.0),
            tolerance_up: self.tolerance(),
            tolerance_down: 0.0,
            step: if self.whole_percent.is_some() {
                1.0
            } else {
                0.0
            },
        };
        let least = rest.blind_counts(self.needed).0;
        let whole = whole_replicas(least);
        // What just reaches the next percent is outside.
        let reaches = self.whole_percent.is_some() && f64::from(whole) <= least;
        whole.saturating_add(u32::from(reaches))
    }

    /// The metric's total over all replicas that show, as it counts among so many that there are.
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    fn total(&self, ready: u32, count: u32) -> i64 {
        let shown = self.needed.min(f64::from(ready) * self.ceiling);
        let shown = match self.whole_percent {
            Some(target) if count > 0 && shown.is_finite() => {
                let of_each = shown / f64::from(count);
                // Sums of floats may fall just short of a percent.
                let percent = (of_each * target + 1e-9).floor();
                percent / target * f64::from(count)
            }
            _ => shown,
        };
        (shown * AT_TARGET).min(MOST_TOTAL) as i64
    }

    /// Without a change for so long nothing changes any more: a whole loop, and the longest window and period.
    fn patience(&self) -> f64 {
        let rules = self
            .hpa
            .behavior
            .as_ref()
            .map(|behavior| &behavior.scale_up);
        let window = rules.and_then(|rules| rules.stabilization_window);
        let periods = rules.iter().flat_map(|rules| &rules.policies);
        let longest = periods
            .map(|policy| policy.policy_period)
            .chain(window)
            .map(SimDuration::as_seconds)
            .fold(0.0, f64::max);
        self.metric_age + self.startup + longest + 2.0 * self.controller.sync_period.as_seconds()
    }
}

impl Climbed {
    /// The counts, one after the other.
    #[must_use]
    pub fn counts(&self) -> Vec<u32> {
        self.steps.iter().map(|(_, count)| *count).collect()
    }

    /// Seconds from the first sync that can see the load to the last write; `None` where it did not arrive.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let last = self.steps.last()?;
        self.arrived.then_some(last.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpa::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};

    fn policies(select_policy: SelectPolicy, policies: &[(PolicyKind, i32, i64)]) -> Behavior {
        let rules = ScalingRules {
            stabilization_window: None,
            select_policy,
            policies: policies
                .iter()
                .map(|(kind, value, seconds)| ScalingPolicy {
                    kind: *kind,
                    value: *value,
                    policy_period: SimDuration::from_seconds(*seconds),
                })
                .collect(),
            tolerance: None,
        };
        Behavior {
            scale_up: rules.clone(),
            scale_down: rules,
        }
    }

    /// Far more than a hundred replicas.
    const TOO_MUCH: f64 = 1e9;

    #[test]
    fn utilization_counts_in_whole_percent() {
        let hpa = HpaSpec {
            min_replicas: 2,
            max_replicas: 20,
            metrics: Vec::new(),
            behavior: None,
        };
        let climbed = |needed, whole_percent| {
            let climb = Climb {
                controller: &ControllerConfig::KUBERNETES_1_36,
                hpa: &hpa,
                from: 18,
                needed,
                ceiling: f64::INFINITY,
                whole_percent,
                metric_age: 0.0,
                startup: 0.0,
            };
            let climbed = climb.run();
            assert!(climbed.arrived, "{climbed:?}");
            climbed.counts()
        };
        // 20 at 60 % are 66.67 % of 18, which counts as 66 %: within a tenth.
        assert_eq!(climbed(20.0, Some(60.0)), [18]);
        assert_eq!(climbed(20.0, None), [18, 20]);
        // 67 % of 18 is beyond it.
        assert_eq!(climbed(20.1, Some(60.0)), [18, 20]);
    }

    fn climb(behavior: Option<Behavior>, from: u32, needed: f64, ceiling: f64) -> Climbed {
        let hpa = HpaSpec {
            min_replicas: 1,
            max_replicas: 100,
            metrics: Vec::new(),
            behavior,
        };
        Climb {
            controller: &ControllerConfig::KUBERNETES_1_36,
            hpa: &hpa,
            from,
            needed,
            ceiling,
            whole_percent: None,
            metric_age: 0.0,
            startup: if ceiling.is_finite() { 60.0 } else { 0.0 },
        }
        .run()
    }

    #[test]
    fn without_behavior_the_count_doubles_or_goes_to_four() {
        let climbed = climb(None, 1, TOO_MUCH, f64::INFINITY);
        assert_eq!(climbed.counts(), [1, 4, 8, 16, 32, 64, 100]);
        assert_eq!(climbed.seconds(), Some(75.0));
    }

    #[test]
    fn default_policies_double_or_add_four() {
        let defaults = [(PolicyKind::Pods, 4, 15), (PolicyKind::Percent, 100, 15)];
        let behavior = policies(SelectPolicy::Max, &defaults);
        let climbed = climb(Some(behavior), 1, TOO_MUCH, f64::INFINITY);
        assert_eq!(climbed.counts(), [1, 5, 10, 20, 40, 80, 100]);
    }

    #[test]
    fn four_more_at_a_time_save_a_step_from_three_to_a_hundred() {
        let defaults = [(PolicyKind::Pods, 4, 15), (PolicyKind::Percent, 100, 15)];
        let behavior = policies(SelectPolicy::Max, &defaults);
        let counts = |behavior| climb(behavior, 3, TOO_MUCH, f64::INFINITY).counts();
        assert_eq!(counts(None), [3, 6, 12, 24, 48, 96, 100]);
        assert_eq!(counts(Some(behavior)), [3, 7, 14, 28, 56, 100]);
    }

    #[test]
    fn a_ceiling_holds_each_loop_to_what_a_full_replica_shows() {
        let climbed = climb(None, 10, 100.0, 1.0 / 0.7);
        assert_eq!(climbed.counts(), [10, 15, 22, 32, 46, 66, 95]);
        assert_eq!(climbed.seconds(), Some(5.0 * 60.0));
    }

    #[test]
    fn what_is_not_allowed_to_grow_does_not_arrive() {
        let disabled = policies(SelectPolicy::Disabled, &[]);
        let climbed = climb(Some(disabled), 3, TOO_MUCH, f64::INFINITY);
        assert_eq!((climbed.arrived, climbed.counts()), (false, vec![3]));
        let saturated = climb(None, 3, 50.0, 1.05);
        assert_eq!((saturated.arrived, saturated.seconds()), (false, None));
    }
}
