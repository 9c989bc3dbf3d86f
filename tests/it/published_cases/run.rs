//! An autoscaler to play a published case with.

use std::fs;
use std::path::Path;

use scaleplan::hpa::{
    Behavior, ConditionStatus, ControllerConfig, Decision, HpaSpec, HpaState, MetricReading,
    MetricSpec, MetricTarget, Observation, PodGroup, PodPhase, PodSample, PolicyKind,
    ReadyCondition, Resource, ScaleReading, ScaleUpdate, ScalingPolicy, ScalingRules, SelectPolicy,
    Selection, reconcile,
};
use scaleplan::units::{SimDuration, SimTime};
use serde_json::Value;

/// What each pod requests, thousandths; utilization in percent is then a sample's thousandths over ten.
const REQUEST: i64 = 1000;

pub(crate) fn case(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entry = fs::read_dir(&folder)
        .expect("tests/cases can be listed")
        .map(|entry| entry.expect("tests/cases can be listed").path())
        .find(|path| {
            path.file_name()
                .is_some_and(|file| file.to_string_lossy().starts_with(name))
        })
        .unwrap_or_else(|| panic!("no case {name}"));
    serde_json::from_str(&fs::read_to_string(entry).expect("UTF-8")).expect("JSON")
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("`{value}` is no list"))
}

pub(crate) fn count(value: &Value) -> i32 {
    let number = value
        .as_i64()
        .unwrap_or_else(|| panic!("`{value}` is no count"));
    i32::try_from(number).expect("a 32-bit count")
}

pub(super) fn counts(value: &Value) -> Vec<i32> {
    list(value).iter().map(count).collect()
}

/// What the metrics say at a sync.
#[derive(Clone, Copy)]
pub(super) enum Load {
    /// Percent of request over the first pods; the rest have no sample yet.
    Utilization { percent: i64, counted: i32 },
    /// The controller's recommendation itself.
    Recommend(i32),
}

/// An autoscaler, and what it has done so far.
pub(super) struct Run {
    config: ControllerConfig,
    pub(super) spec: HpaSpec,
    state: HpaState,
    /// How many drifting syncs there were.
    drifting_syncs: i64,
}

impl Run {
    pub(super) fn new(spec: HpaSpec) -> Self {
        Self {
            config: ControllerConfig::KUBERNETES_1_36,
            spec,
            state: HpaState::new(),
            drifting_syncs: 0,
        }
    }

    /// A CPU utilization target without `behavior`.
    pub(super) fn of_utilization(percent: &Value, min_replicas: i32, max_replicas: i32) -> Self {
        Self::new(HpaSpec {
            min_replicas,
            max_replicas,
            metrics: vec![MetricSpec::Resource {
                resource: Resource::Cpu,
                target: MetricTarget::Utilization(count(percent)),
            }],
            behavior: None,
        })
    }

    /// As a case's `config` says it.
    pub(super) fn of_config(config: &Value) -> Self {
        let bound = |key: &str| config[key].as_i64().map_or(1, |_| count(&config[key]));
        Self::of_utilization(&config["target_pct"], bound("min"), bound("max"))
    }

    /// A metric that makes the controller recommend any wanted count: one for each pod, and no tolerance.
    pub(super) fn of_recommendations(
        behavior: Option<Behavior>,
        min_replicas: i32,
        max_replicas: i32,
    ) -> Self {
        let mut run = Self::new(HpaSpec {
            min_replicas,
            max_replicas,
            metrics: vec![MetricSpec::External {
                name: "wanted_pods".to_owned(),
                target: MetricTarget::AverageValue(1000),
            }],
            behavior,
        });
        run.config.tolerance = 0.0;
        run
    }

    /// One sync, a millisecond later than the one before would have it: real syncs drift off their grid.
    pub(super) fn drifting_sync(&mut self, seconds: i64, current: i32, load: Load) -> Decision {
        self.drifting_syncs += 1;
        let now = SimTime::from_seconds(seconds) + SimDuration::from_millis(self.drifting_syncs);
        self.sync_at(now, current, load)
    }

    pub(super) fn sync(&mut self, seconds: i64, current: i32, load: Load) -> Decision {
        self.sync_at(SimTime::from_seconds(seconds), current, load)
    }

