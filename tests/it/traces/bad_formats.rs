//! Formats cut short, mixed up, contradicting themselves, or out of all proportion.

use std::io::Write as _;

use scaleplan::trace::{ReadOptions, TraceError, read, read_recording};

fn refused(text: impl AsRef<[u8]>) -> String {
    let options = ReadOptions::infer();
    let error = read("x", text.as_ref(), &options).expect_err("refused");
    let recorded: Result<_, TraceError> = read_recording("x", text.as_ref(), &options);
    assert!(recorded.is_err(), "{error}");
    error.to_string()
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(refused(text), format!("x{expected}"));
}

#[test]
fn downloads_that_stop_early_are_told() {
    let early = "is not valid JSON: it ends early, expected a complete document";
    check(
        "{\"MetricDataResults\":[{\"Id\":\"m1\",",
        &format!(", line 1: {early}"),
    );
    check(
        "{\"status\":\"ok\",\"series\":[{\"metric\":\"x\"",
        &format!(", line 1: {early}"),
    );
    check("{\"resourceMetrics\":[{", &format!(", line 1: {early}"));
    check(
        "{__name__=\"up\", pod=\"a\"} 1 1767225600000\n{__name__=\"up\", po",
        ", line 2: labels are not closed by `}` in `{__name__=\"up\", po`, expected `name{label=\"value\"} 0.25` and a time",
    );
    check(
        "up{pod=\"a\"} =>\n1 @[1767225600]\n1 @[17672",
        ", line 3: a series has no `=>` after it in `1 @[17672`, expected `name{label=\"value\"} 0.25` and a time",
    );
}

#[test]
fn packed_input_must_be_whole() {
    let text = "time,rps\n0,1\n15,2\n30,3\n".repeat(2000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("packs");
    let packed = gzip.finish().expect("packs");
    check(
        &packed[..packed.len() / 2],
        ": the gzip data ends early, expected a complete file",
    );
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0xff;
    assert!(
        refused(&damaged).starts_with("x: the gzip data"),
        "{}",
        refused(&damaged)
    );
    check(
        &ZSTD[..ZSTD.len() - 5],
        ": the zstd data ends early, expected a complete file",
    );
    let mut damaged = ZSTD.to_vec();
    *damaged.last_mut().expect("bytes") ^= 1;
    check(
        &damaged,
        ": the zstd data is damaged, expected a complete file",
    );
    let twice = [ZSTD, ZSTD].concat();
    let trace = read("x", twice.as_slice(), &ReadOptions::infer()).expect("two frames");
    assert_eq!(trace.series.values(), [1.0, 2.0]);
}

/// `time,rps\n0,1\n15,2\n` as `zstd` packs it, with its checksum.
const ZSTD: &[u8] = &[
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x91, 0x00, 0x00, 0x74, 0x69, 0x6d, 0x65, 0x2c, 0x72, 0x70,
    0x73, 0x0a, 0x30, 0x2c, 0x31, 0x0a, 0x31, 0x35, 0x2c, 0x32, 0x0a, 0x22, 0x5c, 0xdf, 0xd2,
];

#[test]
fn web_pages_in_place_of_data_are_named() {
    check(
        "<html>\n<head><title>404 Not Found</title></head>",
        ": is an HTML page titled `404 Not Found`, expected the data itself; is the address right, and did the server let you in?",
    );
    check(
        "\u{feff}<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
        ": is XML titled `Access Denied`, expected the data itself; is the address right, and did the server let you in?",
    );
}

#[test]
fn services_errors_are_passed_on() {
    check(
        "{\"MetricDataResults\":[{\"Id\":\"m1\",\"Label\":\"RequestCount\",\"Timestamps\":[],\"Values\":[],\"StatusCode\":\"Forbidden\",\"Messages\":[{\"Code\":\"Forbidden\",\"Value\":\"no access\"}]}]}",
        ": holds an error of CloudWatch instead of data: Forbidden for `RequestCount{id=\"m1\"}` (Forbidden: no access)",
    );
    check(
        "{\"errors\":[\"Forbidden\"]}",
        ": holds an error of Datadog instead of data: Forbidden",
    );
    check(
        "{\"status\":\"error\",\"error\":\"Rate limit\",\"series\":[]}",
        ": holds an error of Datadog instead of data: Rate limit",
    );
}

#[test]
fn lists_that_contradict_each_other_are_refused() {
    check(
        "{\"MetricDataResults\":[{\"Id\":\"m\",\"Label\":\"x\",\"Timestamps\":[\"2026-01-01T00:00:00Z\"],\"Values\":[]}]}",
        ": has 1 times and 0 values in `x{id=\"m\"}`, expected as many of each",
    );
    check(
        "{\"data\":{\"attributes\":{\"times\":[1767225600000],\"series\":[{}],\"values\":[[]]}}}",
        ": has 1 times and 0 values in `query0`, expected as many of each",
    );
}

#[test]
fn one_scrape_is_no_recording() {
    check(
        "# TYPE up gauge\nup 1\ndown 0\n",
        ": holds samples without times, as one scrape does, expected a time behind each value: record the scrapes with Prometheus and query it",
    );
}

#[test]
fn a_line_of_another_kind_is_refused_where_it_stands() {
    let line = "10.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612\n";
    check(
        format!("{line}{line}2026/11/23 10:00:01 [error] upstream timed out\n"),
        ", line 3: `2026/11/23 10:00:01 [error] upstream timed out` is no line of an access log, expected `host - user [23/Nov/2026:10:00:00 +0000] \"request\" status bytes`",
    );
}

#[test]
fn line_ends_and_marks_may_be_mixed() {
    let line = "10.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612";
    let text = format!("\u{feff}{line}\r\n{line}\n{line}\r{line}");
    let trace = read("x", text.as_bytes(), &ReadOptions::infer()).expect("four requests");
    assert_eq!(trace.series.values(), [4.0]);
    let table = read(
        "x",
        "time,rps\r0,1\r\n15,2\n30,3\r".as_bytes(),
        &ReadOptions::infer(),
    );
    assert_eq!(table.expect("a table").series.values(), [1.0, 2.0, 3.0]);
}

#[test]
fn a_clock_that_jumps_back_leaves_no_request_out() {
    let line = |second: u32| {
        format!("h - - [23/Nov/2026:10:00:{second:02} +0000] \"GET / HTTP/1.1\" 200 1\n")
    };
    let text = [0, 20, 40, 10, 30].map(line).concat();
    let trace = read("x", text.as_bytes(), &ReadOptions::infer()).expect("five requests");
    assert_eq!(trace.series.values(), [2.0, 1.0, 2.0]);
    let notes: Vec<_> = trace.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes[0],
        "2 rows out of order, the first in line 4; sorted by time"
    );
}

