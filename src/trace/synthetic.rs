//! Step, ramp, spike, flash crowd, day, week: workloads that are written down rather than recorded.

use std::f64::consts::TAU;

use super::Series;
use crate::units::{SimDuration, SimTime};

/// A workload given by a formula, in requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Profile {
    /// One rate, then another.
    Step {
        /// The rate at first.
        before: f64,
        /// The rate from `at` on.
        after: f64,
        /// When it changes.
        at: SimTime,
    },
    /// A straight line between two rates.
    Ramp {
        /// The rate until `start`.
        from: f64,
        /// The rate from `end` on.
        to: f64,
        /// When it begins to change.
        start: SimTime,
        /// When it has changed.
        end: SimTime,
    },
    /// One rate with a higher one for a while.
    Spike {
        /// The rate before and after.
        base: f64,
        /// The rate within.
        peak: f64,
        /// When it begins.
        start: SimTime,
        /// How long it lasts.
        length: SimDuration,
    },
    /// A cosine that is lowest at the beginning, as a day's load is at night.
    Diurnal {
        /// The lowest rate.
        low: f64,
        /// The highest rate.
        high: f64,
        /// The length of a day.
        day: SimDuration,
    },
    /// A higher rate for a while, reached and left in straight lines.
    Surge {
        /// The rate before and after.
        base: f64,
        /// The rate in between.
        peak: f64,
        /// When it begins to rise.
        start: SimTime,
        /// How long it rises.
        rise: SimDuration,
        /// How long it stays.
        hold: SimDuration,
        /// How long it falls.
        fall: SimDuration,
    },
    /// A crowd that comes fast and leaves slowly.
    FlashCrowd {
        /// The rate before it, and long after.
        base: f64,
        /// The highest rate.
        peak: f64,
        /// When it begins.
        start: SimTime,
        /// How long it grows.
        rise: SimDuration,
        /// How long it stays.
        hold: SimDuration,
        /// In which time nineteen in twenty leave, at an exponential rate.
        fall: SimDuration,
        /// How it grows.
        growth: Growth,
    },
    /// Days that begin at their lowest, five busy ones and two less so, from a Monday on.
    Weekly {
        /// The lowest rate.
        low: f64,
        /// The highest rate of a busy day.
        high: f64,
        /// What a day of the weekend rises above the lowest rate, as a share of what a busy one does.
        weekend: f64,
        /// The length of a day.
        day: SimDuration,
    },
}

/// How a crowd grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// By the same factor in the same time, a hundredfold in all: word passes from each to more.
    Exponential,
    /// First so, then slower, as few are left to come.
    Logistic,
}

/// How much an exponential growth multiplies in all.
const EXPONENTIAL_FACTOR: f64 = 100.0;

/// How many of its own time constants a logistic growth spans.
const LOGISTIC_SPAN: f64 = 10.0;

/// In how many of its own time constants nineteen in twenty leave: the logarithm of 20.
const LEAVING_SPAN: f64 = 2.995_732_273_553_991;

impl Growth {
    /// The share of the crowd that is there after a share of its time, from 0 to 1.
    fn share(self, of_time: f64) -> f64 {
        match self {
            Self::Exponential => {
                (EXPONENTIAL_FACTOR.powf(of_time) - 1.0) / (EXPONENTIAL_FACTOR - 1.0)
            }
            Self::Logistic => {
                let logistic = |x: f64| 1.0 / (1.0 + (-LOGISTIC_SPAN * (x - 0.5)).exp());
                (logistic(of_time) - logistic(0.0)) / (logistic(1.0) - logistic(0.0))
            }
        }
    }
}

impl Profile {
    /// The rate at `time`, in requests per second; never negative.
    #[must_use]
    pub fn rate_at(&self, time: SimTime) -> f64 {
        let rate = match *self {
            Self::Step { before, after, at } => {
                if time < at {
                    before
                } else {
                    after
                }
            }
            Self::Ramp {
                from,
                to,
                start,
                end,
            } => {
                if time <= start {
                    from
                } else if time >= end {
                    to
                } else {
                    let share = (time - start).as_seconds() / (end - start).as_seconds();
                    from + (to - from) * share
                }
            }
            Self::Spike {
                base,
                peak,
                start,
                length,
            } => {
                if time >= start && time < start + length {
                    peak
                } else {
                    base
                }
            }
            Self::Diurnal { low, high, day } => {
                let turn = time.as_seconds() / day.as_seconds().max(f64::MIN_POSITIVE);
                low + (high - low) * (1.0 - (TAU * turn).cos()) / 2.0
            }
            Self::Surge {
                base,
                peak,
                start,
                rise,
                hold,
                fall,
            } => {
                let growing = share_of(time - start, rise);
                let left = share_of(time - (start + rise + hold), fall);
                base + (peak - base) * (growing - left)
            }
            Self::FlashCrowd {
                base,
                peak,
                start,
                rise,
                hold,
                fall,
                growth,
            } => {
                let since_full = time - (start + rise + hold);
                let there = if since_full <= SimDuration::ZERO {
                    growth.share(share_of(time - start, rise))
                } else if fall.is_positive() {
                    (-LEAVING_SPAN * since_full.as_seconds() / fall.as_seconds()).exp()
                } else {
                    0.0
                };
                base + (peak - base) * there
            }
            Self::Weekly {
                low,
                high,
                weekend,
                day,
            } => {
                let days = time.as_seconds() / day.as_seconds().max(f64::MIN_POSITIVE);
                let is_weekend = days.floor().rem_euclid(7.0) >= 5.0;
                let share = if is_weekend { weekend } else { 1.0 };
                low + (high - low) * share * (1.0 - (TAU * days).cos()) / 2.0
            }
        };
        rate.max(0.0)
    }

