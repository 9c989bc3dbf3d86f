//! Names the minutes below the objective, and the worst of a run.

use super::fates::Fates;
use crate::outcome::{RequestTotals, Violation};
use crate::plant::{Flow, Workload};
use crate::units::{SimDuration, SimTime};

/// Collects totals, slices and violations.
pub(super) struct SloRecorder {
    fates: Fates,
    slice_begin: SimTime,
    slice_wait: f64,
    violations: Vec<Violation>,
    /// Whether the last violation reaches to the present slice.
    open: bool,
    worst_wait: f64,
    worst_backlog: f64,
}

/// What a run's slices came to.
pub(super) struct SloRecord {
    pub(super) totals: RequestTotals,
    pub(super) slices: u32,
    pub(super) violation_slices: u32,
    pub(super) violations: Vec<Violation>,
    pub(super) worst_wait: SimDuration,
    pub(super) worst_backlog: f64,
}

impl SloRecorder {
    pub(super) fn new(objective: f64) -> Self {
        Self {
            fates: Fates::new(objective),
            slice_begin: SimTime::ZERO,
            slice_wait: 0.0,
            violations: Vec::new(),
            open: false,
            worst_wait: 0.0,
            worst_backlog: 0.0,
        }
    }

    pub(super) fn span(&mut self, flow: &Flow) {
        self.fates.span(flow);
        self.slice_wait = self.slice_wait.max(flow.wait);
        self.worst_wait = self.worst_wait.max(flow.wait);
        self.worst_backlog = self.worst_backlog.max(flow.backlog);
    }

    /// A slice ends.
    pub(super) fn end_slice(&mut self, now: SimTime) {
        let violated = self.fates.end_slice();
        if let Some(slice) = violated {
            let wait = SimDuration::from_seconds_rounded(self.slice_wait);
            if let Some(violation) = self.violations.last_mut().filter(|_| self.open) {
                violation.end = now;
                violation.requests += slice.requests;
                violation.bad_requests += slice.bad;
                violation.worst_wait = violation.worst_wait.max(wait);
            } else {
                self.violations.push(Violation {
                    begin: self.slice_begin,
                    end: now,
                    requests: slice.requests,
                    bad_requests: slice.bad,
                    worst_wait: wait,
                });
            }
        }
        self.open = violated.is_some();
        self.slice_begin = now;
        self.slice_wait = 0.0;
    }

    /// The trace ends.
    pub(super) fn finish(mut self, end: SimTime, workload: &Workload<'_>) -> SloRecord {
        if self.slice_begin < end {
            self.end_slice(end);
        }
        SloRecord {
            totals: self.fates.totals(workload),
            slices: self.fates.slices(),
            violation_slices: self.fates.violation_slices(),
            violations: self.violations,
            worst_wait: SimDuration::from_seconds_rounded(self.worst_wait),
            worst_backlog: self.worst_backlog,
        }
    }
}
