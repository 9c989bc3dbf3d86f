//! vegeta: results of an attack, as `vegeta encode` writes them as JSON lines or as CSV.

use std::borrow::Cow;
use std::io::Read;

use serde::Deserialize;

use super::rows::{Peeked, bad_time, number, time};
use crate::trace::calendar;
use crate::trace::csv::Table;
use crate::trace::error::{Fault, plain};
use crate::trace::lines::for_each_line;
use crate::trace::request_log::RequestLog;
use crate::trace::{ReadOptions, TimeBase, TraceProblem};

/// A result, as far as it counts here; how long it took is in nanoseconds.
#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    latency: f64,
}

/// Reads the requests of an attack, each when it was sent.
pub(crate) fn read_vegeta(
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RequestLog, Fault> {
    let because = "each result of vegeta is a request";
    let mut log = RequestLog::new(TimeBase::Epoch, because, options);
    let mut input = Peeked::of(input)?;
    if input.is_json() {
        for_each_line(&mut input, |line, number| {
            if line.trim_ascii().is_empty() {
                return Ok(());
            }
            match hit_of(line) {
                Ok((time, latency)) => log.push(time, latency, number),
                Err(problem) => log.skip_or(problem, number),
            }
        })?;
        return Ok(log);
    }
    Table::open(&mut input)?.for_each(|record, line| {
        let read = time(record, 0, "timestamp")
            .and_then(|time| Ok((time, number(record, 2, "latency")? * 1e-9)));
        match read {
            Ok((time, latency)) => log.push(time, latency, line),
            Err(problem) => log.skip_or(problem, line),
        }
    })?;
    Ok(log)
}

fn hit_of(line: &[u8]) -> Result<(i64, f64), TraceProblem> {
    let hit: Hit = serde_json::from_slice(line).map_err(|error| {
        let message = error.to_string();
        TraceProblem::Json(plain(message.split(" at line ").next().unwrap_or_default()))
    })?;
    let time = calendar::parse_any(hit.timestamp.as_bytes());
    let (time, _) = time.ok_or_else(|| bad_time(&hit.timestamp, "timestamp"))?;
    Ok((time, hit.latency * 1e-9))
}
