//! `AtTime`: a moment of a saved run, as a time of day, a date, or a time since the trace began.

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::report::Subject;
use crate::scenario::Span;
use crate::units::{SimDuration, SimTime};

const DAY: i64 = 86_400;

/// A moment, as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AtTime {
    /// So long after the beginning.
    Since(Span),
    /// A date; without an offset it is in UTC.
    Date(jiff::Timestamp),
    /// A time of day, in UTC.
    Clock(jiff::civil::Time),
}

impl FromStr for AtTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(span) = text.parse() {
            return Ok(Self::Since(span));
        }
        if let Ok(date) = text.parse() {
            return Ok(Self::Date(date));
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok();
        let zoned = civil.and_then(|civil| civil.to_zoned(jiff::tz::TimeZone::UTC).ok());
        if let Some(zoned) = zoned {
            return Ok(Self::Date(zoned.timestamp()));
        }
        // A bare `12` may be an hour as well as a second.
        let clock = text.contains(':').then(|| text.parse().ok()).flatten();
        clock.map(Self::Clock).ok_or_else(|| {
            format!(
                "`{}` is no moment, expected a time of day such as `12:31:30`, a date such as `2026-03-14T12:31:30Z`, or a \
                 time since the trace began such as `1h31m`",
                text.escape_debug()
            )
        })
    }
}

impl AtTime {
    /// The moment in the run's own time. Where the trace has no date a time of day counts from its beginning; in a trace
    /// of several days it is the first of its kind.
    ///
    /// # Errors
    /// When it is outside the trace, or a date where the trace has none.
    pub(super) fn within(self, subject: &Subject) -> Result<SimTime> {
        let since = match (self, subject.trace_start) {
            (Self::Since(span), _) => span.duration(),
            (Self::Date(date), Some(start)) => between(start, date),
            (Self::Date(date), None) => bail!(
                "{date} was asked for, but the times of the trace have no date, expected a time since its beginning such \
                 as `2h`"
            ),
            (Self::Clock(time), None) => since_midnight(time),
            (Self::Clock(time), Some(start)) => {
                let begin = since_midnight(start.to_zoned(jiff::tz::TimeZone::UTC).time());
                let since = since_midnight(time) - begin;
                if since < SimDuration::ZERO {
                    since + SimDuration::from_seconds(DAY)
                } else {
                    since
                }
            }
        };
        if since < SimDuration::ZERO || since > subject.horizon {
            bail!(
                "{} is outside the trace, which {}lasts {}",
                self.shown(),
                subject
                    .trace_start
                    .map_or_else(String::new, |start| format!("begins at {start} and ")),
                Span(subject.horizon.as_seconds())
            );
        }
        Ok(SimTime::ZERO + since)
    }

    fn shown(self) -> String {
        match self {
            Self::Since(span) => span.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Clock(time) => time.to_string(),
        }
    }
}

fn between(start: jiff::Timestamp, date: jiff::Timestamp) -> SimDuration {
    let nanos = date.as_nanosecond() - start.as_nanosecond();
    let farthest = if nanos < 0 { i64::MIN } else { i64::MAX };
    SimDuration::from_nanos(i64::try_from(nanos).unwrap_or(farthest))
}

fn since_midnight(time: jiff::civil::Time) -> SimDuration {
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    SimDuration::from_seconds(seconds)
        + SimDuration::from_nanos(i64::from(time.subsec_nanosecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_dates_and_lengths_are_told_apart() {
        let date = |text: &str| AtTime::Date(text.parse().expect("a date"));
        assert_eq!("1h31m".parse(), Ok(AtTime::Since(Span(5460.0))));
        assert_eq!(
            "2026-03-14T12:31:30+01:00".parse(),
            Ok(date("2026-03-14T11:31:30Z"))
        );
        for same in ["12:31:30", "12:31:30.0", "T12:31:30"] {
            let clock = jiff::civil::time(12, 31, 30, 0);
            assert_eq!(same.parse(), Ok(AtTime::Clock(clock)), "{same}");
        }
        for wrong in ["", "noon", "25:00", "-5m", "12"] {
            assert!(wrong.parse::<AtTime>().is_err(), "{wrong}");
        }
    }
}
