//! Two autoscalers scale workloads whose selectors match the same pods.
//!
//! ## What it does
//!
//! Takes the workloads that autoscalers of one namespace scale, and looks whether the selector of one matches the
//! labels in the pod template of another. It is worth knowing only where the two may not be deployed together: in
//! different folders and without a namespace.
//!
//! ## Why is this bad
//!
//! Since Kubernetes 1.27 the controller refuses to act for both (`AmbiguousSelector`). Before, each averaged over the
//! other's pods.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! metadata: {name: web}
//! spec: {selector: {matchLabels: {app: shop}}}
//! ---
//! kind: Deployment
//! metadata: {name: worker}
//! spec: {selector: {matchLabels: {app: shop}}}
//! ```
//!
//! ## Fix
//!
//! Give each workload a label of its own in selector and template. A selector can't be changed in place: the workload
//! has to be made anew.
//!
//! ## Evidence
//!
//! Kubernetes pull request 112027.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::overlap::foreign_pods;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for foreign in foreign_pods(context) {
        let owner = foreign.owner;
        if !context.autoscalers_of(owner).any(|_| true) {
            continue;
        }
        let target = foreign.target;
        // The pair is told once, at the one that comes first.
        let is_mutual = owner
            .selector
            .as_ref()
            .is_some_and(|selector| selector.matches(&target.labels));
        if is_mutual && foreign.comes_second {
            continue;
        }
        let finding = findings.put(
            Place::at(target.object, "spec.selector"),
            format!(
                "{} `{}` and {} `{}` are both autoscaled and this selector matches the pods of both, so that neither is scaled",
                target.object.kind, target.object.name, owner.object.kind, owner.object.name
            ),
            "give each workload a label of its own in selector and template",
        );
        finding.with_related(
            Place::at(owner.object, "metadata.name"),
            "the other workload",
        );
        if !context.are_together(target.object, owner.object) {
            finding.with_severity(Severity::Info);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    /// Two Deployments with autoscalers, the second with these labels in selector and pods.
    fn two(selector: &str, labels: &str) -> String {
        let second = deployment("image: web")
            .replacen("{name: web}", "{name: api}", 1)
            .replace("matchLabels: {app: web}", selector)
            .replace("labels: {app: web}", &format!("labels: {{{labels}}}"));
        let autoscaler = hpa("  maxReplicas: 3\n");
        let other = autoscaler.replace("name: web", "name: api");
        format!(
            "{}{second}{autoscaler}---\n{other}",
            deployment("image: web")
        )
    }

    #[test]
    fn selectors_that_match_the_others_pods_are_told_once() {
        fires(
            "SP207",
            &two("matchLabels: {app: web}", "app: web"),
            &["5:13 Deployment `web` and Deployment `api` are both autoscaled"],
        );
        // Only one of the two selectors reaches over.
        fires(
            "SP207",
            &two("matchLabels: {tier: back}", "app: web, tier: back"),
            &["5:13 Deployment `web` and Deployment `api`"],
        );
        fires(
            "SP207",
            &two(
                "matchExpressions: [{key: app, operator: In, values: [web, api]}]",
                "app: api",
            ),
            &["14:13 Deployment `api` and Deployment `web`"],
        );
    }

    #[test]
    fn apart_they_are_silent() {
        silent("SP207", &two("matchLabels: {app: api}", "app: api"));
        let apart = two("matchLabels: {app: web}", "app: web");
        silent(
            "SP207",
            &apart.replace("{name: api}", "{name: api, namespace: other}"),
        );
        // The other is not autoscaled.
        silent("SP207", apart.rsplit_once("---").expect("it has parts").0);
    }
}
