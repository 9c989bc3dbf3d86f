//! The scale target is there under another `apiVersion`.
//!
//! ## What it does
//!
//! Compares the `apiVersion` of `scaleTargetRef` with that of the object of its kind and name, and of the built-in
//! kinds with their API group. Another group is an error.
//!
//! ## Why is this bad
//!
//! The controller looks the kind up in its group: in another group there is none, and nothing scales. Another version
//! of the same group works, but tools that compare texts take the target for absent.
//!
//! ## Example
//!
//! ```yaml
//! scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: web}
//! ```
//!
//! ## Fix
//!
//! Write the `apiVersion` that the workload's manifest has.
//!
//! ## Evidence
//!
//! `RESTMappings` in `pkg/controller/podautoscaler/horizontal.go`; the group `extensions` serves no workloads since
//! Kubernetes 1.16. kube-score compares the texts.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::Target;
use crate::lint::rules::vm_hpa_apiversion;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let reference = autoscaled.written.scale_target.as_ref();
        let version = reference.and_then(|it| it.value.api_version.as_ref());
        let (Some(version), Some((kind, name))) = (version, autoscaled.target_name()) else {
            continue;
        };
        if reference.is_some_and(|it| vm_hpa_apiversion::tells_of(&it.value)) {
            continue;
        }
        let object = match autoscaled.target {
            Target::Object(object) => Some(object),
            Target::Owner(_) => context.owner(autoscaled).map(|owner| owner.object),
            _ => None,
        };
        let group = autoscaled.target_group();
        let is_old = context.settings.cluster.is_before(16) && group == "extensions";
        let meant = object.map(|object| object.api_version.as_str());
        let meant = meant.or_else(|| built_in_version(kind, group));
        let Some(meant) = meant.filter(|meant| *meant != version.value) else {
            continue;
        };
        let meant_group = meant.split_once('/').map_or("", |(group, _)| group);
        let (severity, problem) = if meant_group == group {
            (
                Severity::Warning,
                format!("{kind} `{name}` is there as {meant}, not {}", version.value),
            )
        } else if is_old {
            continue;
        } else {
            (
                Severity::Error,
                format!(
                    "API group `{group}` has no {kind} `{name}`, which is of {meant}, so that nothing is scaled"
                ),
            )
        };
        let place = Place::of(autoscaled.object, version);
        let edit = context.replacement(&place, &version.value, meant);
        let finding = findings.put(place, problem, format!("write `{meant}`"));
        finding.with_severity(severity);
        if let Some(object) = object {
            finding.with_related(Place::at(object, "apiVersion"), "the target");
        }
        if let Some(edit) = edit {
            finding.with_fix(format!("write {meant}"), vec![edit]);
        }
    }
}

/// The version of a built-in kind that is named under a group that has no such kind.
fn built_in_version(kind: &str, group: &str) -> Option<&'static str> {
    let is_foreign = matches!(group, "" | "extensions" | "core" | "batch" | "autoscaling");
    let is_workload = matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet");
    (is_foreign && is_workload).then_some("apps/v1")
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::testing::{deployment, findings, fires, hpa, silent};

    fn with(version: &str) -> String {
        deployment("image: web") + &alone(version)
    }

    fn alone(version: &str) -> String {
        hpa("  maxReplicas: 3\n").replace("apps/v1, kind", &format!("{version}, kind"))
    }

    #[test]
    fn another_group_is_an_error_and_another_version_a_warning() {
        fires(
            "SP203",
            &with("extensions/v1beta1"),
            &["14:32 API group `extensions` has no Deployment `web`"],
        );
        fires(
            "SP203",
            &with("v1"),
            &["14:32 API group `` has no Deployment `web`"],
        );
        fires(
            "SP203",
            &alone("extensions/v1beta1"),
            &["5:32 API group `extensions`"],
        );
        fires(
            "SP203",
            &with("apps/v1beta2"),
            &["14:32 Deployment `web` is there as apps/v1, not apps/v1beta2"],
        );
        let found = findings(&with("v1"));
        let found = found.iter().find(|it| it.rule.code == "SP203");
        let found = found.expect("it is found");
        assert_eq!(found.severity, Severity::Error);
        assert_eq!(
            found.fix.as_ref().expect("it has a fix").edits[0].text,
            "apps/v1"
        );
    }

    #[test]
    fn equal_versions_are_silent() {
        silent("SP203", &with("apps/v1"));
        silent("SP203", &alone("apps/v1beta2"));
        silent(
            "SP203",
            &hpa("  maxReplicas: 3\n").replace("apiVersion: apps/v1, kind", "kind"),
        );
    }
}
