//! What JSON and YAML say of advice: the published schema, `docs/advice-schema.json`, as types.
//!
//! A key holds its unit; a number that does not exist is null. A change that takes something away or gives it another
//! meaning gets another schema version.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::advice_figures::FIGURES;
use super::advice_input::{AdviceReport, PartView};
use super::advice_sentences::{self as told, BOUND_CONFIDENCE, held_bound_percent};
use super::model::{AssumptionPart, BandPart, Number};
use super::scenario_model::ScenarioPart;
use super::subject::Subject;
use crate::advice::{
    Binding, ChangeAdvice, Conclusion, Ended, Figures, FrontPoint, Judged, Knob, Limitation,
    NineCost, Standing, TheoryGap, Value,
};
use crate::lint::Finding;
use crate::units::SimTime;

/// The version of the schema.
const SCHEMA_VERSION: &str = "1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdviceDocument<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    followed_controller: &'a str,
    scenario: ScenarioPart,
    required_runs_percent: Number,
    runs: u32,
    split: SplitPart,
    axes: Vec<AxisPart<'a>>,
    parts: Vec<AdvisedPart<'a>>,
    limitations: Vec<LimitationPart<'a>>,
    /// The change as text; null where nothing is to be changed.
    patch: Option<&'a str>,
    /// What has to be edited along with the change, in other objects.
    along: Vec<AlongPart<'a>>,
    /// The rules of lint for which settings were left untried.
    left_out_for: Vec<&'static str>,
    assumptions: Vec<AssumptionPart<'a>>,
    /// What makes the verdict say less than it seems.
    cautions: &'a [String],
    warnings: &'a [String],
}

/// An edit of another object than the autoscaler.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlongPart<'a> {
    rule: &'static str,
    object: &'a str,
    file: &'a str,
    problem: &'a str,
    help: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SplitPart {
    /// Where the part held out begins; null where nothing was.
    held_out_from_seconds: Option<f64>,
    end_seconds: f64,
}

/// A setting that was turned in the search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AxisPart<'a> {
    field: String,
    values: Vec<ValuePart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdvisedPart<'a> {
    backends: &'a [String],
    is_chosen: bool,
    answer: String,
    conclusion: &'static str,
    nearest_miss: Option<MissPart>,
    now: JudgedPart<'a>,
    best: JudgedPart<'a>,
    changes: Vec<ChangePart<'a>>,
    front: Vec<FrontPart<'a>>,
    nines: Vec<NinePart>,
    theory_gaps: Vec<GapPart<'a>>,
    searched: SearchedPart,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MissPart {
    binding: &'static str,
    share_percent: Number,
    container_would: Option<bool>,
    only_held_out: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JudgedPart<'a> {
    /// What differs from the autoscaler as it is.
    settings: Vec<SettingPart<'a>>,
    tuned: StandingPart<'a>,
    held_out: Option<StandingPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingPart<'a> {
    field: String,
    value: ValuePart<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StandingPart<'a> {
    held_runs: u32,
    runs: u32,
    holds: bool,
    proven: bool,
    held_lower_bound_percent: Number,
    bound_confidence_percent: Number,
    figures: FiguresPart<'a>,
}

/// Every figure of a standing.
struct FiguresPart<'a>(&'a Figures);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangePart<'a> {
    field: String,
    from: ValuePart<'a>,
    to: ValuePart<'a>,
    alone: Option<FiguresPart<'a>>,
    without: Option<FiguresPart<'a>>,
}

