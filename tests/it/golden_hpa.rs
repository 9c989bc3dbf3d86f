//! Decisions recorded from the real controller (`tests/golden/README.md`), replayed one by one.
//!
//! `SCALEPLAN_GOLDEN_DIR` names another folder of recordings. The reading of a recorded spec here is this test's own;
//! it shares nothing with the manifest reader.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rayon::prelude::*;
use scaleplan::hpa::{
    Behavior, ConditionStatus, ContainerShape, ContainerUsage, ControllerConfig, Decision, HpaSpec,
    HpaState, InitContainerKind, InitContainerShape, MetricFailure, MetricReading, MetricSpec,
    MetricTarget, Observation, PodGroup, PodPhase, PodSample, PodShape, PodUsage, PolicyKind,
    ReadyCondition, Resource, ScaleEvent, ScaleReading, ScaleUpdate, ScalingPolicy, ScalingRules,
    SelectPolicy, Selection, Usage, reconcile,
};
use scaleplan::units::{Quantity, SimDuration, SimTime};
use serde_json::Value;

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

/// The cluster as recorded, brought along by each tick's changes.
struct Cluster {
    config: ControllerConfig,
    spec: HpaSpec,
    shapes: Vec<PodShape>,
    pods: Vec<Pod>,
    resource_answer: Option<Value>,
    pods_answers: BTreeMap<String, Value>,
    object_answers: BTreeMap<String, Value>,
    external_answers: BTreeMap<String, Value>,
}

struct Pod {
    name: String,
    shape: usize,
    group: PodGroup,
}

/// An owned `MetricReading`.
enum Reading {
    PodResource(Result<Split, MetricFailure>, Vec<Option<i64>>),
    PodCustom(Result<Split, MetricFailure>),
    Object(Result<i64, MetricFailure>),
    External(Result<Vec<i64>, MetricFailure>),
}

/// The samples of the selected pods in their order, and those of other pods.
type Split = (Vec<Option<PodSample>>, Vec<PodSample>);

impl Cluster {
    fn new(scenario: &Value) -> Self {
        let controller = &scenario["controller"];
        let gate = |name: &str| controller[name].as_bool().expect("a feature gate");
        Self {
            config: ControllerConfig {
                tolerance: controller["tolerance"].as_f64().expect("a tolerance"),
                downscale_stabilization: duration(&controller["downscaleStabilizationMs"]),
                cpu_initialization_period: duration(&controller["cpuInitializationPeriodMs"]),
                initial_readiness_delay: duration(&controller["initialReadinessDelayMs"]),
                scale_to_zero: gate("featureHPAScaleToZero"),
                configurable_tolerance: gate("featureHPAConfigurableTolerance"),
                pod_level_resources: gate("featurePodLevelResources"),
                ..ControllerConfig::KUBERNETES_1_36
            },
            spec: spec(&scenario["hpaDefaulted"]),
            shapes: array(&scenario["templates"]).iter().map(shape).collect(),
            pods: Vec::new(),
            resource_answer: None,
            pods_answers: BTreeMap::new(),
            object_answers: BTreeMap::new(),
            external_answers: BTreeMap::new(),
        }
    }

    fn apply(&mut self, tick: &Value) {
        if tick["hpaDefaulted"].is_object() {
            self.spec = spec(&tick["hpaDefaulted"]);
        }
        for name in array(&tick["gone"]) {
            let name = text(name);
            self.pods.retain(|pod| pod.name != name);
        }
        for recorded in array(&tick["pods"]) {
            let new = pod(recorded);
            match self.pods.iter_mut().find(|pod| pod.name == new.name) {
                Some(old) => *old = new,
                None => self.pods.push(new),
            }
        }
        if tick["rm"].is_object() {
            self.resource_answer = Some(tick["rm"].clone());
        }
        for (answers, recorded) in [
            (&mut self.pods_answers, &tick["pm"]),
            (&mut self.object_answers, &tick["om"]),
            (&mut self.external_answers, &tick["em"]),
        ] {
            for (name, answer) in recorded.as_object().into_iter().flatten() {
                answers.insert(name.clone(), answer.clone());
            }
        }
    }

