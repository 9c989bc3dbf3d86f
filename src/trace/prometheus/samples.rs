//! The short path for samples as Prometheus writes them: `[1767225600.5,"0.25"]` without blanks.

/// A sample, and the bytes that it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// Nanoseconds since 1970.
    pub(super) time: i64,
    pub(super) value: f64,
    pub(super) bytes: usize,
}

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Nanoseconds of a fraction's first digits, by how many there are.
const FRACTIONS: [i64; 4] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000];

/// Reads the sample at the beginning of a text; `None` if it is written in any other way or is not all there.
#[inline]
pub(super) fn plain_sample(text: &[u8]) -> Option<Sample> {
    if *text.first()? != b'[' {
        return None;
    }
    let (seconds, digits) = whole(&text[1..]);
    if digits == 0 || digits > 10 {
        return None;
    }
    let mut at = 1 + digits;
    // What is past the year 2262 takes the long way, which says so.
    let mut time = seconds.checked_mul(1_000_000_000)?;
    if *text.get(at)? == b'.' {
        let (fraction, digits) = whole(&text[at + 1..]);
        time = time.checked_add(fraction * FRACTIONS.get(digits).filter(|_| digits > 0)?)?;
        at += 1 + digits;
    }
    if text.get(at..at + 2)? != b",\"" {
        return None;
    }
    at += 2;
    let (value, length) = number(&text[at..])?;
    at += length;
    (text.get(at..at + 2)? == b"\"]").then_some(Sample {
        time,
        value,
        bytes: at + 2,
    })
}

/// Leading digits as a number, and how many there are; at most 18 count.
#[inline]
fn whole(text: &[u8]) -> (i64, usize) {
    let mut value = 0;
    let mut digits = 0;
    while let Some(byte @ b'0'..=b'9') = text.get(digits).copied()
        && digits < 18
    {
        value = value * 10 + i64::from(byte - b'0');
        digits += 1;
    }
    (value, digits)
}

/// Reads the number before the next quote. Up to fifteen digits and a point are exact in a float, and so is the power
/// of ten that divides them, so that the quotient is rounded once (W. D. Clinger, 1990); others take the standard way.
#[inline]
fn number(text: &[u8]) -> Option<(f64, usize)> {
    let (whole_part, digits) = whole(text);
    let mut at = digits;
    let (mut mantissa, mut places) = (whole_part, 0);
    if digits > 0 && text.get(at) == Some(&b'.') {
        at += 1;
        while let Some(byte @ b'0'..=b'9') = text.get(at).copied()
            && digits + places < 18
        {
            mantissa = mantissa * 10 + i64::from(byte - b'0');
            places += 1;
            at += 1;
        }
    }
    if digits > 0 && digits + places <= 15 && text.get(at) == Some(&b'"') {
        return Some((mantissa as f64 / POWERS[places], at));
    }
    let end = text.iter().take(64).position(|byte| *byte == b'"')?;
    let value = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(i64, f64)>) {
        let found = plain_sample(text.as_bytes());
        let whole = found.map(|sample| (sample.time, sample.value));
        assert_eq!(whole, expected, "{text}");
    }

    #[test]
    fn what_the_server_writes_is_read() {
        check(
            "[1767225600,\"0.25\"],",
            Some((1_767_225_600_000_000_000, 0.25)),
        );
        check(
            "[1767225600.05,\"-3\"]",
            Some((1_767_225_600_050_000_000, -3.0)),
        );
        check("[1,\"1e+06\"]", Some((1_000_000_000, 1e6)));
        check(
            "[1,\"53.299663299663294\"]",
            Some((1_000_000_000, 53.299_663_299_663_294)),
        );
        check("[0.001,\"+Inf\"]", Some((1_000_000, f64::INFINITY)));
    }

    #[test]
    fn anything_else_is_left_to_the_long_path() {
        for text in [
            "",
            "[",
            "[1",
            "[1,",
            "[1,\"",
            "[1,\"2",
            "[1,\"2\"",
            "[ 1,\"2\"]",
            "[1, \"2\"]",
            "[1,2]",
            "[1.,\"2\"]",
            "[1.0001,\"2\"]",
            "[-1,\"2\"]",
            "[1e9,\"2\"]",
            "[1,\"\"]",
            "[1,\"x\"]",
            "[1,\"2\",3]",
            "[12345678901,\"2\"]",
        ] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn every_float_that_is_printed_reads_back(value in any::<f64>().prop_filter("a number", |v| !v.is_nan())) {
            let text = format!("[1,\"{value}\"]");
            if let Some(sample) = plain_sample(text.as_bytes()) {
                prop_assert_eq!(sample.value.to_bits(), value.to_bits());
            }
            let short = format!("[1,\"{value:e}\"]");
            let sample = plain_sample(short.as_bytes()).expect("plain");
            prop_assert_eq!(sample.value.to_bits(), value.to_bits());
        }
    }
}
