//! Decisions recorded from the real controller (`tests/golden/README.md`), replayed one by one.
//!
//! `SCALEPLAN_GOLDEN_DIR` names another folder of recordings. The reading of a recorded spec here is this test's own;
//! it shares nothing with the manifest reader.

mod cluster;
mod json;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rayon::prelude::*;
use scaleplan::hpa::{Decision, HpaSpec, HpaState, MetricSpec, ScaleEvent, Usage};
use scaleplan::units::Quantity;
use serde_json::Value;

use cluster::Cluster;
use json::{array, integer, text, to_millis};

/// How many mismatches are told in full.
const TOLD: usize = 8;

#[test]
#[expect(clippy::print_stdout, reason = "the count is asked for by name")]
fn golden_hpa() {
    let folder = env::var_os("SCALEPLAN_GOLDEN_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hpa"),
        PathBuf::from,
    );
    match replay(&folder) {
        Ok(score) => println!("{score}"),
        Err(report) => panic!("{report}"),
    }
}

#[test]
fn a_golden_folder_without_recordings_fails() {
    let empty = tempfile::tempdir().expect("a folder");
    let report = replay(empty.path()).expect_err("there is nothing to match");
    assert!(report.contains("no .jsonl.gz or .jsonl files"), "{report}");
    assert!(replay(&empty.path().join("missing")).is_err());
}

/// Replays every recording of a folder; an error tells what differs.
fn replay(folder: &Path) -> Result<Score, String> {
    let files = recordings(folder)?;
    let scores: Vec<Score> = files.par_iter().map(|path| score_file(path)).collect();
    let mut total = Score::default();
    let mut families: BTreeMap<String, Score> = BTreeMap::new();
    for score in scores {
        families
            .entry(score.family.clone())
            .or_default()
            .absorb(&score);
        total.absorb(&score);
    }
    if total.is_perfect() {
        return Ok(total);
    }
    let mut report = format!("{total}\n");
    for (family, score) in families.iter().filter(|(_, score)| !score.is_perfect()) {
        let _ = writeln!(report, "  {family}: {score}");
    }
    for mismatch in total.mismatches.iter().take(TOLD) {
        let _ = writeln!(report, "{mismatch}");
    }
    Err(report)
}

/// How many scenarios and decisions match.
#[derive(Debug, Default)]
struct Score {
    family: String,
    scenarios: usize,
    scenarios_matched: usize,
    decisions: usize,
    decisions_matched: usize,
    mismatches: Vec<String>,
}

impl Score {
    fn absorb(&mut self, other: &Self) {
        self.scenarios += other.scenarios;
        self.scenarios_matched += other.scenarios_matched;
        self.decisions += other.decisions;
        self.decisions_matched += other.decisions_matched;
        self.mismatches.extend(other.mismatches.iter().cloned());
    }

    fn is_perfect(&self) -> bool {
        self.decisions > 0
            && self.scenarios == self.scenarios_matched
            && self.decisions == self.decisions_matched
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/{} scenarios, {}/{} decisions",
            self.scenarios_matched, self.scenarios, self.decisions_matched, self.decisions
        )
    }
}

fn recordings(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("{} can not be read: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".jsonl.gz") || name.ends_with(".jsonl")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!(
            "no .jsonl.gz or .jsonl files in {}",
            folder.display()
        ));
    }
    Ok(files)
}

fn score_file(path: &Path) -> Score {
    let file = File::open(path).expect("a listed file opens");
    let lines: Box<dyn BufRead> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(BufReader::new(GzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    };
    let mut score = Score::default();
    for line in lines.lines() {
        let line = line.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if line.trim().is_empty() {
            continue;
        }
        let scenario: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        score.family = text(&scenario["family"]);
        score_scenario(&scenario, &mut score);
    }
    score
}

fn score_scenario(scenario: &Value, score: &mut Score) {
    let id = text(&scenario["id"]);
    let mut cluster = Cluster::new(scenario);
    let mut state = HpaState::new();
    let compare_usage = !array(&scenario["tags"])
        .iter()
        .any(|tag| tag == "cur-implementation-defined");
    let mut all_matched = true;
    for (index, tick) in array(&scenario["ticks"]).iter().enumerate() {
        cluster.apply(tick);
        let decision = cluster.sync(tick, &mut state);
        let expected = recorded(&tick["out"], compare_usage);
        let actual = replayed(&decision, &state, &cluster.spec, compare_usage);
        score.decisions += 1;
        if expected == actual {
            score.decisions_matched += 1;
        } else {
            all_matched = false;
            score
                .mismatches
                .push(difference(&id, index, tick, &expected, &actual, &state));
        }
    }
    let expected = final_state(&scenario["finalState"]);
    let actual = remembered(&state);
    if expected != actual {
        all_matched = false;
        score.mismatches.push(format!(
            "{id} final state:\n  recorded {expected:?}\n  replayed {actual:?}"
        ));
    }
    score.scenarios += 1;
    score.scenarios_matched += usize::from(all_matched);
}

fn difference(
    id: &str,
    index: usize,
    tick: &Value,
    expected: &BTreeMap<&'static str, String>,
    actual: &BTreeMap<&'static str, String>,
    state: &HpaState,
) -> String {
    let mut report = format!("{id} tick {index} at {} ms:", tick["t"]);
    for (field, recorded) in expected {
        let replayed = &actual[field];
        if recorded != replayed {
            let _ = write!(
                report,
                "\n  {field}: recorded {recorded}, replayed {replayed}"
            );
        }
    }
    let _ = write!(
        report,
        "\n  proposals: recorded {}, replayed {:?}",
        tick["out"]["prop"],
        state.evaluations()
    );
    report
}

/// What is compared of one recorded tick, field by field.
fn recorded(out: &Value, compare_usage: bool) -> BTreeMap<&'static str, String> {
    let number = |value: &Value| format!("{:?}", value.as_i64());
    let mut conditions: Vec<String> = out["cond"]
        .as_object()
        .expect("`cond` is an object")
        .iter()
        .map(|(kind, entry)| format!("{kind}={} {}", text(&entry[0]), text(&entry[1])))
        .collect();
    conditions.sort();
    let events: Vec<String> = array(&out["ev"])
        .iter()
        .map(|event| format!("{} {}", text(&event[0]), text(&event[1])))
        .collect();
    let mut fields = BTreeMap::from([
        ("wrote", number(&out["wrote"])),
        ("desired", number(&out["desired"])),
        ("current", number(&out["current"])),
        ("rec", number(&out["rec"])),
        ("cond", conditions.join(", ")),
        ("lastScale", number(&out["lastScale"])),
        ("ev", events.join(", ")),
        ("err", out["err"].is_string().to_string()),
    ]);
    if compare_usage {
        let usage: Vec<String> = array(&out["cur"]).iter().map(recorded_usage).collect();
        fields.insert("cur", usage.join(", "));
    }
    fields
}

