//! The load rests within the tolerance above the target, where more replicas are needed.
//!
//! ## What it does
//!
//! Replays the trace and adds up the time in which all replicas are ready and usage is above the target by less than the
//! tolerance, so that nothing is done, while the objective needs more of them. It fires above a minute a day, and looks for a tolerance or a target that
//! leaves less than half. Where the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! Between the target and 10 % above it the autoscaler rests. Near the knee of the queue these few percent are late
//! requests, for as long as the load stays there.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics: # 96 % of the request is within the tolerance
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 88}}}
//! ```
//!
//! ## Fix
//!
//! A lower target, or from Kubernetes 1.35 on `scaleUp.tolerance`.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #116984 and KEP-4951.

use super::case::{Case, Field};
use super::targets::{lower_targets, with_target};
use super::tried::Tried;
use super::words::{costs, replicas, seconds, target_in_words};
use crate::hpa::{Behavior, HpaSpec};
use crate::lint::finding::{Findings, Severity};
use crate::outcome::{Bound, TimelineRow};
use crate::scenario::Scenario;

/// Tolerances that are tried.
const TOLERANCES: [f64; 3] = [0.05, 0.02, 0.0];

/// So many lower targets are tried: one further away costs more than it is worth here.
const NEAR_TARGETS: usize = 3;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    // Not while replicas start, which count as idle and so bring the average down to the target.
    let is_resting = |row: &&TimelineRow| {
        row.ready_min == row.desired
            && row.ready_max == row.desired
            && row.demand > row.desired
            && row.desired < replay.max_replicas()
            && row.usage_ratio > 1.0
            && row.usage_ratio <= 1.0 + tolerance(replay.scenario())
    };
    let rows = replay.rows().iter();
    let held = rows.clone().filter(is_resting).count() as f64 * replay.row_length().as_seconds();
    if held <= case.longest_bound() {
        return;
    }
    let resting = rows.clone().find(is_resting);
    let at = resting.map_or_else(String::new, |row| {
        format!(
            ": at {} usage stands at {:.0} % of the target with {} where {} are needed",
            case.replay.moment(row.at),
            row.usage_ratio * 100.0,
            replicas(row.ready_max),
            row.demand
        )
    });
    findings
        .put(
            case.place(Field::Target),
            format!(
                "rests within the tolerance while more replicas are needed for {}{at}",
                seconds(held)
            ),
            help(case),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

/// That of scaling up.
fn tolerance(scenario: &Scenario) -> f64 {
    let behavior = scenario.hpa.behavior.as_ref();
    let own = behavior.and_then(|behavior| behavior.scale_up.tolerance);
    own.unwrap_or(scenario.controller.tolerance)
}

fn help(case: &Case<'_, '_>) -> String {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    let now = replay.as_it_is();
    let bound = Bound::Tolerance as usize;
    let leaves_little = |changed: &HpaSpec| {
        let tried = Tried::of(replay.ground(), &changed.clone().into());
        let little = tried.bound_seconds[bound] < 0.5 * now.bound_seconds[bound];
        little.then_some(tried.replica_hours - now.replica_hours)
    };
    let tolerance = TOLERANCES.iter().find_map(|tolerance| {
        let mut changed = hpa.clone();
        let behavior = changed.behavior.get_or_insert_with(Behavior::api_default);
        behavior.scale_up.tolerance = Some(*tolerance);
        Some((
            format!("scaleUp.tolerance {tolerance}"),
            leaves_little(&changed)?,
        ))
    });
    let targets = lower_targets(hpa).unwrap_or_default();
    let target = targets.into_iter().take(NEAR_TARGETS).find_map(|target| {
        Some((
            target_in_words(target),
            leaves_little(&with_target(hpa, target))?,
        ))
    });
    let ways: Vec<(String, f64)> = [tolerance, target].into_iter().flatten().collect();
    if ways.is_empty() {
        return format!(
            "neither a smaller tolerance nor a lower target alone ends it; a higher {} does",
            replay.names().min
        );
    }
    let names: Vec<&str> = ways.iter().map(|(name, _)| name.as_str()).collect();
    let hours: Vec<f64> = ways.iter().map(|(_, hours)| *hours).collect();
    format!(
        "{} leaves less than half of it; costs {}",
        names.join(" or "),
        costs(&hours)
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// 190 requests/s are 95 % of what four replicas can serve.
    fn at(target: &str) -> Play {
        web("  minReplicas: 4\n  maxReplicas: 10\n", &[(90, 190.0)])
            .but(
                "averageUtilization: 70",
                &format!("averageUtilization: {target}"),
            )
            .with(&["--slo", "99%<150ms", "--initial-replicas", "4"])
    }

    #[test]
    fn a_load_that_rests_above_the_target_is_told() {
        fires(
            "SP909",
            &at("90"),
            "18:92 warning: rests within the tolerance while more replicas are needed for 1 h 30 min: at 0 s \
             usage stands at 106 % of the target with 4 replicas where 10 are needed\n\
             help: scaleUp.tolerance 0.05 or a target of 85 % leaves less than half of it; costs +24.0 or \
             +24.0 replica-hours a day",
        );
    }

    #[test]
    fn a_target_below_the_knee_is_silent() {
        silent("SP909", &at("60"));
    }
}
