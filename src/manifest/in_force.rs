//! What is in force of an autoscaler, its workload and its Service: each setting that a replay reads, as a path and a
//! value, every default applied.

use std::fmt::Display;

use super::keda::KedaFacts;
use super::manifests::Manifests;
use super::object::{Autoscaler, MetricSource, Workload};
use super::service::Service;
use super::virtual_machine::{DiskKind, Filling, VmFacts};
use super::workload::{ContainerFacts, PodFacts, Probe, ProbeKind, ResourceFacts};
use crate::hpa::{InitContainerKind, MetricTarget, PolicyKind, ScalingRules, SelectPolicy};
use crate::units::{Quantity, SimDuration};

/// Which object a setting is of, seen from the autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The autoscaler itself.
    Autoscaler,
    /// What it scales.
    Workload,
    /// The Service with session affinity before it.
    Service,
}

/// The settings of one object.
pub(crate) struct InForce {
    pub(crate) role: Role,
    /// `Kind namespace/name`.
    pub(crate) object: String,
    /// Path and value of each, in the order of the manifest; no path twice.
    pub(crate) settings: Vec<(String, String)>,
}

/// The settings of an autoscaler and of the objects that it is played with.
pub(crate) fn in_force(manifests: &Manifests, autoscaler: &Autoscaler) -> Vec<InForce> {
    let workload = manifests.workload_for(autoscaler);
    let service = workload.and_then(|workload| manifests.service_for(workload));
    let mut all = vec![of_autoscaler(autoscaler)];
    all.extend(workload.map(of_workload));
    all.extend(service.map(of_service));
    all
}

