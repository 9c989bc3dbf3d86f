//! `SavedRun`: what a report's JSON says, as values that reports and explanations draw.

use std::collections::BTreeMap;

use super::card::{Standing, card};
use super::document::{
    SavedAssumption, SavedBackend, SavedCompared, SavedComparison, SavedDocument, SavedVariant,
};
use super::error::SavedRunError;
use crate::analysis::{
    BackendCard, BackendComparison, Comparison, DifferenceCard, Scorecard, VariantCard, Varied,
    Verdict, worst_violations,
};
use crate::outcome::{
    BackendOutcome, Bound, ElasticityFigures, LatencyFigures, Outcome, Provision, RequestTotals,
    RunOutcome, Timeline, TimelineRow, TrafficFigures, Violation,
};
use crate::report::input::Report;
use crate::report::model::{BandPart, TimelinePart, ViolationPart, backend_kind, verdict_word};
use crate::report::subject::Subject;
use crate::scenario::{Assumption, BackendKind, Origin, Target};
use crate::stats::Band;
use crate::units::{SimDuration, SimTime};

/// A run as it was saved.
#[derive(Clone, Debug)]
pub struct SavedRun {
    subject: Subject,
    outcome: Outcome,
    scorecard: Scorecard,
    comparisons: Vec<Comparison>,
    followed_version: String,
}

impl SavedRun {
    /// Reads what `scaleplan simulate -o json` wrote.
    ///
    /// # Errors
    /// When it is something else, of another schema, or without a part that it takes.
    pub fn read(text: &str) -> Result<Self, SavedRunError> {
        let document: SavedDocument = serde_json::from_str(text)?;
        if document.schema_version != "1" {
            return Err(SavedRunError::Version(document.schema_version));
        }
        let subject = subject(&document)?;
        let backends = document.backends.iter().map(outcome_of);
        let outcome = Outcome {
            backends: backends.collect::<Result<_, _>>()?,
        };
        let cards: Vec<BackendCard> = document
            .backends
            .iter()
            .zip(&outcome.backends)
            .map(|(backend, left)| card_of(backend, left))
            .collect::<Option<_>>()
            .ok_or(SavedRunError::Part("backends"))?;
        let comparisons = document
            .comparisons
            .into_iter()
            .map(|saved| comparison(saved, &cards))
            .collect::<Option<_>>()
            .ok_or(SavedRunError::Part("comparisons"))?;
        let counting = document.verdict.backend;
        let verdict_backend = document
            .backends
            .iter()
            .position(|backend| Some(&backend.name) == counting.as_ref());
        Ok(Self {
            subject,
            outcome,
            scorecard: Scorecard {
                backends: cards,
                verdict_backend: verdict_backend.unwrap_or(0),
            },
            comparisons,
            followed_version: document.followed_controller,
        })
    }

    /// The report of it.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report {
            subject: self.subject.clone(),
            outcome: &self.outcome,
            scorecard: &self.scorecard,
            comparisons: &self.comparisons,
            followed_version: &self.followed_version,
        }
    }

    /// What was played.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What is left of the first run of each backend.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The index of the backend whose verdict counts.
    #[must_use]
    pub const fn verdict_backend(&self) -> usize {
        self.scorecard.verdict_backend
    }

    /// Whether that verdict is that the objective was missed, met, or neither; `None` without a backend.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let card = self.scorecard.backends.get(self.scorecard.verdict_backend);
        card.map(|card| card.slo.verdict)
    }
}

fn subject(document: &SavedDocument) -> Result<Subject, SavedRunError> {
    let scenario = &document.scenario;
    let replay = document
        .replay
        .as_ref()
        .ok_or(SavedRunError::Older("replay"))?;
    let start = replay.trace_start.as_deref().map(str::parse);
    let kinds = document.backends.iter().map(|backend| kind(&backend.kind));
    Ok(Subject {
        program_version: version(&document.scaleplan_version)
            .ok_or(SavedRunError::Part("scaleplanVersion"))?,
        name: scenario.name.clone(),
        target: Target {
            kind: scenario.target.kind.clone(),
            name: scenario.target.name.clone(),
        },
        metric_targets: scenario.metric_targets.clone(),
        steering: replay
            .steering(scenario)
            .ok_or(SavedRunError::Part("replay"))?,
        idle_replicas: replay.idle_replicas,
        initial_replicas: scenario.initial_replicas,
        trace_name: scenario.trace.name.clone(),
        trace_start: start
            .transpose()
            .map_err(|_| SavedRunError::Part("replay"))?,
        horizon: SimDuration::from_seconds_rounded(scenario.trace.duration_seconds),
        requests: scenario.trace.requests.0,
        rate_scale: replay.rate_scale,
        slo: scenario.slo().ok_or(SavedRunError::Part("scenario"))?,
        runs: scenario.runs,
        seed: scenario.seed,
        disturbances: replay.disturbances.clone(),
        backend_kinds: kinds
            .collect::<Option<_>>()
            .ok_or(SavedRunError::Part("backends"))?,
        assumptions: document
            .assumptions
            .iter()
            .map(assumption)
            .collect::<Option<_>>()
            .ok_or(SavedRunError::Part("assumptions"))?,
        warnings: document.warnings.clone(),
        cautions: document.cautions.clone(),
        out_of_reach: (0..)
            .zip(&document.backends)
            .filter(|(_, backend)| backend.is_objective_out_of_reach)
            .map(|(index, _)| index)
            .collect(),
    })
}

