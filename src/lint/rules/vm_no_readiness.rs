//! Scaled virtual machines have no readiness probe, so that they count as ready while the guest boots.
//!
//! ## What it does
//!
//! Looks for a `readinessProbe` in the template of machines that an autoscaler or a ScaledObject scales.
//!
//! ## Why is this bad
//!
//! Without a probe a machine is ready as soon as its launcher runs. Services send it work that nobody answers for the
//! minute or more that the guest takes to boot, and the cpu that booting takes counts as load.
//!
//! ## Example
//!
//! ```yaml
//! kind: VirtualMachineInstanceReplicaSet
//! spec:
//!   template:
//!     spec:
//!       domain: {cpu: {cores: 2}}
//! ```
//!
//! ## Fix
//!
//! Probe the port that is served, or `guestAgentPing: {}` where the guest has the agent.
//!
//! ## Evidence
//!
//! KubeVirt's user guide, "Liveness and readiness probes".

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (scaler, owner) in context.scaled_machines() {
        let template = owner.object.pod_template();
        let probe = template.and_then(|template| template.at("spec.readinessProbe"));
        if probe.is_some_and(|probe| !probe.is_null()) {
            continue;
        }
        findings
            .put(
                Place::new(&owner.object.document, owner.object.head()),
                format!(
                    "the machines of {} `{}` have no readinessProbe: each counts as ready while its guest boots",
                    owner.object.kind, owner.object.name
                ),
                "probe the port that is served, or `guestAgentPing: {}`",
            )
            .with_related(Place::at(scaler, "metadata.name"), "what scales them");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{
        cpu, fires, hpa_of_machines, machines, scaled_object, silent, trigger,
    };

    fn hpa() -> String {
        hpa_of_machines(&format!("  maxReplicas: 9\n{}", cpu(500)))
    }

    #[test]
    fn machines_without_a_probe_are_told() {
        let message =
            "3:18 the machines of VirtualMachineInstanceReplicaSet `web` have no readinessProbe";
        fires("SP603", &(machines("{}", "") + &hpa()), &[message]);
        let target =
            "{apiVersion: kubevirt.io/v1, kind: VirtualMachineInstanceReplicaSet, name: web}";
        let by_keda = (scaled_object("") + &trigger("kafka")).replacen(
            "{name: web}\n  t",
            &format!("{target}\n  t"),
            1,
        );
        fires("SP603", &(machines("{}", "") + &by_keda), &[message]);
    }

    #[test]
    fn a_probe_or_no_autoscaler_is_silent() {
        let probe = "      readinessProbe: {guestAgentPing: {}}\n";
        silent("SP603", &(machines("{}", probe) + &hpa()));
        silent("SP603", &machines("{}", ""));
    }
}
