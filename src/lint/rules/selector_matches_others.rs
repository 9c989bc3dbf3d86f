//! The scale target's selector matches the pods of something that is not scaled with it.
//!
//! ## What it does
//!
//! Looks for other workloads, Jobs and Pods of the namespace whose labels match the selector of an autoscaler's target.
//! Pods of Helm hooks are passed over. It is worth knowing only where the two may not be deployed together.
//!
//! ## Why is this bad
//!
//! The controller averages over every pod that the selector matches: idle foreign pods lower the average and hold the
//! count down, busy ones or such without requests hold it up, or stop scaling altogether.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec: {selector: {matchLabels: {app: shop}}}
//! ---
//! kind: CronJob
//! spec:
//!   jobTemplate: {spec: {template: {metadata: {labels: {app: shop}}}}}
//! ```
//!
//! ## Fix
//!
//! Give the other's pods other labels, or both a label such as `app.kubernetes.io/component`.
//!
//! ## Evidence
//!
//! Kubernetes issues 116898 and 124307, KEP-5325.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::overlap::foreign_pods;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for foreign in foreign_pods(context) {
        let owner = foreign.owner;
        let is_hook = owner.object.annotation("helm.sh/hook").is_some();
        if is_hook || context.autoscalers_of(owner).any(|_| true) {
            continue;
        }
        let target = foreign.target;
        let finding = findings.put(
            Place::at(target.object, "spec.selector"),
            format!(
                "this selector of {} `{}`, which is autoscaled, matches the pods of {} `{}` too",
                target.object.kind, target.object.name, owner.object.kind, owner.object.name
            ),
            "give the pods of the two different labels, and the selector one that only its own have",
        );
        finding.with_related(Place::at(owner.object, "metadata.name"), "the other pods");
        if !context.are_together(target.object, owner.object) {
            finding.with_severity(Severity::Info);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(other: &str) -> String {
        format!(
            "{}{other}---\n{}",
            deployment("image: web"),
            hpa("  maxReplicas: 3\n")
        )
    }

    const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\n\
        spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a}]}}}\n";

    #[test]
    fn foreign_pods_are_told() {
        fires(
            "SP208",
            &with(JOB),
            &[
                "5:13 this selector of Deployment `web`, which is autoscaled, matches the pods of Job `migrate` too",
            ],
        );
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: web, x: y}}\nspec: {containers: [{name: a}]}\n";
        fires(
            "SP208",
            &with(pod),
            &[
                "5:13 this selector of Deployment `web`, which is autoscaled, matches the pods of Pod `p`",
            ],
        );
    }

    #[test]
    fn pods_of_other_labels_are_silent() {
        silent("SP208", &with(&JOB.replace("app: web", "app: migrate")));
        silent(
            "SP208",
            &with(&JOB.replace("{name: migrate}", "{name: migrate, namespace: other}")),
        );
        silent(
            "SP208",
            &with(&JOB.replace(
                "{name: migrate}",
                "{name: migrate, annotations: {helm.sh/hook: test}}",
            )),
        );
        // The same object once more is another stage of it.
        silent(
            "SP208",
            &with(deployment("image: web").trim_end_matches("---\n")),
        );
        // What nothing scales is nobody's average.
        silent("SP208", &format!("{}{JOB}", deployment("image: web")));
    }
}
