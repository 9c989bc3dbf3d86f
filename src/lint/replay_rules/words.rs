//! Numbers of a replay in the words of messages.

use std::fmt::Display;

use crate::hpa::MetricTarget;
use crate::lint::length::length;
use crate::units::{Quantity, SimDuration, SimTime};

/// A moment of the trace: `13 h 35 min` since it began, with days where there are several.
pub(super) fn moment(at: SimTime) -> String {
    const DAY: i64 = 86_400 * 1_000_000_000;
    let since = at.since_start();
    let days = since.as_nanos() / DAY;
    let rest = length(SimDuration::from_nanos(since.as_nanos() % DAY));
    let is_whole = since.as_nanos() % DAY == 0;
    match days {
        0 => rest,
        1 if is_whole => "1 day".to_owned(),
        1 => format!("1 day {rest}"),
        days if is_whole => format!("{days} days"),
        days => format!("{days} days {rest}"),
    }
}

/// Likewise, led by date and time of day where it is known when the trace begins: `2026-03-01 12:31:30 UTC (2 h 31 min into
/// the trace)`.
pub(super) fn moment_by_calendar(start: Option<jiff::Timestamp>, at: SimTime) -> String {
    let since = moment(at);
    let date = start.and_then(|start| {
        let nanos = start.as_nanosecond() + i128::from(at.as_nanos());
        jiff::Timestamp::from_nanosecond(nanos).ok()
    });
    match date {
        Some(date) => format!(
            "{} ({since} into the trace)",
            date.strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
        None => since,
    }
}

/// A time of so many seconds, to the nearest second.
pub(super) fn seconds(value: f64) -> String {
    length(SimDuration::from_seconds_rounded(value.round()))
}

/// A share in percent with the digits that tell it apart from none and all.
pub(super) fn percent(value: f64) -> String {
    if !value.is_finite() {
        "no".to_owned()
    } else if value >= 10.0 {
        format!("{value:.0} %")
    } else if value >= 1.0 {
        format!("{value:.1} %")
    } else {
        format!("{value:.2} %")
    }
}

/// A share that is allowed, as it was said: `1 %`, `0.1 %`.
pub(super) fn allowed_percent(share: f64) -> String {
    format!("{} %", (share * 100.0 * 1e6).round() / 1e6)
}

/// A count of replicas: `1 replica`, `3 replicas`.
pub(super) fn replicas(count: u32) -> String {
    counted(count, "replica")
}

/// A count of runs: `3 of 20 runs`.
pub(super) fn of_runs(some: u32, all: u32) -> String {
    format!("{some} of {}", counted(all, "run"))
}

/// A count of something whose plural ends in s: `1 change`, `3 changes`.
pub(super) fn counted<T: Copy + PartialEq + From<u8> + Display>(count: T, noun: &str) -> String {
    let s = if count == T::from(1) { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// `+0.8 replica-hours a day`, `+0.8 or -1.2 replica-hours a day`.
pub(super) fn costs(more_replica_hours: &[f64]) -> String {
    let signed: Vec<String> = more_replica_hours
        .iter()
        .map(|hours| {
            if hours.abs() < 0.05 {
                "+0.0".to_owned()
            } else {
                format!("{hours:+.1}")
            }
        })
        .collect();
    format!("{} replica-hours a day", signed.join(" or "))
}

/// `a target of 55 %`.
pub(super) fn target_in_words(target: MetricTarget) -> String {
    match target {
        MetricTarget::Utilization(percent) => format!("a target of {percent} %"),
        MetricTarget::AverageValue(milli) | MetricTarget::Value(milli) => {
            format!("a target of {}", Quantity::from_milli(milli))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_days_only_where_there_are_some() {
        assert_eq!(moment(SimTime::from_seconds(48_900)), "13 h 35 min");
        assert_eq!(moment(SimTime::from_seconds(86_400 + 60)), "1 day 1 min");
        assert_eq!(moment(SimTime::from_seconds(3 * 86_400)), "3 days");
    }

    #[test]
    fn moments_are_told_by_the_calendar_where_it_is_known() {
        let start: jiff::Timestamp = "2026-03-01T10:00:00Z".parse().expect("it is a time");
        let at = SimTime::from_seconds(9_090);
        assert_eq!(
            moment_by_calendar(Some(start), at),
            "2026-03-01 12:31:30 UTC (2 h 31 min into the trace)"
        );
        assert_eq!(moment_by_calendar(None, at), moment(at));
        let last = moment_by_calendar(Some(jiff::Timestamp::MAX), at);
        assert_eq!(last, moment(at));
    }

    #[test]
    fn one_of_a_thing_has_no_plural() {
        assert_eq!(counted(1, "change"), "1 change");
        assert_eq!(counted(7_usize, "change"), "7 changes");
        assert_eq!(counted(1.0, "minute"), "1 minute");
        assert_eq!(of_runs(1, 1), "1 of 1 run");
    }

    #[test]
    fn shares_and_costs_are_short() {
        for (value, expected) in [(0.034, "0.03 %"), (1.83, "1.8 %"), (43.2, "43 %")] {
            assert_eq!(percent(value), expected);
        }
        assert_eq!(allowed_percent(1.0 - 0.999), "0.1 %");
        assert_eq!(costs(&[0.84, -2.0]), "+0.8 or -2.0 replica-hours a day");
        assert_eq!(costs(&[-0.01]), "+0.0 replica-hours a day");
    }
}
