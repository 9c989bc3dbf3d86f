//! Times as calendars write them: RFC 3339, the SQL form, and month and day in either order.

/// The order of year, month and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "a bare `Month` would not say what about it"
)]
pub(crate) enum DateOrder {
    YearFirst,
    MonthFirst,
    DayFirst,
}

/// An instant as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant {
    /// Nanoseconds since 1970 in UTC.
    pub(crate) nanos: i64,
    /// Whether an offset from UTC was written; without one UTC is assumed.
    pub(crate) zoned: bool,
}

/// Why a text is not an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CalendarFault {
    /// It is not of the form.
    NotATime,
    /// It lies outside of 1678 to 2261, which 64 bits of nanoseconds cover.
    OutOfRange,
}

const NANOS: i64 = 1_000_000_000;

/// Reads a date, or a date and a time of day, with or without an offset from UTC.
pub(crate) fn parse(text: &[u8], order: DateOrder) -> Result<Instant, CalendarFault> {
    let mut cursor = Cursor { text, at: 0 };
    let instant = cursor.instant(order).ok_or(CalendarFault::NotATime)??;
    if cursor.at == text.len() {
        Ok(instant)
    } else {
        Err(CalendarFault::NotATime)
    }
}

/// Reads a time as web servers log it, `23/Nov/2026:10:00:00 +0000`, perhaps with a fraction of a second; nanoseconds
/// since 1970.
pub(crate) fn parse_log_time(text: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let mut cursor = Cursor { text, at: 0 };
    let day = cursor.number(1, 2)?;
    cursor.take(b"/")?;
    let name = text.get(cursor.at..cursor.at + 3)?;
    let month = (1..)
        .zip(MONTHS)
        .find(|(_, month)| month.as_slice() == name)?
        .0;
    cursor.at += 3;
    cursor.take(b"/")?;
    let year = cursor.number(4, 4)?;
    cursor.take(b":")?;
    if !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let (of_day, fraction) = cursor.time_of_day()?;
    cursor.take(b" ")?;
    let offset = cursor.offset()?;
    if cursor.at != text.len() {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + of_day - offset;
    seconds.checked_mul(NANOS)?.checked_add(fraction)
}

/// A time since 1970 in nanoseconds from a number whose size tells its unit, seconds to nanoseconds; `None` for what
/// is less than 1e8, which counts from some other beginning, and for what is out of range.
pub(crate) fn epoch_nanos(number: f64) -> Option<i64> {
    let seconds = match number {
        _ if number < 1e8 => return None,
        _ if number < 1e11 => number,
        _ if number < 1e14 => number / 1e3,
        _ if number < 1e17 => number / 1e6,
        _ => number / 1e9,
    };
    nanos_of_seconds(seconds)
}

/// Seconds in whole nanoseconds, rounded to a millisecond's millionth where the float holds no more; `None` if out of
/// range.
pub(crate) fn nanos_of_seconds(seconds: f64) -> Option<i64> {
    // A float of today's seconds is exact to 0.2 microseconds: rounding there undoes its own rounding.
    let micros = (seconds * 1e6).round();
    if micros.is_nan() || micros.abs() > i64::MAX as f64 / 1e3 - 1.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within i64, as checked just before"
    )]
    Some((micros as i64).saturating_mul(1_000))
}

/// Reads a time in any unambiguous form, a number of units since 1970 included; also whether UTC was assumed.
pub(crate) fn parse_any(text: &[u8]) -> Option<(i64, bool)> {
    if let Ok(instant) = parse(text, DateOrder::YearFirst) {
        return Some((instant.nanos, !instant.zoned));
    }
    if let Some(nanos) = parse_log_time(text) {
        return Some((nanos, false));
    }
    let number = std::str::from_utf8(text).ok()?;
    if number.len() >= 18
        && let Ok(nanos) = number.parse::<i64>()
        && nanos >= 100_000_000_000_000_000
    {
        return Some((nanos, false));
    }
    Some((epoch_nanos(number.parse().ok()?)?, false))
}

