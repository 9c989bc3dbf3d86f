//! Losing one replica at the floor breaks the objective.
//!
//! ## What it does
//!
//! Where the objective holds, it replays the trace once more and lets one replica die without a word at the highest load that
//! the floor carries. It fires where the objective is missed then, and looks for the smallest `minReplicas` that holds.
//!
//! ## Why is this bad
//!
//! A floor is there for the case that something fails. With two replicas near their target the one that is left has twice
//! its load until the other is back.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1
//! ```
//!
//! ## Fix
//!
//! One replica more, or a lower target so that the count is higher where the load is.
//!
//! ## Evidence
//!
//! The replay: N-1, as in planning of power grids and in chaos experiments.

use super::case::{Case, Field};
use super::clearing::least_min;
use super::ground::Ground;
use super::tried::{Tried, holds};
use super::words::{costs, counted, of_runs, percent};
use crate::lint::finding::Findings;
use crate::outcome::TimelineRow;
use crate::scenario::{Disturbance, DisturbanceKind};

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let min = replay.min_replicas();
    if replay.is_missed() || min == 0 {
        return;
    }
    let at_floor =
        |row: &&TimelineRow| row.desired == min && row.ready_min == min && row.arrival_rate > 0.0;
    let floor = replay.rows().iter().filter(at_floor);
    let Some(worst) = floor.max_by(|a, b| {
        a.arrival_rate
            .total_cmp(&b.arrival_rate)
            .then(b.at.cmp(&a.at))
    }) else {
        return;
    };
    let losing = replay.setting().with_disturbance(&Disturbance {
        at: worst.at,
        kind: DisturbanceKind::ReplicaFailure { replicas: 1 },
    });
    let Ok(ground) = Ground::new(&losing) else {
        return;
    };
    if holds(&ground, &ground.as_it_is()) {
        return;
    }
    let tried = Tried::of(&ground, &ground.as_it_is());
    let names = replay.names();
    let help = match least_min(&ground, replay.ground(), replay.as_it_is()) {
        Some(enough) => format!(
            "{} holds it; costs {}",
            names.min_of(enough.value),
            costs(&[enough.more_replica_hours])
        ),
        None => format!(
            "no {} holds it: shorten the time until a dead replica is noticed and replaced",
            names.min
        ),
    };
    let which = match min {
        1 => "the only replica".to_owned(),
        min => format!("one of {min} replicas"),
    };
    findings.put(
        case.place(Field::Min),
        format!(
            "{which} that dies at {} breaks the objective in {}: {} below it and {} of all requests bad, in the median of those",
            case.replay.moment(worst.at),
            of_runs(tried.missed_runs, scenario.runs),
            counted(tried.service_if_missed.violation_minutes.round(), "minute"),
            percent(tried.service_if_missed.bad_percent)
        ),
        help,
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, scaled, silent, web};

    const HOUR: [(u32, f64); 1] = [(60, 60.0)];

    #[test]
    fn a_floor_that_cannot_lose_one_is_told() {
        fires(
            "SP925",
            &web("  minReplicas: 2\n  maxReplicas: 12\n", &HOUR),
            "15:16 warning: one of 2 replicas that dies at 0 s breaks the objective in 3 of 3 runs: 2 \
             minutes below it and 1.4 % of all requests bad, in the median of those\n\
             help: minReplicas 3 holds it; costs +24.0 replica-hours a day",
        );
    }

    #[test]
    fn a_floor_with_one_to_spare_is_silent() {
        silent(
            "SP925",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &HOUR).with(&["--retries", "2"]),
        );
    }

    #[test]
    fn a_scaled_object_that_sleeps_is_held_by_a_floor() {
        let play = scaled("  maxReplicaCount: 12\n", &[(10, 0.0), (240, 30.0)]);
        fires(
            "SP925",
            &play.with(&["--slo", "99.3%<1s"]),
            "13:1 warning: the only replica that dies at 10 min 50 s breaks the objective in 1 of 3 runs: 2 minutes \
             below it and 0.74 % of all requests bad, in the median of those\n\
             help: minReplicaCount 1 holds it; costs +1.0 replica-hours a day",
        );
    }
}
