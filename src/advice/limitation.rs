//! What cannot be concluded from a trace.

use super::advise::Question;
use super::division::{Division, least_divisible};
use super::{Advised, Knob, Limitation, TunedOn};
use crate::scenario::{Origin, Scenario};
use crate::stats::proportion_lower_bound;

/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// How sure the bound of a share of runs is.
const SURE: f64 = 0.95;

/// Changes are looked for in minutes, or in so small a share of a short trace.
const SHORTEST_CHANGE: f64 = 1.0 / 20.0;

/// Peaks this close to the mean are no change.
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
    // A short trace is over before its minutes differ.
    let window = MINUTE.min(seconds * SHORTEST_CHANGE);
    let peak_to_mean = peak_over(scenario, window) / mean;
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
    found.extend(too_few_runs(question));
    found.extend(demand_assumed(scenario));
    found.extend(without_place(question));
    found.extend(newer_cluster(question, parts));
    found
}

/// Where so many runs cannot tell the share of them that has to hold from all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn too_few_runs(question: &Question<'_>) -> Option<Limitation> {
    let runs = question.scenario.runs;
    let may_miss = 1.0 - question.confidence;
    let needed = (may_miss > 0.0).then(|| (1.0 / may_miss - 1e-6).ceil() as u32);
    needed
        .is_none_or(|needed| runs < needed)
        .then(|| Limitation::TooFewRuns {
            runs,
            shown: proportion_lower_bound(runs, runs, SURE),
            needed,
        })
}

/// The settings that the autoscaler's API version, or the controller, has no place for.
fn without_place(question: &Question<'_>) -> Vec<Limitation> {
    let mut found = Vec::new();
    let mut knobs: Vec<Knob> = Vec::new();
    for no_place in question.wishes.no_place() {
        knobs.extend(&no_place.knobs);
        found.push(Limitation::NotInThisVersion {
            version: no_place.version.clone(),
            settings: described(&no_place.knobs),
        });
    }
    let tolerances = [Knob::ScaleUpTolerance, Knob::ScaleDownTolerance];
    let is_gated = !question.scenario.controller.configurable_tolerance;
    if is_gated && !tolerances.iter().all(|knob| knobs.contains(knob)) {
        found.push(Limitation::NotInThisVersion {
            version: "a controller whose gate HPAConfigurableTolerance is off".to_owned(),
            settings: described(&tolerances),
        });
    }
    found
}

/// Where a tolerance is advised, and nobody said that the cluster takes one.
fn newer_cluster(question: &Question<'_>, parts: &[Advised]) -> Option<Limitation> {
    let tolerances = [Knob::ScaleUpTolerance, Knob::ScaleDownTolerance];
    let mut changes = parts.iter().flat_map(|part| &part.changes);
    let is_advised = changes.any(|change| tolerances.contains(&change.knob));
    (is_advised && !question.wishes.is_cluster_known()).then_some(Limitation::NewerCluster)
}

/// Knobs in words: `targets of other metrics, windows, policies and tolerances`.
fn described(knobs: &[Knob]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for knob in knobs {
        let word = match knob {
            Knob::MinReplicas => "minReplicas",
            Knob::MaxReplicas => "maxReplicas",
            Knob::Target(_) => "targets but of the cpu utilization",
            Knob::ScaleUpWindow | Knob::ScaleDownWindow => "stabilization windows",
            Knob::ScaleUpPolicies | Knob::ScaleDownPolicies => "scaling policies",
            Knob::ScaleUpTolerance | Knob::ScaleDownTolerance => "tolerances",
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn peak(scenario: &Scenario) -> f64 {
    scenario.trace.series().peak()
}

/// The highest mean rate of windows of so many seconds side by side, requests/s.
fn peak_over(scenario: &Scenario, window: f64) -> f64 {
    let mut highest: f64 = 0.0;
    let (mut number, mut requests) = (0.0, 0.0);
    for step in scenario.trace.series().steps() {
        let seconds = step.length().as_seconds();
        if seconds >= window {
            highest = highest.max(step.value);
            continue;
        }
        let this = (step.start.as_seconds() / window).floor();
        if this > number {
            (number, requests) = (this, 0.0);
        }
        requests += step.value * seconds;
        highest = highest.max(requests / window);
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
        // The flag takes the time that one core needs.
        let per_request = cost.value.replace(" core-", "");
        Limitation::DemandAssumed(format!(
            "--cpu-per-request {per_request} --rate-scale {}",
            short(scenario.rate_scale)
        ))
    })
}

/// A number with six digits at most, as the table of assumptions has it.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    rounded.to_string()
}
