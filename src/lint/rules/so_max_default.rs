//! A ScaledObject names no `maxReplicaCount`, so that it may grow to 100 replicas.
//!
//! ## What it does
//!
//! Looks for ScaledObjects without `maxReplicaCount`.
//!
//! ## Why is this bad
//!
//! KEDA puts 100 in its place. A queue that fills up through a fault downstream then starts 100 pods, which the readers of
//! the manifest didn't choose and the nodes, the quota or the database behind may not bear.
//!
//! ## Example
//!
//! ```yaml
//! kind: ScaledObject
//! spec:
//!   scaleTargetRef: {name: worker}
//!   triggers:
//!   - {type: kafka, metadata: {lagThreshold: "50"}}
//! ```
//!
//! ## Fix
//!
//! Write the most replicas that the peak needs and what is behind them bears.
//!
//! ## Evidence
//!
//! `GetHPAMaxReplicas` in KEDA's `apis/keda/v1alpha1/scaledobject_types.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        if scaled.max_replicas.is_none() {
            findings.put(
                Place::at(object, "spec.maxReplicaCount"),
                format!(
                    "maxReplicaCount is absent, so that KEDA lets it grow to {} replicas",
                    scaled.hpa_max_replicas()
                ),
                "write the maxReplicaCount that the peak needs",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    #[test]
    fn an_absent_bound_is_told() {
        fires(
            "SP510",
            &(scaled_object("") + &trigger("kafka")),
            &["4:1 maxReplicaCount is absent, so that KEDA lets it grow to 100 replicas"],
        );
    }

    #[test]
    fn a_bound_is_silent() {
        silent(
            "SP510",
            &(scaled_object("  maxReplicaCount: 100\n") + &trigger("kafka")),
        );
    }
}
