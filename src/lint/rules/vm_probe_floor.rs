//! The probe of scaled virtual machines keeps each new one back for long after it has booted.
//!
//! ## What it does
//!
//! Adds up what the readiness probe of an autoscaled template costs on every start: the part of `initialDelaySeconds` beyond
//! the 90 s that a machine takes to boot, and `(successThreshold - 1) × periodSeconds`. More than 30 s is told.
//!
//! ## Why is this bad
//!
//! A machine that serves is not sent any work until then, on every scale-up, and the autoscaler takes it as unready.
//!
//! ## Example
//!
//! ```yaml
//! readinessProbe:
//!   httpGet: {port: 80}
//!   initialDelaySeconds: 120
//!   periodSeconds: 20
//!   successThreshold: 3
//! ```
//!
//! ## Fix
//!
//! Probe early and often with `successThreshold: 1`; a probe that fails while the guest boots costs nothing.
//!
//! ## Evidence
//!
//! KubeVirt's user guide, "Liveness and readiness probes", whose example comes to 160 s.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::length::{counted, length};
use crate::manifest::Object;
use crate::units::SimDuration;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let thresholds = &context.settings.thresholds;
    let (_, boot) = thresholds.startup;
    for (_, owner) in context.scaled_machines() {
        let pod = owner.workload.map(|workload| &workload.pod);
        let compute = pod.and_then(|pod| pod.containers.first());
        let Some(probe) = compute.and_then(|compute| compute.readiness.as_ref()) else {
            continue;
        };
        let wait = (probe.initial_delay - boot).max(SimDuration::ZERO);
        let repeats = i64::from((probe.success_threshold - 1).max(0));
        let floor = wait + probe.probe_period * repeats;
        if floor > thresholds.longest_probe_floor {
            findings.put(
                place_of_probe(owner.object),
                format!(
                    "the probe keeps a machine back for {} after a boot of {}: it begins after {} and wants {} \
                     in a row, one every {}",
                    length(floor),
                    length(boot),
                    length(probe.initial_delay),
                    counted(probe.success_threshold, "success", "successes"),
                    length(probe.probe_period)
                ),
                "probe early and often with `successThreshold: 1`",
            );
        }
    }
}

/// The readiness probe of a machine's template, or else the object.
pub(super) fn place_of_probe(object: &Object) -> Place {
    let template = object.pod_template();
    let probe = template.and_then(|template| template.at("spec.readinessProbe"));
    match probe {
        Some(probe) => Place::new(&object.document, probe.span()),
        None => Place::new(&object.document, object.head()),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa_of_machines, machines, silent};

    fn with(probe: &str) -> String {
        let probe = format!("      readinessProbe: {{tcpSocket: {{port: 80}}, {probe}}}\n");
        machines("{}", &probe) + &hpa_of_machines(&format!("  maxReplicas: 9\n{}", cpu(500)))
    }

    #[test]
    fn a_wait_beyond_the_boot_is_told() {
        fires(
            "SP602",
            &with("initialDelaySeconds: 120, periodSeconds: 20, successThreshold: 3"),
            &["9:23 the probe keeps a machine back for 1 min 10 s after a boot of 1 min 30 s"],
        );
        fires(
            "SP602",
            &with("initialDelaySeconds: 121"),
            &["9:23 the probe keeps a machine back for 31 s"],
        );
    }

    #[test]
    fn a_wait_within_the_boot_is_silent() {
        silent("SP602", &with("initialDelaySeconds: 120"));
        silent("SP602", &with("periodSeconds: 10, successThreshold: 4"));
        let probe = "      readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 500}\n";
        silent("SP602", &machines("{}", probe));
    }
}
