//! `trace info` as JSON and as YAML.

use serde::Serialize;

use super::model::Number;
use super::trace_input::{SurveyedTrace, level_name};
use super::trace_sentences::{cannot_show, season_word};
use super::{json, yaml};
use crate::trace::{Burstiness, CoursePart, Ramp, Season, TraceFormat};
use crate::units::{SimDuration, SimTime};

/// Raised when a key goes or changes its meaning.
const SCHEMA_VERSION: &str = "1";

/// The survey of a trace as one JSON document after the published schema, `docs/trace-schema.json`: `trace info -o json`.
#[must_use]
pub fn trace_json(surveyed: &SurveyedTrace<'_>) -> String {
    json::document(&Document::of(surveyed))
}

/// The same value as YAML: `trace info -o yaml`.
#[must_use]
pub fn trace_yaml(surveyed: &SurveyedTrace<'_>) -> String {
    yaml::document(&Document::of(surveyed))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    trace: &'a str,
    format: Option<&'static str>,
    unit: &'static str,
    unit_reason: String,
    level_unit: &'static str,
    start: Option<String>,
    end: Option<String>,
    span_seconds: Number,
    steps: StepsPart,
    gaps: GapsPart,
    levels: LevelsPart,
    total_requests: Option<Number>,
    ramps: Vec<RampPart>,
    seasons: SeasonsPart,
    bursts: Vec<BurstPart>,
    peak_of_four_steps: Option<Number>,
    course: Vec<CoursePoint>,
    cannot_show: Vec<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepsPart {
    count: usize,
    usual_seconds: Number,
    shortest_seconds: Number,
    longest_seconds: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GapsPart {
    count: usize,
    total_seconds: Number,
    longest_seconds: Number,
    share_percent: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LevelsPart {
    mean: Number,
    median: Number,
    p95: Number,
    peak: Number,
    peak_at_seconds: Number,
    least: Number,
    zero_percent: Number,
    peak_to_mean: Option<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RampPart {
    within_seconds: Option<Number>,
    from: Number,
    from_at_seconds: Number,
    to: Number,
    to_at_seconds: Number,
    rise: Number,
}

#[derive(Serialize)]
struct SeasonsPart {
    daily: SeasonPart,
    weekly: SeasonPart,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeasonPart {
    verdict: &'static str,
    explained_percent: Option<Number>,
    periods: Option<Number>,
    highest_at_seconds: Option<Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BurstPart {
    window_seconds: Number,
    most: Number,
    dispersion: Number,
    between_neighbours: Number,
}

#[derive(Serialize)]
struct CoursePoint {
    mean: Option<Number>,
    peak: Number,
}

fn seconds(span: SimDuration) -> f64 {
    span.as_seconds()
}

fn at(time: SimTime) -> Number {
    Number(time.as_seconds())
}

impl<'a> Document<'a> {
    fn of(surveyed: &SurveyedTrace<'a>) -> Self {
        let (trace, survey) = (surveyed.trace, surveyed.survey);
        let date = |at: SimTime| surveyed.timestamp(at).map(|date| date.to_string());
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: env!("CARGO_PKG_VERSION"),
            trace: &trace.name,
            format: trace.format.map(TraceFormat::word),
            unit: trace.unit.unit.word(),
            unit_reason: trace.unit.to_string(),
            level_unit: level_name(survey.unit),
            start: date(SimTime::ZERO),
            end: date(SimTime::ZERO + survey.span),
            span_seconds: Number(seconds(survey.span)),
            steps: StepsPart {
                count: survey.steps.count,
                usual_seconds: Number(seconds(survey.steps.usual)),
                shortest_seconds: Number(seconds(survey.steps.shortest)),
                longest_seconds: Number(seconds(survey.steps.longest)),
            },
            gaps: GapsPart {
                count: survey.gaps.count,
                total_seconds: Number(seconds(survey.gaps.total)),
                longest_seconds: Number(seconds(survey.gaps.longest)),
                share_percent: Number(survey.gaps.share * 100.0),
            },
            levels: LevelsPart {
                mean: Number(survey.levels.mean),
                median: Number(survey.levels.median),
                p95: Number(survey.levels.p95),
                peak: Number(survey.levels.peak),
                peak_at_seconds: at(survey.levels.peak_at),
                least: Number(survey.levels.least),
                zero_percent: Number(survey.levels.zero_share * 100.0),
                peak_to_mean: survey.levels.peak_to_mean.map(Number),
            },
            total_requests: survey.total_requests.map(Number),
            ramps: survey.ramps.iter().map(RampPart::of).collect(),
            seasons: SeasonsPart {
                daily: SeasonPart::of(&survey.daily),
                weekly: SeasonPart::of(&survey.weekly),
            },
            bursts: survey.bursts.iter().map(BurstPart::of).collect(),
            peak_of_four_steps: survey.peak_of_four_steps.map(Number),
            course: survey.course.iter().map(CoursePoint::of).collect(),
            cannot_show: cannot_show(surveyed),
            notes: trace.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

impl RampPart {
    fn of(ramp: &Ramp) -> Self {
        Self {
            within_seconds: ramp.within.map(|within| Number(seconds(within))),
            from: Number(ramp.from),
            from_at_seconds: at(ramp.from_at),
            to: Number(ramp.to),
            to_at_seconds: at(ramp.to_at),
            rise: Number(ramp.rise()),
        }
    }
}

impl SeasonPart {
    fn of(season: &Season) -> Self {
        let mut part = Self {
            verdict: season_word(season),
            explained_percent: None,
            periods: None,
            highest_at_seconds: None,
        };
        match season {
            Season::Strength {
                share,
                periods,
                highest_at,
            } => {
                part.explained_percent = Some(Number(share * 100.0));
                part.periods = Some(Number(*periods as f64));
                part.highest_at_seconds = Some(Number(seconds(*highest_at)));
            }
            Season::TooShort { periods } => part.periods = Some(Number(*periods)),
            Season::TooCoarse | Season::TooManyGaps | Season::Level => {}
        }
        part
    }
}

impl BurstPart {
    fn of(burst: &Burstiness) -> Self {
        Self {
            window_seconds: Number(seconds(burst.window)),
            most: Number(burst.most),
            dispersion: Number(burst.dispersion),
            between_neighbours: Number(burst.between_neighbours),
        }
    }
}

impl CoursePoint {
    fn of(part: &CoursePart) -> Self {
        Self {
            mean: part.mean.map(Number),
            peak: Number(part.peak),
        }
    }
}
