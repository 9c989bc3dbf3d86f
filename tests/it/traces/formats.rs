//! One sample of each format, told by its content and read as a load and as series.

use std::fs;
use std::path::Path;

use scaleplan::trace::{
    BadCells, ReadOptions, Recording, SeriesKind, Trace, TraceFormat, TraceUnit, read,
    read_recording,
};

fn bytes(file: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read(root.join("tests/traces/formats").join(file)).expect("a sample")
}

fn load(file: &str, options: &ReadOptions) -> Trace {
    read(file, bytes(file).as_slice(), options).unwrap_or_else(|error| panic!("{error}"))
}

fn recording(file: &str) -> Recording {
    let options = ReadOptions::infer();
    read_recording(file, bytes(file).as_slice(), &options).unwrap_or_else(|error| panic!("{error}"))
}

fn series(name: &str) -> ReadOptions {
    ReadOptions {
        series: Some(name.to_owned()),
        ..ReadOptions::infer()
    }
}

/// The unit of the load, its steps and its mean; then the format, its series and all of their samples.
#[track_caller]
fn check(
    file: &str,
    options: &ReadOptions,
    load_is: (TraceUnit, usize, f64),
    recorded: (TraceFormat, usize, usize),
) {
    let trace = load(file, options);
    let mean = (trace.series.mean_weighted() * 1000.0).round() / 1000.0;
    assert_eq!(
        (trace.unit.unit, trace.series.len(), mean),
        load_is,
        "{:?}",
        trace.notes
    );
    let recording = recording(file);
    let samples = recording
        .series
        .iter()
        .map(|series| series.times.len())
        .sum();
    assert_eq!(
        (recording.format, recording.series.len(), samples),
        recorded
    );
}

#[track_caller]
fn check_refusal(file: &str, expected: &str) {
    let error = read(file, bytes(file).as_slice(), &ReadOptions::infer()).expect_err("refused");
    assert_eq!(error.to_string(), format!("{file}{expected}"));
}

const RPS: TraceUnit = TraceUnit::RequestsPerSecond;
const CORES: TraceUnit = TraceUnit::Cores;
const COUNT: TraceUnit = TraceUnit::CountPerStep;
const EVENTS: TraceUnit = TraceUnit::Events;

#[test]
fn prometheus_answers_dumps_and_expositions_of_one_recording_agree() {
    let options = series("http_requests_total");
    // The dump has a hole of four samples, over which the server looks back.
    let dumped = (RPS, 59, 30.882);
    check(
        "openmetrics.txt",
        &options,
        dumped,
        (TraceFormat::OpenMetrics, 4, 236),
    );
    check(
        "promtool_tsdb_dump.txt",
        &options,
        dumped,
        (TraceFormat::TsdbDump, 4, 236),
    );
    check(
        "prometheus_query_range.json",
        &options,
        (RPS, 60, 31.488),
        (TraceFormat::PrometheusJson, 2, 122),
    );
    let cores = (CORES, 61, 0.601);
    let any = ReadOptions::infer();
    check(
        "promtool_query_range.txt",
        &any,
        cores,
        (TraceFormat::Promtool, 2, 122),
    );
    check(
        "promtool_query_range.json",
        &any,
        cores,
        (TraceFormat::PrometheusJson, 2, 122),
    );
}

#[test]
fn samples_that_are_not_there_leave_a_gap() {
    let options = series("http_requests_total{pod=\"web-1\"}");
    let trace = load("promtool_tsdb_dump.txt", &options);
    assert_eq!(trace.series.gaps(), [20], "{trace:?}");
    assert_eq!(recording("promtool_tsdb_dump.txt").series.len(), 4);
}

#[test]
fn grafana_exports_with_and_without_formatted_data() {
    check(
        "grafana_formatted.csv",
        &ReadOptions::infer(),
        (RPS, 20, 2351.96),
        (TraceFormat::Grafana, 2, 40),
    );
    let web = series("web requests");
    assert!(
        read("x", bytes("grafana_raw.csv").as_slice(), &web).is_err(),
        "a name with a blank"
    );
    let column = ReadOptions {
        value_column: Some("web requests".to_owned()),
        ..ReadOptions::infer()
    };
    check(
        "grafana_raw.csv",
        &column,
        (COUNT, 20, 51.958),
        (TraceFormat::Grafana, 2, 40),
    );
}

#[test]
fn a_long_table_is_added_up_over_its_series() {
    check(
        "long.csv",
        &ReadOptions::infer(),
        (RPS, 20, 103.916),
        (TraceFormat::Csv, 2, 40),
    );
}

#[test]
fn cloudwatch_counts_belong_to_their_periods() {
    check(
        "cloudwatch_get_metric_data.json",
        &series("RequestCount"),
        (COUNT, 12, 16011.25),
        (TraceFormat::CloudWatch, 2, 21),
    );
    check(
        "cloudwatch_get_metric_statistics.json",
        &ReadOptions::infer(),
        (COUNT, 11, 13220.417),
        (TraceFormat::CloudWatch, 1, 10),
    );
    let notes: Vec<_> = load("cloudwatch_get_metric_data.json", &series("RequestCount"))
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        notes.contains(
            &"`RequestCount{id=\"m1\"}` is partial data, as the service says itself".to_owned()
        ),
        "{notes:?}"
    );
}

#[test]
fn datadog_states_its_unit_and_its_gaps() {
    let any = ReadOptions::infer();
    check(
        "datadog_v1.json",
        &any,
        (RPS, 15, 161.375),
        (TraceFormat::Datadog, 2, 30),
    );
    check(
        "datadog_v2.json",
        &any,
        (RPS, 15, 154.948),
        (TraceFormat::Datadog, 2, 30),
    );
    let recording = recording("datadog_v1.json");
    assert_eq!(recording.series[0].label("host"), Some("web-0"));
    assert!(recording.series[0].values[4].is_nan());
    assert_eq!(recording.series[0].unit.as_deref(), Some("request/second"));
}

