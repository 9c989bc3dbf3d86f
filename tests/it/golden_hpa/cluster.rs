//! The recorded cluster, from tick to tick, as the controller sees it.

use std::collections::BTreeMap;

use scaleplan::hpa::{
    ContainerUsage, ControllerConfig, Decision, HpaSpec, HpaState, MetricFailure, MetricReading,
    MetricSpec, Observation, PodGroup, PodSample, PodShape, PodUsage, Resource, ScaleReading,
    ScaleUpdate, Selection, reconcile,
};
use scaleplan::units::SimDuration;
use serde_json::Value;

use super::json::{
    array, duration, instant, int32, integer, millis, pod, quantity, shape, spec, text,
};

/// The cluster as recorded, brought along by each tick's changes.
pub(super) struct Cluster {
    config: ControllerConfig,
    pub(super) spec: HpaSpec,
    shapes: Vec<PodShape>,
    pods: Vec<Pod>,
    resource_answer: Option<Value>,
    pods_answers: BTreeMap<String, Value>,
    object_answers: BTreeMap<String, Value>,
    external_answers: BTreeMap<String, Value>,
}

pub(super) struct Pod {
    pub(super) name: String,
    /// Index of its shape.
    pub(super) shape: usize,
    pub(super) group: PodGroup,
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
    pub(super) fn new(scenario: &Value) -> Self {
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

    pub(super) fn apply(&mut self, tick: &Value) {
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

    pub(super) fn sync(&self, tick: &Value, state: &mut HpaState) -> Decision {
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
