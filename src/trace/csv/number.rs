//! Numbers as cells hold them: `12.5`, `1e3`, `1,234.5`, `1.2 K`, `45%`, `1.5 req/s`, `250m`.

use crate::trace::TraceUnit;

/// What may stand between a number's whole part and its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalMark {
    Point,
    /// Where the comma does not separate cells.
    PointOrComma,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Number {
        value: f64,
        /// The unit, if the cell states one.
        unit: Option<TraceUnit>,
        /// Whether a comma was read as the decimal mark.
        has_decimal_comma: bool,
    },
    /// Nothing, or a word for it.
    Missing,
    /// A word for what is no finite number.
    NotFinite,
    NotANumber,
}

/// Reads a cell without blanks around it.
pub(super) fn cell(text: &[u8], mark: DecimalMark) -> Cell {
    let Ok(text) = std::str::from_utf8(text) else {
        return Cell::NotANumber;
    };
    let lower = |word: &str| text.eq_ignore_ascii_case(word);
    if text.is_empty()
        || ["null", "none", "na", "n/a", "-", "undefined"]
            .into_iter()
            .any(lower)
    {
        return Cell::Missing;
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    if ["nan", "inf", "infinity", "∞"]
        .into_iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
    {
        return Cell::NotFinite;
    }
    let (digits, rest) = text.split_at(number_length(text.as_bytes()));
    let Some((value, has_decimal_comma)) = number(digits, mark) else {
        return Cell::NotANumber;
    };
    let Some((factor, unit)) = suffix(rest.trim_start()) else {
        return Cell::NotANumber;
    };
    let value = value * factor;
    if !value.is_finite() {
        return Cell::NotFinite;
    }
    Cell::Number {
        value,
        unit,
        has_decimal_comma,
    }
}

/// What a cell of a series that need not be a load holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    Number {
        /// The number in the unit.
        value: f64,
        /// The unit that the cell states: seconds for every length of time, bytes for every amount of them.
        unit: Option<&'static str>,
    },
    /// Nothing, or a word for it, or for what is no finite number.
    Missing,
    NotANumber,
}

/// Reads a cell without blanks around it, whatever its number measures.
pub(super) fn measure(text: &[u8], mark: DecimalMark) -> Measure {
    match cell(text, mark) {
        Cell::Number { value, unit, .. } => Measure::Number {
            value,
            unit: unit.map(|unit| match unit {
                TraceUnit::Percent => "%",
                other => other.word(),
            }),
        },
        Cell::Missing | Cell::NotFinite => Measure::Missing,
        Cell::NotANumber => measure_with_unit(text, mark).unwrap_or(Measure::NotANumber),
    }
}

/// Reads a number and a unit of time or of bytes, as Grafana writes them: `12.5 ms`, `1.5 mins`, `3 MiB`, `2 kB/s`.
fn measure_with_unit(text: &[u8], mark: DecimalMark) -> Option<Measure> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, unit) = text.split_at(number_length(text.as_bytes()));
    let (value, _) = number(digits, mark)?;
    let (factor, unit) = match unit.trim_start() {
        "ns" => (1e-9, "s"),
        "µs" | "μs" | "us" => (1e-6, "s"),
        "ms" => (1e-3, "s"),
        "s" | "sec" | "secs" => (1.0, "s"),
        "min" | "mins" => (60.0, "s"),
        "h" | "hour" | "hours" => (3600.0, "s"),
        "day" | "days" => (86_400.0, "s"),
        "week" | "weeks" => (604_800.0, "s"),
        "B" | "bytes" => (1.0, "By"),
        "KiB" => (1024.0, "By"),
        "MiB" => (1_048_576.0, "By"),
        "GiB" => (1_073_741_824.0, "By"),
        "kB" => (1e3, "By"),
        "MB" => (1e6, "By"),
        "GB" => (1e9, "By"),
        "B/s" => (1.0, "By/s"),
        "KiB/s" => (1024.0, "By/s"),
        "MiB/s" => (1_048_576.0, "By/s"),
        "kB/s" => (1e3, "By/s"),
        "MB/s" => (1e6, "By/s"),
        "b/s" => (1.0, "bit/s"),
        "kb/s" => (1e3, "bit/s"),
        "Mb/s" => (1e6, "bit/s"),
        "°C" => (1.0, "Cel"),
        _ => return None,
    };
    let unit = Some(unit);
    let value = value * factor;
    value.is_finite().then_some(Measure::Number { value, unit })
}

/// Whether a cell is a number and nothing else.
pub(super) fn is_plain(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        number_length(text.as_bytes()) == text.len() && text.parse::<f64>().is_ok()
    })
}

/// How many bytes at the beginning belong to a number.
fn number_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let belongs = match byte {
            b'0'..=b'9' | b'.' | b',' => true,
            b'+' | b'-' => at == 0 || matches!(text[at - 1], b'e' | b'E'),
            b'e' | b'E' => {
                let next = text.get(at + 1);
                at > 0
                    && next.is_some_and(|next| next.is_ascii_digit() || matches!(next, b'+' | b'-'))
            }
            _ => false,
        };
        if !belongs {
            break;
        }
        at += 1;
    }
    at
}

/// Reads digits with points and commas; also whether a comma was the decimal mark.
fn number(digits: &str, mark: DecimalMark) -> Option<(f64, bool)> {
    if !digits.contains(',') {
        return Some((digits.parse().ok()?, false));
    }
    let commas = digits.matches(',').count();
    if commas == 1 && !digits.contains('.') && mark == DecimalMark::PointOrComma {
        return Some((digits.replace(',', ".").parse().ok()?, true));
    }
    let whole = digits.split('.').next()?.trim_start_matches(['+', '-']);
    let mut groups = whole.split(',');
    let is_grouped = groups
        .next()
        .is_some_and(|head| (1..=3).contains(&head.len()))
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    let grouped = is_grouped && whole.matches(',').count() == commas;
    grouped
        .then(|| digits.replace(',', "").parse().ok())?
        .map(|value| (value, false))
}

