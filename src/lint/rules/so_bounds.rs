//! The replica counts of a ScaledObject contradict each other.
//!
//! ## What it does
//!
//! Compares `minReplicaCount`, `maxReplicaCount` (100 if absent) and `idleReplicaCount` as KEDA's admission webhook does. A
//! `minReplicaCount` that is given counts as 1 at least, one that is absent as 0.
//!
//! ## Why is this bad
//!
//! The webhook refuses the ScaledObject; where the webhook is not installed, the API server refuses the HPA that KEDA makes
//! of it, so that nothing scales.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicaCount: 5
//!   maxReplicaCount: 3
//! ```
//!
//! ## Fix
//!
//! Keep `idleReplicaCount` below `minReplicaCount`, and that at most `maxReplicaCount`.
//!
//! ## Evidence
//!
//! `CheckReplicaCountBoundsAreValid` in KEDA's `apis/keda/v1alpha1/scaledobject_types.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let given = scaled.min_replicas.is_some();
        let min = if given { scaled.hpa_min_replicas() } else { 0 };
        let max = scaled.hpa_max_replicas();
        if max < 1 || min > max {
            let (field, problem) = match (&scaled.max_replicas, &scaled.min_replicas) {
                (Some(field), _) if max < 1 => (field, "the HPA needs 1 at least".to_owned()),
                (Some(field), _) => (field, format!("minReplicaCount is {min}")),
                (None, Some(field)) => (field, "maxReplicaCount is 100 by default".to_owned()),
                (None, None) => continue,
            };
            let number = field.value;
            findings.put(
                Place::of(object, field),
                format!("`{number}` can't be: {problem}"),
                "set maxReplicaCount to at least 1 and at least minReplicaCount",
            );
        }
        let Some(idle) = &scaled.idle_replicas else {
            continue;
        };
        if idle.value >= min {
            let floor = if given {
                format!("minReplicaCount is {min}")
            } else {
                "minReplicaCount is absent, which counts as 0".to_owned()
            };
            findings.put(
                Place::of(object, idle),
                format!(
                    "idleReplicaCount `{}` has to be below minReplicaCount, and {floor}",
                    idle.value
                ),
                "set minReplicaCount above idleReplicaCount, or remove idleReplicaCount",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    fn with(spec: &str) -> String {
        scaled_object(spec) + &trigger("kafka")
    }

    #[test]
    fn counts_that_contradict_each_other_are_refused() {
        fires(
            "SP501",
            &with("  minReplicaCount: 5\n  maxReplicaCount: 3\n"),
            &["7:20 `3` can't be: minReplicaCount is 5"],
        );
        fires(
            "SP501",
            &with("  minReplicaCount: 101\n"),
            &["6:20 `101` can't be: maxReplicaCount is 100 by default"],
        );
        fires(
            "SP501",
            &with("  maxReplicaCount: 0\n"),
            &["6:20 `0` can't be: the HPA needs 1 at least"],
        );
        fires(
            "SP501",
            &with("  idleReplicaCount: 2\n  minReplicaCount: 2\n"),
            &[
                "6:21 idleReplicaCount `2` has to be below minReplicaCount, and minReplicaCount is 2",
            ],
        );
        fires(
            "SP501",
            &with("  idleReplicaCount: 0\n"),
            &[
                "6:21 idleReplicaCount `0` has to be below minReplicaCount, and minReplicaCount is absent",
            ],
        );
    }

    #[test]
    fn counts_in_order_are_taken() {
        silent("SP501", &with(""));
        silent("SP501", &with("  minReplicaCount: 100\n"));
        silent(
            "SP501",
            &with("  minReplicaCount: 0\n  maxReplicaCount: 1\n"),
        );
        silent(
            "SP501",
            &with("  idleReplicaCount: 0\n  minReplicaCount: 1\n"),
        );
        // The webhook counts a minReplicaCount that is given as 1.
        silent(
            "SP501",
            &with("  idleReplicaCount: 0\n  minReplicaCount: 0\n"),
        );
    }
}
