//! The times that a query asks for, and their parts.

use anyhow::{Result, anyhow, bail};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::units::SimDuration;

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;
/// The most steps of one query: more is nearly always a step in the wrong unit.
const MOST_STEPS: i128 = 20_000_000;

/// Times from a first to a last one, a step apart; all in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeRange {
    start: i128,
    /// How many times there are, at least one.
    times: i128,
    step: i128,
}

impl TimeRange {
    /// The times between these two, at multiples of the step, so that one question asked again has the same answer.
    ///
    /// # Errors
    /// When there is none, or there are too many.
    pub(super) fn new(start: Timestamp, end: Timestamp, step: SimDuration) -> Result<Self> {
        let step_nanos = i128::from(step.as_nanos());
        if step_nanos < 1_000_000 {
            bail!("--step: {step} is too short for a query, expected 1ms or more");
        }
        let first = start.as_nanosecond().div_euclid(step_nanos) * step_nanos;
        let last = end.as_nanosecond().div_euclid(step_nanos) * step_nanos;
        if end <= start {
            bail!("--start {start} is not before --end {end}, expected an earlier time");
        }
        let times = (last - first) / step_nanos + 1;
        if times > MOST_STEPS {
            bail!(
                "{start} to {end} has {times} steps of {step}, expected at most {MOST_STEPS}; use a longer --step"
            );
        }
        Ok(Self {
            start: first,
            times,
            step: step_nanos,
        })
    }

    /// The same times in parts of at most `most` times each, one after another.
    pub(super) fn parts(self, most: u32) -> impl Iterator<Item = Self> {
        let most = i128::from(most.max(1));
        let parts = (self.times + most - 1) / most;
        (0..parts).map(move |part| Self {
            start: self.start + part * most * self.step,
            times: most.min(self.times - part * most),
            step: self.step,
        })
    }

    /// How many times there are.
    pub(super) fn len(self) -> u32 {
        u32::try_from(self.times).unwrap_or(u32::MAX)
    }

    /// The first time.
    pub(super) fn start(self) -> Timestamp {
        timestamp(self.start)
    }

    /// The last time.
    pub(super) fn end(self) -> Timestamp {
        timestamp(self.start + (self.times - 1) * self.step)
    }

    /// The first time, in seconds since 1970.
    pub(super) fn start_text(self) -> String {
        seconds(self.start)
    }

    /// The last time, in seconds since 1970.
    pub(super) fn end_text(self) -> String {
        seconds(self.start + (self.times - 1) * self.step)
    }

    /// The step, in seconds.
    pub(super) fn step_text(self) -> String {
        seconds(self.step)
    }
}

/// A time as people and programs write it.
///
/// # Errors
/// When it is none: what was written, and what was expected.
pub(super) fn time(flag: &str, text: &str) -> Result<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return TimeZone::UTC
            .to_timestamp(time)
            .map_err(|_| cannot(flag, text));
    }
    let seconds: f64 = text.parse().map_err(|_| cannot(flag, text))?;
    // A year is no time in seconds, and somebody may have meant it.
    if !(1e8..1e11).contains(&seconds) {
        return Err(cannot(flag, text));
    }
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).map_err(|_| cannot(flag, text))?;
    Timestamp::from_duration(since).map_err(|_| cannot(flag, text))
}

fn cannot(flag: &str, text: &str) -> anyhow::Error {
    anyhow!(
        "{flag}: `{text}` is no time, expected one such as `2026-11-24T09:00:00Z`, or seconds since 1970"
    )
}

fn timestamp(nanos: i128) -> Timestamp {
    // Both ends were timestamps, and are at most a step earlier now.
    Timestamp::from_nanosecond(nanos).unwrap_or(Timestamp::MIN)
}

/// Nanoseconds as seconds, without digits that say nothing.
fn seconds(nanos: i128) -> String {
    let (whole, part) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
    if part == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{part:09}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn range(start: &str, end: &str, step_seconds: i64) -> TimeRange {
        let at = |text| time("--start", text).expect("a time");
        TimeRange::new(at(start), at(end), SimDuration::from_seconds(step_seconds)).expect("valid")
    }

    #[test]
    fn times_are_multiples_of_the_step() {
        let range = range("1767225607", "1767225660", 15);
        assert_eq!(range.start_text(), "1767225600");
        assert_eq!(range.end_text(), "1767225660");
        assert_eq!(range.len(), 5);
    }

    #[test]
    fn parts_follow_each_other_without_overlap_and_leave_nothing_out() {
        let whole = range("1767225600", "1767232800", 15);
        let parts: Vec<TimeRange> = whole.parts(100).collect();
        let lengths: Vec<u32> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [100, 100, 100, 100, 81]);
        for pair in parts.windows(2) {
            assert_eq!(pair[1].start, pair[0].start + 100 * pair[0].step);
        }
        assert_eq!(parts[4].end_text(), whole.end_text());
    }

    #[test]
    fn a_time_is_written_in_three_ways() {
        let expected = time("--end", "2026-01-01T00:00:00Z").expect("valid");
        for text in [
            "1767225600",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01 00:00",
            "2026-01-01T00:00:00",
        ] {
            assert_eq!(time("--end", text).expect(text), expected, "{text}");
        }
        for text in ["yesterday", "2026", "", "NaN", "1767225600000"] {
            let error = time("--end", text).expect_err(text).to_string();
            assert!(error.starts_with("--end: `"), "{error}");
        }
    }

    #[test]
    fn a_range_has_a_beginning_before_its_end() {
        let at = |text| time("--start", text).expect("a time");
        let (early, late) = (at("1767225600"), at("1767232800"));
        let step = SimDuration::from_seconds(15);
        assert!(TimeRange::new(late, early, step).is_err());
        assert!(TimeRange::new(early, early, step).is_err());
        assert!(TimeRange::new(early, late, SimDuration::ZERO).is_err());
        let whole_epoch = TimeRange::new(at("1e8"), at("4e9"), SimDuration::from_seconds(1));
        assert!(whole_epoch.is_err());
    }
}
