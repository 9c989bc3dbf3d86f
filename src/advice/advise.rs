//! `advise`: from a scenario to what should be changed about its autoscaler.

use thiserror::Error;

use super::division::{Division, divide, hardest_slices};
use super::limitation::limitations;
use super::part::Part;
use super::seek::{Sought, seek};
use super::theory::{Suggestion, longest_dead_time, suggest};
use super::theory_gap::hints;
use super::{Advice, AdviceFor, Advised, Appraisal, Conclusion, Ended, WishError, Wishes, lattice};
use crate::engine::EngineError;
use crate::hpa::HpaSpec;
use crate::scenario::{BackendKind, ControlLoop, Scenario, ScenarioError};

/// The default budget of candidates is what comes to so many syncs, if each were played to the end.
const SYNCS_TO_PLAY: f64 = 6e7;

/// The default budget of candidates, at least and at most.
const FEWEST_EVALUATIONS: f64 = 300.0;
const MOST_EVALUATIONS: f64 = 2000.0;

/// Syncs of all runs of a first look, at most: long traces are looked at in one run.
const SYNCS_OF_A_LOOK: f64 = 12_000.0;

/// Runs of a first look, at most.
const MOST_LOOKS: f64 = 3.0;

/// What is asked.
pub struct Question<'a> {
    /// The scenario, with the autoscaler as it is.
    pub scenario: &'a Scenario,
    /// Whether settings are sought for each backend or for all together.
    pub advice_for: AdviceFor,
    /// What may be turned, and how far.
    pub wishes: &'a Wishes,
    /// The share of the runs in which the objective has to hold, in (0, 1].
    pub confidence: f64,
    /// The share of the trace, its end, that is held out, in [0, 1).
    pub hold_out: f64,
    /// How many candidates are looked at for each part of the advice, at most; `None` for as many as a minute allows on
    /// two cores, by the length of the trace.
    pub evaluations: Option<u64>,
    /// Settings that are never advised, whatever they save: what a linter warns of. The autoscaler as it is is not asked
    /// about. It must depend on the settings alone.
    pub shuns: &'a (dyn Fn(&HpaSpec) -> bool + Sync),
    /// Asked now and then: why to stop, if so, given what is being done and the share of the whole work up to its end. What
    /// is being done is left as it is then, so that the rest has its share.
    pub stop: &'a (dyn Fn(Work, f64) -> Option<Ended> + Sync),
    /// Told now and then how far it is: of which part of how many, and what was found.
    pub told: &'a (dyn Fn(PartProgress<'_>) + Sync),
}

/// What is being done for a part of the advice, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Candidates are looked at.
    Searching,
    /// The promising are played over all runs.
    Confirming,
    /// The best, what it is made of and what stands beside it are played on all parts.
    Judging,
}

/// Asked now and then: why to stop, if so.
pub(super) type Stop<'a> = &'a (dyn Fn() -> Option<Ended> + Sync);

/// Asked whether settings are never advised.
pub(super) type Shuns<'a> = &'a (dyn Fn(&HpaSpec) -> bool + Sync);

/// How far a part of the advice is.
#[derive(Clone, Copy, Debug)]
pub struct PartProgress<'a> {
    /// The backends that it is for.
    pub backends: &'a [String],
    /// Candidates that were looked at.
    pub tried: u64,
    /// The most that will be.
    pub at_most: u64,
    /// What the best so far came to, at a first look.
    pub best: Option<Appraisal>,
}

/// Why there is no advice.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AdviceError {
    /// A backend cannot be played.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A backend's figures make no queueing model.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A wish cannot be granted.
    #[error(transparent)]
    Wish(#[from] WishError),
}

