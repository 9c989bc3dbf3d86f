//! Sets of scaling policies: those that are tried by default, how they read in words, and how fast they are.

use super::PolicySet;
use crate::hpa::{PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};
use crate::scenario::Span;
use crate::units::SimDuration;

/// Longest `periodSeconds`.
const LONGEST_PERIOD: f64 = 1800.0;
/// What a text of policies has to be.
pub(super) const FORM: &str = "policies such as `100%/15s`, `4 pods/15s or 100%/15s`, `10%/1m and 2 pods/1m`, `disabled` or `default`";

/// Which way an autoscaler scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// The sets that are tried where nobody says.
pub(super) fn standard(direction: Direction) -> Vec<PolicySet> {
    let texts: &[&str] = match direction {
        // Between doubling at each sync and "as fast as it can", as kubernetes.io's walkthrough of `behavior` has them.
        Direction::Up => &[
            "default",
            "100%/15s",
            "200%/15s",
            "10 pods/15s or 100%/15s",
            "900%/15s",
        ],
        Direction::Down => &["default", "50%/1m", "10%/1m", "1 pod/1m"],
    };
    texts
        .iter()
        .filter_map(|text| parse(text, direction))
        .collect()
}

/// Reads policies; `None` where they are none.
pub(super) fn parse(text: &str, direction: Direction) -> Option<PolicySet> {
    let of = |rules: ScalingRules| PolicySet {
        select: rules.select_policy,
        policies: rules.policies,
    };
    let default = match direction {
        Direction::Up => of(ScalingRules::default_scale_up()),
        Direction::Down => of(ScalingRules::default_scale_down()),
    };
    match text.trim() {
        "default" => return Some(default),
        "disabled" => {
            return Some(PolicySet {
                select: SelectPolicy::Disabled,
                ..default
            });
        }
        _ => {}
    }
    let (select, between) = if text.contains(" and ") {
        (SelectPolicy::Min, " and ")
    } else {
        (SelectPolicy::Max, " or ")
    };
    let policies: Option<Vec<ScalingPolicy>> = text.split(between).map(policy).collect();
    Some(PolicySet {
        select,
        policies: policies?,
    })
}

/// Reads `100%/15s` or `4 pods/15s`.
fn policy(text: &str) -> Option<ScalingPolicy> {
    let (amount, period) = text.trim().split_once('/')?;
    let amount = amount.trim();
    let (kind, number) = match amount.strip_suffix('%') {
        Some(percent) => (PolicyKind::Percent, percent),
        None => (
            PolicyKind::Pods,
            amount
                .strip_suffix("pods")
                .or_else(|| amount.strip_suffix("pod"))?,
        ),
    };
    let value: i32 = number.trim().parse().ok()?;
    // `15 s`, as policies are shown, reads as `15s`.
    let seconds = period.replace(' ', "").parse::<Span>().ok()?.0;
    let is_period = (1.0..=LONGEST_PERIOD).contains(&seconds) && seconds.fract() == 0.0;
    (value > 0 && is_period).then(|| ScalingPolicy {
        kind,
        value,
        policy_period: SimDuration::from_seconds_rounded(seconds),
    })
}

/// How many thousandths of a pod a minute a set allows among 30 replicas, and among 3: the order of sets.
///
/// `None` stands for no `behavior`: as many again, or up to 4, at each sync on the way up, and any number on the way
/// down.
pub(super) fn pace(set: Option<&PolicySet>, direction: Direction) -> (i64, i64) {
    let among = |replicas: i64| match (set, direction) {
        (None, Direction::Up) => 4000 * (replicas.max(4 - replicas)),
        (None, Direction::Down) => 4000 * replicas,
        (Some(set), _) => {
            let paces = set.policies.iter().map(|policy| {
                let pods = match policy.kind {
                    PolicyKind::Pods => i64::from(policy.value),
                    PolicyKind::Percent => (i64::from(policy.value) * replicas + 99) / 100,
                };
                let most = match direction {
                    Direction::Up => i64::MAX,
                    Direction::Down => replicas,
                };
                let nanos = policy.policy_period.as_nanos().max(1);
                let a_minute = i128::from(pods.min(most)) * 60_000_000_000_000 / i128::from(nanos);
                i64::try_from(a_minute).unwrap_or(i64::MAX)
            });
            match set.select {
                SelectPolicy::Disabled => Some(0),
                SelectPolicy::Min => paces.min(),
                SelectPolicy::Max => paces.max(),
            }
            .unwrap_or(0)
        }
    };
    (among(30), among(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = parse(text, Direction::Up).map(|set| set.to_string());
        assert_eq!(found.as_deref(), expected);
        if let Some(shown) = found {
            assert_eq!(
                parse(&shown, Direction::Up),
                parse(text, Direction::Up),
                "what is shown reads back"
            );
        }
    }

    #[test]
    fn policies_read_as_they_are_shown() {
        check("100%/15s", Some("100 %/15 s"));
        check("1 pod/1m", Some("1 pod/60 s"));
        check(
            "4 pods/15 s or 100 %/15 s",
            Some("4 pods/15 s or 100 %/15 s"),
        );
        check("10%/1m and 2pods/30m", Some("10 %/60 s and 2 pods/1800 s"));
        check("disabled", Some("disabled"));
        check("default", Some("4 pods/15 s or 100 %/15 s"));
    }

    #[test]
    fn what_the_api_server_refuses_is_no_policy() {
        for text in [
            "",
            "/",
            "100%",
            "0%/15s",
            "-1 pods/15s",
            "4/15s",
            "5%/0s",
            "5%/31m",
            "5%/1.5s",
            "5%/15",
            "99999999999 pods/15s",
            "5%/15s or",
            "5%/15s or 4 pods/15s and 1 pod/15s",
            "nan%/15s",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn faster_sets_come_later() {
        for direction in [Direction::Up, Direction::Down] {
            let sets = standard(direction);
            assert!(sets.len() >= 4);
            for set in &sets {
                let pace = pace(Some(set), direction);
                assert!(pace.0 >= pace.1 && pace.1 > 0, "{set}: {pace:?}");
            }
        }
        let up = |text: &str| pace(parse(text, Direction::Up).as_ref(), Direction::Up);
        assert!(pace(None, Direction::Up) < up("default"));
        assert!(up("default") < up("10 pods/15s or 100%/15s"));
        assert!(up("200%/15s") < up("900%/15s"));
        let down = |text: &str| pace(parse(text, Direction::Down).as_ref(), Direction::Down);
        assert!(down("1 pod/1m") <= down("10%/1m"));
        assert!(down("10%/1m") < down("50%/1m"));
        assert_eq!(down("default"), pace(None, Direction::Down));
    }
}
