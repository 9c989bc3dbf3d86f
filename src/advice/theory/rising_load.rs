//! How a trace's load rises while the loop does not answer: at each step, the load against what the loop had seen.

use std::collections::VecDeque;

use crate::trace::ArrivalTrace;

/// One step of the trace, as the loop meets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// When the step begins, seconds since the trace began.
    pub at: f64,
    /// Its load, requests/s.
    pub rate: f64,
    /// The highest load that replicas were counted for when it began: that of the time from a scale-down window before the
    /// dead time until the dead time before, requests/s.
    pub seen: f64,
    /// Requests of the step that come before the loop has answered it.
    pub unanswered: f64,
}

impl Rise {
    /// The exponential growth that leads from `seen` to `rate` within the dead time, 1/s; infinite from nothing, 0 where
    /// nothing rises.
    #[must_use]
    pub fn growth(&self, dead_time: f64) -> f64 {
        let growth = (self.rate / self.seen).ln() / dead_time;
        if growth.is_nan() {
            0.0
        } else {
            growth.max(0.0)
        }
    }
}

/// A trace as a loop with a given dead time meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct RisingLoad {
    /// Every step of the trace, in order.
    pub rises: Vec<Rise>,
    /// L + h, seconds.
    pub dead_time: f64,
    /// Requests in the whole trace.
    pub requests: f64,
    /// The highest load, requests/s.
    pub peak: f64,
    /// The length of the trace, seconds.
    pub length: f64,
}

impl RisingLoad {
    /// Goes through the trace once. `dead_time` is L + h, `window` the scale-down window, both in seconds: within it the
    /// replicas of the highest load still stand. Before the trace its first load is taken to have lasted.
    #[must_use]
    pub fn of(trace: &ArrivalTrace, dead_time: f64, window: f64) -> Self {
        let series = trace.series();
        let mut rises = Vec::with_capacity(series.len());
        let mut requests = 0.0;
        // Steps whose load was seen within the window, their loads falling.
        let mut seen: VecDeque<(f64, f64)> = VecDeque::new();
        let first = trace.rates().first().copied().unwrap_or(0.0);
        let mut coming = series.steps().peekable();
        for step in series.steps() {
            let (begin, end) = (step.start.as_seconds(), step.end.as_seconds());
            let (from, to) = (begin - dead_time - window, begin - dead_time);
            while let Some(next) = coming.next_if(|next| next.start.as_seconds() <= to) {
                while seen.back().is_some_and(|(_, rate)| *rate <= next.value) {
                    seen.pop_back();
                }
                seen.push_back((next.end.as_seconds(), next.value));
            }
            while seen.front().is_some_and(|(until, _)| *until <= from) {
                seen.pop_front();
            }
            let before = if from < 0.0 { first } else { 0.0 };
            let highest = seen.front().map_or(before, |(_, rate)| rate.max(before));
            let length = end - begin;
            requests += step.value * length;
            rises.push(Rise {
                at: begin,
                rate: step.value,
                seen: highest,
                unanswered: step.value * length.min(dead_time),
            });
        }
        Self {
            rises,
            dead_time,
            requests,
            peak: series.peak(),
            length: trace.end().as_seconds(),
        }
    }

    /// The steepest rise to a load beyond `carried` requests/s, which replicas that stand anyway serve; `None` where the
    /// load never rises beyond it.
    #[must_use]
    pub fn steepest(&self, carried: f64) -> Option<Rise> {
        let beyond = self.rises.iter().filter(|rise| rise.rate > carried);
        let rising = beyond.filter(|rise| rise.rate > rise.seen);
        // The first of those that are equally steep.
        rising
            .copied()
            .min_by(|a, b| (b.rate / b.seen).total_cmp(&(a.rate / a.seen)))
    }

    /// The same without the steepest rises that a share of all requests may be lost to: what the objective allows.
    #[must_use]
    pub fn steepest_within(&self, carried: f64, allowed_share: f64) -> Option<Rise> {
        let mut rising: Vec<Rise> = self
            .rises
            .iter()
            .filter(|rise| rise.rate > carried && rise.rate > rise.seen)
            .copied()
            .collect();
        rising.sort_by(|a, b| (b.rate / b.seen).total_cmp(&(a.rate / a.seen)));
        let mut left = allowed_share * self.requests;
        rising.into_iter().find(|rise| {
            left -= rise.unanswered;
            left < 0.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Series;
    use crate::units::SimDuration;

    fn load(notation: &str, dead_time: f64, window: f64) -> RisingLoad {
        let step = SimDuration::from_seconds(60);
        let series = Series::from_notation(step, notation).expect("valid");
        RisingLoad::of(&ArrivalTrace::from_rates(series), dead_time, window)
    }

    #[test]
    fn a_step_is_met_with_what_the_dead_time_before_it_needed() {
        let load = load("10x4 40 40", 75.0, 0.0);
        let steepest = load.steepest(0.0).expect("it rises");
        assert!((steepest.at - 300.0).abs() < 1e-9);
        assert!((steepest.seen - 10.0).abs() < 1e-9);
        assert!((steepest.growth(75.0) - 4.0_f64.ln() / 75.0).abs() < 1e-12);
        // The whole minute of 40 requests/s; the step after it counts its own.
        assert!((steepest.unanswered - 2400.0).abs() < 1e-9);
    }

    #[test]
    fn a_window_remembers_the_peak_before_a_dip() {
        assert!(load("40 10x3 40", 60.0, 0.0).steepest(0.0).is_some());
        assert_eq!(load("40 10x3 40", 60.0, 300.0).steepest(0.0), None);
    }

    #[test]
    fn what_stands_anyway_carries_its_part() {
        let load = load("10x5 40 40", 75.0, 0.0);
        assert_eq!(load.steepest(40.0), None);
    }

    #[test]
    fn the_objective_allows_for_the_steepest() {
        let load = load("10x50 80 10x50 40 10x50", 60.0, 0.0);
        assert!(load.steepest(0.0).is_some_and(|rise| rise.rate > 79.0));
        let allowed = load.steepest_within(0.0, 0.06).expect("the second one");
        assert!((allowed.rate - 40.0).abs() < 1e-9);
        assert_eq!(load.steepest_within(0.0, 0.5), None);
    }
}
