//! The API server refuses a value, or misses one.
//!
//! ## What it does
//!
//! Checks types, names and required fields of autoscalers and of the objects around them, as far as no other rule has
//! the finer point. As a warning it tells of values that are taken, but hardly meant so.
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
    use crate::lint::testing::{deployment, fires, hpa, silent};

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
    fn what_is_right_is_silent() {
        silent(
            "SP100",
            &(deployment("image: web") + &hpa("  maxReplicas: 10\n")),
        );
    }
}