/// The version of a program; `None` where it holds what no version does.
fn version(text: &str) -> Option<String> {
    let is_of_one = |letter: char| letter.is_ascii_alphanumeric() || ".+-".contains(letter);
    (text.len() <= 64 && text.chars().all(is_of_one)).then(|| text.to_owned())
}

fn kind(word: &str) -> Option<BackendKind> {
    [BackendKind::Container, BackendKind::Vm]
        .into_iter()
        .find(|kind| backend_kind(*kind) == word)
}

fn assumption(saved: &SavedAssumption) -> Option<Assumption> {
    Some(Assumption {
        key: saved.key.clone(),
        value: saved.value.clone(),
        origin: match saved.origin.as_str() {
            "flag" => Origin::Flag,
            "scenarioFile" => Origin::ScenarioFile,
            "manifest" => Origin::Manifest,
            "trace" => Origin::Trace,
            "derived" => Origin::Derived(saved.derivation.clone().unwrap_or_default()),
            "default" => Origin::Default,
            _ => return None,
        },
        note: saved.note.clone(),
    })
}

/// What is left of the first run: its violations and its course. Other figures of single runs are not saved.
fn outcome_of(saved: &SavedBackend) -> Result<BackendOutcome, SavedRunError> {
    let nothing = |violations| RunOutcome {
        run: 0,
        horizon: SimDuration::ZERO,
        requests: RequestTotals::default(),
        latency: LatencyFigures {
            mean: f64::NAN,
            p50: f64::NAN,
            p95: f64::NAN,
            p99: f64::NAN,
            max: f64::NAN,
        },
        traffic: TrafficFigures::NONE,
        worst_backlog: 0.0,
        worst_wait: SimDuration::ZERO,
        lag_episodes: Vec::new(),
        violations,
        slices: 0,
        violation_slices: 0,
        provision: Provision::default(),
        elasticity: ElasticityFigures::default(),
        rescales: Vec::new(),
        bursts: Vec::new(),
        bound_time: [SimDuration::ZERO; Bound::ALL.len()],
        syncs: 0,
    };
    let decisions = match &saved.decisions {
        Some(decisions) => decisions.log().ok_or(SavedRunError::Part("decisions"))?,
        None => return Err(SavedRunError::Older("decisions")),
    };
    let syncs = match &saved.syncs {
        Some(syncs) => syncs.log().ok_or(SavedRunError::Part("syncs"))?,
        None => crate::outcome::SyncLog::default(),
    };
    Ok(BackendOutcome {
        backend: saved.name.clone(),
        runs: saved
            .first_run
            .iter()
            .map(|run| nothing(run.violations.iter().map(violation).collect()))
            .collect(),
        timeline: timeline(&saved.timeline).ok_or(SavedRunError::Part("timeline"))?,
        decisions,
        syncs,
    })
}

fn time(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_seconds_rounded(seconds)
}

fn violation(saved: &ViolationPart) -> Violation {
    Violation {
        begin: time(saved.begin_seconds),
        end: time(saved.end_seconds),
        requests: saved.requests.0,
        bad_requests: saved.bad_requests.0,
        worst_wait: SimDuration::from_seconds_rounded(saved.worst_wait_seconds),
    }
}