    fn sync_at(&mut self, now: SimTime, current: i32, load: Load) -> Decision {
        let pods = |count: i32| grown_pods(count, now);
        match load {
            Load::Utilization { percent, counted } => {
                let groups = [pods(counted), pods(current - counted)];
                let samples = [Some(sample(percent * REQUEST / 100, now)), None];
                let reading = MetricReading::PodResource {
                    samples: Ok(&samples),
                    strays: &[],
                    requests: &[Some(REQUEST), Some(REQUEST)],
                };
                self.observe(now, current, &groups, reading)
            }
            Load::Recommend(replicas) => {
                let series = [i64::from(replicas) * 1000];
                let reading = MetricReading::External(Ok(&series));
                self.observe(now, current, &[pods(current)], reading)
            }
        }
    }

    pub(super) fn observe(
        &mut self,
        now: SimTime,
        current: i32,
        pods: &[PodGroup],
        reading: MetricReading<'_>,
    ) -> Decision {
        let observation = Observation {
            now,
            scale: ScaleReading::Found {
                spec_replicas: current,
                status_replicas: current,
            },
            selection: Selection::Valid,
            pods,
            metrics: &[reading],
            update: ScaleUpdate::Accepted,
        };
        reconcile(&self.config, &self.spec, &mut self.state, &observation)
    }

    /// Syncs every `period` seconds, each following what the one before wrote; the counts after each.
    pub(super) fn closed_loop(&mut self, start: i32, period: i64, loads: &[Load]) -> Vec<i32> {
        let mut current = start;
        let mut replicas = Vec::new();
        for (&load, sync) in loads.iter().zip(0..) {
            current = self.sync(sync * period, current, load).desired_replicas;
            replicas.push(current);
        }
        replicas
    }
}

/// Pods that have been ready for an hour.
pub(super) fn grown_pods(count: i32, now: SimTime) -> PodGroup {
    PodGroup {
        count: u32::try_from(count).expect("a count"),
        phase: PodPhase::Running,
        ready: Some(ReadyCondition {
            status: ConditionStatus::True,
            last_transition: now - SimDuration::from_seconds(3590),
        }),
        start_time: Some(now - SimDuration::from_seconds(3600)),
        being_deleted: false,
    }
}

pub(super) fn sample(value: i64, now: SimTime) -> PodSample {
    PodSample {
        timestamp: now,
        window: SimDuration::from_seconds(30),
        value,
    }
}

pub(super) fn all_counted(percent: &Value, current: i32) -> Load {
    Load::Utilization {
        percent: i64::from(count(percent)),
        counted: current,
    }
}

pub(super) fn policy(kind: PolicyKind, value: i32, seconds: i32) -> ScalingPolicy {
    ScalingPolicy {
        kind,
        value,
        policy_period: SimDuration::from_seconds(i64::from(seconds)),
    }
}

pub(super) fn rules(window_seconds: i64, policies: Vec<ScalingPolicy>) -> ScalingRules {
    ScalingRules {
        stabilization_window: Some(SimDuration::from_seconds(window_seconds)),
        select_policy: SelectPolicy::Max,
        policies,
        tolerance: None,
    }
}

/// What the API fills in where `scaleUp` is absent.
pub(super) fn default_up() -> ScalingRules {
    rules(
        0,
        vec![
            policy(PolicyKind::Pods, 4, 15),
            policy(PolicyKind::Percent, 100, 15),
        ],
    )
}

/// What the API and the controller fill in where `scaleDown` is absent.
pub(super) fn default_down() -> ScalingRules {
    rules(300, vec![policy(PolicyKind::Percent, 100, 15)])
}

/// Policies as the API writes them.
pub(super) fn written_policies(value: &Value) -> Vec<ScalingPolicy> {
    list(value)
        .iter()
        .map(|written| {
            let kind = match written["type"].as_str() {
                Some("Pods") => PolicyKind::Pods,
                Some("Percent") => PolicyKind::Percent,
                other => panic!("unknown policy {other:?}"),
            };
            policy(
                kind,
                count(&written["value"]),
                count(&written["periodSeconds"]),
            )
        })
        .collect()
}

/// A policy in the cases' short form, such as `Percent 700/60`.
pub(super) fn short_policy(value: &Value) -> ScalingPolicy {
    let text = value.as_str().expect("a policy");
    let (kind, rest) = text.split_once(' ').expect("a kind");
    let (value, seconds) = rest.split_once('/').expect("a period");
    let kind = match kind {
        "Pods" => PolicyKind::Pods,
        "Percent" => PolicyKind::Percent,
        other => panic!("unknown policy {other}"),
    };
    policy(
        kind,
        value.parse().expect("a value"),
        seconds.parse().expect("seconds"),
    )
}
