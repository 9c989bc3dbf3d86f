//! The scale target is of a kind that has no count to set.
//!
//! ## What it does
//!
//! Looks whether the target's kind has the `scale` subresource: of the built-in kinds Deployment, StatefulSet,
//! ReplicaSet and ReplicationController have it, of KubeVirt's the sets and pools of machines. Of a custom kind its
//! definition says so, if it is among the files.
//!
//! ## Why is this bad
//!
//! The autoscaler reports FailedGetScale and does nothing. A DaemonSet has one pod for each node, a Job runs to its
//! end, a single pod or machine has no count.
//!
//! ## Example
//!
//! ```yaml
//! scaleTargetRef: {apiVersion: apps/v1, kind: DaemonSet, name: agent}
//! ```
//!
//! ## Fix
//!
//! Scale a Deployment or StatefulSet; for a custom kind add `subresources.scale` to its definition. Jobs by load are
//! KEDA's ScaledJob.
//!
//! ## Evidence
//!
//! The resources with a scale subresource in the Kubernetes API reference; a sample policy of Kyverno takes DaemonSet
//! for one.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let Some((kind, name)) = autoscaled.target_name() else {
            continue;
        };
        let group = autoscaled.target_group();
        let has_version = autoscaled
            .written
            .scale_target
            .as_ref()
            .is_some_and(|reference| reference.value.api_version.is_some());
        let (problem, help) = if is_built_in_without_scale(group, kind, has_version) {
            (
                format!("{kind} `{name}` has no count that could be scaled"),
                "scale a Deployment or StatefulSet; for jobs by load take KEDA's ScaledJob",
            )
        } else if defined_without_scale(context, group, kind) {
            (
                format!("{kind} `{name}` is of a kind whose definition has no `scale` subresource"),
                "add `subresources.scale` to the CustomResourceDefinition",
            )
        } else {
            continue;
        };
        findings.put(
            Place::at(autoscaled.object, "spec.scaleTargetRef.kind"),
            problem,
            help,
        );
    }
}

/// Whether it is a kind of Kubernetes or KubeVirt that can't be scaled. Where no group is given only what can't be meant
/// otherwise counts.
fn is_built_in_without_scale(group: &str, kind: &str, has_version: bool) -> bool {
    match group {
        "apps" | "extensions" => matches!(kind, "DaemonSet" | "ControllerRevision" | "Ingress"),
        "batch" => matches!(kind, "Job" | "CronJob"),
        "kubevirt.io" => matches!(kind, "VirtualMachine" | "VirtualMachineInstance"),
        "keda.sh" => matches!(kind, "ScaledObject" | "ScaledJob"),
        "autoscaling" => kind == "HorizontalPodAutoscaler",
        "" if has_version => matches!(
            kind,
            "Pod"
                | "Service"
                | "Node"
                | "ConfigMap"
                | "Secret"
                | "Namespace"
                | "DaemonSet"
                | "Job"
                | "CronJob"
        ),
        "" => matches!(kind, "Pod" | "DaemonSet" | "Job" | "CronJob"),
        _ => false,
    }
}

fn defined_without_scale(context: &Context<'_>, group: &str, kind: &str) -> bool {
    let mut definitions = context.definitions();
    definitions.any(|it| it.group == group && it.kind == kind && !it.has_scale)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn target(version: &str, kind: &str) -> String {
        hpa("  maxReplicas: 3\n").replace(
            "apps/v1, kind: Deployment",
            &format!("{version}, kind: {kind}"),
        )
    }

    fn definition(subresources: &str) -> String {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: things.example.com}}\n\
             spec: {{group: example.com, names: {{kind: Thing}}, versions: [{{name: v1, subresources: {{{subresources}}}}}]}}\n---\n"
        )
    }

    #[test]
    fn kinds_without_a_count_are_told() {
        for (version, kind) in [
            ("apps/v1", "DaemonSet"),
            ("batch/v1", "Job"),
            ("batch/v1", "CronJob"),
            ("v1", "Pod"),
            ("kubevirt.io/v1", "VirtualMachine"),
        ] {
            let text = target(version, kind);
            let column = 40 + version.len();
            fires(
                "SP202",
                &text,
                &[&format!("5:{column} {kind} `web` has no count")],
            );
        }
        let text = definition("status: {}") + &target("example.com/v1", "Thing");
        fires(
            "SP202",
            &text,
            &["10:54 Thing `web` is of a kind whose definition has no `scale`"],
        );
    }

    #[test]
    fn kinds_with_a_count_are_silent() {
        for (version, kind) in [
            ("apps/v1", "StatefulSet"),
            ("v1", "ReplicationController"),
            ("kubevirt.io/v1", "VirtualMachineInstanceReplicaSet"),
            ("pool.kubevirt.io/v1alpha1", "VirtualMachinePool"),
            ("argoproj.io/v1alpha1", "Rollout"),
            ("example.com/v1", "Thing"),
        ] {
            silent("SP202", &target(version, kind));
        }
        silent(
            "SP202",
            &(definition("scale: {}") + &target("example.com/v1", "Thing")),
        );
    }
}
