//! A ResourceQuota has no room for `maxReplicas` pods.
//!
//! ## What it does
//!
//! Multiplies what a pod of the target requests, with sidecars, init containers and overhead as the scheduler counts
//! them, by `maxReplicas`, and compares it with the quotas of the namespace: cpu and memory, requests and limits, and
//! the number of pods. Quotas of other scopes than long-running pods are passed over.
//!
//! ## Why is this bad
//!
//! Scaling up stops below the maximum: the workload's controller gets FailedCreate, just at the highest peak, and the
//! autoscaler goes on asking.
//!
//! ## Example
//!
//! ```yaml
//! kind: ResourceQuota
//! spec:
//!   hard: {requests.cpu: "10"}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   maxReplicas: 40 # of 500m each
//! ```
//!
//! ## Fix
//!
//! Raise the quota, or lower `maxReplicas` to what fits, beside what else the namespace runs.
//!
//! ## Evidence
//!
//! `pkg/quota/v1/evaluator/core/pods.go`. No other linter compares the two; popeye compares with the size of a live
//! cluster.

use crate::lint::context::Context;
use crate::lint::demand::quota_of_pods;
use crate::lint::finding::{Findings, Place, Severity};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, meant) in context.valid_autoscalers() {
        let max = meant.max_replicas;
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        for (object, quota) in context.quotas_beside(owner.object) {
            for (name, counted, hard) in quota_of_pods(quota) {
                let each = counted.of_pod(context, owner);
                let room = i128::from(hard.value.milli_value());
                let asked = each * i128::from(max);
                if each == 0 || asked <= room {
                    continue;
                }
                let finding = findings.put(
                    Place::at(autoscaled.object, "spec.maxReplicas"),
                    format!(
                        "{max} replicas ask for {}, above the {} of {name} in ResourceQuota `{}`: {} fit",
                        counted.shown(asked),
                        counted.shown(room),
                        object.name,
                        room.max(0) / each
                    ),
                    "raise the quota, or lower maxReplicas to what fits beside the namespace's other pods",
                );
                finding.with_related(Place::of(object, hard), "the quota");
                if !context.are_together(owner.object, object) {
                    finding.with_severity(Severity::Info);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(quota: &str, max: i32) -> String {
        format!(
            "{}apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q}}\nspec: {{{quota}}}\n---\n{}",
            deployment("resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi}}"),
            hpa(&format!("  maxReplicas: {max}\n"))
        )
    }

    #[test]
    fn a_maximum_that_does_not_fit_is_told() {
        for (quota, expected) in [
            (
                "hard: {requests.cpu: \"10\"}",
                "20:16 40 replicas ask for 20 cpu, above the 10 cpu of requests.cpu in ResourceQuota `q`: 20 fit",
            ),
            (
                "hard: {cpu: 19999m}",
                "20:16 40 replicas ask for 20 cpu, above the 19999m cpu of cpu",
            ),
            (
                "hard: {memory: 30Gi}",
                "20:16 40 replicas ask for 40Gi of memory, above the 30Gi",
            ),
            (
                "hard: {limits.memory: 30Gi}",
                "20:16 40 replicas ask for 80Gi of memory limits",
            ),
            (
                "hard: {pods: \"39\"}",
                "20:16 40 replicas ask for 40 pods, above the 39 pods of pods",
            ),
            (
                "scopes: [NotTerminating], hard: {pods: 39}",
                "20:16 40 replicas",
            ),
        ] {
            fires("SP213", &with(quota, 40), &[expected]);
        }
    }

    #[test]
    fn sidecars_init_containers_and_overhead_count() {
        let more = "initContainers: [{name: i, resources: {requests: {cpu: 3}}}], overhead: {cpu: 1}, containers:";
        let text = with("hard: {cpu: 11}", 3).replacen("containers:", more, 1);
        fires("SP213", &text, &["20:16 3 replicas ask for 12 cpu"]);
        silent("SP213", &text.replace("cpu: 11", "cpu: 12"));
    }

    #[test]
    fn what_fits_is_silent() {
        silent(
            "SP213",
            &with("hard: {requests.cpu: 20, memory: 40Gi, pods: 40}", 40),
        );
        silent("SP213", &with("scopes: [BestEffort], hard: {pods: 1}", 40));
        silent(
            "SP213",
            &with("scopeSelector: {matchExpressions: []}, hard: {pods: 1}", 40),
        );
        silent("SP213", &with("hard: {count/configmaps: 1}", 40));
        silent(
            "SP213",
            &with("hard: {pods: 1}", 40).replace("{name: q}", "{name: q, namespace: other}"),
        );
    }
}
