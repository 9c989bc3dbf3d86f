//! How the values of a knob follow one another.

use super::policy_sets::{self, Direction};
use super::{Knob, Value};
use crate::hpa::{ControllerConfig, MetricTarget};
use crate::units::SimDuration;

/// Counts up to this follow each other; beyond, they grow by a tenth.
const EACH_COUNT: i32 = 10;

/// Whole numbers from one to another: each up to ten, then each a tenth larger than the last, the last one too.
pub(super) fn between_counts(least: i32, most: i32) -> impl Iterator<Item = i32> {
    let next = move |count: &i32| {
        let step = if *count < EACH_COUNT {
            1
        } else {
            (count / 10).max(1)
        };
        // The end is taken as it is, and after it there is nothing.
        (*count < most).then(|| count.saturating_add(step).min(most))
    };
    std::iter::successors((least <= most).then_some(least), next)
}

/// What people count a quantity in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// Powers of ten.
    Decimal,
    /// Mebibytes, as memory.
    Mebi,
}

/// Thousandths in a mebibyte.
const MEBI: i128 = 1000 << 20;

impl Grain {
    /// The grain of a quantity of so many thousandths.
    pub(super) const fn of(milli: i64) -> Self {
        if milli > 0 && (milli as i128) % MEBI == 0 {
            Self::Mebi
        } else {
            Self::Decimal
        }
    }

    /// Its unit for a number of this size: fewer than ten mebibytes are not told in them.
    fn unit(self, milli: i128) -> i128 {
        match self {
            Self::Mebi if milli >= 10 * MEBI => MEBI,
            _ => 1,
        }
    }
}

/// A number of thousandths near another one that people would write: two digits of its grain.
pub(super) fn tidy(milli: i128, grain: Grain) -> i64 {
    let step = tidy_step(milli, grain);
    within_i64((milli + step / 2) / step * step)
}

/// The numbers that people would write next to a number of thousandths: at most that, and at least that.
pub(super) fn tidy_around(milli: i64, grain: Grain) -> [i64; 2] {
    let milli = i128::from(milli.max(1));
    let step = tidy_step(milli, grain);
    let below = milli / step * step;
    let above = if below < milli { below + step } else { below };
    [below, above].map(within_i64)
}

/// The step between numbers of two digits.
fn tidy_step(milli: i128, grain: Grain) -> i128 {
    let unit = grain.unit(milli);
    let digits = (milli / unit).max(1).ilog10();
    10_i128.pow(digits.saturating_sub(1)) * unit
}

fn within_i64(milli: i128) -> i64 {
    i64::try_from(milli.max(1)).unwrap_or(i64::MAX)
}

/// Where a value stands among those of its knob. Values of one place are the same setting, but for policies.
pub(super) fn place(knob: Knob, value: &Value, controller: &ControllerConfig) -> (i128, i128) {
    let direction = match knob {
        Knob::ScaleUpWindow | Knob::ScaleUpPolicies | Knob::ScaleUpTolerance => Direction::Up,
        _ => Direction::Down,
    };
    let single = |number: i128| (number, 0);
    match value {
        Value::Replicas(count) => single(i128::from(*count)),
        Value::Target(MetricTarget::Utilization(percent)) => single(i128::from(*percent)),
        Value::Target(MetricTarget::AverageValue(milli) | MetricTarget::Value(milli)) => {
            single(i128::from(*milli))
        }
        Value::Window(window) => {
            let absent = match direction {
                Direction::Up => SimDuration::ZERO,
                Direction::Down => controller.downscale_stabilization,
            };
            single(i128::from(window.unwrap_or(absent).as_nanos()))
        }
        Value::Tolerance(tolerance) => single(nanos(tolerance.unwrap_or(controller.tolerance))),
        Value::Policies(set) => {
            let (among_many, among_few) = policy_sets::pace(set.as_ref(), direction);
            (i128::from(among_many), i128::from(among_few))
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and no tolerance is that large"
)]
fn nanos(number: f64) -> i128 {
    (number * 1e9).round() as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_grow_by_one_then_by_a_tenth_up_to_the_end() {
        let counts: Vec<i32> = between_counts(8, 24).collect();
        assert_eq!(
            counts,
            [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24]
        );
        assert_eq!(between_counts(5, 5).collect::<Vec<_>>(), [5]);
        assert_eq!(between_counts(6, 5).count(), 0);
        let all = between_counts(0, i32::MAX);
        assert!(all.last() == Some(i32::MAX) && between_counts(0, i32::MAX).count() < 300);
    }

    #[test]
    fn quantities_are_rounded_to_two_digits() {
        let cases = [
            (0, 1),
            (-5, 1),
            (1, 1),
            (99, 99),
            (12_345, 12_000),
            (19_960, 20_000),
            (i128::from(i64::MAX), 9_200_000_000_000_000_000),
            (i128::MAX / 4, i64::MAX),
        ];
        for (milli, expected) in cases {
            assert_eq!(tidy(milli, Grain::Decimal), expected, "{milli}");
        }
        let mebi = |count: i64| (count << 20) * 1000;
        let tidied = tidy(i128::from(mebi(512)), Grain::of(mebi(256)));
        assert_eq!(tidied, mebi(510));
        assert_eq!(tidy_around(mebi(512), Grain::Mebi), [mebi(510), mebi(520)]);
        assert_eq!(tidy_around(i64::MAX, Grain::Decimal)[1], i64::MAX);
    }
}