/// The timeline; `None` where its columns differ in length.
fn timeline(saved: &TimelinePart) -> Option<Timeline> {
    let count = saved.at_seconds.len();
    let lengths = [
        saved.arrival_rate_per_second.len(),
        saved.demand_replicas.len(),
        saved.ready_min_replicas.len(),
        saved.ready_max_replicas.len(),
        saved.desired_replicas.len(),
        saved.desired_min_replicas.len(),
        saved.desired_max_replicas.len(),
        saved.usage_ratio.len(),
        saved.usage_ratio_min.len(),
        saved.usage_ratio_max.len(),
        saved.latency_p50_seconds.len(),
        saved.latency_p95_seconds.len(),
        saved.latency_p99_seconds.len(),
        saved.requests.len(),
        saved.bad_requests.len(),
        saved.backlog_requests.len(),
    ];
    if lengths.iter().any(|length| *length != count) {
        return None;
    }
    let row = |index: usize| TimelineRow {
        at: time(saved.at_seconds[index]),
        arrival_rate: saved.arrival_rate_per_second[index].0,
        demand: saved.demand_replicas[index],
        ready_min: saved.ready_min_replicas[index],
        ready_max: saved.ready_max_replicas[index],
        desired: saved.desired_replicas[index],
        desired_min: saved.desired_min_replicas[index],
        desired_max: saved.desired_max_replicas[index],
        usage_ratio: saved.usage_ratio[index].0,
        usage_ratio_min: saved.usage_ratio_min[index].0,
        usage_ratio_max: saved.usage_ratio_max[index].0,
        p50: saved.latency_p50_seconds[index].0,
        p95: saved.latency_p95_seconds[index].0,
        p99: saved.latency_p99_seconds[index].0,
        requests: saved.requests[index].0,
        bad_requests: saved.bad_requests[index].0,
        backlog: saved.backlog_requests[index].0,
    };
    Some(Timeline {
        step: SimDuration::from_seconds_rounded(saved.step_seconds),
        rows: (0..count).map(row).collect(),
    })
}

fn card_of(saved: &SavedBackend, left: &BackendOutcome) -> Option<BackendCard> {
    let verdicts = [Verdict::Met, Verdict::Missed, Verdict::Unproven];
    let verdict = verdicts
        .into_iter()
        .find(|verdict| verdict_word(*verdict) == saved.verdict)?;
    let violations = left.runs.first().map(|run| run.violations.as_slice());
    let standing = Standing {
        backend: saved.name.clone(),
        verdict,
        missed_runs: saved.missed_runs,
        runs: saved.runs,
        worst: worst_violations(violations.unwrap_or_default()),
    };
    Some(card(standing, &|key| {
        let part = saved.figures.values().find_map(|section| section.get(key));
        band(part)
    }))
}

fn band(part: Option<&BandPart>) -> Band {
    part.map_or(
        Band {
            median: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
        },
        |part| Band {
            median: part.median.0,
            low: part.low.0,
            high: part.high.0,
        },
    )
}

fn comparison(saved: SavedComparison, cards: &[BackendCard]) -> Option<Comparison> {
    Some(Comparison {
        varied: match saved.varied.as_str() {
            "balancing" => Varied::Balancing,
            "optimization" => Varied::Optimization,
            _ => return None,
        },
        backends: saved
            .backends
            .iter()
            .map(|compared| of_backend(compared, cards))
            .collect::<Option<_>>()?,
        warnings: saved.warnings,
    })
}

fn of_backend(saved: &SavedCompared, cards: &[BackendCard]) -> Option<BackendComparison> {
    let baseline = cards.iter().find(|card| card.backend == saved.backend)?;
    Some(BackendComparison {
        baseline: baseline.clone(),
        variants: saved
            .variants
            .iter()
            .map(|variant| of_variant(variant, baseline))
            .collect(),
    })
}

fn of_variant(saved: &SavedVariant, baseline: &BackendCard) -> VariantCard {
    let standing = Standing {
        backend: baseline.backend.clone(),
        verdict: baseline.slo.verdict,
        missed_runs: baseline.slo.missed_runs,
        runs: baseline.slo.runs,
        worst: Vec::new(),
    };
    let difference = |key: &str| band(find(&saved.differences, key));
    VariantCard {
        name: saved.name.clone(),
        is_other: saved.is_other,
        card: card(standing, &|key| band(find(&saved.figures, key))),
        difference: DifferenceCard {
            bad_points: difference("badRequestsDifferencePercentagePoints"),
            lag_p95: difference("lagP95DifferenceSeconds"),
            p99: difference("latencyP99DifferenceSeconds"),
        },
    }
}

fn find<'a>(figures: &'a BTreeMap<String, BandPart>, key: &str) -> Option<&'a BandPart> {
    figures.get(key)
}
