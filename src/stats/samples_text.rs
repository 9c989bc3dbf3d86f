//! Measured times as a text, one a line.

use thiserror::Error;

use super::sorted_samples::SortedSamples;

/// The most samples that are read.
const MAX_SAMPLES: usize = 1_000_000;

/// Units of a time, each with its length as units per second or seconds per unit: whichever is exact.
const UNITS: [(&str, Unit); 8] = [
    ("ns", Unit::PerSecond(1e9)),
    ("us", Unit::PerSecond(1e6)),
    ("µs", Unit::PerSecond(1e6)),
    ("ms", Unit::PerSecond(1e3)),
    ("s", Unit::PerSecond(1.0)),
    ("m", Unit::Seconds(60.0)),
    ("min", Unit::Seconds(60.0)),
    ("h", Unit::Seconds(3600.0)),
];

#[derive(Clone, Copy)]
enum Unit {
    PerSecond(f64),
    Seconds(f64),
}

/// Why a text holds no measured times.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SamplesError {
    /// A line is no time.
    #[error(
        "line {line}: `{text}` is not a time, expected one a line, as seconds or with a unit such as `12ms`"
    )]
    NotATime {
        /// The line, from 1.
        line: usize,
        /// What it holds, shortened.
        text: String,
    },
    /// There are more than a million.
    #[error("line {0}: too many samples, expected at most 1000000")]
    TooMany(usize),
    /// There is no time at all.
    #[error("no samples, expected a time a line, as seconds or with a unit such as `12ms`")]
    None,
}

/// Reads measured times: one a line, in seconds or with a unit (`ns`, `us`, `ms`, `s`, `m`, `h`).
///
/// Empty lines and what follows a `#` are left out. The first line may be a column's name; if that ends in a unit
/// (`duration_ms`), times without one have it.
///
/// # Errors
/// When a line is no time that can be, or there are none or more than a million.
pub fn read_samples(text: &str) -> Result<SortedSamples, SamplesError> {
    let mut unit = Unit::PerSecond(1.0);
    let mut samples = Vec::new();
    let mut has_name = false;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, whole) in text.lines().enumerate() {
        let line = whole.split('#').next().unwrap_or_default();
        let cell = line.trim().trim_matches('"').trim();
        if cell.is_empty() {
            continue;
        }
        match seconds(cell, unit) {
            Some(_) if samples.len() == MAX_SAMPLES => {
                return Err(SamplesError::TooMany(index + 1));
            }
            Some(sample) => samples.push(sample),
            None if samples.is_empty() && !has_name && is_name(cell) => {
                has_name = true;
                unit = unit_of_name(cell).unwrap_or(unit);
            }
            None => {
                return Err(SamplesError::NotATime {
                    line: index + 1,
                    text: excerpt(cell),
                });
            }
        }
    }
    SortedSamples::new(samples).map_err(|_| SamplesError::None)
}

/// A time in seconds; `unit` is that of a bare number.
fn seconds(cell: &str, unit: Unit) -> Option<f64> {
    let end = cell
        .find(|letter: char| !(letter.is_ascii_digit() || "+-.eE".contains(letter)))
        .unwrap_or(cell.len());
    let (number, suffix) = (&cell[..end], cell[end..].trim());
    let unit = if suffix.is_empty() {
        unit
    } else {
        unit_named(suffix)?
    };
    let value: f64 = number.parse().ok()?;
    let seconds = match unit {
        Unit::PerSecond(count) => value / count,
        Unit::Seconds(length) => value * length,
    };
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

fn unit_named(name: &str) -> Option<Unit> {
    let found = UNITS.iter().find(|(unit, _)| *unit == name);
    found.map(|(_, unit)| *unit)
}

/// Whether a first line names a column: one word or more, none of them another column.
fn is_name(cell: &str) -> bool {
    cell.starts_with(char::is_alphabetic) && !cell.contains([',', ';', '\t', '|'])
}

/// The unit that a column's name ends in: `duration_ms`, `Service time (ms)`.
fn unit_of_name(name: &str) -> Option<Unit> {
    let last = name
        .trim_end_matches(')')
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .next()?;
    unit_named(last)
}

/// The beginning of an offending text, short and without control characters.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(LONGEST).collect();
    let dots = if letters.next().is_some() { "..." } else { "" };
    format!("{}{dots}", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let samples = read_samples(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(samples.values(), expected);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = read_samples(text).expect_err("no samples");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn times_are_seconds_or_have_a_unit() {
        check(
            "0.2\n12ms\n 1.5 s\n80us\n1m\n",
            &[8e-5, 0.012, 0.2, 1.5, 60.0],
        );
        check("1e-3\r\n2e1ms\r\n", &[0.001, 0.02]);
        check("# of last Tuesday\n\n0.1 # warm\n", &[0.1]);
    }

    #[test]
    fn a_columns_name_may_say_the_unit() {
        check("duration_ms\n12\n14\n", &[0.012, 0.014]);
        check("\"Service time (us)\"\n\"500\"\n2ms\n", &[0.0005, 0.002]);
        check("duration\n12\n", &[12.0]);
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_line() {
        let expected =
            "is not a time, expected one a line, as seconds or with a unit such as `12ms`";
        check_error("0.1\nfast\n", &format!("line 2: `fast` {expected}"));
        check_error("a\nb\n1\n", &format!("line 2: `b` {expected}"));
        check_error(
            "time,load\n1,2\n",
            &format!("line 1: `time,load` {expected}"),
        );
        check_error("1,5\n", &format!("line 1: `1,5` {expected}"));
        check_error("-1ms\n", &format!("line 1: `-1ms` {expected}"));
        check_error("1e999\n", &format!("line 1: `1e999` {expected}"));
        check_error("12 parsecs\n", &format!("line 1: `12 parsecs` {expected}"));
        let expected =
            "no samples, expected a time a line, as seconds or with a unit such as `12ms`";
        check_error("", expected);
        check_error("# nothing\n", expected);
        check_error(
            &"1\n".repeat(MAX_SAMPLES + 1),
            "line 1000001: too many samples, expected at most 1000000",
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(\\PC|\n){0,60}") {
            let _ = read_samples(&text);
        }
    }
}