/// Where a setting stands: as text, and as a number where it is one; see [`Value::number`].
struct ValuePart<'a>(&'a Value);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrontPart<'a> {
    settings: Vec<SettingPart<'a>>,
    replica_hours_per_day: Number,
    error_budget_spent_percent: Number,
    confirmed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NinePart {
    objective_percent: Number,
    replica_hours_per_day: Option<Number>,
    cost_per_day: Option<Number>,
    possible: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GapPart<'a> {
    field: String,
    searched: ValuePart<'a>,
    theory: ValuePart<'a>,
    replicas: Number,
    because: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchedPart {
    candidates: u64,
    tried: u64,
    given_up: u64,
    confirmed: u64,
    ended: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitationPart<'a> {
    kind: &'static str,
    text: String,
    figures: NamedPart,
    /// What there is no place for, or the flags that keep the load; null for every other kind.
    setting: Option<&'a str>,
}

/// Numbers of a sentence, each by a name with its unit.
struct NamedPart(Vec<(&'static str, f64)>);

impl<'a> AdviceDocument<'a> {
    pub(super) fn of(report: &AdviceReport<'a>) -> Self {
        let advice = report.advice;
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: env!("CARGO_PKG_VERSION"),
            followed_controller: report.followed_version,
            scenario: ScenarioPart::of(&Subject::of(report.scenario)),
            required_runs_percent: Number(advice.confidence * 100.0),
            runs: advice.runs,
            split: SplitPart {
                held_out_from_seconds: advice.split.at.map(SimTime::as_seconds),
                end_seconds: advice.split.end.as_seconds(),
            },
            axes: advice
                .lattice
                .axes
                .iter()
                .map(|axis| AxisPart {
                    field: report.field(axis.knob),
                    values: axis.values.iter().map(ValuePart).collect(),
                })
                .collect(),
            parts: report
                .parts()
                .map(|view| AdvisedPart::of(report, &view))
                .collect(),
            limitations: advice
                .limitations
                .iter()
                .map(|limitation| LimitationPart::of(report, limitation))
                .collect(),
            patch: report.patch,
            along: report.along.iter().map(AlongPart::of).collect(),
            left_out_for: report.left_out.iter().map(|rule| rule.code).collect(),
            assumptions: report
                .scenario
                .assumptions
                .iter()
                .map(AssumptionPart::of)
                .collect(),
            cautions: &report.scenario.cautions,
            warnings: &report.scenario.warnings,
        }
    }
}

impl<'a> AlongPart<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.code,
            object: &finding.object,
            file: &finding.place.source,
            problem: &finding.message,
            help: &finding.help,
        }
    }
}

impl<'a> AdvisedPart<'a> {
    fn of(report: &AdviceReport<'a>, view: &PartView<'a>) -> Self {
        let part = view.part;
        let (conclusion, nearest_miss) = match &part.conclusion {
            Conclusion::Keep => ("keep", None),
            Conclusion::Change => ("change", None),
            Conclusion::NothingMeets(miss) => (
                "nothingMeets",
                Some(MissPart {
                    binding: match miss.binding {
                        Binding::Loop(bound) => bound.name(),
                        Binding::Path => "path",
                    },
                    share_percent: Number(miss.share * 100.0),
                    container_would: miss.container_would,
                    only_held_out: miss.only_held_out,
                }),
            ),
        };
        Self {
            backends: &part.backends,
            is_chosen: view.is_chosen,
            answer: told::answer(report, view, str::to_owned),
            conclusion,
            nearest_miss,
            now: JudgedPart::of(report, &part.now),
            best: JudgedPart::of(report, &part.best),
            changes: part
                .changes
                .iter()
                .map(|change| ChangePart::of(report, change))
                .collect(),
            front: part
                .front
                .iter()
                .map(|point| FrontPart::of(report, point))
                .collect(),
            nines: part.nines.iter().map(NinePart::of).collect(),
            theory_gaps: part
                .theory_gaps
                .iter()
                .map(|gap| GapPart::of(report, gap))
                .collect(),
            searched: SearchedPart {
                candidates: part.searched.candidates,
                tried: part.searched.tried,
                given_up: part.searched.given_up,
                confirmed: part.searched.confirmed,
                ended: match part.searched.ended {
                    Ended::Exhausted => "exhausted",
                    Ended::Settled => "settled",
                    Ended::CountSpent => "countSpent",
                    Ended::TimeSpent => "timeSpent",
                    Ended::Interrupted => "interrupted",
                },
            },
        }
    }
}

impl<'a> JudgedPart<'a> {
    fn of(report: &AdviceReport<'a>, judged: &'a Judged) -> Self {
        Self {
            settings: SettingPart::all(report, report.changes(&judged.candidate)),
            tuned: StandingPart::of(&judged.tuned),
            held_out: judged.held_out.as_ref().map(StandingPart::of),
        }
    }
}

impl<'a> SettingPart<'a> {
    fn all(report: &AdviceReport<'_>, changes: Vec<(Knob, &'a Value)>) -> Vec<Self> {
        let part = |(knob, value): (Knob, &'a Value)| Self {
            field: report.field(knob),
            value: ValuePart(value),
        };
        changes.into_iter().map(part).collect()
    }
}

