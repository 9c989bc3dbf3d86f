//! The trace or the scenario leaves something open that the other rules stand on.
//!
//! ## What it does
//!
//! Says what cannot be concluded: from steps longer than four syncs, in which short peaks are averaged away; from holes; from
//! less than a day, which shows no period; from too few requests to prove the objective; and from a cost of a request that
//! nobody said, so that the trace's peak is taken to need 60 % of `maxReplicas`.
//!
//! ## Why is this bad
//!
//! It is not. Silence of a rule says less than it seems to.
//!
//! ## Example
//!
//! Six hours of five-minute means.
//!
//! ## Fix
//!
//! A week in steps of 15 to 60 seconds, and `cpu-per-request` in the scenario file.
//!
//! ## Evidence
//!
//! The rule of three (Hanley and Lippman-Hand 1983) for what a number of requests can show.

use super::case::{Case, Field};
use super::words::moment;
use crate::analysis::Verdict;
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::scenario::Origin;

/// Syncs that a step may have.
const MOST_SYNCS: i64 = 4;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let trace = &scenario.trace;
    let mut open = Vec::new();
    let step = trace.median_step();
    if step > scenario.controller.sync_period * MOST_SYNCS {
        open.push(format!(
            "peaks shorter than its steps of {} are averaged away",
            length(step)
        ));
    }
    let gaps = trace.series().gaps().len();
    if gaps > 0 {
        open.push(format!("{gaps} of its steps are filled in"));
    }
    if trace.end().since_start() < case.thresholds().shortest_trace {
        open.push(format!("{} show no daily period", moment(trace.end())));
    }
    if replay.card().slo.verdict == Verdict::Unproven {
        open.push(format!(
            "its {:.0} requests are too few to prove {}",
            trace.total_requests(),
            scenario.slo
        ));
    }
    let is_assumed = |key: &str| {
        let mut all = scenario.assumptions.iter();
        all.any(|it| it.key == key && it.origin == Origin::Default)
    };
    if is_assumed("peak-replicas") {
        open.push(format!(
            "what a request costs is assumed, so that the peak needs 60 % of {}",
            replay.names().max
        ));
    }
    if open.is_empty() {
        return;
    }
    findings.put(
        case.place(Field::Name),
        format!(
            "the trace `{}` leaves open: {}",
            scenario.trace_name,
            open.join("; ")
        ),
        "record a week in steps of 15 to 60 s, and say cpu-per-request in the scenario file",
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    #[test]
    fn what_a_short_trace_leaves_open_is_told() {
        fires(
            "SP927",
            &web("  minReplicas: 2\n  maxReplicas: 10\n", &[(60, 60.0)]),
            "12:18 info: the trace `load.csv` leaves open: 1 h show no daily period\n\
             help: record a week in steps of 15 to 60 s, and say cpu-per-request in the scenario file",
        );
    }

    #[test]
    fn a_day_of_short_steps_is_silent() {
        silent(
            "SP927",
            &web("  minReplicas: 2\n  maxReplicas: 10\n", &[(1440, 60.0)]),
        );
    }
}
