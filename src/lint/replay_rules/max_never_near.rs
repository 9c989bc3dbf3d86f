//! The load never comes near `maxReplicas`.
//!
//! ## What it does
//!
//! Fires where a trace of a day or more never makes the autoscaler ask for half of `maxReplicas`, of 4 or more. The trace is
//! what it knows: rarer peaks are yours to know.
//!
//! ## Why is this bad
//!
//! A maximum stops a runaway metric and bounds the bill. One that is many times the load does neither.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   maxReplicas: 100 # 7 at the highest peak of a month
//! ```
//!
//! ## Fix
//!
//! Lower it to twice the peak or so, unless a known event needs more.
//!
//! ## Evidence
//!
//! The replay.

use super::case::{Case, Field};
use super::words::{moment, replicas};
use crate::lint::finding::Findings;

/// Below this there is nothing to lower.
const LEAST_MAX: u32 = 4;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let (peak, max) = (replay.peak_asked_for(), replay.max_replicas());
    let end = replay.scenario().trace.end();
    let is_long = end.since_start() >= case.thresholds().shortest_trace;
    let is_near = f64::from(peak) >= case.thresholds().least_share_of_max * f64::from(max);
    if is_near || max < LEAST_MAX || !is_long || replay.is_missed() {
        return;
    }
    let enough = peak.saturating_mul(2).max(replay.min_replicas());
    let field = replay.names().max;
    findings.put(
        case.place(Field::Max),
        format!("no more than {} of {field} {max} at a time in {}", replicas(peak), moment(end)),
        format!("{field} {enough} leaves twice the room of this load; keep the larger one if a rarer peak needs it"),
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const DAY: [(u32, f64); 2] = [(720, 60.0), (720, 100.0)];

    #[test]
    fn a_maximum_far_above_the_load_is_told() {
        fires(
            "SP906",
            &web("  minReplicas: 4\n  maxReplicas: 30\n", &DAY),
            "16:16 info: no more than 4 replicas of maxReplicas 30 at a time in 1 day\n\
             help: maxReplicas 8 leaves twice the room of this load; keep the larger one if a rarer peak \
             needs it",
        );
    }

    #[test]
    fn a_maximum_that_fits_or_a_short_trace_is_silent() {
        silent("SP906", &web("  minReplicas: 4\n  maxReplicas: 8\n", &DAY));
        silent(
            "SP906",
            &web("  minReplicas: 4\n  maxReplicas: 30\n", &DAY[..1]),
        );
    }
}