impl<'a> StandingPart<'a> {
    fn of(standing: &'a Standing) -> Self {
        Self {
            held_runs: standing.held_runs,
            runs: standing.runs,
            holds: standing.holds,
            proven: standing.proven,
            held_lower_bound_percent: Number(held_bound_percent(standing)),
            bound_confidence_percent: Number(BOUND_CONFIDENCE * 100.0),
            figures: FiguresPart(&standing.figures),
        }
    }
}

impl Serialize for FiguresPart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIGURES.len()))?;
        for figure in FIGURES {
            map.serialize_entry(figure.key, &BandPart::of(figure.of(self.0)))?;
        }
        map.end()
    }
}

impl<'a> ChangePart<'a> {
    fn of(report: &AdviceReport<'_>, change: &'a ChangeAdvice) -> Self {
        Self {
            field: report.field(change.knob),
            from: ValuePart(&change.from),
            to: ValuePart(&change.to),
            alone: change.alone.as_ref().map(FiguresPart),
            without: change.without.as_ref().map(FiguresPart),
        }
    }
}

impl Serialize for ValuePart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("text", &self.0.to_string())?;
        map.serialize_entry("number", &self.0.number().map(Number))?;
        map.end()
    }
}

impl<'a> FrontPart<'a> {
    fn of(report: &AdviceReport<'a>, point: &'a FrontPoint) -> Self {
        Self {
            settings: SettingPart::all(report, report.changes(&point.candidate)),
            replica_hours_per_day: Number(point.replica_hours),
            error_budget_spent_percent: Number(point.budget_spent * 100.0),
            confirmed: point.confirmed,
        }
    }
}

impl NinePart {
    fn of(nine: &NineCost) -> Self {
        Self {
            objective_percent: Number(nine.objective * 100.0),
            replica_hours_per_day: nine.replica_hours.map(Number),
            cost_per_day: nine.cost.map(Number),
            possible: nine.possible,
        }
    }
}

impl<'a> GapPart<'a> {
    fn of(report: &AdviceReport<'_>, gap: &'a TheoryGap) -> Self {
        Self {
            field: report.field(gap.knob),
            searched: ValuePart(&gap.searched),
            theory: ValuePart(&gap.theory),
            replicas: Number(gap.replicas),
            because: &gap.because,
        }
    }
}

impl<'a> LimitationPart<'a> {
    fn of(report: &AdviceReport, limitation: &'a Limitation) -> Self {
        let (kind, figures, setting) = match limitation {
            Limitation::TooShort { seconds, needed } => (
                "tooShort",
                vec![("lengthSeconds", *seconds), ("neededSeconds", *needed)],
                None,
            ),
            Limitation::TooCoarse { step, dead_time } => (
                "tooCoarse",
                vec![("stepSeconds", *step), ("deadTimeSeconds", *dead_time)],
                None,
            ),
            Limitation::NoChange { peak_to_mean } => {
                ("noChange", vec![("peakToMeanRatio", *peak_to_mean)], None)
            }
            Limitation::PeakHeldOut { ratio } => ("peakHeldOut", vec![("peakRatio", *ratio)], None),
            Limitation::TunedOnAll(_) => ("tunedOnAll", Vec::new(), None),
            Limitation::Unproven => ("unproven", Vec::new(), None),
            Limitation::DemandAssumed(flags) => ("demandAssumed", Vec::new(), Some(flags.as_str())),
            Limitation::NotInThisVersion { settings, .. } => {
                ("notInThisVersion", Vec::new(), Some(settings.as_str()))
            }
            Limitation::NewerCluster => ("newerCluster", Vec::new(), None),
            Limitation::TooFewRuns {
                runs,
                shown,
                needed,
            } => {
                let mut figures = vec![("runs", f64::from(*runs)), ("shownPercent", shown * 100.0)];
                figures.extend(needed.map(|needed| ("neededRuns", f64::from(needed))));
                ("tooFewRuns", figures, None)
            }
        };
        Self {
            kind,
            text: told::limitation(report, limitation, str::to_owned),
            figures: NamedPart(figures),
            setting,
        }
    }
}

impl Serialize for NamedPart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Number(*value))))
    }
}
