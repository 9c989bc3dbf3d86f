//! `significant`: numbers as text, to as many digits as are known.

/// A number to so many significant digits, at least those of its whole part and at most one decimal fewer than they are;
/// without trailing zeros.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "no number".to_owned();
    }
    let mut decimals = digits.saturating_sub(1);
    let mut bound = 10.0;
    while decimals > 0 && value.abs() >= bound {
        decimals -= 1;
        bound *= 10.0;
    }
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_asked_for() {
        let three = |value| significant(value, 3);
        assert_eq!(three(1234.4), "1234");
        assert_eq!(three(123.4), "123");
        assert_eq!(three(46.34), "46.3");
        assert_eq!(three(2.0), "2");
        assert_eq!(three(-0.126), "-0.13");
        assert_eq!(significant(1.186_42, 4), "1.186");
        assert_eq!(significant(123.45, 4), "123.5");
        assert_eq!(significant(f64::NAN, 4), "no number");
    }
}
