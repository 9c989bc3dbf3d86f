//! `FieldNames`: what the bounds are called where the user wrote them.

use crate::manifest::Autoscaler;

/// What the bounds of an autoscaler are called in its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldNames {
    pub(super) min: &'static str,
    pub(super) max: &'static str,
    /// What keeps a workload asleep below its minimum, where it is written.
    idle: Option<&'static str>,
}

impl FieldNames {
    /// Those of an HPA, or of the ScaledObject that one is made from.
    pub(super) fn of(autoscaler: &Autoscaler) -> Self {
        if autoscaler.keda.is_none() {
            return Self {
                min: "minReplicas",
                max: "maxReplicas",
                idle: None,
            };
        }
        let idle = autoscaler.document.at("spec.idleReplicaCount");
        Self {
            min: "minReplicaCount",
            max: "maxReplicaCount",
            idle: idle.map(|_| "idleReplicaCount"),
        }
    }

    /// A higher minimum: `minReplicas 3`, `minReplicaCount 3 without idleReplicaCount`.
    pub(super) fn min_of(&self, value: i32) -> String {
        let without = self.idle.map(|idle| format!(" without {idle}"));
        format!("{} {value}{}", self.min, without.unwrap_or_default())
    }

    /// `maxReplicas 3`.
    pub(super) fn max_of(&self, value: i32) -> String {
        format!("{} {value}", self.max)
    }
}
