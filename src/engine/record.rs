//! `Record`: what a replay tells of itself, to whoever writes it down.

use std::ops::ControlFlow;

use super::lag_recorder::SyncView;
use crate::hpa::{Decision, Evaluation};
use crate::outcome::Rescale;
use crate::plant::{Flow, Startup, Workload};
use crate::units::SimTime;

/// The rate and the replica counts that hold over a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    /// Requests/s, as the trace has it.
    pub(super) arrival_rate: f64,
    /// The least number of ready replicas that holds the objective.
    pub(super) demand: u32,
    /// Replicas in rotation that answer.
    pub(super) ready: u32,
    /// Replicas without room on nodes.
    pub(super) without_room: u32,
    /// Replicas with it.
    pub(super) placed: u32,
    /// Replicas that exist, those being deleted included.
    pub(super) existing: u32,
    /// Replicas that the controller asked for.
    pub(super) asked_for: u32,
}

/// How things stand when the scale is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtRescale<'a> {
    /// Requests/s, as the trace has it.
    pub(super) arrival_rate: f64,
    /// Replicas in rotation that answer.
    pub(super) ready: u32,
    /// The controller's decision and what it made of each metric; `None` where KEDA writes.
    pub(super) decision: Option<(&'a Decision, &'a [Evaluation])>,
}

/// A sync of the controller, and how things stood when it was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtSync<'a> {
    /// Requests/s, as the trace has it.
    pub(super) arrival_rate: f64,
    /// Replicas in rotation that answer.
    pub(super) ready: u32,
    /// What the controller decided.
    pub(super) decision: &'a Decision,
    /// What it made of each metric.
    pub(super) evaluations: &'a [Evaluation],
}

/// Writes down a replay while it goes on.
pub(super) trait Record {
    /// A workload that keeps what is asked of it in the end, and no more.
    fn prepare(workload: Workload<'_>) -> Workload<'_>;

    /// A span is about to begin.
    fn begin_span(&mut self, from: SimTime, workload: &mut Workload<'_>);

    /// A span in which nothing changed but queues.
    fn span(
        &mut self,
        from: SimTime,
        to: SimTime,
        flow: &Flow,
        levels: &Levels,
        workload: &Workload<'_>,
    );

    /// A one-minute slice ends. Breaks where the rest of the run is not wanted.
    fn end_slice(&mut self, now: SimTime, workload: &Workload<'_>) -> ControlFlow<()>;

    /// A pod became ready.
    fn pod_ready(&mut self, at: SimTime, startup: Startup);

    /// The controller made a sync.
    fn sync(&mut self, view: SyncView, usage_ratio: f64, at: AtSync<'_>);

    /// KEDA wrote the scale at a poll.
    fn polled(&mut self, view: SyncView);

    /// The controller, or KEDA, wrote the scale.
    fn rescale(&mut self, rescale: Rescale, at: AtRescale<'_>);
}
