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
use crate::lint::joined::Target;
use crate::manifest::{Object, ReferenceAsWritten, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let target = match autoscaled.target {
            Target::Object(object) => Some(object),
            Target::Owner(_) => context.owner(autoscaled).map(|owner| owner.object),
            _ => None,
        };
        if let Some(reference) = &autoscaled.written.scale_target {
            check_reference(context, autoscaled.object, reference, target, findings);
        }
    }
    for (object, scaled) in context.scaled_objects() {
        if let Some(reference) = &scaled.scale_target {
            let target = context.owner_of_scaled(object, scaled);
            let target = target.map(|owner| owner.object);
            check_reference(context, object, reference, target, findings);
        }
    }
}

fn check_reference(
    context: &Context<'_>,
    object: &Object,
    reference: &Written<ReferenceAsWritten>,
    target: Option<&Object>,
    findings: &mut Findings,
) {
    let Some(Fault {
        kind,
        group,
        usual,
        what,
    }) = fault_of(&reference.value)
    else {
        return;
    };
    // That there is none is another rule's business.
    let Some(given) = reference.value.api_version.as_ref() else {
        return;
    };
    let meant = target.map(|target| target.api_version.as_str());
    let meant = meant.filter(|version| *version != given.value);
    let place = Place::of(object, given);
    let edit = context.replacement(&place, &given.value, meant.unwrap_or(usual));
    let finding = match what {
        What::Group => findings.put(
            place,
            format!(
                "`{}` has no {kind}, which is in the group {group}",
                given.value
            ),
            match meant {
                Some(meant) => format!("write `{meant}`"),
                None => format!("write `{usual}`, or the version that its manifest has"),
            },
        ),
        What::OldVersion => findings
            .put(
                place,
                format!("`{}` is an old version of {kind}", given.value),
                format!("write `{}`", meant.unwrap_or(usual)),
            )
            .with_severity(Severity::Warning),
    };
    if let Some(target) = target {
        finding.with_related(Place::at(target, "apiVersion"), "the target");
    }
    // Which version of a pool a cluster serves shows its manifest only.
    if let Some(edit) = edit.filter(|_| meant.is_some() || what == What::OldVersion) {
        finding.with_fix(format!("write {}", meant.unwrap_or(usual)), vec![edit]);
    }
}

/// What is wrong with the version of a reference to one of KubeVirt's kinds.
struct Fault {
    kind: &'static str,
    /// The group that has the kind.
    group: &'static str,
    /// The version that is usual.
    usual: &'static str,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Group,
    OldVersion,
}

/// Whether the rule tells of a reference.
pub(super) fn tells_of(reference: &ReferenceAsWritten) -> bool {
    fault_of(reference).is_some()
}

fn fault_of(reference: &ReferenceAsWritten) -> Option<Fault> {
    let (kind, group, usual) = match reference.kind.as_ref()?.value.as_str() {
        "VirtualMachineInstanceReplicaSet" => (
            "VirtualMachineInstanceReplicaSet",
            "kubevirt.io",
            "kubevirt.io/v1",
        ),
        "VirtualMachinePool" => (
            "VirtualMachinePool",
            "pool.kubevirt.io",
            "pool.kubevirt.io/v1beta1",
        ),
        _ => return None,
    };
    let given = &reference.api_version.as_ref()?.value;
    let (its_group, version) = given.split_once('/').unwrap_or(("", given));
    let is_old = matches!(version, "v1alpha1" | "v1alpha2" | "v1alpha3");
    let what = match (its_group == group, group) {
        (false, _) => What::Group,
        (true, "kubevirt.io") if is_old => What::OldVersion,
        _ => return None,
    };
    Some(Fault {
        kind,
        group,
        usual,
        what,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{findings, fires, hpa, machines, scaled_object, silent, trigger};

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
    fn the_version_of_the_manifest_is_offered() {
        let text = machines("{cpu: {cores: 1}}", "")
            + &with("kubevirt.io/v1alpha3", "VirtualMachineInstanceReplicaSet");
        let found = findings(&text);
        let codes = |code: &str| found.iter().filter(|it| it.rule.code == code).count();
        assert_eq!((codes("SP605"), codes("SP203")), (1, 0), "{found:#?}");
        let found = found.iter().find(|it| it.rule.code == "SP605");
        let fix = found.and_then(|it| it.fix.as_ref());
        assert_eq!(
            fix.map(|fix| fix.title.as_str()),
            Some("write kubevirt.io/v1")
        );
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
