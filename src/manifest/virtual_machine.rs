//! KubeVirt's kinds: what the virt-launcher pod of a virtual machine requests, its disks and its probe.
//!
//! The HPA controller sees the virt-launcher pod. Its cpu request follows `pkg/virt-controller/services/
//! renderresources.go` and its vCPUs `pkg/virt-api/webhooks/defaults.go` of KubeVirt 1.x. Of the pod, the container
//! `compute` is modelled; helpers (10 millicores for each containerDisk, and less) are not.

use std::collections::BTreeMap;

use super::decode::{Decoder, Field, Written};
use super::error::Concern;
use super::workload::{
    ContainerFacts, PodFacts, ResourceFacts, WorkloadParts, read_grace, read_labels, read_probe,
    read_replicas, read_resources, read_template,
};
use crate::units::{Quantity, SimDuration};

/// `cpuAllocationRatio` of the KubeVirt resource where nobody changed it: vCPUs for each requested core.
const CPU_ALLOCATION_RATIO: i64 = 10;
/// The container of the virt-launcher pod that runs the guest.
const COMPUTE: &str = "compute";

/// What a virtual machine is like.
#[derive(Clone, Debug, PartialEq)]
pub struct VmFacts {
    /// Virtual cpus of the guest; `None` where an instancetype decides that isn't in the file.
    pub vcpus: Option<i64>,
    /// Whether each vCPU gets a core of its own (`dedicatedCpuPlacement`).
    pub dedicated_cpus: bool,
    /// Memory of the guest; `None` where an instancetype decides.
    pub guest_memory: Option<Quantity>,
    /// The instancetype or preset class that the machine names.
    pub instancetype: Option<String>,
    /// The machine's volumes, in order.
    pub disks: Vec<DiskFacts>,
}

/// A volume of a virtual machine.
#[derive(Clone, Debug, PartialEq)]
pub struct DiskFacts {
    /// Its name.
    pub name: String,
    /// Where its content comes from, which settles how long preparing it takes.
    pub kind: DiskKind,
}

/// Where a volume's content comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum DiskKind {
    /// An image pulled as a container image.
    ContainerDisk {
        /// The image.
        image: String,
    },
    /// A volume that CDI fills.
    DataVolume {
        /// The size asked for, if the template is in the file.
        size: Option<Quantity>,
        /// How it is filled, if the template is in the file.
        filling: Filling,
    },
    /// A claim that is there already.
    PersistentVolumeClaim,
    /// A throw-away layer over a claim that is there already.
    Ephemeral,
    /// An empty disk.
    EmptyDisk,
    /// Small data of the cluster: cloud-init, a ConfigMap, a Secret and so on.
    Data,
}

/// How CDI fills a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Cloned from another volume, a snapshot, or a DataSource.
    Clone,
    /// Imported over the network, or uploaded.
    Import,
    /// Left empty.
    Blank,
    /// The template is not in the file.
    Unknown,
}

/// Reads the object of one of KubeVirt's four kinds.
pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    layout: Layout,
) -> Option<WorkloadParts> {
    let Some(spec) = decoder.object(object, "spec") else {
        if decoder.faults.is_empty() {
            let missing = object.missing("spec", "what the virtual machines are like");
            decoder.faults.push(missing.about(Concern::Whole));
        }
        return None;
    };
    let replicas = match layout {
        Layout::Pool | Layout::ReplicaSet => read_replicas(decoder, &spec),
        Layout::Machine | Layout::Instance => None,
    };
    let (outer, machine) = match layout {
        Layout::Instance => (spec.clone(), spec),
        Layout::Machine | Layout::ReplicaSet => {
            let machine = read_template(decoder, &spec)?;
            (spec, machine)
        }
        Layout::Pool => {
            let template = decoder.object(&spec, "virtualMachineTemplate");
            let inner = template.and_then(|template| decoder.object(&template, "spec"));
            let Some(inner) = inner else {
                if decoder.faults.is_empty() {
                    let missing = spec.missing(
                        "virtualMachineTemplate.spec",
                        "what the virtual machines are like",
                    );
                    decoder.faults.push(missing.about(Concern::Whole));
                }
                return None;
            };
            let machine = read_template(decoder, &inner)?;
            (inner, machine)
        }
    };
    let mut pod = read_machine(decoder, &outer, &machine)?;
    if layout != Layout::Instance {
        pod.labels = read_labels(decoder, &outer, "template");
    }
    Some(WorkloadParts { replicas, pod })
}

