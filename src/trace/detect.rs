//! Tells a format by the first bytes of a text.

use super::error::{Fault, quoted};
use super::labels::{is_metric_name, label_block};
use super::logs::is_access_line;
use super::prometheus::is_exposition_sample;
use super::{ReadOptions, TraceFormat, TraceProblem};

/// The format that the caller names, or else the one that the first bytes show.
///
/// # Errors
/// When the bytes are certainly none of them, saying what they are.
pub(super) fn format_of(head: &[u8], options: &ReadOptions) -> Result<TraceFormat, Fault> {
    if head.starts_with(b"PAR1") {
        return Ok(TraceFormat::Parquet);
    }
    if let Some(kind) = foreign_kind(head) {
        return Err(TraceProblem::NotText(kind).into());
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    if let Some(problem) = other_text(text) {
        return Err(problem.into());
    }
    Ok(options.format.unwrap_or_else(|| of_text(text)))
}

/// What bytes are that are certainly no text in UTF-8.
fn foreign_kind(head: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"ARROW1", "an Arrow file"),
        (b"\x28\xb5\x2f\xfd", "zstd data within packed data"),
        (b"\xfd7zXZ\x00", "xz data"),
        (b"BZh9", "bzip2 data"),
        (b"\x1f\x8b", "gzip data within packed data"),
        (b"\xff\xfe", "UTF-16 text"),
        (b"\xfe\xff", "UTF-16 text"),
    ];
    SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature))
        .map(|(_, kind)| *kind)
        .or_else(|| head.contains(&0).then_some("binary data"))
}

/// What a text is that certainly holds no trace: a web page in place of a download, or the summary of a load test.
fn other_text(text: &str) -> Option<TraceProblem> {
    if text.starts_with('<') {
        let is_page = ["<!doctype html", "<html", "<head", "<body"]
            .iter()
            .any(|start| starts_with_ignoring_case(text, start));
        let kind = if is_page { "an HTML page" } else { "XML" };
        let title = between_ignoring_case(text, "<title>", "</title>")
            .or_else(|| between_ignoring_case(text, "<Message>", "</Message>"))
            .map(|title| format!(" titled {}", quoted(title.trim())));
        let title = title.unwrap_or_default();
        return Some(TraceProblem::WebPage(format!("{kind}{title}")));
    }
    let first = text.lines().next().unwrap_or_default();
    let tool = if first.starts_with("Running ") && first.contains(" test @ ") {
        "wrk"
    } else if first.starts_with("This is ApacheBench") {
        "ab"
    } else if first.starts_with("Summary:") && text.contains("Requests/sec:") {
        "hey"
    } else if first.starts_with("Requests ") && first.contains("[total, rate") {
        "vegeta"
    } else {
        return None;
    };
    Some(TraceProblem::Summary(tool))
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    let head = text.as_bytes().get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

fn between_ignoring_case<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    // Lower case in ASCII alone keeps every byte in its place.
    let lower = text.to_ascii_lowercase();
    let from = lower.find(&open.to_ascii_lowercase())? + open.len();
    let length = lower[from..].find(&close.to_ascii_lowercase())?;
    text.get(from..from + length)
}

fn of_text(text: &str) -> TraceFormat {
    match text.as_bytes().first() {
        Some(b'[') => return of_json(text),
        Some(b'{') if is_json_object(text) => return of_json(text),
        _ => {}
    }
    let mut lines = text.lines().map(str::trim_end);
    let Some(first) = lines.clone().find(|line| !line.is_empty()) else {
        return TraceFormat::Csv;
    };
    if let Some(format) = of_header(first) {
        return format;
    }
    if first.starts_with("# HELP ") || first.starts_with("# TYPE ") || first.starts_with("# UNIT ")
    {
        return TraceFormat::OpenMetrics;
    }
    let mut whole = lines
        .by_ref()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = whole.next() else {
        return TraceFormat::Csv;
    };
    if first.starts_with("sep=") {
        let header = whole.next().and_then(of_header);
        return header.unwrap_or(TraceFormat::Csv);
    }
    if is_promtool_head(first) {
        TraceFormat::Promtool
    } else if first.starts_with('{') && is_dump_line(first) {
        TraceFormat::TsdbDump
    } else if is_exposition_sample(first) {
        TraceFormat::OpenMetrics
    } else if std::iter::once(first)
        .chain(whole.take(4))
        .any(|line| is_access_line(line.as_bytes()))
    {
        TraceFormat::AccessLog
    } else if is_vegeta_row(first) {
        TraceFormat::Vegeta
    } else {
        TraceFormat::Csv
    }
}

