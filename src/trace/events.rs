//! `EventTimes`: when each request of an event log came.

use std::sync::Arc;

use crate::units::{SimDuration, SimTime};

/// Resolutions that logs write their times with, from the coarsest, in nanoseconds: a minute down to a millisecond.
const RESOLUTIONS: [i64; 5] = [
    60_000_000_000,
    1_000_000_000,
    100_000_000,
    10_000_000,
    1_000_000,
];

/// The times of an event log's rows, ascending, from the first row on; 8 bytes each, shared by clones.
///
/// There are at most as many as rows are read, 50 million.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTimes {
    times: Arc<Vec<SimTime>>,
    resolution: SimDuration,
}

impl EventTimes {
    /// The times of sorted rows, in nanoseconds of any clock; the first one becomes zero.
    pub(super) fn of_rows(rows: Vec<i64>) -> Self {
        let first = rows.first().copied().unwrap_or(0);
        let since_first = |row: i64| SimTime::from_nanos(row - first);
        // In the rows' own memory, as both are 8 bytes.
        let times: Vec<SimTime> = rows.into_iter().map(since_first).collect();
        Self {
            resolution: resolution(&times),
            times: Arc::new(times),
        }
    }

    /// The times from `from` until `to`, counted from `from`.
    pub(super) fn between(&self, from: SimTime, to: SimTime) -> Self {
        let first = self.times.partition_point(|time| *time < from);
        let last = self.times.partition_point(|time| *time < to).max(first);
        let times = self.times[first..last].iter();
        Self {
            times: Arc::new(times.map(|time| SimTime::ZERO + (*time - from)).collect()),
            resolution: self.resolution,
        }
    }

    /// The times of one log and then those of another, whose zero is at `begin`.
    pub(super) fn joined(first: &Self, next: &Self, begin: SimTime) -> Self {
        let later = next.times.iter().map(|time| begin + time.since_start());
        let times: Vec<SimTime> = first.times.iter().copied().chain(later).collect();
        Self {
            resolution: resolution(&times),
            times: Arc::new(times),
        }
    }

    /// How many requests came in each step that begins so; what came before the first is left out.
    pub(super) fn counted(&self, starts: &[SimTime]) -> Vec<f64> {
        let first_at = |time: &SimTime| self.times.partition_point(|other| other < time);
        let mut bounds: Vec<usize> = starts.iter().map(first_at).collect();
        bounds.push(self.times.len());
        let counts = bounds.windows(2).map(|pair| pair[1] - pair[0]);
        counts.map(|count| count as f64).collect()
    }

    /// When each request came.
    #[must_use]
    pub fn times(&self) -> &[SimTime] {
        &self.times
    }

    /// How far after its written time a request may have come, where the log rounds down; zero where it does not.
    ///
    /// A log whose times repeat and are all whole seconds (or minutes, or tenths to thousandths of seconds) says no
    /// more than in which second requests came, not that they came together.
    #[must_use]
    pub fn resolution(&self) -> SimDuration {
        self.resolution
    }
}

fn resolution(times: &[SimTime]) -> SimDuration {
    let repeat = times.windows(2).any(|pair| pair[0] == pair[1]);
    let all_whole = |unit: &&i64| times.iter().all(|time| time.as_nanos() % **unit == 0);
    let found = RESOLUTIONS.iter().find(all_whole).filter(|_| repeat);
    SimDuration::from_nanos(found.copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(millis: &[i64], resolution: i64) {
        let rows = millis.iter().map(|at| at * 1_000_000).collect();
        let found = EventTimes::of_rows(rows).resolution();
        assert_eq!(found, SimDuration::from_millis(resolution));
    }

    #[test]
    fn repeated_whole_seconds_are_rounded_ones() {
        check(&[500, 1500, 1500, 4500], 1000);
        check(&[0, 60_000, 60_000], 60_000);
        check(&[0, 20, 20, 70], 10);
    }

    #[test]
    fn times_that_never_repeat_are_taken_as_they_are() {
        check(&[0, 1000, 5000], 0);
        check(&[7000], 0);
    }

    #[test]
    fn the_first_row_is_time_zero() {
        let events = EventTimes::of_rows(vec![1_000_000_007, 2_000_000_008]);
        let expected = [0, 1_000_000_001].map(SimTime::from_nanos);
        assert_eq!(events.times(), expected);
    }
}
