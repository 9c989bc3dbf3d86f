//! `minReplicas` is 0 where nothing can wake the workload, or where the cluster does not allow it.
//!
//! ## What it does
//!
//! Looks for `minReplicas: 0` without an Object or External metric, and for clusters whose version has the feature gate
//! `HPAScaleToZero` off or not at all.
//!
//! ## Why is this bad
//!
//! Without pods there is no usage to measure, so that the API server refuses the autoscaler. With the gate off, which
//! it is up to 1.36 if nobody turns it on, it refuses any zero.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicas: 0
//!   metrics:
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
//! ```
//!
//! ## Fix
//!
//! Set `minReplicas` to 1, or scale on a queue or another metric that exists without pods, on a cluster with the gate;
//! KEDA does it on any cluster.
//!
//! ## Evidence
//!
//! `validateMetrics` and `MinReplicasLowerBound` in `pkg/apis/autoscaling/validation`, KEP-2021, Kubernetes issue
//! 69687.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::ScaleToZero) {
        findings.put(
            place,
            &*error.message,
            "set minReplicas to 1, or add an Object or External metric that has a value without pods",
        );
    }
    let cluster = &context.settings.cluster;
    let has_gate = cluster.version.is_some() && !cluster.is_before(37);
    for (autoscaled, meant) in context.valid_autoscalers() {
        let Some(written) = &autoscaled.written.min_replicas else {
            continue;
        };
        if meant.min_replicas != 0 || has_gate {
            continue;
        }
        let (severity, problem) = if cluster.is_before(16) {
            (Severity::Error, "Kubernetes before 1.16 has no way to take")
        } else {
            (
                Severity::Warning,
                "the feature gate HPAScaleToZero, off up to Kubernetes 1.36, has to be on for",
            )
        };
        findings
            .put(
                Place::of(autoscaled.object, written),
                format!("{problem} `0` replicas"),
                "turn the gate on in API server and controller manager, set minReplicas to 1, or take KEDA",
            )
            .with_severity(severity);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{cpu, fires, fires_with, hpa, silent, silent_with};

    fn with(metric: &str) -> String {
        hpa(&format!("  minReplicas: 0\n  maxReplicas: 3\n{metric}"))
    }

    const QUEUE: &str = "  metrics: [{type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 1}}}]\n";

    fn version(text: &str) -> Settings {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.version = text.parse().ok();
        settings
    }

    #[test]
    fn zero_needs_a_metric_and_a_gate() {
        fires(
            "SP102",
            &with(&cpu(60)),
            &["6:16 spec.minReplicas: `0` replicas without an Object or External metric"],
        );
        fires(
            "SP102",
            &with(""),
            &["6:16 spec.minReplicas: `0` replicas without"],
        );
        fires(
            "SP102",
            &with(QUEUE),
            &["6:16 the feature gate HPAScaleToZero"],
        );
        fires_with(
            "SP102",
            &version("1.30"),
            &with(QUEUE),
            &["6:16 the feature gate"],
        );
        fires_with(
            "SP102",
            &version("1.15"),
            &with(QUEUE),
            &["6:16 Kubernetes before 1.16"],
        );
    }

    #[test]
    fn a_floor_of_one_or_a_new_cluster_is_silent() {
        silent(
            "SP102",
            &with(QUEUE).replace("minReplicas: 0", "minReplicas: 1"),
        );
        silent("SP102", &hpa("  maxReplicas: 3\n"));
        silent_with("SP102", &version("1.37"), &with(QUEUE));
    }
}
