//! `minReplicas` is absent, which means 1.
//!
//! ## What it does
//!
//! Looks for autoscalers without `minReplicas`.
//!
//! ## Why is this bad
//!
//! In quiet hours one pod is left: its loss is an outage, and it has to take the first minute of every rise by itself.
//! Whoever meant it should say so.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   maxReplicas: 10
//! ```
//!
//! ## Fix
//!
//! Write `minReplicas`, 2 or more for what has to be available.
//!
//! ## Evidence
//!
//! `SetDefaults_HorizontalPodAutoscaler` in `pkg/apis/autoscaling/v2/defaults.go`. Datree had a rule for it.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, _) in context.valid_autoscalers() {
        if autoscaled.written.min_replicas.is_none() {
            findings.put(
                Place::at(autoscaled.object, "spec.minReplicas"),
                "minReplicas is absent, so that it scales down to 1",
                "write minReplicas, 2 or more for what has to be available",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    #[test]
    fn an_absent_floor_is_told() {
        fires(
            "SP111",
            &hpa("  maxReplicas: 3\n"),
            &["4:1 minReplicas is absent"],
        );
        fires(
            "SP111",
            &hpa("  maxReplicas: 3\n  minReplicas: null\n"),
            &["7:16 minReplicas is absent"],
        );
    }

    #[test]
    fn a_floor_of_one_is_said() {
        silent("SP111", &hpa("  minReplicas: 1\n  maxReplicas: 3\n"));
    }
}
