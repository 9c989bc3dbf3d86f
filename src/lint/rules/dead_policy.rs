//! A policy never decides: without it, everything stays as it is.
//!
//! ## What it does
//!
//! Plays the controller's rate limits sync by sync from every count between `minReplicas` and `maxReplicas`, all the way
//! up or down, with and without the policy. If no step differs, it is told. The documented default isn't, written out as
//! the API server does; nor are directions that are disabled, spans of more than 500 replicas and lists of more than
//! eight policies.
//!
//! ## Why is this bad
//!
//! It misleads: who reads `4 pods in 60 s` takes it for a limit, while `100 %` beside it allows more at every count that
//! there can be. Often `selectPolicy: Min` was meant.
//!
//! ## Example
//!
//! ```yaml
//! minReplicas: 4
//! behavior:
//!   scaleUp:
//!     policies:
//!     - {type: Pods, value: 4, periodSeconds: 60}   # from 4 replicas on, 100 % is never less
//!     - {type: Percent, value: 100, periodSeconds: 60}
//! ```
//!
//! ## Fix
//!
//! Remove the policy, or set `selectPolicy: Min` if it was meant to hold the count back.
//!
//! ## Evidence
//!
//! `calculateScaleUpLimitWithScalingRules` and `calculateScaleDownLimitWithBehaviors` in
//! `pkg/controller/podautoscaler/horizontal.go`: with `Max` the largest change counts, with `Min` the smallest.

use crate::hpa::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy, course};
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::length::length;
use crate::lint::pace::paces;
use crate::manifest::{PolicyAsWritten, RulesAsWritten, Written};
use crate::units::SimDuration;

/// The most policies of a direction that are looked at.
const MOST_POLICIES: usize = 8;
/// The most counts that are started from.
const MOST_COUNTS: i32 = 500;

/// One direction of an autoscaler.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// What counts are gone through.
#[derive(Clone, Copy)]
struct Span {
    min: i32,
    max: i32,
    sync: SimDuration,
}

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for pace in paces(context) {
        let (Some(behavior), Some(written)) = (pace.behavior.as_deref(), pace.written) else {
            continue;
        };
        let span = Span {
            min: pace.min_replicas.max(1),
            max: pace.max_replicas,
            sync: context.settings.cluster.controller.sync_period,
        };
        if span.max <= span.min || span.max.saturating_sub(span.min) > MOST_COUNTS {
            continue;
        }
        for (way, rules) in [
            (Way::Up, &written.scale_up),
            (Way::Down, &written.scale_down),
        ] {
            for (index, policy) in dead_of(behavior, way, span, rules.as_ref()) {
                let meant = way.rules(behavior).policies[index];
                findings.put(
                    Place::of(pace.object, policy),
                    format!(
                        "the policy of {} never decides between {} and {} replicas: without it every step is the same",
                        describe(meant),
                        span.min,
                        span.max
                    ),
                    match way.rules(behavior).select_policy {
                        SelectPolicy::Min => "remove it",
                        _ => "remove it, or set `selectPolicy: Min` if it was meant as a limit",
                    },
                );
            }
        }
    }
}

/// The written policies of a direction that never decide, the last first; of two that are the same, one.
fn dead_of<'w>(
    behavior: &Behavior,
    way: Way,
    span: Span,
    written: Option<&'w Written<RulesAsWritten>>,
) -> Vec<(usize, &'w Written<PolicyAsWritten>)> {
    let listed = written.and_then(|rules| rules.value.policies.as_ref());
    let listed = listed.map(|policies| policies.value.as_slice());
    let listed = listed.unwrap_or_default();
    let is_default = way.rules(behavior).policies == way.default_policies();
    let is_disabled = way.rules(behavior).select_policy == SelectPolicy::Disabled;
    if is_disabled || is_default || !(2..=MOST_POLICIES).contains(&listed.len()) {
        return Vec::new();
    }
    let mut left = behavior.clone();
    let mut dead = Vec::new();
    for (index, policy) in listed.iter().enumerate().rev() {
        if way.rules(&left).policies.len() < 2 {
            break;
        }
        let mut without = left.clone();
        way.rules_mut(&mut without).policies.remove(index);
        if is_same(&left, &without, way, span) {
            left = without;
            dead.push((index, policy));
        }
    }
    dead
}

