//! Counts requests by fate, whole and by one-minute slices.

use crate::outcome::{RequestTotals, Violation};
use crate::plant::{Flow, Workload};
use crate::units::{SimDuration, SimTime};

/// Collects totals, slices and violations.
pub(super) struct SloRecorder {
    /// The share of bad requests that the objective allows.
    allowed: f64,
    totals: RequestTotals,
    slice_begin: SimTime,
    slice_requests: f64,
    slice_bad: f64,
    slice_wait: f64,
    slices: u32,
    violation_slices: u32,
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
            allowed: 1.0 - objective,
            totals: RequestTotals::default(),
            slice_begin: SimTime::ZERO,
            slice_requests: 0.0,
            slice_bad: 0.0,
            slice_wait: 0.0,
            slices: 0,
            violation_slices: 0,
            violations: Vec::new(),
            open: false,
            worst_wait: 0.0,
            worst_backlog: 0.0,
        }
    }

    pub(super) fn span(&mut self, flow: &Flow) {
        self.totals.arrived += flow.arrived;
        self.totals.late += flow.late;
        self.totals.timed_out += flow.timed_out;
        self.totals.refused += flow.refused;
        self.totals.failed += flow.failed;
        self.slice_requests += flow.ended;
        self.slice_bad += flow.bad();
        self.slice_wait = self.slice_wait.max(flow.wait);
        self.worst_wait = self.worst_wait.max(flow.wait);
        self.worst_backlog = self.worst_backlog.max(flow.backlog);
    }

    /// A slice ends.
    pub(super) fn end_slice(&mut self, now: SimTime) {
        let (requests, bad) = (self.slice_requests, self.slice_bad);
        let violated = requests > 0.0 && bad > self.allowed * requests * (1.0 + 1e-9);
        self.slices += u32::from(requests > 0.0);
        if violated {
            self.violation_slices += 1;
            let wait = SimDuration::from_seconds_rounded(self.slice_wait);
            if let Some(violation) = self.violations.last_mut().filter(|_| self.open) {
                violation.end = now;
                violation.requests += requests;
                violation.bad_requests += bad;
                violation.worst_wait = violation.worst_wait.max(wait);
            } else {
                self.violations.push(Violation {
                    begin: self.slice_begin,
                    end: now,
                    requests,
                    bad_requests: bad,
                    worst_wait: wait,
                });
            }
        }
        self.open = violated;
        self.slice_begin = now;
        (self.slice_requests, self.slice_bad, self.slice_wait) = (0.0, 0.0, 0.0);
    }

    /// The trace ends. Of the requests that were lost with their pod, those counted as late change their fate.
    pub(super) fn finish(mut self, end: SimTime, workload: &Workload<'_>) -> SloRecord {
        if self.slice_begin < end {
            self.end_slice(end);
        }
        let lost = workload.lost();
        self.totals.in_flight = workload.unanswered() as f64;
        self.totals.failed += lost.requests;
        self.totals.late = (self.totals.late - lost.counted_late).max(0.0);
        SloRecord {
            totals: self.totals,
            slices: self.slices,
            violation_slices: self.violation_slices,
            violations: self.violations,
            worst_wait: SimDuration::from_seconds_rounded(self.worst_wait),
            worst_backlog: self.worst_backlog,
        }
    }
}