/// Where in an object the machine's own `spec` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// VirtualMachineInstance.
    Instance,
    /// VirtualMachine.
    Machine,
    /// VirtualMachineInstanceReplicaSet.
    ReplicaSet,
    /// VirtualMachinePool.
    Pool,
}

fn read_machine(decoder: &mut Decoder, outer: &Field<'_>, machine: &Field<'_>) -> Option<PodFacts> {
    let Some(domain) = decoder.object(machine, "domain") else {
        let missing = machine.missing("domain", "the machine's cpu, memory and devices");
        decoder.faults.push(missing.about(Concern::Whole));
        return None;
    };
    let instancetype = decoder
        .object(outer, "instancetype")
        .and_then(|instancetype| decoder.string(&instancetype, "name"))
        .map(|name| name.value);
    let (requests, limits) = read_resources(decoder, &domain);
    let cpu = decoder.object(&domain, "cpu");
    let topology = cpu.as_ref().and_then(|cpu| read_topology(decoder, cpu));
    let mut flag = |key: &str| {
        let flag = cpu.as_ref().and_then(|cpu| decoder.boolean(cpu, key));
        flag.is_some_and(|flag| flag.value)
    };
    let dedicated_cpus = flag("dedicatedCpuPlacement");
    let isolated_emulator = flag("isolateEmulatorThread");
    // Without a topology, the sockets are the cores of the limit, or else of the request, or else one.
    let cores = limits.cpu_milli.or(requests.cpu_milli).map(whole_cores);
    let vcpus = match (topology, &instancetype) {
        (Some(vcpus), _) => Some(vcpus),
        (None, Some(_)) => cores,
        (None, None) => Some(cores.unwrap_or(1)),
    };
    let memory = decoder.object(&domain, "memory");
    let guest_memory = memory.and_then(|memory| decoder.quantity(&memory, "guest"));

    let mut compute_requests = ResourceFacts {
        cpu_milli: requests
            .cpu_milli
            .or(vcpus.map(|vcpus| vcpus * 1000 / CPU_ALLOCATION_RATIO)),
        // The overhead of virt-launcher itself, some 200 MB and up, comes on top in the cluster.
        memory_milli: requests
            .memory_milli
            .or(limits.memory_milli)
            .or(guest_memory
                .as_ref()
                .map(|memory| memory.value.milli_value())),
    };
    let mut compute_limits = limits;
    if dedicated_cpus && let Some(vcpus) = vcpus {
        let cores = vcpus + i64::from(isolated_emulator);
        compute_requests.cpu_milli = Some(cores * 1000);
        compute_limits.cpu_milli = Some(cores * 1000);
    }
    let compute = ContainerFacts {
        name: COMPUTE.to_owned(),
        requests: compute_requests,
        limits: compute_limits,
        readiness: read_probe(decoder, machine, "readinessProbe"),
        startup: None,
        pre_stop: None,
    };
    Some(PodFacts {
        labels: BTreeMap::new(),
        containers: vec![compute],
        init_containers: Vec::new(),
        pod_level_requests: ResourceFacts::default(),
        pod_level_limits: ResourceFacts::default(),
        termination_grace_period: read_grace(decoder, machine),
        min_ready_seconds: SimDuration::ZERO,
        vm: Some(VmFacts {
            vcpus,
            dedicated_cpus,
            guest_memory: guest_memory.map(|memory| memory.value),
            instancetype,
            disks: read_disks(decoder, outer, machine),
        }),
    })
}

