//! A ScaledObject has a cpu or memory trigger, and a container states no request for it.
//!
//! ## What it does
//!
//! For each `cpu` and `memory` trigger it looks at the containers of the Deployment or StatefulSet (at the one that the
//! trigger names, or else at all) for a request or limit, and at the namespace's LimitRanges for one that is filled in.
//!
//! ## Why is this bad
//!
//! The admission webhook refuses the ScaledObject. Without the webhook the HPA finds no request to measure utilization
//! against, and does not scale.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec: {template: {spec: {containers: [{name: web}]}}}
//! ---
//! kind: ScaledObject
//! spec:
//!   triggers:
//!   - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
//! ```
//!
//! ## Fix
//!
//! State the request in each container, or name one container that has it with `containerName`.
//!
//! ## Evidence
//!
//! `verifyCPUMemoryScalers` in KEDA's `scaledobject_webhook.go` (`missing-requests`).

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::PodOwner;
use crate::manifest::{Object, ResourceFacts, ScaledObject, TargetKind, Trigger};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let Some(owner) = context.owner_of_scaled(object, scaled) else {
            continue;
        };
        for trigger in scaled.triggers() {
            let kind = trigger.value.kind.as_ref().map(|kind| kind.value.as_str());
            let (resource, of): (_, fn(&ResourceFacts) -> Option<i64>) = match kind {
                Some("cpu") => ("cpu", |facts| facts.cpu_milli),
                Some("memory") => ("memory", |facts| facts.memory_milli),
                _ => continue,
            };
            let mut ranges = context.limit_ranges_beside(object);
            if ranges.any(|(_, range)| range.default_request(resource).is_some()) {
                continue;
            }
            if let Some(container) = without_request(owner, &trigger.value, of) {
                findings
                    .put(
                        Place::of(object, trigger),
                        format!("the {resource} trigger needs a {resource} request, and container `{container}` states none"),
                        "state the request in each container, or name one that has it with `containerName`",
                    )
                    .with_related(place_of_containers(owner.object), "the containers");
            }
        }
    }
}

/// Whether KEDA's webhook reads the pods of the target.
pub(super) fn is_read_by_webhook(scaled: &ScaledObject) -> bool {
    let target = scaled.scale_target.as_ref();
    let kind = target.and_then(|target| target.value.kind.as_ref());
    kind.is_none_or(|kind| matches!(kind.value.as_str(), "" | "Deployment" | "StatefulSet"))
}

/// The first container that a trigger looks at and that states no amount.
fn without_request(
    owner: &PodOwner<'_>,
    trigger: &Trigger,
    of: fn(&ResourceFacts) -> Option<i64>,
) -> Option<String> {
    let workload = owner.workload?;
    let is_read = matches!(
        workload.kind,
        TargetKind::Deployment | TargetKind::StatefulSet
    );
    // Where the pod as a whole requests, versions differ in what they make of it.
    let pod = &workload.pod;
    if !is_read || of(&pod.pod_level_requests).is_some() || of(&pod.pod_level_limits).is_some() {
        return None;
    }
    let named = trigger
        .metadata("containerName")
        .filter(|name| !name.is_empty());
    let mut looked_at = pod
        .containers
        .iter()
        .filter(|container| named.is_none_or(|name| name == container.name));
    let found = looked_at.find(|container| {
        let amount = of(&container.requests).or(of(&container.limits));
        amount.is_none_or(|amount| amount <= 0)
    });
    found.map(|container| container.name.clone())
}

fn place_of_containers(object: &Object) -> Place {
    Place::at(object, "spec.template.spec.containers")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, scaled_object, silent, trigger};

    fn with(container: &str, triggers: &str) -> String {
        deployment(container) + &scaled_object("  minReplicaCount: 1\n") + triggers
    }

    #[test]
    fn a_container_without_a_request_is_told() {
        fires(
            "SP509",
            &with("image: web", &trigger("cpu")),
            &["17:5 the cpu trigger needs a cpu request, and container `web` states none"],
        );
        fires(
            "SP509",
            &with("resources: {requests: {cpu: 1}}", &trigger("memory")),
            &["17:5 the memory trigger needs a memory request"],
        );
        let named = "  triggers:\n  - {type: cpu, metadata: {value: \"5\", containerName: web}}\n";
        fires(
            "SP509",
            &with("image: web", named),
            &["17:5 the cpu trigger"],
        );
        fires(
            "SP509",
            &with("resources: {requests: {cpu: 0}}", &trigger("cpu")),
            &["17:5 the cpu trigger"],
        );
    }

    #[test]
    fn an_amount_from_anywhere_is_enough() {
        silent(
            "SP509",
            &with("resources: {requests: {cpu: 1}}", &trigger("cpu")),
        );
        silent(
            "SP509",
            &with("resources: {limits: {cpu: 1}}", &trigger("cpu")),
        );
        silent("SP509", &with("image: web", &trigger("kafka")));
        let other = "  triggers:\n  - {type: cpu, metadata: {value: \"5\", containerName: main}}\n";
        silent("SP509", &with("image: web", other));
        let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m}}]}\n";
        silent("SP509", &(with("image: web", &trigger("cpu")) + range));
        silent(
            "SP509",
            &with("image: web", &trigger("cpu")).replace("kind: Deployment", "kind: ReplicaSet"),
        );
    }
}
