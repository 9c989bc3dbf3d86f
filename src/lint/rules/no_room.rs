//! `minReplicas` equals `maxReplicas`.
//!
//! ## What it does
//!
//! Compares the two bounds; an absent `minReplicas` counts as 1.
//!
//! ## Why is this bad
//!
//! The autoscaler never scales, and alerts on autoscalers at their maximum fire for ever.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicas: 3
//!   maxReplicas: 3
//! ```
//!
//! ## Fix
//!
//! Raise `maxReplicas`, or remove the autoscaler and set `replicas` of the workload.
//!
//! ## Evidence
//!
//! Polaris' `hpaMaxAvailability`; kubernetes-mixin pull request 1194 takes such autoscalers out of its alert.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, meant) in context.valid_autoscalers() {
        let count = meant.max_replicas;
        if meant.min_replicas == count && !context.is_patched(autoscaled.object) {
            findings.put(
                Place::at(autoscaled.object, "spec.maxReplicas"),
                format!("minReplicas and maxReplicas are both {count}, so that it never scales"),
                "raise maxReplicas, or remove the autoscaler and set replicas of the workload",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    #[test]
    fn equal_bounds_are_told() {
        fires(
            "SP113",
            &hpa("  minReplicas: 3\n  maxReplicas: 3\n"),
            &["7:16 minReplicas and maxReplicas are both 3"],
        );
        fires(
            "SP113",
            &hpa("  maxReplicas: 1\n"),
            &["6:16 minReplicas and maxReplicas are both 1"],
        );
    }

    #[test]
    fn what_a_patch_changes_is_silent() {
        let base = hpa("  minReplicas: 1\n  maxReplicas: 1\n");
        let patch = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {maxReplicas: 9}\n";
        silent("SP113", &format!("{base}---\n{patch}"));
        // A patch of another autoscaler of this name changes nothing here.
        let elsewhere = patch.replace("name: web", "name: web, namespace: other");
        let here = base.replacen("name: web", "name: web, namespace: shop", 1);
        fires(
            "SP113",
            &format!("{here}---\n{elsewhere}"),
            &["7:16 minReplicas and maxReplicas are both 1"],
        );
    }

    #[test]
    fn room_for_one_is_silent() {
        silent("SP113", &hpa("  minReplicas: 3\n  maxReplicas: 4\n"));
        silent("SP113", &hpa("  minReplicas: 4\n  maxReplicas: 3\n"));
    }
}
