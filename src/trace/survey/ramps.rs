//! The steepest rises of a load.

use std::collections::VecDeque;

use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// The largest rise within some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// Within how long; `None` from one step to the next, however long it is.
    pub within: Option<SimDuration>,
    /// When the load was still low: the beginning of that step.
    pub from_at: SimTime,
    /// The load then.
    pub from: f64,
    /// When the load was high: the beginning of that step.
    pub to_at: SimTime,
    /// The load then.
    pub to: f64,
}

impl Ramp {
    /// How much the load rose.
    #[must_use]
    pub fn rise(&self) -> f64 {
        self.to - self.from
    }
}

/// The spans of time that rises are looked for in.
const WITHIN: [SimDuration; 3] = [
    SimDuration::from_seconds(60),
    SimDuration::from_seconds(300),
    SimDuration::from_seconds(900),
];

/// The largest rise from a step to the next, and within each span that is longer than the usual step. None of a load
/// that never rises. A rise over a gap is none: nobody knows how fast it was.
pub(super) fn worst_ramps(series: &Series, usual: SimDuration) -> Vec<Ramp> {
    let spans = WITHIN.into_iter().filter(|span| *span > usual);
    std::iter::once(None)
        .chain(spans.map(Some))
        .filter_map(|within| worst(series, within))
        .collect()
}

fn worst(series: &Series, within: Option<SimDuration>) -> Option<Ramp> {
    let mut gaps = series.gaps().iter().copied().peekable();
    let mut worst: Option<Ramp> = None;
    // Steps that may be the lowest of a window, their values ascending: what is later and lower displaces what is higher.
    let mut lows: VecDeque<(SimTime, f64)> = VecDeque::new();
    for (index, step) in series.steps().enumerate() {
        if gaps.next_if_eq(&index).is_some() {
            lows.clear();
            continue;
        }
        if let Some(within) = within {
            while lows
                .front()
                .is_some_and(|(at, _)| step.start - *at > within)
            {
                lows.pop_front();
            }
        }
        if let Some((from_at, from)) = lows.front().copied() {
            let rise = step.value - from;
            if rise > worst.map_or(0.0, |worst| worst.rise()) {
                worst = Some(Ramp {
                    within,
                    from_at,
                    from,
                    to_at: step.start,
                    to: step.value,
                });
            }
        }
        if within.is_none() {
            lows.clear();
        }
        while lows.back().is_some_and(|(_, value)| *value >= step.value) {
            lows.pop_back();
        }
        lows.push_back((step.start, step.value));
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: SimDuration = SimDuration::from_seconds(30);

    #[track_caller]
    fn check(notation: &str, within: Option<i64>, expected: Option<(i64, i64, f64)>) {
        let series = Series::from_notation(STEP, notation).expect("valid");
        let found = worst(&series, within.map(SimDuration::from_seconds));
        let expected = expected
            .map(|(from, to, rise)| (SimTime::from_seconds(from), SimTime::from_seconds(to), rise));
        let found = found.map(|ramp| (ramp.from_at, ramp.to_at, ramp.rise()));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_largest_rise_is_found_in_each_span() {
        check("5 1 2 4 9 3", None, Some((90, 120, 5.0)));
        check("5 1 2 4 9 3", Some(60), Some((60, 120, 7.0)));
        check("5 1 2 4 9 3", Some(300), Some((30, 120, 8.0)));
    }

    #[test]
    fn a_load_that_never_rises_has_none() {
        check("5 5 4 1", None, None);
        check("5 5 4 1", Some(300), None);
    }

    #[test]
    fn a_rise_over_a_gap_is_no_ramp() {
        check("1 _ 9 10", None, Some((60, 90, 1.0)));
        check("1 _ 9 10", Some(300), Some((60, 90, 1.0)));
    }
}
