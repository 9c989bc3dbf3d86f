//! Access logs of nginx and Apache: `host ident user [time] "request" status bytes "referer" "agent" request_time`.

use std::io::Read;

use crate::trace::calendar::{self, DateOrder};
use crate::trace::error::{Fault, quoted_bytes};
use crate::trace::lines::for_each_line;
use crate::trace::request_log::RequestLog;
use crate::trace::{ReadOptions, TimeBase, TraceNote, TraceProblem};

/// Reads a log in the common or the combined format.
///
/// What follows the last quoted part, or the size in the common format, is how long the request took: a number with a
/// fraction is seconds (nginx' `$request_time`, also as `rt=0.012` or `request_time=0.012`); whole numbers are
/// microseconds if any reaches a thousand (Apache's `%D`), else seconds (`%T`).
pub(crate) fn read_access_log(
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RequestLog, Fault> {
    let because = "each line of an access log is a request";
    let mut log = RequestLog::new(TimeBase::Epoch, because, options);
    let mut clock = Clock::default();
    let mut are_whole = true;
    for_each_line(input, |line, number| {
        let Some(request) = Request::of(line, &mut clock) else {
            if line.trim_ascii().is_empty() || line[0] == b'#' {
                return Ok(());
            }
            let text = quoted_bytes(line);
            return log.skip_or(TraceProblem::NoAccessLine(text), number);
        };
        are_whole &= !request.has_fraction;
        log.push(request.time, request.latency, number)
    })?;
    if clock.assumes_utc {
        log.note(TraceNote::AssumedUtc);
    }
    let longest = log.latencies().iter().copied().fold(0.0, f64::max);
    if are_whole && longest >= 1e3 {
        for latency in log.latencies() {
            *latency *= 1e-6;
        }
        log.note(TraceNote::LatencyUnit("microseconds"));
    }
    Ok(log)
}

/// Whether a line is one of an access log.
pub(crate) fn is_access_line(line: &[u8]) -> bool {
    Request::of(line, &mut Clock::default()).is_some()
}

/// What a line says of a request.
struct Request {
    /// Nanoseconds since 1970.
    time: i64,
    /// As written; NaN if it is not.
    latency: f64,
    /// Whether the latency was written with a fraction.
    has_fraction: bool,
}

impl Request {
    #[inline]
    fn of(line: &[u8], clock: &mut Clock) -> Option<Self> {
        let mut from = 0;
        // An IPv6 host may stand in brackets too.
        for _ in 0..3 {
            let open = from + memchr::memchr(b'[', &line[from..])?;
            let rest = &line[open + 1..];
            let close = memchr::memchr(b']', rest)?;
            if let Some(time) = clock.read(&rest[..close]) {
                let (latency, has_fraction) = latency_after(&rest[close + 1..])?;
                return Some(Self {
                    time,
                    latency,
                    has_fraction,
                });
            }
            from = open + 1;
        }
        None
    }
}

/// How long the request took, from what follows the time; `None` if no request and status do.
#[inline]
fn latency_after(rest: &[u8]) -> Option<(f64, bool)> {
    let rest = rest.strip_prefix(b" \"")?;
    let mut end = memchr::memchr(b'"', rest)?;
    while is_escaped(&rest[..end]) {
        end += 1 + memchr::memchr(b'"', &rest[end + 1..])?;
    }
    let rest = rest[end + 1..].strip_prefix(b" ")?;
    let status_end = rest
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(rest.len());
    let status = &rest[..status_end];
    if status != b"-" && !(status.len() == 3 && status.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let rest = rest.get(status_end + 1..).unwrap_or_default();
    let size_end = rest
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(rest.len());
    let rest = &rest[size_end..];
    let tail = memchr::memrchr(b'"', rest).map_or(rest, |quote| &rest[quote + 1..]);
    if tail.is_empty() {
        return Some((f64::NAN, false));
    }
    Some(latency_in(tail).unwrap_or((f64::NAN, false)))
}

/// Whether what follows a text is escaped by it: it ends in an odd number of backslashes, as two are an escaped one.
#[inline]
fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// The first number in the words after all else, or the one that is named as the request's time.
fn latency_in(tail: &[u8]) -> Option<(f64, bool)> {
    let text = std::str::from_utf8(tail).ok()?;
    text.split_ascii_whitespace().find_map(|word| {
        let number = match word.split_once('=') {
            Some(("rt" | "request_time" | "duration", number)) => number,
            Some(_) => return None,
            None => word,
        };
        let is_number = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let value: f64 = number.parse().ok().filter(|_| is_number)?;
        Some((value, number.contains('.')))
    })
}

/// Reads the times of a log, of which many begin as the one before.
#[derive(Default)]
struct Clock {
    /// A time up to its minute and from its offset on, as last read: `23/Nov/2026:10:00` and ` +0000`.
    minute: [u8; 17],
    offset: [u8; 6],
    /// The nanoseconds of that minute.
    nanos: i64,
    assumes_utc: bool,
}

const SECOND: i64 = 1_000_000_000;

impl Clock {
    /// Reads `23/Nov/2026:10:00:00 +0000`, perhaps with a fraction of a second, or an ISO 8601 time.
    #[inline]
    fn read(&mut self, text: &[u8]) -> Option<i64> {
        if let ([minute @ .., b':', tens @ b'0'..=b'6', ones @ b'0'..=b'9'], offset) =
            text.split_at_checked(20)?
            && *offset == self.offset
            && *minute == self.minute
        {
            let second = i64::from(*tens - b'0') * 10 + i64::from(*ones - b'0');
            return Some(self.nanos + second * SECOND);
        }
        self.read_anew(text)
    }

    #[cold]
    fn read_anew(&mut self, text: &[u8]) -> Option<i64> {
        let Some(time) = calendar::parse_log_time(text) else {
            let instant = calendar::parse(text, DateOrder::YearFirst).ok()?;
            self.assumes_utc |= !instant.zoned;
            return Some(instant.nanos);
        };
        if text.len() == 26 {
            let second: i64 = std::str::from_utf8(&text[18..20]).ok()?.parse().ok()?;
            self.minute.copy_from_slice(&text[..17]);
            self.offset.copy_from_slice(&text[20..]);
            self.nanos = time - second * SECOND;
        }
        Some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(after_time: &str, latency: Option<f64>) {
        let line = format!("::1 - a b [23/Nov/2026:10:00:07 +0100] {after_time}");
        let request = Request::of(line.as_bytes(), &mut Clock::default()).expect("a request");
        assert_eq!(request.time, 1_795_424_407 * SECOND);
        let found = (!request.latency.is_nan()).then_some(request.latency);
        assert_eq!(found, latency);
    }

    #[test]
    fn both_formats_may_end_in_the_time_that_a_request_took() {
        check("\"GET / HTTP/1.1\" 200 612", None);
        check("\"GET / HTTP/1.1\" 200 -", None);
        check("\"GET / HTTP/1.1\" 200 612 0.012", Some(0.012));
        check("\"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\"", None);
        check(
            "\"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\" 0.250",
            Some(0.25),
        );
        check(
            "\"GET / HTTP/1.1\" 200 612 \"-\" \"a 5\" \"-\" rt=0.5 uct=\"-\" urt=0.4",
            None,
        );
        check(
            "\"GET / HTTP/1.1\" 200 612 \"-\" \"a\" uct=0.1 rt=0.5",
            Some(0.5),
        );
        check(
            "\"GET / HTTP/1.1\" 200 612 \"-\" \"say \\\"hi\\\" 3\" 1200",
            Some(1200.0),
        );
        check("\"GET /\\\"x 200 1\" 404 0 \"-\" \"-\" -", None);
        check(r#""GET /a\\" 400 0 "-" "-" 0.5"#, Some(0.5));
        check(r#""GET /a\\\" 200" 400 0 "-" "-" 0.5"#, Some(0.5));
        check("\"-\" 400 0", None);
        check("\"\" 400 0", None);
    }

    #[test]
    fn microseconds_of_more_than_a_second_are_kept() {
        let line = |took: u32| {
            format!(
                "::1 - - [23/Nov/2026:10:00:07 +0100] \"GET / HTTP/1.1\" 200 612 \"-\" \"a\" {took}\n"
            )
        };
        let text = line(1_500) + &line(2_500_000) + &line(600_000_000);
        let mut log = read_access_log(&mut text.as_bytes(), &ReadOptions::infer()).expect("a log");
        let millis = |latency: &f64| (latency * 1e3).round();
        let found: Vec<f64> = log.latencies().iter().map(millis).collect();
        assert_eq!(found, [1.5_f64.round(), 2_500.0, 600_000.0]);
        let options = ReadOptions {
            columns: vec!["latency".to_owned()],
            ..ReadOptions::infer()
        };
        let raw = log.into_raw(&options).expect("a trace");
        assert!(
            raw.columns.extras[0]
                .1
                .iter()
                .all(|latency| !latency.is_nan())
        );
    }

    #[test]
    fn a_remembered_minute_reads_as_the_whole_time_does() {
        let mut clock = Clock::default();
        let mut read = |text: &str| clock.read(text.as_bytes()).map(|time| time / SECOND);
        assert_eq!(read("23/Nov/2026:10:00:07 +0100"), Some(1_795_424_407));
        assert_eq!(read("23/Nov/2026:10:00:59 +0100"), Some(1_795_424_459));
        assert_eq!(read("23/Nov/2026:10:00:59 +0000"), Some(1_795_428_059));
        assert_eq!(read("23/Nov/2026:10:01:00 +0000"), Some(1_795_428_060));
        assert_eq!(read("2026-11-23T10:01:00+00:00"), Some(1_795_428_060));
        assert_eq!(read("23/Nov/2026:10:01:00.500 +0000"), Some(1_795_428_060));
        assert_eq!(read("23/Nov/2026:10:01:0x +0000"), None);
        assert_eq!(read("30/Feb/2026:10:01:00 +0000"), None);
    }

    #[test]
    fn what_is_no_access_line_is_none() {
        for line in [
            "",
            "[",
            "127.0.0.1 - - [23/Nov/2026:10:00:00 +0000]",
            "127.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\"",
            "127.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" abc 1",
            "127.0.0.1 - - [23/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1",
            "2026/11/23 10:00:00 [error] 31#31: *1 open() failed",
        ] {
            assert!(!is_access_line(line.as_bytes()), "{line}");
        }
    }
}
