//! The compact text of a distribution: `5..30s`, `lognormal(20s, scv 1.5)`.

use std::fmt;
use std::str::FromStr;

use super::distribution::{Distribution, DistributionError};

/// Time units of the text, each with its length in units per second or seconds per unit.
const UNITS: &[(&str, Unit)] = &[
    ("us", Unit::PerSecond(1e6)),
    ("ms", Unit::PerSecond(1000.0)),
    ("s", Unit::PerSecond(1.0)),
    ("m", Unit::Seconds(60.0)),
    ("h", Unit::Seconds(3600.0)),
    ("d", Unit::Seconds(86_400.0)),
];

/// A unit as the factor that is exact, so that `100ms` is the same number as `0.1s`.
#[derive(Clone, Copy)]
enum Unit {
    PerSecond(f64),
    Seconds(f64),
}

impl FromStr for Distribution {
    type Err = DistributionError;

    /// Reads `20s`, `5..30s` (a bound without a unit takes the other's), `exp(20s)`, `lognormal(20s, scv 1.5)`,
    /// `gamma(20s, scv 0.5)` or `samples(18s, 20s, 25s)`. Units are `us`, `ms`, `s`, `m`, `h` and `d`; a bare `0` is zero.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "0" {
            return Self::deterministic(0.0);
        }
        if let Some((low, high)) = text.split_once("..") {
            let unit = unit_of(high)?;
            return Self::uniform(time_or_number(low, unit)?, time(high)?);
        }
        let Some((name, rest)) = text.split_once('(') else {
            return Self::deterministic(time(text).map_err(|_| form_error(text))?);
        };
        let arguments: Vec<&str> = rest
            .strip_suffix(')')
            .ok_or_else(|| form_error(text))?
            .split(',')
            .collect();
        match (name.trim(), arguments.as_slice()) {
            ("exp", [mean]) => Self::exponential(time(mean)?),
            ("lognormal", [mean, scv]) => Self::log_normal(time(mean)?, variability(scv)?),
            ("gamma", [mean, scv]) => Self::gamma(time(mean)?, variability(scv)?),
            ("samples", times) => Self::empirical(
                times
                    .iter()
                    .map(|sample| time(sample))
                    .collect::<Result<_, _>>()?,
            ),
            _ => Err(form_error(text)),
        }
    }
}

impl fmt::Display for Distribution {
    /// Writes the form that `FromStr` reads back to the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deterministic { value } => f.write_str(&written_time(*value)),
            Self::Uniform { low, high } => {
                let (low, high) = (written_time(*low), written_time(*high));
                // One unit says it for both.
                match (low.strip_suffix("ms"), high.strip_suffix("ms")) {
                    (Some(number), Some(_)) => write!(f, "{number}..{high}"),
                    (None, None) => write!(f, "{}..{high}", low.trim_end_matches('s')),
                    _ => write!(f, "{low}..{high}"),
                }
            }
            Self::Exponential { mean } => write!(f, "exp({})", written_time(*mean)),
            Self::LogNormal { mean, scv } => write!(
                f,
                "lognormal({}, scv {})",
                written_time(*mean),
                written_number(*scv)
            ),
            Self::Gamma { mean, scv } => {
                write!(
                    f,
                    "gamma({}, scv {})",
                    written_time(*mean),
                    written_number(*scv)
                )
            }
            Self::Empirical(samples) => {
                f.write_str("samples(")?;
                for (index, value) in samples.values().iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{}", written_time(*value))?;
                }
                f.write_str(")")
            }
        }
    }
}

/// A number and a unit, as seconds.
fn time(text: &str) -> Result<f64, DistributionError> {
    let unit = unit_of(text)?;
    time_or_number(text, unit)
}

/// A time, or a number that borrows `unit`, as seconds.
fn time_or_number(text: &str, unit: Unit) -> Result<f64, DistributionError> {
    let number = number_of(text);
    let unit = if number.len() == text.trim().len() {
        unit
    } else {
        unit_of(text)?
    };
    let value: f64 = number
        .parse()
        .map_err(|_| DistributionError::Time(excerpt(text)))?;
    Ok(match unit {
        Unit::PerSecond(count) => value / count,
        Unit::Seconds(length) => value * length,
    })
}

fn unit_of(text: &str) -> Result<Unit, DistributionError> {
    let suffix = text.trim()[number_of(text).len()..].trim();
    UNITS
        .iter()
        .find(|(name, _)| *name == suffix)
        .map(|(_, unit)| *unit)
        .ok_or_else(|| DistributionError::Time(excerpt(text)))
}

/// The part before the unit, such as `1.5e3` of `1.5e3ms`. Words like `inf` and `nan` are no numbers here.
fn number_of(text: &str) -> &str {
    let text = text.trim();
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || "+-.eE".contains(letter)))
        .unwrap_or(text.len());
    &text[..end]
}

fn variability(text: &str) -> Result<f64, DistributionError> {
    let error = || DistributionError::Variability(excerpt(text));
    let number = text.trim().strip_prefix("scv").ok_or_else(error)?;
    number.trim().parse().map_err(|_| error())
}

