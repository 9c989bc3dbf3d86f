//! As written to as meant: the API's defaults are applied once, here only.
//!
//! Follows `pkg/apis/autoscaling/v2/defaults.go` of Kubernetes 1.36. What has been checked by `validate` is taken as
//! right.

use super::decode::Written;
use super::hpa_v2::{
    BehaviorAsWritten, HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, PolicyAsWritten,
    RulesAsWritten, SourceKind,
};
use super::validate_behavior;
use crate::hpa::{
    Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, Resource, ScalingPolicy, ScalingRules,
    SelectPolicy,
};
use crate::units::SimDuration;

/// The cpu utilization that is aimed at where no metric is named, percent.
const DEFAULT_CPU_UTILIZATION: i32 = 80;

/// An autoscaler as meant.
pub(crate) struct Resolved {
    pub(crate) spec: HpaSpec,
    /// Paths of the fields that defaulting filled in.
    pub(crate) defaulted: Vec<&'static str>,
}

/// Which of the two directions, with the names of its fields.
struct Direction {
    rules: &'static str,
    window: &'static str,
    select_policy: &'static str,
    policies: &'static str,
    default: fn() -> ScalingRules,
}

const SCALE_UP: Direction = Direction {
    rules: "spec.behavior.scaleUp",
    window: "spec.behavior.scaleUp.stabilizationWindowSeconds",
    select_policy: "spec.behavior.scaleUp.selectPolicy",
    policies: "spec.behavior.scaleUp.policies",
    default: ScalingRules::default_scale_up,
};

const SCALE_DOWN: Direction = Direction {
    rules: "spec.behavior.scaleDown",
    window: "spec.behavior.scaleDown.stabilizationWindowSeconds",
    select_policy: "spec.behavior.scaleDown.selectPolicy",
    policies: "spec.behavior.scaleDown.policies",
    default: ScalingRules::default_scale_down,
};

/// Applies the defaults. `None` if something is missing that `validate` would have named.
pub(crate) fn resolve(hpa: &HpaAsWritten) -> Option<Resolved> {
    let mut defaulted = Vec::new();
    let min_replicas = hpa.min_replicas.as_ref().map_or_else(
        || {
            defaulted.push("spec.minReplicas");
            1
        },
        |min| min.value,
    );
    let written = hpa.metrics.iter().flat_map(|metrics| &metrics.value);
    let mut metrics = written
        .map(|metric| resolve_metric(&metric.value))
        .collect::<Option<Vec<MetricSpec>>>()?;
    metrics.shrink_to_fit();
    if metrics.is_empty() {
        defaulted.push("spec.metrics");
        metrics.push(MetricSpec::Resource {
            resource: Resource::Cpu,
            target: MetricTarget::Utilization(DEFAULT_CPU_UTILIZATION),
        });
    }
    let behavior = match &hpa.behavior {
        Some(behavior) => Some(resolve_behavior(&behavior.value, &mut defaulted)?),
        None => None,
    };
    let spec = HpaSpec {
        min_replicas,
        max_replicas: hpa.max_replicas.as_ref()?.value,
        metrics,
        behavior,
    };
    Some(Resolved { spec, defaulted })
}

fn resolve_metric(metric: &MetricAsWritten) -> Option<MetricSpec> {
    let (kind, source) = metric.sources.first()?;
    let source = &source.value;
    let target = resolve_target(*kind, source)?;
    let name = source.name.as_ref()?.value.clone();
    Some(match kind {
        SourceKind::Resource => MetricSpec::Resource {
            resource: resource(name),
            target,
        },
        SourceKind::ContainerResource => MetricSpec::ContainerResource {
            resource: resource(name),
            container: source.container.as_ref()?.value.clone(),
            target,
        },
        SourceKind::Pods => MetricSpec::Pods { name, target },
        SourceKind::Object => MetricSpec::Object { name, target },
        SourceKind::External => MetricSpec::External { name, target },
    })
}

