//! One sync: the stages in upstream order. All branching between them lives here.

use super::condition::{AbleToScale, ScaledToZero, ScalingActive, ScalingLimited};
use super::config::ControllerConfig;
use super::decision::{Basis, Bound, Decision, Event, EventReason, Reason, ScaleWrite};
use super::observation::{Observation, ScaleReading, ScaleUpdate, Selection};
use super::pod_groups::ReadinessRule;
use super::replica_calculator::{Calculator, Tolerances};
use super::scaling_policy::{
    Limited, ScaleEvents, limit_with_behavior, limit_without_behavior, store_scale_event,
};
use super::spec::{HpaSpec, MetricSpec};
use super::stabilization::{
    Windows, stabilize_with_behavior, stabilize_without_behavior, whole_seconds,
};
use super::state::{HpaState, Recommendation};
use crate::units::SimDuration;

/// One sync of one autoscaler (`reconcileAutoscaler`): from what the controller sees to the count that it writes.
///
/// `state` begins as `HpaState::new()` and is carried from sync to sync; the count itself is not carried: it is read
/// from `observation` each time.
#[must_use]
pub fn reconcile(
    config: &ControllerConfig,
    spec: &HpaSpec,
    state: &mut HpaState,
    observation: &Observation<'_>,
) -> Decision {
    state.events.clear();
    let mut decision = state.carried_over(observation.now);
    match observation.scale {
        ScaleReading::Found {
            spec_replicas,
            status_replicas,
        } => {
            let sync = Sync {
                config,
                spec,
                observation,
                current: spec_replicas,
                status_replicas,
            };
            sync.run(state, &mut decision);
        }
        ScaleReading::Failed => {
            decision.reason = Reason::ScaleUnreadable;
            decision.conditions.able_to_scale = Some(AbleToScale::FailedGetScale);
            state.record_event(EventReason::FailedGetScale);
        }
    }
    state.carry(&decision);
    decision
}

/// The inputs of a sync whose scale could be read.
#[derive(Clone, Copy)]
struct Sync<'a> {
    config: &'a ControllerConfig,
    spec: &'a HpaSpec,
    observation: &'a Observation<'a>,
    /// `scale.spec.replicas`.
    current: i32,
    /// `scale.status.replicas`.
    status_replicas: i32,
}

/// The highest proposal, and whose it is.
#[derive(Clone, Copy)]
struct Highest {
    replicas: i32,
    metric: Option<usize>,
    basis: Option<Basis>,
}

