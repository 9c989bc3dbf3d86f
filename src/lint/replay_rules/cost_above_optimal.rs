//! Other settings hold the objective for much less.
//!
//! ## What it does
//!
//! On a trace of a day or more that holds the objective, and shows it with enough requests, it plays targets of 40 to 90 %
//! with the smallest `minReplicas` that each needs, of 2 or more. It fires where the cheapest pair that holds costs at least
//! 20 % less replica-hours.
//!
//! ## Why is this bad
//!
//! The difference is paid for nothing that the objective knows of.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 6
//!   metrics: # 80 % from 2 replicas on would do
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 40}}}
//! ```
//!
//! ## Fix
//!
//! The pair that is told, or what `scaleplan recommend` finds, which searches windows and policies too.
//!
//! ## Evidence
//!
//! The replay of every pair on the same runs.

use super::case::{Case, Field};
use super::ground::Candidate;
use super::least::least;
use super::targets::with_target;
use super::tried::{Tried, holds};
use super::words::percent;
use crate::analysis::Verdict;
use crate::hpa::{HpaSpec, MetricTarget};
use crate::lint::finding::Findings;

/// Targets that are tried, percent.
const TARGETS: [i32; 6] = [90, 80, 70, 60, 50, 40];

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let is_long = scenario.trace.end().since_start() >= case.thresholds().shortest_trace;
    let [metric] = scenario.hpa.metrics.as_slice() else {
        return;
    };
    let MetricTarget::Utilization(own) = metric.target() else {
        return;
    };
    if replay.card().slo.verdict != Verdict::Met || !is_long {
        return;
    }
    let Some((target, min, then)) = cheapest(case, own) else {
        return;
    };
    let now = replay.as_it_is().replica_hours;
    if now - then < case.thresholds().least_saving * now {
        return;
    }
    let field = replay.names().min;
    findings.put(
        case.place(Field::Target),
        format!(
            "{now:.1} replica-hours a day, {} more than {field} {min} with a target of {target} %, which holds the \
             objective too",
            percent(100.0 * (now / then - 1.0))
        ),
        format!(
            "{field} {min} with a target of {target} % saves {:.1} replica-hours a day; `scaleplan recommend` searches the other settings too",
            now - then
        ),
    );
}

/// Target, minReplicas and replica-hours a day of the cheapest pair that holds the objective.
fn cheapest(case: &Case<'_, '_>, own: i32) -> Option<(i32, i32, f64)> {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    let fewest = case
        .context
        .settings
        .thresholds
        .fewest_replicas
        .clamp(1, hpa.min_replicas.max(1));
    let most = hpa
        .max_replicas
        .min(replay.ground().most_useful().max(fewest));
    let mut cheapest: Option<(i32, i32, f64)> = None;
    let targets = TARGETS.iter().copied().filter(|target| *target != own);
    for target in targets.chain([own]) {
        let with = |min: i32| -> Candidate {
            let min_replicas = min;
            let hpa = with_target(hpa, MetricTarget::Utilization(target));
            HpaSpec {
                min_replicas,
                ..hpa
            }
            .into()
        };
        let Some(min) = least(fewest, most, |min| holds(replay.ground(), &with(min))) else {
            continue;
        };
        let hours = Tried::of(replay.ground(), &with(min)).replica_hours;
        if cheapest.is_none_or(|(_, _, least)| hours < least) {
            cheapest = Some((target, min, hours));
        }
    }
    cheapest
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const DAY: [(u32, f64); 2] = [(720, 60.0), (720, 150.0)];

    #[test]
    fn settings_far_above_the_cheapest_are_told() {
        let low = web("  minReplicas: 6\n  maxReplicas: 30\n", &DAY)
            .but("averageUtilization: 70", "averageUtilization: 30");
        fires(
            "SP926",
            &low,
            "18:92 info: 192.0 replica-hours a day, 129 % more than minReplicas 2 with a target of 70 %, \
             which holds the objective too\n\
             help: minReplicas 2 with a target of 70 % saves 108.0 replica-hours a day; `scaleplan \
             recommend` searches the other settings too",
        );
    }

    #[test]
    fn settings_near_the_cheapest_or_a_short_trace_are_silent() {
        silent("SP926", &web("  minReplicas: 2\n  maxReplicas: 30\n", &DAY));
        let low = web("  minReplicas: 6\n  maxReplicas: 30\n", &DAY[..1])
            .but("averageUtilization: 70", "averageUtilization: 30");
        silent("SP926", &low);
    }
}