/// Cores, sockets and threads multiplied; those that are zero or absent don't count. `None` if all are.
fn read_topology(decoder: &mut Decoder, cpu: &Field<'_>) -> Option<i64> {
    let mut vcpus = None;
    for key in ["cores", "sockets", "threads"] {
        let Some(number) = decoder.int32(cpu, key) else {
            continue;
        };
        if number.value < 0 {
            let problem = format!("`{}` is negative, expected 0 or more", number.value);
            decoder.faults.push(number.invalid(problem));
        }
        if number.value > 0 {
            let factor = i64::from(number.value);
            vcpus = Some(vcpus.unwrap_or(1_i64).saturating_mul(factor));
        }
    }
    // Far above any machine, and far below where the arithmetic would end.
    vcpus.map(|vcpus: i64| vcpus.min(1 << 20))
}

/// Millicores as whole cores, rounded up, as `Quantity.Value` does.
fn whole_cores(milli: i64) -> i64 {
    (milli / 1000 + i64::from(milli % 1000 > 0)).clamp(0, 1 << 20)
}

fn read_disks(decoder: &mut Decoder, outer: &Field<'_>, machine: &Field<'_>) -> Vec<DiskFacts> {
    let templates = read_data_volumes(decoder, outer);
    let volumes = decoder.objects(machine, "volumes");
    let mut disks = Vec::new();
    for volume in volumes.into_iter().flat_map(|list| list.value) {
        let Some(name) = decoder.string(&volume, "name") else {
            decoder
                .faults
                .push(volume.missing("name", "the volume's name"));
            continue;
        };
        disks.push(DiskFacts {
            name: name.value,
            kind: read_disk_kind(decoder, &volume, &templates),
        });
    }
    disks
}

fn read_disk_kind(
    decoder: &mut Decoder,
    volume: &Field<'_>,
    templates: &BTreeMap<String, DiskKind>,
) -> DiskKind {
    if let Some(disk) = decoder.object(volume, "containerDisk") {
        let image = decoder.string(&disk, "image");
        return DiskKind::ContainerDisk {
            image: image.map(|image| image.value).unwrap_or_default(),
        };
    }
    if let Some(reference) = decoder.object(volume, "dataVolume") {
        let name = decoder.string(&reference, "name").map(|name| name.value);
        let template = name.and_then(|name| templates.get(&name).cloned());
        return template.unwrap_or(DiskKind::DataVolume {
            size: None,
            filling: Filling::Unknown,
        });
    }
    for (key, kind) in [
        ("persistentVolumeClaim", DiskKind::PersistentVolumeClaim),
        ("ephemeral", DiskKind::Ephemeral),
        ("emptyDisk", DiskKind::EmptyDisk),
        ("hostDisk", DiskKind::PersistentVolumeClaim),
    ] {
        if decoder.child(volume, key).is_some() {
            return kind;
        }
    }
    DiskKind::Data
}

/// The machine's `dataVolumeTemplates`, by name.
fn read_data_volumes(decoder: &mut Decoder, outer: &Field<'_>) -> BTreeMap<String, DiskKind> {
    let templates = decoder.objects(outer, "dataVolumeTemplates");
    let mut known = BTreeMap::new();
    for template in templates.into_iter().flat_map(|list| list.value) {
        let name = decoder
            .object(&template, "metadata")
            .and_then(|metadata| decoder.string(&metadata, "name"));
        let Some((name, spec)) = name.zip(decoder.object(&template, "spec")) else {
            continue;
        };
        let size = ["storage", "pvc"]
            .iter()
            .find_map(|key| read_size(decoder, &spec, key));
        let filling = read_filling(decoder, &spec);
        let size = size.map(|size| size.value);
        known.insert(name.value, DiskKind::DataVolume { size, filling });
    }
    known
}

fn read_size(decoder: &mut Decoder, spec: &Field<'_>, key: &str) -> Option<Written<Quantity>> {
    let claim = decoder.object(spec, key)?;
    let resources = decoder.object(&claim, "resources")?;
    let requests = decoder.object(&resources, "requests")?;
    decoder.quantity(&requests, "storage")
}

