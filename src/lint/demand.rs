//! What the scheduler and quotas count for a pod, and amounts of it in words.

use super::context::Context;
use super::joined::{PodOwner, amount_of};
use crate::hpa::{InitContainerKind, Resource};
use crate::manifest::{ContainerFacts, ResourceQuota, Written};
use crate::units::Quantity;

/// What of a pod is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Requests for cpu.
    CpuRequests,
    /// Requests for memory.
    MemoryRequests,
    /// Limits of cpu.
    CpuLimits,
    /// Limits of memory.
    MemoryLimits,
    /// The pods themselves.
    Pods,
}

impl Counted {
    /// What a name in a quota counts; `None` for what is not about pods, or not known here.
    pub(crate) fn of_quota(name: &str) -> Option<Self> {
        match name {
            "cpu" | "requests.cpu" => Some(Self::CpuRequests),
            "memory" | "requests.memory" => Some(Self::MemoryRequests),
            "limits.cpu" => Some(Self::CpuLimits),
            "limits.memory" => Some(Self::MemoryLimits),
            "pods" | "count/pods" => Some(Self::Pods),
            _ => None,
        }
    }

    /// How much one pod counts for, in thousandths; what it leaves open counts as nothing, or what a LimitRange fills in.
    pub(crate) fn of_pod(self, context: &Context<'_>, owner: &PodOwner<'_>) -> i128 {
        let (resource, is_request) = match self {
            Self::CpuRequests => (Resource::Cpu, true),
            Self::MemoryRequests => (Resource::Memory, true),
            Self::CpuLimits => (Resource::Cpu, false),
            Self::MemoryLimits => (Resource::Memory, false),
            Self::Pods => return 1000,
        };
        let Some(workload) = owner.workload else {
            return 0;
        };
        let pod = &workload.pod;
        let name = resource_name(&resource);
        let filled_in = is_request
            .then(|| request_filled_in(context, owner, name))
            .flatten()
            .unwrap_or_default();
        let of = |container: &ContainerFacts| {
            let facts = if is_request {
                &container.requests
            } else {
                &container.limits
            };
            amount_of(facts, &resource).map_or(filled_in, i128::from)
        };
        // Sidecars stay beside each later init container, and beside the pod's own containers.
        let mut sidecars = 0;
        let mut starting = 0;
        for (container, kind) in &pod.init_containers {
            if *kind == InitContainerKind::Sidecar {
                sidecars += of(container);
            } else {
                starting = starting.max(sidecars + of(container));
            }
        }
        let running: i128 = pod.containers.iter().map(of).sum();
        let of_containers = starting.max(running + sidecars);
        let pod_level = if is_request {
            &pod.pod_level_requests
        } else {
            &pod.pod_level_limits
        };
        let of_pod = amount_of(pod_level, &resource).map_or(of_containers, i128::from);
        of_pod + overhead(owner, name)
    }

    /// An amount in words, such as `20 cpu` or `1.5Gi of memory`.
    pub(crate) fn shown(self, thousandths: i128) -> String {
        match self {
            Self::CpuRequests => format!("{} cpu", cores(thousandths)),
            Self::CpuLimits => format!("{} cpu of limits", cores(thousandths)),
            Self::MemoryRequests => format!("{} of memory", bytes(thousandths)),
            Self::MemoryLimits => format!("{} of memory limits", bytes(thousandths)),
            Self::Pods => format!("{} pods", thousandths / 1000),
        }
    }
}

/// What a quota has of each that it counts of long-running pods: the field's name, what it counts, its amount. Nothing
/// where scopes make it a quota of other pods, or may.
pub(crate) fn quota_of_pods(
    quota: &ResourceQuota,
) -> impl Iterator<Item = (&str, Counted, &Written<Quantity>)> {
    let is_usual = |scope: &Written<String>| {
        matches!(scope.value.as_str(), "NotTerminating" | "NotBestEffort")
    };
    let applies = quota.scope_selector.is_none() && quota.scopes.iter().all(is_usual);
    let hard = quota.hard.iter().filter(move |_| applies);
    hard.filter_map(|(name, amount)| Some((name.as_str(), Counted::of_quota(name)?, amount)))
}

/// The request that a LimitRange gives containers without one, in thousandths.
pub(crate) fn request_filled_in(
    context: &Context<'_>,
    owner: &PodOwner<'_>,
    resource: &str,
) -> Option<i128> {
    let mut ranges = context.limit_ranges_beside(owner.object);
    ranges.find_map(|(_, range)| {
        let amount = range.default_request(resource)?;
        Some(i128::from(amount.value.milli_value()))
    })
}

/// `cpu`, `memory`, or what a manifest calls it.
pub(crate) fn resource_name(resource: &Resource) -> &str {
    match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    }
}

/// What the pod's RuntimeClass adds, as `spec.overhead` says, in thousandths.
fn overhead(owner: &PodOwner<'_>, resource: &str) -> i128 {
    let template = owner.object.pod_template();
    let overhead = template.and_then(|template| template.at("spec.overhead"));
    let amount = overhead.and_then(|overhead| overhead.get(resource)?.text());
    let amount = amount.and_then(|text| Quantity::parse(text).ok());
    amount.map_or(0, |amount| i128::from(amount.milli_value()))
}

fn cores(thousandths: i128) -> String {
    if thousandths % 1000 == 0 {
        (thousandths / 1000).to_string()
    } else {
        format!("{thousandths}m")
    }
}

/// Thousandths of bytes in the largest binary unit that leaves a number over 1, with one decimal if it needs one.
fn bytes(thousandths: i128) -> String {
    let units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let bytes = thousandths / 1000;
    let unit = units.into_iter().find(|(_, shift)| bytes >> shift > 0);
    let Some((unit, shift)) = unit else {
        return bytes.to_string();
    };
    let tenths = (bytes * 10) >> shift;
    match tenths % 10 {
        0 => format!("{}{unit}", tenths / 10),
        tenth => format!("{}.{tenth}{unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_as_manifests_write_them() {
        assert_eq!(Counted::CpuRequests.shown(1500), "1500m cpu");
        assert_eq!(Counted::CpuRequests.shown(20_000), "20 cpu");
        assert_eq!(
            Counted::MemoryRequests.shown((3 << 29) * 1000),
            "1.5Gi of memory"
        );
        assert_eq!(Counted::Pods.shown(7000), "7 pods");
    }
}
