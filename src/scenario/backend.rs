//! `Backend`: what runs the replicas. Data, not code.

use crate::plant::PlantSpec;

/// One way to run the replicas.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// Its name in reports.
    pub name: String,
    /// What it is made of.
    pub kind: BackendKind,
    /// The replicas.
    pub plant: PlantSpec,
}

/// What a backend's replicas are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// Containers behind kube-proxy.
    Container,
    /// KubeVirt virtual machines behind the virt-launcher's proxy.
    Vm,
}