/// The settings that meet the objective at the least cost, with the reasons.
///
/// The same question gets the same answer on any number of threads, unless `stop` ends it.
///
/// # Errors
/// When a wish contradicts the autoscaler, or a backend's figures make no queueing model.
pub fn advise(question: &Question<'_>) -> Result<Advice, AdviceError> {
    let scenario = question.scenario;
    let dead_time = longest_dead_time(&ControlLoop::from(scenario))?;
    let division = divide(scenario, question.hold_out, dead_time);
    let slices = hardest_slices(&division.tuned, dead_time);
    let tuned = Part::new(&division.tuned)?;
    let held_out = division.held_out.as_ref().map(Part::new).transpose()?;
    let slices: Vec<Part> = slices.iter().map(Part::new).collect::<Result<_, _>>()?;
    let suggestions = (0..scenario.backends.len())
        .map(|backend| suggest(&division.tuned, backend))
        .collect::<Result<Vec<_>, _>>()?;
    let all_suggested: Vec<Suggestion> = suggestions.iter().flatten().cloned().collect();
    let lattice = lattice(scenario, question.wishes, &hints(scenario, &all_suggested))?;
    let mut parts = Vec::new();
    let groups = groups(question);
    for (number, backends) in groups.iter().enumerate() {
        let names: Vec<String> = backends
            .iter()
            .map(|backend| scenario.backends[*backend].name.clone())
            .collect();
        let sought = Sought {
            question,
            lattice: &lattice,
            suggestions: &suggestions,
            tuned: &tuned,
            held_out: held_out.as_ref(),
            slices: &slices,
            backends,
            shares: [number, number + 1].map(|of| of as f64 / groups.len() as f64),
            names: &names,
            evaluations: evaluations(question, &division),
            screening_runs: screening_runs(&division.tuned),
        };
        parts.push(seek(&sought));
    }
    tell_of_containers(scenario, &mut parts);
    let limitations = limitations(question, &division, dead_time, &parts);
    Ok(Advice {
        slo: scenario.slo,
        confidence: question.confidence,
        runs: scenario.runs,
        split: division.split,
        chosen: chosen(scenario, &parts),
        lattice,
        parts,
        limitations,
    })
}

/// The backends of each part of the advice.
fn groups(question: &Question<'_>) -> Vec<Vec<usize>> {
    let all = 0..question.scenario.backends.len();
    match question.advice_for {
        AdviceFor::Each => all.map(|backend| vec![backend]).collect(),
        AdviceFor::Together => vec![all.collect()],
    }
}

/// The part with the backend whose verdict counts.
fn chosen(scenario: &Scenario, parts: &[Advised]) -> usize {
    let verdict = scenario.backends.get(scenario.verdict_backend);
    let holds =
        |part: &Advised| verdict.is_some_and(|backend| part.backends.contains(&backend.name));
    parts.iter().position(holds).unwrap_or(0)
}

/// Syncs of a run.
fn syncs(scenario: &Scenario) -> f64 {
    let sync = scenario.controller.sync_period.as_seconds();
    (scenario.trace.end().as_seconds() / sync).max(1.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a few thousand"
)]
fn evaluations(question: &Question<'_>, division: &Division) -> u64 {
    question.evaluations.unwrap_or_else(|| {
        let looked = syncs(&division.tuned) * f64::from(screening_runs(&division.tuned));
        (SYNCS_TO_PLAY / looked).clamp(FEWEST_EVALUATIONS, MOST_EVALUATIONS) as u64
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a handful"
)]
fn screening_runs(scenario: &Scenario) -> u32 {
    let runs = (SYNCS_OF_A_LOOK / syncs(scenario)).clamp(1.0, MOST_LOOKS) as u32;
    runs.min(scenario.runs)
}

/// Where nothing meets the objective on virtual machines, whether a container would.
fn tell_of_containers(scenario: &Scenario, parts: &mut [Advised]) {
    let is_container = |name: &String| {
        let mut backends = scenario.backends.iter();
        backends.any(|backend| backend.name == *name && backend.kind == BackendKind::Container)
    };
    let was_searched = |part: &&Advised| !part.searched.ended.is_early();
    let container = parts
        .iter()
        .filter(was_searched)
        .find(|part| part.backends.iter().all(is_container));
    let would = container.map(|part| !matches!(part.conclusion, Conclusion::NothingMeets(_)));
    for part in parts {
        if let Conclusion::NothingMeets(miss) = &mut part.conclusion
            && !part.backends.iter().any(is_container)
        {
            miss.container_would = would;
        }
    }
}
