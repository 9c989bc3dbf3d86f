//! Everything hangs on metrics from outside the cluster, which an autoscaler has no fallback for.
//!
//! ## What it does
//!
//! Looks for autoscalers all of whose metrics are External.
//!
//! ## Why is this bad
//!
//! When the source or its adapter is down, the count stays where it is, in whichever hour that is. The autoscaler has no
//! field for what to do then.
//!
//! ## Example
//!
//! ```yaml
//! metrics:
//! - type: External
//!   external: {metric: {name: queue_length}, target: {type: AverageValue, averageValue: 30}}
//! ```
//!
//! ## Fix
//!
//! Add a cpu metric as a second opinion: scaling up goes on by it. Or let KEDA make the autoscaler, whose ScaledObject
//! has a `fallback`.
//!
//! ## Evidence
//!
//! KEP-5679, Kubernetes issue 109214; `computeReplicasForMetrics` in `pkg/controller/podautoscaler/horizontal.go`.

use crate::hpa::MetricSpec;
use crate::lint::context::Context;
use crate::lint::finding::Findings;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let is_external = |metric: &crate::lint::joined::Metric<'_>| {
            matches!(metric.spec, MetricSpec::External { .. })
        };
        let mut metrics = autoscaled.metrics();
        let Some(first) = metrics.next() else {
            continue;
        };
        if !is_external(&first) || !metrics.all(|metric| is_external(&metric)) {
            continue;
        }
        let MetricSpec::External { name, .. } = first.spec else {
            continue;
        };
        findings.put(
            autoscaled.place_of_target(&first),
            format!("without `{name}` from outside the cluster nothing scales: there is no other metric and no fallback"),
            "add a cpu metric, or a fallback by KEDA",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa, silent};

    const QUEUE: &str = "  - {type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 5}}}\n";

    #[test]
    fn external_metrics_alone_are_told() {
        let one = hpa(&format!("  maxReplicas: 10\n  metrics:\n{QUEUE}"));
        fires(
            "SP413",
            &one,
            &["8:99 without `queue` from outside the cluster nothing scales"],
        );
        let two = one.clone() + &QUEUE.replace("queue", "lag");
        fires("SP413", &two, &["8:99 without `queue`"]);
    }

    #[test]
    fn a_second_opinion_is_silent() {
        silent(
            "SP413",
            &hpa(&format!("  maxReplicas: 10\n{}{QUEUE}", cpu(60))),
        );
        silent("SP413", &hpa("  maxReplicas: 10\n"));
    }
}
