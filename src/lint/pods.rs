//! What several rules ask of an autoscaler's pods: whose they are, and where their containers stand.

use std::collections::BTreeSet;

use super::context::Context;
use super::finding::Place;
use super::joined::{Autoscaled, PodOwner, Target};
use crate::hpa::Resource;
use crate::manifest::{ContainerFacts, Node, PodFacts};
use crate::units::SimDuration;

/// What an autoscaler scales, where its pods are known and are no virtual machines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled<'c, 'a> {
    pub(crate) autoscaled: &'c Autoscaled<'a>,
    pub(crate) owner: &'c PodOwner<'a>,
    pub(crate) pod: &'a PodFacts,
}

/// Every autoscaler that the API server takes, with its pods.
pub(crate) fn scaled<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = Scaled<'c, 'a>> + use<'c, 'a> {
    context.valid_autoscalers().filter_map(|(autoscaled, _)| {
        let owner = context.owner(autoscaled)?;
        let pod = &owner.workload?.pod;
        pod.vm.is_none().then_some(Scaled {
            autoscaled,
            owner,
            pod,
        })
    })
}

/// Likewise, each set of pods once however many autoscalers it has.
pub(crate) fn scaled_once<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = Scaled<'c, 'a>> + use<'c, 'a> {
    let mut seen = BTreeSet::new();
    scaled(context).filter(move |it| match it.autoscaled.target {
        Target::Owner(number) => seen.insert(number),
        _ => false,
    })
}

impl Scaled<'_, '_> {
    /// Where a field of a container stands, by a path such as `readinessProbe`, or the innermost part of it that is
    /// there, or the container's name.
    pub(crate) fn place(&self, container: &ContainerFacts, path: &str) -> Place {
        let object = self.owner.object;
        match self.node(container) {
            Some(node) => {
                let name = node.get("name").unwrap_or(node);
                Place::below(object, node, name.span(), path)
            }
            None => Place::at(object, "metadata.name"),
        }
    }

    /// A container's own mapping in the file.
    pub(crate) fn node(&self, container: &ContainerFacts) -> Option<Node<'_>> {
        let template = self.owner.object.pod_template()?;
        let lists = ["spec.containers", "spec.initContainers"];
        let mut listed = lists
            .iter()
            .filter_map(|path| template.at(path))
            .flat_map(|list| list.items());
        listed.find(|item| {
            let name = item.get("name").and_then(|name| name.text());
            name == Some(container.name.as_str())
        })
    }
}

/// What manifests call a resource.
pub(crate) fn name_of(resource: &Resource) -> &str {
    match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    }
}

/// The request of a container for cpu or memory, in thousandths; others are not read.
pub(crate) fn request_of(container: &ContainerFacts, resource: &Resource) -> Option<i64> {
    match resource {
        Resource::Cpu => container.requests.cpu_milli,
        Resource::Memory => container.requests.memory_milli,
        Resource::Other(_) => None,
    }
}

/// The earliest time after its start at which probes let a container be ready; `None` without probes.
pub(crate) fn readiness_floor(container: &ContainerFacts) -> Option<SimDuration> {
    let probes = [&container.readiness, &container.startup];
    let delays = probes.into_iter().flatten().map(|it| it.initial_delay);
    let delay = delays.max()?;
    let further = container.readiness.as_ref().map_or(0, |probe| {
        let successes = i64::from(probe.success_threshold.saturating_sub(1));
        probe.probe_period.as_nanos().saturating_mul(successes)
    });
    Some(SimDuration::from_nanos(
        delay.as_nanos().saturating_add(further),
    ))
}
