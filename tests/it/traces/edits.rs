//! What stays as it was when a trace is resampled, cut, scaled, joined.

use proptest::prelude::*;
use scaleplan::trace::{CpuConversion, Series, Trace, TraceUnit, arrivals};
use scaleplan::units::{SimDuration, SimTime};

const NO_CPU: CpuConversion = super::NO_CPU;

fn requests(trace: &Trace) -> f64 {
    let played = arrivals(trace.clone(), &NO_CPU).expect("requests");
    played.total_requests()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

/// A trace whose values the notation holds: some of them gaps.
fn trace() -> impl Strategy<Value = Trace> {
    let word = prop_oneof![
        4 => (0_u32..1_000).prop_map(|value| value.to_string()),
        1 => (0_u32..1_000, 1_u32..5).prop_map(|(value, times)| format!("{value}.25x{times}")),
        1 => (1_u32..5).prop_map(|times| format!("_x{times}")),
    ];
    let words = proptest::collection::vec(word, 1..40);
    let unit = prop_oneof![
        Just(TraceUnit::RequestsPerSecond),
        Just(TraceUnit::RequestsPerMinute),
        Just(TraceUnit::CountPerStep),
    ];
    (words, unit, 1_i64..100_000).prop_map(|(words, unit, millis)| {
        let text = format!("7 {}", words.join(" "));
        let series = Series::from_notation(SimDuration::from_millis(millis), &text);
        Trace::from_series("t", series.expect("valid notation"), unit)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn resampling_keeps_the_requests(trace in trace(), millis in 1_i64..1_000_000) {
        let step = SimDuration::from_millis(millis);
        let before = requests(&trace);
        let end = trace.series.end();
        if let Ok(made) = trace.resampled(step) {
            prop_assert!(near(requests(&made), before), "{} {}", requests(&made), before);
            prop_assert_eq!(made.series.end(), end);
            prop_assert!(made.series.values().iter().all(|value| value.is_finite() && *value >= 0.0));
        }
    }

    #[test]
    fn resampling_to_the_own_step_changes_nothing(trace in trace()) {
        let step = trace.series.steps().next().expect("a step").length();
        prop_assert_eq!(trace.clone().resampled(step), Ok(trace));
    }

    #[test]
    fn slices_of_a_splice_are_its_parts(first in trace(), next in trace(), gap in 0_i64..1_000) {
        let next = Trace { unit: first.unit.clone(), ..next };
        let gap = SimDuration::from_seconds(gap);
        let whole = first.clone().followed_by(next.clone(), gap).expect("one unit");
        let (end, begin) = (first.series.end(), first.series.end() + gap);
        let front = whole.clone().between(SimTime::ZERO, end).expect("a part");
        prop_assert_eq!(front.series, first.series);
        let back = whole.clone().between(begin, whole.series.end()).expect("a part");
        prop_assert_eq!(back.series, next.series);
    }

    #[test]
    fn two_slices_have_all_requests(trace in trace(), cut in 1_i64..1_000) {
        let end = trace.series.end();
        let middle = SimTime::ZERO + end.since_start() * cut / 1_001;
        let part = |from, to| trace.clone().between(from, to).map_or(0.0, |part| requests(&part));
        let both = part(SimTime::ZERO, middle) + part(middle, end);
        prop_assert!(near(both, requests(&trace)), "{both}");
    }

    #[test]
    fn scaling_and_back_is_the_same_within_rounding(trace in trace(), factor in 1e-6..1e6_f64) {
        let made = trace.clone().scaled(factor).expect("positive").scaled(1.0 / factor).expect("positive");
        for (one, other) in made.series.values().iter().zip(trace.series.values()) {
            prop_assert!(near(*one, *other));
        }
        prop_assert_eq!(made.series.starts(), trace.series.starts());
    }

    #[test]
    fn a_stretched_trace_is_as_high_as_it_was(trace in trace(), factor in 0.01..100.0_f64) {
        let (high, long) = (trace.clone().in_rates().series.peak(), trace.series.end().as_seconds());
        let made = trace.stretched(factor).expect("positive");
        // A nanosecond more or less in a step of a hundred microseconds.
        prop_assert!((made.clone().in_rates().series.peak() / high - 1.0).abs() < 1e-4);
        prop_assert!((made.series.end().as_seconds() / (long * factor) - 1.0).abs() < 1e-6);
    }
}
