//! A HorizontalPodAutoscaler and a KEDA ScaledObject scale the same object.
//!
//! ## What it does
//!
//! Looks for a ScaledObject whose `scaleTargetRef` names what an autoscaler of its namespace scales; a kind that is not
//! given is Deployment. One that takes the autoscaler over (`scaledobject.keda.sh/transfer-hpa-ownership`) is meant.
//!
//! ## Why is this bad
//!
//! KEDA makes an autoscaler of its own for the ScaledObject: two of them on one target, of which since Kubernetes 1.27
//! neither acts. KEDA's webhook refuses the ScaledObject.
//!
//! ## Example
//!
//! ```yaml
//! kind: ScaledObject
//! spec:
//!   scaleTargetRef: {name: web}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ```
//!
//! ## Fix
//!
//! Remove the autoscaler and write its cpu and memory metrics as triggers of the ScaledObject. To take a running one
//! over, annotate the ScaledObject and name the autoscaler in `advanced.horizontalPodAutoscalerConfig.name`.
//!
//! ## Evidence
//!
//! `verifyHpas` in `apis/keda/v1alpha1/scaledobject_webhook.go` of KEDA.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::group_of;
use crate::manifest::{Object, ScaledObject, Written};

/// Lets KEDA take an autoscaler over.
const TRANSFER: &str = "scaledobject.keda.sh/transfer-hpa-ownership";
/// Turns KEDA's check off.
const CHECK: &str = "validations.keda.sh/hpa-ownership";

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let Some(reference) = &scaled.scale_target else {
            continue;
        };
        let text = |written: &Option<Written<String>>| written.as_ref().map(|it| it.value.clone());
        let kind = text(&reference.value.kind).unwrap_or_else(|| "Deployment".to_owned());
        let Some(name) = text(&reference.value.name) else {
            continue;
        };
        let group = group_of(&reference.value);
        for autoscaled in context.autoscalers_naming((&kind, &name), object) {
            let their_group = autoscaled.target_group();
            let is_group = group.is_empty() || their_group.is_empty() || group == their_group;
            if !is_group || takes_over(object, scaled, &autoscaled.object.name) {
                continue;
            }
            let finding = findings.put(
                Place::at(object, "spec.scaleTargetRef"),
                format!(
                    "{kind} `{name}` is scaled by HorizontalPodAutoscaler `{}` too, and KEDA makes a second one",
                    autoscaled.object.name
                ),
                "remove the autoscaler and write its metrics as triggers",
            );
            finding.with_related(
                Place::at(autoscaled.object, "spec.scaleTargetRef"),
                "the autoscaler",
            );
            if !context.are_together(object, autoscaled.object) {
                finding.with_severity(Severity::Info);
            }
        }
    }
}

/// Whether the ScaledObject is written to own an autoscaler of this name.
fn takes_over(object: &Object, scaled: &ScaledObject, autoscaler: &str) -> bool {
    let says = |key: &str, value: &str| object.annotation(key).is_some_and(|it| it.0 == value);
    let name = scaled.hpa_name.as_ref().map(|name| name.value.as_str());
    says(CHECK, "false")
        || name == Some(autoscaler) && says(TRANSFER, "true")
        || autoscaler == format!("keda-hpa-{}", object.name)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(metadata: &str, spec: &str) -> String {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: so{metadata}}}\nspec:\n  {spec}\n  \
             triggers: [{{type: cron, metadata: {{}}}}]\n---\n{}",
            hpa("  maxReplicas: 3\n")
        )
    }

    #[test]
    fn two_controllers_of_one_target_are_told() {
        for reference in [
            "{name: web}",
            "{apiVersion: apps/v1, kind: Deployment, name: web}",
        ] {
            fires(
                "SP209",
                &with("", &format!("scaleTargetRef: {reference}")),
                &["5:19 Deployment `web` is scaled by HorizontalPodAutoscaler `web` too"],
            );
        }
    }

    #[test]
    fn other_targets_and_a_transfer_are_silent() {
        silent("SP209", &with("", "scaleTargetRef: {name: api}"));
        silent(
            "SP209",
            &with("", "scaleTargetRef: {kind: StatefulSet, name: web}"),
        );
        silent(
            "SP209",
            &with(", namespace: prod", "scaleTargetRef: {name: web}"),
        );
        let transfer = ", annotations: {scaledobject.keda.sh/transfer-hpa-ownership: \"true\"}";
        let config = "advanced: {horizontalPodAutoscalerConfig: {name: web}}";
        silent(
            "SP209",
            &with(
                transfer,
                &format!("scaleTargetRef: {{name: web}}\n  {config}"),
            ),
        );
    }
}
