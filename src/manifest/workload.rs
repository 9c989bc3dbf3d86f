//! Deployment, StatefulSet, ReplicaSet: replicas, requests, limits and probes, with the API's defaults applied.

use std::collections::BTreeMap;

use super::decode::{Decoder, Field, Written};
use super::error::{Concern, ErrorKind, Fault};
use super::pre_stop;
use super::virtual_machine::VmFacts;
use crate::hpa::{
    ContainerShape, ControllerConfig, InitContainerKind, InitContainerShape, PodShape, Resource,
};
use crate::units::{Quantity, SimDuration};

/// `terminationGracePeriodSeconds` where none is given; the same for pods and virtual machines.
pub(crate) const DEFAULT_GRACE_SECONDS: i64 = 30;

/// What a workload's pods are like.
#[derive(Clone, Debug, PartialEq)]
pub struct PodFacts {
    /// The labels of the pods, by which a Service finds them.
    pub labels: BTreeMap<String, String>,
    /// The containers. A virtual machine has one, `compute`.
    pub containers: Vec<ContainerFacts>,
    /// The init containers in order, each a plain one or a sidecar.
    pub init_containers: Vec<(ContainerFacts, InitContainerKind)>,
    /// `spec.resources.requests` of the pod itself, as written.
    pub pod_level_requests: ResourceFacts,
    /// `spec.resources.limits` of the pod itself, as written.
    pub pod_level_limits: ResourceFacts,
    /// `terminationGracePeriodSeconds`, 30 s by default.
    pub termination_grace_period: SimDuration,
    /// `minReadySeconds` of the workload: how long a ready pod counts as unavailable.
    pub min_ready_seconds: SimDuration,
    /// For KubeVirt's kinds.
    pub vm: Option<VmFacts>,
}

/// One container.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerFacts {
    /// Its name.
    pub name: String,
    /// Requests. As in the API, a limit stands in for a request that is absent.
    pub requests: ResourceFacts,
    /// Limits.
    pub limits: ResourceFacts,
    /// `readinessProbe`.
    pub readiness: Option<Probe>,
    /// `startupProbe`.
    pub startup: Option<Probe>,
    /// How long `lifecycle.preStop` sleeps, if that is what it does.
    pub pre_stop: Option<SimDuration>,
}

/// Amounts of cpu and memory, in thousandths: millicores and thousandths of a byte, as the HPA controller counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceFacts {
    /// Millicores.
    pub cpu_milli: Option<i64>,
    /// Thousandths of a byte.
    pub memory_milli: Option<i64>,
}

/// A probe with the API's defaults applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it does.
    pub kind: ProbeKind,
    /// `initialDelaySeconds`, 0 by default.
    pub initial_delay: SimDuration,
    /// `periodSeconds`, 10 s by default.
    pub probe_period: SimDuration,
    /// `timeoutSeconds`, 1 s by default.
    pub timeout: SimDuration,
    /// `successThreshold`, 1 by default.
    pub success_threshold: i32,
    /// `failureThreshold`, 3 by default.
    pub failure_threshold: i32,
}

/// What a probe does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// `httpGet`.
    HttpGet,
    /// `tcpSocket`.
    TcpSocket,
    /// `grpc`.
    Grpc,
    /// `exec`.
    Exec,
    /// KubeVirt's `guestAgentPing`: asks the agent in the guest.
    GuestAgentPing,
}

/// What is read of a workload besides its name.
pub(crate) struct WorkloadParts {
    pub(crate) replicas: Option<i32>,
    pub(crate) pod: PodFacts,
}

impl PodFacts {
    /// The containers that run as long as the pod: these and the sidecars.
    pub fn lasting_containers(&self) -> impl Iterator<Item = &ContainerFacts> {
        let sidecars = self
            .init_containers
            .iter()
            .filter(|(_, kind)| *kind == InitContainerKind::Sidecar)
            .map(|(container, _)| container);
        self.containers.iter().chain(sidecars)
    }

