//! No metric is named, so that cpu at 80 % is aimed at.
//!
//! ## What it does
//!
//! Looks for autoscalers without `metrics`, or with an empty list.
//!
//! ## Why is this bad
//!
//! The API server fills in cpu utilization at 80 %. Readers of the manifest don't see it, and it asks for cpu requests
//! in every container. 80 % leaves a growth of a quarter for each sync where pods are limited to what they request.
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
//! Write the metric, with a target that leaves time to start pods.
//!
//! ## Evidence
//!
//! `SetDefaults_HorizontalPodAutoscaler` in `pkg/apis/autoscaling/v2/defaults.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, _) in context.valid_autoscalers() {
        if autoscaled.metrics().all(|metric| metric.written.is_none()) {
            findings.put(
                Place::at(autoscaled.object, "spec.metrics"),
                "no metric is named, so that the API server fills in cpu at 80 % utilization",
                "write the metric and its target",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa, silent};

    #[test]
    fn an_absent_or_empty_list_is_told() {
        fires(
            "SP110",
            &hpa("  maxReplicas: 10\n"),
            &["4:1 no metric is named"],
        );
        fires(
            "SP110",
            &hpa("  maxReplicas: 10\n  metrics: []\n"),
            &["7:12 no metric is named"],
        );
    }

    #[test]
    fn a_metric_is_enough() {
        silent("SP110", &hpa(&format!("  maxReplicas: 10\n{}", cpu(60))));
        let v1 = hpa("  maxReplicas: 10\n  targetCPUUtilizationPercentage: 60\n");
        silent("SP110", &v1.replace("autoscaling/v2", "autoscaling/v1"));
    }
}
