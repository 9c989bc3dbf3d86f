//! Fills the log of every sync.

use super::decision_recorder::inputs;
use super::record::AtSync;
use crate::hpa::ScaleWrite;
use crate::outcome::{StatusConditions, SyncLog, SyncRecord, SyncWrite};

/// Collects syncs.
#[derive(Default)]
pub(super) struct SyncRecorder {
    log: SyncLog,
}

impl SyncRecorder {
    pub(super) fn sync(&mut self, at: AtSync<'_>) {
        let decision = at.decision;
        let conditions = decision.conditions;
        self.log.syncs.push(SyncRecord {
            at: decision.now,
            current: decision.current_replicas,
            desired: match decision.write {
                ScaleWrite::Refused(wanted) => wanted,
                _ => decision.desired_replicas,
            },
            ready: at.ready,
            arrival_rate: at.arrival_rate,
            write: match decision.write {
                ScaleWrite::NotNeeded => SyncWrite::NotNeeded,
                ScaleWrite::Written(_) => SyncWrite::Written,
                ScaleWrite::Refused(_) => SyncWrite::Refused,
            },
            inputs: inputs(decision, at.evaluations),
            conditions: StatusConditions {
                able_to_scale: conditions
                    .able_to_scale
                    .map(|reason| reason.as_str().into()),
                scaling_active: conditions
                    .scaling_active
                    .map(|reason| reason.as_str().into()),
                scaling_limited: conditions
                    .scaling_limited
                    .map(|reason| reason.as_str().into()),
            },
        });
    }

    pub(super) fn finish(self) -> SyncLog {
        self.log
    }
}