impl Sync<'_> {
    fn run(&self, state: &mut HpaState, decision: &mut Decision) {
        state.evaluations.clear();
        state.record_initial_recommendation(self.current, self.observation.now);
        decision.current_replicas = self.current;
        decision.conditions.able_to_scale = Some(AbleToScale::SucceededGetScale);

        if self.current == 0 && !self.wakes_from_zero(decision) {
            decision.reason = Reason::ScalingDisabled;
            decision.conditions.scaling_active = Some(ScalingActive::ScalingDisabled);
            decision.desired_replicas = 0;
        } else if self.current > self.spec.max_replicas {
            decision.reason = Reason::AboveMaximum;
            decision.bound = Bound::MaxReplicas;
            self.write(state, decision, self.spec.max_replicas);
        } else if self.current < self.spec.min_replicas && self.current != 0 {
            decision.reason = Reason::BelowMinimum;
            decision.bound = Bound::MinReplicas;
            self.write(state, decision, self.spec.min_replicas);
        } else {
            match self.compute(state, decision) {
                Ok(highest) => self.follow(state, decision, highest),
                Err(reason) => {
                    decision.reason = reason;
                    state.record_event(EventReason::FailedComputeMetricsReplicas);
                }
            }
        }
    }

    /// Whether a count of zero is this controller's own doing, and something may undo it
    /// (`shouldComputeMetricsForZeroReplicas`).
    fn wakes_from_zero(&self, decision: &Decision) -> bool {
        self.config.scale_to_zero
            && decision.conditions.scaled_to_zero == Some(ScaledToZero::ScaledToZero)
            && (self.spec.min_replicas != 0 || self.looks_beyond_pods())
    }

    /// Whether a metric can be read without any pod (`hasObjectOrExternalMetrics`).
    fn looks_beyond_pods(&self) -> bool {
        self.spec.metrics.iter().any(|metric| {
            matches!(
                metric,
                MetricSpec::Object { .. } | MetricSpec::External { .. }
            )
        })
    }

    /// The highest proposal of all metrics (`computeReplicasForMetrics`).
    fn compute(&self, state: &mut HpaState, decision: &mut Decision) -> Result<Highest, Reason> {
        match self.observation.selection {
            Selection::Valid => {}
            Selection::Missing => {
                state.record_event(EventReason::SelectorRequired);
                decision.conditions.scaling_active = Some(ScalingActive::InvalidSelector);
                return Err(Reason::SelectorMissing);
            }
            Selection::Unparsable => {
                state.record_event(EventReason::InvalidSelector);
                decision.conditions.scaling_active = Some(ScalingActive::InvalidSelector);
                return Err(Reason::SelectorUnparsable);
            }
        }
        let calculator = self.calculator();
        let mut highest = Highest {
            replicas: 0,
            metric: None,
            basis: None,
        };
        let mut first_failed = None;
        for (index, metric) in self.spec.metrics.iter().enumerate() {
            let evaluation = calculator.evaluate(metric, self.observation.metrics.get(index));
            state.evaluations.push(evaluation);
            match evaluation {
                // A proposal of zero is taken for "none yet", so a later one replaces it even if it is lower.
                Ok(proposal) if highest.replicas == 0 || proposal.replicas > highest.replicas => {
                    highest.replicas = proposal.replicas;
                    highest.metric = Some(index);
                    highest.basis = Some(proposal.basis);
                }
                Ok(_) => {}
                Err(_) => {
                    decision.failed_metrics += 1;
                    first_failed.get_or_insert(index);
                    state.events.push(Event {
                        reason: failure_event(metric),
                        metric: Some(index),
                    });
                }
            }
        }
        if let Some(first) = first_failed
            && (decision.failed_metrics == self.spec.metrics.len()
                || highest.replicas < self.current)
        {
            let metric = &self.spec.metrics[first];
            decision.conditions.scaling_active = Some(failure_condition(metric));
            return Err(Reason::MetricsFailed { first });
        }
        decision.conditions.scaling_active = Some(ScalingActive::ValidMetricFound);
        Ok(highest)
    }

    fn calculator(&self) -> Calculator<'_> {
        Calculator {
            spec_replicas: self.current,
            status_replicas: self.status_replicas,
            pods: self.observation.pods,
            tolerances: self.tolerances(),
            readiness: ReadinessRule::new(self.config, self.observation.now),
        }
    }

    fn tolerances(&self) -> Tolerances {
        let behavior = self
            .spec
            .behavior
            .as_ref()
            .filter(|_| self.config.configurable_tolerance);
        let flag = self.config.tolerance;
        Tolerances {
            down: behavior
                .and_then(|behavior| behavior.scale_down.tolerance)
                .unwrap_or(flag),
            up: behavior
                .and_then(|behavior| behavior.scale_up.tolerance)
                .unwrap_or(flag),
        }
    }

    /// Goes where the metrics point, as far as the windows and limits allow.
    fn follow(&self, state: &mut HpaState, decision: &mut Decision, highest: Highest) {
        let recommendation = highest.replicas.max(0);
        let Limited { replicas, by } = self.normalize(state, decision, recommendation);
        decision.reason = match highest.metric {
            Some(metric) if recommendation > self.current => Reason::MetricAboveTarget { metric },
            _ if recommendation < self.current => Reason::AllMetricsBelowTarget,
            _ => Reason::OnTarget,
        };
        let held = decision.stabilized != decision.recommendation;
        decision.bound = match by {
            ScalingLimited::TooManyReplicas => Bound::MaxReplicas,
            ScalingLimited::TooFewReplicas => Bound::MinReplicas,
            _ if by != ScalingLimited::DesiredWithinRange => match self.spec.behavior {
                Some(_) => Bound::ScalingPolicy,
                None => Bound::FixedScaleUpLimit,
            },
            _ if held => Bound::Stabilization,
            _ if highest.basis == Some(Basis::WithinTolerance) => Bound::Tolerance,
            _ => Bound::Nothing,
        };
        let desired = if self.current == 0 {
            replicas.max(self.spec.min_replicas)
        } else {
            replicas
        };
        if desired == self.current {
            decision.desired_replicas = desired;
        } else {
            self.write(state, decision, desired);
        }
    }

    /// The windows, then the limits, each telling of itself in a condition (`normalizeDesiredReplicas`,
    /// `normalizeDesiredReplicasWithBehaviors`).
    fn normalize(
        &self,
        state: &mut HpaState,
        decision: &mut Decision,
        recommendation: i32,
    ) -> Limited {
        let now = self.observation.now;
        let new = Recommendation {
            replicas: recommendation,
            at: now,
        };
        let (min, max) = (self.spec.min_replicas, self.spec.max_replicas);
        let (stabilized, held, limited) = match &self.spec.behavior {
            None => {
                let stabilized = stabilize_without_behavior(
                    &mut state.recommendations,
                    self.config.downscale_stabilization,
                    new,
                );
                let limited = limit_without_behavior(self.current, stabilized, min, max);
                (stabilized, AbleToScale::ScaleDownStabilized, limited)
            }
            Some(behavior) => {
                let windows = Windows {
                    up: behavior
                        .scale_up
                        .stabilization_window
                        .unwrap_or(SimDuration::ZERO),
                    down: behavior
                        .scale_down
                        .stabilization_window
                        .unwrap_or_else(|| whole_seconds(self.config.downscale_stabilization)),
                };
                let stabilized =
                    stabilize_with_behavior(&mut state.recommendations, windows, self.current, new);
                let held = if recommendation >= self.current {
                    AbleToScale::ScaleUpStabilized
                } else {
                    AbleToScale::ScaleDownStabilized
                };
                let events = ScaleEvents {
                    up: &state.scale_up_events,
                    down: &state.scale_down_events,
                    now,
                };
                let limited =
                    limit_with_behavior(behavior, events, self.current, stabilized, min, max);
                (stabilized, held, limited)
            }
        };
        decision.recommendation = Some(recommendation);
        decision.stabilized = Some(stabilized);
        decision.conditions.able_to_scale = Some(if stabilized == recommendation {
            AbleToScale::ReadyForNewScale
        } else {
            held
        });
        decision.conditions.scaling_limited = Some(limited.by);
        limited
    }

    /// Writes a new count to the scale, and remembers that.
    fn write(&self, state: &mut HpaState, decision: &mut Decision, desired: i32) {
        if self.observation.update == ScaleUpdate::Refused {
            decision.conditions.able_to_scale = Some(AbleToScale::FailedUpdateScale);
            decision.write = ScaleWrite::Refused(desired);
            state.record_event(EventReason::FailedRescale);
            return;
        }
        let now = self.observation.now;
        decision.conditions.able_to_scale = Some(AbleToScale::SucceededRescale);
        state.record_event(EventReason::SuccessfulRescale);
        if let Some(behavior) = &self.spec.behavior {
            if desired > self.current {
                let added = desired.wrapping_sub(self.current);
                store_scale_event(&mut state.scale_up_events, &behavior.scale_up, added, now);
            } else {
                let removed = self.current.wrapping_sub(desired);
                store_scale_event(
                    &mut state.scale_down_events,
                    &behavior.scale_down,
                    removed,
                    now,
                );
            }
        }
        if self.config.scale_to_zero {
            let to_zero = self.current > 0
                && desired == 0
                && self.spec.min_replicas == 0
                && self.looks_beyond_pods();
            decision.conditions.scaled_to_zero = Some(if to_zero {
                ScaledToZero::ScaledToZero
            } else {
                ScaledToZero::NotScaledToZero
            });
        }
        decision.desired_replicas = desired;
        decision.last_scale_time = Some(now);
        decision.write = ScaleWrite::Written(desired);
    }
}

