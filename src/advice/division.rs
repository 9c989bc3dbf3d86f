//! `Division`: which part of the trace is tuned on, which one judges, and which slices are the hardest.

use super::Split;
use super::part::DAY;
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};

/// The part held out lasts at least so many dead times of the loop: less shows no scaling.
const DEAD_TIMES_HELD_OUT: f64 = 5.0;

/// From so many days on the trace is divided between days, so that both parts hold whole ones.
const WHOLE_DAYS_FROM: f64 = 3.0;

/// From so many days on it is divided between weeks.
const WHOLE_WEEKS_FROM: f64 = 21.0;

/// From so many days on candidates are first tried on the hardest slices.
const SLICES_FROM: f64 = 2.0;

/// A slice begins so long before its hardest moment, in dead times, and ends so long after it.
const BEFORE: f64 = 10.0;
const AFTER: f64 = 20.0;

/// At most so many slices.
const MOST_SLICES: usize = 4;

/// A trace divided.
pub(super) struct Division {
    /// What is tuned on: all of it where nothing is held out.
    pub(super) tuned: Scenario,
    /// What is held out.
    pub(super) held_out: Option<Scenario>,
    /// Where it was cut.
    pub(super) split: Split,
}

/// The least length, seconds, of a trace that can be divided.
pub(super) fn least_divisible(hold_out: f64, dead_time: f64) -> f64 {
    DEAD_TIMES_HELD_OUT * dead_time / hold_out
}

/// Holds out the last share of a trace, given the longest dead time of the loop, seconds.
pub(super) fn divide(scenario: &Scenario, hold_out: f64, dead_time: f64) -> Division {
    let end = scenario.trace.end();
    let whole = end.as_seconds();
    let unit = match whole / DAY {
        days if days >= WHOLE_WEEKS_FROM => 7.0 * DAY,
        days if days >= WHOLE_DAYS_FROM => DAY,
        _ => 60.0,
    };
    let rounded = |unit: f64| ((whole * (1.0 - hold_out)) / unit).round() * unit;
    let cut = match rounded(unit) {
        cut if cut > 0.0 && cut < whole => cut,
        _ => rounded(60.0),
    };
    let at = SimTime::ZERO + SimDuration::from_seconds_rounded(cut);
    let divisible = hold_out > 0.0 && whole >= least_divisible(hold_out, dead_time);
    let has_load = |part: &Scenario| part.trace.total_requests() > 0.0;
    if divisible && SimTime::ZERO < at && at < end {
        let (tuned, held_out) = (
            scenario.between(SimTime::ZERO, at),
            scenario.between(at, end),
        );
        if has_load(&tuned) && has_load(&held_out) {
            let split = Split { at: Some(at), end };
            return Division {
                tuned,
                held_out: Some(held_out),
                split,
            };
        }
    }
    Division {
        tuned: scenario.clone(),
        held_out: None,
        split: Split { at: None, end },
    }
}

/// The slices of a trace that are hardest on any settings: around the largest rises within a dead time, by ratio and by
/// requests/s, and around the peak. None of a short trace.
pub(super) fn hardest_slices(scenario: &Scenario, dead_time: f64) -> Vec<Scenario> {
    let end = scenario.trace.end();
    if end.as_seconds() < SLICES_FROM * DAY {
        return Vec::new();
    }
    let before = SimDuration::from_seconds_rounded(BEFORE * dead_time);
    let after = SimDuration::from_seconds_rounded(AFTER * dead_time);
    let span = |at: SimTime| {
        let from = if at - SimTime::ZERO > before {
            at - before
        } else {
            SimTime::ZERO
        };
        (from, (at + after).min(end))
    };
    let mut spans: Vec<(SimTime, SimTime)> = Vec::new();
    for at in hard_moments(scenario, dead_time) {
        let (from, to) = span(at);
        let apart = spans.iter().all(|other| to < other.0 || other.1 < from);
        if apart && spans.len() < MOST_SLICES {
            spans.push((from, to));
        }
    }
    spans
        .into_iter()
        .map(|(from, to)| scenario.between(from, to))
        .collect()
}

/// The beginnings of the steps that are hardest, the hardest first, each kind of hardness in turn.
fn hard_moments(scenario: &Scenario, dead_time: f64) -> Vec<SimTime> {
    let series = scenario.trace.series();
    let floor = series.mean_weighted() / 10.0;
    let lead = SimDuration::from_seconds_rounded(dead_time);
    // For each step: its rate over the least rate within a dead time before it, and how far it rose.
    let (starts, rates) = (series.starts(), series.values());
    let mut first = 0;
    let mut marks: Vec<(SimTime, [f64; 3])> = Vec::with_capacity(rates.len());
    for (index, (start, rate)) in starts.iter().zip(rates).enumerate() {
        while first + 1 < index && *start - starts[first + 1] >= lead {
            first += 1;
        }
        let least = rates[first..=index]
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        marks.push((*start, [rate / least.max(floor), rate - least, *rate]));
    }
    let mut moments = Vec::new();
    let ranked = [0, 1, 2].map(|kind| {
        let mut ranked: Vec<&(SimTime, [f64; 3])> = marks.iter().collect();
        ranked.sort_by(|a, b| b.1[kind].total_cmp(&a.1[kind]).then(a.0.cmp(&b.0)));
        ranked.truncate(MOST_SLICES * MOST_SLICES);
        ranked
    });
    for rank in 0..MOST_SLICES * MOST_SLICES {
        moments.extend(
            ranked
                .iter()
                .filter_map(|kind| kind.get(rank))
                .map(|mark| mark.0),
        );
    }
    moments
}
