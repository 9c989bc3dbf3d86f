//! A service mesh adds a proxy to the pods, and nothing gives it the request that the utilization target needs.
//!
//! ## What it does
//!
//! Looks at pods of an autoscaler with a utilization target over all containers for the marks by which Istio, Linkerd,
//! Dapr and AWS App Mesh add their proxy, at the pod template and at the Namespace if it is among the files, and then for
//! the annotations that give the proxy a request. Linkerd and Dapr set none by themselves; Istio and App Mesh do as they
//! are usually installed, for which the finding is for information only, unless an annotation for another resource has
//! replaced that.
//!
//! ## Why is this bad
//!
//! The manifest has a request in every container, the pod in the cluster has not: the metric fails with `missing request
//! for cpu` from the day on that the mesh is switched on. A proxy that does have a request takes part in the average.
//!
//! ## Example
//!
//! ```yaml
//! template:
//!   metadata:
//!     annotations: {linkerd.io/inject: enabled}
//! ```
//!
//! ## Fix
//!
//! Give the proxy a request (`config.linkerd.io/proxy-cpu-request: 100m`, `dapr.io/sidecar-cpu-request`,
//! `sidecar.istio.io/proxyCPU`, `appmesh.k8s.aws/cpuRequest`), or aim at your own container with a `ContainerResource`
//! metric.
//!
//! ## Evidence
//!
//! istio issues 13977 and 35905, linkerd2 issue 1480, aws-app-mesh-controller issue 12; the injection templates of each.

use crate::hpa::{MetricTarget, Resource};
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::lint::pods::{Scaled, name_of, scaled};
use crate::manifest::{Node, Object};

/// A mesh, by what it reads.
struct Mesh {
    name: &'static str,
    /// Container names of its proxy: there already, it is another rule's business.
    proxy: &'static str,
    /// Annotation or label of a pod, and the value that asks for the proxy.
    pod_mark: (&'static str, &'static str),
    /// Label or annotation of a Namespace, likewise.
    namespace_mark: Option<(&'static str, &'static str)>,
    cpu: [&'static str; 2],
    memory: [&'static str; 2],
    /// Whether its usual installation gives the proxy requests.
    has_default: bool,
}

const MESHES: &[Mesh] = &[
    Mesh {
        name: "Istio",
        proxy: "istio-proxy",
        pod_mark: ("sidecar.istio.io/inject", "true"),
        namespace_mark: Some(("istio-injection", "enabled")),
        cpu: [
            "sidecar.istio.io/proxyCPU",
            "sidecar.istio.io/proxyCPULimit",
        ],
        memory: [
            "sidecar.istio.io/proxyMemory",
            "sidecar.istio.io/proxyMemoryLimit",
        ],
        has_default: true,
    },
    Mesh {
        name: "Linkerd",
        proxy: "linkerd-proxy",
        pod_mark: ("linkerd.io/inject", "enabled"),
        namespace_mark: Some(("linkerd.io/inject", "enabled")),
        cpu: [
            "config.linkerd.io/proxy-cpu-request",
            "config.linkerd.io/proxy-cpu-limit",
        ],
        memory: [
            "config.linkerd.io/proxy-memory-request",
            "config.linkerd.io/proxy-memory-limit",
        ],
        has_default: false,
    },
    Mesh {
        name: "Dapr",
        proxy: "daprd",
        pod_mark: ("dapr.io/enabled", "true"),
        namespace_mark: None,
        cpu: ["dapr.io/sidecar-cpu-request", "dapr.io/sidecar-cpu-limit"],
        memory: [
            "dapr.io/sidecar-memory-request",
            "dapr.io/sidecar-memory-limit",
        ],
        has_default: false,
    },
    Mesh {
        name: "App Mesh",
        proxy: "envoy",
        pod_mark: ("appmesh.k8s.aws/sidecarInjectorWebhook", "enabled"),
        namespace_mark: Some(("appmesh.k8s.aws/sidecarInjectorWebhook", "enabled")),
        cpu: ["appmesh.k8s.aws/cpuRequest", "appmesh.k8s.aws/cpuLimit"],
        memory: [
            "appmesh.k8s.aws/memoryRequest",
            "appmesh.k8s.aws/memoryLimit",
        ],
        has_default: true,
    },
];

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let objects = context.objects.objects.iter();
    let namespaces: Vec<&Object> = objects
        .filter(|it| it.kind == "Namespace" && it.api_version == "v1")
        .collect();
    for it in scaled(context) {
        let Some(template) = it.owner.object.pod_template() else {
            continue;
        };
        let around = namespaces
            .iter()
            .find(|namespace| it.owner.object.namespace.as_deref() == Some(&namespace.name))
            .map(|namespace| namespace.document.root());
        for mesh in MESHES.iter().filter(|mesh| mesh.is_in(template, around)) {
            if it.pod.lasting_containers().any(|it| it.name == mesh.proxy) {
                continue;
            }
            for metric in it.autoscaled.metrics() {
                let Some((resource, None, MetricTarget::Utilization(_))) = metric.resource() else {
                    continue;
                };
                let Some(severity) = mesh.severity(resource, template, around) else {
                    continue;
                };
                if is_filled_in(context, &it, name_of(resource)) {
                    continue;
                }
                let name = name_of(resource);
                let wanted = mesh.annotations(resource)[0];
                let outcome = match severity {
                    Severity::Info => {
                        format!("whose {name} request then depends on the installation")
                    }
                    _ => format!(
                        "which has no {name} request, so that the utilization can't be computed"
                    ),
                };
                findings
                    .put(
                        it.autoscaled.place_of_target(&metric),
                        format!("{} adds a proxy to the pods, {outcome}", mesh.name),
                        format!(
                            "annotate the pods with {wanted}, or aim at one container with a ContainerResource metric"
                        ),
                    )
                    .with_severity(severity);
            }
        }
    }
}

impl Mesh {
    /// Whether pods of this template in a namespace get the proxy. What the pod says goes first.
    fn is_in(&self, template: Node<'_>, namespace: Option<Node<'_>>) -> bool {
        let (key, wanted) = self.pod_mark;
        if let Some(value) = mark(template, key) {
            return value == wanted;
        }
        let of_namespace = self.namespace_mark.zip(namespace);
        of_namespace.is_some_and(|((key, wanted), namespace)| mark(namespace, key) == Some(wanted))
    }

