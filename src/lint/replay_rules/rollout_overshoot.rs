//! A rolling update raises the count.
//!
//! ## What it does
//!
//! Replays the trace with a rolling update of the Deployment, with its `maxSurge` and `maxUnavailable`, in the calmest
//! half hour of average load or more, and compares the count in that half hour with the same runs without. It fires where
//! the median run has at least one replica and 20 % more.
//!
//! ## Why is this bad
//!
//! Pods that are missing load the others, and pods that start use cpu: the autoscaler takes a deploy for a peak, and what it
//! adds stays for the window of scaling down.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec:
//!   strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 50%}}
//! ```
//!
//! ## Fix
//!
//! `maxUnavailable: 0` with a surge, so that no pod is missing meanwhile.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #72775, #90461, #98914, #107513 and #123325.

use super::case::{Case, Field};
use super::reruns::{median, replayed};
use crate::lint::finding::{Findings, Place};
use crate::manifest::Object;
use crate::outcome::RunOutcome;
use crate::scenario::{Disturbance, DisturbanceKind, IntOrPercent, Scenario};
use crate::units::{SimDuration, SimTime};

/// How long a rollout is watched.
const WATCHED: SimDuration = SimDuration::from_seconds(1800);

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let owner = case.owner();
    let Some(owner) = owner.filter(|owner| owner.object.kind == "Deployment") else {
        return;
    };
    let replay = case.replay;
    let scenario = replay.scenario();
    let (Some((surge, unavailable)), Some(at)) = (rolling(owner.object), calm_time(scenario))
    else {
        return;
    };
    let rollout = Disturbance {
        at,
        kind: DisturbanceKind::RollingUpdate {
            max_surge: surge,
            max_unavailable: unavailable,
        },
    };
    let disturbed = |kind: Option<&Disturbance>| {
        replayed(scenario, |it| {
            it.disturbances.extend(kind.cloned());
            it.disturbances.sort_by_key(|disturbance| disturbance.at);
        })
    };
    let (Some(without), Some(with)) = (disturbed(None), disturbed(Some(&rollout))) else {
        return;
    };
    let initial = scenario.initial_replicas;
    let highest = |run: &RunOutcome| f64::from(highest_from(run, at, initial));
    let before = median(&without.iter().map(highest).collect::<Vec<_>>());
    let after = median(&with.iter().map(highest).collect::<Vec<_>>());
    if after < before + 1.0 || after <= before * (1.0 + case.thresholds().largest_overshoot) {
        return;
    }
    findings
        .put(
            case.place(Field::Max),
            format!(
                "a rolling update at {} raises the count to {after:.0} where the load alone takes {before:.0}, with maxSurge \
                 {surge} and maxUnavailable {unavailable}",
                case.replay.moment(at)
            ),
            "set maxUnavailable to 0 and maxSurge to 25% or so, and let the readiness probe succeed only when the start is over",
        )
        .with_related(Place::at(owner.object, "spec.strategy"), "how the Deployment is updated");
}

/// `maxSurge` and `maxUnavailable`; `None` where pods are not replaced one by one.
fn rolling(object: &Object) -> Option<(IntOrPercent, IntOrPercent)> {
    let at = |path: &str| object.document.at(path);
    let kind = at("spec.strategy.type").and_then(|node| node.text());
    if kind.is_some_and(|kind| kind != "RollingUpdate") {
        return None;
    }
    let read = |path: &str| {
        let text = at(path).and_then(|node| node.text());
        text.map_or(Some(IntOrPercent::Percent(25)), |text| text.parse().ok())
    };
    Some((
        read("spec.strategy.rollingUpdate.maxSurge")?,
        read("spec.strategy.rollingUpdate.maxUnavailable")?,
    ))
}

/// When the load changes least for as long as a rollout is watched, at an average load or more.
fn calm_time(scenario: &Scenario) -> Option<SimTime> {
    let series = scenario.trace.series();
    let (end, mean) = (scenario.trace.end(), series.mean_weighted());
    let mut calmest: Option<(f64, SimTime)> = None;
    let mut at = SimTime::ZERO + WATCHED;
    while at + WATCHED <= end {
        let part = series.between(at - WATCHED, at + WATCHED);
        let lowest = part.values().iter().copied().fold(f64::INFINITY, f64::min);
        let swing = part.peak() / lowest.max(f64::MIN_POSITIVE);
        if part.mean_weighted() >= mean * 0.99 && calmest.is_none_or(|(least, _)| swing < least) {
            calmest = Some((swing, at));
        }
        at += WATCHED;
    }
    calmest.map(|(_, at)| at)
}

/// The highest count of a run in the time that is watched.
fn highest_from(run: &RunOutcome, at: SimTime, initial: u32) -> u32 {
    let before = run.rescales.iter().take_while(|it| it.at < at).last();
    let before = before.map_or(initial, |it| it.to);
    let during = run
        .rescales
        .iter()
        .filter(|it| at <= it.at && it.at < at + WATCHED);
    during.map(|it| it.to).max().unwrap_or(0).max(before)
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};
    use crate::lint::testing::scaled_object;

    fn strategy(text: &str) -> Play {
        web("  minReplicas: 2\n  maxReplicas: 20\n", &[(120, 200.0)])
            .but(
                "  selector:",
                &format!("  strategy: {{rollingUpdate: {text}}}\n  selector:"),
            )
            .with(&["--container-ready", "120s"])
    }

    #[test]
    fn a_rollout_that_takes_half_of_the_pods_is_told() {
        fires(
            "SP914",
            &strategy("{maxSurge: 0, maxUnavailable: 50%}"),
            "17:16 warning: a rolling update at 30 min raises the count to 8 where the load alone takes 6, \
             with maxSurge 0 and maxUnavailable 50%\n\
             help: set maxUnavailable to 0 and maxSurge to 25% or so, and let the readiness probe succeed \
             only when the start is over",
        );
    }

    #[test]
    fn a_rollout_that_misses_no_pod_is_silent() {
        silent("SP914", &strategy("{maxSurge: 1, maxUnavailable: 0}"));
        let recreate = strategy("{maxSurge: 1}").but(
            "strategy: {rollingUpdate: {maxSurge: 1}}",
            "strategy: {type: Recreate}",
        );
        silent("SP914", &recreate);
    }

    #[test]
    fn the_deployment_of_a_scaled_object_is_rolled_too() {
        let half = "{maxSurge: 0, maxUnavailable: 50%}";
        let mut play = strategy(half);
        let (deployment, _) = play.manifest.split_once("---\n").expect("two documents");
        let cpu = "  minReplicaCount: 2\n  maxReplicaCount: 20\n  triggers:\n  - {type: cpu, metricType: Utilization, \
                   metadata: {value: \"70\"}}\n";
        play.manifest = format!("{deployment}---\n{}", scaled_object(cpu));
        fires(
            "SP914",
            &play,
            "17:20 warning: a rolling update at 30 min raises the count to 8 where the load alone takes 6, \
             with maxSurge 0 and maxUnavailable 50%\n\
             help: set maxUnavailable to 0 and maxSurge to 25% or so, and let the readiness probe succeed \
             only when the start is over",
        );
    }
}
