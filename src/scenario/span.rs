//! `Span`: a length of time as people write it, `300ms`, `15s`, `5m`, `1h30m`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::settings_file;
use crate::units::SimDuration;

/// A length of time in seconds, finite and not negative, read from and printed as `300ms`, `15s`, `1h30m`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Span(pub f64);

impl Span {
    /// The span as simulated time.
    #[must_use]
    pub fn duration(self) -> SimDuration {
        SimDuration::from_seconds_rounded(self.0)
    }

    /// The span to four significant digits: more would only pretend to be known.
    #[must_use]
    pub fn to_four_digits(self) -> Self {
        // Rust writes as many digits as it is told, and reads back what it has written.
        Self(format!("{:.3e}", self.0).parse().unwrap_or(self.0))
    }
}

/// Units from the longest, with their seconds.
const UNITS: [(&str, f64); 7] = [
    ("d", 86_400.0),
    ("h", 3600.0),
    ("ms", 1e-3),
    ("m", 60.0),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("s", 1.0),
];

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is not a length of time, expected a number with a unit such as `300ms`, `15s`, `5m` or `1h30m`",
                text.escape_debug()
            )
        };
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        if rest == "0" {
            return Ok(Self(0.0));
        }
        let mut seconds = 0.0;
        while !rest.is_empty() {
            let digits = rest
                .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
                .ok_or_else(wrong)?;
            let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = rest[digits..].trim_start();
            let (unit, factor) = UNITS
                .iter()
                .find(|(unit, _)| {
                    rest.strip_prefix(unit)
                        .is_some_and(|after| !after.starts_with(char::is_alphabetic))
                })
                .ok_or_else(wrong)?;
            seconds += number * factor;
            rest = rest[unit.len()..].trim_start();
        }
        if f64::is_finite(seconds) && seconds < 1e9 {
            Ok(Self(seconds))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: f64| (value * 1e6).round() / 1e6;
        match self.0 {
            0.0 => f.write_str("0s"),
            seconds if seconds < 1e-3 => write!(f, "{}us", shown(seconds * 1e6)),
            seconds if seconds < 1.0 => write!(f, "{}ms", shown(seconds * 1e3)),
            seconds if seconds < 600.0 => write!(f, "{}s", shown(seconds)),
            seconds if seconds < 86_400.0 => write!(f, "{}m", shown(seconds / 60.0)),
            seconds => write!(f, "{}h", shown(seconds / 3600.0)),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: f64) {
        let span: Span = text.parse().expect("a span");
        assert!((span.0 - seconds).abs() < 1e-9, "{text}: {}", span.0);
    }

    #[test]
    fn units_add_up() {
        check("300ms", 0.3);
        check("15s", 15.0);
        check("1h30m", 5400.0);
        check("1.5m", 90.0);
        check("2d", 172_800.0);
        check("20us", 2e-5);
        check("0", 0.0);
    }

    #[test]
    fn four_digits_are_kept() {
        let shown = |seconds: f64| Span(seconds).to_four_digits().to_string();
        assert_eq!(shown(0.002_046_479_833_6), "2.046ms");
        assert_eq!(shown(0.000_004_567_89), "4.568us");
        assert_eq!(shown(0.051_52), "51.52ms");
        assert_eq!(shown(12.0), "12s");
        assert_eq!(shown(0.0), "0s");
    }

    #[test]
    fn a_number_without_a_unit_is_refused() {
        for text in ["", "15", "s", "1x", "-3s", "NaN", "1e308s", "5 m s", "1mss"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for seconds in [0.0, 2e-5, 0.3, 15.0, 90.0, 5400.0, 172_800.0] {
            check(&Span(seconds).to_string(), seconds);
        }
    }
}
