//! What JSON and YAML say: the published schema, `docs/report-schema.json`, as types.
//!
//! A key holds its unit; a number that does not exist is null. A change that takes something away or gives it another
//! meaning gets another schema version.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::comparison_model::ComparisonPart;
use super::figure::Section;
use super::figures::SECTIONS;
use super::input::{BackendView, Report};
use super::sentences::limit_name;
use crate::analysis::{BackendCard, Verdict};
use crate::outcome::{EpisodeEnd, LagEpisode, RunOutcome, Timeline, TimelineRow, Violation};
use crate::scenario::{Assumption, BackendKind, Origin, Scenario};
use crate::stats::Band;

/// The version of the schema.
const SCHEMA_VERSION: &str = "1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    followed_controller: &'a str,
    scenario: ScenarioPart<'a>,
    verdict: VerdictPart<'a>,
    backends: Vec<BackendPart<'a>>,
    comparisons: Vec<ComparisonPart<'a>>,
    assumptions: Vec<AssumptionPart<'a>>,
    /// What makes the verdict say less than it seems.
    cautions: &'a [String],
    warnings: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScenarioPart<'a> {
    name: &'a str,
    target: TargetPart<'a>,
    metric_targets: Vec<String>,
    min_replicas: i32,
    max_replicas: i32,
    initial_replicas: u32,
    trace: TracePart<'a>,
    slo: SloPart,
    runs: u32,
    seed: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TargetPart<'a> {
    kind: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TracePart<'a> {
    name: &'a str,
    duration_seconds: f64,
    requests: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SloPart {
    latency_seconds: Number,
    objective_percent: Number,
    minutes_percent: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictPart<'a> {
    /// The backend whose verdict counts; null if there is none.
    backend: Option<&'a str>,
    result: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackendPart<'a> {
    name: &'a str,
    kind: &'static str,
    verdict: &'static str,
    missed_runs: u32,
    runs: u32,
    /// The limit of the path that bound first; null if none did.
    path_bound_first: Option<&'static str>,
    figures: FiguresPart<'a>,
    first_run: Option<RunPart>,
    timeline: TimelinePart,
}

/// The figures of one backend, section by section.
struct FiguresPart<'a>(&'a BackendCard);

/// The figures of one section.
struct SectionPart<'a> {
    section: &'static Section,
    card: &'a BackendCard,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BandPart {
    median: Number,
    low: Number,
    high: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunPart {
    violations: Vec<ViolationPart>,
    lag_episodes: Vec<LagEpisodePart>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ViolationPart {
    begin_seconds: f64,
    end_seconds: f64,
    requests: Number,
    bad_requests: Number,
    worst_wait_seconds: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LagEpisodePart {
    begin_seconds: f64,
    end_seconds: f64,
    ending: &'static str,
    detect_seconds: f64,
    decide_seconds: f64,
    prepare_seconds: f64,
    start_seconds: f64,
    ready_seconds: f64,
    ready_replicas_at_begin: u32,
    peak_demand_replicas: u32,
    bound: &'static str,
}

/// The first run over time, column by column.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TimelinePart {
    step_seconds: f64,
    at_seconds: Vec<f64>,
    arrival_rate_per_second: Vec<Number>,
    demand_replicas: Vec<u32>,
    ready_min_replicas: Vec<u32>,
    ready_max_replicas: Vec<u32>,
    desired_replicas: Vec<u32>,
    usage_ratio: Vec<Number>,
    latency_p50_seconds: Vec<Number>,
    latency_p95_seconds: Vec<Number>,
    latency_p99_seconds: Vec<Number>,
    requests: Vec<Number>,
    bad_requests: Vec<Number>,
    backlog_requests: Vec<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssumptionPart<'a> {
    key: &'a str,
    value: &'a str,
    origin: &'static str,
    /// How it was derived; null unless it was.
    derivation: Option<&'a str>,
    note: &'a str,
}

/// A number, or null where there is none.
pub(super) struct Number(pub(super) f64);

impl<'a> Document<'a> {
    pub(crate) fn of(report: &Report<'a>) -> Self {
        let scenario = report.scenario;
        let counts = report.backends().find(|view| view.counts);
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: env!("CARGO_PKG_VERSION"),
            followed_controller: report.followed_version,
            scenario: ScenarioPart::of(scenario),
            verdict: VerdictPart {
                backend: counts.map(|view| view.card.backend.as_str()),
                result: counts.map(|view| verdict_word(view.card.slo.verdict)),
            },
            backends: report.backends().map(BackendPart::of).collect(),
            comparisons: report.comparisons.iter().map(ComparisonPart::of).collect(),
            assumptions: scenario
                .assumptions
                .iter()
                .map(AssumptionPart::of)
                .collect(),
            cautions: &scenario.cautions,
            warnings: &scenario.warnings,
        }
    }
}

