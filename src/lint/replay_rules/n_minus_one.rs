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
use super::what_if::{Tried, holds, least};
use super::words::{costs, moment, percent};
use crate::engine::Stage;
use crate::hpa::HpaSpec;
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
    let mut losing = scenario.clone();
    losing.disturbances.push(Disturbance {
        at: worst.at,
        kind: DisturbanceKind::ReplicaFailure { replicas: 1 },
    });
    losing
        .disturbances
        .sort_by_key(|disturbance| disturbance.at);
    let Ok(stage) = Stage::new(&losing) else {
        return;
    };
    let hpa = &scenario.hpa;
    if holds(&stage, hpa) {
        return;
    }
    let tried = Tried::of(&stage, hpa);
    let with_min = |min: i32| HpaSpec {
        min_replicas: min,
        ..hpa.clone()
    };
    let enough = least(hpa.min_replicas + 1, hpa.max_replicas, |min| {
        holds(&stage, &with_min(min))
    });
    let help = enough.map_or_else(
        || {
            "no minReplicas holds it: shorten the time until a dead replica is noticed and replaced"
                .to_owned()
        },
        |min| {
            let more = Tried::of(replay.stage(), &with_min(min)).replica_hours
                - replay.as_it_is().replica_hours;
            format!("minReplicas {min} holds it; costs {}", costs(&[more]))
        },
    );
    let which = match min {
        1 => "the only replica".to_owned(),
        min => format!("one of {min} replicas"),
    };
    findings.put(
        case.place(Field::Min),
        format!(
            "{which} that dies at {} breaks the objective in {} of {} runs: {:.0} minutes below it instead of {:.0}, {} of all \
             requests bad",
            moment(worst.at),
            tried.missed_runs,
            scenario.runs,
            tried.violation_minutes,
            replay.as_it_is().violation_minutes,
            percent(tried.bad_percent)
        ),
        help,
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const HOUR: [(u32, f64); 1] = [(60, 60.0)];

    #[test]
    fn a_floor_that_cannot_lose_one_is_told() {
        fires(
            "SP925",
            &web("  minReplicas: 2\n  maxReplicas: 12\n", &HOUR),
            &["15:16 one of 2 replicas that dies at "],
        );
    }

    #[test]
    fn a_floor_with_one_to_spare_is_silent() {
        silent(
            "SP925",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &HOUR).with(&["--retries", "2"]),
        );
    }
}
