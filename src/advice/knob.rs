//! `Knob`: a setting of an autoscaler that advice may turn, and `Value`: where it stands.

use std::fmt;

use crate::hpa::{
    Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, ScalingPolicy, ScalingRules,
    SelectPolicy,
};
use crate::units::{Quantity, SimDuration};

/// A setting of an autoscaler that advice may turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Knob {
    /// `spec.minReplicas`.
    MinReplicas,
    /// `spec.maxReplicas`.
    MaxReplicas,
    /// The target of `spec.metrics[n]`.
    Target(usize),
    /// `spec.behavior.scaleUp.stabilizationWindowSeconds`.
    ScaleUpWindow,
    /// `spec.behavior.scaleDown.stabilizationWindowSeconds`.
    ScaleDownWindow,
    /// `spec.behavior.scaleUp.policies` and `selectPolicy`.
    ScaleUpPolicies,
    /// `spec.behavior.scaleDown.policies` and `selectPolicy`.
    ScaleDownPolicies,
    /// `spec.behavior.scaleUp.tolerance`.
    ScaleUpTolerance,
    /// `spec.behavior.scaleDown.tolerance`.
    ScaleDownTolerance,
}

/// Where a knob stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A count of replicas.
    Replicas(i32),
    /// What a metric should be.
    Target(MetricTarget),
    /// A stabilization window; `None` takes the controller's flag, or zero on the way up.
    Window(Option<SimDuration>),
    /// Scaling policies; `None` takes those that hold without `behavior`.
    Policies(Option<PolicySet>),
    /// A tolerance; `None` takes the controller's flag.
    Tolerance(Option<f64>),
}

/// The scaling policies of one direction, and which of them counts.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicySet {
    /// Which policy counts where there are several.
    pub select: SelectPolicy,
    /// The policies, in order.
    pub policies: Vec<ScalingPolicy>,
}

impl Knob {
    /// Where an autoscaler has the knob.
    ///
    /// # Panics
    /// When it is the target of a metric that the autoscaler does not have.
    #[must_use]
    pub fn of(self, hpa: &HpaSpec) -> Value {
        let up = hpa.behavior.as_ref().map(|behavior| &behavior.scale_up);
        let down = hpa.behavior.as_ref().map(|behavior| &behavior.scale_down);
        match self {
            Self::MinReplicas => Value::Replicas(hpa.min_replicas),
            Self::MaxReplicas => Value::Replicas(hpa.max_replicas),
            Self::Target(metric) => Value::Target(hpa.metrics[metric].target()),
            Self::ScaleUpWindow => Value::Window(up.and_then(|rules| rules.stabilization_window)),
            Self::ScaleDownWindow => {
                Value::Window(down.and_then(|rules| rules.stabilization_window))
            }
            Self::ScaleUpPolicies => Value::Policies(up.map(PolicySet::of)),
            Self::ScaleDownPolicies => Value::Policies(down.map(PolicySet::of)),
            Self::ScaleUpTolerance => Value::Tolerance(up.and_then(|rules| rules.tolerance)),
            Self::ScaleDownTolerance => Value::Tolerance(down.and_then(|rules| rules.tolerance)),
        }
    }

    /// Turns the knob. Where it belongs to `behavior` and there is none, there will be one as API defaulting fills it:
    /// that is no longer the controller's legacy path.
    pub fn turn(self, hpa: &mut HpaSpec, value: &Value) {
        if self.of(hpa) == *value {
            return;
        }
        match (self, value) {
            (Self::MinReplicas, Value::Replicas(count)) => hpa.min_replicas = *count,
            (Self::MaxReplicas, Value::Replicas(count)) => hpa.max_replicas = *count,
            (Self::Target(metric), Value::Target(target)) => {
                *target_of(&mut hpa.metrics[metric]) = *target;
            }
            (_, value) => self.turn_behavior(hpa, value),
        }
    }

    fn turn_behavior(self, hpa: &mut HpaSpec, value: &Value) {
        let behavior = hpa.behavior.get_or_insert_with(Behavior::api_default);
        let rules = match self {
            Self::ScaleUpWindow | Self::ScaleUpPolicies | Self::ScaleUpTolerance => {
                &mut behavior.scale_up
            }
            _ => &mut behavior.scale_down,
        };
        match value {
            Value::Window(window) => rules.stabilization_window = *window,
            Value::Tolerance(tolerance) => rules.tolerance = *tolerance,
            Value::Policies(Some(set)) => {
                rules.select_policy = set.select;
                rules.policies.clone_from(&set.policies);
            }
            // What holds without `behavior` has no name within it: defaulting has filled in its own.
            Value::Policies(None) | Value::Replicas(_) | Value::Target(_) => {}
        }
    }