/// Reads what follows a number: a scale as Grafana writes it, a unit, or both; `None` if no load has it.
fn suffix(text: &str) -> Option<(f64, Option<TraceUnit>)> {
    if text.is_empty() {
        return Some((1.0, None));
    }
    if let Some(unit) = unit_word(text) {
        return Some((1.0, Some(unit)));
    }
    let mut letters = text.chars();
    let factor = match letters.next()? {
        'k' | 'K' => 1e3,
        'M' => 1e6,
        'B' | 'G' => 1e9,
        'T' => 1e12,
        'm' => 1e-3,
        'µ' | 'u' => 1e-6,
        'n' => 1e-9,
        _ => return None,
    };
    let rest = letters.as_str().trim_start();
    if rest.is_empty() {
        return Some((factor, None));
    }
    if rest.eq_ignore_ascii_case("il") && factor > 1e5 {
        // Grafana's short form of a million is ` Mil`, of a billion ` Bil`.
        return Some((factor, None));
    }
    unit_word(rest).map(|unit| (factor, Some(unit)))
}

/// The unit that a word states.
fn unit_word(word: &str) -> Option<TraceUnit> {
    Some(match word.to_ascii_lowercase().as_str() {
        "%" | "percent" => TraceUnit::Percent,
        "req/s" | "reqs/s" | "requests/s" | "r/s" | "rps" | "reqps" | "ops/s" | "ops" | "q/s"
        | "qps" | "/s" | "tps" | "hits/s" => TraceUnit::RequestsPerSecond,
        "req/min" | "req/m" | "rpm" | "ops/min" | "opm" | "/min" | "requests/min" => {
            TraceUnit::RequestsPerMinute
        }
        "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" => TraceUnit::Cores,
        "req" | "reqs" | "request" | "requests" => TraceUnit::CountPerStep,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: f64, unit: Option<TraceUnit>) {
        match cell(text.as_bytes(), DecimalMark::Point) {
            Cell::Number {
                value: found,
                unit: stated,
                ..
            } => {
                assert!(
                    (found - value).abs() <= value.abs() * 1e-15,
                    "{text}: {found}"
                );
                assert_eq!(stated, unit, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_may_have_groups_scales_and_units() {
        check("12.5", 12.5, None);
        check("-1e-3", -1e-3, None);
        check("+5E2", 500.0, None);
        check("1,234,567.5", 1_234_567.5, None);
        check("1.2 K", 1200.0, None);
        check("3 Mil", 3e6, None);
        check("250m", 0.25, None);
        check("45%", 45.0, Some(TraceUnit::Percent));
        check("1.5 req/s", 1.5, Some(TraceUnit::RequestsPerSecond));
        check("2.5 K req/s", 2500.0, Some(TraceUnit::RequestsPerSecond));
        check("2.5kreq/s", 2500.0, Some(TraceUnit::RequestsPerSecond));
        check("0.5 cores", 0.5, Some(TraceUnit::Cores));
    }

    #[track_caller]
    fn check_measure(text: &str, value: f64, unit: &'static str) {
        let expected = Measure::Number {
            value,
            unit: Some(unit),
        };
        assert_eq!(measure(text.as_bytes(), DecimalMark::Point), expected);
    }

    #[test]
    fn times_and_bytes_are_read_in_their_base_unit() {
        check_measure("12.5 ms", 0.0125, "s");
        check_measure("1.5 mins", 90.0, "s");
        check_measure("2 µs", 2e-6, "s");
        check_measure("3 KiB", 3072.0, "By");
        check_measure("45%", 45.0, "%");
        check_measure("7 req/s", 7.0, "rps");
        assert_eq!(
            measure(b"12 apples", DecimalMark::Point),
            Measure::NotANumber
        );
        assert_eq!(measure(b"NaN", DecimalMark::Point), Measure::Missing);
    }

    #[test]
    fn a_comma_is_a_decimal_mark_only_where_it_separates_no_cells() {
        let with_comma = |text: &str| cell(text.as_bytes(), DecimalMark::PointOrComma);
        assert_eq!(
            with_comma("1,5"),
            Cell::Number {
                value: 1.5,
                unit: None,
                has_decimal_comma: true
            }
        );
        assert_eq!(
            with_comma("1,234.5"),
            Cell::Number {
                value: 1234.5,
                unit: None,
                has_decimal_comma: false
            }
        );
        assert_eq!(cell(b"1,5", DecimalMark::Point), Cell::NotANumber);
    }

    #[test]
    fn missing_infinite_and_wrong_are_told_apart() {
        for text in ["", "null", "N/A", "-"] {
            assert_eq!(
                cell(text.as_bytes(), DecimalMark::Point),
                Cell::Missing,
                "{text}"
            );
        }
        for text in ["NaN", "inf", "-Infinity", "1e999", "+∞"] {
            assert_eq!(
                cell(text.as_bytes(), DecimalMark::Point),
                Cell::NotFinite,
                "{text}"
            );
        }
        for text in [
            "abc", "12 ms", "1.2.3", "1,2,3", "5 KiB", "0x10", "--5", "e5", "1,23", "12abc",
        ] {
            assert_eq!(
                cell(text.as_bytes(), DecimalMark::Point),
                Cell::NotANumber,
                "{text}"
            );
        }
        assert_eq!(cell(&[0xff], DecimalMark::Point), Cell::NotANumber);
    }
}
