//! A stretch of time in the words of messages.

use crate::units::SimDuration;

/// How far a course of scaling is followed.
pub(crate) const LONGEST_COURSE: SimDuration = SimDuration::from_seconds(24 * 3600);

/// Such as `45 s`, `10 min` or `2 h 30 min`.
pub(crate) fn length(time: SimDuration) -> String {
    let seconds = time.as_nanos() / 1_000_000_000;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A number with the word for one or for several.
pub(crate) fn counted(number: i32, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_units_are_told() {
        for (seconds, expected) in [
            (0, "0 s"),
            (45, "45 s"),
            (600, "10 min"),
            (615, "10 min 15 s"),
            (3600, "1 h"),
            (9015, "2 h 30 min"),
        ] {
            assert_eq!(length(SimDuration::from_seconds(seconds)), expected);
        }
    }
}
