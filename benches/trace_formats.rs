//! Reads an access log of a million lines against a loop with the regex crate, and a Prometheus answer of 100 MB against
//! serde_json into typed borrowed structs.
//!
//! Run with `cargo bench --bench trace_formats`. Both of a pair read the same bytes from memory and leave the same
//! columns. The figures to hold: the log at least 3 times as fast as the regex loop, the answer at least as fast as
//! serde_json.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use regex::bytes::Regex;
use scaleplan::trace::{ReadOptions, read, read_recording};
use serde::Deserialize;

const ROUNDS: usize = 5;

fn main() {
    access_log(1_000_000);
    prometheus_answer(100_000_000);
}

fn access_log(lines: usize) {
    let mut log = String::new();
    let mut state = 1_u64;
    for index in 0..lines {
        state = next(state);
        let (minute, second) = (index / 6_000, index / 100 % 60);
        let _ = writeln!(
            log,
            "10.{}.{}.{} - - [23/Nov/2026:{:02}:{:02}:{second:02} +0000] \"GET /api/items/{}?page={} HTTP/1.1\" 200 {} \"https://shop.test/list\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36\" 0.{:03}",
            state >> 56,
            state >> 48 & 0xff,
            state >> 40 & 0xff,
            minute / 60,
            minute % 60,
            state >> 44 & 0xffff,
            state >> 32 & 0xf,
            state >> 30 & 0xffff,
            (state >> 33) % 1000,
        );
    }
    let options = ReadOptions {
        columns: vec!["latency".to_owned()],
        ..ReadOptions::infer()
    };
    compare(
        "access log",
        log.len(),
        || {
            let trace = read("access.log", log.as_bytes(), &options).expect("a log");
            let events = trace.events.expect("events");
            assert_eq!(events.times().len(), lines);
        },
        "regex loop",
        || assert_eq!(regex_loop(log.as_bytes()), lines),
    );
}

/// The plain use of the regex crate: captures per line, the date by a calendar crate.
fn regex_loop(log: &[u8]) -> usize {
    let pattern = Regex::new(
        r#"^(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\d{3}) (\S+)(?: "([^"]*)" "([^"]*)")?(?: ([\d.]+))?$"#,
    )
    .expect("a valid pattern");
    let mut times: Vec<i64> = Vec::new();
    let mut latencies: Vec<f64> = Vec::new();
    for line in log.split(|byte| *byte == b'\n') {
        let Some(parts) = pattern.captures(line) else {
            continue;
        };
        let text = |group: usize| {
            let part = parts.get(group).map_or(&b""[..], |part| part.as_bytes());
            std::str::from_utf8(part).expect("UTF-8")
        };
        let time = jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", text(4)).expect("a time");
        times.push(time.to_timestamp().expect("an instant").as_second());
        latencies.push(text(10).parse().unwrap_or(f64::NAN));
    }
    assert_eq!(times.len(), latencies.len());
    times.len()
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Vec<Series<'a>>,
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(borrow)]
    metric: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(borrow)]
    values: Vec<(f64, &'a str)>,
}

fn prometheus_answer(bytes: usize) {
    let mut answer =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[".to_owned();
    let mut samples = 0_usize;
    let mut state = 1_u64;
    for pod in 0.. {
        let comma = if pod == 0 { "" } else { "," };
        let _ = write!(
            answer,
            "{comma}{{\"metric\":{{\"__name__\":\"http_requests\",\"namespace\":\"shop\",\"pod\":\"web-{pod}\"}},\"values\":["
        );
        for step in 0..10_000 {
            state = next(state);
            let comma = if step == 0 { "" } else { "," };
            let value = (state >> 40) as f64 / 16_384.0;
            let _ = write!(answer, "{comma}[{},\"{value}\"]", 1_767_225_600 + step * 15);
            samples += 1;
        }
        answer.push_str("]}");
        if answer.len() >= bytes {
            break;
        }
    }
    answer.push_str("]}}");
    compare(
        "Prometheus answer",
        answer.len(),
        || {
            let options = ReadOptions::infer();
            let recording = read_recording("x", answer.as_bytes(), &options).expect("an answer");
            let found: usize = recording
                .series
                .iter()
                .map(|series| series.times.len())
                .sum();
            assert_eq!(found, samples);
        },
        "serde_json into borrowed structs",
        || {
            let parsed: Answer = serde_json::from_str(&answer).expect("an answer");
            let mut found = 0;
            for series in &parsed.data.result {
                assert!(!series.metric.is_empty());
                let times: Vec<f64> = series.values.iter().map(|(time, _)| *time).collect();
                let values = series.values.iter().map(|(_, value)| value.parse());
                let values: Vec<f64> = values.collect::<Result<_, _>>().expect("numbers");
                assert_eq!(times.len(), values.len());
                found += values.len();
            }
            assert_eq!(found, samples);
        },
    );
}

/// Knuth's linear congruential generator: cheap, and the same text in each run.
fn next(state: u64) -> u64 {
    state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
}

fn compare(what: &str, bytes: usize, ours: impl Fn(), other: &str, theirs: impl Fn()) {
    let (mut fastest, mut other_fastest) = (Duration::MAX, Duration::MAX);
    // In turns, so that whatever else the machine does meets both.
    for _ in 0..ROUNDS {
        fastest = fastest.min(timed(&ours));
        other_fastest = other_fastest.min(timed(&theirs));
    }
    println!(
        "{what}, {:.0} MB: {:.0} ms; {other} {:.0} ms; {:.2} times as fast",
        bytes as f64 / 1e6,
        fastest.as_secs_f64() * 1e3,
        other_fastest.as_secs_f64() * 1e3,
        other_fastest.as_secs_f64() / fastest.as_secs_f64(),
    );
}

fn timed(work: &impl Fn()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}
