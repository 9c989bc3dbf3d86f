//! Where a monotone condition turns: safe bracketing by bisection.

/// The greatest value in [`low`, `high`] at which `holds` was seen to hold, when it holds up to some point and not
/// beyond; `low` when it holds nowhere. Exact to the last digits of a number.
pub(super) fn last_where(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(high) {
        return high;
    }
    let (mut holding, mut failing) = (low, high);
    loop {
        let middle = holding.midpoint(failing);
        if middle <= holding.min(failing) || middle >= holding.max(failing) {
            return holding;
        }
        if holds(middle) {
            holding = middle;
        } else {
            failing = middle;
        }
    }
}

/// The least value from 0 on at which `holds` begins to hold, searched upwards from `scale` by doubling; infinite when
/// it does not begin in the range of numbers.
pub(super) fn first_where(scale: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(0.0) {
        return 0.0;
    }
    let mut high = scale;
    while !holds(high) {
        high *= 2.0;
        if !high.is_finite() {
            return f64::INFINITY;
        }
    }
    // From the failing side: the last value that does not hold, then one step up.
    last_where(0.0, high, |x| !holds(x)).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_found_to_the_last_digit() {
        let root = last_where(0.0, 2.0, |x| x * x <= 2.0);
        assert!(root * root <= 2.0 && root.next_up().powi(2) > 2.0);
        let root = first_where(1e-3, |x| x * x >= 1e6);
        assert!((root - 1000.0).abs() < 1e-12);
    }

    #[test]
    fn a_condition_without_a_turn_gives_an_end() {
        assert!((last_where(0.0, 2.0, |_| true) - 2.0).abs() < 1e-300);
        assert!(last_where(0.0, 2.0, |_| false).abs() < 1e-300);
        assert!(first_where(1.0, |_| false).is_infinite());
        assert!(first_where(1.0, |_| true).abs() < 1e-300);
    }
}