    fn sync(&self, tick: &Value, state: &mut HpaState) -> Decision {
        let (selection, selected): (Selection, &[Pod]) = match tick["selector"].as_str() {
            None => (Selection::Valid, &self.pods),
            Some("") => (Selection::Missing, &self.pods),
            Some("a in (") => (Selection::Unparsable, &self.pods),
            Some("app=none") => (Selection::Valid, &[]),
            Some(other) => panic!("unknown selector `{other}`"),
        };
        let groups: Vec<PodGroup> = selected.iter().map(|pod| pod.group).collect();
        let readings: Vec<Reading> = self
            .spec
            .metrics
            .iter()
            .map(|metric| self.reading(metric, selected))
            .collect();
        let metrics: Vec<MetricReading> = readings.iter().map(Reading::as_reading).collect();
        let observation = Observation {
            now: instant(&tick["t"]),
            scale: if tick["scaleGetErr"].is_string() {
                ScaleReading::Failed
            } else {
                ScaleReading::Found {
                    spec_replicas: int32(&tick["spec"]),
                    status_replicas: int32(&tick["status"]),
                }
            },
            selection,
            pods: &groups,
            metrics: &metrics,
            update: if tick["scaleUpdateErr"].is_string() {
                ScaleUpdate::Refused
            } else {
                ScaleUpdate::Accepted
            },
        };
        reconcile(&self.config, &self.spec, state, &observation)
    }

    fn reading(&self, metric: &MetricSpec, selected: &[Pod]) -> Reading {
        match metric {
            MetricSpec::Resource { resource, .. } => self.resource(selected, resource, None),
            MetricSpec::ContainerResource {
                resource,
                container,
                ..
            } => self.resource(selected, resource, Some(container)),
            MetricSpec::Pods { name, .. } => {
                let samples = items(self.pods_answers.get(name)).map(|items| {
                    let samples = items.iter().map(|item| {
                        let window = item["ws"].as_i64().unwrap_or(60);
                        let sample = PodSample {
                            timestamp: instant(&item["ts"]),
                            window: SimDuration::from_seconds(window),
                            value: millis(item),
                        };
                        (text(&item["p"]), sample)
                    });
                    split(samples.collect(), selected)
                });
                Reading::PodCustom(samples)
            }
            MetricSpec::Object { name, .. } => {
                Reading::Object(answer(self.object_answers.get(name)).map(millis))
            }
            MetricSpec::External { name, .. } => {
                Reading::External(answer(self.external_answers.get(name)).map(|answer| {
                    if answer["q"].is_array() {
                        array(&answer["q"]).iter().map(quantity).collect()
                    } else {
                        array(&answer["v"]).iter().map(integer).collect()
                    }
                }))
            }
        }
    }

    fn resource(&self, selected: &[Pod], resource: &Resource, container: Option<&str>) -> Reading {
        let samples = items(self.resource_answer.as_ref()).and_then(|items| {
            let mut samples = BTreeMap::new();
            for item in items {
                if let Some(sample) = resource_sample(item, resource, container)? {
                    samples.insert(text(&item["p"]), sample);
                }
            }
            Ok(split(samples, selected))
        });
        let requests = selected
            .iter()
            .map(|pod| self.shapes[pod.shape].request(&self.config, resource, container))
            .collect();
        Reading::PodResource(samples, requests)
    }
}

impl Reading {
    fn as_reading(&self) -> MetricReading<'_> {
        match self {
            Self::PodResource(samples, requests) => MetricReading::PodResource {
                samples: samples
                    .as_ref()
                    .map(|(samples, _)| samples.as_slice())
                    .map_err(|failure| *failure),
                strays: samples.as_ref().map_or(&[], |(_, strays)| strays),
                requests,
            },
            Self::PodCustom(samples) => MetricReading::PodCustom {
                samples: samples
                    .as_ref()
                    .map(|(samples, _)| samples.as_slice())
                    .map_err(|failure| *failure),
                strays: samples.as_ref().map_or(&[], |(_, strays)| strays),
            },
            Self::Object(value) => MetricReading::Object(*value),
            Self::External(values) => MetricReading::External(
                values
                    .as_ref()
                    .map(Vec::as_slice)
                    .map_err(|failure| *failure),
            ),
        }
    }
}