    /// Whether it belongs to `spec.behavior`.
    #[must_use]
    pub const fn is_in_behavior(self) -> bool {
        !matches!(
            self,
            Self::MinReplicas | Self::MaxReplicas | Self::Target(_)
        )
    }

    /// The knob's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MinReplicas => "min",
            Self::MaxReplicas => "max",
            Self::Target(_) => "target",
            Self::ScaleUpWindow => "up-window",
            Self::ScaleDownWindow => "down-window",
            Self::ScaleUpPolicies => "up-policies",
            Self::ScaleDownPolicies => "down-policies",
            Self::ScaleUpTolerance => "up-tolerance",
            Self::ScaleDownTolerance => "down-tolerance",
        }
    }

    /// The field of the manifest that it is.
    #[must_use]
    pub fn field(self) -> String {
        let behavior = |field: &str| format!("behavior.{field}");
        match self {
            Self::MinReplicas => "minReplicas".to_owned(),
            Self::MaxReplicas => "maxReplicas".to_owned(),
            Self::Target(metric) => format!("metrics[{metric}] target"),
            Self::ScaleUpWindow => behavior("scaleUp.stabilizationWindowSeconds"),
            Self::ScaleDownWindow => behavior("scaleDown.stabilizationWindowSeconds"),
            Self::ScaleUpPolicies => behavior("scaleUp.policies"),
            Self::ScaleDownPolicies => behavior("scaleDown.policies"),
            Self::ScaleUpTolerance => behavior("scaleUp.tolerance"),
            Self::ScaleDownTolerance => behavior("scaleDown.tolerance"),
        }
    }
}

impl Value {
    /// The value where it is one number: replicas, percent, the metric's unit, seconds, or a tolerance; `None` of
    /// policies and of what is left to a default.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Replicas(count) => Some(f64::from(*count)),
            Self::Target(MetricTarget::Utilization(percent)) => Some(f64::from(*percent)),
            Self::Target(MetricTarget::AverageValue(milli) | MetricTarget::Value(milli)) => {
                Some(*milli as f64 / 1e3)
            }
            Self::Window(window) => window.map(SimDuration::as_seconds),
            Self::Tolerance(tolerance) => *tolerance,
            Self::Policies(_) => None,
        }
    }
}

impl PolicySet {
    fn of(rules: &ScalingRules) -> Self {
        Self {
            select: rules.select_policy,
            policies: rules.policies.clone(),
        }
    }
}

fn target_of(metric: &mut MetricSpec) -> &mut MetricTarget {
    match metric {
        MetricSpec::Resource { target, .. }
        | MetricSpec::ContainerResource { target, .. }
        | MetricSpec::Pods { target, .. }
        | MetricSpec::Object { target, .. }
        | MetricSpec::External { target, .. } => target,
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replicas(count) => write!(f, "{count}"),
            Self::Target(MetricTarget::Utilization(percent)) => write!(f, "{percent} %"),
            Self::Target(MetricTarget::AverageValue(milli)) => {
                write!(f, "{} per pod", Quantity::from_milli(*milli))
            }
            Self::Target(MetricTarget::Value(milli)) => {
                write!(f, "{}", Quantity::from_milli(*milli))
            }
            Self::Window(Some(window)) => write!(f, "{} s", window.as_seconds()),
            Self::Window(None) | Self::Tolerance(None) | Self::Policies(None) => {
                f.write_str("default")
            }
            Self::Tolerance(Some(tolerance)) => write!(f, "{tolerance}"),
            Self::Policies(Some(set)) => write!(f, "{set}"),
        }
    }
}

impl fmt::Display for PolicySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = match self.select {
            SelectPolicy::Disabled => return f.write_str("disabled"),
            SelectPolicy::Max => " or ",
            SelectPolicy::Min => " and ",
        };
        for (nth, policy) in self.policies.iter().enumerate() {
            if nth > 0 {
                f.write_str(between)?;
            }
            let unit = match (policy.kind, policy.value) {
                (PolicyKind::Percent, _) => " %",
                (PolicyKind::Pods, 1) => " pod",
                (PolicyKind::Pods, _) => " pods",
            };
            write!(
                f,
                "{}{unit}/{} s",
                policy.value,
                policy.policy_period.as_seconds()
            )?;
        }
        Ok(())
    }
}
