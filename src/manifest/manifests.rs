//! What a set of files holds.

use std::collections::BTreeMap;

use super::error::ManifestError;
use super::object::{Autoscaler, Workload};
use super::service::Service;

/// Autoscalers, workloads, a tally of the rest, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    /// Autoscalers, in order.
    pub autoscalers: Vec<Autoscaler>,
    /// How many autoscalers there are beside them that could not be read.
    pub refused_autoscalers: usize,
    /// Workloads, in order.
    pub workloads: Vec<Workload>,
    /// Services with session affinity, in order.
    pub services: Vec<Service>,
    /// How many objects of other kinds were passed over, by `apiVersion/Kind`.
    pub skipped: BTreeMap<String, usize>,
    /// What could not be read.
    pub errors: Vec<ManifestError>,
    /// What was read, but is hardly meant so.
    pub warnings: Vec<ManifestError>,
}

impl Manifests {
    /// The workload that an autoscaler scales, if it is among these.
    ///
    /// Kind, name and namespace have to agree; no namespace is `default`, as it is for kubectl without `-n`. Of several,
    /// one of the target's own API group comes first, then one of any, since the group is often left out or outdated
    /// (`extensions` for `apps`).
    #[must_use]
    pub fn workload_for(&self, autoscaler: &Autoscaler) -> Option<&Workload> {
        let target = &autoscaler.scale_target;
        let mut found = None;
        for workload in &self.workloads {
            let agrees = workload.kind == target.kind
                && workload.name == target.name
                && in_namespace(workload.namespace.as_deref())
                    == in_namespace(autoscaler.namespace.as_deref());
            if !agrees {
                continue;
            }
            let same_group = target.api_version.as_deref().map(group_of)
                == Some(group_of(&workload.api_version));
            if same_group {
                return Some(workload);
            }
            found = found.or(Some(workload));
        }
        found
    }

    /// The first Service with session affinity that selects a workload's pods, if one is among these.
    #[must_use]
    pub fn service_for(&self, workload: &Workload) -> Option<&Service> {
        let namespace = in_namespace(workload.namespace.as_deref());
        self.services.iter().find(|service| {
            in_namespace(service.namespace.as_deref()) == namespace
                && service.selects(&workload.pod.labels)
        })
    }
}

fn in_namespace(namespace: Option<&str>) -> &str {
    namespace.unwrap_or("default")
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::{deployment_text, hpa_text, read_text};

    #[test]
    fn a_workload_is_found_by_kind_name_and_namespace() {
        let hpa_in = |namespace: &str| {
            hpa_text("v2", "  maxReplicas: 3\n").replace(
                "{name: a}\n",
                &format!("{{name: a, namespace: {namespace}}}\n"),
            )
        };
        let found = |hpa: String, workload: String| {
            let manifests = read_text(&format!("{hpa}---\n{workload}"));
            manifests.workload_for(&manifests.autoscalers[0]).is_some()
        };
        assert!(found(
            hpa_text("v2", "  maxReplicas: 3\n"),
            deployment_text("a", "~")
        ));
        assert!(found(
            hpa_text("v2", "  maxReplicas: 3\n"),
            deployment_text("a", "default")
        ));
        assert!(found(hpa_in("x"), deployment_text("a", "x")));
        assert!(!found(hpa_in("x"), deployment_text("a", "m")));
        assert!(!found(hpa_in("x"), deployment_text("a", "~")));
        assert!(!found(
            hpa_text("v2", "  maxReplicas: 3\n"),
            deployment_text("b", "~")
        ));
        assert!(!found(
            hpa_text("v2", "  maxReplicas: 3\n"),
            deployment_text("a", "~").replace("Deployment", "ReplicaSet")
        ));
        assert!(found(
            hpa_text("v2", "  maxReplicas: 3\n"),
            deployment_text("a", "~").replace("apps/v1", "extensions/v1beta1")
        ));
    }
}
