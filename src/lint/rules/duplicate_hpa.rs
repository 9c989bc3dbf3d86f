//! Two autoscalers scale the same object.
//!
//! ## What it does
//!
//! Looks for autoscalers of one namespace whose `scaleTargetRef` names the same API group, kind and name.
//!
//! ## Why is this bad
//!
//! Since Kubernetes 1.27 the controller refuses to act for any of them (`AmbiguousSelector`): nothing scales. Before, they
//! overwrote each other's counts at every sync.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web-cpu}
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ---
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web-memory}
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ```
//!
//! ## Fix
//!
//! Keep one autoscaler and give it all metrics: the largest proposal wins.
//!
//! ## Evidence
//!
//! Kubernetes pull request 112011. Kyverno has a policy against it at admission.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::Autoscaled;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut first_of: BTreeMap<_, &Autoscaled<'_>> = BTreeMap::new();
    for autoscaled in context.autoscalers() {
        let Some(target) = autoscaled.target_name() else {
            continue;
        };
        let namespace = autoscaled.object.namespace_or_default();
        let key = (namespace, autoscaled.target_group(), target);
        let Some(first) = first_of.get(&key) else {
            first_of.insert(key, autoscaled);
            continue;
        };
        // The same object once more is another stage of one deployment, of which a cluster gets one.
        if first.object.name == autoscaled.object.name {
            continue;
        }
        let (kind, name) = target;
        findings
            .put(
                Place::at(autoscaled.object, "spec.scaleTargetRef"),
                format!(
                    "{kind} `{name}` is scaled by HorizontalPodAutoscaler `{}` too, so that neither scales it",
                    first.object.name
                ),
                "keep one autoscaler and give it the metrics of both",
            )
            .with_related(Place::at(first.object, "spec.scaleTargetRef"), "the other autoscaler");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn two(change: impl Fn(String) -> String) -> String {
        let second = hpa("  maxReplicas: 20\n").replacen("{name: web}", "{name: other}", 1);
        format!("{}---\n{}", hpa("  maxReplicas: 10\n"), change(second))
    }

    #[test]
    fn two_of_one_target_are_told_at_the_second() {
        fires(
            "SP206",
            &two(|second| second),
            &["12:19 Deployment `web` is scaled by HorizontalPodAutoscaler `web` too"],
        );
        // The version within the group makes no difference.
        fires(
            "SP206",
            &two(|second| second.replace("apps/v1", "apps/v1beta2")),
            &["12:19 Deployment `web`"],
        );
    }

    #[test]
    fn targets_that_differ_are_silent() {
        silent("SP206", &hpa("  maxReplicas: 10\n"));
        for (from, to) in [
            ("kind: Deployment, name: web", "kind: Deployment, name: api"),
            ("kind: Deployment", "kind: StatefulSet"),
            ("{name: other}", "{name: other, namespace: prod}"),
            ("{name: other}", "{name: web}"),
        ] {
            silent("SP206", &two(|second| second.replace(from, to)));
        }
    }
}
