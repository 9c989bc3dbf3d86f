//! A scaling policy has a value below 1, or a period that is not between 1 and 1800 seconds.
//!
//! ## What it does
//!
//! Checks `type`, `value` and `periodSeconds` of every scaling policy.
//!
//! ## Why is this bad
//!
//! The API server refuses the autoscaler.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleDown:
//!     policies:
//!     - {type: Pods, value: 1, periodSeconds: 3600}
//! ```
//!
//! ## Fix
//!
//! Take a value from 1 up and a period of at most 1800 seconds. To forbid scaling in a direction, write `selectPolicy:
//! Disabled`.
//!
//! ## Evidence
//!
//! `validateScalingPolicy` and `MaxPeriodSeconds` in `pkg/apis/autoscaling/validation/validation.go`.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::Policy) {
        findings.put(
            place,
            &*error.message,
            "take a value from 1 up and a period of 1 to 1800 seconds; `selectPolicy: Disabled` forbids a direction",
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

    fn policy(policy: &str) -> String {
        rules(&format!("{{policies: [{policy}]}}"))
    }

    #[test]
    fn each_field_is_checked() {
        for (text, expected) in [
            (
                "{type: Pods, value: 0, periodSeconds: 60}",
                "8:46 spec.behavior.scaleUp.policies[0].value: `0`",
            ),
            (
                "{type: Pods, value: -1, periodSeconds: 60}",
                "8:46 spec.behavior.scaleUp.policies[0].value: `-1`",
            ),
            (
                "{type: Percent, value: 10, periodSeconds: 0}",
                "8:68 spec.behavior.scaleUp.policies[0].periodSeconds: `0` seconds",
            ),
            (
                "{type: Pods, value: 1, periodSeconds: 1801}",
                "8:64 spec.behavior.scaleUp.policies[0].periodSeconds: `1801`",
            ),
            (
                "{type: Pod, value: 1, periodSeconds: 60}",
                "8:33 spec.behavior.scaleUp.policies[0].type: `Pod`",
            ),
            (
                "{value: 1, periodSeconds: 60}",
                "8:26 spec.behavior.scaleUp.policies[0].type is missing",
            ),
            (
                "{type: Pods, periodSeconds: 60}",
                "8:26 spec.behavior.scaleUp.policies[0].value is missing",
            ),
            (
                "{type: Pods, value: 1}",
                "8:26 spec.behavior.scaleUp.policies[0].periodSeconds is missing",
            ),
        ] {
            fires("SP104", &policy(text), &[expected]);
        }
    }

    #[test]
    fn both_ends_are_taken() {
        silent("SP104", &policy("{type: Pods, value: 1, periodSeconds: 1}"));
        silent(
            "SP104",
            &policy("{type: Percent, value: 900, periodSeconds: 1800}"),
        );
    }
}