    /// How long the pod's preStop hooks sleep: the longest of its containers'.
    #[must_use]
    pub fn pre_stop(&self) -> Option<SimDuration> {
        self.lasting_containers()
            .filter_map(|container| container.pre_stop)
            .max()
    }

    /// What the controller looks at of such a pod.
    #[must_use]
    pub fn shape(&self) -> PodShape {
        let mut shape = PodShape {
            containers: self.containers.iter().map(ContainerFacts::shape).collect(),
            init_containers: self
                .init_containers
                .iter()
                .map(|(container, kind)| InitContainerShape {
                    container: container.shape(),
                    kind: *kind,
                })
                .collect(),
            pod_level_requests: self.pod_level_requests.amounts(),
        };
        // Where the pod as a whole has a limit and no request, the request becomes what its containers request, or else
        // the limit (`defaultPodRequests` in `pkg/apis/core/v1/defaults.go`).
        for (resource, limit) in self.pod_level_limits.amounts() {
            let stated = &shape.pod_level_requests;
            if stated.iter().any(|(known, _)| *known == resource) {
                continue;
            }
            // A request for another resource makes the controller's own rule sum up the containers.
            let other = match resource {
                Resource::Cpu => Resource::Memory,
                _ => Resource::Cpu,
            };
            let summing = PodShape {
                pod_level_requests: vec![(other, 0)],
                ..shape.clone()
            };
            let sum = summing.request(&ControllerConfig::KUBERNETES_1_36, &resource, None);
            shape
                .pod_level_requests
                .push((resource, sum.unwrap_or(limit)));
        }
        shape
    }
}

impl ContainerFacts {
    fn shape(&self) -> ContainerShape {
        ContainerShape {
            name: self.name.clone(),
            requests: self.requests.amounts(),
        }
    }
}

/// Reads the object of a Deployment, StatefulSet or ReplicaSet.
pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    api_version: &str,
) -> Option<WorkloadParts> {
    let Some(spec) = decoder.object(object, "spec") else {
        if decoder.faults.is_empty() {
            let missing = object.missing("spec", "`selector` and `template`");
            decoder.faults.push(missing.about(Concern::Whole));
        }
        return None;
    };
    // Older versions took the selector from the template's labels.
    if api_version == "apps/v1" && decoder.object(&spec, "selector").is_none() {
        decoder.faults.push(spec.missing(
            "selector",
            "labels of the pods, in a whole object; a kustomize patch has to be built first: `kubectl kustomize DIR | scaleplan ... -`",
        ).about(Concern::Whole));
        return None;
    }
    let replicas = read_replicas(decoder, &spec);
    let min_ready_seconds = read_seconds(decoder, &spec, "minReadySeconds", 0);
    let labels = read_labels(decoder, &spec, "template");
    let template = read_template(decoder, &spec)?;
    let mut init_containers = Vec::new();
    let init = decoder.objects(&template, "initContainers");
    for container in init.into_iter().flat_map(|list| list.value) {
        let restart = decoder.string(&container, "restartPolicy");
        let kind = match restart {
            Some(policy) if policy.value == "Always" => InitContainerKind::Sidecar,
            _ => InitContainerKind::Plain,
        };
        init_containers.extend(read_container(decoder, &container).map(|facts| (facts, kind)));
    }
    let mut containers = Vec::new();
    let listed = decoder.objects(&template, "containers");
    match listed.filter(|list| !list.value.is_empty()) {
        Some(list) => {
            containers.reserve_exact(list.value.len());
            for container in &list.value {
                containers.extend(read_container(decoder, container));
            }
        }
        None => decoder
            .faults
            .push(template.missing("containers", "at least one container")),
    }
    let (pod_level_requests, pod_level_limits) = read_resources(decoder, &template);
    Some(WorkloadParts {
        replicas,
        pod: PodFacts {
            labels,
            containers,
            init_containers,
            pod_level_requests,
            pod_level_limits,
            termination_grace_period: read_grace(decoder, &template),
            min_ready_seconds,
            vm: None,
        },
    })
}