    /// The first `length` of the workload at steps of `step`, each holding the rate in its middle.
    #[must_use]
    pub fn series(&self, step: SimDuration, length: SimDuration) -> Series {
        Self::sum(std::slice::from_ref(self), step, length)
    }

    /// The first `length` of several workloads together, at steps of `step`, each holding the rate in its middle.
    #[must_use]
    pub fn sum(profiles: &[Self], step: SimDuration, length: SimDuration) -> Series {
        let nanos = step.as_nanos().max(1);
        let steps = (length.as_nanos() / nanos).max(0);
        let values = (0..steps)
            .map(|index| {
                let middle = SimTime::from_nanos(index * nanos + nanos / 2);
                profiles.iter().map(|profile| profile.rate_at(middle)).sum()
            })
            .collect();
        Series::evenly_spaced(SimDuration::from_nanos(nanos), values, Vec::new())
    }
}

/// How much of `whole` has passed, from 0 to 1; all of nothing.
fn share_of(passed: SimDuration, whole: SimDuration) -> f64 {
    if passed < SimDuration::ZERO {
        0.0
    } else if passed >= whole {
        1.0
    } else {
        passed.as_seconds() / whole.as_seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(profile: Profile, expected: &[f64]) {
        let series = profile.series(SimDuration::from_seconds(10), SimDuration::from_seconds(40));
        let rounded: Vec<f64> = series
            .values()
            .iter()
            .map(|v| (v * 1e6).round() / 1e6)
            .collect();
        assert_eq!(rounded, expected);
    }

    #[test]
    fn each_shape_holds_the_rate_in_the_middle_of_its_steps() {
        let at = SimTime::from_seconds;
        check(
            Profile::Step {
                before: 1.0,
                after: 9.0,
                at: at(20),
            },
            &[1.0, 1.0, 9.0, 9.0],
        );
        check(
            Profile::Ramp {
                from: 0.0,
                to: 40.0,
                start: at(0),
                end: at(40),
            },
            &[5.0, 15.0, 25.0, 35.0],
        );
        check(
            Profile::Spike {
                base: 2.0,
                peak: 7.0,
                start: at(10),
                length: SimDuration::from_seconds(10),
            },
            &[2.0, 7.0, 2.0, 2.0],
        );
        check(
            Profile::Diurnal {
                low: 0.0,
                high: 4.0,
                day: SimDuration::from_seconds(40),
            },
            &[0.585_786, 3.414_214, 3.414_214, 0.585_786],
        );
        check(
            Profile::Surge {
                base: 2.0,
                peak: 6.0,
                start: at(0),
                rise: SimDuration::from_seconds(10),
                hold: SimDuration::from_seconds(10),
                fall: SimDuration::from_seconds(20),
            },
            &[4.0, 6.0, 5.0, 3.0],
        );
        let day = SimDuration::from_seconds(10);
        let weekend = 0.5;
        let (low, high) = (0.0, 8.0);
        let week = Profile::Weekly {
            low,
            high,
            weekend,
            day,
        };
        check(week, &[8.0, 8.0, 8.0, 8.0]);
        assert!((week.rate_at(at(55)) - 4.0).abs() < 1e-9);
        assert!((week.rate_at(at(75)) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn a_crowd_comes_fast_and_leaves_slowly() {
        for growth in [Growth::Exponential, Growth::Logistic] {
            let crowd = Profile::FlashCrowd {
                base: 10.0,
                peak: 110.0,
                start: SimTime::from_seconds(100),
                rise: SimDuration::from_seconds(60),
                hold: SimDuration::from_seconds(30),
                fall: SimDuration::from_seconds(600),
                growth,
            };
            let rate = |seconds| crowd.rate_at(SimTime::from_seconds(seconds));
            let near = |seconds, expected: f64| (rate(seconds) - expected).abs() < 1e-6;
            assert!(near(100, 10.0) && near(160, 110.0) && near(190, 110.0));
            assert!(near(790, 15.0), "{}", rate(790));
            assert!((100..160).all(|second| rate(second) <= rate(second + 1)));
            assert!((190..800).all(|second| rate(second) > rate(second + 1)));
        }
    }

    #[test]
    fn workloads_together_add_up() {
        let (step, length) = (SimDuration::from_seconds(10), SimDuration::from_seconds(20));
        let level = |rate| Profile::Step {
            before: rate,
            after: rate,
            at: SimTime::ZERO,
        };
        let sum = Profile::sum(&[level(1.5), level(2.0)], step, length);
        assert_eq!(sum.values(), [3.5, 3.5]);
    }
}
