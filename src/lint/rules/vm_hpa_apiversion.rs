//! An autoscaler names virtual machines by an API group that hasn't them, or by a version that is no longer served.
//!
//! ## What it does
//!
//! Looks at scale targets of the kinds VirtualMachineInstanceReplicaSet (group `kubevirt.io`) and VirtualMachinePool (group
//! `pool.kubevirt.io`, from KubeVirt 0.59 on). Another group is an error; `v1alpha2` and `v1alpha3` are a warning.
//!
//! ## Why is this bad
//!
//! The controller looks the kind up in the group and finds nothing: nothing scales. Of the version it takes no notice, but
//! KEDA and other tools do, and old versions go.
//!
//! ## Example
//!
//! ```yaml
//! scaleTargetRef: {apiVersion: kubevirt.io/v1, kind: VirtualMachinePool, name: web}
//! ```
//!
//! ## Fix
//!
//! Write `kubevirt.io/v1` for a replica set, and for a pool the version of `pool.kubevirt.io` that its manifest has.
//!
//! ## Evidence
//!
//! KubeVirt pull requests 1881 and 9020; `reconcileAutoscaler` in `pkg/controller/podautoscaler/horizontal.go` maps by group
//! and kind.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::{Object, ReferenceAsWritten, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        if let Some(reference) = &autoscaled.written.scale_target {
            check_reference(autoscaled.object, reference, findings);
        }
    }
    for (object, scaled) in context.scaled_objects() {
        if let Some(reference) = &scaled.scale_target {
            check_reference(object, reference, findings);
        }
    }
}

fn check_reference(
    object: &Object,
    reference: &Written<ReferenceAsWritten>,
    findings: &mut Findings,
) {
    let kind = reference
        .value
        .kind
        .as_ref()
        .map(|kind| kind.value.as_str());
    let (kind, expected, meant) = match kind {
        Some(kind @ "VirtualMachineInstanceReplicaSet") => (kind, "kubevirt.io", "kubevirt.io/v1"),
        Some(kind @ "VirtualMachinePool") => (kind, "pool.kubevirt.io", "pool.kubevirt.io/v1beta1"),
        _ => return,
    };
    // That there is none is another rule's business.
    let Some(given) = reference.value.api_version.as_ref() else {
        return;
    };
    let (group, version) = given.value.split_once('/').unwrap_or(("", &given.value));
    if group != expected {
        findings.put(
            Place::of(object, given),
            format!(
                "`{}` has no {kind}, which is in the group {expected}",
                given.value
            ),
            format!("write `{meant}`, or the version that its manifest has"),
        );
    } else if expected == "kubevirt.io" && matches!(version, "v1alpha1" | "v1alpha2" | "v1alpha3") {
        findings
            .put(
                Place::of(object, given),
                format!("`{}` is an old version of {kind}", given.value),
                format!("write `{meant}`"),
            )
            .with_severity(Severity::Warning);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, scaled_object, silent, trigger};

    fn with(version: &str, kind: &str) -> String {
        let target = format!("{{apiVersion: {version}, kind: {kind}, name: web}}");
        hpa("  maxReplicas: 9\n").replacen(
            "{apiVersion: apps/v1, kind: Deployment, name: web}",
            &target,
            1,
        )
    }

    #[test]
    fn a_group_without_the_kind_and_an_old_version_are_told() {
        fires(
            "SP605",
            &with("kubevirt.io/v1", "VirtualMachinePool"),
            &[
                "5:32 `kubevirt.io/v1` has no VirtualMachinePool, which is in the group pool.kubevirt.io",
            ],
        );
        fires(
            "SP605",
            &with("apps/v1", "VirtualMachineInstanceReplicaSet"),
            &["5:32 `apps/v1` has no"],
        );
        fires(
            "SP605",
            &with("kubevirt.io/v1alpha2", "VirtualMachineInstanceReplicaSet"),
            &["5:32 `kubevirt.io/v1alpha2` is an old version"],
        );
        let target = "{apiVersion: kubevirt.io/v1, kind: VirtualMachinePool, name: web}\n  t";
        let by_keda =
            (scaled_object("") + &trigger("kafka")).replacen("{name: web}\n  t", target, 1);
        fires("SP605", &by_keda, &["5:32 `kubevirt.io/v1` has no"]);
    }

    #[test]
    fn the_kinds_own_groups_are_silent() {
        silent(
            "SP605",
            &with("kubevirt.io/v1", "VirtualMachineInstanceReplicaSet"),
        );
        silent(
            "SP605",
            &with("pool.kubevirt.io/v1alpha1", "VirtualMachinePool"),
        );
        silent("SP605", &with("example.org/v1alpha2", "Machines"));
    }
}
