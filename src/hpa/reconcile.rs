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
    let ScaleReading::Found {
        spec_replicas,
        status_replicas,
    } = observation.scale
    else {
        state.conditions.able_to_scale = Some(AbleToScale::FailedGetScale);
        state.record_event(EventReason::FailedGetScale);
        return Outcome::of(Reason::ScaleUnreadable).decide(state, observation);
    };
    let sync = Sync {
        config,
        spec,
        observation,
        current: spec_replicas,
        status_replicas,
    };
    let outcome = sync.run(state);
    outcome.decide(state, observation)
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

/// What a sync came to, apart from what the state tells.
struct Outcome {
    reason: Reason,
    bound: Bound,
    recommendation: Option<i32>,
    stabilized: Option<i32>,
    write: ScaleWrite,
    failed_metrics: usize,
}

impl Outcome {
    const fn of(reason: Reason) -> Self {
        Self {
            reason,
            bound: Bound::Nothing,
            recommendation: None,
            stabilized: None,
            write: ScaleWrite::NotNeeded,
            failed_metrics: 0,
        }
    }

    fn decide(self, state: &HpaState, observation: &Observation<'_>) -> Decision {
        Decision {
            now: observation.now,
            current_replicas: state.current_replicas,
            desired_replicas: state.desired_replicas,
            recommendation: self.recommendation,
            stabilized: self.stabilized,
            write: self.write,
            reason: self.reason,
            bound: self.bound,
            failed_metrics: self.failed_metrics,
            conditions: state.conditions,
            last_scale_time: state.last_scale_time,
        }
    }
}

/// The highest proposal, and whose it is.
#[derive(Clone, Copy)]
struct Highest {
    replicas: i32,
    /// How many metrics have no proposal.
    failed: usize,
    metric: Option<usize>,
    basis: Option<Basis>,
}

/// A desired count, and how it came about.
struct Normalized {
    desired: i32,
    stabilized: i32,
    limited: ScalingLimited,
}