fn resource_sample(
    item: &Value,
    resource: &Resource,
    container: Option<&str>,
) -> Result<Option<PodSample>, MetricFailure> {
    let key = match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    };
    let containers: Vec<ContainerUsage> = item["c"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, usage)| ContainerUsage {
            name,
            usage: usage[key].as_i64(),
        })
        .collect();
    let usage = PodUsage {
        timestamp: instant(&item["ts"]),
        window: duration(&item["w"]),
        containers: &containers,
    };
    match container {
        None => Ok(usage.resource_sample()),
        Some(name) => usage.container_sample(name),
    }
}

fn split(mut samples: BTreeMap<String, PodSample>, selected: &[Pod]) -> Split {
    let of_pods = selected
        .iter()
        .map(|pod| samples.remove(&pod.name))
        .collect();
    (of_pods, samples.into_values().collect())
}

fn answer(answer: Option<&Value>) -> Result<&Value, MetricFailure> {
    answer
        .filter(|answer| !answer["err"].is_string())
        .ok_or(MetricFailure::ApiError)
}

fn items(recorded: Option<&Value>) -> Result<&[Value], MetricFailure> {
    let items = array(&answer(recorded)?["items"]);
    if items.is_empty() {
        return Err(MetricFailure::Empty);
    }
    Ok(items)
}

fn pod(recorded: &Value) -> Pod {
    Pod {
        name: text(&recorded["n"]),
        shape: usize::try_from(integer(&recorded["tpl"])).expect("an index"),
        group: PodGroup {
            count: 1,
            phase: match text(&recorded["ph"]).as_str() {
                "Pending" => PodPhase::Pending,
                "Running" => PodPhase::Running,
                "Succeeded" => PodPhase::Succeeded,
                "Failed" => PodPhase::Failed,
                "Unknown" => PodPhase::Unknown,
                other => panic!("unknown phase `{other}`"),
            },
            ready: recorded["r"].is_object().then(|| ReadyCondition {
                status: match text(&recorded["r"]["s"]).as_str() {
                    "True" => ConditionStatus::True,
                    "False" => ConditionStatus::False,
                    "Unknown" => ConditionStatus::Unknown,
                    other => panic!("unknown status `{other}`"),
                },
                last_transition: instant(&recorded["r"]["l"]),
            }),
            start_time: (!recorded["s"].is_null()).then(|| instant(&recorded["s"])),
            being_deleted: !recorded["d"].is_null(),
        },
    }
}

fn shape(template: &Value) -> PodShape {
    let init = |key: &str, kind: InitContainerKind| {
        array(&template[key])
            .iter()
            .map(move |recorded| InitContainerShape {
                container: container(recorded),
                kind,
            })
            .collect::<Vec<_>>()
    };
    let mut init_containers = init("i", InitContainerKind::Sidecar);
    init_containers.extend(init("i0", InitContainerKind::Plain));
    PodShape {
        containers: array(&template["k"]).iter().map(container).collect(),
        init_containers,
        pod_level_requests: requests(&template["pl"]),
    }
}

fn container(recorded: &Value) -> ContainerShape {
    ContainerShape {
        name: text(&recorded["n"]),
        requests: requests(&recorded["q"]),
    }
}

fn requests(recorded: &Value) -> Vec<(Resource, i64)> {
    recorded
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, millis)| (resource(name), integer(millis)))
        .collect()
}

fn resource(name: &str) -> Resource {
    match name {
        "cpu" => Resource::Cpu,
        "memory" => Resource::Memory,
        other => Resource::Other(other.to_owned()),
    }
}

