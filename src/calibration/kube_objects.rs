//! `read_startups`: the lives of pods and KubeVirt machines, from what `kubectl get -o json` prints.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

/// How a replica started: seconds between the points of its life, where both are told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Startup {
    /// What it is.
    pub kind: StartupKind,
    /// From its creation until it was on a node.
    pub scheduled: Option<f64>,
    /// From there until its image, or its disk, was there.
    pub prepare: Option<f64>,
    /// From there until its container, or QEMU, ran.
    pub start: Option<f64>,
    /// Both together, where nothing tells when the image was there.
    pub prepare_and_start: Option<f64>,
    /// From there until it was last found ready: for the first time, unless it has been unready in between.
    pub ready: Option<f64>,
    /// How long its startup probe lets it start, s; 0 without one.
    pub startup_limit: f64,
    /// Time between two of its readiness probes, s.
    pub probe_period: Option<f64>,
}

/// What started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartupKind {
    /// A pod.
    Container,
    /// A KubeVirt machine.
    Vm,
}

impl StartupKind {
    /// The keys of its phases in a scenario file, in their order: prepare, start, ready.
    #[must_use]
    pub const fn phases(self) -> [&'static str; 3] {
        match self {
            Self::Container => ["container-prepare", "container-start", "container-ready"],
            Self::Vm => ["vm-prepare", "vm-start", "vm-ready"],
        }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Startups {
    /// Each replica of which something is known.
    pub replicas: Vec<Startup>,
    /// Pods and machines that tell no time.
    pub without_times: usize,
    /// Times that were before those of the phase before by more than a second: clocks that differ. They are left out.
    pub backwards: usize,
    /// Objects of other kinds.
    pub others: usize,
}

/// Why a text tells of no startup.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ObjectsError {
    /// Not what kubectl prints.
    #[error("{name}: not what `kubectl get pods -o json` prints: {problem}")]
    NotObjects {
        /// The file.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// No pod and no machine with times.
    #[error(
        "{name}: no pod and no VirtualMachineInstance with startup times among {found} objects, expected conditions or phase transitions in their status"
    )]
    NoTimes {
        /// The file.
        name: String,
        /// Objects that there are.
        found: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Object {
    kind: String,
    metadata: Metadata,
    spec: Spec,
    status: Status,
    items: Vec<Object>,
    reason: Option<String>,
    first_timestamp: Option<String>,
    event_time: Option<String>,
    last_timestamp: Option<String>,
    #[serde(rename = "involvedObject")]
    involved: Involved,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: String,
    creation_timestamp: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Involved {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Spec {
    containers: Vec<Container>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    readiness_probe: Option<Probe>,
    startup_probe: Option<Probe>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Probe {
    initial_delay_seconds: Option<f64>,
    period_seconds: Option<f64>,
    failure_threshold: Option<f64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    conditions: Vec<Condition>,
    container_statuses: Vec<ContainerStatus>,
    phase_transition_timestamps: Vec<Transition>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    last_transition_time: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ContainerStatus {
    restart_count: u64,
    state: State,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct State {
    running: Option<Running>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Running {
    started_at: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Transition {
    phase: String,
    phase_transition_timestamp: Option<String>,
}

/// Reads pods, VirtualMachineInstances and the events of image pulls, one object or a List.
///
/// A pod that was restarted tells no start of its container. Kubernetes writes whole seconds, so each time is known to a
/// second.
///
/// # Errors
/// When the text is not what kubectl prints, or tells no time at all.
pub fn read_startups(name: &str, text: &[u8]) -> Result<Startups, ObjectsError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let whole: Object = serde_json::from_slice(text).map_err(|error| ObjectsError::NotObjects {
        name: name.to_owned(),
        problem: error.to_string(),
    })?;
    let objects = if whole.items.is_empty() && !whole.kind.ends_with("List") {
        vec![whole]
    } else {
        whole.items
    };
    let pulled: BTreeMap<String, f64> = objects
        .iter()
        .filter(|object| object.reason.as_deref() == Some("Pulled"))
        .filter_map(|event| {
            let times = [
                &event.event_time,
                &event.first_timestamp,
                &event.last_timestamp,
            ];
            let at = times.into_iter().find_map(|time| seconds(time.as_ref()))?;
            Some((event.involved.name.clone(), at))
        })
        .collect();
    let mut all = Startups {
        replicas: Vec::new(),
        without_times: 0,
        backwards: 0,
        others: 0,
    };
    for object in &objects {
        let points = match object.kind.as_str() {
            "Pod" => pod(object, pulled.get(&object.metadata.name).copied()),
            "VirtualMachineInstance" => machine(object),
            // An item of a list of pods need not say its kind.
            "" if !object.status.conditions.is_empty() => {
                pod(object, pulled.get(&object.metadata.name).copied())
            }
            _ => {
                all.others += 1;
                continue;
            }
        };
        let mut between = |from: Option<f64>, to: Option<f64>| -> Option<f64> {
            let length = to? - from?;
            if length < -1.0 {
                all.backwards += 1;
                return None;
            }
            Some(length.max(0.0))
        };
        let startup = Startup {
            kind: points.kind,
            scheduled: between(points.created, points.scheduled),
            prepare: between(points.scheduled, points.prepared),
            start: between(points.prepared, points.started),
            prepare_and_start: match points.prepared {
                Some(_) => None,
                None => between(points.scheduled, points.started),
            },
            ready: between(points.started, points.ready),
            startup_limit: points.startup_limit,
            probe_period: points.probe_period,
        };
        let phases = [
            startup.prepare,
            startup.start,
            startup.prepare_and_start,
            startup.ready,
        ];
        if phases.iter().all(Option::is_none) {
            all.without_times += 1;
        } else {
            all.replicas.push(startup);
        }
    }
    if all.replicas.is_empty() {
        return Err(ObjectsError::NoTimes {
            name: name.to_owned(),
            found: objects.len(),
        });
    }
    Ok(all)
}

/// The points of a life, seconds since 1970.
struct Points {
    kind: StartupKind,
    created: Option<f64>,
    scheduled: Option<f64>,
    prepared: Option<f64>,
    started: Option<f64>,
    ready: Option<f64>,
    startup_limit: f64,
    probe_period: Option<f64>,
}

fn pod(object: &Object, pulled: Option<f64>) -> Points {
    let condition = |kind: &str| {
        let mut conditions = object.status.conditions.iter();
        conditions
            .find(|condition| condition.kind == kind && condition.status == "True")
            .and_then(|condition| seconds(condition.last_transition_time.as_ref()))
    };
    let statuses = &object.status.container_statuses;
    let was_restarted = statuses.iter().any(|status| status.restart_count > 0);
    let started = statuses
        .iter()
        .filter_map(|status| seconds(status.state.running.as_ref()?.started_at.as_ref()))
        .reduce(f64::max);
    let periods = object.spec.containers.iter().filter_map(|container| {
        let probe = container.readiness_probe.as_ref()?;
        Some(probe.period_seconds.unwrap_or(10.0))
    });
    let limits = object.spec.containers.iter().filter_map(|container| {
        let probe = container.startup_probe.as_ref()?;
        let failures = probe.failure_threshold.unwrap_or(3.0);
        let looks = probe.period_seconds.unwrap_or(10.0) * failures;
        Some(probe.initial_delay_seconds.unwrap_or(0.0) + looks)
    });
    Points {
        kind: StartupKind::Container,
        created: seconds(object.metadata.creation_timestamp.as_ref()),
        scheduled: condition("PodScheduled"),
        prepared: pulled,
        started: started.filter(|_| !was_restarted),
        ready: condition("Ready").filter(|_| !was_restarted),
        startup_limit: limits.fold(0.0, f64::max),
        probe_period: periods.reduce(f64::max),
    }
}

fn machine(object: &Object) -> Points {
    let phase = |name: &str| {
        let mut transitions = object.status.phase_transition_timestamps.iter();
        transitions
            .find(|transition| transition.phase == name)
            .and_then(|transition| seconds(transition.phase_transition_timestamp.as_ref()))
    };
    let mut conditions = object.status.conditions.iter();
    let ready = conditions
        .find(|condition| condition.kind == "Ready" && condition.status == "True")
        .and_then(|condition| seconds(condition.last_transition_time.as_ref()));
    let created = seconds(object.metadata.creation_timestamp.as_ref()).or(phase("Pending"));
    Points {
        kind: StartupKind::Vm,
        created,
        // Disks are made before the launcher's pod is placed, so its preparation counts from the creation.
        scheduled: created,
        prepared: phase("Scheduled").or(phase("Scheduling")),
        started: phase("Running"),
        ready,
        startup_limit: 0.0,
        probe_period: None,
    }
}

fn seconds(text: Option<&String>) -> Option<f64> {
    let at: jiff::Timestamp = text?.parse().ok()?;
    Some(at.as_millisecond() as f64 / 1e3)
}
