//! `HpaSpec`: the autoscaler with every API default resolved.

use crate::units::SimDuration;

/// What an autoscaler asks for, after API defaulting.
#[derive(Clone, Debug, PartialEq)]
pub struct HpaSpec {
    /// `spec.minReplicas`, pods.
    pub min_replicas: i32,
    /// `spec.maxReplicas`, pods.
    pub max_replicas: i32,
    /// `spec.metrics`, in order.
    pub metrics: Vec<MetricSpec>,
    /// `spec.behavior`. `None` takes the controller's legacy path, which is *not* the documented default behavior.
    pub behavior: Option<Behavior>,
}

/// A resource that the resource metrics API reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `cpu`; the only one for which readiness is looked at.
    Cpu,
    /// `memory`.
    Memory,
    /// Any other name.
    Other(String),
}

/// One entry of `spec.metrics`.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricSpec {
    /// Usage of a resource, summed over the containers of a pod.
    Resource {
        /// Which resource.
        resource: Resource,
        /// What is wanted of it.
        target: MetricTarget,
    },
    /// Usage of a resource by one container of the pods.
    ContainerResource {
        /// Which resource.
        resource: Resource,
        /// The container's name.
        container: String,
        /// What is wanted of it.
        target: MetricTarget,
    },
    /// A custom metric of each pod.
    Pods {
        /// The metric's name.
        name: String,
        /// What is wanted of it.
        target: MetricTarget,
    },
    /// A metric of one Kubernetes object.
    Object {
        /// The metric's name.
        name: String,
        /// What is wanted of it.
        target: MetricTarget,
    },
    /// A metric from outside the cluster.
    External {
        /// The metric's name.
        name: String,
        /// What is wanted of it.
        target: MetricTarget,
    },
}

impl MetricSpec {
    /// What is wanted of the metric, whatever its type.
    #[must_use]
    pub const fn target(&self) -> MetricTarget {
        match self {
            Self::Resource { target, .. }
            | Self::ContainerResource { target, .. }
            | Self::Pods { target, .. }
            | Self::Object { target, .. }
            | Self::External { target, .. } => *target,
        }
    }
}

/// What an autoscaler wants a metric to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricTarget {
    /// Usage over request, whole percent.
    Utilization(i32),
    /// Mean over pods, thousandths of the metric's unit.
    AverageValue(i64),
    /// The metric itself, thousandths of its unit.
    Value(i64),
}

impl MetricTarget {
    /// Its number: percent, or thousandths of the metric's unit. Numbers of one kind compare with each other.
    #[must_use]
    pub fn amount(self) -> f64 {
        match self {
            Self::Utilization(percent) => f64::from(percent),
            Self::AverageValue(milli) | Self::Value(milli) => milli as f64,
        }
    }
}

/// `spec.behavior`, both directions filled in by API defaulting.
#[derive(Clone, Debug, PartialEq)]
pub struct Behavior {
    /// Rules for adding pods.
    pub scale_up: ScalingRules,
    /// Rules for removing pods.
    pub scale_down: ScalingRules,
}

/// Rules for one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingRules {
    /// `stabilizationWindowSeconds`; `None` takes the controller's flag (scale-down) or zero (scale-up).
    pub stabilization_window: Option<SimDuration>,
    /// Which policy counts where there are several.
    pub select_policy: SelectPolicy,
    /// The scaling policies, in order.
    pub policies: Vec<ScalingPolicy>,
    /// `tolerance` of this direction; `None` takes the controller's flag.
    pub tolerance: Option<f64>,
}

impl Behavior {
    /// What an empty `behavior` is filled in to: `pkg/apis/autoscaling/v2/defaults.go` of Kubernetes 1.36.
    #[must_use]
    pub fn api_default() -> Self {
        Self {
            scale_up: ScalingRules::default_scale_up(),
            scale_down: ScalingRules::default_scale_down(),
        }
    }
}

impl ScalingRules {
    /// What an empty `scaleUp` is filled in to.
    #[must_use]
    pub fn default_scale_up() -> Self {
        let policy = |kind, value| ScalingPolicy {
            kind,
            value,
            policy_period: SimDuration::from_seconds(15),
        };
        Self {
            stabilization_window: Some(SimDuration::ZERO),
            select_policy: SelectPolicy::Max,
            policies: vec![
                policy(PolicyKind::Pods, 4),
                policy(PolicyKind::Percent, 100),
            ],
            tolerance: None,
        }
    }

    /// What an empty `scaleDown` is filled in to.
    #[must_use]
    pub fn default_scale_down() -> Self {
        Self {
            stabilization_window: None,
            select_policy: SelectPolicy::Max,
            policies: vec![ScalingPolicy {
                kind: PolicyKind::Percent,
                value: 100,
                policy_period: SimDuration::from_seconds(15),
            }],
            tolerance: None,
        }
    }
}

/// Which of several policies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The largest change.
    Max,
    /// The smallest change.
    Min,
    /// No scaling in this direction.
    Disabled,
}

/// A limit to the change of replicas within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// What `value` counts.
    pub kind: PolicyKind,
    /// Pods, or percent of the replicas at the period's start.
    pub value: i32,
    /// `periodSeconds`.
    pub policy_period: SimDuration,
}

/// What a policy's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Pods.
    Pods,
    /// Percent of the replicas at the period's start.
    Percent,
}
