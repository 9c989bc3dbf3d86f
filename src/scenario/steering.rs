//! `Steering`: the rules of an autoscaler as plain data, so that a saved run can be explained without its manifests.

use super::Scenario;
use crate::hpa::{
    Behavior, MetricSpec, MetricTarget, PolicyKind, Resource, ScalingRules, SelectPolicy,
};
use crate::units::{Quantity, SimDuration};

/// What an autoscaler goes by, every default resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Steering {
    /// `spec.minReplicas`.
    pub min_replicas: i32,
    /// `spec.maxReplicas`.
    pub max_replicas: i32,
    /// Time between two syncs.
    pub sync_period: SimDuration,
    /// Usage ratios down to 1 less this change nothing.
    pub tolerance_down: f64,
    /// Usage ratios up to 1 plus this change nothing.
    pub tolerance_up: f64,
    /// Recommendations of this time hold a count up.
    pub down_window: SimDuration,
    /// Recommendations of this time hold a count down; zero where `behavior` is absent.
    pub up_window: SimDuration,
    /// The scaling policies; `None` where `behavior` is absent, which takes the controller's legacy path.
    pub policies: Option<SteeringPolicies>,
    /// The metrics, in order.
    pub metrics: Vec<SteeringMetric>,
}

/// The scaling policies of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SteeringPolicies {
    /// For adding pods.
    pub up: SteeringRules,
    /// For removing pods.
    pub down: SteeringRules,
}

/// The scaling policies of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SteeringRules {
    /// Which policy counts.
    pub select: PolicyChoice,
    /// The policies, in order.
    pub policies: Vec<SteeringPolicy>,
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyChoice {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: no change in this direction.
    Disabled,
}

/// One scaling policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteeringPolicy {
    /// What `value` counts.
    pub unit: PolicyUnit,
    /// Pods, or percent of the replicas at the period's start.
    pub value: i32,
    /// `periodSeconds`.
    pub period: SimDuration,
}

/// What a policy's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyUnit {
    /// Pods.
    Pods,
    /// Percent of the replicas at the period's start.
    Percent,
}

/// One metric in the words of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SteeringMetric {
    /// As `kubectl describe hpa` lists it: `resource cpu on pods  (as a percentage of request)`.
    pub described: String,
    /// As the controller's messages name it: `cpu resource utilization (percentage of request)`.
    pub spoken: String,
    /// The metric's type: `Resource`, `ContainerResource`, `Pods`, `Object` or `External`.
    pub source: &'static str,
    /// The target, as `kubectl describe hpa` shows it: `70%`, `100`, `200m`.
    pub target: String,
}

impl PolicyChoice {
    /// As Kubernetes writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Max => "Max",
            Self::Min => "Min",
            Self::Disabled => "Disabled",
        }
    }
}

impl PolicyUnit {
    /// As Kubernetes writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pods => "Pods",
            Self::Percent => "Percent",
        }
    }
}

impl SteeringMetric {
    /// Every type of metric.
    pub const SOURCES: [&'static str; 5] = [
        "Resource",
        "ContainerResource",
        "Pods",
        "Object",
        "External",
    ];
}

impl Scenario {
    /// What its autoscaler goes by.
    #[must_use]
    pub fn steering(&self) -> Steering {
        let (hpa, controller) = (&self.hpa, &self.controller);
        let behavior = hpa.behavior.as_ref();
        let own = behavior.filter(|_| controller.configurable_tolerance);
        let window = |rules: fn(&Behavior) -> &ScalingRules| {
            behavior.and_then(|behavior| rules(behavior).stabilization_window)
        };
        let flag = controller.downscale_stabilization;
        // Where `behavior` is set the controller counts its flag in whole seconds.
        let whole_flag = SimDuration::from_nanos(flag.as_nanos() - flag.as_nanos() % 1_000_000_000);
        let otherwise = if behavior.is_some() { whole_flag } else { flag };
        Steering {
            min_replicas: hpa.min_replicas,
            max_replicas: hpa.max_replicas,
            sync_period: controller.sync_period,
            tolerance_down: own
                .and_then(|behavior| behavior.scale_down.tolerance)
                .unwrap_or(controller.tolerance),
            tolerance_up: own
                .and_then(|behavior| behavior.scale_up.tolerance)
                .unwrap_or(controller.tolerance),
            down_window: window(|behavior| &behavior.scale_down).unwrap_or(otherwise),
            up_window: window(|behavior| &behavior.scale_up).unwrap_or(SimDuration::ZERO),
            policies: behavior.map(|behavior| SteeringPolicies {
                up: rules(&behavior.scale_up),
                down: rules(&behavior.scale_down),
            }),
            metrics: hpa.metrics.iter().map(metric).collect(),
        }
    }
}

fn rules(rules: &ScalingRules) -> SteeringRules {
    SteeringRules {
        select: match rules.select_policy {
            SelectPolicy::Max => PolicyChoice::Max,
            SelectPolicy::Min => PolicyChoice::Min,
            SelectPolicy::Disabled => PolicyChoice::Disabled,
        },
        policies: rules
            .policies
            .iter()
            .map(|policy| SteeringPolicy {
                unit: match policy.kind {
                    PolicyKind::Pods => PolicyUnit::Pods,
                    PolicyKind::Percent => PolicyUnit::Percent,
                },
                value: policy.value,
                period: policy.policy_period,
            })
            .collect(),
    }
}

/// `describeHorizontalPodAutoscalerV2` of kubectl lists metrics so, and `computeReplicasForMetric` of the controller
/// names them so. Which object an Object metric is of is not kept.
fn metric(metric: &MetricSpec) -> SteeringMetric {
    let target = metric.target();
    let is_percent = matches!(target, MetricTarget::Utilization(_));
    let percentage = if is_percent {
        "  (as a percentage of request)"
    } else {
        ""
    };
    let utilization = if is_percent {
        " utilization (percentage of request)"
    } else {
        ""
    };
    let aim = if matches!(target, MetricTarget::AverageValue(_)) {
        "target average value"
    } else {
        "target value"
    };
    let (source, described, spoken) = match metric {
        MetricSpec::Resource { resource, .. } => {
            let name = resource_name(resource);
            (
                "Resource",
                format!("resource {name} on pods{percentage}"),
                format!("{name} resource{utilization}"),
            )
        }
        MetricSpec::ContainerResource {
            resource,
            container,
            ..
        } => {
            let name = resource_name(resource);
            (
                "ContainerResource",
                format!("resource {name} of container \"{container}\" on pods{percentage}"),
                format!("{name} container resource{utilization}"),
            )
        }
        MetricSpec::Pods { name, .. } => (
            "Pods",
            format!("\"{name}\" on pods"),
            format!("pods metric {name}"),
        ),
        MetricSpec::Object { name, .. } => (
            "Object",
            format!("\"{name}\" on an object ({aim})"),
            format!("object metric {name}"),
        ),
        MetricSpec::External { name, .. } => (
            "External",
            format!("\"{name}\" ({aim})"),
            format!("external metric {name}"),
        ),
    };
    SteeringMetric {
        described,
        spoken,
        source,
        target: match target {
            MetricTarget::Utilization(percent) => format!("{percent}%"),
            MetricTarget::AverageValue(milli) | MetricTarget::Value(milli) => {
                Quantity::from_milli(milli).to_string()
            }
        },
    }
}

fn resource_name(resource: &Resource) -> &str {
    match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    }
}
