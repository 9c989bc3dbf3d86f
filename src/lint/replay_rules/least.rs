//! `least`: the least number that will do.

/// The least number in a range that will do, given that every larger one does: found by steps that double, then by
/// halving. `None` where the largest that is looked at will not.
pub(super) fn least(low: i32, high: i32, will_do: impl Fn(i32) -> bool) -> Option<i32> {
    if low > high {
        return None;
    }
    let (mut too_low, mut step) = (low.saturating_sub(1), 1_i32);
    let mut enough = loop {
        let next = too_low.saturating_add(step).min(high);
        if will_do(next) {
            break next;
        }
        if next == high {
            return None;
        }
        too_low = next;
        step = step.saturating_mul(2);
    };
    while enough - too_low > 1 {
        let middle = too_low + (enough - too_low) / 2;
        if will_do(middle) {
            enough = middle;
        } else {
            too_low = middle;
        }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_that_will_do_is_found(low in -5..50_i32, length in 0..200_i32, bound in -10..300_i32) {
            let high = low + length;
            let found = least(low, high, |value| value >= bound);
            let expected = (low..=high).find(|value| *value >= bound);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_largest_number_is_no_trap() {
        assert_eq!(least(1, i32::MAX, |_| false), None);
        assert_eq!(least(i32::MAX, i32::MAX, |_| true), Some(i32::MAX));
        assert_eq!(least(1, i32::MAX, |it| it == i32::MAX), Some(i32::MAX));
    }
}