/// `spec.template.spec`, which has to be there.
pub(crate) fn read_template<'a>(decoder: &mut Decoder, spec: &Field<'a>) -> Option<Field<'a>> {
    let template = decoder.object(spec, "template");
    let inner = template.and_then(|template| decoder.object(&template, "spec"));
    if inner.is_none() && decoder.faults.is_empty() {
        let missing = spec.missing(
            "template.spec",
            "what the pods or virtual machines are like",
        );
        decoder.faults.push(missing.about(Concern::Whole));
    }
    inner
}

/// The labels in the metadata of what is below `key`. Those that are no strings are left out, and not told: no replay
/// needs them.
pub(crate) fn read_labels(
    decoder: &mut Decoder,
    parent: &Field<'_>,
    key: &str,
) -> BTreeMap<String, String> {
    let faults = decoder.faults.len();
    let labels = decoder
        .object(parent, key)
        .and_then(|template| decoder.object(&template, "metadata"))
        .and_then(|metadata| decoder.object(&metadata, "labels"))
        .map(|labels| decoder.strings(&labels));
    decoder.faults.truncate(faults);
    let labels = labels.into_iter().flatten();
    labels.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// `replicas`, which has to be no less than zero.
pub(crate) fn read_replicas(decoder: &mut Decoder, spec: &Field<'_>) -> Option<i32> {
    let replicas = decoder.int32(spec, "replicas")?;
    if replicas.value < 0 {
        let problem = format!("`{}` replicas, expected 0 or more", replicas.value);
        decoder.faults.push(replicas.invalid(problem));
    }
    Some(replicas.value)
}

pub(crate) fn read_grace(decoder: &mut Decoder, spec: &Field<'_>) -> SimDuration {
    read_seconds(
        decoder,
        spec,
        "terminationGracePeriodSeconds",
        DEFAULT_GRACE_SECONDS,
    )
}

/// Requests and limits of `resources`. A limit stands in for an absent request only in `fill_requests`.
pub(crate) fn read_resources(
    decoder: &mut Decoder,
    parent: &Field<'_>,
) -> (ResourceFacts, ResourceFacts) {
    let Some(resources) = decoder.object(parent, "resources") else {
        return Default::default();
    };
    let mut read = |key: &str| {
        let list = decoder.object(&resources, key)?;
        let cpu = read_amount(decoder, &list, "cpu");
        let memory = read_amount(decoder, &list, "memory");
        Some((cpu, memory))
    };
    let requests = read("requests").unwrap_or_default();
    let limits = read("limits").unwrap_or_default();
    for (request, limit) in [(&requests.0, &limits.0), (&requests.1, &limits.1)] {
        if let (Some(request), Some(limit)) = (request, limit)
            && request.value > limit.value
        {
            let problem = format!(
                "`{}` is above the limit `{}`, expected no more",
                request.value, limit.value
            );
            decoder.faults.push(request.invalid(problem));
        }
    }
    let facts = |(cpu, memory): &(Option<Written<Quantity>>, Option<Written<Quantity>>)| {
        let milli =
            |amount: &Option<Written<Quantity>>| amount.as_ref().map(|it| it.value.milli_value());
        ResourceFacts {
            cpu_milli: milli(cpu),
            memory_milli: milli(memory),
        }
    };
    (facts(&requests), facts(&limits))
}

/// Reads `readinessProbe`, `startupProbe`.
pub(crate) fn read_probe(decoder: &mut Decoder, parent: &Field<'_>, key: &str) -> Option<Probe> {
    let field = decoder.object(parent, key)?;
    let actions = [
        ("httpGet", ProbeKind::HttpGet),
        ("tcpSocket", ProbeKind::TcpSocket),
        ("grpc", ProbeKind::Grpc),
        ("exec", ProbeKind::Exec),
        ("guestAgentPing", ProbeKind::GuestAgentPing),
    ];
    let kind = actions
        .into_iter()
        .find_map(|(action, kind)| decoder.child(&field, action).map(|_| kind));
    let Some(kind) = kind else {
        decoder
            .faults
            .push(field.missing("httpGet", "an action: httpGet, tcpSocket, grpc or exec"));
        return None;
    };
    Some(Probe {
        kind,
        initial_delay: read_seconds(decoder, &field, "initialDelaySeconds", 0),
        probe_period: read_seconds(decoder, &field, "periodSeconds", 10),
        timeout: read_seconds(decoder, &field, "timeoutSeconds", 1),
        success_threshold: read_count(decoder, &field, "successThreshold", 1),
        failure_threshold: read_count(decoder, &field, "failureThreshold", 3),
    })
}

impl ResourceFacts {
    fn amounts(&self) -> Vec<(Resource, i64)> {
        let cpu = self.cpu_milli.map(|amount| (Resource::Cpu, amount));
        let memory = self.memory_milli.map(|amount| (Resource::Memory, amount));
        cpu.into_iter().chain(memory).collect()
    }

    /// These requests, a limit standing in for each that is absent, as API defaulting does
    /// (`SetDefaults_Pod` in `pkg/apis/core/v1/defaults.go`).
    pub(crate) fn or_limits(self, limits: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.or(limits.cpu_milli),
            memory_milli: self.memory_milli.or(limits.memory_milli),
        }
    }
}

