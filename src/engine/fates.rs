//! `Fates`: requests by fate, whole and by one-minute slices.

use crate::outcome::RequestTotals;
use crate::plant::{Flow, Workload};

/// Adds up fates, and counts slices below the objective.
pub(super) struct Fates {
    /// The share of bad requests that the objective allows.
    allowed: f64,
    totals: RequestTotals,
    slice: Slice,
    slices: u32,
    violation_slices: u32,
}

/// The requests of a slice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slice {
    /// Those whose fate became known.
    pub(super) requests: f64,
    /// Those of them that were bad.
    pub(super) bad: f64,
}

impl Fates {
    pub(super) fn new(objective: f64) -> Self {
        Self {
            allowed: 1.0 - objective,
            totals: RequestTotals::default(),
            slice: Slice::default(),
            slices: 0,
            violation_slices: 0,
        }
    }

    pub(super) fn span(&mut self, flow: &Flow) {
        self.totals.arrived += flow.arrived;
        self.totals.late += flow.late;
        self.totals.timed_out += flow.timed_out;
        self.totals.refused += flow.refused;
        self.totals.failed += flow.failed;
        self.slice.requests += flow.ended;
        self.slice.bad += flow.bad();
    }

    /// A slice ends: returned if it was below the objective.
    pub(super) fn end_slice(&mut self) -> Option<Slice> {
        let slice = std::mem::take(&mut self.slice);
        let Slice { requests, bad } = slice;
        let violated = requests > 0.0 && bad > self.allowed * requests * (1.0 + 1e-9);
        self.slices += u32::from(requests > 0.0);
        self.violation_slices += u32::from(violated);
        violated.then_some(slice)
    }

    /// Slices with requests so far.
    pub(super) const fn slices(&self) -> u32 {
        self.slices
    }

    /// Those below the objective.
    pub(super) const fn violation_slices(&self) -> u32 {
        self.violation_slices
    }

    /// The totals if the run ended here. Of the requests that were lost with their pod, those counted as late change
    /// their fate.
    pub(super) fn totals(&self, workload: &Workload<'_>) -> RequestTotals {
        let lost = workload.lost();
        RequestTotals {
            in_flight: workload.unanswered() as f64,
            failed: self.totals.failed + lost.requests,
            late: (self.totals.late - lost.counted_late).max(0.0),
            ..self.totals
        }
    }
}
