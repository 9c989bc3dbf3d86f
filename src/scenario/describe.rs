//! What a scenario's autoscaler wants, in a few words.

use super::Scenario;
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::units::Quantity;

impl Scenario {
    /// Each metric of the autoscaler with its target: `cpu 70 %`, `requests-per-second 100 per pod`.
    #[must_use]
    pub fn metric_targets(&self) -> Vec<String> {
        self.hpa.metrics.iter().map(metric_target).collect()
    }
}

fn metric_target(metric: &MetricSpec) -> String {
    match metric {
        MetricSpec::Resource { resource, target } => {
            format!("{} {}", name(resource), wanted(*target))
        }
        MetricSpec::ContainerResource {
            resource,
            container,
            target,
        } => format!("{} of {container} {}", name(resource), wanted(*target)),
        MetricSpec::Pods { name, target }
        | MetricSpec::Object { name, target }
        | MetricSpec::External { name, target } => format!("{name} {}", wanted(*target)),
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