fn read_container(decoder: &mut Decoder, container: &Field<'_>) -> Option<ContainerFacts> {
    let Some(name) = decoder.string(container, "name") else {
        decoder
            .faults
            .push(container.missing("name", "the container's name"));
        return None;
    };
    let (requests, limits) = read_resources(decoder, container);
    Some(ContainerFacts {
        name: name.value,
        requests: requests.or_limits(limits),
        limits,
        readiness: read_probe(decoder, container, "readinessProbe"),
        startup: read_probe(decoder, container, "startupProbe"),
        pre_stop: pre_stop::read(decoder, container),
    })
}

fn read_amount(decoder: &mut Decoder, list: &Field<'_>, key: &str) -> Option<Written<Quantity>> {
    let amount = decoder.quantity(list, key)?;
    if amount.value < Quantity::from_milli(0) {
        let problem = format!("`{}` is negative, expected 0 or more", amount.value);
        decoder.faults.push(amount.invalid(problem));
    }
    Some(amount)
}

/// Whole seconds; zero counts as absent where the default isn't zero, as in API defaulting.
fn read_seconds(decoder: &mut Decoder, parent: &Field<'_>, key: &str, default: i64) -> SimDuration {
    let Some(seconds) = decoder.int32(parent, key) else {
        return SimDuration::from_seconds(default);
    };
    refuse_negative(decoder, &seconds);
    let zero_counts = default == 0 || key == "terminationGracePeriodSeconds";
    SimDuration::from_seconds(match i64::from(seconds.value) {
        0 if !zero_counts => default,
        value => value,
    })
}

fn read_count(decoder: &mut Decoder, parent: &Field<'_>, key: &str, default: i32) -> i32 {
    let Some(number) = decoder.int32(parent, key) else {
        return default;
    };
    refuse_negative(decoder, &number);
    if number.value == 0 {
        default
    } else {
        number.value
    }
}