const fn failure_event(metric: &MetricSpec) -> EventReason {
    match metric {
        MetricSpec::Resource { .. } => EventReason::FailedGetResourceMetric,
        MetricSpec::ContainerResource { .. } => EventReason::FailedGetContainerResourceMetric,
        MetricSpec::Pods { .. } => EventReason::FailedGetPodsMetric,
        MetricSpec::Object { .. } => EventReason::FailedGetObjectMetric,
        MetricSpec::External { .. } => EventReason::FailedGetExternalMetric,
    }
}

const fn failure_condition(metric: &MetricSpec) -> ScalingActive {
    match metric {
        MetricSpec::Resource { .. } => ScalingActive::FailedGetResourceMetric,
        MetricSpec::ContainerResource { .. } => ScalingActive::FailedGetContainerResourceMetric,
        MetricSpec::Pods { .. } => ScalingActive::FailedGetPodsMetric,
        MetricSpec::Object { .. } => ScalingActive::FailedGetObjectMetric,
        MetricSpec::External { .. } => ScalingActive::FailedGetExternalMetric,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpa::{Behavior, MetricReading, MetricTarget, ScalingRules, SelectPolicy};
    use crate::units::SimTime;

    fn spec(behavior: Option<Behavior>) -> HpaSpec {
        HpaSpec {
            min_replicas: 2,
            max_replicas: 20,
            metrics: vec![MetricSpec::External {
                name: "queue".to_owned(),
                target: MetricTarget::AverageValue(1000),
            }],
            behavior,
        }
    }

    /// No policy slows anything; windows of so many seconds.
    fn free(up_seconds: i64, down_seconds: i64) -> Behavior {
        let rules = |seconds| ScalingRules {
            stabilization_window: Some(SimDuration::from_seconds(seconds)),
            select_policy: SelectPolicy::Disabled,
            policies: vec![],
            tolerance: None,
        };
        Behavior {
            scale_up: rules(up_seconds),
            scale_down: rules(down_seconds),
        }
    }

    /// One sync with so many thousandths in the queue.
    fn sync(
        spec: &HpaSpec,
        state: &mut HpaState,
        second: i64,
        current: i32,
        queue: i64,
    ) -> Decision {
        let observation = Observation {
            now: SimTime::from_seconds(second),
            scale: ScaleReading::Found {
                spec_replicas: current,
                status_replicas: current,
            },
            selection: Selection::Valid,
            pods: &[],
            metrics: &[MetricReading::External(Ok(&[queue]))],
            update: ScaleUpdate::Accepted,
        };
        reconcile(
            &ControllerConfig::KUBERNETES_1_36,
            spec,
            state,
            &observation,
        )
    }

    #[track_caller]
    fn check(behavior: Option<Behavior>, current: i32, queue: i64, expected: (i32, Bound)) {
        let decision = sync(&spec(behavior), &mut HpaState::new(), 0, current, queue);
        assert_eq!((decision.desired_replicas, decision.bound), expected);
    }

    #[test]
    fn each_bound_is_told() {
        check(None, 6, 9_000, (9, Bound::Nothing));
        check(None, 6, 6_100, (6, Bound::Tolerance));
        check(None, 6, 19_000, (12, Bound::FixedScaleUpLimit));
        check(None, 15, 90_000, (20, Bound::MaxReplicas));
        check(None, 6, 3_000, (6, Bound::Stabilization));
        check(None, 1, 90_000, (2, Bound::MinReplicas));
        check(Some(free(0, 0)), 6, 9_000, (6, Bound::ScalingPolicy));
        check(Some(free(60, 0)), 6, 9_000, (6, Bound::Stabilization));
    }

    #[test]
    fn a_count_out_of_bounds_is_corrected_without_looking_at_metrics() {
        let mut state = HpaState::new();
        let decision = sync(&spec(None), &mut state, 0, 30, 5_000);
        assert_eq!(decision.reason, Reason::AboveMaximum);
        assert_eq!(decision.written(), Some(20));
        assert_eq!(decision.recommendation, None);
        assert!(state.evaluations().is_empty());
    }

    #[test]
    fn an_unreadable_scale_leaves_the_status_as_it_was() {
        let spec = spec(None);
        let mut state = HpaState::new();
        let before = sync(&spec, &mut state, 0, 6, 9_000);
        let unreadable = Observation {
            now: SimTime::from_seconds(15),
            scale: ScaleReading::Failed,
            selection: Selection::Valid,
            pods: &[],
            metrics: &[],
            update: ScaleUpdate::Accepted,
        };
        let config = ControllerConfig::KUBERNETES_1_36;
        let after = reconcile(&config, &spec, &mut state, &unreadable);
        assert!(after.is_error());
        assert_eq!(after.reason, Reason::ScaleUnreadable);
        assert_eq!(after.desired_replicas, before.desired_replicas);
        assert_eq!(state.current_metrics().count(), 1);
    }

    #[test]
    fn a_scale_put_to_zero_by_hand_stays_there() {
        let decision = sync(&spec(None), &mut HpaState::new(), 0, 0, 90_000);
        assert_eq!(decision.reason, Reason::ScalingDisabled);
        assert_eq!(decision.written(), None);
    }

    #[test]
    fn a_scale_taken_to_zero_by_the_controller_wakes_up() {
        let mut spec = spec(None);
        spec.min_replicas = 0;
        let mut state = HpaState::new();
        sync(&spec, &mut state, 0, 1, 0);
        let down = sync(&spec, &mut state, 600, 1, 0);
        assert_eq!(down.written(), Some(0));
        assert_eq!(
            down.conditions.scaled_to_zero,
            Some(ScaledToZero::ScaledToZero)
        );
        let up = sync(&spec, &mut state, 615, 0, 3_000);
        assert_eq!(up.written(), Some(3));
    }
}