/// Which target the controller goes by (`horizontal.go`): an average value before a utilization, whatever `type` says,
/// save for Object metrics.
fn resolve_target(kind: SourceKind, source: &MetricSourceAsWritten) -> Option<MetricTarget> {
    let target = &source.target.as_ref()?.value;
    let average_value = target
        .average_value
        .as_ref()
        .map(|quantity| MetricTarget::AverageValue(quantity.value.milli_value()));
    let value = target
        .value
        .as_ref()
        .map(|quantity| MetricTarget::Value(quantity.value.milli_value()));
    match kind {
        SourceKind::Resource | SourceKind::ContainerResource => {
            let percent = target.average_utilization.as_ref();
            average_value.or(percent.map(|percent| MetricTarget::Utilization(percent.value)))
        }
        SourceKind::Object if target.kind.as_ref()?.value == "Value" => value,
        SourceKind::Object | SourceKind::Pods => average_value,
        SourceKind::External => average_value.or(value),
    }
}

fn resource(name: String) -> Resource {
    match name.as_str() {
        "cpu" => Resource::Cpu,
        "memory" => Resource::Memory,
        _ => Resource::Other(name),
    }
}

impl BehaviorAsWritten {
    /// What is meant, every default applied; `None` if the API server refuses it.
    #[must_use]
    pub fn meant(&self) -> Option<Behavior> {
        let is_right = validate_behavior::faults(self).is_empty();
        is_right.then(|| resolve_behavior(self, &mut Vec::new()))?
    }
}

fn resolve_behavior(
    behavior: &BehaviorAsWritten,
    defaulted: &mut Vec<&'static str>,
) -> Option<Behavior> {
    Some(Behavior {
        scale_up: resolve_rules(behavior.scale_up.as_ref(), &SCALE_UP, defaulted)?,
        scale_down: resolve_rules(behavior.scale_down.as_ref(), &SCALE_DOWN, defaulted)?,
    })
}

fn resolve_rules(
    written: Option<&Written<RulesAsWritten>>,
    direction: &Direction,
    defaulted: &mut Vec<&'static str>,
) -> Option<ScalingRules> {
    let mut rules = (direction.default)();
    let Some(written) = written else {
        defaulted.push(direction.rules);
        return Some(rules);
    };
    let written = &written.value;
    match &written.stabilization_window {
        Some(window) => {
            rules.stabilization_window = Some(SimDuration::from_seconds(i64::from(window.value)));
        }
        // Scaling down, the controller's flag stands in, which is no default of the API.
        None if rules.stabilization_window.is_some() => defaulted.push(direction.window),
        None => {}
    }
    match written
        .select_policy
        .as_ref()
        .map(|select| select.value.as_str())
    {
        Some("Min") => rules.select_policy = SelectPolicy::Min,
        Some("Disabled") => rules.select_policy = SelectPolicy::Disabled,
        Some(_) => rules.select_policy = SelectPolicy::Max,
        None => defaulted.push(direction.select_policy),
    }
    match &written.policies {
        Some(policies) => {
            let policies = policies
                .value
                .iter()
                .map(|policy| resolve_policy(&policy.value));
            rules.policies = policies.collect::<Option<Vec<ScalingPolicy>>>()?;
        }
        None => defaulted.push(direction.policies),
    }
    rules.tolerance = written
        .tolerance
        .as_ref()
        .map(|tolerance| tolerance.value.to_f64());
    Some(rules)
}

fn resolve_policy(policy: &PolicyAsWritten) -> Option<ScalingPolicy> {
    Some(ScalingPolicy {
        kind: match policy.kind.as_ref()?.value.as_str() {
            "Pods" => PolicyKind::Pods,
            _ => PolicyKind::Percent,
        },
        value: policy.value.as_ref()?.value,
        policy_period: seconds(policy.policy_period.as_ref()?.value),
    })
}