#[test]
fn the_hour_that_local_times_have_twice_is_two_hours() {
    let rows = [(1, 30), (2, 0), (2, 30), (2, 0), (2, 30), (3, 0)];
    let rows = rows.map(|(hour, minute)| format!("2026-10-25 {hour:02}:{minute:02}:00,1\n"));
    let text = format!("\"Time\",\"rps\"\n{}", rows.concat());
    let trace = read("x", text.as_bytes(), &ReadOptions::infer()).expect("a table");
    assert_eq!(trace.series.len(), 6);
    let notes: Vec<_> = trace.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes.contains(&"1 change of the clock by an hour (summer time) undone".to_owned()),
        "{notes:?}"
    );
    let recording = read_recording("x", text.as_bytes(), &ReadOptions::infer()).expect("a table");
    assert_eq!(recording.series[0].times.len(), 6);
}

#[test]
fn as_many_series_as_stars_are_refused_before_they_fill_memory() {
    let line = |pod| format!("{{__name__=\"up\", pod=\"{pod}\"}} 1 1767225600000");
    let text = (0..100_001).map(line).collect::<Vec<String>>().join("\n");
    check(
        &text,
        ", line 100001: holds more than 100000 series, expected fewer; let the query add them up, or name those to read",
    );
}

#[test]
fn a_million_series_of_one_answer_are_added_up_and_not_kept() {
    let one = |pod| {
        format!(r#"{{"metric":{{"pod":"{pod}"}},"values":[[1767225600,"1"],[1767225615,"2"]]}}"#)
    };
    let all = (0..1_000_000).map(one).collect::<Vec<String>>().join(",");
    let text =
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{all}]}}}}"#);
    let trace = read("x", text.as_bytes(), &ReadOptions::infer()).expect("a sum");
    assert_eq!(trace.series.values(), [1e6, 2e6]);
    let recorded = read_recording("x", text.as_bytes(), &ReadOptions::infer());
    let error = recorded.expect_err("too many to keep");
    assert!(
        error.to_string().contains("holds more than 100000 series"),
        "{error}"
    );
}

#[test]
fn no_bytes_behind_any_format_s_beginning_panic() {
    let samples = [
        "{\"MetricDataResults\":[{\"Id\":\"m\",\"Timestamps\":[1],\"Values\":[1e999]}]}",
        "{\"status\":\"ok\",\"series\":[{\"pointlist\":[[1e300,null]]}]}",
        "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"\",\"histogram\":{\"dataPoints\":[{\"timeUnixNano\":\"-9223372036854775808\",\"count\":1}]}}]}]}]}",
        "up{\\} 1 1\n",
        "up{a=\"\\\n",
        "{\"a\"} 1 1\n",
        "h - - [23/Nov/2026:10:00:00 +0000] \"\\\n",
        "h - - [99/Nov/2026:10:00:00 +9999] \"GET\" 200 1 1e999\n",
        "{\"time\":1e300,\"latency\":-1}\n",
        "{\"time\":true}\n",
        "metric_name,timestamp,metric_value\nhttp_reqs,x,1\n",
        "response-time,DNS+dialup,offset\n1,2,1e300\n",
        "\"Timestamp\",\"User Count\",\"Type\",\"Name\",\"Requests/s\"\nN/A,1,,Aggregated,1\n",
        "1767225600000000000,200,x,0,612,,,a,0,GET,u,\n",
        "up =>\n1 @[1e300]\n",
        "sep=",
        "=> @[]",
    ];
    for text in samples {
        let _ = read("x", text.as_bytes(), &ReadOptions::infer());
        let _ = read_recording("x", text.as_bytes(), &ReadOptions::infer());
        for cut in 0..text.len() {
            let _ = read_recording("x", &text.as_bytes()[..cut], &ReadOptions::infer());
        }
    }
}
