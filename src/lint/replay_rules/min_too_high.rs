//! A lower floor holds the objective too.
//!
//! ## What it does
//!
//! On a trace of a day or more that holds the objective, and shows it with enough requests, it looks for the smallest
//! `minReplicas`, of 2 or more, that holds it in as many runs. It fires where the count stands at the floor nine tenths of
//! the time and the lower one saves 20 % of the replica-hours.
//!
//! ## Why is this bad
//!
//! Replicas that no load needs are paid for day and night.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 10 # 3 would do
//! ```
//!
//! ## Fix
//!
//! Lower `minReplicas`, unless it stands for something that the trace does not have: zones, a rare event.
//!
//! ## Evidence
//!
//! The replay.

use super::case::{Case, Field};
use super::ground::Candidate;
use super::least::least;
use super::tried::{Tried, holds};
use crate::analysis::Verdict;
use crate::hpa::HpaSpec;
use crate::lint::finding::Findings;

/// The share of the time at the floor from which on it, and not the load, makes the cost.
const MOSTLY: f64 = 0.9;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    let is_long = replay.scenario().trace.end().since_start() >= case.thresholds().shortest_trace;
    let fewest = case.context.settings.thresholds.fewest_replicas.max(1);
    if replay.card().slo.verdict != Verdict::Met || !is_long || hpa.min_replicas <= fewest {
        return;
    }
    let min = replay.min_replicas();
    let at_floor = replay
        .rows()
        .iter()
        .filter(|row| row.desired == min)
        .count() as f64;
    if at_floor < MOSTLY * replay.rows().len() as f64 {
        return;
    }
    let with_min = |min: i32| -> Candidate {
        let min_replicas = min;
        let hpa = hpa.clone();
        HpaSpec {
            min_replicas,
            ..hpa
        }
        .into()
    };
    let Some(enough) = least(fewest, hpa.min_replicas - 1, |min| {
        holds(replay.ground(), &with_min(min))
    }) else {
        return;
    };
    let now = replay.as_it_is().replica_hours;
    let then = Tried::of(replay.ground(), &with_min(enough)).replica_hours;
    if now - then < case.thresholds().least_saving * now {
        return;
    }
    let field = replay.names().min;
    findings.put(
        case.place(Field::Min),
        format!(
            "the count stands at {field} {min} for {:.0} % of the time, and {field} {enough} holds the objective too",
            100.0 * at_floor / replay.rows().len() as f64
        ),
        format!(
            "{field} {enough} saves {:.1} replica-hours a day; keep the higher floor for what the trace does not have",
            now - then
        ),
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const DAY: [(u32, f64); 2] = [(720, 30.0), (720, 60.0)];

    #[test]
    fn a_floor_far_above_the_load_is_told() {
        fires(
            "SP918",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &DAY),
            "15:16 info: the count stands at minReplicas 8 for 100 % of the time, and minReplicas 2 holds \
             the objective too\n\
             help: minReplicas 2 saves 144.0 replica-hours a day; keep the higher floor for what the trace \
             does not have",
        );
    }

    #[test]
    fn a_floor_that_is_needed_or_the_usual_one_is_silent() {
        silent("SP918", &web("  minReplicas: 2\n  maxReplicas: 12\n", &DAY));
        // Half a day does not show what the other half needs.
        silent(
            "SP918",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &DAY[..1]),
        );
    }
}
