//! Replicas are removed that are needed again before a new one can be ready.
//!
//! ## What it does
//!
//! Replays the trace and counts the scale-ins that a scale-up takes back, in whole or in part, within the time that a
//! replica takes to come (metric, sync, start). It fires above 3 a day, and looks for the shortest window of scaling down
//! that brings it to 3 or fewer. Where the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! What was removed was still needed: while its successor starts, the others carry its load.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   behavior:
//!     scaleDown: {stabilizationWindowSeconds: 15} # of pods that take 60 s to be ready
//! ```
//!
//! ## Fix
//!
//! A window of scaling down longer than the dips of the load, at the least than the start of a pod.
//!
//! ## Evidence
//!
//! The replay.

use super::case::{Case, Field};
use super::reruns::median;
use super::windows::least_window;
use super::words::costs;
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::{Rescale, RunOutcome};
use crate::units::SimDuration;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let within = replay.time_to_scale();
    let most = case.thresholds().most_taken_back * replay.days().max(1.0);
    let run = replay.median_run(|run| taken_back(run, within).count() as f64);
    let count = typical_count(replay.runs(), within);
    let Some((down, up)) = taken_back(run, within).next().filter(|_| count > most) else {
        return;
    };
    let all = run.rescales.iter().filter(|it| it.to < it.from).count();
    let help = match least_window(replay, |runs| typical_count(runs, within) <= most) {
        Some((window, more)) => format!(
            "a window of {} s for scaling down keeps what is needed again; costs {}",
            window.as_nanos() / 1_000_000_000,
            costs(&[more])
        ),
        None => format!(
            "no window up to an hour keeps what is needed again; a higher {} does",
            replay.names().min
        ),
    };
    findings
        .put(
        case.place(Field::ScaleDownWindow),
        format!(
            "{} of {all} scale-ins of the median run are taken back within the {} that a replica takes to come: at {} from {} to {}, {} later to {}",
            taken_back(run, within).count(),
            length(within),
            case.replay.moment(down.at),
            down.from,
            down.to,
            length(up.at - down.at),
            up.to
        ),
        help,
    )
    .with_severity(case.severity_if_missed(Severity::Warning));
}

fn typical_count(runs: &[RunOutcome], within: SimDuration) -> f64 {
    let counts = runs
        .iter()
        .map(|run| taken_back(run, within).count() as f64);
    median(&counts.collect::<Vec<_>>())
}

/// Scale-ins that a write soon after takes back, with that write.
fn taken_back(run: &RunOutcome, within: SimDuration) -> impl Iterator<Item = (Rescale, Rescale)> {
    let pairs = run.rescales.windows(2);
    pairs
        .filter(move |pair| {
            pair[0].to < pair[0].from
                && pair[1].to > pair[1].from
                && pair[1].at - pair[0].at <= within
        })
        .map(|pair| (pair[0], pair[1]))
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// A high load with a dip of a minute every ten.
    fn dips(window: &str) -> Play {
        let dip = [(9, 160.0), (1, 40.0)].repeat(12);
        let spec = format!(
            "  minReplicas: 1\n  maxReplicas: 10\n  behavior: {{scaleDown: {{stabilizationWindowSeconds: {window}}}}}\n"
        );
        web(&spec, &dip)
    }

    #[test]
    fn replicas_that_are_missed_at_once_are_told() {
        fires(
            "SP908",
            &dips("0"),
            "17:54 warning: 15 of 38 scale-ins of the median run are taken back within the 59 s that a \
             replica takes to come: at 9 min 46 s from 3 to 1, 45 s later to 2\n\
             help: a window of 120 s for scaling down keeps what is needed again; costs +15.9 replica-hours \
             a day",
        );
    }

    #[test]
    fn a_window_longer_than_the_dips_is_silent() {
        silent("SP908", &dips("300"));
    }
}
