//! The short path: rows whose time and load are plain digits or a common calendar form, without quotes.
//!
//! Whatever it does not take it leaves to the long path, which reads the same numbers from the same cells.

use super::columns::{Plan, TimeSource, ValueSource};
use super::time::TimeForm;
use crate::trace::calendar::{self, DateOrder};
use crate::trace::raw::Columns;

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Powers of ten as whole numbers.
const WHOLE_POWERS: [i64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

/// As many digits as every float of that many holds exactly, so that one division rounds once and thus correctly
/// (W. D. Clinger, "How to read floating point numbers accurately", 1990).
const EXACT_DIGITS: usize = 15;

/// Where the time and the load stand in a row, and in what form.
pub(super) struct PlainRows {
    delimiter: u8,
    order: Order,
    /// Cells before the first of the two, and between them.
    before: usize,
    between: usize,
    time: PlainTime,
    /// Whether a time without an offset has been read.
    assumes_utc: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    TimeFirst,
    ValueFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlainTime {
    /// A number of units of so many nanoseconds, at most a second.
    Number(i64),
    Calendar,
}

impl PlainRows {
    /// The short path for a plan, if it reads one time and one load and nothing else.
    pub(super) fn of(plan: &Plan, delimiter: u8) -> Option<Self> {
        let (TimeSource::Column { index, form }, Some(ValueSource::Column(value))) =
            (plan.time, plan.value)
        else {
            return None;
        };
        if plan.length.is_some() || !plan.extras.is_empty() || index == value {
            return None;
        }
        let time = match form {
            TimeForm::Number { unit, .. } if unit <= 1_000_000_000 => PlainTime::Number(unit),
            TimeForm::Calendar(DateOrder::YearFirst) => PlainTime::Calendar,
            TimeForm::Number { .. } | TimeForm::Calendar(_) => return None,
        };
        Some(Self {
            delimiter,
            order: if index < value {
                Order::TimeFirst
            } else {
                Order::ValueFirst
            },
            before: index.min(value),
            between: index.abs_diff(value) - 1,
            time,
            assumes_utc: false,
        })
    }

    pub(super) fn assumes_utc(&self) -> bool {
        self.assumes_utc
    }

    /// Reads rows up to the first that is not plain; returns the bytes they take. `rows` ends with a newline.
    pub(super) fn read(&mut self, rows: &[u8], columns: &mut Columns, line: &mut u64) -> usize {
        let mut at = 0;
        while let Some((time, value, next)) = self.read_row(rows, at) {
            columns.push_time(time, *line);
            columns.values.push(value);
            *line += 1;
            at = next;
        }
        at
    }

    /// Reads the row at `at`: its time, its load and where the next one begins.
    #[inline]
    fn read_row(&mut self, rows: &[u8], at: usize) -> Option<(i64, f64, usize)> {
        if rows.get(at) == Some(&b'#') {
            return None;
        }
        let at = self.skip_cells(rows, at, self.before)?;
        let (time, value, at) = match self.order {
            Order::TimeFirst => {
                let (time, at) = self.read_time(rows, at)?;
                let at = self.skip_cells(rows, self.skip_delimiter(rows, at)?, self.between)?;
                let (value, at) = Self::read_value(rows, at)?;
                (time, value, at)
            }
            Order::ValueFirst => {
                let (value, at) = Self::read_value(rows, at)?;
                let at = self.skip_cells(rows, self.skip_delimiter(rows, at)?, self.between)?;
                let (time, at) = self.read_time(rows, at)?;
                (time, value, at)
            }
        };
        match *rows.get(at)? {
            b'\n' => Some((time, value, at + 1)),
            b'\r' if rows.get(at + 1) == Some(&b'\n') => Some((time, value, at + 2)),
            byte if byte == self.delimiter => {
                let rest = &rows[at..];
                let end = memchr::memchr2(b'\n', b'"', rest)?;
                (rest[end] == b'\n').then_some((time, value, at + end + 1))
            }
            _ => None,
        }
    }

    fn skip_delimiter(&self, rows: &[u8], at: usize) -> Option<usize> {
        (*rows.get(at)? == self.delimiter).then_some(at + 1)
    }

    /// Skips so many cells and their delimiters.
    fn skip_cells(&self, rows: &[u8], mut at: usize, cells: usize) -> Option<usize> {
        for _ in 0..cells {
            loop {
                let byte = *rows.get(at)?;
                at += 1;
                if byte == self.delimiter {
                    break;
                }
                if matches!(byte, b'\n' | b'"') {
                    return None;
                }
            }
        }
        Some(at)
    }

    #[inline]
    fn read_time(&mut self, rows: &[u8], at: usize) -> Option<(i64, usize)> {
        match self.time {
            PlainTime::Number(unit) => {
                let decimal = Decimal::read_long(rows, at)?;
                let nanos = decimal.scaled(unit)?;
                Some((nanos, decimal.end))
            }
            PlainTime::Calendar => {
                let rest = rows.get(at..)?;
                let length = memchr::memchr3(self.delimiter, b'\n', b'\r', rest)?;
                let instant = calendar::parse(&rest[..length], DateOrder::YearFirst).ok()?;
                self.assumes_utc |= !instant.zoned;
                Some((instant.nanos, at + length))
            }
        }
    }

    #[inline]
    fn read_value(rows: &[u8], at: usize) -> Option<(f64, usize)> {
        let decimal = Decimal::read(rows, at)?;
        if decimal.digits <= EXACT_DIGITS {
            let value = decimal.mantissa as f64 / POWERS[decimal.fraction_digits];
            return Some((value, decimal.end));
        }
        // More digits than a float holds: leave the rounding to the standard library.
        let text = std::str::from_utf8(&rows[at..decimal.end]).ok()?;
        let value: f64 = text.parse().ok()?;
        (value < 1e15).then_some((value, decimal.end))
    }
}

/// Digits with at most one point among them.
struct Decimal {
    /// The digits without the point; wrong beyond 19 of them.
    mantissa: u64,
    digits: usize,
    fraction_digits: usize,
    /// Where the byte after them stands.
    end: usize,
}

impl Decimal {
    /// Reads from `at`; `None` unless a digit stands there.
    #[inline]
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        Self::read_after(bytes, at, 0, at)
    }

    /// The same, faster for eight digits and more.
    #[inline]
    fn read_long(bytes: &[u8], at: usize) -> Option<Self> {
        match eight_digits(bytes, at) {
            Some(head) => Self::read_after(bytes, at, head, at + 8),
            None => Self::read(bytes, at),
        }
    }

    /// Reads what began at `at` from `next` on, after digits that came to `head`.
    #[inline]
    fn read_after(bytes: &[u8], at: usize, head: u64, next: usize) -> Option<Self> {
        let (whole, point) = digits(bytes, next, head);
        if point == at {
            return None;
        }
        if bytes.get(point) != Some(&b'.') {
            return Some(Self {
                mantissa: whole,
                digits: point - at,
                fraction_digits: 0,
                end: point,
            });
        }
        let (mantissa, end) = digits(bytes, point + 1, whole);
        Some(Self {
            mantissa,
            digits: end - at - 1,
            fraction_digits: end - point - 1,
            end,
        })
    }

    /// The number times `unit`, rounded; `None` if whole numbers of 64 bits cannot hold all steps of it.
    #[inline]
    fn scaled(&self, unit: i64) -> Option<i64> {
        if self.fraction_digits == 0 {
            if self.digits > 19 {
                return None;
            }
            return i64::try_from(self.mantissa).ok()?.checked_mul(unit);
        }
        if self.digits > 18 || self.fraction_digits > 9 {
            return None;
        }
        let power = WHOLE_POWERS[self.fraction_digits];
        let mantissa = i64::try_from(self.mantissa).ok()?;
        let (whole, parts) = (mantissa / power, mantissa % power);
        let nanos = (parts * unit + power / 2) / power;
        whole.checked_mul(unit)?.checked_add(nanos)
    }
}

/// The eight digits at `at`, in one go; `None` if there are fewer.
///
/// Pairs of neighbours are joined three times: digits to numbers below 100, those to numbers below 10,000, and these.
/// Source: D. Lemire, "Quickly parsing eight digits", 2018.
#[inline]
fn eight_digits(bytes: &[u8], at: usize) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    let text = u64::from_le_bytes(*chunk);
    if text & HIGH != ZEROS || text.wrapping_add(SIXES) & HIGH != ZEROS {
        return None;
    }
    let pairs = (text & !HIGH).wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// Appends the digits at `at` to `value`; also where they end.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    while let Some(byte) = bytes.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (value, at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digits_in_one_go_are_the_number(number in 0_u64..100_000_000, after in "[^0-9]?.{0,3}") {
            let text = format!("{number:08}{after}");
            prop_assert_eq!(eight_digits(text.as_bytes(), 0), Some(number));
        }

        #[test]
        fn other_bytes_are_no_digits(bytes in any::<[u8; 8]>()) {
            let expected = std::str::from_utf8(&bytes).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            let expected: Option<u64> = expected.and_then(|text| text.parse().ok());
            prop_assert_eq!(eight_digits(&bytes, 0), expected);
        }

        #[test]
        fn the_short_path_rounds_as_the_standard_library(text in "[0-9]{1,12}(\\.[0-9]{0,12})?") {
            let row = format!("{text}\n");
            let (value, end) = PlainRows::read_value(row.as_bytes(), 0).expect("a plain number");
            prop_assert_eq!(value.to_bits(), text.parse::<f64>().expect("a number").to_bits());
            prop_assert_eq!(end, text.len());
        }
    }
}
