//! `maxReplicas` is missing, below 1, or below `minReplicas`.
//!
//! ## What it does
//!
//! Compares the two bounds of an autoscaler; an absent `minReplicas` counts as 1.
//!
//! ## Why is this bad
//!
//! The API server refuses the autoscaler. If an older one is in the cluster it goes on unchanged.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicas: 5
//!   maxReplicas: 3
//! ```
//!
//! ## Fix
//!
//! Set `maxReplicas` to the most replicas that the peak needs, and `minReplicas` to no more than that.
//!
//! ## Evidence
//!
//! `ValidateHorizontalPodAutoscalerSpec` in `pkg/apis/autoscaling/validation/validation.go`.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::Bounds) {
        findings.put(
            place,
            &*error.message,
            "set `maxReplicas` to at least 1 and at least `minReplicas`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    #[test]
    fn bounds_the_wrong_way_round_are_refused() {
        fires(
            "SP101",
            &hpa("  minReplicas: 5\n  maxReplicas: 3\n"),
            &["7:16 spec.maxReplicas: `3` is below minReplicas, expected at least 5"],
        );
        fires(
            "SP101",
            &hpa("  maxReplicas: 0\n"),
            &["6:16 spec.maxReplicas: `0` replicas, expected at least 1"],
        );
        fires(
            "SP101",
            &hpa("  minReplicas: 2\n"),
            &["5:3 spec.maxReplicas is missing"],
        );
    }

    #[test]
    fn equal_bounds_are_taken() {
        silent("SP101", &hpa("  minReplicas: 3\n  maxReplicas: 3\n"));
        silent("SP101", &hpa("  maxReplicas: 1\n"));
    }
}