impl<'a> ScenarioPart<'a> {
    pub(super) fn of(scenario: &'a Scenario) -> Self {
        Self {
            name: &scenario.name,
            target: TargetPart {
                kind: &scenario.target.kind,
                name: &scenario.target.name,
            },
            metric_targets: scenario.metric_targets(),
            min_replicas: scenario.hpa.min_replicas,
            max_replicas: scenario.hpa.max_replicas,
            initial_replicas: scenario.initial_replicas,
            trace: TracePart {
                name: &scenario.trace_name,
                duration_seconds: scenario.trace.end().as_seconds(),
                requests: Number(scenario.trace.total_requests()),
            },
            slo: SloPart {
                latency_seconds: Number(scenario.slo.latency),
                objective_percent: Number(scenario.slo.objective * 100.0),
                minutes_percent: Number(scenario.slo.good_slices.unwrap_or(f64::NAN) * 100.0),
            },
            runs: scenario.runs,
            seed: scenario.seed,
        }
    }
}

impl<'a> BackendPart<'a> {
    fn of(view: BackendView<'a>) -> Self {
        Self {
            name: &view.card.backend,
            kind: match view.backend.kind {
                BackendKind::Container => "container",
                BackendKind::Vm => "vm",
            },
            verdict: verdict_word(view.card.slo.verdict),
            missed_runs: view.card.slo.missed_runs,
            runs: view.card.slo.runs,
            path_bound_first: view
                .card
                .path
                .bound_first()
                .map(|(limit, _)| limit_name(limit)),
            figures: FiguresPart(view.card),
            first_run: view.outcome.runs.first().map(RunPart::of),
            timeline: TimelinePart::of(&view.outcome.timeline),
        }
    }
}

impl Serialize for FiguresPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(SECTIONS.len()))?;
        for section in SECTIONS {
            let card = self.0;
            map.serialize_entry(section.key, &SectionPart { section, card })?;
        }
        map.end()
    }
}

impl Serialize for SectionPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.section.figures.len()))?;
        for figure in self.section.figures {
            map.serialize_entry(figure.key, &BandPart::of(figure.of(self.card)))?;
        }
        map.end()
    }
}

impl BandPart {
    pub(super) const fn of(band: Band) -> Self {
        Self {
            median: Number(band.median),
            low: Number(band.low),
            high: Number(band.high),
        }
    }
}

impl RunPart {
    fn of(run: &RunOutcome) -> Self {
        Self {
            violations: run.violations.iter().map(ViolationPart::of).collect(),
            lag_episodes: run.lag_episodes.iter().map(LagEpisodePart::of).collect(),
        }
    }
}

impl ViolationPart {
    fn of(violation: &Violation) -> Self {
        Self {
            begin_seconds: violation.begin.as_seconds(),
            end_seconds: violation.end.as_seconds(),
            requests: Number(violation.requests),
            bad_requests: Number(violation.bad_requests),
            worst_wait_seconds: violation.worst_wait.as_seconds(),
        }
    }
}

impl LagEpisodePart {
    fn of(episode: &LagEpisode) -> Self {
        Self {
            begin_seconds: episode.begin.as_seconds(),
            end_seconds: episode.end.as_seconds(),
            ending: match episode.ending {
                EpisodeEnd::CapacityArrived => "capacityArrived",
                EpisodeEnd::DemandFell => "demandFell",
                EpisodeEnd::Censored => "censored",
            },
            detect_seconds: episode.detect.as_seconds(),
            decide_seconds: episode.decide.as_seconds(),
            prepare_seconds: episode.prepare.as_seconds(),
            start_seconds: episode.start.as_seconds(),
            ready_seconds: episode.ready.as_seconds(),
            ready_replicas_at_begin: episode.ready_at_begin,
            peak_demand_replicas: episode.peak_demand,
            bound: episode.bound.name(),
        }
    }
}

impl TimelinePart {
    fn of(timeline: &Timeline) -> Self {
        let numbers = |read: fn(&TimelineRow) -> f64| {
            timeline.rows.iter().map(|row| Number(read(row))).collect()
        };
        let counts =
            |read: fn(&TimelineRow) -> u32| timeline.rows.iter().map(read).collect::<Vec<_>>();
        Self {
            step_seconds: timeline.step.as_seconds(),
            at_seconds: timeline
                .rows
                .iter()
                .map(|row| row.at.as_seconds())
                .collect(),
            arrival_rate_per_second: numbers(|row| row.arrival_rate),
            demand_replicas: counts(|row| row.demand),
            ready_min_replicas: counts(|row| row.ready_min),
            ready_max_replicas: counts(|row| row.ready_max),
            desired_replicas: counts(|row| row.desired),
            usage_ratio: numbers(|row| row.usage_ratio),
            latency_p50_seconds: numbers(|row| row.p50),
            latency_p95_seconds: numbers(|row| row.p95),
            latency_p99_seconds: numbers(|row| row.p99),
            requests: numbers(|row| row.requests),
            bad_requests: numbers(|row| row.bad_requests),
            backlog_requests: numbers(|row| row.backlog),
        }
    }
}

impl<'a> AssumptionPart<'a> {
    pub(super) fn of(assumption: &'a Assumption) -> Self {
        let (origin, derivation) = match &assumption.origin {
            Origin::Flag => ("flag", None),
            Origin::ScenarioFile => ("scenarioFile", None),
            Origin::Manifest => ("manifest", None),
            Origin::Trace => ("trace", None),
            Origin::Derived(how) => ("derived", Some(how.as_str())),
            Origin::Default => ("default", None),
        };
        Self {
            key: &assumption.key,
            value: &assumption.value,
            origin,
            derivation,
            note: &assumption.note,
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_none()
        }
    }
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Unproven => "unproven",
    }
}