/// Whether two behaviors make the same steps from every count.
fn is_same(one: &Behavior, other: &Behavior, way: Way, span: Span) -> bool {
    let periods = way.rules(one).policies.iter().map(|it| it.policy_period);
    let longest = periods.fold(SimDuration::ZERO, Ord::max);
    // After two of the longest periods all of them have begun anew; what follows is the way from a higher count.
    let time = SimDuration::from_nanos(longest.as_nanos().saturating_mul(2));
    (span.min..=span.max).all(|from| {
        let wanted = match way {
            Way::Up => span.max,
            Way::Down => span.min,
        };
        let steps = |behavior| {
            course(Some(behavior), span.sync, from, wanted)
                .take_while(move |step| step.after <= time)
        };
        steps(one).eq(steps(other))
    })
}

impl Way {
    fn rules(self, behavior: &Behavior) -> &ScalingRules {
        match self {
            Self::Up => &behavior.scale_up,
            Self::Down => &behavior.scale_down,
        }
    }

    fn default_policies(self) -> Vec<ScalingPolicy> {
        match self {
            Self::Up => ScalingRules::default_scale_up().policies,
            Self::Down => ScalingRules::default_scale_down().policies,
        }
    }

    fn rules_mut(self, behavior: &mut Behavior) -> &mut ScalingRules {
        match self {
            Self::Up => &mut behavior.scale_up,
            Self::Down => &mut behavior.scale_down,
        }
    }
}

/// Such as `4 pods in 15 s`.
fn describe(policy: ScalingPolicy) -> String {
    let unit = match policy.kind {
        PolicyKind::Pods if policy.value == 1 => "pod",
        PolicyKind::Pods => "pods",
        PolicyKind::Percent => "percent",
    };
    format!(
        "{} {unit} in {}",
        policy.value,
        length(policy.policy_period)
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(min: u32, rules: &str) -> String {
        hpa(&format!(
            "  minReplicas: {min}\n  maxReplicas: 40\n  behavior:\n{rules}"
        ))
    }

    /// These policies of a direction, one a line from line 11 on.
    fn policies(way: &str, select: &str, listed: &[&str]) -> String {
        let mut text = format!("    {way}:\n      selectPolicy: {select}\n      policies:\n");
        for policy in listed {
            text.push_str("      - {");
            text.push_str(policy);
            text.push_str("}\n");
        }
        text
    }

    const FOUR: &str = "type: Pods, value: 4, periodSeconds: 60";
    const DOUBLE: &str = "type: Percent, value: 100, periodSeconds: 60";

    #[test]
    fn a_policy_that_another_always_outdoes_is_told() {
        fires(
            "SP408",
            &with(4, &policies("scaleUp", "Max", &[FOUR, DOUBLE])),
            &["12:9 the policy of 4 pods in 1 min never decides between 4 and 40 replicas"],
        );
        fires(
            "SP408",
            &with(4, &policies("scaleUp", "Min", &[FOUR, DOUBLE])),
            &["13:9 the policy of 100 percent in 1 min"],
        );
        fires(
            "SP408",
            &with(
                1,
                &policies(
                    "scaleDown",
                    "Max",
                    &[DOUBLE, "type: Pods, value: 1, periodSeconds: 60"],
                ),
            ),
            &["13:9 the policy of 1 pod in 1 min"],
        );
        // Of two that are the same, one.
        fires(
            "SP408",
            &with(1, &policies("scaleUp", "Max", &[FOUR, FOUR])),
            &["13:9 the policy"],
        );
    }

    #[test]
    fn policies_that_decide_at_some_count_or_time_are_silent() {
        silent(
            "SP408",
            &with(1, &policies("scaleUp", "Max", &[FOUR, DOUBLE])),
        );
        silent("SP408", &with(4, &policies("scaleUp", "Max", &[FOUR])));
        silent(
            "SP408",
            &with(4, &policies("scaleUp", "Disabled", &[FOUR, DOUBLE])),
        );
        // The smaller amount comes into its own while the larger one's period lasts.
        let slower = "type: Percent, value: 100, periodSeconds: 120";
        silent(
            "SP408",
            &with(4, &policies("scaleUp", "Max", &[FOUR, slower])),
        );
        // The default, written out and not.
        let default = [FOUR, DOUBLE].map(|policy| policy.replace("60", "15"));
        let default = [default[0].as_str(), default[1].as_str()];
        silent("SP408", &with(4, &policies("scaleUp", "Max", &default)));
        silent(
            "SP408",
            &with(10, "    scaleUp: {stabilizationWindowSeconds: 0}\n"),
        );
        silent(
            "SP408",
            &with(4, &policies("scaleUp", "Max", &[FOUR, DOUBLE]))
                .replace("maxReplicas: 40", "maxReplicas: 4"),
        );
    }
}
