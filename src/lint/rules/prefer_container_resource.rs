//! A resource metric averages over all containers of a pod, sidecars too.
//!
//! ## What it does
//!
//! Looks for a utilization target on cpu or memory of all containers together where pods have more than one that lasts.
//! Silent for clusters before 1.27, where `ContainerResource` metrics need a feature gate.
//!
//! ## Why is this bad
//!
//! Usage is summed up and divided by the sum of requests: an idle sidecar with a generous request hides that the main
//! container is at its limit, and a busy one adds pods that nobody needs.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//! - {name: web, resources: {requests: {cpu: 500m}}}
//! - {name: proxy, resources: {requests: {cpu: 500m}}}   # idle: web at 100 % shows as 50 %
//! ```
//!
//! ## Fix
//!
//! Aim at the container that does the work: `type: ContainerResource` with `containerResource.container`.
//!
//! ## Evidence
//!
//! KEP-1610: beta and on by default in 1.27, stable in 1.30.

use crate::hpa::MetricTarget;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::pods::{name_of, request_of, scaled};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.settings.cluster.is_before(27) {
        return;
    }
    for it in scaled(context) {
        let count = it.pod.lasting_containers().count();
        if count < 2 {
            continue;
        }
        for metric in it.autoscaled.metrics() {
            let Some((resource, None, MetricTarget::Utilization(_))) = metric.resource() else {
                continue;
            };
            let largest = it
                .pod
                .lasting_containers()
                .max_by_key(|container| request_of(container, resource));
            let Some(largest) = largest else {
                continue;
            };
            let name = name_of(resource);
            findings.put(
                it.autoscaled.place_of_target(&metric),
                format!("{name} is averaged over {count} containers of each pod"),
                format!(
                    "aim at the one that does the work with a ContainerResource metric, such as `{}`",
                    largest.name
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent, silent_with};

    fn with(container: &str) -> String {
        deployment(container) + &hpa(&format!("  maxReplicas: 10\n{}", cpu(60)))
    }

    const TWO: &str =
        "resources: {requests: {cpu: 1}}}, {name: log, resources: {requests: {cpu: 10m}}";

    #[test]
    fn two_containers_under_one_average_are_told() {
        fires(
            "SP303",
            &with(TWO),
            &["17:92 cpu is averaged over 2 containers"],
        );
        let sidecar = with("resources: {requests: {cpu: 1}}").replace(
            "spec: {containers",
            "spec: {initContainers: [{name: mesh, restartPolicy: Always}], containers",
        );
        fires(
            "SP303",
            &sidecar,
            &["17:92 cpu is averaged over 2 containers"],
        );
    }

    #[test]
    fn one_container_and_a_metric_of_one_are_silent() {
        silent("SP303", &with("resources: {requests: {cpu: 1}}"));
        let named = with(TWO).replace(
            "type: Resource, resource: {",
            "type: ContainerResource, containerResource: {container: web, ",
        );
        silent("SP303", &named);
        let mut old = Settings::USUAL;
        old.cluster.version = "1.26".parse().ok();
        silent_with("SP303", &old, &with(TWO));
    }
}
