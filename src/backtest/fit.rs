//! `fit_cost`: the cpu per request with which a replay comes nearest to a recorded run.

use thiserror::Error;

use super::compare::compare;
use super::counts::Counts;
use super::prediction::predict;
use crate::engine::EngineError;
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};

/// Factors between the neighbours of the grid that is searched: 1.5 %.
const STEP: f64 = 1.015;
/// Steps to either side: factors from 0.41 to 2.4.
const STEPS: i32 = 60;
/// Every so many steps one is looked at first.
const COARSE: i32 = 5;
/// What is worse than the best by less than this share of its error, or this many replicas, is as good.
const AS_GOOD: (f64, f64) = (0.1, 0.02);

/// The cpu per request with which a replay comes nearest to a recorded run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostFit {
    /// Core-seconds of one request: the middle of those that are as good as the best.
    pub cost: f64,
    /// The least of them, less half a step of the grid.
    pub low: f64,
    /// The greatest of them, and half a step of the grid.
    pub high: f64,
    /// The mean error at `cost`, replicas.
    pub error: f64,
    /// The mean error of the scenario as it was given, replicas.
    pub error_before: f64,
    /// How many were played.
    pub tried: u32,
}

/// Why a cost cannot be fitted.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FitError {
    /// The scenario cannot be played.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no time in common.
    #[error("the recording and the load have no time in common")]
    NoOverlap,
    /// Whatever the cost, the replicas are alike: nothing can be learnt from this run.
    #[error(
        "the recorded run tells nothing of the cpu per request: the replay is as near to it at any cost from {low} s to {high} s"
    )]
    Flat {
        /// Core-seconds.
        low: f64,
        /// Core-seconds.
        high: f64,
    },
}

/// Plays the scenario with other costs of a request and takes the one with the least mean error of the replicas: a grid of
/// factors of the given cost from 0.41 to 2.4, first every fifth, then those around the best. The error is a step function
/// of the cost, so the answer is the middle of all that are as good as the best, and they are its interval.
///
/// # Errors
/// When the scenario cannot be played, does not overlap with the recording, or every cost is as good.
pub fn fit_cost(
    scenario: &Scenario,
    recorded: &Counts,
    left_out: &[(SimTime, SimTime)],
) -> Result<CostFit, FitError> {
    let mut errors: Vec<Option<f64>> = vec![None; usize::try_from(2 * STEPS + 1).unwrap_or(0)];
    let mut tried = 0;
    let mut look = |step: i32| -> Result<f64, FitError> {
        let place = usize::try_from(step + STEPS).unwrap_or(0);
        if let Some(error) = errors[place] {
            return Ok(error);
        }
        tried += 1;
        let error = error_at(scenario, recorded, left_out, STEP.powi(step))?;
        errors[place] = Some(error);
        Ok(error)
    };
    let error_before = look(0)?;
    let mut best = (0, error_before);
    let mut coarse = -STEPS;
    while coarse <= STEPS {
        let error = look(coarse)?;
        if error < best.1 {
            best = (coarse, error);
        }
        coarse += COARSE;
    }
    let bar = |least: f64| least + (least * AS_GOOD.0).max(AS_GOOD.1);
    // All around what might be as good, fine.
    for step in -STEPS..=STEPS {
        let nearest = (f64::from(step) / f64::from(COARSE)).round();
        #[expect(clippy::cast_possible_truncation, reason = "at most 60")]
        let nearest = nearest as i32 * COARSE;
        if look(nearest)? <= bar(best.1) * 1.5 {
            let error = look(step)?;
            if error < best.1 {
                best = (step, error);
            }
        }
    }
    let is_as_good = |step: i32| {
        let place = usize::try_from(step + STEPS).unwrap_or(0);
        errors
            .get(place)
            .copied()
            .flatten()
            .is_some_and(|error| error <= bar(best.1))
    };
    let mut low = best.0;
    while low > -STEPS && is_as_good(low - 1) {
        low -= 1;
    }
    let mut high = best.0;
    while high < STEPS && is_as_good(high + 1) {
        high += 1;
    }
    let cost = scenario.backends[scenario.verdict_backend]
        .plant
        .serving
        .cpu_per_request;
    let at = |step: f64| cost * STEP.powf(step);
    if low == -STEPS && high == STEPS {
        return Err(FitError::Flat {
            low: at(f64::from(low)),
            high: at(f64::from(high)),
        });
    }
    let middle = f64::from(low + high) / 2.0;
    Ok(CostFit {
        cost: at(middle),
        low: at(f64::from(low) - 0.5),
        high: at(f64::from(high) + 0.5),
        error: error_at(scenario, recorded, left_out, STEP.powf(middle))?,
        error_before,
        tried,
    })
}

/// The mean error with the cost multiplied.
fn error_at(
    scenario: &Scenario,
    recorded: &Counts,
    left_out: &[(SimTime, SimTime)],
    factor: f64,
) -> Result<f64, FitError> {
    let mut scenario = scenario.clone();
    for backend in &mut scenario.backends {
        backend.plant.serving.cpu_per_request *= factor;
    }
    scenario.rate_at_target /= factor;
    let prediction = predict(&scenario, || {})?;
    let within = SimDuration::ZERO;
    let mut errors = Vec::with_capacity(prediction.runs.len());
    for run in &prediction.runs {
        let comparison = compare(recorded, run, left_out, within, 0).ok_or(FitError::NoOverlap)?;
        errors.push(comparison.mean_error);
    }
    Ok(errors.iter().sum::<f64>() / errors.len().max(1) as f64)
}
