//! `fit_cost`: the cpu per request with which a replay comes nearest to a recorded run.

use std::collections::BTreeMap;

use thiserror::Error;

use super::compare::compare;
use super::counts::Counts;
use super::prediction::predict;
use crate::engine::EngineError;
use crate::scenario::{Scenario, Span};
use crate::units::{SimDuration, SimTime};

/// Factors between the neighbours of the grid that is searched: 1.5 %.
const STEP: f64 = 1.015;
/// Steps to either side at first, and by how many the grid is widened: factors from 0.41 to 2.4.
const STEPS: i32 = 60;
/// The farthest step that is looked at: a factor of 87.
const FARTHEST: i32 = 5 * STEPS;
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
        "the recorded run tells nothing of the cpu per request, or the one that the search began with is far from it: the replay is \
         as near to it at any cost from {least} to {most}"
    )]
    Flat {
        /// Cpu time of one request.
        least: Span,
        /// Cpu time of one request.
        most: Span,
    },
    /// From some cost on the replicas are alike.
    #[error(
        "the recorded run tells only that a request costs {least} of cpu or more: the replay is as near to it at any cost from there to {most}"
    )]
    AtLeast {
        /// Cpu time of one request.
        least: Span,
        /// The greatest that was played.
        most: Span,
    },
    /// Up to some cost the replicas are alike.
    #[error(
        "the recorded run tells only that a request costs {most} of cpu or less: the replay is as near to it at any cost from there down to {least}"
    )]
    AtMost {
        /// The least that was played.
        least: Span,
        /// Cpu time of one request.
        most: Span,
    },
}

/// Plays the scenario with other costs of a request and takes the one with the least mean error of the replicas: a grid of
/// factors of the given cost from 0.41 to 2.4, first every fifth, then those around the best. While those that are as good
/// as the best reach an end of the grid it is widened there, up to a factor of 87. The error is a step function of the
/// cost, so the answer is the middle of all that are as good as the best, and they are its interval.
///
/// # Errors
/// When the scenario cannot be played or does not overlap with the recording; when every cost is as good, or every one
/// above or below some cost.
pub fn fit_cost(
    scenario: &Scenario,
    recorded: &Counts,
    left_out: &[(SimTime, SimTime)],
) -> Result<CostFit, FitError> {
    let mut grid = Grid::new(|step| error_at(scenario, recorded, left_out, STEP.powf(step)));
    let error_before = grid.error(0)?;
    let (low, high) = grid.search()?;
    let cost = scenario.backends[scenario.verdict_backend]
        .plant
        .serving
        .cpu_per_request;
    let at = |step: f64| cost * STEP.powf(step);
    let shown = |step: i32| Span(at(f64::from(step))).to_four_digits();
    let (least, most) = (shown(low), shown(high));
    match (low <= -FARTHEST, high >= FARTHEST) {
        (true, true) => return Err(FitError::Flat { least, most }),
        (false, true) => return Err(FitError::AtLeast { least, most }),
        (true, false) => return Err(FitError::AtMost { least, most }),
        (false, false) => {}
    }
    let middle = f64::from(low + high) / 2.0;
    Ok(CostFit {
        cost: at(middle),
        low: at(f64::from(low) - 0.5),
        high: at(f64::from(high) + 0.5),
        error: error_at(scenario, recorded, left_out, STEP.powf(middle))?,
        error_before,
        tried: u32::try_from(grid.errors.len()).unwrap_or(u32::MAX),
    })
}

/// Errors by the step of a cost; each is played once.
struct Grid<F> {
    play: F,
    errors: BTreeMap<i32, f64>,
    low: i32,
    high: i32,
}

impl<F: FnMut(f64) -> Result<f64, FitError>> Grid<F> {
    fn new(play: F) -> Self {
        Self {
            play,
            errors: BTreeMap::new(),
            low: -STEPS,
            high: STEPS,
        }
    }

    fn error(&mut self, step: i32) -> Result<f64, FitError> {
        if let Some(error) = self.errors.get(&step) {
            return Ok(*error);
        }
        let error = (self.play)(f64::from(step))?;
        self.errors.insert(step, error);
        Ok(error)
    }

