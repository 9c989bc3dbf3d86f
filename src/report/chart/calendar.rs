//! Ticks of a time axis whose beginning has a date: at round times of day, days by their dates, in UTC.

use super::scale::{Tick, time_step};

const DAY: f64 = 86_400.0;

/// At most so many ticks within `span` seconds from `start`, at round times of the day; the first one and each midnight
/// tell the date.
pub(in crate::report) fn calendar_ticks(
    start: jiff::Timestamp,
    span: f64,
    most: usize,
) -> Vec<Tick> {
    let step = time_step(span, most.max(1));
    // Steps of some days count from the epoch's first day, so that they are the same for every trace.
    let since_epoch = start.as_nanosecond() as f64 / 1e9;
    let grid = step.max(1.0);
    let first = (since_epoch / grid).ceil() * grid - since_epoch;
    let mut ticks = Vec::new();
    let mut at = first;
    while at <= span * (1.0 + 1e-9) && ticks.len() <= most {
        ticks.push(Tick {
            at,
            label: label(since_epoch + at, grid),
        });
        at += grid;
    }
    ticks
}

fn label(since_epoch: f64, step: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a date of jiff's, some billions of seconds at most"
    )]
    let Ok(time) = jiff::Timestamp::from_second(since_epoch.round() as i64) else {
        return String::new();
    };
    let is_midnight = (since_epoch / DAY).fract() == 0.0;
    let form = if is_midnight || step >= DAY {
        "%-d %b"
    } else if step < 60.0 {
        "%H:%M:%S"
    } else {
        "%H:%M"
    };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(start: &str, span: f64, most: usize, expected: &[&str]) {
        let start = start.parse().expect("a date");
        let ticks = calendar_ticks(start, span, most);
        let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn ticks_are_at_round_times_of_day() {
        check(
            "2026-03-14T10:20:00Z",
            3600.0 * 20.0,
            5,
            &["12:00", "18:00", "15 Mar", "06:00"],
        );
        check(
            "2026-02-27T00:00:00Z",
            3.0 * DAY,
            4,
            &["27 Feb", "28 Feb", "1 Mar", "2 Mar"],
        );
        check(
            "2026-02-27T12:00:30Z",
            60.0,
            4,
            &["12:00:30", "12:00:45", "12:01:00", "12:01:15", "12:01:30"],
        );
    }

    #[test]
    fn dates_at_the_ends_of_time_are_no_panic() {
        for start in ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z"] {
            let start = start.parse().expect("a date");
            calendar_ticks(start, 1e9, 7);
        }
    }
}
