//! What is written reads back as what it was.

use std::fmt::Write as _;

use proptest::prelude::*;
use scaleplan::trace::{ReadOptions, Trace, TraceForm, TraceUnit, WriteNote, WrittenTrace, read};
use scaleplan::units::{SimDuration, SimTime};

use super::read_text;

/// The trace as text.
pub(super) fn written(trace: &Trace, form: TraceForm) -> String {
    let written = WrittenTrace::new(trace, form).unwrap_or_else(|error| panic!("{error}"));
    let mut bytes = Vec::new();
    written.write_to(&mut bytes).expect("memory can be written");
    String::from_utf8(bytes).expect("text")
}

/// The trace that a text holds.
#[track_caller]
pub(super) fn read_back(text: &str) -> Trace {
    read_text(text, &ReadOptions::infer()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[track_caller]
fn check(text: &str, form: TraceForm, expected: &str) {
    assert_eq!(written(&read_back(text), form), expected);
}

#[test]
fn a_table_is_a_time_and_a_load_and_a_gap_is_an_empty_cell() {
    let text = "time;load [req/s]\n0;1\n15;2,5\n30;\n45;4\n60;5\n75;6\n";
    let expected = "timestamp,rps\n0,1\n15,2.5\n30,\n45,4\n60,5\n75,6\n";
    check(text, TraceForm::Csv, expected);
}

#[test]
fn uneven_steps_say_how_long_they_hold() {
    let text = "timestamp,rps,duration_ms\n0,1,10000\n10,2,10000\n20,3,2500\n";
    let expected = "timestamp,rps,holds_ms\n0,1,10000\n10,2,10000\n20,3,2500\n";
    check(text, TraceForm::Csv, expected);
    check(expected, TraceForm::Csv, expected);
}

#[test]
fn dates_are_written_with_as_many_digits_as_they_have() {
    let text = "timestamp,requests\n1767225600.5,1\n1767225615.5,2\n1767225630.5,3\n";
    let expected = "timestamp,requests\n2026-01-01T00:00:00.5Z,1\n2026-01-01T00:00:15.5Z,2\n2026-01-01T00:00:30.5Z,3\n";
    check(text, TraceForm::Csv, expected);
}

#[test]
fn an_event_log_keeps_its_times() {
    let text =
        "timestamp\n2026-01-01T00:00:00.25Z\n2026-01-01T00:00:00.25Z\n2026-01-01T00:00:07Z\n";
    check(text, TraceForm::Csv, text);
    let counted = written(&read_back(text), TraceForm::OpenMetrics);
    assert!(
        counted.contains("\nrequests 3 1767225600.25\n"),
        "{counted}"
    );
}

#[test]
fn a_prometheus_answer_has_no_sample_in_a_gap() {
    let text =
        "timestamp,rps\n1767225600,1\n1767225615,2\n1767225630,\n1767225645,0.1\n1767225660,5\n";
    let expected = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\
        {\"metric\":{\"__name__\":\"requests_per_second\"},\"values\":[\n[1767225600,\"1\"],\n[1767225615,\"2\"],\n\
        [1767225645,\"0.1\"],\n[1767225660,\"5\"]\n]}]}}\n";
    check(text, TraceForm::Prometheus, expected);
    assert_eq!(read_back(expected).series, read_back(text).series);
}

#[test]
fn openmetrics_end_with_eof() {
    let text = "timestamp,cpu_usage_cores\n1767225600,1\n1767225615,2.5\n1767225630,2\n";
    let expected = "# TYPE cpu_usage_cores gauge\n# HELP cpu_usage_cores cores of cpu.\n\
        cpu_usage_cores 1 1767225600\ncpu_usage_cores 2.5 1767225615\ncpu_usage_cores 2 1767225630\n# EOF\n";
    check(text, TraceForm::OpenMetrics, expected);
}

#[test]
fn what_a_form_cannot_say_is_told() {
    let notes = |text: &str, form| {
        let trace = read_back(text);
        WrittenTrace::new(&trace, form)
            .expect("it can be written")
            .notes()
            .to_vec()
    };
    let uneven = "timestamp,rps,holds_s\n0,1,10\n10,2,10\n20,3,2\n";
    assert_eq!(notes(uneven, TraceForm::Csv), []);
    let lost = [WriteNote::Since1970, WriteNote::LengthsLost];
    assert_eq!(notes(uneven, TraceForm::Prometheus), lost);
    let fine = "timestamp,rps\n1767225600.0005,1\n1767225601.0005,2\n1767225602.0005,3\n";
    assert_eq!(
        notes(fine, TraceForm::OpenMetrics),
        [WriteNote::TimesRounded]
    );
}

#[test]
fn what_would_not_read_back_is_refused() {
    let refused = |trace: &Trace, form| {
        let written = WrittenTrace::new(trace, form);
        written.err().expect("refused").to_string()
    };
    let whole = || read_back("timestamp,rps\n0,5\n10,0\n20,0\n30,5\n");
    let at = SimTime::from_seconds;
    let nothing = whole().between(at(10), at(30)).expect("a part");
    let expected = "zero requests: every value that is left is zero, expected some load";
    assert_eq!(refused(&nothing, TraceForm::Csv), expected);
    let huge = whole().scaled(1e15).expect("a factor");
    assert!(refused(&huge, TraceForm::Csv).starts_with("the peak comes to 5e15, expected"));
    let fast = whole().stretched(1e-6).expect("a factor");
    assert!(
        refused(&fast, TraceForm::Prometheus).starts_with("steps are shorter than a millisecond")
    );
}

/// A step: how long it holds, what, and how long nothing is recorded after it, all in units of time.
type Held = (u32, f64, Option<u32>);

fn even() -> impl Strategy<Value = Held> {
    let gap = prop_oneof![4 => Just(None), 1 => (1_u32..4).prop_map(|steps| Some(steps * 15))];
    (Just(15_u32), value(), gap)
}

fn uneven() -> impl Strategy<Value = Held> {
    (1_u32..2_000_000_000).prop_flat_map(|length| {
        let gap = length / 2 + 1..=3_000_000_000;
        let gap = prop_oneof![4 => Just(None), 1 => gap.prop_map(Some)];
        (Just(length), value(), gap)
    })
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        (0_u32..5_000).prop_map(f64::from),
        0.0..1e6_f64,
        1e-12..1e-3_f64,
        1e9..1e15_f64,
    ]
}

/// A table of steps whose times are so many nanoseconds each, from a date or from zero.
fn table(steps: &[Held], unit: i64, start: Option<i64>, load: &str) -> String {
    let mut text = format!("timestamp,{load},holds_ns");
    let mut at = 0_i64;
    for (length, value, gap) in steps {
        let nanos = i64::from(*length) * unit;
        let (whole, rest) = (at / 1_000_000_000, at % 1_000_000_000);
        let seconds = start.unwrap_or(0) + whole;
        write!(text, "\n{seconds}.{rest:09},{value:e},{nanos}").expect("memory");
        at += nanos + i64::from(gap.unwrap_or(0)) * unit;
    }
    text
}

const LOADS: [(&str, TraceUnit); 7] = [
    ("rps", TraceUnit::RequestsPerSecond),
    ("rpm", TraceUnit::RequestsPerMinute),
    ("requests", TraceUnit::CountPerStep),
    ("cpu_usage_cores", TraceUnit::Cores),
    ("cpu_usage_millicores", TraceUnit::MilliCores),
    ("cpu_percent", TraceUnit::Percent),
    ("cpu_fraction", TraceUnit::Fraction),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_trace_reads_back_from_csv_exactly(
        steps in prop_oneof![
            proptest::collection::vec(even(), 1..40),
            proptest::collection::vec(uneven(), 1..40),
        ],
        start in proptest::option::of(1_000_000_000_i64..4_000_000_000),
        load in 0_usize..LOADS.len(),
    ) {
        let unit = if steps.iter().all(|(length, ..)| *length == 15) { 1_000_000_000 } else { 1 };
        let mut steps = steps;
        steps[0].1 += 1.0;
        let (name, meaning) = LOADS[load];
        let trace = read_back(&table(&steps, unit, start, name));
        prop_assert_eq!(trace.series.len() - trace.series.gaps().len(), steps.len());
        prop_assert_eq!(trace.unit.unit, meaning);
        let text = written(&trace, TraceForm::Csv);
        let again = read_back(&text);
        prop_assert_eq!(&again.series, &trace.series, "{}", text);
        prop_assert_eq!((again.start, again.unit.unit), (trace.start, meaning));
    }

    #[test]
    fn even_steps_read_back_from_prometheus_and_openmetrics_exactly(
        steps in proptest::collection::vec(even(), 3..40),
        start in 1_000_000_000_i64..4_000_000_000,
        load in 0_usize..LOADS.len(),
    ) {
        let mut steps = steps;
        steps[0].1 += 1.0;
        let (name, meaning) = LOADS[load];
        let trace = read_back(&table(&steps, 1_000_000_000, Some(start), name));
        for form in [TraceForm::Prometheus, TraceForm::OpenMetrics] {
            let ready = WrittenTrace::new(&trace, form).expect("it can be written");
            // So many gaps that times alone no longer tell the step are told of.
            prop_assume!(ready.notes().is_empty());
            let again = read_back(&written(&trace, form));
            prop_assert_eq!((again.start, again.unit.unit), (trace.start, meaning));
            prop_assert_eq!(&again.series, &trace.series);
        }
    }

    #[test]
    fn an_event_log_reads_back_exactly(times in proptest::collection::vec(0_i64..3_600_000_000_000, 2..200), dated in any::<bool>()) {
        let start = if dated { 1_767_225_600 } else { 0 };
        let rows = times.iter().map(|at| format!("\n{}.{:09}", start + at / 1_000_000_000, at % 1_000_000_000));
        let text: String = std::iter::once("timestamp".to_owned()).chain(rows).collect();
        let trace = read("x", text.as_bytes(), &ReadOptions::infer()).expect("an event log");
        let again = read_back(&written(&trace, TraceForm::Csv));
        prop_assert_eq!(again.events, trace.events);
        prop_assert_eq!((again.series, again.start), (trace.series, trace.start));
    }

    #[test]
    fn what_was_made_of_a_trace_reads_back_too(
        steps in proptest::collection::vec(uneven(), 2..30),
        step in 200_000_000_i64..4_000_000_000,
        cut in 1_u32..1_000,
        load in 0_usize..LOADS.len(),
    ) {
        let mut steps = steps;
        steps[0].1 = 1.0;
        let trace = || read_back(&table(&steps, 1, Some(1_767_225_600), LOADS[load].0));
        let end = trace().series.end();
        let middle = SimTime::ZERO + end.since_start() * i64::from(cut) / 1_001;
        let step = SimDuration::from_nanos(step);
        let gap = SimDuration::from_seconds(i64::from(cut));
        let made = [
            trace().resampled(step),
            trace().between(SimTime::ZERO, middle),
            trace().between(middle, end),
            trace().stretched(0.37),
            trace().followed_by(trace(), gap),
        ];
        for made in made.into_iter().flatten() {
            if WrittenTrace::new(&made, TraceForm::Csv).is_ok() {
                let text = written(&made, TraceForm::Csv);
                prop_assert_eq!(written(&read_back(&text), TraceForm::Csv), text);
            }
        }
    }
}
