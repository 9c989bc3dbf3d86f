//! How a duration, a rate, a percent and a count are written. One place.
//!
//! Continuous figures keep three significant digits, counts stay whole, every number has its unit, and a number that
//! does not exist is `-`.

use crate::stats::Band;
use crate::units::{SimDuration, SimTime};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Time; written in whatever unit fits, from µs to days.
    Seconds,
    /// Time that was counted by the minute.
    Minutes,
    /// A share of a hundred.
    Percent,
    /// A difference between two shares of a hundred.
    PercentagePoints,
    /// Replicas.
    Replicas,
    /// Replicas times hours.
    ReplicaHours,
    /// Cores times hours.
    CoreHours,
    /// Requests.
    Requests,
    /// What a path carries; written in whatever unit fits, from bit/s to Tbit/s.
    BitsPerSecond,
    /// One thing over another of its kind.
    Ratio,
    /// Money, in whatever currency the price was given.
    Price,
    /// Things that the figure's label names.
    Count,
}

/// A number that does not exist.
pub(crate) const ABSENT: &str = "-";

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const SIGNIFICANT_DIGITS: i32 = 3;
/// Decimals beyond which a small number is only said to be small.
const MOST_DECIMALS: i32 = 4;
/// Shares that are no further from all are all, but for the rounding of floats.
const NO_DIFFERENCE: f64 = 1e-9;
/// Decimals of a share that is nearly all.
const MOST_DECIMALS_OF_SHARE: usize = 4;
/// Decimals of a difference of shares.
const MOST_DECIMALS_OF_POINTS: usize = 3;
/// From here on, digits would only pretend to be known.
const LARGEST_IN_FULL: f64 = 1e15;

impl Unit {
    /// What a JSON key of such a figure ends in; a count's name needs no unit.
    #[cfg(test)]
    pub(crate) const fn key_ending(self) -> &'static str {
        match self {
            Self::Seconds => "Seconds",
            Self::Minutes => "Minutes",
            Self::Percent => "Percent",
            Self::PercentagePoints => "PercentagePoints",
            Self::Replicas => "Replicas",
            Self::ReplicaHours => "ReplicaHours",
            Self::CoreHours => "CoreHours",
            Self::BitsPerSecond => "BitsPerSecond",
            Self::Requests | Self::Ratio | Self::Price | Self::Count => "",
        }
    }

    /// The unit in a CSV column.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Percent => "%",
            Self::PercentagePoints => "pp",
            Self::Replicas => "replicas",
            Self::ReplicaHours => "replica-hours",
            Self::CoreHours => "core-hours",
            Self::Requests => "requests",
            Self::Price => "price",
            Self::BitsPerSecond => "bit/s",
            Self::Ratio | Self::Count => "1",
        }
    }

    /// The unit as text shows it beside a number of this size, and how many of the figure's own units it is worth.
    fn scaled(self, size: f64) -> (&'static str, f64) {
        match self {
            Self::Seconds => match size {
                size if size <= 0.0 => ("s", 1.0),
                size if size < 1e-3 => ("µs", 1e-6),
                size if size < 1.0 => ("ms", 1e-3),
                size if size < 10.0 * MINUTE => ("s", 1.0),
                size if size < HOUR => ("min", MINUTE),
                size if size < 2.0 * DAY => ("h", HOUR),
                _ => ("d", DAY),
            },
            Self::Minutes => ("min", 1.0),
            Self::Percent => ("%", 1.0),
            Self::PercentagePoints => ("pp", 1.0),
            Self::Replicas => ("replicas", 1.0),
            Self::ReplicaHours => ("replica-h", 1.0),
            Self::CoreHours => ("core-h", 1.0),
            Self::Requests => ("requests", 1.0),
            Self::BitsPerSecond => match size {
                size if size < 1e3 => ("bit/s", 1.0),
                size if size < 1e6 => ("kbit/s", 1e3),
                size if size < 1e9 => ("Mbit/s", 1e6),
                size if size < 1e12 => ("Gbit/s", 1e9),
                _ => ("Tbit/s", 1e12),
            },
            Self::Ratio | Self::Price | Self::Count => ("", 1.0),
        }
    }

    /// Whether the figure counts things, so that its single values are whole.
    const fn is_count(self) -> bool {
        matches!(
            self,
            Self::Minutes | Self::Replicas | Self::Requests | Self::Count
        )
    }
}