/// The orders in which a date without a leading year can be read; both for one such as 03/04/2026.
pub(crate) fn orders_of(text: &[u8]) -> impl Iterator<Item = DateOrder> + '_ {
    [DateOrder::MonthFirst, DateOrder::DayFirst]
        .into_iter()
        .filter(|order| parse(text, *order).is_ok())
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Counts whole 400-year eras of 146,097 days, with years that begin in March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut value = 0;
        let mut digits = 0;
        while digits < most
            && let Some(byte @ b'0'..=b'9') = self.peek()
        {
            value = value * 10 + i64::from(byte - b'0');
            self.at += 1;
            digits += 1;
        }
        (digits >= least).then_some(value)
    }

    fn instant(&mut self, order: DateOrder) -> Option<Result<Instant, CalendarFault>> {
        let (year, month, day) = self.date(order)?;
        let mut seconds = days_since_1970(year, month, day) * 86_400;
        let mut fraction = 0;
        let mut offset = None;
        if self.at < self.text.len() {
            self.take(b"Tt ")?;
            let (of_day, nanos) = self.time_of_day()?;
            seconds += of_day;
            fraction = nanos;
            if self.peek() == Some(b' ') {
                self.at += 1;
            }
            if self.at < self.text.len() {
                offset = Some(self.offset()?);
            }
        }
        let nanos = (seconds - offset.unwrap_or(0))
            .checked_mul(NANOS)
            .and_then(|whole| whole.checked_add(fraction));
        Some(
            nanos
                .map(|nanos| Instant {
                    nanos,
                    zoned: offset.is_some(),
                })
                .ok_or(CalendarFault::OutOfRange),
        )
    }

    fn date(&mut self, order: DateOrder) -> Option<(i64, i64, i64)> {
        let (year, month, day) = if order == DateOrder::YearFirst {
            let year = self.number(4, 4)?;
            let separator = self.take(b"-/")?;
            let month = self.number(1, 2)?;
            self.take(&[separator])?;
            (year, month, self.number(1, 2)?)
        } else {
            let first = self.number(1, 2)?;
            let separator = self.take(b"/.-")?;
            let second = self.number(1, 2)?;
            self.take(&[separator])?;
            let year = self.number(4, 4)?;
            match order {
                DateOrder::MonthFirst => (year, first, second),
                _ => (year, second, first),
            }
        };
        let valid = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        valid.then_some((year, month, day))
    }

    /// Seconds and nanoseconds of a time of day; the leap second 60 counts as the next second.
    fn time_of_day(&mut self) -> Option<(i64, i64)> {
        let mut hour = self.number(1, 2)?;
        self.take(b":")?;
        let minute = self.number(2, 2)?;
        let mut second = 0;
        let mut nanos = 0;
        if self.take(b":").is_some() {
            second = self.number(2, 2)?;
            if self.take(b".,").is_some() {
                nanos = self.fraction()?;
            }
        }
        if let Some(after_noon) = self.twelve_hour_mark() {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if after_noon { 12 } else { 0 };
        }
        let valid = hour <= 23 && minute <= 59 && second <= 60;
        valid.then_some((hour * 3600 + minute * 60 + second, nanos))
    }

    /// The digits after a second's point, in nanoseconds; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> Option<i64> {
        let mut nanos = 0;
        let mut place = NANOS / 10;
        let from = self.at;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            nanos += i64::from(byte - b'0') * place;
            place /= 10;
            self.at += 1;
        }
        (self.at > from).then_some(nanos)
    }

    /// ` AM` or ` PM`; whether it is after noon.
    fn twelve_hour_mark(&mut self) -> Option<bool> {
        let rest = self.text.get(self.at..)?;
        let mark = rest.strip_prefix(b" ").unwrap_or(rest);
        let after_noon = match mark.get(..2)? {
            [b'a' | b'A', b'm' | b'M'] => false,
            [b'p' | b'P', b'm' | b'M'] => true,
            _ => return None,
        };
        self.at += rest.len() - mark.len() + 2;
        Some(after_noon)
    }

    /// An offset from UTC in seconds.
    fn offset(&mut self) -> Option<i64> {
        let rest = self.text.get(self.at..)?;
        if matches!(rest, b"Z" | b"z" | b"UTC" | b"GMT") {
            self.at = self.text.len();
            return Some(0);
        }
        let sign = if self.take(b"+-")? == b'+' { 1 } else { -1 };
        let hours = self.number(2, 2)?;
        let minutes = if self.take(b":").is_some() {
            self.number(2, 2)?
        } else {
            self.number(2, 2).unwrap_or(0)
        };
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: i64, nanos: i64, zoned: bool) {
        let expected = Instant {
            nanos: seconds * NANOS + nanos,
            zoned,
        };
        assert_eq!(
            parse(text.as_bytes(), DateOrder::YearFirst),
            Ok(expected),
            "{text}"
        );
    }

    #[test]
    fn rfc_3339_and_the_sql_form_are_read() {
        check("1970-01-01T00:00:00Z", 0, 0, true);
        check("2014-04-10 00:04:00", 1_397_088_240, 0, false);
        check(
            "2023-11-16 18:15:46.6805900",
            1_700_158_546,
            680_590_000,
            false,
        );
        check("2026-09-25T22:26:42+05:00", 1_790_357_202, 0, true);
        check(
            "2026-09-25T22:26:42.5-0530",
            1_790_395_002,
            500_000_000,
            true,
        );
        check("2024-02-29", 1_709_164_800, 0, false);
        check(
            "2024/2/29 1:02 PM",
            1_709_164_800 + 13 * 3600 + 120,
            0,
            false,
        );
        check("2016-12-31 23:59:60 UTC", 1_483_228_800, 0, true);
        check("1969-12-31 23:59:59,999999999999", -1, 999_999_999, false);
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        for text in [
            "",
            "2023",
            "2023-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-01-01T",
            "2023-01-01T24:00:00",
            "2023-01-01 10:60",
            "2023-01-01 10:00:00.",
            "2023-01-01 10:00:00+5",
            "2023-01-01 10:00 x",
            "2023-01/01",
            "2023-01-01 13:00 PM",
            "1767225600",
            "é",
        ] {
            assert_eq!(
                parse(text.as_bytes(), DateOrder::YearFirst),
                Err(CalendarFault::NotATime),
                "{text}"
            );
        }
        let far = parse(b"9999-12-31 00:00:00", DateOrder::YearFirst);
        assert_eq!(far, Err(CalendarFault::OutOfRange));
    }

    #[test]
    fn month_and_day_are_told_apart_only_when_they_can_be() {
        let orders = |text: &str| orders_of(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(orders("03/14/2026 10:00"), [DateOrder::MonthFirst]);
        assert_eq!(orders("14.03.2026 10:00"), [DateOrder::DayFirst]);
        assert_eq!(
            orders("03/04/2026 10:00"),
            [DateOrder::MonthFirst, DateOrder::DayFirst]
        );
        assert_eq!(orders("2026-03-04"), []);
    }

    proptest! {
        #[test]
        fn every_instant_that_jiff_prints_reads_back(seconds in -9_000_000_000_i64..9_000_000_000, nanos in 0..NANOS) {
            let exact = seconds * NANOS + nanos;
            let printed = jiff::Timestamp::from_nanosecond(i128::from(exact)).expect("in range").to_string();
            let expected = Instant { nanos: exact, zoned: true };
            prop_assert_eq!(parse(printed.as_bytes(), DateOrder::YearFirst), Ok(expected));
        }

        #[test]
        fn no_bytes_panic(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            for order in [DateOrder::YearFirst, DateOrder::MonthFirst, DateOrder::DayFirst] {
                let _ = parse(&text, order);
            }
        }
    }
}
