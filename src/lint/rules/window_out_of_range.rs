//! `stabilizationWindowSeconds` is not between 0 and 3600.
//!
//! ## What it does
//!
//! Checks the stabilization window of both directions.
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
//!     stabilizationWindowSeconds: 7200
//! ```
//!
//! ## Fix
//!
//! Take at most 3600. To scale down still more slowly, add a policy, such as one pod in 30 minutes.
//!
//! ## Evidence
//!
//! `MaxStabilizationWindowSeconds` in `pkg/apis/autoscaling/validation/validation.go`.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::Window) {
        let help =
            "take 0 to 3600 seconds; a policy with a long `periodSeconds` slows scaling further";
        findings.put(place, &*error.message, help);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn window(direction: &str, seconds: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 10\n  behavior:\n    {direction}: {{stabilizationWindowSeconds: {seconds}}}\n"
        ))
    }

    #[test]
    fn an_hour_is_the_longest() {
        fires(
            "SP103",
            &window("scaleDown", "3601"),
            &["8:45 spec.behavior.scaleDown.stabilizationWindowSeconds: `3601` seconds"],
        );
        fires(
            "SP103",
            &window("scaleUp", "-1"),
            &["8:43 spec.behavior.scaleUp.stabilizationWindowSeconds: `-1` seconds"],
        );
    }

    #[test]
    fn both_ends_are_taken() {
        silent("SP103", &window("scaleDown", "3600"));
        silent("SP103", &window("scaleUp", "0"));
    }
}
