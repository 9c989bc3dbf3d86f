//! The API server refuses a value, or misses one.
//!
//! ## What it does
//!
//! Checks types, names and required fields of autoscalers and of the objects around them, as far as no other rule has
//! the finer point. As a warning it tells of values that are taken, but hardly meant so. What lacks a part that every
//! whole object has is probably a patch: an autoscaler without `scaleTargetRef` is a warning, a workload without selector
//! or template an info, and files that a `kustomization.yaml` among the files lists as patches are left out by all rules.
//!
//! ## Why is this bad
//!
//! `kubectl apply` fails, or a GitOps controller stays out of sync, in the middle of a rollout rather than in review.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   maxReplicas: "10"
//! ```
//!
//! ## Fix
//!
//! Write what the message expects.
//!
//! ## Evidence
//!
//! `pkg/apis/autoscaling/validation/validation.go` of Kubernetes. Schema validators such as kubeconform check types
//! only, and say so in their list of limits.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::manifest::{Concern, ErrorKind};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let is_refusal = |kind: ErrorKind| {
        matches!(
            kind,
            ErrorKind::Missing | ErrorKind::WrongType | ErrorKind::Invalid
        )
    };
    for (place, error) in context.refused(Concern::General) {
        if is_refusal(error.kind) {
            findings.put(place, &*error.message, "write what is expected there");
        }
    }
    for (place, error) in context.refused(Concern::Whole) {
        let is_autoscaler = error.message.contains("scaleTargetRef");
        let severity = if is_autoscaler {
            Severity::Warning
        } else {
            Severity::Info
        };
        findings
            .put(
                place,
                &*error.message,
                "write what is expected there, or name the patch in a kustomization",
            )
            .with_severity(severity);
    }
    for warning in &context.objects.warnings {
        if is_refusal(warning.kind) && warning.concern == Concern::General {
            let place = context.place_of(warning);
            findings
                .put(place, &*warning.message, "write what is meant there")
                .with_severity(Severity::Warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::testing::{deployment, findings, fires, hpa, silent};

    #[test]
    fn types_names_and_required_fields_are_checked() {
        fires(
            "SP100",
            &hpa("  maxReplicas: \"10\"\n"),
            &["6:16 spec.maxReplicas: `\"10\"` is a string"],
        );
        fires(
            "SP100",
            &hpa("  maxReplicas: 10\n").replace(", kind: Deployment", ""),
            &["5:19 spec.scaleTargetRef.kind is missing"],
        );
        fires(
            "SP100",
            &deployment("readinessProbe: {periodSeconds: -1, httpGet: {}}"),
            &["8:69 spec.template.spec.containers[0].readinessProbe.periodSeconds"],
        );
    }

    #[test]
    fn what_is_hardly_meant_is_a_warning() {
        fires(
            "SP100",
            &hpa("  maxReplicas: 10\n").replace("apiVersion: apps/v1, ", ""),
            &["5:19 spec.scaleTargetRef: no apiVersion"],
        );
    }

    #[test]
    fn a_part_of_an_object_is_told_at_less() {
        let check = |text: &str, start: &str, severity: Severity| {
            fires("SP100", text, &[start]);
            let found = findings(text);
            let found = found.iter().find(|it| it.rule.code == "SP100");
            assert_eq!(found.map(|it| it.severity), Some(severity));
        };
        let target = "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n";
        let patch = hpa("  maxReplicas: 10\n").replace(target, "");
        check(
            &patch,
            "5:3 spec.scaleTargetRef is missing",
            Severity::Warning,
        );
        let patch = hpa("  minReplicas: 10\n").replace(target, "");
        check(&patch, "5:3 spec has neither", Severity::Warning);
        let patch = deployment("image: web").replace("  selector: {matchLabels: {app: web}}\n", "");
        check(&patch, "5:3 spec.selector is missing", Severity::Info);
        check(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
            "1:1 spec is missing",
            Severity::Info,
        );
        // But with a target, an autoscaler is meant to be whole.
        let text = hpa("  minReplicas: 10\n");
        assert!(
            findings(&text)
                .iter()
                .any(|it| it.severity == Severity::Error)
        );
    }

    #[test]
    fn what_is_right_is_silent() {
        silent(
            "SP100",
            &(deployment("image: web") + &hpa("  maxReplicas: 10\n")),
        );
    }
}
