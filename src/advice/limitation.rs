//! What cannot be concluded from a trace.

use super::advise::Question;
use super::division::{Division, least_divisible};
use super::{Advised, Limitation, TunedOn};
use crate::scenario::{Origin, Scenario};
use crate::units::SimDuration;

/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// Peaks of minutes this close to the mean are no change.
const NO_CHANGE: f64 = 1.1;

/// A peak held out that exceeds the one tuned on by more than this ratio is news.
const NEWS: f64 = 1.1;

/// The limitations of the trace, given the longest dead time of the loop, seconds.
pub(super) fn limitations(
    question: &Question<'_>,
    division: &Division,
    dead_time: f64,
    parts: &[Advised],
) -> Vec<Limitation> {
    let scenario = question.scenario;
    let mut found = Vec::new();
    let seconds = scenario.trace.end().as_seconds();
    let needed = least_divisible(question.hold_out, dead_time);
    if question.hold_out > 0.0 && division.held_out.is_none() && seconds < needed {
        found.push(Limitation::TooShort { seconds, needed });
    }
    let step = scenario.trace.median_step().as_seconds();
    if step > dead_time {
        found.push(Limitation::TooCoarse { step, dead_time });
    }
    let mean = scenario.trace.series().mean_weighted();
    let peak_to_mean = peak_minute(scenario) / mean;
    if peak_to_mean < NO_CHANGE {
        found.push(Limitation::NoChange { peak_to_mean });
    }
    if let Some(held_out) = &division.held_out {
        let ratio = peak(held_out) / peak(&division.tuned);
        if ratio > NEWS {
            found.push(Limitation::PeakHeldOut { ratio });
        }
    }
    let unproven = |part: &Advised| {
        let best = &part.best;
        !best.tuned.proven || best.held_out.is_some_and(|standing| !standing.proven)
    };
    if parts.iter().any(unproven) {
        found.push(Limitation::Unproven);
    }
    let again = parts
        .iter()
        .filter(|part| part.tuned_on == TunedOn::BothParts);
    let again: Vec<String> = again.flat_map(|part| part.backends.clone()).collect();
    if !again.is_empty() {
        found.push(Limitation::TunedOnAll(again));
    }
    found.extend(demand_assumed(scenario));
    found
}

fn peak(scenario: &Scenario) -> f64 {
    scenario.trace.series().peak()
}

/// The highest mean rate of a minute, requests/s.
fn peak_minute(scenario: &Scenario) -> f64 {
    let mut highest: f64 = 0.0;
    let (mut minute, mut requests) = (0, 0.0);
    for step in scenario.trace.series().steps() {
        let seconds = step.length().as_seconds();
        if seconds >= MINUTE {
            highest = highest.max(step.value);
            continue;
        }
        let this = step.start.since_start().as_nanos() / SimDuration::from_seconds(60).as_nanos();
        if this != minute {
            (minute, requests) = (this, 0.0);
        }
        requests += step.value * seconds;
        highest = highest.max(requests / MINUTE);
    }
    highest
}

/// The flags that keep the load as it is judged on, where it follows from the present target.
fn demand_assumed(scenario: &Scenario) -> Option<Limitation> {
    let mut assumptions = scenario.assumptions.iter();
    let cost = assumptions.find(|assumption| assumption.key == "cpu-per-request")?;
    let is_said = matches!(
        cost.origin,
        Origin::Flag | Origin::ScenarioFile | Origin::Manifest | Origin::Trace
    );
    (!is_said).then(|| {
        let per_request = cost.value.replace(' ', "");
        Limitation::DemandAssumed(format!(
            "--cpu-per-request {per_request} --rate-scale {}",
            scenario.rate_scale
        ))
    })
}