#[test]
fn opentelemetry_counters_become_rates_and_histograms_keep_their_buckets() {
    check(
        "otlp.json",
        &series("http.server.requests"),
        (RPS, 7, 20.553),
        (TraceFormat::Otlp, 8, 64),
    );
    let recording = recording("otlp.json");
    let bucket = recording
        .series
        .iter()
        .find(|series| series.label("le") == Some("0.1"))
        .expect("a bucket");
    assert!(bucket.is_counter());
    assert_eq!(bucket.name, "http.server.duration_bucket");
    assert_eq!(bucket.label("service.name"), Some("web"));
}

#[test]
fn access_logs_are_counted_and_keep_how_long_requests_took() {
    let mut options = ReadOptions::infer();
    check(
        "apache_combined.log",
        &options,
        (EVENTS, 484, 0.62),
        (TraceFormat::AccessLog, 1, 300),
    );
    check(
        "nginx_timed.log",
        &options,
        (EVENTS, 2, 89.0),
        (TraceFormat::AccessLog, 2, 356),
    );
    check(
        "nginx_json.log",
        &options,
        (EVENTS, 2, 64.0),
        (TraceFormat::JsonLog, 2, 256),
    );
    options.columns = vec!["latency".to_owned()];
    let trace = load("nginx_timed.log", &options);
    assert_eq!(trace.columns[0].0, "latency");
    assert!(trace.columns[0].1.peak() < 0.01);
    let recording = recording("nginx_timed.log");
    let latency = &recording.series[1];
    assert_eq!(
        (latency.name.as_str(), latency.kind),
        ("latency", SeriesKind::Events)
    );
    assert!(
        latency
            .values
            .iter()
            .all(|value| (0.0..1.0).contains(value))
    );
}

#[test]
fn runs_of_load_generators_are_event_logs_with_latencies() {
    let any = ReadOptions::infer();
    check(
        "hey.csv",
        &any,
        (EVENTS, 1, 120.0),
        (TraceFormat::Hey, 2, 240),
    );
    check(
        "vegeta.json",
        &any,
        (EVENTS, 1, 60.0),
        (TraceFormat::Vegeta, 2, 120),
    );
    check(
        "vegeta.csv",
        &any,
        (EVENTS, 1, 60.0),
        (TraceFormat::Vegeta, 2, 120),
    );
    check("k6.csv", &any, (EVENTS, 2, 30.0), (TraceFormat::K6, 5, 246));
    check(
        "k6.json",
        &any,
        (EVENTS, 2, 30.0),
        (TraceFormat::K6, 5, 246),
    );
    for file in ["hey.csv", "vegeta.json", "vegeta.csv", "k6.csv", "k6.json"] {
        let options = ReadOptions {
            columns: vec!["latency".to_owned()],
            ..ReadOptions::infer()
        };
        let mean = load(file, &options).columns[0].1.peak();
        assert!((1e-4..0.1).contains(&mean), "{file}: {mean}");
    }
    let both = ["vegeta.json", "vegeta.csv"].map(|file| recording(file).series[0].times.clone());
    assert_eq!(both[0], both[1]);
}

#[test]
fn locust_s_history_is_read_in_requests_per_second() {
    check(
        "locust_stats_history.csv",
        &ReadOptions::infer(),
        (RPS, 25, 6.411),
        (TraceFormat::Locust, 21, 525),
    );
    let users = ReadOptions {
        value_column: Some("User Count".to_owned()),
        ..ReadOptions::infer()
    };
    assert!(load("locust_stats_history.csv", &users).series.peak() <= 4.0);
}

#[test]
fn the_caller_may_name_the_key_of_the_time_in_log_lines() {
    let text = "{\"when\":\"2026-01-01T00:00:00Z\",\"took_ms\":3}\nnot json\n{\"when\":1767225601,\"status\":200}\n";
    let mut options = ReadOptions {
        format: Some(TraceFormat::JsonLog),
        time_column: Some("when".to_owned()),
        ..ReadOptions::infer()
    };
    let refused = read("app.log", text.as_bytes(), &options).expect_err("a line is no object");
    assert_eq!(
        refused.to_string(),
        "app.log, line 2: `not json` is no JSON object, expected one per line"
    );
    options.bad_cells = BadCells::Skip;
    let trace = read("app.log", text.as_bytes(), &options).expect("two requests");
    assert_eq!(trace.series.values(), [2.0]);
}

#[test]
fn what_holds_no_trace_says_what_it_is() {
    check_refusal(
        "prometheus_error.json",
        ", line 1: holds a Prometheus error instead of a result: bad_data: 1:5: parse error: unclosed left parenthesis",
    );
    let instant = ", line 1: holds a `vector`, expected a `matrix`: ask `query_range`, not `query`";
    check_refusal("prometheus_vector.json", instant);
    check_refusal("promtool_instant.txt", instant);
    check_refusal(
        "prometheus_scalar.json",
        &instant.replace("vector", "scalar"),
    );
    check_refusal(
        "prometheus_nan.json",
        ": no row has both a time and a load, expected at least two",
    );
    let summary = "which says how fast a whole run went and not when its requests came: no trace";
    check_refusal(
        "wrk_summary.txt",
        &format!(": is a summary by wrk, {summary}"),
    );
    check_refusal(
        "hey_summary.txt",
        &format!(": is a summary by hey, {summary}"),
    );
}
