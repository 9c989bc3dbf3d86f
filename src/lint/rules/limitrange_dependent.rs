//! The requests that utilization is measured against come from a LimitRange.
//!
//! ## What it does
//!
//! Looks for utilization targets on a resource for which a container of the target has neither request nor limit, while
//! a LimitRange of the namespace fills one in.
//!
//! ## Why is this bad
//!
//! It works here. In another namespace, or when the LimitRange is changed, the same manifests have another utilization
//! or none at all.
//!
//! ## Example
//!
//! ```yaml
//! kind: LimitRange
//! spec:
//!   limits:
//!   - {type: Container, defaultRequest: {cpu: 100m}}
//! ```
//!
//! ## Fix
//!
//! Write the request in the container.
//!
//! ## Evidence
//!
//! KEDA's webhook makes the same exception (`isContainerResourceLimitSet`).

use crate::hpa::MetricTarget;
use crate::lint::context::Context;
use crate::lint::demand::{Counted, request_filled_in, resource_name};
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::amount_of;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, _) in context.valid_autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let Some(workload) = owner.workload.filter(|workload| !workload.kind.is_vm()) else {
            continue;
        };
        for metric in autoscaled.metrics() {
            let Some((resource, container, MetricTarget::Utilization(_))) = metric.resource()
            else {
                continue;
            };
            let name = resource_name(resource);
            let is_without = |it: &&crate::manifest::ContainerFacts| {
                amount_of(&it.requests, resource).is_none()
                    && container.is_none_or(|container| container == it.name)
            };
            let pod = &workload.pod;
            let has_own = amount_of(&pod.pod_level_requests, resource).is_some()
                || amount_of(&pod.pod_level_limits, resource).is_some();
            let without = pod
                .lasting_containers()
                .find(is_without)
                .filter(|_| !has_own);
            let filled_in = request_filled_in(context, owner, name);
            let (Some(without), Some(filled_in)) = (without, filled_in) else {
                continue;
            };
            let counted = if name == "cpu" {
                Counted::CpuRequests
            } else {
                Counted::MemoryRequests
            };
            findings.put(
                Place::at(owner.object, "spec.template.spec.containers"),
                format!(
                    "container `{}` has no {name} request, and the {} that its utilization is measured against come from a LimitRange",
                    without.name,
                    counted.shown(filled_in)
                ),
                format!("write the {name} request in the container"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(container: &str, limit: &str) -> String {
        format!(
            "{}apiVersion: v1\nkind: LimitRange\nmetadata: {{name: l}}\nspec: {{limits: [{{type: Container, {limit}}}]}}\n---\n{}",
            deployment(container),
            hpa(&format!("  maxReplicas: 3\n{}", cpu(60)))
        )
    }

    #[test]
    fn a_request_from_elsewhere_is_told() {
        fires(
            "SP217",
            &with("image: web", "defaultRequest: {cpu: 100m}"),
            &["8:24 container `web` has no cpu request, and the 100m cpu"],
        );
        fires(
            "SP217",
            &with("image: web", "default: {cpu: 2}"),
            &["8:24 container `web` has no cpu request, and the 2 cpu"],
        );
    }

    #[test]
    fn a_request_of_its_own_is_silent() {
        silent(
            "SP217",
            &with(
                "resources: {requests: {cpu: 1}}",
                "defaultRequest: {cpu: 100m}",
            ),
        );
        silent(
            "SP217",
            &with(
                "resources: {limits: {cpu: 1}}",
                "defaultRequest: {cpu: 100m}",
            ),
        );
        silent(
            "SP217",
            &with("image: web", "defaultRequest: {memory: 1Gi}"),
        );
        let elsewhere = with("image: web", "defaultRequest: {cpu: 100m}");
        silent(
            "SP217",
            &elsewhere.replace("{name: l}", "{name: l, namespace: other}"),
        );
    }
}
