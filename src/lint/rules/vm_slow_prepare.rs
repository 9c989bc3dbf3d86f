//! Scaled virtual machines have disks or devices that take minutes to prepare.
//!
//! ## What it does
//!
//! Looks in templates that an autoscaler or a ScaledObject scales for `dataVolumeTemplates` that are imported or cloned, and
//! for host devices and GPUs that are passed through. A clone is for information only, since some storage makes it at once.
//!
//! ## Why is this bad
//!
//! Each new machine waits for its own copy of the disk, or for a device that is free on some node. Load that grows faster
//! than that is not met, and the number of devices is a ceiling that `maxReplicas` doesn't show.
//!
//! ## Example
//!
//! ```yaml
//! dataVolumeTemplates:
//! - metadata: {name: root}
//!   spec: {source: {http: {url: https://example.org/disk.qcow2}}, storage: {resources: {requests: {storage: 30Gi}}}}
//! ```
//!
//! ## Fix
//!
//! Start from a container disk or from a snapshot, and keep enough machines ahead of the load.
//!
//! ## Evidence
//!
//! KubeVirt issue 15411 (below a minute without, five with host devices); Harvester issue 9344 (60 s to 15 minutes for
//! copies); CDI's `clone-datavolume.md`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::{DiskKind, Filling};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (scaler, owner) in context.scaled_machines() {
        let vm = owner.workload.and_then(|workload| workload.pod.vm.as_ref());
        let here = Place::new(&owner.object.document, owner.object.head());
        for disk in vm.into_iter().flat_map(|vm| &vm.disks) {
            let DiskKind::DataVolume { filling, .. } = &disk.kind else {
                continue;
            };
            let (how, severity) = match filling {
                Filling::Import => ("imports", Severity::Warning),
                Filling::Clone => ("clones", Severity::Info),
                Filling::Blank | Filling::Unknown => continue,
            };
            findings
                .put(
                    here.clone(),
                    format!("each new machine {how} its disk `{}` before it boots", disk.name),
                    "start from a container disk or a snapshot, or keep more machines ahead of the load",
                )
                .with_severity(severity)
                .with_related(Place::at(scaler, "metadata.name"), "what scales them");
        }
        let devices = owner.object.pod_template();
        let devices = devices.and_then(|template| template.at("spec.domain.devices"));
        for key in ["hostDevices", "gpus"] {
            let Some(list) = devices.and_then(|devices| devices.get(key)) else {
                continue;
            };
            if list.items().len() > 0 {
                findings.put(
                    Place::new(&owner.object.document, list.span()),
                    format!("each new machine waits for {key} that are free on some node"),
                    "keep maxReplicas at what the nodes have, and more machines ahead of the load",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa, hpa_of_machines, machines, silent};

    fn scaled(domain: &str) -> String {
        machines(domain, "") + &hpa_of_machines(&format!("  maxReplicas: 9\n{}", cpu(500)))
    }

    fn pool(source: &str) -> String {
        let target = "{apiVersion: pool.kubevirt.io/v1beta1, kind: VirtualMachinePool, name: web}";
        let autoscaler = hpa("  maxReplicas: 9\n").replacen(
            "{apiVersion: apps/v1, kind: Deployment, name: web}",
            target,
            1,
        );
        format!(
            "apiVersion: pool.kubevirt.io/v1beta1\nkind: VirtualMachinePool\nmetadata: {{name: web}}\nspec:\n  \
             selector: {{matchLabels: {{app: web}}}}\n  virtualMachineTemplate:\n    spec:\n      dataVolumeTemplates:\n      \
             - {{metadata: {{name: root}}, spec: {{source: {source}, storage: {{}}}}}}\n      template:\n        spec:\n          \
             domain: {{}}\n          volumes: [{{name: root, dataVolume: {{name: root}}}}]\n---\n{autoscaler}"
        )
    }

    #[test]
    fn what_takes_minutes_is_told() {
        fires(
            "SP606",
            &pool("{http: {url: x}}"),
            &["3:18 each new machine imports its disk `root`"],
        );
        fires(
            "SP606",
            &pool("{pvc: {name: x}}"),
            &["3:18 each new machine clones its disk `root`"],
        );
        fires(
            "SP606",
            &scaled("{devices: {gpus: [{name: g, deviceName: d}]}}"),
            &["8:32 each new machine waits for gpus"],
        );
        fires(
            "SP606",
            &scaled("{devices: {hostDevices: [{name: g, deviceName: d}]}}"),
            &["8:39 each new machine waits for hostDevices"],
        );
    }

    #[test]
    fn what_is_there_at_once_is_silent() {
        silent("SP606", &pool("{blank: {}}"));
        silent("SP606", &scaled("{devices: {gpus: []}}"));
        silent(
            "SP606",
            &machines("{devices: {gpus: [{name: g, deviceName: d}]}}", ""),
        );
    }
}
