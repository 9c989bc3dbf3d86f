//! What an autoscaler wants, in a few words.

use super::{ControlLoop, Scenario};
use crate::hpa::{HpaSpec, MetricSpec, MetricTarget, Resource};
use crate::units::Quantity;

impl Scenario {
    /// Each metric of the autoscaler with its target: `cpu 70 %`, `requests-per-second 100 per pod`.
    #[must_use]
    pub fn metric_targets(&self) -> Vec<String> {
        metric_targets(&self.hpa)
    }

    /// Each metric of the autoscaler: `cpu`, `cpu of app`, `requests-per-second`.
    #[must_use]
    pub fn metric_names(&self) -> Vec<String> {
        self.hpa.metrics.iter().map(metric_name).collect()
    }
}

impl ControlLoop {
    /// As [`Scenario::metric_targets`].
    #[must_use]
    pub fn metric_targets(&self) -> Vec<String> {
        metric_targets(&self.hpa)
    }
}

fn metric_targets(hpa: &HpaSpec) -> Vec<String> {
    hpa.metrics.iter().map(metric_target).collect()
}

fn metric_target(metric: &MetricSpec) -> String {
    format!("{} {}", metric_name(metric), wanted(metric.target()))
}

fn metric_name(metric: &MetricSpec) -> String {
    match metric {
        MetricSpec::Resource { resource, .. } => name(resource).to_owned(),
        MetricSpec::ContainerResource {
            resource,
            container,
            ..
        } => format!("{} of {container}", name(resource)),
        MetricSpec::Pods { name, .. }
        | MetricSpec::Object { name, .. }
        | MetricSpec::External { name, .. } => name.clone(),
    }
}

fn name(resource: &Resource) -> &str {
    match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    }
}

fn wanted(target: MetricTarget) -> String {
    match target {
        MetricTarget::Utilization(percent) => format!("{percent} %"),
        MetricTarget::AverageValue(milli) => format!("{} per pod", Quantity::from_milli(milli)),
        MetricTarget::Value(milli) => Quantity::from_milli(milli).to_string(),
    }
}
