//! The load grows faster than the `scaleUp` policies allow.
//!
//! ## What it does
//!
//! Replays the trace and adds up the time in which the metrics asked for the replicas that the load needs and a policy, or
//! without `behavior` the controller's own limit of the double or 4, held them back. It fires above a minute a day. Where
//! the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! The autoscaler knows what is needed and is not allowed to write it, while requests wait.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   behavior:
//!     scaleUp:
//!       policies: [{type: Pods, value: 1, periodSeconds: 60}]
//! ```
//!
//! ## Fix
//!
//! Allow larger steps: the default policies are 4 pods or 100 % in 15 s, whichever is more.
//!
//! ## Evidence
//!
//! The replay. kubernetes-sigs/metrics-server #763 has a scale-up that takes many cycles of bounded growth.

use super::case::{Case, Field};
use super::words::{costs, replicas, seconds};
use crate::hpa::{Behavior, HpaSpec, PolicyKind, ScalingPolicy, ScalingRules};
use crate::lint::finding::{Findings, Severity};
use crate::outcome::Bound;
use crate::units::SimDuration;

use super::tried::Tried;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let (run, held) = replay.median_run_of(Bound::Policy);
    if held <= case.longest_bound() {
        return;
    }
    let episodes = run.lag_episodes.iter();
    let worst = episodes
        .filter(|it| it.bound == Bound::Policy)
        .max_by_key(|it| (it.lag(), std::cmp::Reverse(it.begin)));
    let longest = worst.map_or_else(String::new, |it| {
        format!(
            ", for longest at {}: {} ready where {} are needed",
            case.replay.moment(it.begin),
            replicas(it.ready_at_begin),
            it.peak_demand
        )
    });
    let limit = if replay.scenario().hpa.behavior.is_some() {
        "the scaleUp policies"
    } else {
        "the limit of scaling up without behavior, the double or 4,"
    };
    findings
        .put(
            case.place(Field::ScaleUp),
            format!(
                "{limit} held capacity below the load for {}{longest}",
                seconds(held)
            ),
            help(case),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

/// The first of two sets of policies that leaves less than half of it, and what comes of it.
fn help(case: &Case<'_, '_>) -> String {
    let replay = case.replay;
    let now = replay.as_it_is();
    let bound = Bound::Policy as usize;
    for (name, rules) in candidates() {
        let mut hpa: HpaSpec = replay.scenario().hpa.clone();
        let behavior = hpa.behavior.get_or_insert_with(Behavior::api_default);
        behavior.scale_up.policies.clone_from(&rules.policies);
        behavior.scale_up.select_policy = rules.select_policy;
        let tried = Tried::of(replay.ground(), &hpa.into());
        if tried.bound_seconds[bound] < 0.5 * now.bound_seconds[bound] {
            return format!(
                "{name} leaves {} of it, and {:.0} minutes below the objective instead of {:.0}; costs {}",
                seconds(tried.bound_seconds[bound]),
                tried.service.violation_minutes,
                now.service.violation_minutes,
                costs(&[tried.replica_hours - now.replica_hours])
            );
        }
    }
    format!(
        "no larger step helps here: start from more replicas with a higher {} or a lower target",
        replay.names().min
    )
}

fn candidates() -> [(&'static str, ScalingRules); 2] {
    let policy = |kind, value| ScalingPolicy {
        kind,
        value,
        policy_period: SimDuration::from_seconds(15),
    };
    let usual = ScalingRules::default_scale_up();
    let larger = ScalingRules {
        policies: vec![
            policy(PolicyKind::Pods, 10),
            policy(PolicyKind::Percent, 300),
        ],
        ..usual.clone()
    };
    [
        (
            "scaleUp by 4 pods or 100 % in 15 s, the default policies,",
            usual,
        ),
        ("scaleUp by 10 pods or 300 % in 15 s", larger),
    ]
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const STEP: [(u32, f64); 3] = [(30, 20.0), (20, 200.0), (20, 20.0)];

    #[test]
    fn a_policy_that_holds_the_count_back_is_told() {
        let policy =
            "  behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 120}]}}\n";
        fires(
            "SP903",
            &web(
                &format!("  minReplicas: 1\n  maxReplicas: 10\n{policy}"),
                &STEP,
            ),
            "17:23 warning: the scaleUp policies held capacity below the load for 4 min 30 s, for longest at \
             30 min: 1 replica ready where 6 are needed\n\
             help: scaleUp by 4 pods or 100 % in 15 s, the default policies, leaves 0 s of it, and 6 minutes \
             below the objective instead of 11; costs +5.9 replica-hours a day",
        );
    }

    #[test]
    fn policies_that_allow_the_step_are_silent() {
        let policy =
            "  behavior: {scaleUp: {policies: [{type: Pods, value: 10, periodSeconds: 15}]}}\n";
        silent(
            "SP903",
            &web(
                &format!("  minReplicas: 1\n  maxReplicas: 10\n{policy}"),
                &STEP,
            ),
        );
    }
}
