//! `Prediction`: what a replay makes of the replicas.

use super::counts::Counts;
use crate::engine::{
    EngineError, Feed, OpenLoop, OpenLoopError, OpenSync, play_open_loop, simulate_with_progress,
};
use crate::scenario::{ControlLoop, Scenario};
use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// From a sync's look at the metric to its write.
const WRITE: SimDuration = SimDuration::from_millis(1);

/// Predicted replicas over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The middle course: at every moment the median of all runs.
    pub middle: Counts,
    /// At every moment the 5 % quantile of all runs.
    pub low: Counts,
    /// At every moment the 95 % quantile.
    pub high: Counts,
    /// Each run.
    pub runs: Vec<Counts>,
}

impl Prediction {
    fn of(runs: Vec<Counts>) -> Self {
        Self {
            middle: Counts::quantile(&runs, 0.5),
            low: Counts::quantile(&runs, 0.05),
            high: Counts::quantile(&runs, 0.95),
            runs,
        }
    }

    /// The same on a clock that begins `by` earlier.
    #[must_use]
    pub fn shifted(self, by: SimDuration) -> Self {
        let moved = |counts: Counts| counts.shifted(by);
        Self {
            middle: moved(self.middle),
            low: moved(self.low),
            high: moved(self.high),
            runs: self.runs.into_iter().map(moved).collect(),
        }
    }
}

/// Plays a scenario and takes the replicas of the backend whose verdict counts; calls `run_done` after each run of a
/// backend.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn predict(scenario: &Scenario, run_done: impl Fn() + Sync) -> Result<Prediction, EngineError> {
    let outcome = simulate_with_progress(scenario, run_done)?;
    let end = scenario.trace.end();
    let played = &outcome.backends[scenario.verdict_backend];
    let runs = played
        .runs
        .iter()
        .map(|run| Counts::of_rescales(scenario.initial_replicas, &run.rescales, end));
    Ok(Prediction::of(runs.collect()))
}

/// What drives an autoscaler without a plant.
#[derive(Clone, Copy, Debug)]
pub struct OpenInputs<'a> {
    /// The autoscaler.
    pub control: &'a ControlLoop,
    /// The metric as the autoscaler showed it.
    pub metric: &'a Series,
    /// How many pods were in it, where that was recorded.
    pub counted: Option<&'a Series>,
    /// The replicas as recorded, on the metric's clock.
    pub recorded: &'a Series,
    /// From when on they were recorded. What the series says of the time before is a guess: the autoscaler is played
    /// through it to have a history, and the count begins anew as recorded here.
    pub recorded_from: SimTime,
    /// Spans in which somebody else changed the count.
    pub left_out: &'a [(SimTime, SimTime)],
    /// Whose count each sync starts from.
    pub feed: Feed,
}

/// Plays the controller over a recorded metric: the replicas that it writes, and its syncs. Where the recording does not
/// say how many pods are in the metric, a new one is in it after the startup of the backend whose verdict counts, at its
/// means, and one refresh.
///
/// # Errors
/// When the autoscaler has several metrics or none, or the recording is too long.
pub fn predict_open(inputs: &OpenInputs<'_>) -> Result<(Prediction, Vec<OpenSync>), OpenLoopError> {
    let control = inputs.control;
    let startup = &control.backends[control.verdict_backend].plant.startup;
    let phases = [&startup.prepare, &startup.start, &startup.ready];
    let seconds: f64 = phases.iter().map(|phase| phase.mean()).sum();
    let refresh = control.intervals.resource;
    let from = inputs.recorded_from;
    let mut left_out = inputs.left_out.to_vec();
    if from > SimTime::ZERO {
        left_out.push((SimTime::ZERO, from));
    }
    let mut syncs = play_open_loop(&OpenLoop {
        hpa: &control.hpa,
        controller: &control.controller,
        metric: inputs.metric,
        counted: inputs.counted,
        counted_after: SimDuration::from_seconds_rounded(seconds) + refresh,
        refresh,
        recorded: inputs.recorded,
        feed: inputs.feed,
        left_out: &left_out,
    })?;
    syncs.retain(|sync| sync.at >= from);
    let before = inputs
        .recorded
        .value_at(from)
        .map(|count| (from, replicas(count)));
    let steps = syncs.iter().flat_map(|sync| {
        // What somebody else did shows at the sync that first meets it; a write comes after the look.
        [(sync.at, sync.current), (sync.at + WRITE, sync.desired)]
    });
    let counts = Counts::of_steps(before.into_iter().chain(steps), inputs.metric.end());
    Ok((Prediction::of(vec![counts]), syncs))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn replicas(count: f64) -> u32 {
    count as u32
}