fn recorded_usage(metric: &Value) -> String {
    let kind = text(&metric["type"]);
    if kind.is_empty() {
        return "failed".to_owned();
    }
    let key = kind[..1].to_lowercase() + &kind[1..];
    let current = &metric[&key]["current"];
    let millis = |value: &Value| {
        value
            .as_str()
            .map(|text| Quantity::parse(text).expect("a quantity").milli_value())
    };
    format!(
        "{kind} percent {:?} average {:?} value {:?}",
        current["averageUtilization"].as_i64(),
        millis(&current["averageValue"]),
        millis(&current["value"])
    )
}

/// The same of a decision.
fn replayed(
    decision: &Decision,
    state: &HpaState,
    spec: &HpaSpec,
    compare_usage: bool,
) -> BTreeMap<&'static str, String> {
    let number = |value: Option<i32>| format!("{:?}", value.map(i64::from));
    let conditions: Vec<String> = decision
        .conditions
        .iter()
        .map(|(kind, status, reason)| format!("{kind}={status:?} {reason}"))
        .collect();
    let events: Vec<String> = state
        .events()
        .iter()
        .map(|event| format!("{} {}", event.reason.event_type(), event.reason.as_str()))
        .collect();
    let mut fields = BTreeMap::from([
        ("wrote", number(decision.written())),
        ("desired", number(Some(decision.desired_replicas))),
        ("current", number(Some(decision.current_replicas))),
        ("rec", number(decision.recommendation)),
        ("cond", conditions.join(", ")),
        (
            "lastScale",
            format!("{:?}", decision.last_scale_time.map(to_millis)),
        ),
        ("ev", events.join(", ")),
        ("err", decision.is_error().to_string()),
    ]);
    if compare_usage {
        let usage: Vec<String> = state
            .current_metrics()
            .zip(&spec.metrics)
            .map(|(usage, metric)| replayed_usage(usage, metric))
            .collect();
        fields.insert("cur", usage.join(", "));
    }
    fields
}

fn replayed_usage(usage: Option<Usage>, metric: &MetricSpec) -> String {
    let kind = match metric {
        MetricSpec::Resource { .. } => "Resource",
        MetricSpec::ContainerResource { .. } => "ContainerResource",
        MetricSpec::Pods { .. } => "Pods",
        MetricSpec::Object { .. } => "Object",
        MetricSpec::External { .. } => "External",
    };
    let (percent, average, value) = match usage {
        None => return "failed".to_owned(),
        Some(Usage::Utilization { percent, average }) => (Some(percent), Some(average), None),
        Some(Usage::AverageValue(average)) => (None, Some(average), None),
        Some(Usage::Value(value)) => (None, None, Some(value)),
    };
    format!("{kind} percent {percent:?} average {average:?} value {value:?}")
}

/// Recommendations (count, time), scale-up and scale-down events (change, time, outdated), in slot order.
type Memory = (
    Vec<(i64, i64)>,
    Vec<(i64, i64, bool)>,
    Vec<(i64, i64, bool)>,
);

fn final_state(recorded: &Value) -> Memory {
    let events = |list: &Value| {
        array(list)
            .iter()
            .map(|event| {
                let outdated = event[2] == 1 || event[2] == true;
                (integer(&event[0]), integer(&event[1]), outdated)
            })
            .collect()
    };
    (
        array(&recorded["recommendations"])
            .iter()
            .map(|slot| (integer(&slot[0]), integer(&slot[1])))
            .collect(),
        events(&recorded["scaleUpEvents"]),
        events(&recorded["scaleDownEvents"]),
    )
}

fn remembered(state: &HpaState) -> Memory {
    let events = |list: &[ScaleEvent]| {
        list.iter()
            .map(|event| {
                (
                    i64::from(event.replica_change),
                    to_millis(event.at),
                    event.outdated,
                )
            })
            .collect()
    };
    (
        state
            .recommendations()
            .iter()
            .map(|slot| (i64::from(slot.replicas), to_millis(slot.at)))
            .collect(),
        events(state.scale_up_events()),
        events(state.scale_down_events()),
    )
}
