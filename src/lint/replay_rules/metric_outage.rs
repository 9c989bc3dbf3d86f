//! Ten minutes without metrics, in the steepest rise, break the objective.
//!
//! ## What it does
//!
//! Where the objective holds, it replays the trace once more with an outage of all metrics of 10 minutes that begins with
//! the steepest rise of the load, and fires where the objective is missed then. It looks for the smallest `minReplicas` that
//! carries it. Where every metric is a resource metric, for which there is no second source, it is an info.
//!
//! ## Why is this bad
//!
//! Without metrics the count is frozen. With some failing, none is removed. Adapters and monitoring go down just when the
//! cluster is under load.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1
//!   metrics:
//!   - type: External
//!     external: {metric: {name: queue-length}, target: {type: AverageValue, averageValue: "30"}}
//! ```
//!
//! ## Fix
//!
//! A floor that carries the rise, a cpu metric beside the external one, or KEDA's `fallback`.
//!
//! ## Evidence
//!
//! The replay. KEP-5679.

use super::case::{Case, Field};
use super::what_if::{Tried, holds, least};
use super::words::{costs, moment, percent, replicas};
use crate::engine::Stage;
use crate::hpa::{HpaSpec, MetricSpec};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::scenario::{Disturbance, DisturbanceKind, Scenario};
use crate::units::{SimDuration, SimTime};

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let lasts = case.thresholds().metric_outage;
    let has_outage = scenario
        .disturbances
        .iter()
        .any(|it| matches!(it.kind, DisturbanceKind::MetricOutage { .. }));
    if replay.is_missed() || has_outage {
        return;
    }
    let Some(at) = steepest(scenario, lasts) else {
        return;
    };
    let mut failing = scenario.clone();
    failing.disturbances.push(Disturbance {
        at,
        kind: DisturbanceKind::MetricOutage { lasts },
    });
    failing
        .disturbances
        .sort_by_key(|disturbance| disturbance.at);
    let Ok(stage) = Stage::new(&failing) else {
        return;
    };
    let hpa = &scenario.hpa;
    if holds(&stage, hpa) {
        return;
    }
    let tried = Tried::of(&stage, hpa);
    let before = replay
        .rows_in(at, at + replay.row_length())
        .map(|row| row.desired)
        .next();
    let needed = replay.rows_in(at, at + lasts).map(|row| row.demand).max();
    let with_min = |min: i32| HpaSpec {
        min_replicas: min,
        ..hpa.clone()
    };
    let enough = least(hpa.min_replicas + 1, hpa.max_replicas, |min| {
        holds(&stage, &with_min(min))
    });
    let help = enough.map_or_else(
        || "no minReplicas carries it: a second source of metrics has to".to_owned(),
        |min| {
            let more = Tried::of(replay.stage(), &with_min(min)).replica_hours
                - replay.as_it_is().replica_hours;
            format!("minReplicas {min} carries it; costs {}", costs(&[more]))
        },
    );
    let is_resource = |metric: &MetricSpec| {
        matches!(
            metric,
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. }
        )
    };
    let has_fallback = if scenario.hpa.metrics.iter().all(is_resource) {
        Severity::Info
    } else {
        Severity::Warning
    };
    findings
        .put(
            case.place(Field::Min),
            format!(
                "{} without metrics at {} freeze {} where {} are needed: the objective is missed in {} of {} runs, {} of the requests \
                 being bad",
                length(lasts),
                moment(at),
                replicas(before.unwrap_or(0)),
                needed.unwrap_or(0),
                tried.missed_runs,
                scenario.runs,
                percent(tried.bad_percent)
            ),
            help,
        )
        .with_severity(has_fallback);
}

/// When the load begins to rise most within a time.
fn steepest(scenario: &Scenario, within: SimDuration) -> Option<SimTime> {
    let series = scenario.trace.series();
    let (starts, rates) = (series.starts(), series.values());
    let mut best: Option<(f64, SimTime)> = None;
    let mut last = 0;
    for (first, start) in starts.iter().enumerate() {
        while last + 1 < starts.len() && starts[last + 1] <= *start + within {
            last += 1;
        }
        let rise = rates[last.max(first)] - rates[first];
        if rise > best.map_or(0.0, |(most, _)| most) {
            best = Some((rise, *start));
        }
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    /// A slow rise, which the autoscaler follows.
    fn rise() -> Vec<(u32, f64)> {
        let mut load = vec![(60, 60.0)];
        load.extend((0..20).map(|step| (1, 60.0 + 10.0 * f64::from(step))));
        load.push((90, 250.0));
        load
    }

    #[test]
    fn a_rise_without_metrics_that_breaks_the_objective_is_told() {
        fires(
            "SP916",
            &web("  minReplicas: 2\n  maxReplicas: 12\n", &rise()).with(&["--slo", "99%<1s"]),
            &["15:16 10 min without metrics at "],
        );
    }

    #[test]
    fn a_floor_that_carries_it_is_silent() {
        silent(
            "SP916",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &rise()),
        );
    }
}
