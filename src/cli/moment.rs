//! `Moment`: a point of a trace, as a time since its beginning or as a date.

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::scenario::Span;
use crate::trace::Trace;
use crate::units::{SimDuration, SimTime};

/// A point of a trace, as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    /// So long after the beginning.
    Since(Span),
    /// A date; without an offset it is in UTC.
    Date(jiff::Timestamp),
}

impl FromStr for Moment {
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
        zoned.map(|zoned| Self::Date(zoned.timestamp())).ok_or_else(|| {
            format!(
                "`{}` is no moment, expected a time since the beginning such as `2h`, or a date such as `2026-03-14T09:30:00Z`",
                text.escape_debug()
            )
        })
    }
}

impl Moment {
    /// The point in the trace's own time; before its beginning and after its end too.
    pub(super) fn within(self, trace: &Trace) -> Result<SimTime> {
        let date = match self {
            Self::Since(span) => return Ok(SimTime::ZERO + span.duration()),
            Self::Date(date) => date,
        };
        let Some(start) = trace.start else {
            bail!(
                "{date} was asked for, but the times of the trace have no date, expected a time since its beginning such as `2h`"
            );
        };
        let nanos = date.as_nanosecond() - start.as_nanosecond();
        let nanos = i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX });
        Ok(SimTime::ZERO + SimDuration::from_nanos(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_told_apart() {
        let date = |text: &str| Moment::Date(text.parse().expect("a date"));
        assert_eq!("2h30m".parse(), Ok(Moment::Since(Span(9_000.0))));
        for same in [
            "2026-03-14T09:30:00Z",
            "2026-03-14T10:30:00+01:00",
            "2026-03-14 09:30",
        ] {
            assert_eq!(same.parse(), Ok(date("2026-03-14T09:30:00Z")), "{same}");
        }
        assert_eq!("2026-03-14".parse(), Ok(date("2026-03-14T00:00:00Z")));
        for wrong in ["", "-5m", "yesterday", "2026-02-30", "12"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}
