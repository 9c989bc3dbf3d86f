//! `policies` is an empty list.
//!
//! ## What it does
//!
//! Looks for `policies: []` in either direction of `behavior`.
//!
//! ## Why is this bad
//!
//! The API server refuses it: at least one policy has to be given. An absent list would get the default policies.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleUp:
//!     policies: []
//! ```
//!
//! ## Fix
//!
//! Remove the key to get the defaults, or write `selectPolicy: Disabled` to forbid the direction.
//!
//! ## Evidence
//!
//! `validateScalingRules` in `pkg/apis/autoscaling/validation/validation.go`.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::EmptyPolicies) {
        findings.put(
            place,
            &*error.message,
            "remove the key to get the default policies, or write `selectPolicy: Disabled`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn rules(rules: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 10\n  behavior:\n    scaleUp: {rules}\n"
        ))
    }

    #[test]
    fn an_empty_list_is_refused() {
        fires(
            "SP105",
            &rules("{policies: []}"),
            &["8:25 spec.behavior.scaleUp.policies: an empty list"],
        );
        fires(
            "SP105",
            &rules("{policies: []}").replace("scaleUp", "scaleDown"),
            &["8:27 spec.behavior.scaleDown.policies: an empty list"],
        );
    }

    #[test]
    fn an_absent_list_is_taken() {
        silent("SP105", &rules("{policies: null}"));
        silent("SP105", &rules("{stabilizationWindowSeconds: 0}"));
        silent(
            "SP105",
            &rules("{policies: [{type: Pods, value: 1, periodSeconds: 60}]}"),
        );
    }
}
