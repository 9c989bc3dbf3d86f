//! What is behind a Service scales down to a single replica.
//!
//! ## What it does
//!
//! Looks for autoscalers whose `minReplicas`, 1 if absent, is below 2 (`fewest_replicas`) and whose target's pods a
//! Service selects. A floor of 0 is meant, and passed over.
//!
//! ## Why is this bad
//!
//! The loss or eviction of that pod is an outage, a PodDisruptionBudget can't prevent it without blocking the drain,
//! and a rise of load meets one pod until others have started.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1
//!   maxReplicas: 10
//! ```
//!
//! ## Fix
//!
//! Set `minReplicas` to 2 or more.
//!
//! ## Evidence
//!
//! kube-score, Polaris and kube-linter ask for 2 or 3 of every autoscaler; this looks at what serves requests.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let fewest = context.settings.thresholds.fewest_replicas;
    for (autoscaled, _) in context.valid_autoscalers() {
        let floor = autoscaled.min_replicas();
        if floor == 0 || floor >= fewest {
            continue;
        }
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let Some(service) = context.services_of(owner).next() else {
            continue;
        };
        findings
            .put(
                Place::at(autoscaled.object, "spec.minReplicas"),
                format!(
                    "Service `{}` has {floor} pod{} to send requests to when {} `{}` is at its floor",
                    service.name,
                    if floor == 1 { "" } else { "s" },
                    owner.object.kind,
                    owner.object.name
                ),
                format!("set minReplicas to {fewest} or more"),
            )
            .with_related(Place::at(service, "metadata.name"), "the Service");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{deployment, fires, fires_with, hpa, silent};

    fn with(selector: &str, spec: &str) -> String {
        format!(
            "{}apiVersion: v1\nkind: Service\nmetadata: {{name: front}}\nspec: {{selector: {selector}}}\n---\n{}",
            deployment("image: web"),
            hpa(spec)
        )
    }

    #[test]
    fn one_pod_behind_a_service_is_told() {
        fires(
            "SP112",
            &with("{app: web}", "  minReplicas: 1\n  maxReplicas: 3\n"),
            &["20:16 Service `front` has 1 pod to send requests to"],
        );
        fires(
            "SP112",
            &with("{app: web}", "  maxReplicas: 3\n"),
            &["18:1 Service `front`"],
        );
        let mut settings = Settings::USUAL.clone();
        settings.thresholds.fewest_replicas = 3;
        let two = with("{app: web}", "  minReplicas: 2\n  maxReplicas: 3\n");
        fires_with(
            "SP112",
            &settings,
            &two,
            &["20:16 Service `front` has 2 pods"],
        );
    }

    #[test]
    fn others_are_silent() {
        silent(
            "SP112",
            &with("{app: web}", "  minReplicas: 2\n  maxReplicas: 3\n"),
        );
        silent(
            "SP112",
            &with("{app: api}", "  minReplicas: 1\n  maxReplicas: 3\n"),
        );
        silent(
            "SP112",
            &with("null", "  minReplicas: 1\n  maxReplicas: 3\n"),
        );
        silent("SP112", &hpa("  maxReplicas: 3\n"));
    }
}