/// A figure as text: the median with its unit, and the 5-95 % band in the same unit where it says more.
pub(crate) struct BandText {
    /// `12.0`, or `-`.
    pub(crate) median: String,
    /// `s`; empty where there is no number or its label says it all.
    pub(crate) unit: &'static str,
    /// `(8.1-16.4)`; `None` where all runs agree to the digits shown.
    pub(crate) band: Option<String>,
}

impl BandText {
    /// All in one text: `12.0 s (8.1-16.4)`.
    pub(crate) fn joined(&self) -> String {
        let mut text = self.alone();
        if let Some(band) = &self.band {
            text.push(' ');
            text.push_str(band);
        }
        text
    }

    /// The median and its unit: `12.0 s`.
    pub(crate) fn alone(&self) -> String {
        if self.unit.is_empty() {
            self.median.clone()
        } else {
            format!("{} {}", self.median, self.unit)
        }
    }
}

/// A figure over several runs.
pub(crate) fn band(band: &Band, unit: Unit) -> BandText {
    if band.median.is_nan() {
        return BandText {
            median: ABSENT.to_owned(),
            unit: "",
            band: None,
        };
    }
    let ends = [band.low, band.high];
    let known: Vec<f64> = ends.into_iter().filter(|end| end.is_finite()).collect();
    // A median of zero says nothing about the size of the others.
    let size = if band.median.is_infinite() {
        0.0
    } else if band.median == 0.0 {
        known.iter().copied().fold(0.0, |a: f64, b| a.max(b.abs()))
    } else {
        band.median.abs()
    };
    let (name, worth) = unit.scaled(size);
    let shown = [band.median, band.low, band.high].map(|value| value / worth);
    let decimals = decimals(unit, &shown, size / worth);
    let median = fixed(shown[0], decimals, unit);
    let [low, high] = [shown[1], shown[2]].map(|value| fixed(value, decimals, unit));
    let says_more = known.len() == ends.len() && (low != median || high != median);
    BandText {
        unit: singular(&median, name),
        median,
        band: says_more.then(|| format!("({low}-{high})")),
    }
}

/// One number with its unit.
pub(crate) fn number(value: f64, unit: Unit) -> String {
    let alone = Band {
        median: value,
        low: value,
        high: value,
    };
    band(&alone, unit).alone()
}

/// A difference with its unit and its sign; what would read as nothing has none.
pub(crate) fn difference(value: f64, unit: Unit) -> String {
    let text = number(value, unit);
    let is_nought = !text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    if value > 0.0 && !is_nought {
        format!("+{text}")
    } else {
        text
    }
}

/// A change in whole percent with its sign: `-10 %`, `+7 %`, `0 %`.
pub(crate) fn signed_percent(percent: f64) -> String {
    let whole = percent.round();
    if whole > 0.0 {
        format!("+{} %", grouped(&format!("{whole:.0}")))
    } else if whole < 0.0 {
        format!("{} %", grouped(&format!("{whole:.0}")))
    } else {
        "0 %".to_owned()
    }
}

/// A whole number of things, with thousands apart.
pub(crate) fn count(value: f64) -> String {
    number(value, Unit::Count)
}

/// A span of time in the unit that fits.
pub(crate) fn duration(span: SimDuration) -> String {
    number(span.as_seconds(), Unit::Seconds)
}

/// A moment of the run, in the two largest units: `3 d 4 h`, `3 h 12 min`, `2 min 5 s`.
pub(crate) fn moment(at: SimTime) -> String {
    let seconds = at.as_seconds().max(0.0).round();
    let (large, large_name, small, small_name) = match seconds {
        whole if whole < MINUTE => return format!("{whole} s"),
        whole if whole < HOUR => (MINUTE, "min", 1.0, "s"),
        whole if whole < DAY => (HOUR, "h", MINUTE, "min"),
        _ => (DAY, "d", HOUR, "h"),
    };
    let first = (seconds / large).floor();
    let second = ((seconds - first * large) / small).floor();
    if second > 0.0 {
        format!("{first} {large_name} {second} {small_name}")
    } else {
        format!("{first} {large_name}")
    }
}

