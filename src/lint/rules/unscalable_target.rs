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
use crate::manifest::has_no_scale;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let Some((kind, name)) = autoscaled.target_name() else {
            continue;
        };
        let group = autoscaled.target_group();
        let reference = autoscaled.written.scale_target.as_ref();
        let version = reference.and_then(|it| it.value.api_version.as_ref());
        let version = version.map(|version| version.value.as_str());
        let (problem, help) = if has_no_scale(version, kind) {
            (
                format!("{kind} `{name}` has no count that could be scaled"),
                match kind {
                    "VirtualMachine" | "VirtualMachineInstance" => {
                        "scale a VirtualMachinePool or a VirtualMachineInstanceReplicaSet of such machines"
                    }
                    "Job" | "CronJob" => "for jobs by load take KEDA's ScaledJob",
                    _ => "scale a Deployment or StatefulSet",
                },
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

fn defined_without_scale(context: &Context<'_>, group: &str, kind: &str) -> bool {
    let mut definitions = context.definitions();
    definitions.any(|it| it.group == group && it.kind == kind && !it.has_scale)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{findings, fires, hpa, silent};

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
    fn help_fits_what_is_scaled() {
        for (version, kind, expected) in [
            (
                "kubevirt.io/v1",
                "VirtualMachine",
                "scale a VirtualMachinePool or a VirtualMachineInstanceReplicaSet",
            ),
            ("batch/v1", "Job", "KEDA's ScaledJob"),
            ("apps/v1", "DaemonSet", "scale a Deployment or StatefulSet"),
        ] {
            let found = findings(&target(version, kind));
            let help = found.iter().find(|it| it.rule.code == "SP202");
            let help = help.map_or("", |it| &*it.help);
            assert!(help.contains(expected), "{kind}: {help}");
        }
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
