//! `TrialRecorder`: the figures of a trial, and whether it is worth going on.

use std::ops::ControlFlow;

use super::bound_clock::BoundClock;
use super::cost_floor::CostFloor;
use super::fates::Fates;
use super::lag_recorder::SyncView;
use super::record::{AtRescale, AtSync, Levels, Record};
use crate::outcome::{Bound, RequestTotals, Rescale};
use crate::plant::{Flow, Startup, Workload};
use crate::units::{SimDuration, SimTime};

/// The figures of one run under some settings, each as in [`RunOutcome`](crate::outcome::RunOutcome).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialFigures {
    /// Requests by fate.
    pub requests: RequestTotals,
    /// One-minute slices with requests.
    pub slices: u32,
    /// Those below the objective.
    pub violation_slices: u32,
    /// The largest number of requests waiting at one time.
    pub worst_backlog: f64,
    /// Integral of replicas that exist and are paid for, replica-seconds.
    pub existing: f64,
    /// Time with demand above ready replicas, seconds.
    pub under_seconds: f64,
    /// Most replicas that were ready at one time.
    pub peak_ready: u32,
    /// Most replicas that existed at one time.
    pub peak_existing: u32,
    /// Writes to the scale.
    pub rescales: u32,
    /// Writes that went the other way than the one before.
    pub reversals: u32,
    /// Time for which each of [`Bound::ALL`] kept capacity below demand.
    pub bound_time: [SimDuration; Bound::ALL.len()],
}

/// Where the rest of a run is no longer wanted: once one of its figures is sure to end above its bound. Looked at once a
/// minute; infinity for no bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GiveUp {
    /// Requests that were late, timed out, refused or failed.
    pub bad_requests: f64,
    /// One-minute slices below the objective.
    pub violation_slices: f64,
    /// Replicas that existed, replica-seconds, with those that `minReplicas`, or the requests that may not be bad, will
    /// cost until the end.
    pub replica_seconds: f64,
}

impl GiveUp {
    /// The run is played to its end, whatever it comes to.
    pub const NEVER: Self = Self {
        bad_requests: f64::INFINITY,
        violation_slices: f64::INFINITY,
        replica_seconds: f64::INFINITY,
    };
}

/// Collects them.
pub(super) struct TrialRecorder {
    give_up: GiveUp,
    floor: CostFloor,
    fates: Fates,
    clock: BoundClock,
    slice_begin: SimTime,
    worst_backlog: f64,
    existing: f64,
    under_seconds: f64,
    peak_ready: u32,
    peak_existing: u32,
    rescales: u32,
    reversals: u32,
    /// The last write to the scale.
    last: Option<Rescale>,
    given_up: bool,
}

impl TrialRecorder {
    pub(super) fn new(
        objective: f64,
        initial_replicas: u32,
        give_up: GiveUp,
        floor: CostFloor,
    ) -> Self {
        Self {
            give_up,
            floor,
            fates: Fates::new(objective),
            clock: BoundClock::new(initial_replicas),
            slice_begin: SimTime::ZERO,
            worst_backlog: 0.0,
            existing: 0.0,
            under_seconds: 0.0,
            peak_ready: 0,
            peak_existing: 0,
            rescales: 0,
            reversals: 0,
            last: None,
            given_up: false,
        }
    }

    /// Whether the run was ended before its trace.
    pub(super) const fn has_given_up(&self) -> bool {
        self.given_up
    }

    /// The run ends.
    pub(super) fn finish(mut self, end: SimTime, workload: &Workload<'_>) -> TrialFigures {
        if self.slice_begin < end {
            self.fates.end_slice();
        }
        TrialFigures {
            requests: self.fates.totals(workload),
            slices: self.fates.slices(),
            violation_slices: self.fates.violation_slices(),
            worst_backlog: self.worst_backlog,
            existing: self.existing,
            under_seconds: self.under_seconds,
            peak_ready: self.peak_ready,
            peak_existing: self.peak_existing,
            rescales: self.rescales,
            reversals: self.reversals,
            bound_time: self.clock.time(),
        }
    }
}

impl Record for TrialRecorder {
    fn prepare(workload: Workload<'_>) -> Workload<'_> {
        workload.without_latencies()
    }

    fn begin_span(&mut self, _: SimTime, _: &mut Workload<'_>) {}

    fn span(&mut self, from: SimTime, to: SimTime, flow: &Flow, levels: &Levels, _: &Workload<'_>) {
        let seconds = (to - from).as_seconds();
        self.fates.span(flow);
        self.worst_backlog = self.worst_backlog.max(flow.backlog);
        self.existing += f64::from(levels.existing) * seconds;
        self.peak_ready = self.peak_ready.max(levels.ready);
        self.peak_existing = self.peak_existing.max(levels.existing);
        if levels.demand > levels.ready {
            self.under_seconds += seconds;
            self.clock.pass(to - from, levels);
        }
    }

    fn end_slice(&mut self, now: SimTime, workload: &Workload<'_>) -> ControlFlow<()> {
        self.fates.end_slice();
        self.slice_begin = now;
        let bounds = self.give_up;
        let may_be_bad = bounds.bad_requests - self.fates.totals(workload).bad();
        self.given_up = may_be_bad < 0.0
            || f64::from(self.fates.violation_slices()) > bounds.violation_slices
            || self.existing + self.floor.after(now, may_be_bad) > bounds.replica_seconds;
        if self.given_up {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn pod_ready(&mut self, _: SimTime, _: Startup) {}

    fn sync(&mut self, view: SyncView, _: f64, _: AtSync<'_>) {
        self.clock.sync(&view);
    }

    fn polled(&mut self, view: SyncView) {
        self.clock.sync(&view);
    }

    fn rescale(&mut self, rescale: Rescale, _: AtRescale<'_>) {
        let up = |rescale: Rescale| rescale.to > rescale.from;
        self.rescales += 1;
        self.reversals += u32::from(self.last.is_some_and(|last| up(last) != up(rescale)));
        self.last = Some(rescale);
    }
}