    /// The least and the greatest of all that are as good as the best; an end of the grid where it cannot be widened.
    fn search(&mut self) -> Result<(i32, i32), FitError> {
        loop {
            for stride in self.low / COARSE..=self.high / COARSE {
                self.error(stride * COARSE)?;
            }
            let (low, high) = self.as_good(COARSE);
            let is_lower = low <= self.low && self.low > -FARTHEST;
            let is_higher = high >= self.high && self.high < FARTHEST;
            if is_lower || is_higher {
                self.low -= if is_lower { STEPS } else { 0 };
                self.high += if is_higher { STEPS } else { 0 };
                continue;
            }
            if low <= -FARTHEST || high >= FARTHEST {
                return Ok((low, high));
            }
            // All around what might be as good, fine.
            for step in self.low..=self.high {
                if self.error(nearest_coarse(step))? <= bar(self.best().1) * 1.5 {
                    self.error(step)?;
                }
            }
            let (low, high) = self.as_good(1);
            if low > self.low && high < self.high {
                return Ok((low, high));
            }
            // The best of the fine ones lies in a stretch of its own that reaches the end.
            let (is_lower, is_higher) = (low <= self.low, high >= self.high);
            if (is_lower && self.low <= -FARTHEST) || (is_higher && self.high >= FARTHEST) {
                return Ok((low, high));
            }
            self.low -= if is_lower { STEPS } else { 0 };
            self.high += if is_higher { STEPS } else { 0 };
        }
    }

    /// The step with the least error; of equal ones that nearest to the given cost.
    fn best(&self) -> (i32, f64) {
        let all = self.errors.iter().map(|(step, error)| (*step, *error));
        all.min_by(|(step, error), (other_step, other)| {
            let nearer = || step.abs().cmp(&other_step.abs());
            error.total_cmp(other).then_with(nearer)
        })
        .unwrap_or((0, 0.0))
    }

    /// How far all neighbours of the best that are so many steps apart are as good.
    fn as_good(&self, stride: i32) -> (i32, i32) {
        let (best, least) = self.best();
        let is_as_good = |step: &i32| {
            let error = self.errors.get(step);
            error.is_some_and(|error| *error <= bar(least))
        };
        let reach = |stride: i32| {
            let steps = (0..).map(|count| best + count * stride);
            steps.take_while(&is_as_good).last().unwrap_or(best)
        };
        (reach(-stride), reach(stride))
    }
}

/// The error up to which a cost is as good as the best.
fn bar(least: f64) -> f64 {
    least + (least * AS_GOOD.0).max(AS_GOOD.1)
}

fn nearest_coarse(step: i32) -> i32 {
    (step + COARSE / 2).div_euclid(COARSE) * COARSE
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The ends of what is as good, where costs have such errors by their step.
    #[track_caller]
    fn check(error: impl Fn(f64) -> f64, expected: (i32, i32)) {
        let mut grid = Grid::new(|step| Ok(error(step)));
        assert_eq!(grid.search(), Ok(expected));
    }

    #[test]
    fn the_best_cost_is_found_wherever_it_is_within_reach() {
        let nearest_to = |best: f64| move |step: f64| (step - best).abs() * 0.01;
        check(nearest_to(7.0), (5, 9));
        check(nearest_to(60.0), (58, 62));
        check(nearest_to(155.0), (153, 157));
        check(nearest_to(-243.0), (-245, -241));
    }

    #[test]
    fn costs_that_are_all_alike_are_left_behind() {
        check(
            |step| {
                if step < 100.0 {
                    2.0
                } else {
                    (step - 160.0).abs() * 0.01
                }
            },
            (158, 162),
        );
    }

    #[test]
    fn what_reaches_the_end_of_the_search_is_no_find() {
        check(|_| 1.0, (-FARTHEST, FARTHEST));
        check(|step| (50.0 - step).max(0.0), (50, FARTHEST));
        check(|step| (step + 50.0).max(0.0), (-FARTHEST, -50));
        check(
            |step| (f64::from(FARTHEST) - step) * 0.1,
            (FARTHEST, FARTHEST),
        );
    }
}
