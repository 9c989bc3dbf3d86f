//! Two autoscalers scale the same object.
//!
//! ## What it does
//!
//! Looks for autoscalers of one namespace whose `scaleTargetRef` names the same API group, kind and name. Where they are
//! not surely deployed together (in different folders, or among stages or samples that repeat objects), it is an info.
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
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::Autoscaled;

/// How many autoscalers of one target are compared with each further one.
const MOST: usize = 16;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut by_target: BTreeMap<_, Vec<&Autoscaled<'_>>> = BTreeMap::new();
    for autoscaled in context.autoscalers() {
        let Some(target) = autoscaled.target_name() else {
            continue;
        };
        let namespace = autoscaled.object.namespace_or_default();
        let key = (namespace, autoscaled.target_group(), target);
        let before = by_target.entry(key).or_default();
        // The same object once more is another stage of one deployment, of which a cluster gets one.
        let others = before
            .iter()
            .filter(|it| it.object.name != autoscaled.object.name);
        let are_together =
            |other: &Autoscaled<'_>| context.are_together(other.object, autoscaled.object);
        let together = others.clone().find(|other| are_together(other));
        if let Some(other) = together.or_else(|| others.clone().next()) {
            let (kind, name) = target;
            let finding = findings.put(
                Place::at(autoscaled.object, "spec.scaleTargetRef"),
                format!(
                    "{kind} `{name}` is scaled by HorizontalPodAutoscaler `{}` too, so that neither scales it",
                    other.object.name
                ),
                "keep one autoscaler and give it the metrics of both",
            );
            let place = Place::at(other.object, "spec.scaleTargetRef");
            finding.with_related(place, "the other autoscaler");
            if together.is_none() {
                finding.with_severity(Severity::Info);
            }
        }
        if before.len() < MOST {
            before.push(autoscaled);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::testing::{findings_in, fires, hpa, silent};

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
    fn stages_and_samples_are_told_at_less() {
        let first = hpa("  maxReplicas: 10\n");
        let second = hpa("  maxReplicas: 20\n").replacen("{name: web}", "{name: other}", 1);
        let check = |files: &[(&str, &str)], expected: &[Severity]| {
            let found = findings_in(files);
            let found = found.iter().filter(|it| it.rule.code == "SP206");
            let severities: Vec<_> = found.map(|it| it.severity).collect();
            assert_eq!(severities, expected, "{files:?}");
        };
        let together = [("k8s/a.yaml", &*first), ("k8s/b.yaml", &*second)];
        check(&together, &[Severity::Error]);
        check(
            &[("x/a.yaml", &first), ("y/b.yaml", &second)],
            &[Severity::Info],
        );
        let samples = [
            ("k8s/a.yaml", &*first),
            ("k8s/b.yaml", &*second),
            ("k8s/c.yaml", &*first),
        ];
        check(&samples, &[Severity::Info, Severity::Info]);
        // A patch is no second autoscaler.
        let patched = [
            ("k8s/a.yaml", &*first),
            ("k8s/b.yaml", &*second),
            ("k8s/kustomization.yaml", "patches: [{path: b.yaml}]\n"),
        ];
        check(&patched, &[]);
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
