//! Cells of the tables that load generators write.

use std::io::{self, Read};

use crate::trace::TraceProblem;
use crate::trace::calendar;
use crate::trace::csv::Record;
use crate::trace::error::{Fault, listed, quoted, quoted_bytes};
use crate::trace::read::unreadable;

/// Where a column stands among the names of a header.
pub(super) fn column(names: Option<&[String]>, wanted: &str) -> Result<usize, TraceProblem> {
    let names = names.unwrap_or_default();
    let found = names.iter().position(|name| name == wanted);
    found.ok_or_else(|| TraceProblem::UnknownColumn {
        wanted: quoted(wanted),
        columns: listed(names.iter().map(String::as_str)),
    })
}

/// A cell's number.
pub(super) fn number(record: &Record, index: usize, name: &str) -> Result<f64, TraceProblem> {
    let cell = record.cell(index);
    let number = std::str::from_utf8(cell)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| TraceProblem::BadNumber {
        text: quoted_bytes(cell),
        column: quoted(name),
    })
}

/// A cell's time in nanoseconds since 1970.
pub(super) fn time(record: &Record, index: usize, name: &str) -> Result<i64, TraceProblem> {
    let cell = record.cell(index);
    let time = calendar::parse_any(cell).map(|(time, _)| time);
    time.ok_or_else(|| bad_time(&String::from_utf8_lossy(cell), name))
}

/// What to say of a text that is no time.
pub(super) fn bad_time(text: &str, name: &str) -> TraceProblem {
    TraceProblem::BadTime {
        text: quoted(text),
        column: quoted(name),
        expected: "seconds or milliseconds since 1970, or a date such as `2026-03-14T09:30:00Z`",
    }
}

/// An input whose first bytes have been looked at.
pub(super) struct Peeked<'a> {
    input: &'a mut dyn Read,
    first: Vec<u8>,
    at: usize,
}

impl<'a> Peeked<'a> {
    /// Looks at the first bytes, a byte-order mark and blanks left out.
    pub(super) fn of(input: &'a mut dyn Read) -> Result<Self, Fault> {
        const HEAD: u64 = 64;
        let mut first = Vec::new();
        let head = (&mut *input).take(HEAD).read_to_end(&mut first);
        head.map_err(|error| unreadable(&error))?;
        let at = 0;
        Ok(Self { input, first, at })
    }

    /// Whether the text begins as a JSON object does.
    pub(super) fn is_json(&self) -> bool {
        let text = self.first.strip_prefix(b"\xef\xbb\xbf");
        let text = text.unwrap_or(&self.first);
        text.trim_ascii_start().first() == Some(&b'{')
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = &self.first[self.at..];
        if rest.is_empty() {
            return self.input.read(buffer);
        }
        let bytes = rest.read(buffer)?;
        self.at += bytes;
        Ok(bytes)
    }
}

/// Seconds from a beginning in nanoseconds.
pub(super) fn offset_nanos(seconds: f64) -> Result<i64, TraceProblem> {
    calendar::nanos_of_seconds(seconds)
        .ok_or_else(|| TraceProblem::TimeOutOfRange(quoted(&seconds.to_string())))
}
