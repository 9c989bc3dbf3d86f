//! A ScaledObject with nothing but cpu and memory triggers is to go to zero.
//!
//! ## What it does
//!
//! Looks for ScaledObjects all of whose triggers are `cpu` or `memory` and whose `minReplicaCount` is 0 or absent, which
//! means 0.
//!
//! ## Why is this bad
//!
//! Cpu and memory are measured in pods. KEDA takes such triggers as always active, so that the workload never goes to
//! zero; the admission webhook refuses the ScaledObject where it can read the pods, in Deployments and StatefulSets.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   triggers:
//!   - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
//! ```
//!
//! ## Fix
//!
//! Write `minReplicaCount: 1` or more, or add a trigger that says something without pods.
//!
//! ## Evidence
//!
//! `verifyCPUMemoryScalers` in KEDA's `scaledobject_webhook.go` (`scale-to-zero-requirements-not-met`).

use super::so_requests;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let min = scaled.min_replicas.as_ref();
        if !scaled.is_resource_only() || min.is_some_and(|min| min.value != 0) {
            continue;
        }
        let (place, means) = match min {
            Some(min) => (Place::of(object, min), "minReplicaCount is 0"),
            None => (
                Place::at(object, "spec.minReplicaCount"),
                "minReplicaCount is absent, which means 0",
            ),
        };
        let finding = findings.put(
            place,
            format!("{means}, but cpu and memory say nothing without pods, so that it never goes to zero"),
            "write `minReplicaCount: 1` or more, or add a trigger of another type",
        );
        if !so_requests::is_read_by_webhook(scaled) {
            finding.with_severity(Severity::Warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::testing::{findings, fires, scaled_object, silent, trigger};

    #[test]
    fn only_cpu_and_memory_from_zero_are_told() {
        fires(
            "SP502",
            &(scaled_object("") + &trigger("cpu")),
            &["4:1 minReplicaCount is absent, which means 0"],
        );
        fires(
            "SP502",
            &(scaled_object("  minReplicaCount: 0\n") + &trigger("memory")),
            &["6:20 minReplicaCount is 0, but cpu and memory say nothing"],
        );
        let rollout = (scaled_object("") + &trigger("cpu"))
            .replace("{name: web}\n  t", "{kind: Rollout, name: web}\n  t");
        let found = findings(&rollout);
        let ours = found.iter().find(|it| it.rule.code == "SP502");
        assert_eq!(ours.map(|it| it.severity), Some(Severity::Warning));
    }

    #[test]
    fn a_floor_or_another_trigger_is_enough() {
        silent(
            "SP502",
            &(scaled_object("  minReplicaCount: 1\n") + &trigger("cpu")),
        );
        let both = trigger("cpu") + "  - {type: kafka, metadata: {}}\n";
        silent("SP502", &(scaled_object("") + &both));
        silent("SP502", &scaled_object("  triggers: []\n"));
    }
}
