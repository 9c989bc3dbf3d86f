//! Waking from zero replicas keeps requests waiting for longer than the objective allows.
//!
//! ## What it does
//!
//! With a floor of zero, which a ScaledObject has while no trigger is active, it finds in the replay the times at which a load met no replica at all, and fires where one of them
//! lasted longer than the objective's latency. It tells which floor
//! clears the objective, or what a floor of one does, and what it costs. Where the objective holds all the same,
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
//! `minReplicas: 1` (of a ScaledObject `minReplicaCount: 1` without `idleReplicaCount`), or a queue that can wait.
//!
//! ## Evidence
//!
//! The replay. kedacore/keda #4697.

use super::case::{Case, Field};
use super::tried::Tried;
use super::words::{costs, counted};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::LagEpisode;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    if replay.floor() > 0 {
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
    findings
        .put(
            case.place(Field::Min),
            format!(
                "the load meets no replica {}, for longest at {}: nothing answers for {}",
                counted(u32::try_from(cold.len()).unwrap_or(u32::MAX), "time"),
                case.replay.moment(longest.begin),
                length(longest.lag())
            ),
            help(case),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

/// The floor that holds the objective, or else what the lowest one above zero comes to.
fn help(case: &Case<'_, '_>) -> String {
    let (replay, names) = (case.replay, case.replay.names());
    if let Some(cleared) = replay.clearing().and_then(|clearing| clearing.min) {
        return format!(
            "{} clears the objective; costs {}",
            names.min_of(cleared.value),
            costs(&[cleared.more_replica_hours])
        );
    }
    let min = replay.ground().next_min();
    let tried = Tried::of(replay.ground(), &replay.ground().with_min(min));
    let now = replay.as_it_is();
    format!(
        "{} takes the minutes below the objective from {:.0} to {:.0}; costs {}",
        names.min_of(min),
        now.service.violation_minutes,
        tried.service.violation_minutes,
        costs(&[tried.replica_hours - now.replica_hours])
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, scaled, silent, web};

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
        fires(
            "SP922",
            &with_min(0),
            "15:16 warning: the load meets no replica 2 times, for longest at 30 min: nothing answers for 1 \
             min 22 s\n\
             help: minReplicas 2 clears the objective; costs +23.3 replica-hours a day",
        );
    }

    #[test]
    fn a_floor_of_one_is_silent() {
        silent("SP922", &with_min(1));
    }

    #[test]
    fn a_scaled_object_that_sleeps_is_told_in_its_own_fields() {
        let load = [(30, 0.0), (30, 60.0), (30, 0.0), (20, 60.0)];
        let of = |spec: &str| scaled(&format!("{spec}  maxReplicaCount: 10\n"), &load);
        fires(
            "SP922",
            &of("  minReplicaCount: 0\n"),
            "15:20 warning: the load meets no replica 2 times, for longest at 30 min: nothing answers for 1 \
             min 18 s\n\
             help: minReplicaCount 2 clears the objective; costs +24.3 replica-hours a day",
        );
        fires(
            "SP922",
            &of(""),
            "13:1 warning: the load meets no replica 2 times, for longest at 30 min: nothing answers for 1 \
             min 18 s\n\
             help: minReplicaCount 2 clears the objective; costs +24.3 replica-hours a day",
        );
        fires(
            "SP922",
            &of("  minReplicaCount: 3\n  idleReplicaCount: 0\n"),
            "15:20 warning: the load meets no replica 2 times, for longest at 30 min: nothing answers for 55 \
             s\n\
             help: minReplicaCount 3 without idleReplicaCount clears the objective; costs +35.9 \
             replica-hours a day",
        );
        silent("SP922", &of("  minReplicaCount: 1\n"));
    }
}