fn refuse_negative(decoder: &mut Decoder, number: &Written<i32>) {
    if number.value < 0 {
        let message = format!(
            "{}: `{}` is negative, expected 0 or more",
            number.path, number.value
        );
        let fault = Fault::new(number.span.start, ErrorKind::Invalid, message);
        decoder.faults.push(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Workload;
    use crate::manifest::testing::{check_told, only_workload, read_text};

    fn deployment(pod: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{}}\n  template:\n    spec:\n{pod}"
        )
    }

    #[track_caller]
    fn read(pod: &str) -> Workload {
        only_workload(&deployment(pod))
    }

    fn request(workload: &Workload, resource: &Resource) -> Option<i64> {
        let config = &ControllerConfig::KUBERNETES_1_36;
        workload.pod.shape().request(config, resource, None)
    }

    #[test]
    fn a_limit_stands_in_for_a_request() {
        let workload = read(
            "      containers: [{name: c, resources: {limits: {cpu: 1, memory: 1Ki}, requests: {cpu: 250m}}}]\n",
        );
        let expected = ResourceFacts {
            cpu_milli: Some(250),
            memory_milli: Some(1_024_000),
        };
        assert_eq!(workload.pod.containers[0].requests, expected);
        assert_eq!(workload.replicas, None);
        assert_eq!(
            workload.pod.termination_grace_period,
            SimDuration::from_seconds(30)
        );
    }

    #[test]
    fn sidecars_count_and_plain_init_containers_do_not() {
        let workload = read(
            "      initContainers:
      - {name: plain, resources: {requests: {cpu: 4}}}
      - {name: side, restartPolicy: Always, resources: {requests: {cpu: 50m}}}
      containers: [{name: c, resources: {requests: {cpu: 100m}}}]
",
        );
        assert_eq!(request(&workload, &Resource::Cpu), Some(150));
        assert_eq!(request(&workload, &Resource::Memory), None);
        let names: Vec<_> = workload
            .pod
            .lasting_containers()
            .map(|it| &it.name)
            .collect();
        assert_eq!(names, ["c", "side"]);
    }

    #[test]
    fn requests_of_the_pod_go_first() {
        let containers =
            "      containers: [{name: c, resources: {requests: {cpu: 100m}}}, {name: d}]\n";
        let stated = read(&format!(
            "{containers}      resources: {{requests: {{cpu: 2}}}}\n"
        ));
        assert_eq!(request(&stated, &Resource::Cpu), Some(2000));
        let limited = read(&format!(
            "{containers}      resources: {{limits: {{cpu: 2, memory: 1Ki}}}}\n"
        ));
        assert_eq!(request(&limited, &Resource::Cpu), Some(100));
        assert_eq!(request(&limited, &Resource::Memory), Some(1_024_000));
    }

    #[test]
    fn probes_have_the_defaults_of_the_api() {
        let workload = read(
            "      containers:
      - name: c
        readinessProbe: {tcpSocket: {port: 1}, periodSeconds: 0, failureThreshold: 5}
        startupProbe: {exec: {command: [x]}, initialDelaySeconds: 7}
",
        );
        let expected = Probe {
            kind: ProbeKind::TcpSocket,
            initial_delay: SimDuration::ZERO,
            probe_period: SimDuration::from_seconds(10),
            timeout: SimDuration::from_seconds(1),
            success_threshold: 1,
            failure_threshold: 5,
        };
        let container = &workload.pod.containers[0];
        assert_eq!(container.readiness, Some(expected));
        let startup = container.startup.as_ref().map(|probe| probe.initial_delay);
        assert_eq!(startup, Some(SimDuration::from_seconds(7)));
    }

    #[test]
    fn what_the_api_server_refuses_is_named() {
        let check = |pod: &str, expected: &[&str]| {
            check_told(&read_text(&deployment(pod)).errors, expected);
        };
        check(
            "      {}\n",
            &["8:7 spec.template.spec.containers is missing"],
        );
        check(
            "      containers: [{image: i}]\n",
            &["8:20 spec.template.spec.containers[0].name is missing"],
        );
        check(
            "      containers: [{name: c, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]\n",
            &[
                "8:58 spec.template.spec.containers[0].resources.requests.cpu: `2` is above the limit `1`",
            ],
        );
        check(
            "      containers: [{name: c, resources: {requests: {cpu: lots}}}]\n",
            &[
                "8:58 spec.template.spec.containers[0].resources.requests.cpu: `lots` is no quantity",
            ],
        );
        check(
            "      containers: [{name: c, readinessProbe: {periodSeconds: 5}}]\n",
            &["8:46 spec.template.spec.containers[0].readinessProbe.httpGet is missing"],
        );
    }

    #[test]
    fn a_patch_is_told_from_a_whole_object() {
        let patch = deployment("      containers: [{name: c}]\n").replace("  selector: {}\n", "");
        check_told(&read_text(&patch).errors, &["5:3 spec.selector is missing"]);
        let old = patch.replace("apps/v1", "extensions/v1beta1");
        assert_eq!(read_text(&old).workloads.len(), 1);
    }
}
