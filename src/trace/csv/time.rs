//! Times as cells hold them: seconds, milliseconds and so on since 1970 or since a beginning, or calendar times.

use crate::trace::calendar::{self, CalendarFault, DateOrder};
use crate::trace::error::{quoted, quoted_bytes};
use crate::trace::{TimeBase, TraceProblem, names};

const SECOND: i64 = 1_000_000_000;

/// The form that all times of a column have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// A number of units, each of so many nanoseconds.
    Number {
        unit: i64,
        base: TimeBase,
    },
    Calendar(DateOrder),
}

/// A time as a cell holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellTime {
    pub(super) nanos: i64,
    /// Whether it counts as UTC without saying so.
    pub(super) assumes_utc: bool,
}

/// Why a cell is not a time of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFault {
    NotATime,
    OutOfRange,
}

impl TimeForm {
    /// The form of a first time, a number's unit by its size: 1e8 to 1e11 are seconds since 1970 (from 1973 to 5138),
    /// a thousand times that milliseconds, and so on. Anything smaller counts from an unknown beginning, in the unit
    /// that the column's name ends in.
    pub(super) fn of_number(first: f64, column: &str) -> Self {
        let size = first.abs();
        let unit = match size {
            _ if size < 1e8 => {
                let unit = names::relative_unit(column);
                let base = TimeBase::Unknown;
                return Self::Number { unit, base };
            }
            _ if size < 1e11 => SECOND,
            _ if size < 1e14 => SECOND / 1_000,
            _ if size < 1e17 => SECOND / 1_000_000,
            _ => 1,
        };
        let base = TimeBase::Epoch;
        Self::Number { unit, base }
    }

    pub(super) fn base(self) -> TimeBase {
        match self {
            Self::Number { base, .. } => base,
            Self::Calendar(_) => TimeBase::Epoch,
        }
    }

    /// The form in words.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Calendar(_) => "calendar times",
            Self::Number { unit, base } => match (base, unit) {
                (TimeBase::Epoch, SECOND) => "seconds since 1970",
                (TimeBase::Epoch, 1_000_000) => "milliseconds since 1970",
                (TimeBase::Epoch, 1_000) => "microseconds since 1970",
                (TimeBase::Epoch, _) => "nanoseconds since 1970",
                (TimeBase::Unknown, SECOND) => "seconds from a beginning",
                (TimeBase::Unknown, 1_000_000) => "milliseconds from a beginning",
                (TimeBase::Unknown, 60_000_000_000) => "minutes from a beginning",
                (TimeBase::Unknown, 3_600_000_000_000) => "hours from a beginning",
                (TimeBase::Unknown, _) => "units from a beginning",
            },
        }
    }

    /// Reads a cell of a column without blanks around it.
    pub(super) fn read_named(self, cell: &[u8], column: &str) -> Result<CellTime, TraceProblem> {
        self.read(cell).map_err(|fault| {
            let text = quoted_bytes(cell);
            match fault {
                TimeFault::OutOfRange => TraceProblem::TimeOutOfRange(text),
                TimeFault::NotATime => TraceProblem::BadTime {
                    text,
                    column: quoted(column),
                    expected: self.description(),
                },
            }
        })
    }

    /// Reads a cell without blanks around it.
    pub(super) fn read(self, cell: &[u8]) -> Result<CellTime, TimeFault> {
        match self {
            Self::Number { unit, .. } => {
                let nanos = number_nanos(cell, unit)?;
                let assumes_utc = false;
                Ok(CellTime { nanos, assumes_utc })
            }
            Self::Calendar(order) => match calendar::parse(cell, order) {
                Ok(instant) => Ok(CellTime {
                    nanos: instant.nanos,
                    assumes_utc: !instant.zoned,
                }),
                Err(CalendarFault::NotATime) => Err(TimeFault::NotATime),
                Err(CalendarFault::OutOfRange) => Err(TimeFault::OutOfRange),
            },
        }
    }
}

/// Reads a number of units as nanoseconds, exactly where the digits allow.
fn number_nanos(cell: &[u8], unit: i64) -> Result<i64, TimeFault> {
    let text = std::str::from_utf8(cell).map_err(|_| TimeFault::NotATime)?;
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
    {
        return Err(TimeFault::NotATime);
    }
    if let Some(nanos) = decimal_nanos(text, unit) {
        return nanos;
    }
    let number: f64 = text.parse().map_err(|_| TimeFault::NotATime)?;
    let nanos = (number * unit as f64).round();
    if nanos.is_nan() || nanos.abs() >= i64::MAX as f64 {
        return Err(TimeFault::OutOfRange);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within i64, as checked just before"
    )]
    Ok(nanos as i64)
}

/// Reads digits with at most one point in whole-number arithmetic; `None` for other forms and for very many digits.
fn decimal_nanos(text: &str, unit: i64) -> Option<Result<i64, TimeFault>> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 19 || fraction.len() > 18 || !are_digits {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let (parts, scale) = if fraction.is_empty() {
        (0, 1)
    } else {
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        (fraction.parse::<i128>().ok()?, scale)
    };
    let nanos = whole * i128::from(unit) + (parts * i128::from(unit) + scale / 2) / scale;
    Some(i64::try_from(sign * nanos).map_err(|_| TimeFault::OutOfRange))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, column: &str, nanos: i64, base: TimeBase) {
        let form = TimeForm::of_number(cell.parse().expect("a number"), column);
        assert_eq!(form.base(), base, "{cell}");
        assert_eq!(
            form.read(cell.as_bytes()).map(|time| time.nanos),
            Ok(nanos),
            "{cell}"
        );
    }

    #[test]
    fn the_size_of_a_number_tells_its_unit() {
        let now = 1_767_225_600_123_456_789;
        check("1767225600", "t", 1_767_225_600 * SECOND, TimeBase::Epoch);
        check(
            "1767225600.123",
            "t",
            now / 1_000_000 * 1_000_000,
            TimeBase::Epoch,
        );
        check(
            "1767225600123",
            "t",
            now / 1_000_000 * 1_000_000,
            TimeBase::Epoch,
        );
        check(
            "1767225600123456",
            "t",
            now / 1_000 * 1_000,
            TimeBase::Epoch,
        );
        check("1767225600123456789", "t", now, TimeBase::Epoch);
        check("1.7672256e9", "t", 1_767_225_600 * SECOND, TimeBase::Epoch);
    }

    #[test]
    fn small_numbers_count_from_a_beginning_in_the_unit_of_the_name() {
        check("0.5", "timestamp", SECOND / 2, TimeBase::Unknown);
        check("15000", "time_ms", 15 * SECOND, TimeBase::Unknown);
        check("2", "minute", 120 * SECOND, TimeBase::Unknown);
        check("-30", "t_offset_s", -30 * SECOND, TimeBase::Unknown);
    }

    #[test]
    fn what_is_no_time_or_too_far_is_told() {
        let form = TimeForm::of_number(1e9, "t");
        assert_eq!(form.read(b"abc"), Err(TimeFault::NotATime));
        assert_eq!(form.read(b"inf"), Err(TimeFault::NotATime));
        assert_eq!(form.read(b""), Err(TimeFault::NotATime));
        assert_eq!(form.read(b"99999999999"), Err(TimeFault::OutOfRange));
        assert_eq!(form.read(b"1e308"), Err(TimeFault::OutOfRange));
    }
}
