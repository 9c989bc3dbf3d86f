//! A container that serves has no readinessProbe, so that new pods count as ready at once.
//!
//! ## What it does
//!
//! Looks at autoscaled pods for containers without readinessProbe and startupProbe that a Service among the files sends
//! traffic to: one of the container's ports is a `targetPort`, or it is the only container. Without such a Service it
//! tells, for information, pods with ports of which no container has a probe; ports for metrics alone don't count.
//!
//! ## Why is this bad
//!
//! A pod is ready as soon as its process runs. Traffic comes before it can be answered, at each scale-up and just under
//! load, and the cpu that a start takes counts as load: readiness is how the controller tells a starting pod.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//! - name: web
//!   ports: [{containerPort: 8080}]   # no readinessProbe
//! ```
//!
//! ## Fix
//!
//! Add a readinessProbe that answers once the container can serve.
//!
//! ## Evidence
//!
//! Kubernetes issue 28692; `groupPods` in `pkg/controller/podautoscaler/replica_calculator.go`. kube-linter and Polaris
//! ask for probes everywhere.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::pods::{Scaled, scaled_once};
use crate::manifest::{ContainerFacts, Node, Object};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for it in scaled_once(context) {
        if it.pod.lasting_containers().all(is_probed) {
            continue;
        }
        let services: Vec<&Object> = context.services_of(it.owner).collect();
        if services.is_empty() {
            let mut containers = it.pod.containers.iter();
            let first = containers.find(|container| ports(&it, container).any(is_for_traffic));
            if let Some(container) = first
                && !it.pod.lasting_containers().any(is_probed)
            {
                put(&it, container, findings).with_severity(Severity::Info);
            }
            continue;
        }
        for container in it
            .pod
            .containers
            .iter()
            .filter(|container| !is_probed(container))
        {
            let serving = services
                .iter()
                .find(|service| serves(&it, container, service));
            if let Some(service) = serving {
                put(&it, container, findings).with_related(
                    Place::at(service, "metadata.name"),
                    "the Service that sends it traffic",
                );
            }
        }
    }
}

fn put<'f>(
    it: &Scaled<'_, '_>,
    container: &ContainerFacts,
    findings: &'f mut Findings,
) -> &'f mut crate::lint::finding::Finding {
    findings.put(
        it.place(container, "name"),
        format!(
            "container `{}` serves without readinessProbe: each pod that HorizontalPodAutoscaler `{}` adds is ready before \
             it can answer",
            container.name, it.autoscaled.object.name
        ),
        "add a readinessProbe",
    )
}

/// Whether something holds the pod back until it has started.
fn is_probed(container: &ContainerFacts) -> bool {
    container.readiness.is_some() || container.startup.is_some()
}

/// Whether a Service sends traffic to a container.
fn serves(it: &Scaled<'_, '_>, container: &ContainerFacts, service: &Object) -> bool {
    if it.pod.containers.len() == 1 {
        return true;
    }
    let Some(listed) = service.document.at("spec.ports") else {
        return false;
    };
    let mut targets = listed
        .items()
        .filter_map(|port| port.get("targetPort").or_else(|| port.get("port"))?.text());
    targets.any(|target| {
        ports(it, container).any(|port| {
            let is = |key: &str| port.get(key).and_then(|it| it.text()) == Some(target);
            is("containerPort") || is("name")
        })
    })
}

/// A container's ports.
fn ports<'a>(
    it: &'a Scaled<'_, '_>,
    container: &ContainerFacts,
) -> impl Iterator<Item = Node<'a>> + use<'a> {
    let listed = it.node(container).and_then(|node| node.get("ports"));
    listed.into_iter().flat_map(|list| list.items())
}

/// Whether a port is for more than being watched.
fn is_for_traffic(port: Node<'_>) -> bool {
    let name = port.get("name").and_then(|name| name.text());
    let watched = ["metrics", "prom", "health", "debug", "admin"];
    !name.is_some_and(|name| watched.iter().any(|word| name.contains(word)))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(container: &str) -> String {
        deployment(container) + &hpa("  maxReplicas: 10\n")
    }

    const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, \
                           ports: [{port: 80, targetPort: 8080}]}\n";

    #[test]
    fn a_container_that_serves_without_probe_is_told() {
        fires(
            "SP305",
            &(with("image: web") + SERVICE),
            &["8:32 container `web` serves without readinessProbe"],
        );
        let beside = "ports: [{containerPort: 8080}]}, {name: log, ports: [{containerPort: 9}]";
        fires(
            "SP305",
            &(with(beside) + SERVICE),
            &["8:32 container `web`"],
        );
        // Another container's probe is not its own.
        let probed =
            "ports: [{containerPort: 8080}]}, {name: log, readinessProbe: {httpGet: {port: 9}}";
        fires(
            "SP305",
            &(with(probed) + SERVICE),
            &["8:32 container `web`"],
        );
        fires(
            "SP305",
            &with("ports: [{containerPort: 8080}]"),
            &["8:32 container `web`"],
        );
    }

    #[test]
    fn a_probe_or_nothing_to_serve_is_silent() {
        silent(
            "SP305",
            &(with("readinessProbe: {httpGet: {port: 8080}}") + SERVICE),
        );
        silent(
            "SP305",
            &(with("startupProbe: {httpGet: {port: 8080}}") + SERVICE),
        );
        silent("SP305", &with("image: web"));
        silent(
            "SP305",
            &with("ports: [{containerPort: 9090, name: metrics}]"),
        );
        silent(
            "SP305",
            &(deployment("image: web") + SERVICE.trim_start_matches("---\n")),
        );
        let other = SERVICE.replace("app: web", "app: api");
        silent("SP305", &(with("image: web") + &other));
    }
}
