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
use super::clearing::least_min;
use super::ground::Ground;
use super::tried::{Tried, holds};
use super::words::{costs, of_runs, percent, replicas};
use crate::hpa::MetricSpec;
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
    let failing = replay.setting().with_disturbance(&Disturbance {
        at,
        kind: DisturbanceKind::MetricOutage { lasts },
    });
    let Ok(ground) = Ground::new(&failing) else {
        return;
    };
    if holds(&ground, &ground.as_it_is()) {
        return;
    }
    let tried = Tried::of(&ground, &ground.as_it_is());
    let before = replay
        .rows_in(at, at + replay.row_length())
        .map(|row| row.desired)
        .next();
    let needed = replay.rows_in(at, at + lasts).map(|row| row.demand).max();
    let names = replay.names();
    let help = match least_min(&ground, replay.ground(), replay.as_it_is()) {
        Some(enough) => format!(
            "{} carries it; costs {}",
            names.min_of(enough.value),
            costs(&[enough.more_replica_hours])
        ),
        None => format!(
            "no {} carries it: a second source of metrics has to",
            names.min
        ),
    };
    let is_resource = |metric: &MetricSpec| {
        matches!(
            metric,
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. }
        )
    };
    let severity = if scenario.hpa.metrics.iter().all(is_resource) {
        Severity::Info
    } else {
        Severity::Warning
    };
    findings
        .put(
            case.place(Field::Min),
            format!(
                "{} without metrics at {} freeze {} where {} are needed: the objective is missed in {}, in the median of which {} of \
                 the requests are bad",
                length(lasts),
                case.replay.moment(at),
                replicas(before.unwrap_or(0)),
                needed.unwrap_or(0),
                of_runs(tried.missed_runs, scenario.runs),
                percent(tried.service_if_missed.bad_percent)
            ),
            help,
        )
        .with_severity(severity);
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
    use crate::lint::replay_rules::testing::{fires, scaled, silent, web};

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
            "15:16 info: 10 min without metrics at 1 h freeze 2 replicas where 4 are needed: the objective \
             is missed in 3 of 3 runs, in the median of which 3.4 % of the requests are bad\n\
             help: minReplicas 3 carries it; costs +8.8 replica-hours a day",
        );
    }

    #[test]
    fn a_floor_that_carries_it_is_silent() {
        silent(
            "SP916",
            &web("  minReplicas: 8\n  maxReplicas: 12\n", &rise()),
        );
    }

    #[test]
    fn a_scaled_object_that_sleeps_is_carried_by_a_floor() {
        let mut load = vec![(20, 0.0), (10, 20.0)];
        load.extend(rise());
        let play = scaled("  maxReplicaCount: 12\n", &load);
        fires(
            "SP916",
            &play.with(&["--slo", "98%<1s"]),
            "13:1 warning: 10 min without metrics at 1 h 30 min freeze 2 replicas where 4 are needed: the \
             objective is missed in 3 of 3 runs, in the median of which 3.3 % of the requests are bad\n\
             help: minReplicaCount 3 carries it; costs +17.3 replica-hours a day",
        );
    }
}