/// The format whose table begins with this header.
fn of_header(line: &str) -> Option<TraceFormat> {
    let bare = line.replace('"', "");
    if bare.starts_with("metric_name,timestamp,metric_value") {
        Some(TraceFormat::K6)
    } else if bare.starts_with("Timestamp,User Count,Type,Name,") {
        Some(TraceFormat::Locust)
    } else if bare.starts_with("response-time,DNS+dialup,") {
        Some(TraceFormat::Hey)
    } else if line.starts_with("\"Time\"") {
        Some(TraceFormat::Grafana)
    } else {
        None
    }
}

/// Whether a text that begins with a brace is an object: labels have no colon after their first word.
fn is_json_object(text: &str) -> bool {
    let inner = text[1..].trim_start();
    if inner.is_empty() {
        return true;
    }
    if let Some(rest) = inner.strip_prefix('}') {
        // A series without labels may begin a line too; then something follows.
        return rest.lines().next().unwrap_or_default().trim().is_empty();
    }
    let Some(rest) = inner.strip_prefix('"') else {
        return false;
    };
    let mut is_escaped = false;
    let end = rest.find(|c: char| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let after = end.map_or("", |end| rest[end + 1..].trim_start());
    after.is_empty() || after.starts_with(':')
}

/// A series' head as promtool prints it: `name{label="value"} =>`.
fn is_promtool_head(line: &str) -> bool {
    let Some(at) = line.find(" =>") else {
        return false;
    };
    let series = line[..at].trim();
    match series.find('{') {
        Some(open) => label_block(&series[open..]).is_ok(),
        None => is_metric_name(series),
    }
}

/// A line of a TSDB dump: labels, a number and milliseconds.
fn is_dump_line(line: &str) -> bool {
    label_block(line).is_ok_and(|(_, rest)| rest.split_ascii_whitespace().count() >= 2)
}

/// A row as `vegeta encode --to csv` writes it: nanoseconds, status, nanoseconds, bytes, bytes, and more.
fn is_vegeta_row(line: &str) -> bool {
    let cells: Vec<&str> = line.split(',').collect();
    let is_whole = |cell: &&str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    cells.len() >= 8
        && cells[0].len() == 19
        && cells[1].len() <= 3
        && cells[..5].iter().all(is_whole)
}

/// The format of a JSON document by its keys.
fn of_json(text: &str) -> TraceFormat {
    let keys = keys_of(text);
    let has = |name: &str| keys.iter().any(|(_, key)| key == name);
    let at = |depth: usize, name: &str| keys.iter().any(|(d, key)| *d == depth && key == name);
    let is_lines = text.starts_with('{');
    if has("resourceMetrics") || has("scopeMetrics") {
        TraceFormat::Otlp
    } else if has("MetricDataResults") || at(1, "Datapoints") || at(1, "Label") || at(1, "Messages")
    {
        TraceFormat::CloudWatch
    } else if has("pointlist")
        || at(1, "series")
        || at(2, "attributes")
        || at(1, "from_date")
        || at(1, "errors")
    {
        TraceFormat::Datadog
    } else if has("resultType")
        || at(1, "result")
        || at(1, "errorType")
        || at(2, "result")
        || at(1, "data") && at(1, "status")
    {
        TraceFormat::PrometheusJson
    } else if is_lines && at(1, "type") && at(1, "metric") && at(1, "data") {
        TraceFormat::K6
    } else if is_lines
        && at(1, "latency")
        && at(1, "timestamp")
        && (at(1, "attack") || at(1, "code"))
    {
        TraceFormat::Vegeta
    } else if is_lines
        && !has("metric")
        && !at(1, "data")
        && super::logs::has_time_key(
            keys.iter()
                .filter(|(depth, _)| *depth == 1)
                .map(|(_, key)| key.as_str()),
        )
    {
        TraceFormat::JsonLog
    } else {
        TraceFormat::PrometheusJson
    }
}

/// The keys of a JSON text's head with how deep they stand; an object within an array is one deeper than the array.
fn keys_of(text: &str) -> Vec<(usize, String)> {
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}', '[', ']', '"']) {
        let letter = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match letter {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {
                let mut is_escaped = false;
                let end = rest.find(|c: char| {
                    let ends = c == '"' && !is_escaped;
                    is_escaped = c == '\\' && !is_escaped;
                    ends
                });
                let Some(end) = end else {
                    return keys;
                };
                if rest[end + 1..].trim_start().starts_with(':') {
                    keys.push((depth, rest[..end].to_owned()));
                }
                rest = &rest[end + 1..];
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: TraceFormat) {
        let found =
            format_of(text.as_bytes(), &ReadOptions::infer()).map_err(|fault| fault.problem);
        assert_eq!(found.map_err(|problem| problem.to_string()), Ok(expected));
    }

    #[test]
    fn a_format_shows_in_its_first_line() {
        check("timestamp,rps\n1,2\n", TraceFormat::Csv);
        check("\"Time\",\"web\"\n1,2\n", TraceFormat::Grafana);
        check("sep=;\n\"Time\";\"web\"\n", TraceFormat::Grafana);
        check(
            "up{pod=\"a, b\"} =>\n1 @[1767225600]\n",
            TraceFormat::Promtool,
        );
        check("{pod=\"a\"} =>\n1 @[1767225600]\n", TraceFormat::Promtool);
        check(
            "{__name__=\"up\", pod=\"a\"} 1 1767225600000\n",
            TraceFormat::TsdbDump,
        );
        check("# TYPE up gauge\nup 1 1\n", TraceFormat::OpenMetrics);
        check("up{pod=\"a\"} 1 1767225600\n", TraceFormat::OpenMetrics);
        check(
            "127.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612\n",
            TraceFormat::AccessLog,
        );
        check(
            "metric_name,timestamp,metric_value,check\n",
            TraceFormat::K6,
        );
        check(
            "\"Timestamp\",\"User Count\",\"Type\",\"Name\",\"Requests/s\"\n",
            TraceFormat::Locust,
        );
        check("response-time,DNS+dialup,DNS,\n", TraceFormat::Hey);
        check(
            "1767225600000000000,200,1200000,0,612,,,a,0,GET,http://x,\n",
            TraceFormat::Vegeta,
        );
        check("# a comment\n1,2\n", TraceFormat::Csv);
        check("", TraceFormat::Csv);
    }

    #[test]
    fn json_shows_by_its_keys() {
        check(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\"",
            TraceFormat::PrometheusJson,
        );
        check(
            "[{\"metric\":{\"pod\":\"a\"},\"values\":[[1,\"2\"]]}]",
            TraceFormat::PrometheusJson,
        );
        check(
            "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"x\"}",
            TraceFormat::PrometheusJson,
        );
        check("{\"MetricDataResults\":[", TraceFormat::CloudWatch);
        check(
            "{\"Label\":\"RequestCount\",\"Datapoints\":[",
            TraceFormat::CloudWatch,
        );
        check(
            "{\"status\":\"ok\",\"series\":[{\"metric\":\"x\"",
            TraceFormat::Datadog,
        );
        check(
            "{\"data\":{\"type\":\"timeseries_response\",\"attributes\":{",
            TraceFormat::Datadog,
        );
        check("{\"resourceMetrics\":[", TraceFormat::Otlp);
        check(
            "{\"type\":\"Metric\",\"data\":{\"name\":\"http_reqs\"},\"metric\":\"http_reqs\"}\n",
            TraceFormat::K6,
        );
        check(
            "{\"attack\":\"\",\"seq\":0,\"code\":200,\"timestamp\":\"2026\",\"latency\":12}\n",
            TraceFormat::Vegeta,
        );
        check(
            "{\"time\":\"2026-01-01T00:00:00Z\",\"status\":200}\n",
            TraceFormat::JsonLog,
        );
    }

    #[test]
    fn what_is_no_trace_is_named() {
        let problem = |text: &str| {
            let fault = format_of(text.as_bytes(), &ReadOptions::infer()).expect_err("refused");
            fault.problem.to_string()
        };
        assert_eq!(
            problem("<!DOCTYPE html><html><head><title>503 Service\nUnavailable</title>"),
            "is an HTML page titled `503 Service\\nUnavailable`, expected the data itself; is the address right, and did the server let you in?"
        );
        assert_eq!(
            problem("Running 10s test @ http://127.0.0.1/\n  2 threads"),
            "is a summary by wrk, which says how fast a whole run went and not when its requests came: no trace"
        );
    }
}
