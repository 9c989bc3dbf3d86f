//! Replicas that are not ready count as idle, and hold back a step that is needed.
//!
//! ## What it does
//!
//! Looks in the replay for syncs at which usage of the ready replicas asks for more than was written, while others were
//! still starting and the load needed more: the controller fills in pods without a usable sample as if they used nothing.
//! It fires where that lasts longer than a minute a day; times in which a policy or a window held it back for longest do
//! not count. Where the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! The slower the start, the longer each step waits for the one before. A load that goes on growing is met one start at a
//! time.
//!
//! ## Example
//!
//! Pods that take three minutes to be ready, and a load that doubles every minute.
//!
//! ## Fix
//!
//! A shorter start, or room for what comes meanwhile: a lower target or more replicas. Metrics that are not averages over
//! pods (Object, External) are not dampened.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes PR #33593; #51650, #84095 and #130130.

use super::case::{Case, Field};
use super::words::{replicas, seconds};
use crate::hpa::MetricSpec;
use crate::lint::finding::{Findings, Severity};
use crate::outcome::{Bound, TimelineRow};

/// Rows of a longer timeline do not show single syncs.
const LONGEST_ROW: f64 = 60.0;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let row_seconds = replay.row_length().as_seconds();
    let is_resource = |metric: &MetricSpec| {
        matches!(
            metric,
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. }
        )
    };
    if row_seconds > LONGEST_ROW || !replay.scenario().hpa.metrics.iter().all(is_resource) {
        return;
    }
    let max = replay.max_replicas();
    let tolerance = replay.scenario().controller.tolerance;
    let asked = |row: &TimelineRow| (row.usage_ratio * f64::from(row.ready_max)).ceil();
    let episodes = &replay.first_run().lag_episodes;
    let is_held = |row: &TimelineRow| {
        let mut others = episodes
            .iter()
            .filter(|it| matches!(it.bound, Bound::Policy | Bound::Stabilization));
        others.any(|it| it.begin <= row.at && row.at < it.end)
    };
    let is_dampened = |row: &&TimelineRow| {
        row.ready_min == row.ready_max
            && row.ready_max < row.desired
            && row.desired < row.demand.min(max)
            && row.usage_ratio > 1.0 + tolerance
            && asked(row) > f64::from(row.desired)
            && !is_held(row)
    };
    let mut dampened = replay.rows().iter().filter(is_dampened).peekable();
    let Some(first) = dampened.peek().copied() else {
        return;
    };
    let lasts = dampened.count() as f64 * row_seconds;
    if lasts <= case.longest_bound() {
        return;
    }
    findings
        .put(
            case.place(Field::Target),
            format!(
                "replicas that are not ready yet count as idle and hold back a needed step for {}: at {} {} ready at {:.0} % \
                 of the target ask for {:.0}, and {} of {} needed stay asked for",
                seconds(lasts),
                case.replay.moment(first.at),
                replicas(first.ready_max),
                first.usage_ratio * 100.0,
                asked(first),
                first.desired,
                first.demand
            ),
            format!(
                "shorten the time until replicas are ready, or keep room for it; {}",
                case.what_clears_it()
            ),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// A load that grows on while replicas start.
    fn ramp(ready: &'static str) -> Play {
        let mut load = vec![(20, 60.0)];
        load.extend((1..16).map(|minute| (1, 60.0 + 60.0 * f64::from(minute))));
        load.push((20, 900.0));
        web("  minReplicas: 3\n  maxReplicas: 60\n", &load).with(&["--container-ready", ready])
    }

    #[test]
    fn slow_starts_that_hold_back_a_ramp_are_told() {
        fires(
            "SP912",
            &ramp("240s"),
            "18:92 warning: replicas that are not ready yet count as idle and hold back a needed step for 3 \
             min 24 s: at 21 min 46 s 3 replicas ready at 143 % of the target ask for 5, and 4 of 6 needed \
             stay asked for\n\
             help: shorten the time until replicas are ready, or keep room for it; minReplicas 24 clears it; \
             costs +354.8 replica-hours a day",
        );
    }

    #[test]
    fn quick_starts_are_silent() {
        silent("SP912", &ramp("2s"));
    }

    #[test]
    fn a_policy_that_binds_at_another_time_does_not_hide_it() {
        let mut play = ramp("240s");
        play.load.extend([(40, 60.0), (5, 900.0)]);
        fires(
            "SP912",
            &play,
            "18:92 warning: replicas that are not ready yet count as idle and hold back a needed step for 7 \
             min 5 s: at 21 min 45 s 3 replicas ready at 143 % of the target ask for 5, and 4 of 6 needed \
             stay asked for\n\
             help: shorten the time until replicas are ready, or keep room for it; minReplicas 26 clears it; \
             costs +414.1 replica-hours a day",
        );
    }
}
