//! Step, ramp, spike, diurnal: workloads that are written down rather than recorded.

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
        };
        rate.max(0.0)
    }

    /// The first `length` of the workload at steps of `step`, each holding the rate in its middle.
    #[must_use]
    pub fn series(&self, step: SimDuration, length: SimDuration) -> Series {
        let nanos = step.as_nanos().max(1);
        let steps = (length.as_nanos() / nanos).max(0);
        let values = (0..steps)
            .map(|index| self.rate_at(SimTime::from_nanos(index * nanos + nanos / 2)))
            .collect();
        Series::evenly_spaced(SimDuration::from_nanos(nanos), values, Vec::new())
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
    }
}
