//! A workload that keeps two or more replicas has no PodDisruptionBudget.
//!
//! ## What it does
//!
//! Looks for autoscalers with `minReplicas` of 2 or more whose target's pods no PodDisruptionBudget among the files
//! covers.
//!
//! ## Why is this bad
//!
//! The drain of nodes may evict all replicas at once, which the floor was meant to prevent.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 3
//! ```
//!
//! ## Fix
//!
//! Add a PodDisruptionBudget with `maxUnavailable: 1` and the workload's selector.
//!
//! ## Evidence
//!
//! kube-score and Polaris ask for a budget of every workload.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, meant) in context.valid_autoscalers() {
        let floor = meant.min_replicas;
        let Some(owner) = context.owner(autoscaled).filter(|_| floor >= 2) else {
            continue;
        };
        // Of a machine KubeVirt makes a budget of its own where it has to be kept.
        let is_machine = owner.workload.is_some_and(|workload| workload.kind.is_vm());
        if is_machine || context.budgets_of(owner).next().is_some() {
            continue;
        }
        findings
            .put(
                Place::at(owner.object, "metadata.name"),
                format!(
                    "no PodDisruptionBudget covers {} `{}`, of which minReplicas keeps {floor}",
                    owner.object.kind, owner.object.name
                ),
                "add a PodDisruptionBudget with `maxUnavailable: 1` and the workload's selector",
            )
            .with_related(
                Place::at(autoscaled.object, "spec.minReplicas"),
                "the floor",
            );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(budget: &str, floor: i32) -> String {
        let autoscaler = hpa(&format!("  minReplicas: {floor}\n  maxReplicas: 9\n"));
        format!("{}{budget}{autoscaler}", deployment("image: web"))
    }

    const BUDGET: &str = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n\
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n---\n";

    #[test]
    fn a_floor_without_a_budget_is_told() {
        fires(
            "SP212",
            &with("", 2),
            &["3:18 no PodDisruptionBudget covers Deployment `web`, of which minReplicas keeps 2"],
        );
        fires(
            "SP212",
            &with(&BUDGET.replace("app: web", "app: api"), 2),
            &["3:18 no PodDisruptionBudget"],
        );
    }

    #[test]
    fn a_budget_or_a_floor_of_one_is_silent() {
        silent("SP212", &with(BUDGET, 2));
        silent("SP212", &with("", 1));
        silent("SP212", &hpa("  minReplicas: 2\n  maxReplicas: 9\n"));
    }
}
