//! Every sample of every format goes through `trace convert` and back, in each form that it writes.

use std::fs;
use std::path::Path;

use scaleplan::trace::{
    ReadOptions, Recording, Trace, TraceForm, TraceUnit, WriteNote, WrittenSeries, WrittenTrace,
    read, read_recording,
};

use super::seconds;
use super::written::{read_back, written};

/// The samples that hold a trace, with the series or the column that is read of them.
const SAMPLES: [(&str, Option<&str>, Option<&str>); 22] = [
    ("apache_combined.log", None, None),
    (
        "cloudwatch_get_metric_data.json",
        Some("RequestCount"),
        None,
    ),
    ("cloudwatch_get_metric_statistics.json", None, None),
    ("datadog_v1.json", None, None),
    ("datadog_v2.json", None, None),
    ("grafana_formatted.csv", None, None),
    ("grafana_raw.csv", None, Some("web requests")),
    ("hey.csv", None, None),
    ("k6.csv", None, None),
    ("k6.json", None, None),
    ("locust_stats_history.csv", None, None),
    ("long.csv", None, None),
    ("nginx_json.log", None, None),
    ("nginx_timed.log", None, None),
    ("openmetrics.txt", Some("http_requests_total"), None),
    ("otlp.json", Some("http.server.requests"), None),
    (
        "prometheus_query_range.json",
        Some("http_requests_total"),
        None,
    ),
    ("promtool_query_range.json", None, None),
    ("promtool_query_range.txt", None, None),
    ("promtool_tsdb_dump.txt", Some("http_requests_total"), None),
    ("vegeta.csv", None, None),
    ("vegeta.json", None, None),
];

/// The samples that hold none, which [`super::formats`] holds to their refusals.
const NO_TRACES: [&str; 7] = [
    "hey_summary.txt",
    "prometheus_error.json",
    "prometheus_nan.json",
    "prometheus_scalar.json",
    "prometheus_vector.json",
    "promtool_instant.txt",
    "wrk_summary.txt",
];

const FORMS: [TraceForm; 3] = [
    TraceForm::Csv,
    TraceForm::Prometheus,
    TraceForm::OpenMetrics,
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces/formats")
}

fn sample(file: &str, series: Option<&str>, column: Option<&str>) -> Trace {
    let bytes = fs::read(folder().join(file)).expect("a sample");
    let options = ReadOptions {
        series: series.map(str::to_owned),
        value_column: column.map(str::to_owned),
        ..ReadOptions::infer()
    };
    read(file, bytes.as_slice(), &options).unwrap_or_else(|error| panic!("{error}"))
}

/// Start and value of each step that was recorded.
fn recorded(trace: &Trace) -> Vec<(f64, f64)> {
    let gaps = trace.series.gaps();
    let steps = seconds(&trace.series).into_iter().enumerate();
    steps
        .filter(|(index, _)| !gaps.contains(index))
        .map(|(_, step)| step)
        .collect()
}

/// What one number means, once events are counted.
fn counted(unit: TraceUnit) -> TraceUnit {
    match unit {
        TraceUnit::Events => TraceUnit::CountPerStep,
        TraceUnit::Counter => TraceUnit::RequestsPerSecond,
        other => other,
    }
}

#[test]
fn every_sample_is_known_to_hold_a_trace_or_none() {
    let mut there: Vec<String> = fs::read_dir(folder())
        .expect("samples")
        .map(|entry| entry.expect("a sample").file_name())
        .map(|name| name.into_string().expect("a plain name"))
        .filter(|name| name != "README.md")
        .collect();
    there.sort();
    let mut named: Vec<&str> = SAMPLES.iter().map(|(file, ..)| *file).collect();
    named.extend(NO_TRACES);
    named.sort_unstable();
    assert_eq!(there, named);
}

