//! Recorded JSON to the controller's types.

use scaleplan::hpa::{
    Behavior, ConditionStatus, ContainerShape, HpaSpec, InitContainerKind, InitContainerShape,
    MetricSpec, MetricTarget, PodGroup, PodPhase, PodShape, PolicyKind, ReadyCondition, Resource,
    ScalingPolicy, ScalingRules, SelectPolicy,
};
use scaleplan::units::{Quantity, SimDuration, SimTime};
use serde_json::Value;

use super::cluster::Pod;

pub(super) fn pod(recorded: &Value) -> Pod {
    Pod {
        name: text(&recorded["n"]),
        shape: usize::try_from(integer(&recorded["tpl"])).expect("an index"),
        group: PodGroup {
            count: 1,
            phase: match text(&recorded["ph"]).as_str() {
                "Pending" => PodPhase::Pending,
                "Running" => PodPhase::Running,
                "Succeeded" => PodPhase::Succeeded,
                "Failed" => PodPhase::Failed,
                "Unknown" => PodPhase::Unknown,
                other => panic!("unknown phase `{other}`"),
            },
            ready: recorded["r"].is_object().then(|| ReadyCondition {
                status: match text(&recorded["r"]["s"]).as_str() {
                    "True" => ConditionStatus::True,
                    "False" => ConditionStatus::False,
                    "Unknown" => ConditionStatus::Unknown,
                    other => panic!("unknown status `{other}`"),
                },
                last_transition: instant(&recorded["r"]["l"]),
            }),
            start_time: (!recorded["s"].is_null()).then(|| instant(&recorded["s"])),
            being_deleted: !recorded["d"].is_null(),
        },
    }
}

pub(super) fn shape(template: &Value) -> PodShape {
    let init = |key: &str, kind: InitContainerKind| {
        array(&template[key])
            .iter()
            .map(move |recorded| InitContainerShape {
                container: container(recorded),
                kind,
            })
            .collect::<Vec<_>>()
    };
    let mut init_containers = init("i", InitContainerKind::Sidecar);
    init_containers.extend(init("i0", InitContainerKind::Plain));
    PodShape {
        containers: array(&template["k"]).iter().map(container).collect(),
        init_containers,
        pod_level_requests: requests(&template["pl"]),
    }
}

fn container(recorded: &Value) -> ContainerShape {
    ContainerShape {
        name: text(&recorded["n"]),
        requests: requests(&recorded["q"]),
    }
}

fn requests(recorded: &Value) -> Vec<(Resource, i64)> {
    recorded
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, millis)| (resource(name), integer(millis)))
        .collect()
}

pub(super) fn resource(name: &str) -> Resource {
    match name {
        "cpu" => Resource::Cpu,
        "memory" => Resource::Memory,
        other => Resource::Other(other.to_owned()),
    }
}

pub(super) fn spec(recorded: &Value) -> HpaSpec {
    let behavior = &recorded["behavior"];
    HpaSpec {
        min_replicas: int32(&recorded["minReplicas"]),
        max_replicas: int32(&recorded["maxReplicas"]),
        metrics: array(&recorded["metrics"])
            .iter()
            .map(metric_spec)
            .collect(),
        behavior: behavior.is_object().then(|| Behavior {
            scale_up: rules(&behavior["scaleUp"]),
            scale_down: rules(&behavior["scaleDown"]),
        }),
    }
}

fn metric_spec(recorded: &Value) -> MetricSpec {
    let kind = text(&recorded["type"]);
    let source = &recorded[kind[..1].to_lowercase() + &kind[1..]];
    let target = target(&source["target"]);
    let name = source["metric"]["name"].as_str().map(str::to_owned);
    match kind.as_str() {
        "Resource" => MetricSpec::Resource {
            resource: resource(&text(&source["name"])),
            target,
        },
        "ContainerResource" => MetricSpec::ContainerResource {
            resource: resource(&text(&source["name"])),
            container: text(&source["container"]),
            target,
        },
        "Pods" => MetricSpec::Pods {
            name: name.expect("a metric name"),
            target,
        },
        "Object" => MetricSpec::Object {
            name: name.expect("a metric name"),
            target,
        },
        "External" => MetricSpec::External {
            name: name.expect("a metric name"),
            target,
        },
        other => panic!("unknown metric source `{other}`"),
    }
}

fn target(recorded: &Value) -> MetricTarget {
    match text(&recorded["type"]).as_str() {
        "Utilization" => MetricTarget::Utilization(int32(&recorded["averageUtilization"])),
        "AverageValue" => MetricTarget::AverageValue(quantity(&recorded["averageValue"])),
        "Value" => MetricTarget::Value(quantity(&recorded["value"])),
        other => panic!("unknown target `{other}`"),
    }
}

fn rules(recorded: &Value) -> ScalingRules {
    ScalingRules {
        stabilization_window: recorded["stabilizationWindowSeconds"]
            .as_i64()
            .map(SimDuration::from_seconds),
        select_policy: match recorded["selectPolicy"].as_str() {
            None | Some("Max") => SelectPolicy::Max,
            Some("Min") => SelectPolicy::Min,
            Some("Disabled") => SelectPolicy::Disabled,
            Some(other) => panic!("unknown selectPolicy `{other}`"),
        },
        policies: array(&recorded["policies"])
            .iter()
            .map(|policy| ScalingPolicy {
                kind: match text(&policy["type"]).as_str() {
                    "Pods" => PolicyKind::Pods,
                    "Percent" => PolicyKind::Percent,
                    other => panic!("unknown policy `{other}`"),
                },
                value: int32(&policy["value"]),
                policy_period: SimDuration::from_seconds(integer(&policy["periodSeconds"])),
            })
            .collect(),
        tolerance: recorded["tolerance"]
            .as_str()
            .map(|text| Quantity::parse(text).expect("a tolerance").to_f64()),
    }
}

/// `q` as a quantity, else `v` in thousandths.
pub(super) fn millis(recorded: &Value) -> i64 {
    if recorded["q"].is_string() {
        quantity(&recorded["q"])
    } else {
        integer(&recorded["v"])
    }
}

pub(super) fn quantity(recorded: &Value) -> i64 {
    Quantity::parse(recorded.as_str().expect("a quantity"))
        .expect("a quantity")
        .milli_value()
}

pub(super) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub(super) fn integer(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("`{value}` is no 64-bit integer"))
}

pub(super) fn int32(value: &Value) -> i32 {
    i32::try_from(integer(value)).expect("a 32-bit integer")
}

pub(super) fn instant(value: &Value) -> SimTime {
    SimTime::from_millis(integer(value))
}

pub(super) fn duration(value: &Value) -> SimDuration {
    SimDuration::from_millis(integer(value))
}

pub(super) fn to_millis(time: SimTime) -> i64 {
    time.as_nanos() / 1_000_000
}
