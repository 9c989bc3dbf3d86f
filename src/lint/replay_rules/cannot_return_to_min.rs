//! The load is back at its base, and the count does not come down.
//!
//! ## What it does
//!
//! Looks in the replay for the longest time in which the load needs no more than four fifths of `minReplicas` and the count
//! stands above it, without a change. It fires above an hour beyond the window of scaling down, and tells the ratio that holds it.
//!
//! ## Why is this bad
//!
//! Each peak leaves replicas behind for good. The recommendation is `ceil(ratio x count)`: with 3 replicas a ratio above
//! 2/3 keeps all three, which memory that is never given back, or cpu that is used without load, does for ever.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics: # of an application that uses 60 % of its memory without any load
//!   - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 70}}}
//! ```
//!
//! ## Fix
//!
//! Scale on what follows the load, or raise the target until the ratio without load is below that of the last step.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #78761 and #120875.

use super::case::{Case, Field};
use super::windows::scale_down_window;
use super::words::replicas;
use crate::hpa::{MetricTarget, SelectPolicy};
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::outcome::TimelineRow;
use crate::units::{SimDuration, SimTime};

/// A load below this share of the floor is one that the floor carries, whatever its noise.
const CLEARLY: f64 = 0.8;

/// A stretch in which the count stands still above what is needed.
#[derive(Clone, Copy)]
struct Stretch {
    begin: SimTime,
    end: SimTime,
    count: u32,
    /// The usage ratio at its end.
    ratio: f64,
}

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let Some(stuck) = longest(case) else {
        return;
    };
    let shortest = case.thresholds().longest_stuck + scale_down_window(scenario);
    if stuck.end - stuck.begin <= shortest {
        return;
    }
    let count = f64::from(stuck.count);
    let behavior = scenario.hpa.behavior.as_ref();
    let is_disabled =
        behavior.is_some_and(|it| it.scale_down.select_policy == SelectPolicy::Disabled);
    let min = replay.min_replicas();
    let tolerance = behavior
        .and_then(|behavior| behavior.scale_down.tolerance)
        .unwrap_or(scenario.controller.tolerance);
    let last_step = ((count - 1.0) / count).min(1.0 - tolerance);
    let (field, why, help) = if is_disabled {
        (
            Field::ScaleDown,
            "scaleDown is Disabled".to_owned(),
            "let scaleDown remove replicas, if slowly: one pod in some minutes".to_owned(),
        )
    } else if stuck.ratio > last_step {
        (
            Field::Target,
            format!(
                "usage stays at {:.0} % of the target, and above {:.0} % none is removed",
                stuck.ratio * 100.0,
                last_step * 100.0
            ),
            raised(
                scenario
                    .hpa
                    .metrics
                    .first()
                    .map(crate::hpa::MetricSpec::target),
                stuck.ratio / last_step,
            ),
        )
    } else {
        (
            Field::ScaleDown,
            format!("usage is at {:.0} % of the target", stuck.ratio * 100.0),
            "look at the scaleDown policies and window, which remove none in that time".to_owned(),
        )
    };
    findings.put(
        case.place(field),
        format!(
            "stands at {} for {} from {} on though the load needs no more than {} {min}: {why}",
            replicas(stuck.count),
            length(stuck.end - stuck.begin),
            case.replay.moment(stuck.begin),
            replay.names().min
        ),
        help,
    );
}

/// The longest stretch.
fn longest(case: &Case<'_, '_>) -> Option<Stretch> {
    let replay = case.replay;
    let step = replay.row_length();
    let mut longest: Option<Stretch> = None;
    let mut open: Option<Stretch> = None;
    for row in replay.rows() {
        if !is_idle(case, row) {
            open = None;
            continue;
        }
        let stretch = match open {
            Some(before) if before.count == row.desired => Stretch {
                end: row.at + step,
                ratio: row.usage_ratio,
                ..before
            },
            _ => Stretch {
                begin: row.at,
                end: row.at + step,
                count: row.desired,
                ratio: row.usage_ratio,
            },
        };
        open = Some(stretch);
        let length = |it: Stretch| -> SimDuration { it.end - it.begin };
        if longest.is_none_or(|it| length(stretch) > length(it)) {
            longest = Some(stretch);
        }
    }
    longest
}

/// Whether the floor would carry the load of a row, by the target and by the objective, and more is asked for.
fn is_idle(case: &Case<'_, '_>, row: &TimelineRow) -> bool {
    let min = case.replay.min_replicas();
    let load = row.arrival_rate / case.replay.scenario().rate_at_target;
    row.desired > min && load <= CLEARLY * f64::from(min) && row.demand <= min
}

/// What to write instead where the ratio is so many times too high.
fn raised(target: Option<MetricTarget>, factor: f64) -> String {
    let percent = match target {
        Some(MetricTarget::Utilization(percent)) => {
            (f64::from(percent) * factor / 5.0).ceil() * 5.0
        }
        _ => f64::INFINITY,
    };
    if percent <= 90.0 {
        format!(
            "a target of {percent:.0} % lets the next one go; better scale on what follows the load"
        )
    } else {
        "scale on what follows the load, such as cpu or requests, in place of what stays high without any".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// A peak that needs four replicas, and hours without any load to speak of.
    fn after_a_peak(spec: &str) -> Play {
        web(
            &format!("  minReplicas: 1\n  maxReplicas: 10\n{spec}"),
            &[(20, 130.0), (180, 5.0)],
        )
    }

    #[test]
    fn memory_that_is_never_given_back_keeps_replicas() {
        let memory = after_a_peak("")
            .but(
                "name: cpu, target: {type: Utilization, averageUtilization: 70}",
                "name: memory, target: {type: Utilization, averageUtilization: 60}",
            )
            .with(&["--memory-idle", "260Mi", "--initial-replicas", "4"]);
        fires(
            "SP911",
            &memory,
            "18:95 warning: stands at 4 replicas for 3 h from 20 min on though the load needs no more than \
             minReplicas 1: usage stays at 83 % of the target, and above 75 % none is removed\n\
             help: a target of 70 % lets the next one go; better scale on what follows the load",
        );
    }

    #[test]
    fn a_disabled_scale_down_keeps_replicas() {
        let disabled = after_a_peak("  behavior: {scaleDown: {selectPolicy: Disabled}}\n");
        fires(
            "SP911",
            &disabled,
            "17:25 warning: stands at 4 replicas for 3 h from 20 min on though the load needs no more than \
             minReplicas 1: scaleDown is Disabled\n\
             help: let scaleDown remove replicas, if slowly: one pod in some minutes",
        );
    }

    #[test]
    fn a_count_that_comes_down_is_silent() {
        silent("SP911", &after_a_peak(""));
    }
}
