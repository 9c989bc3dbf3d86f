//! A metric names a container that the pods don't have.
//!
//! ## What it does
//!
//! Compares `containerResource.container` with the names of the target's containers and sidecars. Names of proxies that
//! a service mesh adds are taken as they are.
//!
//! ## Why is this bad
//!
//! The metric fails at every sync: nothing scales on it, and with other metrics beside it nothing scales down any more.
//!
//! ## Example
//!
//! ```yaml
//! containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 60}}
//! # while the pods have
//! containers: [{name: web}]
//! ```
//!
//! ## Fix
//!
//! Name one of the containers. Rename a container in its pods and in the metric at once.
//!
//! ## Evidence
//!
//! `GetContainerResourceMetric` in `pkg/controller/podautoscaler/metrics/client.go`; the API server can't know the pods.

use crate::hpa::MetricSpec;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::pods::scaled;

/// Containers that are added when a pod is made.
const ADDED: [&str; 6] = [
    "istio-proxy",
    "linkerd-proxy",
    "daprd",
    "envoy",
    "consul-dataplane",
    "vault-agent",
];

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for it in scaled(context) {
        for metric in it.autoscaled.metrics() {
            let MetricSpec::ContainerResource { container, .. } = metric.spec else {
                continue;
            };
            let mut names: Vec<&str> = it
                .pod
                .lasting_containers()
                .map(|it| it.name.as_str())
                .collect();
            names.sort_unstable();
            if names.contains(&container.as_str()) || ADDED.contains(&container.as_str()) {
                continue;
            }
            let source = metric.written.and_then(|it| it.value.sources.first());
            let name = source.and_then(|(_, source)| source.value.container.as_ref());
            let place = match name {
                Some(name) => Place::of(it.autoscaled.object, name),
                None => it.autoscaled.place_of_target(&metric),
            };
            let mut before = it.pod.init_containers.iter();
            let what = if before.any(|(other, _)| other.name == *container) {
                "is an init container, which has ended before pods are ready"
            } else {
                "is no container of the pods"
            };
            findings
                .put(
                    place,
                    format!(
                        "`{container}` {what}, so that the metric fails: {} `{}` has `{}`",
                        it.owner.object.kind,
                        it.owner.object.name,
                        names.join("`, `")
                    ),
                    "name the container whose usage counts",
                )
                .with_related(
                    Place::at(it.owner.object, "metadata.name"),
                    "the scale target",
                );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(container: &str) -> String {
        let named = cpu(60).replace(
            "type: Resource, resource: {",
            &format!("type: ContainerResource, containerResource: {{container: {container}, "),
        );
        deployment("resources: {requests: {cpu: 1}}").replace(
            "spec: {containers",
            "spec: {initContainers: [{name: setup}, {name: log, restartPolicy: Always}], containers",
        ) + &hpa(&format!("  maxReplicas: 10\n{named}"))
    }

    #[test]
    fn a_container_that_is_not_there_is_told() {
        fires(
            "SP304",
            &with("app"),
            &[
                "17:62 `app` is no container of the pods, so that the metric fails: Deployment `web` has `log`, `web`",
            ],
        );
        fires(
            "SP304",
            &with("setup"),
            &["17:62 `setup` is an init container"],
        );
    }

    #[test]
    fn a_container_that_is_or_will_be_there_is_silent() {
        silent("SP304", &with("web"));
        silent("SP304", &with("log"));
        silent("SP304", &with("istio-proxy"));
        silent(
            "SP304",
            &with("app").replace(
                "kind: Deployment, name: web",
                "kind: Deployment, name: other",
            ),
        );
    }
}
