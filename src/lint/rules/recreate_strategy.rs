//! The scale target is updated by stopping all its pods first.
//!
//! ## What it does
//!
//! Looks for Deployments with `strategy.type: Recreate` that an autoscaler scales.
//!
//! ## Why is this bad
//!
//! Each deployment takes the capacity to zero. It also takes all usage away: while new pods start, the autoscaler sees
//! none that is ready, and the first samples of the new ones are those of their start.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec:
//!   strategy: {type: Recreate}
//! ```
//!
//! ## Fix
//!
//! Update by rolling. Where two versions can't run side by side, deploy in quiet hours, or switch between two
//! Deployments.
//!
//! ## Evidence
//!
//! kube-score's `deployment-strategy`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let strategy = owner.object.document.at("spec.strategy.type");
        let Some(strategy) = strategy.filter(|it| it.text() == Some("Recreate")) else {
            continue;
        };
        if owner.object.kind != "Deployment" || autoscaled.max_replicas() == Some(1) {
            continue;
        }
        findings
            .put(
                Place::new(&owner.object.document, strategy.span()),
                format!(
                    "each deployment of {} `{}` stops all of its replicas, {} at least, before the first new one starts",
                    owner.object.kind,
                    owner.object.name,
                    autoscaled.min_replicas()
                ),
                "write `type: RollingUpdate`, or deploy in quiet hours",
            )
            .with_related(Place::at(autoscaled.object, "metadata.name"), "the autoscaler");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment_with, fires, hpa, silent};

    fn with(strategy: &str, max: i32) -> String {
        deployment_with(&format!("  strategy: {strategy}"), "image: web")
            + &hpa(&format!("  maxReplicas: {max}\n"))
    }

    #[test]
    fn recreating_what_is_autoscaled_is_told() {
        fires(
            "SP218",
            &with("{type: Recreate}", 3),
            &["5:20 each deployment of Deployment `web` stops all"],
        );
    }

    #[test]
    fn rolling_updates_are_silent() {
        silent("SP218", &with("{type: RollingUpdate}", 3));
        silent("SP218", &with("{}", 3));
        silent("SP218", &with("{type: Recreate}", 1));
        silent(
            "SP218",
            deployment_with("  strategy: {type: Recreate}", "image: web").trim_end_matches("---\n"),
        );
    }
}
