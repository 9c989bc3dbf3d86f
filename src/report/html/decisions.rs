//! How a metric's count was made, with the numbers put in.

use crate::outcome::{Measured, MetricVote, VoteRule};
use crate::units::significant;

/// One metric's arithmetic: `83 % measured, 1.186 times the target: ⌈1.186 × 4⌉ = ⌈4.743⌉ = 5`.
pub(super) fn arithmetic(vote: &MetricVote) -> String {
    let measured = match vote.measured {
        Measured::Percent(percent) => format!("{percent} % measured"),
        Measured::Average(mean) => format!("{} a pod measured", digits(mean)),
        Measured::Whole(value) => format!("{} measured", digits(value)),
    };
    let ratio = digits(vote.usage_ratio);
    let told = format!("{measured}, {ratio} times the target");
    let is_filled = vote.filled_ratio.to_bits() != vote.usage_ratio.to_bits();
    let filled = digits(vote.filled_ratio);
    let told = if is_filled {
        format!("{told}, {filled} with pods that have no sample filled in")
    } else {
        told
    };
    let replicas = vote.replicas;
    match vote.rule {
        VoteRule::WithinTolerance => format!("{told}: within the tolerance, stays {replicas}"),
        VoteRule::DirectionKept => {
            format!("{told}: filling in turned the direction around, stays {replicas}")
        }
        VoteRule::FromZero => format!("{told}: ⌈{filled}⌉ = {replicas}"),
        VoteRule::ReadyPods | VoteRule::FilledIn | VoteRule::PerPod => {
            let product = digits(vote.filled_ratio * vote.pods as f64);
            format!(
                "{told}: ⌈{filled} × {}⌉ = ⌈{product}⌉ = {replicas}",
                vote.pods
            )
        }
    }
}

/// A number with four significant digits, and whole where it is.
fn digits(value: f64) -> String {
    significant(value, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: VoteRule, filled_ratio: f64, pods: i64, replicas: i32, expected: &str) {
        let vote = MetricVote {
            replicas,
            measured: Measured::Percent(83),
            usage_ratio: 83.0 / 70.0,
            filled_ratio,
            pods,
            rule,
        };
        let told = arithmetic(&vote);
        let end = told.strip_prefix("83 % measured, 1.186 times the target");
        assert_eq!(end, Some(expected));
    }

    #[test]
    fn the_arithmetic_has_the_numbers_in_it() {
        let ratio = 83.0 / 70.0;
        check(
            VoteRule::ReadyPods,
            ratio,
            4,
            5,
            ": ⌈1.186 × 4⌉ = ⌈4.743⌉ = 5",
        );
        check(
            VoteRule::FilledIn,
            1.12,
            5,
            6,
            ", 1.12 with pods that have no sample filled in: ⌈1.12 × 5⌉ = ⌈5.6⌉ = 6",
        );
        check(
            VoteRule::WithinTolerance,
            1.05,
            5,
            4,
            ", 1.05 with pods that have no sample filled in: within the tolerance, stays 4",
        );
        check(VoteRule::FromZero, ratio, 0, 2, ": ⌈1.186⌉ = 2");
    }
}
