//! The cpu target of virtual machines is a share of a request that is a tenth of the guest's cpus.
//!
//! ## What it does
//!
//! For each cpu utilization target on a VirtualMachineInstanceReplicaSet or VirtualMachinePool whose template states neither
//! a cpu request nor dedicated cpus, it computes what share of the guest's own cpus the target comes to: the target over
//! KubeVirt's `cpuAllocationRatio`, 10 unless told otherwise. Below 10 % it is an error, below 30 % a warning.
//!
//! ## Why is this bad
//!
//! KubeVirt requests a tenth of a core for each virtual cpu, and utilization is measured against the request. At a target
//! of 50 the autoscaler adds machines as soon as guests are 5 % busy, and an idle guest keeps the count at its maximum.
//!
//! ## Example
//!
//! ```yaml
//! kind: VirtualMachinePool
//! spec:
//!   virtualMachineTemplate: {spec: {template: {spec: {domain: {cpu: {cores: 2}}}}}}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics:
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
//! ```
//!
//! ## Fix
//!
//! State `domain.resources.requests.cpu`, or `dedicatedCpuPlacement: true`, or multiply the target by the ratio: 500 is half
//! of the guest's cpus.
//!
//! ## Evidence
//!
//! KubeVirt's user guide, "Resources requests and limits" and "Node overcommit", and `renderresources.go`. The guide's own
//! example of an autoscaled pool aims at 50.

use crate::hpa::{MetricTarget, Resource};
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::PodOwner;

/// Below this share of the guest's cpus an idle guest is enough to scale up, percent.
const IDLE_SHARE: i64 = 10;
/// Below this share of the guest's cpus the target is hardly meant, percent.
const LOW_SHARE: i64 = 30;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let ratio = context.settings.cluster.cpu_allocation_ratio.max(1);
    for (autoscaled, _) in context.valid_autoscalers() {
        let Some(owner) = context
            .owner(autoscaled)
            .filter(|owner| requests_by_ratio(owner))
        else {
            continue;
        };
        for metric in autoscaled.metrics() {
            let Some((Resource::Cpu, _, MetricTarget::Utilization(target))) = metric.resource()
            else {
                continue;
            };
            let share = i64::from(*target) / ratio;
            if share >= LOW_SHARE {
                continue;
            }
            let finding = findings.put(
                autoscaled.place_of_target(&metric),
                format!(
                    "the target of {target} % is {share} % of the guest's cpus: without a cpu request KubeVirt asks for \
                     1/{ratio} core for each of them"
                ),
                format!(
                    "state domain.resources.requests.cpu, or aim at {} for 60 % of the guest's cpus",
                    60 * ratio
                ),
            );
            finding.with_related(
                Place::at(owner.object, "spec.template.spec.domain"),
                "the machine's cpus",
            );
            if share >= IDLE_SHARE {
                finding.with_severity(Severity::Warning);
            }
        }
    }
}

/// Whether its machines' cpu request is computed from their virtual cpus. Of an instancetype nothing is known.
fn requests_by_ratio(owner: &PodOwner<'_>) -> bool {
    let vm = owner.workload.and_then(|workload| workload.pod.vm.as_ref());
    let Some(vm) = vm.filter(|vm| !vm.dedicated_cpus && vm.instancetype.is_none()) else {
        return false;
    };
    let template = owner.object.pod_template();
    let request = template.and_then(|it| it.at("spec.domain.resources.requests.cpu"));
    vm.vcpus.is_some() && request.is_none_or(|request| request.is_null())
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::testing::{cpu, findings, fires, hpa_of_machines, machines, silent};

    fn with(domain: &str, target: u32) -> String {
        machines(domain, "") + &hpa_of_machines(&format!("  maxReplicas: 9\n{}", cpu(target)))
    }

    #[test]
    fn a_target_over_a_tenth_is_told() {
        fires(
            "SP601",
            &with("{cpu: {cores: 2}}", 50),
            &["17:92 the target of 50 % is 5 % of the guest's cpus"],
        );
        fires(
            "SP601",
            &with("{}", 200),
            &["17:92 the target of 200 % is 20 %"],
        );
        for (target, severity) in [(50, Severity::Error), (200, Severity::Warning)] {
            let found = findings(&with("{}", target));
            let ours = found.iter().find(|it| it.rule.code == "SP601");
            assert_eq!(ours.map(|it| it.severity), Some(severity));
        }
    }

    #[test]
    fn a_request_or_a_target_that_allows_for_it_is_silent() {
        silent("SP601", &with("{resources: {requests: {cpu: 2}}}", 50));
        silent(
            "SP601",
            &with("{cpu: {cores: 2, dedicatedCpuPlacement: true}}", 50),
        );
        silent("SP601", &with("{cpu: {cores: 2}}", 500));
        let memory = with("{}", 50).replace("name: cpu", "name: memory");
        silent("SP601", &memory);
    }
}
