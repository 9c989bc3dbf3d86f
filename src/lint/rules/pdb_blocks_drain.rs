//! At `minReplicas`, a PodDisruptionBudget allows no eviction.
//!
//! ## What it does
//!
//! Computes how many pods the budgets of an autoscaler's target let go when it is at its floor: `minReplicas` less
//! `minAvailable`, or `maxUnavailable`; percentages are rounded up, as the disruption controller does.
//!
//! ## Why is this bad
//!
//! In quiet hours, just when nodes are upgraded and clusters shrink, the autoscaler is at its floor and the drain of a
//! node waits for ever, or until an operator deletes the budget.
//!
//! ## Example
//!
//! ```yaml
//! kind: PodDisruptionBudget
//! spec:
//!   minAvailable: 2
//!   selector: {matchLabels: {app: web}}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 2
//! ```
//!
//! ## Fix
//!
//! Write the budget as `maxUnavailable: 1`, which fits any count, or raise `minReplicas` above `minAvailable`.
//!
//! ## Evidence
//!
//! Kubernetes issue 66811. Polaris misses equality; kube-linter looks at the autoscaler only where the Deployment says
//! `replicas: 1`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::manifest::{Amount, DisruptionBudget, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let floor = autoscaled.min_replicas();
        let Some(owner) = context.owner(autoscaled).filter(|_| floor > 0) else {
            continue;
        };
        for (object, budget) in context.budgets_of(owner) {
            let Some((field, problem)) = blocking(budget, floor) else {
                continue;
            };
            findings
                .put(
                    Place::of(object, field),
                    format!(
                        "{problem}, so that no pod of {} `{}` may be evicted",
                        owner.object.kind, owner.object.name
                    ),
                    "write `maxUnavailable: 1`, or raise minReplicas above what has to stay",
                )
                .with_related(
                    Place::at(autoscaled.object, "spec.minReplicas"),
                    format!("the autoscaler's floor is {floor}"),
                );
        }
    }
}

/// The field of a budget that allows no eviction at this many pods, and why.
fn blocking(budget: &DisruptionBudget, floor: i32) -> Option<(&Written<Amount>, String)> {
    if let Some(field) = &budget.min_available {
        let stay = field.value.of(floor);
        let pods = if stay == 1 { "pod has" } else { "pods have" };
        let problem = format!("{stay} {pods} to stay of the {floor} that minReplicas keeps");
        return (stay >= i64::from(floor)).then_some((field, problem));
    }
    let field = budget.max_unavailable.as_ref()?;
    let problem = "maxUnavailable is zero".to_owned();
    (field.value.of(floor) <= 0).then_some((field, problem))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    /// A Deployment, a budget with these lines of its spec from line 14 on, and an autoscaler of this floor.
    fn with(budget: &str, floor: i32) -> String {
        with_selector(budget, "{matchLabels: {app: web}}", floor)
    }

    fn with_selector(budget: &str, selector: &str, floor: i32) -> String {
        format!(
            "{}apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\nspec:\n  {budget}\n  \
             selector: {selector}\n---\n{}",
            deployment("image: web"),
            hpa(&format!("  minReplicas: {floor}\n  maxReplicas: 10\n"))
        )
    }

    #[test]
    fn a_budget_that_keeps_the_floor_is_told() {
        fires(
            "SP211",
            &with("minAvailable: 2", 2),
            &[
                "14:17 2 pods have to stay of the 2 that minReplicas keeps, so that no pod of Deployment `web`",
            ],
        );
        fires("SP211", &with("minAvailable: 3", 2), &["14:17 3 pods"]);
        fires("SP211", &with("minAvailable: 60%", 2), &["14:17 2 pods"]);
        fires("SP211", &with("minAvailable: 100%", 9), &["14:17 9 pods"]);
        fires(
            "SP211",
            &with("maxUnavailable: 0", 5),
            &["14:19 maxUnavailable is zero"],
        );
        fires(
            "SP211",
            &with("maxUnavailable: 0%", 5),
            &["14:19 maxUnavailable is zero"],
        );
    }

    #[test]
    fn selectors_are_followed_as_kubernetes_does() {
        for selector in [
            "{}",
            "{matchExpressions: [{key: app, operator: In, values: [api, web]}]}",
            "{matchExpressions: [{key: app, operator: Exists}]}",
            "{matchExpressions: [{key: tier, operator: DoesNotExist}]}",
        ] {
            fires(
                "SP211",
                &with_selector("minAvailable: 2", selector, 2),
                &["14:17 2"],
            );
        }
        for selector in [
            "null",
            "{matchLabels: {app: web, tier: front}}",
            "{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}",
        ] {
            silent("SP211", &with_selector("minAvailable: 2", selector, 2));
        }
        // The older version selects nothing by an empty selector.
        let old = with_selector("minAvailable: 2", "{}", 2);
        silent("SP211", &old.replace("policy/v1\n", "policy/v1beta1\n"));
    }

    #[test]
    fn a_budget_that_lets_one_go_is_silent() {
        silent("SP211", &with("minAvailable: 1", 2));
        silent("SP211", &with("minAvailable: 50%", 2));
        silent("SP211", &with("maxUnavailable: 1", 1));
        silent("SP211", &with("maxUnavailable: 10%", 1));
        silent(
            "SP211",
            &with("minAvailable: 2", 2).replace(
                "kind: PodDisruptionBudget\nmetadata: {name: web}",
                "kind: PodDisruptionBudget\nmetadata: {name: web, namespace: prod}",
            ),
        );
    }
}
