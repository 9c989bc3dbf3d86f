//! Log lines that are JSON objects, one for each request.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::trace::calendar;
use crate::trace::error::{Fault, plain, quoted, quoted_bytes};
use crate::trace::lines::for_each_line;
use crate::trace::request_log::RequestLog;
use crate::trace::{ReadOptions, TimeBase, TraceNote, TraceProblem};

/// Keys that hold a request's time where the caller names none, the likeliest first.
const TIME_KEYS: [&str; 16] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "time_iso8601",
    "msec",
    "start_time",
    "StartUTC",
    "time_local",
    "datetime",
    "date",
    "requestTime",
    "request_timestamp",
    "asctime",
    "t",
    "eventTime",
];

/// Keys that hold how long a request took, with the seconds in their unit.
const LATENCY_KEYS: [(&str, f64); 20] = [
    ("request_time", 1.0),
    ("latency", 1.0),
    ("response_time", 1.0),
    ("duration", 1.0),
    ("elapsed", 1.0),
    ("latency_s", 1.0),
    ("duration_s", 1.0),
    ("latency_seconds", 1.0),
    ("duration_seconds", 1.0),
    ("latency_ms", 1e-3),
    ("duration_ms", 1e-3),
    ("request_time_ms", 1e-3),
    ("response_time_ms", 1e-3),
    ("elapsed_ms", 1e-3),
    ("responseTime", 1e-3),
    ("latency_us", 1e-6),
    ("duration_us", 1e-6),
    ("latency_ns", 1e-9),
    ("duration_ns", 1e-9),
    // Traefik writes whole nanoseconds.
    ("Duration", 1e-9),
];

/// Whether one of an object's keys is the time of a request by default.
pub(crate) fn has_time_key<'a>(keys: impl Iterator<Item = &'a str>) -> bool {
    let mut keys = keys;
    keys.any(|key| TIME_KEYS.contains(&key))
}

