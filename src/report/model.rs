//! What JSON and YAML say: the published schema, `docs/report-schema.json`, as types.
//!
//! A key holds its unit; a number that does not exist is null. A change that takes something away or gives it another
//! meaning gets another schema version.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::comparison_model::ComparisonPart;
use super::figure::Section;
use super::figures::SECTIONS;
use super::input::{BackendView, Report};
use super::scenario_model::{ReplayPart, ScenarioPart};
use super::sentences::limit_name;
use super::sync_model::{DecisionsPart, SyncsPart};
use crate::analysis::{BackendCard, Verdict};
use crate::outcome::{EpisodeEnd, LagEpisode, RunOutcome, Timeline, TimelineRow, Violation};
use crate::scenario::{Assumption, BackendKind, Origin};
use crate::stats::Band;

/// The version of the schema.
const SCHEMA_VERSION: &str = "1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'a str,
    followed_controller: &'a str,
    scenario: ScenarioPart,
    replay: ReplayPart,
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
    /// Whether no number of replicas holds the objective: demand is then what serves the load at all.
    is_objective_out_of_reach: bool,
    /// The limit of the path that bound first; null if none did.
    path_bound_first: Option<&'static str>,
    figures: FiguresPart<'a>,
    first_run: Option<RunPart>,
    timeline: TimelinePart,
    /// What changed the scale in the first run.
    decisions: DecisionsPart,
    /// Every sync of the first run; null where it was not kept.
    syncs: Option<SyncsPart>,
}

/// The figures of one backend, section by section.
struct FiguresPart<'a>(&'a BackendCard);

/// The figures of one section.
struct SectionPart<'a> {
    section: &'static Section,
    card: &'a BackendCard,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BandPart {
    pub(super) median: Number,
    pub(super) low: Number,
    pub(super) high: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunPart {
    pub(super) violations: Vec<ViolationPart>,
    #[serde(skip_deserializing)]
    lag_episodes: Vec<LagEpisodePart>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViolationPart {
    pub(super) begin_seconds: f64,
    pub(super) end_seconds: f64,
    pub(super) requests: Number,
    pub(super) bad_requests: Number,
    pub(super) worst_wait_seconds: f64,
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
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TimelinePart {
    pub(super) step_seconds: f64,
    pub(super) at_seconds: Vec<f64>,
    pub(super) arrival_rate_per_second: Vec<Number>,
    pub(super) demand_replicas: Vec<u32>,
    pub(super) ready_min_replicas: Vec<u32>,
    pub(super) ready_max_replicas: Vec<u32>,
    pub(super) desired_replicas: Vec<u32>,
    pub(super) desired_min_replicas: Vec<u32>,
    pub(super) desired_max_replicas: Vec<u32>,
    pub(super) usage_ratio: Vec<Number>,
    pub(super) usage_ratio_min: Vec<Number>,
    pub(super) usage_ratio_max: Vec<Number>,
    pub(super) latency_p50_seconds: Vec<Number>,
    pub(super) latency_p95_seconds: Vec<Number>,
    pub(super) latency_p99_seconds: Vec<Number>,
    pub(super) requests: Vec<Number>,
    pub(super) bad_requests: Vec<Number>,
    pub(super) backlog_requests: Vec<Number>,
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
#[derive(Clone, Copy)]
pub(super) struct Number(pub(super) f64);

impl<'a> Document<'a> {
    pub(crate) fn of(report: &'a Report<'a>) -> Self {
        let subject = &report.subject;
        let counts = report.backends().find(|view| view.counts);
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: &subject.program_version,
            followed_controller: report.followed_version,
            scenario: ScenarioPart::of(&report.subject),
            replay: ReplayPart::of(&report.subject),
            verdict: VerdictPart {
                backend: counts.map(|view| view.card.backend.as_str()),
                result: counts.map(|view| verdict_word(view.card.slo.verdict)),
            },
            backends: report.backends().map(BackendPart::of).collect(),
            comparisons: report.comparisons.iter().map(ComparisonPart::of).collect(),
            assumptions: subject.assumptions.iter().map(AssumptionPart::of).collect(),
            cautions: &subject.cautions,
            warnings: &subject.warnings,
        }
    }
}

impl<'a> BackendPart<'a> {
    fn of(view: BackendView<'a>) -> Self {
        Self {
            name: &view.card.backend,
            kind: backend_kind(view.kind),
            verdict: verdict_word(view.card.slo.verdict),
            missed_runs: view.card.slo.missed_runs,
            runs: view.card.slo.runs,
            is_objective_out_of_reach: view.is_out_of_reach,
            path_bound_first: view
                .card
                .path
                .bound_first()
                .map(|(limit, _)| limit_name(limit)),
            figures: FiguresPart(view.card),
            first_run: view.outcome.runs.first().map(RunPart::of),
            timeline: TimelinePart::of(&view.outcome.timeline),
            decisions: DecisionsPart::of(&view.outcome.decisions),
            syncs: SyncsPart::of(&view.outcome.syncs),
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
            desired_min_replicas: counts(|row| row.desired_min),
            desired_max_replicas: counts(|row| row.desired_max),
            usage_ratio: numbers(|row| row.usage_ratio),
            usage_ratio_min: numbers(|row| row.usage_ratio_min),
            usage_ratio_max: numbers(|row| row.usage_ratio_max),
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

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Option::<f64>::deserialize(deserializer)?;
        Ok(Self(number.unwrap_or(f64::NAN)))
    }
}

/// What a backend's replicas are made of, in a word.
pub(super) const fn backend_kind(kind: BackendKind) -> &'static str {
    match kind {
        BackendKind::Container => "container",
        BackendKind::Vm => "vm",
    }
}

pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Unproven => "unproven",
    }
}
