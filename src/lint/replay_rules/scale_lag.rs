//! Capacity comes long after the load.
//!
//! ## What it does
//!
//! Replays the trace and measures each time from the moment when the load needs more replicas than are ready until they
//! are. It fires where the 95th percentile is above 3 minutes, and splits it: until the metrics show it, until the count is
//! written that covers it, preparation (room, image, disk), start, and readiness. Where the objective holds all the same it
//! is an info.
//!
//! ## Why is this bad
//!
//! For so long the replicas that are there carry the load alone. Headroom must cover what comes meanwhile.
//!
//! ## Example
//!
//! A virtual machine whose disk is cloned in 2 minutes and whose probe waits for another one.
//!
//! ## Fix
//!
//! Shorten the largest part: a pull-through cache or images on the nodes, shorter probes, `scaleUp` policies that allow the
//! step at once; or keep room for the load meanwhile with a lower target or more replicas.
//!
//! ## Evidence
//!
//! The replay; kubernetes/kubernetes #110317 counts the delays of the metrics pipeline that come before any of it.

use super::case::{Case, Field};
use super::words::{counted, seconds};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::Bound;

/// The stages of a lag, in order.
const STAGES: [&str; 5] = ["metrics", "decision", "preparation", "start", "readiness"];

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let lag = &case.replay.card().lag;
    let most = case.thresholds().longest_lag;
    let p95 = lag.p95.median;
    // Also false where nothing lagged, which has no figure.
    if !matches!(
        p95.partial_cmp(&most.as_seconds()),
        Some(std::cmp::Ordering::Greater)
    ) {
        return;
    }
    let stages = STAGES.iter().zip(&lag.stages);
    let told: Vec<(&str, f64)> = stages
        .map(|(name, stage)| (*name, stage.p95.median))
        .filter(|(_, length)| *length >= 0.5)
        .collect();
    let parts: Vec<String> = told
        .iter()
        .map(|(name, length)| format!("{name} {}", seconds(*length)))
        .collect();
    let largest = told.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let largest = largest.map_or("metrics", |(name, _)| *name);
    let seconds_of = |bound: Bound| case.replay.bound_seconds(bound);
    let unseen = seconds_of(Bound::Metrics).max(seconds_of(Bound::Tolerance));
    let held_back = seconds_of(Bound::Policy).max(seconds_of(Bound::Stabilization));
    let (field, advice) = match largest {
        "decision" if held_back >= unseen => {
            (Field::ScaleUp, "let scaleUp reach the count in fewer steps")
        }
        "decision" => (
            Field::Target,
            "the metric shows no more than full replicas, and counts starting ones as idle: a lower target sees more of a load",
        ),
        "metrics" => (
            Field::Target,
            "keep room for the load meanwhile with a lower target",
        ),
        _ => (
            Field::Name,
            "start replicas sooner (images on the nodes, shorter probes, a warm pool)",
        ),
    };
    findings
        .put(
            case.place(field),
            format!(
                "capacity comes {} after the load (95th percentile of {}), above {}: {}",
                seconds(p95),
                counted(lag.episodes.median.round(), "time"),
                length(most),
                parts.join(", ")
            ),
            format!("{advice}; {}", case.what_clears_it()),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const STEP: [(u32, f64); 3] = [(30, 20.0), (20, 200.0), (20, 20.0)];

    #[test]
    fn a_late_capacity_is_told_by_its_parts() {
        let slow = web("  minReplicas: 1\n  maxReplicas: 10\n", &STEP)
            .with(&["--container-prepare", "300s"]);
        fires(
            "SP902",
            &slow,
            "18:92 warning: capacity comes 20 min after the load (95th percentile of 1 time), above 3 min: \
             metrics 32 s, decision 18 min, preparation 1 min 28 s\n\
             help: the metric shows no more than full replicas, and counts starting ones as idle: a lower \
             target sees more of a load; minReplicas 6 clears it; costs +92.2 replica-hours a day",
        );
        let policy =
            "  behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 120}]}}\n";
        let steps = web(
            &format!("  minReplicas: 1\n  maxReplicas: 10\n{policy}"),
            &STEP,
        );
        fires(
            "SP902",
            &steps,
            "17:23 warning: capacity comes 8 min 53 s after the load (95th percentile of 1 time), above 3 \
             min: metrics 32 s, decision 8 min, preparation 1 s, start 1 s, readiness 22 s\n\
             help: let scaleUp reach the count in fewer steps; minReplicas 5 clears it; costs +68.9 \
             replica-hours a day",
        );
    }

    #[test]
    fn a_quick_capacity_is_silent() {
        let small = [(30, 60.0), (20, 110.0), (20, 60.0)];
        silent(
            "SP902",
            &web("  minReplicas: 2\n  maxReplicas: 10\n", &small),
        );
        silent(
            "SP902",
            &web("  minReplicas: 6\n  maxReplicas: 10\n", &STEP),
        );
    }
}
