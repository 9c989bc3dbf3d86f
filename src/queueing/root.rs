//! Where a monotone condition turns: safe bracketing by bisection.

/// How exactly [`first_at_most`] finds a value, as a share of it.
const PRECISION: f64 = 1e-12;

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

/// The least value from 0 on at which a falling tail is at most `level`, searched upwards from `scale` by doubling, to
/// within [`PRECISION`] of it; infinite when it never is in the range of numbers.
///
/// False position with the weights of the Illinois method, on the logarithm, in which tails are nearly straight; where
/// three turns leave more than an eighth of the bracket, as at a jump, the next one halves it.
pub(super) fn first_at_most(scale: f64, level: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let above = |x: f64| (tail(x) / level).ln();
    let (mut low, mut over) = (0.0, above(0.0));
    if over <= 0.0 {
        return 0.0;
    }
    let (mut high, mut under) = (scale, above(scale));
    while under > 0.0 {
        (low, over) = (high, under);
        high *= 2.0;
        if !high.is_finite() {
            return f64::INFINITY;
        }
        under = above(high);
    }
    let (mut turns, mut width) = (0_u32, high - low);
    let (mut halve, mut rose) = (false, under >= 0.0);
    while high - low > PRECISION * high {
        let straight = low + (high - low) * over / (over - under);
        let middle = if halve || !(low < straight && straight < high) {
            low.midpoint(high)
        } else {
            straight
        };
        if middle <= low || middle >= high {
            break;
        }
        let value = above(middle);
        if value > 0.0 {
            (low, over) = (middle, value);
            under *= if rose { 0.5 } else { 1.0 };
            rose = true;
        } else {
            (high, under) = (middle, value);
            over *= if rose { 1.0 } else { 0.5 };
            rose = false;
        }
        turns += 1;
        halve = false;
        if turns.is_multiple_of(3) {
            halve = high - low > width / 8.0;
            width = high - low;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_followed_to_its_level() {
        for level in [0.5, 0.05, 0.01, 1e-9] {
            let smooth = |x: f64| (-x).exp() * (1.0 + 0.3 * x);
            let jump = |x: f64| if x < 0.7 { 1.0 } else { (-x).exp() };
            for tail in [&smooth as &dyn Fn(f64) -> f64, &jump] {
                let safe = first_where(0.1, |x| tail(x) <= level);
                let found = first_at_most(0.1, level, tail);
                assert!((found / safe - 1.0).abs() < 1e-11, "{found}, {safe}");
            }
        }
        let fixed = first_at_most(1.0, 0.5, |x| if x < 0.7 { 1.0 } else { 0.0 });
        assert!((fixed - 0.7).abs() < 1e-11, "{fixed}");
        assert!(first_at_most(1.0, 0.5, |_| 1.0).is_infinite());
        assert!(first_at_most(1.0, 1.0, |_| 1.0).abs() < 1e-300);
    }

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
