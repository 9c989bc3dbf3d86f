//! Numbers and times in their shortest exact form.

use std::io::{self, Write};

use crate::units::SimTime;

/// Writes a number so that it reads back exactly, with as few digits as that takes.
pub(super) fn number(out: &mut dyn Write, value: f64) -> io::Result<()> {
    // What has many zeros is written with an exponent.
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    }
}

/// Writes nanoseconds as seconds, exactly.
pub(super) fn seconds(out: &mut dyn Write, nanos: i128) -> io::Result<()> {
    const SECOND: i128 = 1_000_000_000;
    let (whole, rest) = (nanos.abs() / SECOND, nanos.abs() % SECOND);
    let sign = if nanos < 0 { "-" } else { "" };
    if rest == 0 {
        return write!(out, "{sign}{whole}");
    }
    let digits = format!("{rest:09}");
    write!(out, "{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// The nanoseconds since 1970, or since the beginning where that is unknown.
pub(super) fn since_1970(start: Option<jiff::Timestamp>, at: SimTime) -> i128 {
    start.map_or(0, jiff::Timestamp::as_nanosecond) + i128::from(at.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes).expect("memory");
        String::from_utf8(bytes).expect("digits")
    }

    #[test]
    fn seconds_have_as_many_digits_as_they_need() {
        for (nanos, expected) in [
            (0, "0"),
            (15_000_000_000, "15"),
            (1_500_000_000, "1.5"),
            (1, "0.000000001"),
            (-1_500_000_000, "-1.5"),
        ] {
            assert_eq!(text(|out| seconds(out, nanos)), expected);
        }
    }

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (12.0, "12"),
            (0.1, "0.1"),
            (1e-9, "1e-9"),
            (1e300, "1e300"),
        ] {
            assert_eq!(text(|out| number(out, value)), expected);
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let read: f64 = text(|out| number(out, value)).parse().expect("a number");
            prop_assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