#[test]
fn every_sample_reads_back_from_every_form() {
    for (file, series, column) in SAMPLES {
        let trace = sample(file, series, column);
        for form in FORMS {
            let notes = WrittenTrace::new(&trace, form)
                .unwrap_or_else(|error| panic!("{file}: {error}"))
                .notes()
                .to_vec();
            let at = format!("{file} by way of {form:?} ({notes:?})");
            if form != TraceForm::Csv && recorded(&trace).len() == 1 {
                assert!(notes.contains(&WriteNote::LengthsLost), "{at}");
                continue;
            }
            let text = written(&trace, form);
            let again = read_back(&text);
            // Whatever a form cannot say is lost the first time.
            assert!(written(&again, form) == text, "{at}");
            if notes.contains(&WriteNote::LengthsLost) {
                continue;
            }
            if form == TraceForm::Csv {
                assert_eq!(
                    (again.start, again.unit.unit),
                    (trace.start, counted_in(&trace)),
                    "{at}"
                );
                assert_eq!(again.events, trace.events, "{at}");
            } else {
                assert_eq!(again.unit.unit, counted(trace.unit.unit), "{at}");
            }
            if notes.contains(&WriteNote::TimesRounded) {
                continue;
            }
            assert_eq!(recorded(&again), recorded(&trace), "{at}");
            assert_eq!(again.series.end(), trace.series.end(), "{at}");
        }
    }
}

/// What CSV keeps of the unit: events stay events.
fn counted_in(trace: &Trace) -> TraceUnit {
    match trace.unit.unit {
        TraceUnit::Counter => TraceUnit::RequestsPerSecond,
        other => other,
    }
}

#[test]
fn every_form_tells_the_same_as_every_other() {
    for (file, series, column) in SAMPLES {
        let trace = sample(file, series, column);
        if recorded(&trace).len() == 1 {
            // Only CSV tells how long one step lasts.
            continue;
        }
        let answer = written(&trace, TraceForm::Prometheus);
        let exposition = written(&trace, TraceForm::OpenMetrics);
        let of_answer = written(&read_back(&answer), TraceForm::OpenMetrics);
        assert!(of_answer == exposition, "{file}");
        let of_exposition = written(&read_back(&exposition), TraceForm::Prometheus);
        assert!(of_exposition == answer, "{file}");
    }
}

/// Samples whose rows are requests: no series of samples.
const LOGS: [&str; 8] = [
    "apache_combined.log",
    "hey.csv",
    "k6.csv",
    "k6.json",
    "nginx_json.log",
    "nginx_timed.log",
    "vegeta.csv",
    "vegeta.json",
];

/// Name and labels of each series, and its samples that have a number; times to the nearest multiple of `grain`.
fn series_of(recording: &Recording, grain: i64) -> Vec<(String, Vec<(i64, f64)>)> {
    let mut all: Vec<(String, Vec<(i64, f64)>)> = recording
        .series
        .iter()
        .map(|series| {
            let nearest = |time: &i64| (time + grain / 2).div_euclid(grain) * grain;
            let times = series.times.iter().map(nearest);
            let samples = times.zip(series.values.iter().copied());
            let numbers = samples.filter(|(_, value)| value.is_finite());
            (series.to_string(), numbers.collect())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn every_series_of_every_sample_reads_back_from_every_form() {
    for (file, ..) in SAMPLES {
        let bytes = fs::read(folder().join(file)).expect("a sample");
        let record = |bytes: &[u8]| {
            read_recording(file, bytes, &ReadOptions::infer())
                .unwrap_or_else(|error| panic!("{error}\n{:.2000}", String::from_utf8_lossy(bytes)))
        };
        let recording = record(&bytes);
        for form in FORMS {
            let written = WrittenSeries::new(&recording, form);
            if LOGS.contains(&file) {
                let refused = written.err().expect("no series of samples").to_string();
                assert!(refused.contains("has a row for each request"), "{refused}");
                continue;
            }
            if recording.series.iter().any(|series| series.name.is_empty())
                && form == TraceForm::OpenMetrics
            {
                let refused = written.err().expect("a series without a name").to_string();
                assert!(refused.contains("has no name"), "{refused}");
                continue;
            }
            let written = written.unwrap_or_else(|error| panic!("{file}: {error}"));
            let mut text = Vec::new();
            written.write_to(&mut text).expect("memory");
            let again = record(&text);
            let grain = match form {
                TraceForm::Csv => 1,
                TraceForm::Prometheus | TraceForm::OpenMetrics => 1_000_000,
            };
            let (found, expected) = (series_of(&again, 1), series_of(&recording, grain));
            assert!(found == expected, "{file} by way of {form:?}");
            if written.notes().is_empty() {
                let counters = |recording: &Recording| -> Vec<(String, bool)> {
                    let all = recording.series.iter();
                    let mut all: Vec<(String, bool)> = all
                        .map(|series| (series.to_string(), series.is_counter()))
                        .collect();
                    all.sort();
                    all
                };
                assert_eq!(
                    counters(&again),
                    counters(&recording),
                    "{file} by way of {form:?}"
                );
            }
        }
    }
}