/// `Kind namespace/name`, or without the namespace where none is given.
pub(crate) fn object_name(kind: &str, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// Collects settings, each path once.
#[derive(Default)]
struct Collected(Vec<(String, String)>);

impl Collected {
    fn put(&mut self, path: impl Into<String>, value: impl Display) {
        let path = path.into();
        let mut unique = path.clone();
        let mut number = 1;
        while self.0.iter().any(|(known, _)| *known == unique) {
            number += 1;
            unique = format!("{path} ({number})");
        }
        self.0.push((unique, value.to_string()));
    }

    fn put_some(&mut self, path: impl Into<String>, value: Option<impl Display>) {
        if let Some(value) = value {
            self.put(path, value);
        }
    }

    fn put_resources(&mut self, path: &str, amounts: ResourceFacts) {
        let cpu = amounts.cpu_milli.map(Quantity::from_milli);
        self.put_some(format!("{path}.cpu"), cpu);
        self.put_some(
            format!("{path}.memory"),
            amounts.memory_milli.map(memory_text),
        );
    }

    fn put_probe(&mut self, path: &str, probe: Option<&Probe>) {
        let Some(probe) = probe else {
            return;
        };
        self.put(path, probe_kind(probe.kind));
        for (key, value) in [
            ("initialDelaySeconds", seconds(probe.initial_delay)),
            ("periodSeconds", seconds(probe.probe_period)),
            ("timeoutSeconds", seconds(probe.timeout)),
            ("successThreshold", probe.success_threshold.to_string()),
            ("failureThreshold", probe.failure_threshold.to_string()),
        ] {
            self.put(format!("{path}.{key}"), value);
        }
    }
}

fn of_autoscaler(autoscaler: &Autoscaler) -> InForce {
    let mut settings = Collected::default();
    let keda = autoscaler.keda.as_deref();
    let (least, most) = match keda {
        Some(_) => ("spec.minReplicaCount", "spec.maxReplicaCount"),
        None => ("spec.minReplicas", "spec.maxReplicas"),
    };
    let target = &autoscaler.scale_target;
    settings.put(
        "spec.scaleTargetRef",
        format!("{}/{}", target.kind.name(), target.name),
    );
    settings.put(least, autoscaler.spec.min_replicas);
    settings.put(most, autoscaler.spec.max_replicas);
    for (metric, source) in autoscaler
        .spec
        .metrics
        .iter()
        .zip(&autoscaler.metric_sources)
    {
        let path = format!("spec.metrics[{}]", metric_name(source));
        settings.put(path, target_text(metric.target()));
    }
    if let Some(behavior) = &autoscaler.spec.behavior {
        put_rules(&mut settings, "scaleUp", &behavior.scale_up);
        put_rules(&mut settings, "scaleDown", &behavior.scale_down);
    }
    if let Some(keda) = keda {
        put_keda(&mut settings, keda);
    }
    let namespace = autoscaler.namespace.as_deref();
    let (kind, name) = autoscaler.kind_and_name();
    InForce {
        role: Role::Autoscaler,
        object: object_name(kind, namespace, name),
        settings: settings.0,
    }
}

fn put_rules(settings: &mut Collected, direction: &str, rules: &ScalingRules) {
    let path = |key: &str| format!("spec.behavior.{direction}.{key}");
    let window = rules
        .stabilization_window
        .map_or_else(|| "as the controller's flag says".to_owned(), seconds);
    settings.put(path("stabilizationWindowSeconds"), window);
    let select = match rules.select_policy {
        SelectPolicy::Max => "Max",
        SelectPolicy::Min => "Min",
        SelectPolicy::Disabled => "Disabled",
    };
    settings.put(path("selectPolicy"), select);
    let policies: Vec<String> = rules
        .policies
        .iter()
        .map(|policy| {
            let kind = match policy.kind {
                PolicyKind::Pods => "Pods",
                PolicyKind::Percent => "Percent",
            };
            let period = seconds(policy.policy_period);
            format!("{} {kind} in {period} s", policy.value)
        })
        .collect();
    settings.put(path("policies"), policies.join(", "));
    settings.put_some(path("tolerance"), rules.tolerance);
}

fn put_keda(settings: &mut Collected, keda: &KedaFacts) {
    settings.put("spec.pollingInterval", seconds(keda.polling_interval));
    settings.put("spec.cooldownPeriod", seconds(keda.cooldown));
    settings.put_some("replicas while no trigger is active", keda.idle_replicas);
    for metric in &keda.metrics {
        let trigger = metric
            .trigger
            .map_or("scalingModifiers".to_owned(), |index| {
                format!("triggers[{index}]")
            });
        settings.put_some(format!("spec.{trigger}, active above"), metric.active_above);
    }
    let fallback = keda
        .fallback
        .map(|(replicas, failures)| format!("{replicas} replicas after {failures} failures"));
    settings.put_some("spec.fallback", fallback);
}

fn of_workload(workload: &Workload) -> InForce {
    let mut settings = Collected::default();
    settings.put_some("spec.replicas", workload.replicas);
    put_pod(&mut settings, &workload.pod);
    InForce {
        role: Role::Workload,
        object: object_name(
            workload.kind.name(),
            workload.namespace.as_deref(),
            &workload.name,
        ),
        settings: settings.0,
    }
}

fn put_pod(settings: &mut Collected, pod: &PodFacts) {
    settings.put("spec.minReadySeconds", seconds(pod.min_ready_seconds));
    settings.put(
        "terminationGracePeriodSeconds",
        seconds(pod.termination_grace_period),
    );
    for container in &pod.containers {
        put_container(
            settings,
            &format!("containers[{}]", container.name),
            container,
        );
    }
    for (container, kind) in &pod.init_containers {
        let kind = match kind {
            InitContainerKind::Plain => "",
            InitContainerKind::Sidecar => ", a sidecar",
        };
        let path = format!("initContainers[{}{kind}]", container.name);
        put_container(settings, &path, container);
    }
    settings.put_resources("resources.requests", pod.pod_level_requests);
    settings.put_resources("resources.limits", pod.pod_level_limits);
    if let Some(machine) = &pod.vm {
        put_machine(settings, machine);
    }
}

fn put_container(settings: &mut Collected, path: &str, container: &ContainerFacts) {
    settings.put_resources(&format!("{path}.requests"), container.requests);
    settings.put_resources(&format!("{path}.limits"), container.limits);
    settings.put_probe(&format!("{path}.startupProbe"), container.startup.as_ref());
    settings.put_probe(
        &format!("{path}.readinessProbe"),
        container.readiness.as_ref(),
    );
    let pre_stop = container
        .pre_stop
        .map(|sleep| format!("{} s", seconds(sleep)));
    settings.put_some(format!("{path}.lifecycle.preStop"), pre_stop);
}

fn put_machine(settings: &mut Collected, machine: &VmFacts) {
    settings.put_some("vCPUs", machine.vcpus);
    if machine.dedicated_cpus {
        settings.put("dedicatedCpuPlacement", "true");
    }
    settings.put_some("guest memory", machine.guest_memory);
    settings.put_some("instancetype", machine.instancetype.as_ref());
    for disk in &machine.disks {
        settings.put(format!("volumes[{}]", disk.name), disk_text(&disk.kind));
    }
}

fn of_service(service: &Service) -> InForce {
    InForce {
        role: Role::Service,
        object: object_name("Service", service.namespace.as_deref(), &service.name),
        settings: vec![(
            "spec.sessionAffinity".to_owned(),
            format!("ClientIP for {} s", seconds(service.affinity)),
        )],
    }
}

fn metric_name(source: &MetricSource) -> String {
    let mut name = source.name.clone();
    if let Some(container) = &source.container {
        name = format!("{name} of container {container}");
    }
    if let Some(object) = &source.described_object {
        name = format!("{name} of {}/{}", object.kind, object.name);
    }
    if let Some(selector) = source.selector.as_ref().filter(|it| !it.is_empty()) {
        name = format!("{name} {{{selector}}}");
    }
    name
}

fn target_text(target: MetricTarget) -> String {
    match target {
        MetricTarget::Utilization(percent) => format!("averageUtilization {percent}"),
        MetricTarget::AverageValue(milli) => {
            format!("averageValue {}", Quantity::from_milli(milli))
        }
        MetricTarget::Value(milli) => format!("value {}", Quantity::from_milli(milli)),
    }
}

fn probe_kind(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::HttpGet => "httpGet",
        ProbeKind::TcpSocket => "tcpSocket",
        ProbeKind::Grpc => "grpc",
        ProbeKind::Exec => "exec",
        ProbeKind::GuestAgentPing => "guestAgentPing",
    }
}

