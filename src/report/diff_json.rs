//! A diff as JSON, as types. A key holds its unit; a number that does not exist is null.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::diff_figures::FIGURES;
use super::diff_input::{DiffEntry, DiffReplay, DiffReport, DiffVerdict};
use super::diff_sentences as sentences;
use super::json;
use super::model::BandPart;
use crate::analysis::{Judgement, Movement, ReplayChange, ReplayedSide, Verdict};
use crate::lint::Finding;

/// The version of the form.
const SCHEMA_VERSION: &str = "1";

/// The diff as one JSON document: `-o json`.
#[must_use]
pub fn diff_json(report: &DiffReport) -> String {
    json::document(&Document {
        schema_version: SCHEMA_VERSION,
        scaleplan_version: env!("CARGO_PKG_VERSION"),
        followed_controller: report.followed_version,
        base: report.base,
        head: report.head,
        verdict: match report.verdict {
            DiffVerdict::Nothing => "nothingChanged",
            DiffVerdict::NoRegression => "noRegression",
            DiffVerdict::Regression(_) => "regression",
        },
        regressions: sentences::regressions(report, ToOwned::to_owned),
        unchanged_autoscalers: report.unchanged,
        autoscalers: report.entries.iter().map(EntryPart::of).collect(),
        findings: MovedPart {
            new: report.findings.new.iter().map(FindingPart::of).collect(),
            gone: report.findings.gone.iter().map(FindingPart::of).collect(),
        },
        warnings: sentences::cautions(report),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    followed_controller: &'a str,
    base: &'a str,
    head: &'a str,
    verdict: &'static str,
    regressions: Vec<String>,
    unchanged_autoscalers: usize,
    autoscalers: Vec<EntryPart<'a>>,
    findings: MovedPart<'a>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryPart<'a> {
    object: &'a str,
    change: &'static str,
    settings: Vec<SettingPart<'a>>,
    /// Null where nothing was replayed.
    replay: Option<ReplayPart<'a>>,
    /// Null unless a load was named and nothing was replayed.
    why_not_replayed: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingPart<'a> {
    object: &'a str,
    /// Null for the object itself.
    path: Option<&'a str>,
    base: Option<&'a str>,
    head: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplayPart<'a> {
    judgement: Option<&'static str>,
    trace: &'a str,
    seed: u64,
    base: Option<SidePart<'a>>,
    head: SidePart<'a>,
    differences: Option<DifferencesPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SidePart<'a> {
    backend: &'a str,
    verdict: &'static str,
    missed_runs: u32,
    runs: u32,
    figures: FiguresPart<'a>,
}

struct FiguresPart<'a>(&'a ReplayedSide);

struct DifferencesPart<'a>(&'a ReplayChange);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferencePart {
    #[serde(flatten)]
    band: BandPart,
    movement: &'static str,
}

#[derive(Serialize)]
struct MovedPart<'a> {
    new: Vec<FindingPart<'a>>,
    gone: Vec<FindingPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingPart<'a> {
    code: &'static str,
    severity: &'static str,
    object: &'a str,
    file: &'a str,
    line: u32,
    message: &'a str,
    help: &'a str,
}

impl<'a> EntryPart<'a> {
    fn of(entry: &'a DiffEntry<'a>) -> Self {
        let change = entry.change;
        Self {
            object: &change.object,
            change: match (change.base, change.head) {
                (Some(_), Some(_)) => "changed",
                (None, _) => "added",
                (_, None) => "removed",
            },
            settings: change
                .settings
                .iter()
                .map(|setting| SettingPart {
                    object: &setting.object,
                    path: setting.path.as_deref(),
                    base: setting.base.as_deref(),
                    head: setting.head.as_deref(),
                })
                .collect(),
            replay: ReplayPart::of(&entry.replay),
            why_not_replayed: match &entry.replay {
                DiffReplay::Not(why) => Some(why),
                _ => None,
            },
        }
    }
}

impl<'a> ReplayPart<'a> {
    fn of(replay: &'a DiffReplay) -> Option<Self> {
        match replay {
            DiffReplay::Both(both) => Some(Self {
                judgement: Some(judgement_word(both.change.judgement)),
                trace: &both.head.trace_name,
                seed: both.head.seed,
                base: Some(SidePart::of(&both.change.base)),
                head: SidePart::of(&both.change.head),
                differences: Some(DifferencesPart(&both.change)),
            }),
            DiffReplay::HeadAlone(alone) => Some(Self {
                judgement: None,
                trace: &alone.1.trace_name,
                seed: alone.1.seed,
                base: None,
                head: SidePart::of(&alone.0),
                differences: None,
            }),
            DiffReplay::Not(_) | DiffReplay::NotAsked => None,
        }
    }
}

impl<'a> SidePart<'a> {
    fn of(side: &'a ReplayedSide) -> Self {
        Self {
            backend: &side.backend,
            verdict: match side.verdict {
                Verdict::Met => "met",
                Verdict::Missed => "missed",
                Verdict::Unproven => "unproven",
            },
            missed_runs: side.missed_runs,
            runs: side.runs,
            figures: FiguresPart(side),
        }
    }
}

impl Serialize for FiguresPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIGURES.len()))?;
        for figure in &FIGURES {
            map.serialize_entry(figure.key, &BandPart::of(figure.band(self.0)))?;
        }
        map.end()
    }
}

impl Serialize for DifferencesPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIGURES.len()))?;
        for figure in &FIGURES {
            let part = DifferencePart {
                band: BandPart::of(self.0.differences[figure.figure.index()]),
                movement: match figure.movement(self.0) {
                    Movement::Rose => "rose",
                    Movement::Fell => "fell",
                    Movement::Unclear => "unclear",
                },
            };
            map.serialize_entry(figure.key, &part)?;
        }
        map.end()
    }
}

impl<'a> FindingPart<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.rule.code,
            severity: finding.severity.name(),
            object: &finding.object,
            file: &finding.place.source,
            line: finding.place.start.line,
            message: &finding.message,
            help: &finding.help,
        }
    }
}

const fn judgement_word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::NewlyMissed => "newlyMissed",
        Judgement::Worse => "worse",
        Judgement::Same => "same",
        Judgement::Better => "better",
        Judgement::NoLongerMissed => "noLongerMissed",
    }
}