/// A number with four significant digits, and whole where it is.
pub(crate) fn digits(value: f64) -> String {
    if !value.is_finite() {
        return "no number".to_owned();
    }
    let size = value.abs();
    let decimals = match size {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number with no trailing zeros, for what somebody set rather than measured: `99.9`, `1`.
pub(crate) fn setting(value: f64) -> String {
    if value.is_finite() {
        format!("{}", (value * 1e9).round() / 1e9)
    } else {
        ABSENT.to_owned()
    }
}

/// One replica, one request.
fn singular(digits: &str, unit: &'static str) -> &'static str {
    match unit {
        "replicas" if digits == "1" => "replica",
        "requests" if digits == "1" => "request",
        _ => unit,
    }
}

/// How many decimals keep three significant digits of a number of this size.
fn decimals(unit: Unit, shown: &[f64], size: f64) -> usize {
    let whole = shown
        .iter()
        .all(|value| !value.is_finite() || value.fract() == 0.0);
    if (unit.is_count() && (whole || size >= 100.0)) || size == 0.0 {
        return 0;
    }
    if unit.is_count() {
        return 1;
    }
    let mut decimals = significant_decimals(size);
    // 9.996 has two decimals, but rounds to 10.00.
    let step = 10_f64.powi(decimals);
    if decimals > 0 && significant_decimals((size * step).round() / step) < decimals {
        decimals -= 1;
    }
    let mut decimals = usize::try_from(decimals).unwrap_or(0);
    // A difference of shares is never known closer.
    if unit == Unit::PercentagePoints {
        decimals = decimals.min(MOST_DECIMALS_OF_POINTS);
    }
    // A share that is not all must not read as all.
    while unit == Unit::Percent
        && decimals < MOST_DECIMALS_OF_SHARE
        && reads_as_all(shown[0], decimals)
    {
        decimals += 1;
    }
    decimals
}

fn significant_decimals(size: f64) -> i32 {
    let mut magnitude = 0;
    let mut bound = 10.0;
    while size >= bound && magnitude < SIGNIFICANT_DIGITS {
        magnitude += 1;
        bound *= 10.0;
    }
    let mut bound = 1.0;
    while size < bound && magnitude > SIGNIFICANT_DIGITS - 1 - MOST_DECIMALS {
        magnitude -= 1;
        bound /= 10.0;
    }
    (SIGNIFICANT_DIGITS - 1 - magnitude).max(0)
}

fn reads_as_all(percent: f64, decimals: usize) -> bool {
    percent < 100.0 - NO_DIFFERENCE && format!("{percent:.decimals$}").starts_with("100")
}

/// A number with so many decimals and its thousands apart; small remainders are said to be small.
fn fixed(value: f64, decimals: usize, unit: Unit) -> String {
    if value.is_nan() {
        return ABSENT.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    if value.abs() >= LARGEST_IN_FULL {
        return format!("{value:.2e}");
    }
    if unit == Unit::Percent && decimals >= MOST_DECIMALS_OF_SHARE && reads_as_all(value, decimals)
    {
        return ">99.9999".to_owned();
    }
    let digits = format!("{value:.decimals$}");
    let is_nought = !digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    if is_nought {
        let least = 10_f64.powi(-MOST_DECIMALS);
        return if unit == Unit::Percent && value.abs() < least / 2.0 {
            format!("<{least}")
        } else {
            digits.trim_start_matches('-').to_owned()
        };
    }
    grouped(&digits)
}

/// `1234567.5` as `1,234,567.5`.
fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits
        .find('.')
        .map_or((digits, ""), |dot| digits.split_at(dot));
    let (sign, whole) = whole
        .strip_prefix('-')
        .map_or(("", whole), |rest| ("-", rest));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(value: f64, unit: Unit, expected: &str) {
        assert_eq!(number(value, unit), expected);
    }

    #[track_caller]
    fn check_band(low: f64, median: f64, high: f64, unit: Unit, expected: &str) {
        let figure = Band { median, low, high };
        assert_eq!(band(&figure, unit).joined(), expected);
    }

    #[test]
    fn times_take_the_unit_that_fits() {
        check(0.0, Unit::Seconds, "0 s");
        check(0.000_34, Unit::Seconds, "340 µs");
        check(0.34, Unit::Seconds, "340 ms");
        check(0.0123, Unit::Seconds, "12.3 ms");
        check(12.0, Unit::Seconds, "12.0 s");
        check(184.6, Unit::Seconds, "185 s");
        check(1500.0, Unit::Seconds, "25.0 min");
        check(4320.0, Unit::Seconds, "1.20 h");
        check(1_209_600.0, Unit::Seconds, "14.0 d");
        check(9.996, Unit::Seconds, "10.0 s");
        check(99.96, Unit::Seconds, "100 s");
    }

    #[test]
    fn digits_that_nobody_knows_are_left_out() {
        assert_eq!(difference(0.000_1, Unit::PercentagePoints), "0.000 pp");
        assert_eq!(difference(0.123_4, Unit::PercentagePoints), "+0.123 pp");
        assert_eq!(difference(-12.34, Unit::PercentagePoints), "-12.3 pp");
        check(99.999_999, Unit::Percent, ">99.9999 %");
        check(99.9996, Unit::Percent, "99.9996 %");
        check(100.0 - 1e-12, Unit::Percent, "100 %");
    }

    #[test]
    fn counts_are_whole_and_have_their_thousands_apart() {
        check(12_345.0, Unit::Requests, "12,345 requests");
        check(1_234_567.3, Unit::Requests, "1,234,567 requests");
        check(12.5, Unit::Count, "12.5");
        check(1.0, Unit::Replicas, "1 replica");
        check(7.0, Unit::Replicas, "7 replicas");
        check(0.0, Unit::Minutes, "0 min");
        check(1e18, Unit::Requests, "1.00e18 requests");
    }

    #[test]
    fn throughput_takes_the_unit_that_fits() {
        check(0.0, Unit::BitsPerSecond, "0 bit/s");
        check(38.4e6, Unit::BitsPerSecond, "38.4 Mbit/s");
        check(10e9, Unit::BitsPerSecond, "10.0 Gbit/s");
    }

    #[test]
    fn a_share_that_is_not_all_or_nothing_does_not_read_so() {
        check(100.0, Unit::Percent, "100 %");
        check(99.97, Unit::Percent, "99.97 %");
        check(0.000_02, Unit::Percent, "<0.0001 %");
        check(0.423, Unit::Percent, "0.423 %");
        check(0.0, Unit::Percent, "0 %");
    }

    #[test]
    fn what_does_not_exist_is_a_dash() {
        check(f64::NAN, Unit::Seconds, "-");
        check(f64::INFINITY, Unit::Seconds, "∞ s");
        check_band(f64::NAN, f64::NAN, f64::NAN, Unit::Percent, "-");
        check_band(f64::NAN, 2.0, f64::NAN, Unit::Percent, "2.00 %");
    }

    #[test]
    fn a_band_shares_the_unit_and_the_decimals_of_its_median() {
        check_band(8.1, 12.0, 16.4, Unit::Seconds, "12.0 s (8.1-16.4)");
        check_band(0.9, 1.25, 2.0, Unit::Seconds, "1.25 s (0.90-2.00)");
        check_band(0.0, 0.0, 0.25, Unit::Seconds, "0 ms (0-250)");
        check_band(3.0, 4.0, 6.0, Unit::Count, "4 (3-6)");
        check_band(0.0, 0.0, 5.04, Unit::Seconds, "0 s (0-5.04)");
        check_band(3.0, 4.0, 5.05, Unit::Count, "4.0 (3.0-5.0)");
    }

    #[test]
    fn a_band_that_says_nothing_is_left_out() {
        check_band(12.0, 12.0, 12.0, Unit::Seconds, "12.0 s");
        check_band(11.999, 12.0, 12.001, Unit::Seconds, "12.0 s");
    }

    #[test]
    fn differences_have_a_sign_where_there_is_one() {
        let check = |value, unit, expected| assert_eq!(difference(value, unit), expected);
        check(-174.0, Unit::Seconds, "-174 s");
        check(0.045, Unit::Seconds, "+45.0 ms");
        check(-7.13, Unit::PercentagePoints, "-7.13 pp");
        check(0.0, Unit::PercentagePoints, "0 pp");
        check(0.000_000_1, Unit::PercentagePoints, "0.000 pp");
        check(f64::NAN, Unit::Seconds, "-");
    }

    #[test]
    fn moments_are_said_in_two_units() {
        let at = |seconds| moment(SimTime::from_seconds(seconds));
        assert_eq!(at(0), "0 s");
        assert_eq!(at(125), "2 min 5 s");
        assert_eq!(at(11_520), "3 h 12 min");
        assert_eq!(at(7200), "2 h");
        assert_eq!(at(100_000), "1 d 3 h");
    }

    #[test]
    fn settings_have_no_trailing_zeros() {
        assert_eq!(setting(100.0 - 99.9), "0.1");
        assert_eq!(setting(99.0), "99");
    }

    proptest! {
        #[test]
        fn every_number_is_written_without_panic(low in any::<f64>(), median in any::<f64>(), high in any::<f64>()) {
            for unit in [Unit::Seconds, Unit::Percent, Unit::Requests, Unit::Price] {
                let text = band(&Band { median, low, high }, unit).joined();
                prop_assert!(!text.is_empty() && text.len() < 120, "{}", text);
            }
        }
    }
}
