//! A ResourceQuota has room for `maxReplicas` pods, but not for those that a rollout adds.
//!
//! ## What it does
//!
//! Adds the Deployment's `maxSurge`, 25 % if not given, to `maxReplicas`, and compares it with the quotas of the
//! namespace. A rollout that may take pods away first (`maxUnavailable`, 25 % if not given) goes on, below the capacity
//! that the peak needs, which is worth knowing only.
//!
//! ## Why is this bad
//!
//! A rollout at peak stalls, or starts by taking capacity away.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec:
//!   strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
//! ---
//! kind: ResourceQuota
//! spec:
//!   hard: {pods: "10"} # and maxReplicas is 10
//! ```
//!
//! ## Fix
//!
//! Leave room in the quota for `maxReplicas` and the surge.
//!
//! ## Evidence
//!
//! `NewRSNewReplicas` in `pkg/controller/deployment/util`. No other linter compares the two.

use crate::lint::context::Context;
use crate::lint::demand::quota_of_pods;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::{Amount, Object};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, meant) in context.valid_autoscalers() {
        let max = meant.max_replicas;
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let Some(rollout) = Rollout::of(owner.object, max) else {
            continue;
        };
        for (object, quota) in context.quotas_beside(owner.object) {
            for (name, counted, hard) in quota_of_pods(quota) {
                let each = counted.of_pod(context, owner);
                let room = i128::from(hard.value.milli_value());
                let at_rollout = each * (i128::from(max) + i128::from(rollout.surge));
                if each == 0 || each * i128::from(max) > room || at_rollout <= room {
                    continue;
                }
                let (severity, effect) = if rollout.unavailable == 0 {
                    (
                        Severity::Warning,
                        "a rollout at the maximum can't start one".to_owned(),
                    )
                } else {
                    let taken = rollout.unavailable;
                    (
                        Severity::Info,
                        format!("a rollout at the maximum first takes {taken} away"),
                    )
                };
                findings
                    .put(
                        Place::at(autoscaled.object, "spec.maxReplicas"),
                        format!(
                            "{max} replicas and {} of maxSurge ask for {}, above the {} of {name} in ResourceQuota `{}`: {effect}",
                            rollout.surge,
                            counted.shown(at_rollout),
                            counted.shown(room),
                            object.name
                        ),
                        "leave room in the quota for maxReplicas and the surge",
                    )
                    .with_severity(severity)
                    .with_related(Place::of(object, hard), "the quota");
            }
        }
    }
}

/// What a rolling update of so many pods adds and takes away.
struct Rollout {
    surge: i64,
    unavailable: i64,
}

impl Rollout {
    /// Of a Deployment that is updated by rolling; `None` of anything else.
    fn of(object: &Object, pods: i32) -> Option<Self> {
        let text = |path: &str| object.document.at(path).and_then(|node| node.text());
        if object.kind != "Deployment" || text("spec.strategy.type") == Some("Recreate") {
            return None;
        }
        let amount = |field: &str| match text(&format!("spec.strategy.rollingUpdate.{field}")) {
            Some(text) => amount(text),
            None => Some(Amount::Percent(25)),
        };
        let surge = amount("maxSurge")?.of(pods);
        // Unlike the surge, this is rounded down; if both come to zero it is one.
        let unavailable = match amount("maxUnavailable")? {
            Amount::Percent(percent) => i64::from(percent) * i64::from(pods) / 100,
            Amount::Pods(count) => i64::from(count),
        };
        (surge > 0).then_some(Self { surge, unavailable })
    }
}

fn amount(text: &str) -> Option<Amount> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().map(Amount::Percent),
        None => text.parse().ok().map(Amount::Pods),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment_with, fires, hpa, silent};

    fn with(strategy: &str, pods: i32) -> String {
        format!(
            "{}apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q}}\nspec: {{hard: {{pods: {pods}}}}}\n---\n{}",
            deployment_with(&format!("  strategy: {strategy}"), "image: web"),
            hpa("  maxReplicas: 10\n")
        )
    }

    #[test]
    fn a_surge_that_does_not_fit_is_told() {
        fires(
            "SP214",
            &with("{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", 10),
            &[
                "21:16 10 replicas and 1 of maxSurge ask for 11 pods, above the 10 pods of pods in ResourceQuota `q`: a rollout at the maximum can't start one",
            ],
        );
        fires(
            "SP214",
            &with("{}", 12),
            &["21:16 10 replicas and 3 of maxSurge ask for 13 pods"],
        );
        fires(
            "SP214",
            &with("{rollingUpdate: {maxSurge: 25%}}", 12),
            &["21:16 10 replicas and 3"],
        );
    }

    #[test]
    fn what_fits_is_silent() {
        silent("SP214", &with("{}", 13));
        silent("SP214", &with("{type: Recreate}", 10));
        silent(
            "SP214",
            &with("{rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}", 10),
        );
        // The maximum by itself is another rule's finding.
        silent("SP214", &with("{}", 9));
    }
}