fn disk_text(kind: &DiskKind) -> String {
    match kind {
        DiskKind::ContainerDisk { image } => format!("containerDisk {image}"),
        DiskKind::DataVolume { size, filling } => {
            let size = size.map_or_else(String::new, |size| format!(", {size}"));
            let filling = match filling {
                Filling::Clone => "cloned",
                Filling::Import => "imported",
                Filling::Blank => "blank",
                Filling::Unknown => "filled as nobody says",
            };
            format!("dataVolume, {filling}{size}")
        }
        DiskKind::PersistentVolumeClaim => "persistentVolumeClaim".to_owned(),
        DiskKind::Ephemeral => "ephemeral".to_owned(),
        DiskKind::EmptyDisk => "emptyDisk".to_owned(),
        DiskKind::Data => "data of the cluster".to_owned(),
    }
}

/// A number of seconds without its unit.
fn seconds(span: SimDuration) -> String {
    span.as_seconds().to_string()
}

/// Memory in the largest binary unit that it is a whole number of.
fn memory_text(milli_bytes: i64) -> String {
    const UNITS: [(&str, i64); 3] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let whole = UNITS
        .iter()
        .find(|(_, bytes)| milli_bytes != 0 && milli_bytes % (bytes * 1000) == 0);
    match whole {
        Some((unit, bytes)) => format!("{}{unit}", milli_bytes / (bytes * 1000)),
        None => Quantity::from_milli(milli_bytes).to_string(),
    }
}
