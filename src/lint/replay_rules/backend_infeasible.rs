//! On virtual machines no count up to `maxReplicas` holds the objective, on containers the settings do.
//!
//! ## What it does
//!
//! Where the target is a virtual machine and the objective is missed, it replays the trace with all `maxReplicas` standing
//! all the time, and the settings as they are on containers. It fires where the first misses the objective and the second
//! holds it.
//!
//! ## Why is this bad
//!
//! It is not the autoscaler: its best is not enough. Path, guest or limits of the machine are in the way.
//!
//! ## Example
//!
//! An objective of 20 ms behind a path that takes 25.
//!
//! ## Fix
//!
//! A larger `maxReplicas` if the machines are too few, a shorter path (`--optimize` of `scaleplan simulate` has the known
//! ones), larger machines, or containers.
//!
//! ## Evidence
//!
//! The replay, both backends side by side.

use super::case::{Case, Field};
use super::tried::{Tried, holds};
use super::words::{allowed_percent, percent};
use crate::lint::finding::Findings;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let Some(containers) = replay.on_containers().filter(|_| replay.is_missed()) else {
        return;
    };
    let scenario = replay.scenario();
    let hpa = &scenario.hpa;
    let useful = replay.ground().most_useful();
    let standing = replay.ground().with_min(hpa.max_replicas.min(useful));
    if holds(replay.ground(), &standing) {
        return;
    }
    let Some(other) = Tried::of_scenario(containers)
        .ok()
        .filter(|other| other.holds)
    else {
        return;
    };
    let best = Tried::of(replay.ground(), &standing);
    findings.put(
        case.place(Field::Max),
        format!(
            "no count up to {} holds {} on `{}`: {} of the requests are bad with all of them standing, {} with the \
             settings as they are on `{}`, where {} may be",
            replay.names().max_of(hpa.max_replicas),
            scenario.slo,
            replay.backend().name,
            percent(best.service.bad_percent),
            percent(other.service.bad_percent),
            containers.backends[0].name,
            allowed_percent(1.0 - scenario.slo.objective)
        ),
        format!(
            "raise {} above {}, shorten the machine's path, enlarge it, or run it on containers",
            replay.names().max,
            replay.max_replicas()
        ),
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, machines, silent};

    fn with_path(latency: &'static str) -> Play {
        machines("  minReplicas: 2\n  maxReplicas: 10\n", &[(60, 60.0)]).with(&[
            "--vm-path-latency",
            latency,
            "--slo",
            "99%<100ms",
        ])
    }

    #[test]
    fn machines_behind_a_path_that_is_too_long_are_told() {
        fires(
            "SP920",
            &with_path("120ms"),
            "16:16 error: no count up to maxReplicas 10 holds 99%<100ms on `vm`: 100 % of the requests are \
             bad with all of them standing, 0.09 % with the settings as they are on `container`, where 1 % \
             may be\n\
             help: raise maxReplicas above 10, shorten the machine's path, enlarge it, or run it on \
             containers",
        );
    }

    #[test]
    fn machines_that_hold_it_are_silent() {
        silent("SP920", &with_path("1ms"));
    }
}