/// Reads log lines that are JSON objects.
///
/// The time's key is the caller's time column, or the likeliest that the first line has. Other lines may be mixed in
/// where the caller asks to skip what cannot be read.
pub(crate) fn read_json_log(
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RequestLog, Fault> {
    let because = "each log line is a request";
    let mut log = RequestLog::new(TimeBase::Epoch, because, options);
    let mut keys: Option<Keys> = None;
    let mut assumes_utc = false;
    for_each_line(input, |line, number| {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        if keys.is_none() {
            match Keys::of(line, options) {
                Ok(found) => keys = Some(found),
                Err(problem) => return log.skip_or(problem, number),
            }
        }
        let Some(keys) = &keys else {
            return Ok(());
        };
        match keys.read(line) {
            Ok(request) => {
                assumes_utc |= request.assumes_utc;
                log.push(request.time, request.latency, number)
            }
            Err(problem) => log.skip_or(problem, number),
        }
    })?;
    if assumes_utc {
        log.note(TraceNote::AssumedUtc);
    }
    if let Some(keys) = keys {
        log.note(TraceNote::LogKeys {
            time: quoted(&keys.time),
            latency: keys.latency.as_ref().map(|(key, unit)| {
                let unit = match *unit {
                    1.0 => "seconds",
                    1e-3 => "milliseconds",
                    1e-6 => "microseconds",
                    _ => "nanoseconds",
                };
                (quoted(key), unit)
            }),
        });
    }
    Ok(log)
}

/// Which keys of each object are read.
struct Keys {
    time: String,
    /// With the seconds in its unit.
    latency: Option<(String, f64)>,
}

/// What a line says of a request.
struct Request {
    time: i64,
    latency: f64,
    assumes_utc: bool,
}

impl Keys {
    fn of(line: &[u8], options: &ReadOptions) -> Result<Self, TraceProblem> {
        let names: Vec<String> = match serde_json::from_slice::<KeyNames>(line) {
            Ok(KeyNames(names)) => names,
            Err(error) => return Err(no_object(line, &error)),
        };
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let time = match &options.time_column {
            Some(key) if has(key) => key.clone(),
            Some(key) => {
                return Err(TraceProblem::UnknownColumn {
                    wanted: quoted(key),
                    columns: crate::trace::error::listed(names.iter().map(String::as_str)),
                });
            }
            None => TIME_KEYS
                .into_iter()
                .find(|key| has(key))
                .map(str::to_owned)
                .ok_or_else(|| TraceProblem::NoTimeColumn {
                    columns: crate::trace::error::listed(names.iter().map(String::as_str)),
                })?,
        };
        let latency = LATENCY_KEYS
            .into_iter()
            .find(|(key, _)| has(key) && *key != time)
            // Envoy writes whole milliseconds beside its `start_time`, Caddy and others seconds.
            .map(|(key, unit)| match key {
                "duration" if time == "start_time" => (key.to_owned(), 1e-3),
                _ => (key.to_owned(), unit),
            });
        Ok(Self { time, latency })
    }

    fn read(&self, line: &[u8]) -> Result<Request, TraceProblem> {
        let mut json = serde_json::Deserializer::from_slice(line);
        let read = WantedSeed(self).deserialize(&mut json).and_then(|wanted| {
            json.end()?;
            Ok(wanted)
        });
        let (time, latency) = read.map_err(|error| no_object(line, &error))?;
        let bad = |text: &str| TraceProblem::BadTime {
            text: quoted(text),
            column: quoted(&self.time),
            expected: "seconds or milliseconds since 1970, or a date such as `2026-03-14T09:30:00Z`",
        };
        let (time, assumes_utc) = match time {
            Scalar::None => return Err(bad("null")),
            Scalar::Number(number) => {
                let time = calendar::epoch_nanos(number);
                (time.ok_or_else(|| bad(&number.to_string()))?, false)
            }
            Scalar::Text(text) => calendar::parse_any(text.as_bytes()).ok_or_else(|| bad(&text))?,
        };
        let unit = self.latency.as_ref().map_or(1.0, |(_, unit)| *unit);
        let latency = match latency {
            Scalar::None => f64::NAN,
            Scalar::Number(number) => number * unit,
            Scalar::Text(text) => seconds_of(&text, unit),
        };
        Ok(Request {
            time,
            latency,
            assumes_utc,
        })
    }
}

/// Reads a length of time with or without a unit of its own; NaN if it is none.
fn seconds_of(text: &str, unit: f64) -> f64 {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, own) = text.split_at(end);
    let factor = match own.trim() {
        "" => unit,
        "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" | "μs" => 1e-6,
        "ns" => 1e-9,
        _ => return f64::NAN,
    };
    number
        .parse::<f64>()
        .map_or(f64::NAN, |number| number * factor)
}

fn no_object(line: &[u8], error: &serde_json::Error) -> TraceProblem {
    if line.first() != Some(&b'{') {
        return TraceProblem::NoLogObject(quoted_bytes(line));
    }
    let message = error.to_string();
    TraceProblem::Json(plain(message.split(" at line ").next().unwrap_or_default()))
}

/// The names of an object's keys.
struct KeyNames(Vec<String>);

impl<'de> serde::Deserialize<'de> for KeyNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeyNamesVisitor)
    }
}

struct KeyNamesVisitor;

impl<'de> Visitor<'de> for KeyNamesVisitor {
    type Value = KeyNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<KeyNames, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = fields.next_entry::<String, IgnoredAny>()? {
            names.push(name);
        }
        Ok(KeyNames(names))
    }
}

/// A value that may be a time or a length of time.
enum Scalar<'de> {
    None,
    Number(f64),
    Text(Cow<'de, str>),
}

impl<'de> serde::Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::None)
    }
}

/// Picks the time and the latency out of an object.
struct WantedSeed<'k>(&'k Keys);

impl<'de> DeserializeSeed<'de> for WantedSeed<'_> {
    type Value = (Scalar<'de>, Scalar<'de>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for WantedSeed<'_> {
    type Value = (Scalar<'de>, Scalar<'de>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut time, mut latency) = (Scalar::None, Scalar::None);
        let latency_key = self.0.latency.as_ref().map(|(key, _)| key.as_str());
        while let Some(key) = fields.next_key::<Cow<'de, str>>()? {
            if key == self.0.time {
                time = fields.next_value()?;
            } else if Some(key.as_ref()) == latency_key {
                latency = fields.next_value()?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok((time, latency))
    }
}