fn spec(recorded: &Value) -> HpaSpec {
    let behavior = &recorded["behavior"];
    HpaSpec {
        min_replicas: int32(&recorded["minReplicas"]),
        max_replicas: int32(&recorded["maxReplicas"]),
        metrics: array(&recorded["metrics"])
            .iter()
            .map(metric_spec)
            .collect(),
        behavior: behavior.is_object().then(|| Behavior {
            scale_up: rules(&behavior["scaleUp"]),
            scale_down: rules(&behavior["scaleDown"]),
        }),
    }
}

fn metric_spec(recorded: &Value) -> MetricSpec {
    let kind = text(&recorded["type"]);
    let source = &recorded[kind[..1].to_lowercase() + &kind[1..]];
    let target = target(&source["target"]);
    let name = source["metric"]["name"].as_str().map(str::to_owned);
    match kind.as_str() {
        "Resource" => MetricSpec::Resource {
            resource: resource(&text(&source["name"])),
            target,
        },
        "ContainerResource" => MetricSpec::ContainerResource {
            resource: resource(&text(&source["name"])),
            container: text(&source["container"]),
            target,
        },
        "Pods" => MetricSpec::Pods {
            name: name.expect("a metric name"),
            target,
        },
        "Object" => MetricSpec::Object {
            name: name.expect("a metric name"),
            target,
        },
        "External" => MetricSpec::External {
            name: name.expect("a metric name"),
            target,
        },
        other => panic!("unknown metric source `{other}`"),
    }
}

fn target(recorded: &Value) -> MetricTarget {
    match text(&recorded["type"]).as_str() {
        "Utilization" => MetricTarget::Utilization(int32(&recorded["averageUtilization"])),
        "AverageValue" => MetricTarget::AverageValue(quantity(&recorded["averageValue"])),
        "Value" => MetricTarget::Value(quantity(&recorded["value"])),
        other => panic!("unknown target `{other}`"),
    }
}

fn rules(recorded: &Value) -> ScalingRules {
    ScalingRules {
        stabilization_window: recorded["stabilizationWindowSeconds"]
            .as_i64()
            .map(SimDuration::from_seconds),
        select_policy: match recorded["selectPolicy"].as_str() {
            None | Some("Max") => SelectPolicy::Max,
            Some("Min") => SelectPolicy::Min,
            Some("Disabled") => SelectPolicy::Disabled,
            Some(other) => panic!("unknown selectPolicy `{other}`"),
        },
        policies: array(&recorded["policies"])
            .iter()
            .map(|policy| ScalingPolicy {
                kind: match text(&policy["type"]).as_str() {
                    "Pods" => PolicyKind::Pods,
                    "Percent" => PolicyKind::Percent,
                    other => panic!("unknown policy `{other}`"),
                },
                value: int32(&policy["value"]),
                policy_period: SimDuration::from_seconds(integer(&policy["periodSeconds"])),
            })
            .collect(),
        tolerance: recorded["tolerance"]
            .as_str()
            .map(|text| Quantity::parse(text).expect("a tolerance").to_f64()),
    }
}

/// `q` as a quantity, else `v` in thousandths.
fn millis(recorded: &Value) -> i64 {
    if recorded["q"].is_string() {
        quantity(&recorded["q"])
    } else {
        integer(&recorded["v"])
    }
}

fn quantity(recorded: &Value) -> i64 {
    Quantity::parse(recorded.as_str().expect("a quantity"))
        .expect("a quantity")
        .milli_value()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn integer(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("`{value}` is no 64-bit integer"))
}

fn int32(value: &Value) -> i32 {
    i32::try_from(integer(value)).expect("a 32-bit integer")
}

fn instant(value: &Value) -> SimTime {
    SimTime::from_millis(integer(value))
}

fn duration(value: &Value) -> SimDuration {
    SimDuration::from_millis(integer(value))
}

fn to_millis(time: SimTime) -> i64 {
    time.as_nanos() / 1_000_000
}