fn seconds(seconds: i32) -> SimDuration {
    SimDuration::from_seconds(i64::from(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::{hpa_text, only_autoscaler};

    /// The spec and the defaulted fields of an autoscaler with these further lines.
    #[track_caller]
    fn resolved(spec: &str) -> (HpaSpec, Vec<&'static str>) {
        let autoscaler = only_autoscaler(&hpa_text("v2", spec));
        (autoscaler.spec, autoscaler.defaulted)
    }

    #[test]
    fn what_is_left_out_is_filled_as_upstream() {
        let (spec, defaulted) = resolved("  maxReplicas: 3\n");
        let cpu = MetricSpec::Resource {
            resource: Resource::Cpu,
            target: MetricTarget::Utilization(80),
        };
        let expected = HpaSpec {
            min_replicas: 1,
            max_replicas: 3,
            metrics: vec![cpu],
            behavior: None,
        };
        assert_eq!(spec, expected);
        assert_eq!(defaulted, ["spec.minReplicas", "spec.metrics"]);
        assert_eq!(
            resolved("  maxReplicas: 3\n  metrics: []\n  behavior:\n").0,
            expected
        );
    }

    #[test]
    fn an_empty_behavior_is_not_an_absent_one() {
        let (spec, defaulted) = resolved("  maxReplicas: 3\n  behavior: {}\n");
        let expected = Behavior {
            scale_up: ScalingRules::default_scale_up(),
            scale_down: ScalingRules::default_scale_down(),
        };
        assert_eq!(spec.behavior, Some(expected));
        assert_eq!(
            defaulted[2..],
            ["spec.behavior.scaleUp", "spec.behavior.scaleDown"]
        );
    }

    #[test]
    fn each_direction_is_filled_by_itself() {
        let (spec, defaulted) = resolved(
            "  maxReplicas: 3\n  behavior:\n    scaleUp: {selectPolicy: Min, tolerance: 50m}\n    \
             scaleDown:\n      stabilizationWindowSeconds: 0\n      policies:\n      - {type: Pods, value: 2, periodSeconds: 60}\n",
        );
        let expected = Behavior {
            scale_up: ScalingRules {
                select_policy: SelectPolicy::Min,
                tolerance: Some(0.05),
                ..ScalingRules::default_scale_up()
            },
            scale_down: ScalingRules {
                stabilization_window: Some(SimDuration::ZERO),
                policies: vec![ScalingPolicy {
                    kind: PolicyKind::Pods,
                    value: 2,
                    policy_period: seconds(60),
                }],
                ..ScalingRules::default_scale_down()
            },
        };
        assert_eq!(spec.behavior, Some(expected));
        assert_eq!(
            defaulted[2..],
            [
                "spec.behavior.scaleUp.stabilizationWindowSeconds",
                "spec.behavior.scaleUp.policies",
                "spec.behavior.scaleDown.selectPolicy",
            ]
        );
    }

    #[test]
    fn the_window_of_scaling_down_is_left_to_the_controller() {
        let (spec, defaulted) =
            resolved("  maxReplicas: 3\n  behavior: {scaleDown: {selectPolicy: Max}}\n");
        let behavior = spec.behavior.expect("there is a behavior");
        assert_eq!(behavior.scale_down.stabilization_window, None);
        assert!(!defaulted.contains(&SCALE_DOWN.window));
    }

    #[test]
    fn the_controller_goes_by_the_value_that_is_set() {
        let target = |kind: &str, metric: &str| {
            let text = format!("  maxReplicas: 3\n  metrics: [{{type: {kind}, {metric}}}]\n");
            resolved(&text).0.metrics.remove(0)
        };
        assert_eq!(
            target(
                "Resource",
                "resource: {name: memory, target: {type: Value, averageValue: 1Ki}}"
            ),
            MetricSpec::Resource {
                resource: Resource::Memory,
                target: MetricTarget::AverageValue(1_024_000),
            }
        );
        assert_eq!(
            target(
                "External",
                "external: {metric: {name: q}, target: {type: AverageValue, value: 0.5}}"
            ),
            MetricSpec::External {
                name: "q".to_owned(),
                target: MetricTarget::Value(500),
            }
        );
        assert_eq!(
            target(
                "Object",
                "object: {describedObject: {kind: K, name: t}, metric: {name: o}, target: {type: AverageValue, value: 1, averageValue: 2}}"
            ),
            MetricSpec::Object {
                name: "o".to_owned(),
                target: MetricTarget::AverageValue(2000),
            }
        );
    }
}
