//! How unevenly single requests came.

use crate::stats::Summary;
use crate::trace::EventTimes;
use crate::units::SimDuration;

/// How unevenly requests came within windows of one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burstiness {
    /// How long each window is.
    pub window: SimDuration,
    /// The variance of the windows' counts over their mean, the index of dispersion: 1 where requests come independently
    /// at one rate (Poisson), more where they come in bursts or the rate changes (Cox and Lewis 1966).
    pub dispersion: f64,
    /// The mean squared difference of neighbouring counts over twice the mean, the Allan factor: likewise 1, and hardly
    /// moved by a rate that changes slowly (Barnes and Allan 1966).
    pub between_neighbours: f64,
    /// The most requests in one window.
    pub most: f64,
}

/// The lengths of windows.
const WINDOWS: [SimDuration; 3] = [
    SimDuration::from_seconds(1),
    SimDuration::from_seconds(10),
    SimDuration::from_seconds(60),
];

/// Windows below which a variance says little.
const LEAST_WINDOWS: i64 = 20;

/// Windows beyond which none are counted.
const MOST_WINDOWS: i64 = 50_000_000;

/// The burstiness in each window that is no shorter than the log's resolution, and of which the log has enough.
pub(super) fn bursts(events: &EventTimes) -> Vec<Burstiness> {
    let Some(last) = events.times().last() else {
        return Vec::new();
    };
    let fits = |window: &SimDuration| {
        let windows = last.as_nanos() / window.as_nanos();
        (LEAST_WINDOWS..=MOST_WINDOWS).contains(&windows) && *window >= events.resolution()
    };
    let windows = WINDOWS.into_iter().filter(fits);
    windows.map(|window| burstiness(events, window)).collect()
}

fn burstiness(events: &EventTimes, window: SimDuration) -> Burstiness {
    let (mut counts, mut squares) = (Summary::new(), Summary::new());
    let mut before = None;
    let mut close = |count: f64| {
        counts.add(count);
        if let Some(before) = before.replace(count) {
            let difference: f64 = count - before;
            squares.add(difference * difference);
        }
    };
    let (mut index, mut count) = (0, 0.0);
    for time in events.times() {
        let own = time.as_nanos() / window.as_nanos();
        while index < own {
            close(count);
            (index, count) = (index + 1, 0.0);
        }
        count += 1.0;
    }
    // The last window ends with the log and is left out, for it may be cut.
    let mean = counts.mean().unwrap_or(0.0).max(f64::MIN_POSITIVE);
    Burstiness {
        window,
        dispersion: counts.variance().unwrap_or(0.0) / mean,
        between_neighbours: squares.mean().unwrap_or(0.0) / (2.0 * mean),
        most: counts.max().unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(millis: impl Iterator<Item = i64>, expected: &[(i64, f64)]) {
        let events = EventTimes::of_rows(millis.map(|at| at * 1_000_000 + 7).collect());
        let found: Vec<(i64, f64)> = bursts(&events)
            .iter()
            .map(|one| {
                let rounded = (one.dispersion * 100.0).round() / 100.0;
                (one.window.as_nanos() / 1_000_000_000, rounded)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn even_requests_have_no_dispersion() {
        check((0..250).map(|at| at * 1000), &[(1, 0.0), (10, 0.0)]);
    }

    #[test]
    fn requests_in_bunches_are_dispersed() {
        // Ten at a time, every second window: counts of 10 and 0 have mean 5 and variance 25.
        let bunches = (0..1200).map(|at| at / 10 * 2000 + at % 10);
        check(bunches, &[(1, 5.02), (10, 0.0)]);
    }

    #[test]
    fn a_short_log_says_nothing() {
        check([0, 500, 900].into_iter(), &[]);
    }
}
