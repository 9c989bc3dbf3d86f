//! The count goes up and down again and again.
//!
//! ## What it does
//!
//! Replays the trace and counts, in the worst hour of each run, the writes that go the other way than the one before. It
//! fires above 6, three waves an hour, and looks for the shortest window of scaling down that brings it to 6 or fewer. Where
//! the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! Each wave starts pods that are deleted before they have paid for their start, and is a moment with too few of them.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   behavior:
//!     scaleDown: {stabilizationWindowSeconds: 0}
//! ```
//!
//! ## Fix
//!
//! A window of scaling down that is longer than the wave.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #101371 and kubernetes/enhancements PR #883 describe loops that swing with the time a
//! pod takes to start plus the window.

use super::case::{Case, Field};
use super::reruns::median;
use super::windows::{least_window, scale_down_window};
use super::words::{costs, counted};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::{Rescale, RunOutcome};
use crate::units::{SimDuration, SimTime};

const HOUR: SimDuration = SimDuration::from_seconds(3600);

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let most = case.thresholds().most_reversals;
    let replay = case.replay;
    if typical_count(replay.runs()) <= most as f64 {
        return;
    }
    let run = replay.median_run(|run| worst_hour(&run.rescales).0 as f64);
    let (count, begin) = worst_hour(&run.rescales);
    let calmer = least_window(replay, |runs| typical_count(runs) <= most as f64);
    let help = match calmer {
        Some((window, more)) => format!(
            "a window of {} s for scaling down brings it to {most} or fewer; costs {}",
            window.as_nanos() / 1_000_000_000,
            costs(&[more])
        ),
        None => "no window up to an hour calms it: the load itself swings, or the target is met by too few replicas".to_owned(),
    };
    findings
        .put(
        case.place(Field::ScaleDownWindow),
        format!(
            "{} of direction in the hour from {} of the median run, above {most}, with a window of {} for scaling down",
            counted(u32::try_from(count).unwrap_or(u32::MAX), "change"),
            case.replay.moment(begin),
            length(scale_down_window(replay.scenario()))
        ),
        help,
    )
    .with_severity(case.severity_if_missed(Severity::Warning));
}

/// The median over the runs of the changes in the worst hour.
fn typical_count(runs: &[RunOutcome]) -> f64 {
    let counts = runs.iter().map(|run| worst_hour(&run.rescales).0 as f64);
    median(&counts.collect::<Vec<_>>())
}

/// The most changes of direction that an hour has, and when the first such hour begins.
fn worst_hour(rescales: &[Rescale]) -> (usize, SimTime) {
    let pairs = rescales.windows(2);
    let turns: Vec<SimTime> = pairs
        .filter(|pair| (pair[0].to > pair[0].from) != (pair[1].to > pair[1].from))
        .map(|pair| pair[1].at)
        .collect();
    let mut first = 0;
    let mut worst = (0, SimTime::ZERO);
    for (last, at) in turns.iter().enumerate() {
        while *at - turns[first] >= HOUR {
            first += 1;
        }
        if last + 1 - first > worst.0 {
            worst = (last + 1 - first, turns[first]);
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// A load that is high for four minutes and low for four.
    fn waves(window: &str) -> Play {
        let wave = [(4, 40.0), (4, 160.0)].repeat(10);
        let spec = format!(
            "  minReplicas: 1\n  maxReplicas: 10\n  behavior: {{scaleDown: {{stabilizationWindowSeconds: {window}}}}}\n"
        );
        web(&spec, &wave)
    }

    #[test]
    fn a_count_that_follows_every_wave_is_told_with_the_window_that_calms_it() {
        fires(
            "SP907",
            &waves("0"),
            "17:54 warning: 28 changes of direction in the hour from 15 min 50 s of the median run, above 6, \
             with a window of 0 s for scaling down\n\
             help: a window of 300 s for scaling down brings it to 6 or fewer; costs +40.4 replica-hours a \
             day",
        );
    }

    #[test]
    fn a_window_longer_than_the_wave_is_silent() {
        silent("SP907", &waves("600"));
    }
}