impl Sync<'_> {
    fn run(&self, state: &mut HpaState) -> Outcome {
        state.evaluations.clear();
        state.conditions.able_to_scale = Some(AbleToScale::SucceededGetScale);
        state.record_initial_recommendation(self.current, self.observation.now);

        let woken = self.wakes_from_zero(state);
        if self.current == 0 && !woken {
            state.conditions.scaling_active = Some(ScalingActive::ScalingDisabled);
            state.current_replicas = 0;
            state.desired_replicas = 0;
            return Outcome::of(Reason::ScalingDisabled);
        }
        if self.current > self.spec.max_replicas {
            let mut outcome = Outcome::of(Reason::AboveMaximum);
            outcome.bound = Bound::MaxReplicas;
            return self.write(state, outcome, self.spec.max_replicas);
        }
        if self.current < self.spec.min_replicas && self.current != 0 {
            let mut outcome = Outcome::of(Reason::BelowMinimum);
            outcome.bound = Bound::MinReplicas;
            return self.write(state, outcome, self.spec.min_replicas);
        }
        match self.compute(state) {
            Ok(highest) => self.follow(state, highest),
            Err(reason) => {
                state.record_event(EventReason::FailedComputeMetricsReplicas);
                state.current_replicas = self.current;
                let mut outcome = Outcome::of(reason);
                outcome.failed_metrics = state
                    .evaluations
                    .iter()
                    .filter(|evaluation| evaluation.is_err())
                    .count();
                outcome
            }
        }
    }

    /// Whether a count of zero is this controller's own doing, and something may undo it
    /// (`shouldComputeMetricsForZeroReplicas`).
    fn wakes_from_zero(&self, state: &HpaState) -> bool {
        self.config.scale_to_zero
            && state.conditions.scaled_to_zero == Some(ScaledToZero::ScaledToZero)
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
    fn compute(&self, state: &mut HpaState) -> Result<Highest, Reason> {
        match self.observation.selection {
            Selection::Valid => {}
            Selection::Missing => {
                state.record_event(EventReason::SelectorRequired);
                state.conditions.scaling_active = Some(ScalingActive::InvalidSelector);
                return Err(Reason::SelectorMissing);
            }
            Selection::Unparsable => {
                state.record_event(EventReason::InvalidSelector);
                state.conditions.scaling_active = Some(ScalingActive::InvalidSelector);
                return Err(Reason::SelectorUnparsable);
            }
        }
        let calculator = self.calculator();
        let mut highest = Highest {
            replicas: 0,
            failed: 0,
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
                    highest.failed += 1;
                    first_failed.get_or_insert(index);
                    state.events.push(Event {
                        reason: failure_event(metric),
                        metric: Some(index),
                    });
                }
            }
        }
        if let Some(first) = first_failed
            && (highest.failed == self.spec.metrics.len() || highest.replicas < self.current)
        {
            let metric = &self.spec.metrics[first];
            state.conditions.scaling_active = Some(failure_condition(metric));
            return Err(Reason::MetricsFailed { first });
        }
        state.conditions.scaling_active = Some(ScalingActive::ValidMetricFound);
        Ok(highest)
    }

    fn calculator(&self) -> Calculator<'_> {
        Calculator {
            spec_replicas: self.current,
            status_replicas: self.status_replicas,
            pods: self.observation.pods,
            tolerances: self.tolerances(),
            readiness: ReadinessRule {
                now: self.observation.now,
                cpu_initialization_period: self.config.cpu_initialization_period,
                initial_readiness_delay: self.config.initial_readiness_delay,
            },
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
    fn follow(&self, state: &mut HpaState, highest: Highest) -> Outcome {
        let recommendation = highest.replicas.max(0);
        let normalized = self.normalize(state, recommendation);
        let mut desired = normalized.desired;
        if self.current == 0 && desired < self.spec.min_replicas {
            desired = self.spec.min_replicas;
        }
        let outcome = Outcome {
            reason: match highest.metric {
                Some(metric) if recommendation > self.current => {
                    Reason::MetricAboveTarget { metric }
                }
                _ if recommendation < self.current => Reason::AllMetricsBelowTarget,
                _ => Reason::OnTarget,
            },
            bound: self.bound(&normalized, recommendation, highest.basis),
            recommendation: Some(recommendation),
            stabilized: Some(normalized.stabilized),
            write: ScaleWrite::NotNeeded,
            failed_metrics: highest.failed,
        };
        if desired == self.current {
            state.current_replicas = self.current;
            state.desired_replicas = self.current;
            return outcome;
        }
        self.write(state, outcome, desired)
    }

    /// The windows, then the limits, each telling of itself in a condition (`normalizeDesiredReplicas`,
    /// `normalizeDesiredReplicasWithBehaviors`).
    fn normalize(&self, state: &mut HpaState, recommendation: i32) -> Normalized {
        let now = self.observation.now;
        let new = Recommendation {
            replicas: recommendation,
            at: now,
        };
        let (min, max) = (self.spec.min_replicas, self.spec.max_replicas);
        let (stabilized, held, Limited { replicas, by }) = match &self.spec.behavior {
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
        state.conditions.able_to_scale = Some(if stabilized == recommendation {
            AbleToScale::ReadyForNewScale
        } else {
            held
        });
        state.conditions.scaling_limited = Some(by);
        Normalized {
            desired: replicas,
            stabilized,
            limited: by,
        }
    }

    fn bound(&self, normalized: &Normalized, recommendation: i32, basis: Option<Basis>) -> Bound {
        match normalized.limited {
            ScalingLimited::TooManyReplicas => Bound::MaxReplicas,
            ScalingLimited::TooFewReplicas => Bound::MinReplicas,
            ScalingLimited::ScaleUpLimit | ScalingLimited::ScaleDownLimit => {
                match self.spec.behavior {
                    Some(_) => Bound::ScalingPolicy,
                    None => Bound::FixedScaleUpLimit,
                }
            }
            ScalingLimited::DesiredWithinRange if normalized.stabilized != recommendation => {
                Bound::Stabilization
            }
            ScalingLimited::DesiredWithinRange if basis == Some(Basis::WithinTolerance) => {
                Bound::Tolerance
            }
            ScalingLimited::DesiredWithinRange => Bound::Nothing,
        }
    }

    /// Writes a new count to the scale, and remembers that.
    fn write(&self, state: &mut HpaState, mut outcome: Outcome, desired: i32) -> Outcome {
        state.current_replicas = self.current;
        if self.observation.update == ScaleUpdate::Refused {
            state.conditions.able_to_scale = Some(AbleToScale::FailedUpdateScale);
            state.record_event(EventReason::FailedRescale);
            outcome.write = ScaleWrite::Refused(desired);
            return outcome;
        }
        let now = self.observation.now;
        state.conditions.able_to_scale = Some(AbleToScale::SucceededRescale);
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
            state.conditions.scaled_to_zero = Some(if to_zero {
                ScaledToZero::ScaledToZero
            } else {
                ScaledToZero::NotScaledToZero
            });
        }
        state.desired_replicas = desired;
        state.last_scale_time = Some(now);
        outcome.write = ScaleWrite::Written(desired);
        outcome
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