    fn annotations(&self, resource: &Resource) -> &[&'static str; 2] {
        match resource {
            Resource::Memory => &self.memory,
            _ => &self.cpu,
        }
    }

    /// How much it matters that the proxy's request isn't said; `None` if it is.
    fn severity(
        &self,
        resource: &Resource,
        template: Node<'_>,
        namespace: Option<Node<'_>>,
    ) -> Option<Severity> {
        let is_said = |keys: &[&str; 2]| {
            let nodes = [Some(template), namespace];
            let mut nodes = nodes.into_iter().flatten();
            nodes.any(|node| keys.iter().any(|key| mark(node, key).is_some()))
        };
        if is_said(self.annotations(resource)) {
            return None;
        }
        // One of Istio's annotations replaces all of the installation's requests.
        let is_replaced = self.name == "Istio" && (is_said(&self.cpu) || is_said(&self.memory));
        Some(if self.has_default && !is_replaced {
            Severity::Info
        } else {
            Severity::Warning
        })
    }
}

/// Whether a LimitRange gives containers without requests one.
fn is_filled_in(context: &Context<'_>, it: &Scaled<'_, '_>, resource: &str) -> bool {
    let mut ranges = context.limit_ranges_beside(it.owner.object);
    ranges.any(|(_, range)| range.default_request(resource).is_some())
}

/// The value of an annotation or a label.
fn mark<'a>(object: Node<'a>, key: &str) -> Option<&'a str> {
    let metadata = object.get("metadata")?;
    let mut lists = ["annotations", "labels"]
        .into_iter()
        .filter_map(|list| metadata.get(list));
    lists.find_map(|list| list.get(key)?.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{cpu, deployment, findings, fires, hpa, silent};

    /// A Deployment whose pods have these annotations.
    fn with(annotations: &str) -> String {
        let pods = deployment("resources: {requests: {cpu: 1}}").replace(
            "metadata: {labels: {app: web}}",
            &format!("metadata: {{labels: {{app: web}}, annotations: {{{annotations}}}}}"),
        );
        pods + &hpa(&format!("  maxReplicas: 10\n{}", cpu(60)))
    }

    #[test]
    fn a_proxy_without_request_is_told() {
        fires(
            "SP302",
            &with("linkerd.io/inject: enabled"),
            &["17:92 Linkerd adds a proxy to the pods, which has no cpu request"],
        );
        fires(
            "SP302",
            &with("dapr.io/enabled: 'true'"),
            &["17:92 Dapr adds"],
        );
        let istio = with("sidecar.istio.io/inject: 'true'");
        fires(
            "SP302",
            &istio,
            &["17:92 Istio adds a proxy to the pods, whose cpu request then depends"],
        );
        let told = findings(&istio);
        let told = told.iter().find(|it| it.rule.code == "SP302");
        assert_eq!(told.map(|it| it.severity), Some(Severity::Info));
        // For cpu, Istio's annotation for memory leaves nothing.
        fires(
            "SP302",
            &with("sidecar.istio.io/inject: 'true', sidecar.istio.io/proxyMemory: 64Mi"),
            &["17:92 Istio adds a proxy to the pods, which has no cpu request"],
        );
        let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: prod, annotations: {linkerd.io/inject: enabled}}\n";
        let there = with("a: b").replace("{name: web}", "{name: web, namespace: prod}") + namespace;
        fires("SP302", &there, &["17:92 Linkerd"]);
    }

    #[test]
    fn a_proxy_with_request_or_none_at_all_is_silent() {
        silent("SP302", &with("a: b"));
        silent("SP302", &with("linkerd.io/inject: disabled"));
        silent(
            "SP302",
            &with("linkerd.io/inject: enabled, config.linkerd.io/proxy-cpu-request: 10m"),
        );
        silent(
            "SP302",
            &with("sidecar.istio.io/inject: 'true', sidecar.istio.io/proxyCPU: 10m"),
        );
        let one = with("dapr.io/enabled: 'true'").replace(
            "type: Resource, resource: {",
            "type: ContainerResource, containerResource: {container: web, ",
        );
        silent("SP302", &one);
    }
}