/// The shorter of seconds and milliseconds that reads back as the same number.
fn written_time(seconds: f64) -> String {
    let in_seconds = written_number(seconds) + "s";
    let in_millis = written_number(seconds * 1000.0) + "ms";
    let shorter = seconds < 1.0 && in_millis.len() < in_seconds.len() + 2;
    if seconds > 0.0
        && shorter
        && time(&in_millis).is_ok_and(|read| read.total_cmp(&seconds).is_eq())
    {
        in_millis
    } else {
        in_seconds
    }
}

/// The shortest decimal that reads back as the same number; with an exponent where it would be long otherwise.
fn written_number(value: f64) -> String {
    if value == 0.0 || (1e-6..1e15).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

fn form_error(text: &str) -> DistributionError {
    DistributionError::Form(excerpt(text))
}

/// The beginning of an offending text, short and without control characters.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut letters = text.trim().chars();
    let mut excerpt: String = letters
        .by_ref()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    if letters.next().is_some() {
        excerpt.push_str("...");
    }
    excerpt
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Distribution, written: &str) {
        let read: Distribution = text.parse().unwrap();
        assert_eq!(read, expected);
        assert_eq!(read.to_string(), written);
        assert_eq!(written.parse(), Ok(expected));
    }

    #[test]
    fn each_form_is_read_and_written() {
        let uniform = |low, high| Distribution::Uniform { low, high };
        let fixed = |value| Distribution::Deterministic { value };
        check("20s", fixed(20.0), "20s");
        check("0s", fixed(0.0), "0s");
        check("100ms", fixed(0.1), "100ms");
        check("0.5ms", fixed(0.0005), "0.5ms");
        check("100us", fixed(0.0001), "0.1ms");
        check("0", fixed(0.0), "0s");
        check(" 1.5 m ", fixed(90.0), "90s");
        check("5..30s", uniform(5.0, 30.0), "5..30s");
        check("0..5s", uniform(0.0, 5.0), "0..5s");
        check("0.5 .. 1ms", uniform(0.0005, 0.001), "0.5..1ms");
        check("500ms..2s", uniform(0.5, 2.0), "500ms..2s");
        check("1..3m", uniform(60.0, 180.0), "60..180s");
        check(
            "exp(20s)",
            Distribution::Exponential { mean: 20.0 },
            "exp(20s)",
        );
        check(
            "lognormal(20s, scv 1.5)",
            Distribution::LogNormal {
                mean: 20.0,
                scv: 1.5,
            },
            "lognormal(20s, scv 1.5)",
        );
        check(
            "gamma( 100ms,scv 0.5 )",
            Distribution::Gamma {
                mean: 0.1,
                scv: 0.5,
            },
            "gamma(100ms, scv 0.5)",
        );
        check(
            "samples(25s, 18s, 20s)",
            Distribution::empirical(vec![18.0, 20.0, 25.0]).unwrap(),
            "samples(18s, 20s, 25s)",
        );
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = text.parse::<Distribution>().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn an_error_names_the_part_and_what_was_expected() {
        check_error("", "`` is not a distribution of times, expected `20s`");
        check_error("fast", "`fast` is not a distribution");
        check_error("20", "`20` is not a distribution");
        check_error("5..30", "`30` is not a time, expected a number with a unit");
        check_error("nan..5s", "`nan` is not a time");
        check_error("infs", "`infs` is not a distribution");
        check_error("..", "`` is not a time");
        check_error("30..5s", "the range `30..5s` runs backwards");
        check_error("-5s", "a time of `-5` seconds cannot be");
        check_error("1e999s", "a time of `inf` seconds");
        check_error("exp(20s", "`exp(20s` is not a distribution");
        check_error("gamma(20s)", "`gamma(20s)` is not a distribution");
        check_error(
            "gamma(20s, 0.5)",
            "`0.5` is not a variability, expected `scv`",
        );
        check_error(
            "gamma(20s, scv 1e9)",
            "a variability of `scv 1000000000` cannot",
        );
        check_error("samples()", "`` is not a time");
        check_error("\u{1b}[31m", "`\\u{1b}[31m` is not");
        check_error(&"x".repeat(1000), "`xxxx");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Distribution>();
        }

        #[test]
        fn what_is_written_reads_back_the_same(
            a in prop::num::f64::POSITIVE | prop::num::f64::NORMAL | prop::num::f64::ZERO,
            b in 0.0..1e6_f64,
            scv in 0.0..100.0_f64,
        ) {
            let a = a.abs();
            for distribution in [
                Distribution::deterministic(a),
                Distribution::uniform(a.min(b), a.max(b)),
                Distribution::exponential(b),
                Distribution::log_normal(a, scv),
                Distribution::gamma(b, scv),
                Distribution::empirical(vec![a, b]),
            ].into_iter().flatten() {
                prop_assert_eq!(distribution.to_string().parse(), Ok(distribution));
            }
        }
    }
}
