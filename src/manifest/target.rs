//! What an autoscaler scales.

use std::fmt;

/// The object that an autoscaler scales, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleTargetRef {
    /// `apiVersion`, if given. Newer API servers refuse an autoscaler without it.
    pub api_version: Option<String>,
    /// `kind`.
    pub kind: TargetKind,
    /// `name`.
    pub name: String,
}

/// The kinds of workloads that are understood.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetKind {
    /// `apps` Deployment.
    Deployment,
    /// `apps` StatefulSet.
    StatefulSet,
    /// `apps` ReplicaSet.
    ReplicaSet,
    /// `kubevirt.io` VirtualMachineInstanceReplicaSet.
    VirtualMachineInstanceReplicaSet,
    /// `pool.kubevirt.io` VirtualMachinePool.
    VirtualMachinePool,
    /// `kubevirt.io` VirtualMachine: read for its facts, but a single machine can't be scaled.
    VirtualMachine,
    /// `kubevirt.io` VirtualMachineInstance: likewise.
    VirtualMachineInstance,
    /// Anything else that may have a scale subresource.
    Other(String),
}

impl ScaleTargetRef {
    /// Whether it is of a kind that has no count to scale: see [`has_no_scale`].
    #[must_use]
    pub fn has_no_scale(&self) -> bool {
        has_no_scale(self.api_version.as_deref(), self.kind.name())
    }
}

/// Whether a kind of Kubernetes, KubeVirt or KEDA has no count to scale. Where no version is given only what can't be meant
/// otherwise counts.
#[must_use]
pub fn has_no_scale(api_version: Option<&str>, kind: &str) -> bool {
    let group = api_version.map(|version| version.split_once('/').map_or("", |(group, _)| group));
    match group {
        Some("apps" | "extensions") => {
            matches!(kind, "DaemonSet" | "ControllerRevision" | "Ingress")
        }
        Some("batch") => matches!(kind, "Job" | "CronJob"),
        Some("kubevirt.io") => matches!(kind, "VirtualMachine" | "VirtualMachineInstance"),
        Some("keda.sh") => matches!(kind, "ScaledObject" | "ScaledJob"),
        Some("autoscaling") => kind == "HorizontalPodAutoscaler",
        Some("") => matches!(
            kind,
            "Pod"
                | "Service"
                | "Node"
                | "ConfigMap"
                | "Secret"
                | "Namespace"
                | "DaemonSet"
                | "Job"
                | "CronJob"
        ),
        Some(_) => false,
        None => matches!(kind, "Pod" | "DaemonSet" | "Job" | "CronJob"),
    }
}

impl TargetKind {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "Deployment" => Self::Deployment,
            "StatefulSet" => Self::StatefulSet,
            "ReplicaSet" => Self::ReplicaSet,
            "VirtualMachineInstanceReplicaSet" => Self::VirtualMachineInstanceReplicaSet,
            "VirtualMachinePool" => Self::VirtualMachinePool,
            "VirtualMachine" => Self::VirtualMachine,
            "VirtualMachineInstance" => Self::VirtualMachineInstance,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::ReplicaSet => "ReplicaSet",
            Self::VirtualMachineInstanceReplicaSet => "VirtualMachineInstanceReplicaSet",
            Self::VirtualMachinePool => "VirtualMachinePool",
            Self::VirtualMachine => "VirtualMachine",
            Self::VirtualMachineInstance => "VirtualMachineInstance",
            Self::Other(name) => name,
        }
    }

    /// Whether its replicas are virtual machines.
    #[must_use]
    pub fn is_vm(&self) -> bool {
        matches!(
            self,
            Self::VirtualMachineInstanceReplicaSet
                | Self::VirtualMachinePool
                | Self::VirtualMachine
                | Self::VirtualMachineInstance
        )
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
