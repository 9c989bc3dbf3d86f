//! `SurveyedTrace`: what the forms of `trace info` draw, and its numbers as text.

use super::format::{self, Unit};
use crate::trace::{Survey, Trace, TraceUnit};
use crate::units::{SimDuration, SimTime};

/// A trace and its survey.
#[derive(Clone, Copy, Debug)]
pub struct SurveyedTrace<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// Its figures.
    pub survey: &'a Survey,
}

impl SurveyedTrace<'_> {
    /// A level with its unit.
    pub(super) fn level(&self, value: f64) -> String {
        match self.survey.unit {
            TraceUnit::Percent => format!(
                "{} of the cpu request",
                format::number(value, Unit::Percent)
            ),
            TraceUnit::Fraction => {
                format!("{} of the cpu request", format::number(value, Unit::Ratio))
            }
            unit => format!(
                "{} {}",
                format::number(value, Unit::Ratio),
                level_name(unit)
            ),
        }
    }

    /// When something was: since the beginning, and by the calendar where that is known.
    pub(super) fn moment(&self, at: SimTime) -> String {
        let since = format!("{} in", format::moment(at));
        match self.date(at) {
            Some(date) => format!("{since} ({date})"),
            None => since,
        }
    }

    /// A date and a time of day in UTC; `None` where the trace has no calendar times.
    pub(super) fn date(&self, at: SimTime) -> Option<String> {
        let date = self.timestamp(at)?;
        Some(date.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
    }

    /// The same for programs.
    pub(super) fn timestamp(&self, at: SimTime) -> Option<jiff::Timestamp> {
        let nanos = self.trace.start?.as_nanosecond() + i128::from(at.as_nanos());
        jiff::Timestamp::from_nanosecond(nanos).ok()
    }

    /// The time of day or the day of the week, where the calendar is known, of what comes so long after each period's
    /// beginning.
    pub(super) fn phase(&self, since: SimDuration, form: &str) -> Option<String> {
        let date = self.timestamp(SimTime::ZERO + since)?;
        Some(date.strftime(form).to_string())
    }
}

/// A unit behind a number.
pub(super) const fn level_name(unit: TraceUnit) -> &'static str {
    match unit {
        TraceUnit::Cores => "cores",
        TraceUnit::MilliCores => "millicores",
        TraceUnit::Percent => "%",
        TraceUnit::Fraction => "of the cpu request",
        _ => "requests/s",
    }
}
