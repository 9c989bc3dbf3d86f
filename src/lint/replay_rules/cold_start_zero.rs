//! Waking from zero replicas keeps requests waiting for longer than the objective allows.
//!
//! ## What it does
//!
//! With a floor of zero it finds in the replay the times at which a load met no replica at all, and fires where one of them
//! lasted longer than the objective's latency. It tells what a floor of one costs. Where the objective holds all the same,
//! since few requests wake it, it is an info.
//!
//! ## Why is this bad
//!
//! The first requests wait for metric, start and readiness, or time out.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 0
//! ```
//!
//! ## Fix
//!
//! `minReplicas: 1` (of a ScaledObject `idleReplicaCount` or `minReplicaCount`), or a queue that can wait.
//!
//! ## Evidence
//!
//! The replay. kedacore/keda #4697.

use super::case::{Case, Field};
use super::what_if::Tried;
use super::words::{costs, moment};
use crate::hpa::HpaSpec;
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::LagEpisode;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    if hpa.min_replicas > 0 {
        return;
    }
    let latency = replay.scenario().slo.latency;
    let is_cold = |it: &&LagEpisode| it.ready_at_begin == 0 && it.lag().as_seconds() > latency;
    let cold: Vec<&LagEpisode> = replay
        .first_run()
        .lag_episodes
        .iter()
        .filter(is_cold)
        .collect();
    let Some(longest) = cold
        .iter()
        .max_by_key(|it| (it.lag(), std::cmp::Reverse(it.begin)))
    else {
        return;
    };
    let standing = HpaSpec {
        min_replicas: 1,
        ..hpa.clone()
    };
    let tried = Tried::of(replay.stage(), &standing);
    let now = replay.as_it_is();
    let times = if cold.len() == 1 { "time" } else { "times" };
    findings
        .put(
            case.place(Field::Min),
            format!(
                "the load meets no replica {} {times}, for longest at {}: nothing answers for {}",
                cold.len(),
                moment(longest.begin),
                length(longest.lag())
            ),
            format!(
                "minReplicas 1 takes the minutes below the objective from {:.0} to {:.0}; costs {}",
                now.violation_minutes,
                tried.violation_minutes,
                costs(&[tried.replica_hours - now.replica_hours])
            ),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    fn with_min(min: u32) -> Play {
        web(&format!("  minReplicas: {min}\n  maxReplicas: 10\n"), &[(30, 0.0), (30, 60.0), (30, 0.0), (20, 60.0)])
            .but(
                "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}",
                "{type: External, external: {metric: {name: rate}, target: {type: AverageValue, averageValue: 35}}}",
            )
            .with(&["--metric", "rate=rate"])
    }

    #[test]
    fn requests_that_wake_the_workload_are_told() {
        fires("SP922", &with_min(0), &["15:16 the load meets no replica "]);
    }

    #[test]
    fn a_floor_of_one_is_silent() {
        silent("SP922", &with_min(1));
    }
}