fn read_filling(decoder: &mut Decoder, spec: &Field<'_>) -> Filling {
    if decoder.child(spec, "sourceRef").is_some() {
        return Filling::Clone;
    }
    let Some(source) = decoder.object(spec, "source") else {
        return Filling::Unknown;
    };
    for (key, filling) in [
        ("pvc", Filling::Clone),
        ("snapshot", Filling::Clone),
        ("blank", Filling::Blank),
    ] {
        if source.node.get(key).is_some() {
            return filling;
        }
    }
    Filling::Import
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::only_workload;

    /// Checks vCPUs, cpu request and cpu limit of a machine, both in millicores.
    #[track_caller]
    fn check(domain: &str, vcpus: i64, request: i64, limit: Option<i64>) {
        let workload = only_workload(&format!(
            "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{name: a}}\nspec:\n  domain: {domain}\n"
        ));
        let compute = &workload.pod.containers[0];
        let vm = workload.pod.vm.expect("it is a virtual machine");
        let found = (
            vm.vcpus,
            compute.requests.cpu_milli,
            compute.limits.cpu_milli,
        );
        assert_eq!(found, (Some(vcpus), Some(request), limit), "{domain}");
    }

    #[test]
    fn a_request_is_a_tenth_of_the_vcpus() {
        check("{}", 1, 100, None);
        check("{cpu: {cores: 4}}", 4, 400, None);
        check("{cpu: {cores: 2, sockets: 3, threads: 2}}", 12, 1200, None);
        check("{cpu: {cores: 0, sockets: 3}}", 3, 300, None);
    }

    #[test]
    fn an_explicit_request_goes_first() {
        check(
            "{cpu: {cores: 4}, resources: {requests: {cpu: 2}}}",
            4,
            2000,
            None,
        );
    }

    #[test]
    fn without_a_topology_limit_and_request_make_the_sockets() {
        check("{resources: {requests: {cpu: 1500m}}}", 2, 1500, None);
        check("{resources: {limits: {cpu: 4}}}", 4, 400, Some(4000));
    }

    #[test]
    fn dedicated_cpus_are_requested_in_full() {
        check(
            "{cpu: {cores: 4, dedicatedCpuPlacement: true}}",
            4,
            4000,
            Some(4000),
        );
        check(
            "{cpu: {cores: 4, dedicatedCpuPlacement: true, isolateEmulatorThread: true}}",
            4,
            5000,
            Some(5000),
        );
    }

    #[test]
    fn an_instancetype_leaves_the_cpu_open() {
        let workload = only_workload(
            "apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: a}
spec:
  instancetype: {name: u1.medium}
  dataVolumeTemplates:
  - {metadata: {name: root}, spec: {sourceRef: {kind: DataSource, name: f}, storage: {resources: {requests: {storage: 20Gi}}}}}
  - {metadata: {name: data}, spec: {source: {blank: {}}, pvc: {resources: {requests: {storage: 1Gi}}}}}
  template:
    spec:
      domain: {devices: {}}
      volumes:
      - {name: root, dataVolume: {name: root}}
      - {name: data, dataVolume: {name: data}}
      - {name: old, dataVolume: {name: old}}
      - {name: claim, persistentVolumeClaim: {claimName: c}}
      - {name: image, containerDisk: {image: i}}
      - {name: init, cloudInitNoCloud: {userData: x}}
",
        );
        assert_eq!(workload.pod.containers[0].requests.cpu_milli, None);
        let vm = workload.pod.vm.expect("it is a virtual machine");
        assert_eq!(vm.vcpus, None);
        let volume = |size: Option<&str>, filling| DiskKind::DataVolume {
            size: size.map(|size| Quantity::parse(size).expect("it is a quantity")),
            filling,
        };
        let kinds: Vec<DiskKind> = vm.disks.into_iter().map(|disk| disk.kind).collect();
        let expected = [
            volume(Some("20Gi"), Filling::Clone),
            volume(Some("1Gi"), Filling::Blank),
            volume(None, Filling::Unknown),
            DiskKind::PersistentVolumeClaim,
            DiskKind::ContainerDisk {
                image: "i".to_owned(),
            },
            DiskKind::Data,
        ];
        assert_eq!(kinds, expected);
    }
}
