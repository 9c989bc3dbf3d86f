//! A probe of a virtual machine asks an agent that the guest hardly has, or is of two kinds at once.
//!
//! ## What it does
//!
//! Looks at readiness and liveness probes of virtual machines. One with two of `httpGet`, `tcpSocket`, `exec` and
//! `guestAgentPing` is an error. One with `exec` or `guestAgentPing`, which ask the QEMU guest agent, is told where every
//! disk is one of KubeVirt's small demo images, CirrOS or Alpine, which come without it, and no cloud-init in sight
//! installs it.
//!
//! ## Why is this bad
//!
//! KubeVirt refuses a probe of two kinds. Without the agent the probe fails for ever: the machine is never ready, or is
//! killed again and again.
//!
//! ## Example
//!
//! ```yaml
//! readinessProbe: {guestAgentPing: {}}
//! volumes:
//! - {name: root, containerDisk: {image: quay.io/kubevirt/cirros-container-disk-demo}}
//! ```
//!
//! ## Fix
//!
//! Install `qemu-guest-agent` by cloud-init or in the image, or probe a port.
//!
//! ## Evidence
//!
//! KubeVirt's user guide, "Liveness and readiness probes", on the guest agent; `validateProbe` in
//! `vmi-create-admitter.go` ("must have exactly one probe type set").

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::PodOwner;
use crate::manifest::DiskKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for owner in context.owners() {
        let Some(template) = owner.object.pod_template() else {
            continue;
        };
        if owner
            .workload
            .is_none_or(|workload| workload.pod.vm.is_none())
        {
            continue;
        }
        for key in ["readinessProbe", "livenessProbe"] {
            let Some(probe) = template.get("spec").and_then(|spec| spec.get(key)) else {
                continue;
            };
            let kinds = ["httpGet", "tcpSocket", "exec", "guestAgentPing"];
            let mut kinds: Vec<&str> = kinds.into_iter().collect();
            kinds.retain(|kind| probe.get(kind).is_some_and(|it| !it.is_null()));
            let place = Place::new(&owner.object.document, probe.span());
            match kinds.as_slice() {
                [one @ ("exec" | "guestAgentPing")] if has_no_agent(owner) => {
                    findings.put(
                        place,
                        format!("{key} asks the guest agent by {one}, and the demo image has none"),
                        "install qemu-guest-agent by cloud-init, or probe a port",
                    );
                }
                [] | [_] => {}
                several => {
                    findings
                        .put(
                            place,
                            format!(
                                "{key} is of {} kinds, {}; KubeVirt takes one",
                                several.len(),
                                several.join(" and ")
                            ),
                            "keep one of them",
                        )
                        .with_severity(Severity::Error);
                }
            }
        }
    }
}

/// Whether its disks are demo images without an agent, and nothing in sight installs one.
fn has_no_agent(owner: &PodOwner<'_>) -> bool {
    let vm = owner.workload.and_then(|workload| workload.pod.vm.as_ref());
    let mut images = Vec::new();
    for disk in vm.into_iter().flat_map(|vm| &vm.disks) {
        match &disk.kind {
            DiskKind::ContainerDisk { image } => images.push(image.as_str()),
            DiskKind::Data | DiskKind::EmptyDisk => {}
            _ => return false,
        }
    }
    let is_demo = |image: &&str| {
        let is_small = image.contains("cirros") || image.contains("alpine");
        is_small && image.contains("demo")
    };
    !images.is_empty() && images.iter().all(is_demo) && !installs_something(owner)
}

/// Whether cloud-init may install the agent: it names it, or is out of sight.
fn installs_something(owner: &PodOwner<'_>) -> bool {
    let template = owner.object.pod_template();
    let volumes = template.and_then(|template| template.at("spec.volumes"));
    let mut volumes = volumes.into_iter().flat_map(|volumes| volumes.items());
    volumes.any(|volume| {
        ["cloudInitNoCloud", "cloudInitConfigDrive", "sysprep"]
            .into_iter()
            .filter_map(|key| volume.get(key))
            .any(|init| {
                let text = init.get("userData").and_then(|data| data.text());
                text.is_none_or(|text| text.contains("guest-agent") || text.contains("qemu-ga"))
            })
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, machines, silent};

    fn with(probe: &str, image: &str, init: &str) -> String {
        let spec = format!(
            "      readinessProbe: {probe}\n      volumes:\n      - {{name: root, containerDisk: {{image: {image}}}}}\n{init}"
        );
        machines("{}", &spec)
    }

    const DEMO: &str = "quay.io/kubevirt/cirros-container-disk-demo:v1.0.0";

    #[test]
    fn an_agent_that_is_not_there_and_two_kinds_are_told() {
        fires(
            "SP604",
            &with("{guestAgentPing: {}}", DEMO, ""),
            &["9:23 readinessProbe asks the guest agent by guestAgentPing"],
        );
        let init = "      - {name: init, cloudInitNoCloud: {userData: \"#cloud-config\"}}\n";
        fires(
            "SP604",
            &with("{exec: {command: [ls]}}", DEMO, init),
            &["9:23 readinessProbe asks the guest agent by exec"],
        );
        fires(
            "SP604",
            &with("{guestAgentPing: {}, httpGet: {port: 80}}", "fedora", ""),
            &["9:23 readinessProbe is of 2 kinds, httpGet and guestAgentPing"],
        );
    }

    #[test]
    fn an_agent_that_may_be_there_is_silent() {
        silent(
            "SP604",
            &with("{guestAgentPing: {}}", "quay.io/containerdisks/fedora", ""),
        );
        silent("SP604", &with("{tcpSocket: {port: 80}}", DEMO, ""));
        for init in [
            "{userData: \"packages: [qemu-guest-agent]\"}",
            "{secretRef: {name: s}}",
        ] {
            let init = format!("      - {{name: init, cloudInitNoCloud: {init}}}\n");
            silent("SP604", &with("{guestAgentPing: {}}", DEMO, &init));
        }
    }
}
