//! Memory utilization says little about load, and rarely falls.
//!
//! ## What it does
//!
//! Looks for a utilization target on memory.
//!
//! ## Why is this bad
//!
//! Most programs keep the memory that they once took, for caches, heaps and pools: the count goes up with a peak and
//! stays there, since no new pod takes memory off an old one. Near the target, rounding up adds one more each time.
//!
//! ## Example
//!
//! ```yaml
//! resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}
//! ```
//!
//! ## Fix
//!
//! Aim at what grows with load, such as cpu, requests or queue length, and size memory by requests and limits. Keep the
//! metric where memory does follow load, as with sessions or in-memory data, and suppress this.
//!
//! ## Evidence
//!
//! Kubernetes issue 78761, autoscaler issue 1741.

use crate::hpa::{MetricTarget, Resource};
use crate::lint::context::Context;
use crate::lint::finding::Findings;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        for metric in autoscaled.metrics() {
            let Some((Resource::Memory, _, MetricTarget::Utilization(target))) = metric.resource()
            else {
                continue;
            };
            findings.put(
                autoscaled.place_of_target(&metric),
                format!(
                    "the target is {target} % memory utilization, and pods rarely give memory back after a peak"
                ),
                "scale on what rises and falls with load, such as cpu or requests per second",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa, silent};

    #[test]
    fn memory_utilization_is_told() {
        let memory = cpu(70).replace("cpu", "memory");
        fires(
            "SP312",
            &hpa(&format!("  maxReplicas: 10\n{memory}")),
            &["8:95 the target is 70 % memory utilization"],
        );
    }

    #[test]
    fn cpu_and_an_average_value_are_silent() {
        silent("SP312", &hpa(&format!("  maxReplicas: 10\n{}", cpu(70))));
        let average = cpu(70).replace("cpu", "memory").replace(
            "type: Utilization, averageUtilization: 70",
            "type: AverageValue, averageValue: 1Gi",
        );
        silent("SP312", &hpa(&format!("  maxReplicas: 10\n{average}")));
    }
}
