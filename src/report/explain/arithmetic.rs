//! The arithmetic of one sync with the numbers put in, stage by stage.

use crate::analysis::{Allowance, Direction, RateLimit, SyncStory, WindowPick, leading_metric};
use crate::outcome::{Brake, Measured, MetricVote, SyncRecord, SyncWrite, VoteRule};
use crate::report::escape;
use crate::report::format::digits;
use crate::scenario::{PolicyChoice, PolicyUnit, Steering, SteeringMetric};
use crate::units::{SimDuration, SimTime};

/// Writes a time as the answer shows it.
pub(super) type Clock<'a> = &'a dyn Fn(SimTime) -> String;

/// A stage and what it made of the count.
pub(super) struct Step {
    pub(super) stage: &'static str,
    pub(super) told: String,
}

/// A span of time as flags take it, in whole seconds: `5m`, `1h31m`.
pub(super) fn length(span: SimDuration) -> String {
    const UNITS: [(i64, char); 4] = [(86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')];
    let mut rest = span.as_nanos().max(0).saturating_add(500_000_000) / 1_000_000_000;
    let mut text = String::new();
    for (worth, unit) in UNITS {
        let count = rest / worth;
        rest %= worth;
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(unit);
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// The stages of a sync, in the controller's order.
pub(super) fn steps(
    sync: &SyncRecord,
    story: &SyncStory,
    steering: &Steering,
    clock: Clock<'_>,
) -> Vec<Step> {
    let mut steps: Vec<Step> = sync
        .inputs
        .votes
        .iter()
        .zip(&steering.metrics)
        .map(|(vote, metric)| Step {
            stage: "metric",
            told: match vote {
                Ok(vote) => format!("{}: {}", spoken(metric), of_metric(vote, metric, steering)),
                Err(error) => format!("{}: no count: {}", spoken(metric), escape::plain(error)),
            },
        })
        .collect();
    if let Some(recommended) = sync.inputs.recommendation {
        if sync.inputs.votes.len() > 1 {
            let of = leading_metric(sync).and_then(|index| steering.metrics.get(index));
            let of = of.map_or_else(String::new, |metric| format!(", of {}", spoken(metric)));
            steps.push(Step {
                stage: "recommendation",
                told: format!("the highest of them: {recommended}{of}"),
            });
        }
        steps.push(Step {
            stage: "stabilization",
            told: of_window(sync, story.window, steering, clock),
        });
        if let Some(limit) = &story.limit {
            steps.push(Step {
                stage: "policies",
                told: of_limit(limit, sync.inputs.stabilized.unwrap_or(recommended)),
            });
        }
        steps.push(Step {
            stage: "bounds",
            told: of_bounds(sync, steering),
        });
    } else {
        steps.push(Step {
            stage: "recommendation",
            told: format!("none: {}", escape::plain(&sync.inputs.reason)),
        });
    }
    steps.push(Step {
        stage: "result",
        told: result(sync),
    });
    steps
}

fn spoken(metric: &SteeringMetric) -> String {
    escape::plain(&metric.spoken)
}

/// How one metric's count was made: `87% of a target of 60%: ceil(3 x 87/60) = ceil(4.35) = 5`.
pub(super) fn of_metric(vote: &MetricVote, metric: &SteeringMetric, steering: &Steering) -> String {
    let measured = match vote.measured {
        Measured::Percent(percent, _) => format!("{percent}%"),
        Measured::Average(mean) => format!("{} a pod", digits(mean)),
        Measured::Whole(value) => digits(value),
    };
    let told = format!(
        "{measured} of a target of {}",
        escape::plain(&metric.target)
    );
    let is_filled = vote.filled_ratio.to_bits() != vote.usage_ratio.to_bits();
    let ratio = digits(vote.usage_ratio);
    let filled = digits(vote.filled_ratio);
    let told = if is_filled {
        format!("{told}, ratio {ratio}, {filled} with pods that have no usable sample filled in")
    } else {
        told
    };
    // The fraction itself where it is short, so that the reader finds the numbers of the lines above in it.
    let factor = match vote.measured {
        Measured::Percent(percent, _) if !is_filled => {
            format!("{percent}/{}", metric.target.trim_end_matches('%'))
        }
        _ => filled.clone(),
    };
    let replicas = vote.replicas;
    match vote.rule {
        VoteRule::WithinTolerance => format!(
            "{told}: ratio {filled} is within the tolerance, {} to {}: stays {replicas}",
            digits(1.0 - steering.tolerance_down),
            digits(1.0 + steering.tolerance_up),
        ),
        VoteRule::DirectionKept => {
            format!("{told}: filling in turned the direction around: stays {replicas}")
        }
        VoteRule::FromZero => format!("{told}: ceil({factor}) = {replicas}"),
        VoteRule::ReadyPods | VoteRule::FilledIn | VoteRule::PerPod => format!(
            "{told}: ceil({} x {factor}) = ceil({}) = {replicas}",
            vote.pods,
            digits(vote.filled_ratio * vote.pods as f64),
        ),
    }
}

fn of_window(
    sync: &SyncRecord,
    pick: Option<WindowPick>,
    steering: &Steering,
    clock: Clock<'_>,
) -> String {
    let taken = sync.inputs.stabilized.unwrap_or(sync.current);
    if let Some(pick) = pick {
        return format!("{}, so {taken}", window(pick, clock));
    }
    if sync.inputs.brake == Some(Brake::Stabilization)
        || sync.inputs.stabilized != sync.inputs.recommendation
    {
        return format!("an earlier recommendation holds: {taken}");
    }
    let (name, span) = if taken < sync.current {
        ("scale-down", steering.down_window)
    } else {
        ("scale-up", steering.up_window)
    };
    let span = length(span);
    format!("no other recommendation of the {name} window, {span}, changes it: {taken}")
}

/// Which recommendation a window holds, and until when.
pub(super) fn window(pick: WindowPick, clock: Clock<'_>) -> String {
    let (name, extreme) = match pick.held {
        Direction::Down => ("scale-down", "highest"),
        Direction::Up => ("scale-up", "lowest"),
    };
    let what = if pick.is_first_count {
        format!("the count that was found at {}", clock(pick.at))
    } else {
        format!("recommended at {}", clock(pick.at))
    };
    format!(
        "the {name} window, {}, takes the {extreme}: {}, {what}, holds until {}",
        length(pick.window),
        pick.replicas,
        clock(pick.until),
    )
}

/// How far the policies let the count go.
pub(super) fn of_limit(limit: &RateLimit, wanted: i32) -> String {
    let (way, bound) = match limit.direction {
        Direction::Up => ("scale-up", "at most"),
        Direction::Down => ("scale-down", "at least"),
    };
    let holds = match limit.direction {
        Direction::Up => wanted > limit.replicas,
        Direction::Down => wanted < limit.replicas,
    };
    let comes_to = if holds { limit.replicas } else { wanted };
    let Some(select) = limit.select else {
        return format!(
            "no behavior: one sync goes to {bound} max(2 x n, 4) = {}: {comes_to}",
            limit.replicas
        );
    };
    if select == PolicyChoice::Disabled {
        return format!("{way} is disabled: stays {}", limit.replicas);
    }
    let each: Vec<String> = limit
        .allowances
        .iter()
        .map(|one| allowance(one, limit.direction))
        .collect();
    let chosen = if each.len() > 1 {
        format!(" ({} counts)", select.name())
    } else {
        String::new()
    };
    format!(
        "{way} policies: {}{chosen}, so {bound} {}: {comes_to}",
        each.join("; "),
        limit.replicas
    )
}

fn allowance(one: &Allowance, direction: Direction) -> String {
    let policy = one.policy;
    let period = length(policy.period);
    let start = one.period_start_replicas;
    let sign = match direction {
        Direction::Up => '+',
        Direction::Down => '-',
    };
    match policy.unit {
        PolicyUnit::Pods => format!(
            "{} Pods in {period}: {start} {sign} {} = {}",
            policy.value, policy.value, one.replicas
        ),
        PolicyUnit::Percent => {
            let rounding = match direction {
                Direction::Up => "ceil",
                Direction::Down => "floor",
            };
            format!(
                "{} Percent in {period}: {rounding}({start} x {}) = {}",
                policy.value,
                digits(match direction {
                    Direction::Up => 1.0 + f64::from(policy.value) / 100.0,
                    Direction::Down => 1.0 - f64::from(policy.value) / 100.0,
                }),
                one.replicas
            )
        }
    }
}

fn of_bounds(sync: &SyncRecord, steering: &Steering) -> String {
    let (min, max) = (steering.min_replicas, steering.max_replicas);
    match sync.inputs.brake {
        Some(Brake::MaxReplicas) => format!("maxReplicas limits it to {max}"),
        Some(Brake::MinReplicas) => format!("minReplicas raises it to {min}"),
        _ => format!("{min} <= {} <= {max}", sync.desired),
    }
}

fn result(sync: &SyncRecord) -> String {
    let (from, to) = (sync.current, sync.desired);
    match sync.write {
        SyncWrite::Written => format!("{from} -> {to}, written to the scale"),
        SyncWrite::Refused => {
            format!("{from} -> {to} was to be written, and the API server refused")
        }
        SyncWrite::NotNeeded => format!("stays {from}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SteeringPolicy;

    fn steering() -> Steering {
        Steering {
            min_replicas: 2,
            max_replicas: 10,
            sync_period: SimDuration::from_seconds(15),
            tolerance_down: 0.1,
            tolerance_up: 0.1,
            down_window: SimDuration::from_seconds(300),
            up_window: SimDuration::ZERO,
            policies: None,
            metrics: vec![metric()],
        }
    }

    fn metric() -> SteeringMetric {
        SteeringMetric {
            described: "resource cpu on pods  (as a percentage of request)".to_owned(),
            spoken: "cpu resource utilization (percentage of request)".to_owned(),
            source: "Resource",
            target: "60%".to_owned(),
        }
    }

    #[track_caller]
    fn check(percent: i32, rule: VoteRule, replicas: i32, expected: &str) {
        let ratio = f64::from(percent) / 60.0;
        let vote = MetricVote {
            replicas,
            measured: Measured::Percent(percent, 0.4),
            usage_ratio: ratio,
            filled_ratio: ratio,
            pods: 3,
            rule,
        };
        assert_eq!(of_metric(&vote, &metric(), &steering()), expected);
    }

    #[test]
    fn the_formula_holds_the_numbers_of_the_status() {
        check(
            87,
            VoteRule::ReadyPods,
            5,
            "87% of a target of 60%: ceil(3 x 87/60) = ceil(4.35) = 5",
        );
        check(
            63,
            VoteRule::WithinTolerance,
            3,
            "63% of a target of 60%: ratio 1.05 is within the tolerance, 0.9 to 1.1: stays 3",
        );
    }

    #[test]
    fn a_limit_tells_each_policy_and_which_counts() {
        let policy = |unit, value| SteeringPolicy {
            unit,
            value,
            period: SimDuration::from_seconds(60),
        };
        let one = |unit, value, replicas| Allowance {
            policy: policy(unit, value),
            period_start_replicas: 3,
            replicas,
        };
        let limit = RateLimit {
            direction: Direction::Up,
            replicas: 5,
            select: Some(PolicyChoice::Max),
            allowances: vec![one(PolicyUnit::Pods, 1, 4), one(PolicyUnit::Percent, 50, 5)],
        };
        assert_eq!(
            of_limit(&limit, 9),
            "scale-up policies: 1 Pods in 1m: 3 + 1 = 4; 50 Percent in 1m: ceil(3 x 1.5) = 5 (Max counts), so at most 5: 5"
        );
    }

    #[test]
    fn lengths_are_as_flags_take_them() {
        let text = |seconds| length(SimDuration::from_seconds(seconds));
        assert_eq!(
            [0, 42, 300, 5460, 90_061].map(text),
            ["0s", "42s", "5m", "1h31m", "1d1h1m1s"]
        );
    }
}
