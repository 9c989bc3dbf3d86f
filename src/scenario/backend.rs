//! `Backend`: what runs the replicas. Data, not code.

use super::{ScenarioError, Slo};
use crate::plant::{PlantSpec, Server};

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

impl Backend {
    /// One of its replicas as a queue: what it can serve, and up to which rate it holds an objective.
    ///
    /// # Errors
    /// When its figures make no queueing model.
    pub fn server(&self, slo: Slo) -> Result<Server, ScenarioError> {
        Server::new(&self.plant, slo.latency, slo.objective).map_err(|problem| {
            ScenarioError::Service {
                backend: self.name.clone(),
                problem: problem.to_string(),
            }
        })
    }
}

/// What a backend's replicas are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// Containers behind kube-proxy.
    Container,
    /// KubeVirt virtual machines behind the virt-launcher's proxy.
    Vm,
}
