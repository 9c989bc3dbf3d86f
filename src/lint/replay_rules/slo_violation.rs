//! The replay of the workload misses its objective.
//!
//! ## What it does
//!
//! Replays the trace through the autoscaler as it is written and counts the requests, or with `p99<300ms@99.9%` the
//! minutes, that miss the objective. It fires where more than 5 % of the runs spend more than they may. Then it looks for
//! the smallest `minReplicas`, the highest target and, where the maximum bound, the smallest `maxReplicas` that each alone
//! hold the objective, and says what they cost.
//!
//! ## Why is this bad
//!
//! The settings do not do what they are there for, on a load that has been seen.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1 # a step to 5 replicas' load finds one, for two minutes
//! ```
//!
//! ## Fix
//!
//! Take over one of the values that clear it, or let `scaleplan recommend` search all settings together.
//!
//! ## Evidence
//!
//! The replay. The share of bad requests and of bad time slices are the two budgets of OpenSLO (`Occurrences`,
//! `RatioTimeslices`).

use super::case::{Case, Field};
use super::replay::Replay;
use super::what_if::Clearing;
use super::words::{allowed_percent, moment, percent, replicas};
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::outcome::Bound;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    if !replay.is_missed() {
        return;
    }
    let slo = replay.scenario().slo;
    let card = &replay.card().slo;
    let spent = match slo.good_slices {
        None => format!(
            "{} of the requests are bad where {} may be",
            percent(card.bad_percent.median),
            allowed_percent(1.0 - slo.objective)
        ),
        Some(share) => format!(
            "{} of the minutes are below it where {} may be",
            percent(100.0 - card.good_minutes_percent.median),
            allowed_percent(1.0 - share)
        ),
    };
    let max = replay.max_replicas();
    let sentence = replay.clearing().and_then(Clearing::sentence);
    findings.put(
        case.place(field_to_blame(replay)),
        format!(
            "the objective {slo} is missed in {} of {} runs: {spent}{}",
            card.missed_runs,
            card.runs,
            worst(replay)
        ),
        sentence.unwrap_or_else(|| {
            format!(
            "no single setting clears it, not even {} all the time; `scaleplan recommend` searches all settings together",
            replicas(max)
        )
        }),
    );
}

/// `; worst at 9 h 10 min for 12 min, with 3 replicas ready where 8 are needed`.
fn worst(replay: &Replay<'_>) -> String {
    let Some(worst) = replay.card().slo.worst.first() else {
        return String::new();
    };
    let rows = || replay.rows_in(worst.begin, worst.end);
    let ready = rows().map(|row| row.ready_min).min().unwrap_or(0);
    let needed = rows().map(|row| row.demand).max().unwrap_or(0);
    format!(
        "; worst at {} for {}, with {} ready where {needed} are needed",
        moment(worst.begin),
        length(worst.end - worst.begin),
        replicas(ready)
    )
}

/// The field that held capacity back for longest.
fn field_to_blame(replay: &Replay<'_>) -> Field {
    let bounds = Bound::ALL.iter().rev();
    let longest = bounds.max_by(|a, b| {
        let seconds = |bound: Bound| replay.bound_seconds(bound);
        seconds(**a).total_cmp(&seconds(**b))
    });
    let clearing = replay.clearing();
    match longest {
        Some(Bound::MaxReplicas) => Field::Max,
        Some(Bound::Policy | Bound::Stabilization) => Field::ScaleUp,
        _ if clearing.is_some_and(|it| it.min.is_none() && it.target.is_some()) => Field::Target,
        _ => Field::Min,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    /// One hour that one replica serves with ease, then ten minutes that need five.
    const STEP: [(u32, f64); 3] = [(60, 20.0), (10, 200.0), (30, 20.0)];

    #[test]
    fn a_step_that_one_replica_meets_alone_is_told_with_what_clears_it() {
        fires(
            "SP901",
            &web("  minReplicas: 1\n  maxReplicas: 10\n", &STEP),
            &["15:16 the objective 99%<300ms is missed in 3 of 3 runs: "],
        );
        // Where maxReplicas holds it back, that is the place.
        fires(
            "SP901",
            &web(
                "  minReplicas: 1\n  maxReplicas: 2\n",
                &[(60, 20.0), (60, 200.0)],
            ),
            &["16:16 the objective 99%<300ms is missed in 3 of 3 runs: "],
        );
    }

    #[test]
    fn minutes_are_counted_where_the_objective_counts_them() {
        let play = web("  minReplicas: 1\n  maxReplicas: 10\n", &STEP);
        fires(
            "SP901",
            &play.with(&["--slo", "p99<300ms@99.9%"]),
            &["15:16 the objective 99%<300ms@99.9% is missed in 3 of 3 runs: "],
        );
    }

    #[test]
    fn what_holds_is_silent() {
        silent(
            "SP901",
            &web("  minReplicas: 6\n  maxReplicas: 10\n", &STEP),
        );
    }
}
