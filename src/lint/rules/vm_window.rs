//! Scaling down forgets quicker than a virtual machine starts.
//!
//! ## What it does
//!
//! Compares the scale-down window of an autoscaler of virtual machines with the time that a machine takes to be ready, 90 s
//! unless told otherwise.
//!
//! ## Why is this bad
//!
//! A dip that is over before a machine could start takes machines away that are needed at once, and load waits for them to
//! boot again: the count swings.
//!
//! ## Example
//!
//! ```yaml
//! scaleTargetRef: {apiVersion: pool.kubevirt.io/v1beta1, kind: VirtualMachinePool, name: web}
//! behavior: {scaleDown: {stabilizationWindowSeconds: 30}}
//! ```
//!
//! ## Fix
//!
//! Keep the default of 300 s, or set at least a start and a metric's age.
//!
//! ## Evidence
//!
//! Creation to running takes a median of 15 to 25 s for machines without an operating system to speak of (KubeVirt's
//! performance graphs), and cloud guests of 2012 took 45 to 800 s to boot (Mao and Humphrey).

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::length::length;
use crate::manifest::{BehaviorAsWritten, TargetKind, Written};
use crate::units::SimDuration;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (_, startup) = context.settings.thresholds.startup;
    let of_hpas = context.autoscalers().map(|it| {
        let written = it.written;
        (
            it.object,
            written.scale_target.as_ref(),
            written.behavior.as_deref(),
        )
    });
    let of_keda = context.scaled_objects().map(|(object, scaled)| {
        (
            object,
            scaled.scale_target.as_ref(),
            scaled.behavior.as_ref(),
        )
    });
    for (object, target, behavior) in of_hpas.chain(of_keda) {
        let kind = target.and_then(|target| target.value.kind.as_ref());
        if !kind.is_some_and(|kind| TargetKind::from_name(&kind.value).is_vm()) {
            continue;
        }
        let Some(window) = behavior.and_then(window_of) else {
            continue;
        };
        let back = SimDuration::from_seconds(i64::from(window.value));
        if back < startup {
            findings.put(
                Place::of(object, window),
                format!(
                    "scaling down looks back {}, and a machine takes {} to be ready",
                    length(back),
                    length(startup)
                ),
                format!(
                    "set stabilizationWindowSeconds to {} or more",
                    startup.as_seconds()
                ),
            );
        }
    }
}

fn window_of(behavior: &Written<BehaviorAsWritten>) -> Option<&Written<i32>> {
    let rules = behavior.value.scale_down.as_ref()?;
    rules.value.stabilization_window.as_ref()
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, fires, hpa, hpa_of_machines, silent};

    fn spec(direction: &str, window: u32) -> String {
        format!(
            "  maxReplicas: 9\n{}  behavior: {{{direction}: {{stabilizationWindowSeconds: {window}}}}}\n",
            cpu(500)
        )
    }

    #[test]
    fn a_window_below_a_start_is_told() {
        fires(
            "SP607",
            &hpa_of_machines(&spec("scaleDown", 30)),
            &["9:54 scaling down looks back 30 s, and a machine takes 1 min 30 s to be ready"],
        );
        fires(
            "SP607",
            &hpa_of_machines(&spec("scaleDown", 0)),
            &["9:54 scaling down looks back 0 s"],
        );
    }

    #[test]
    fn a_window_over_a_start_is_silent() {
        silent("SP607", &hpa_of_machines(&spec("scaleDown", 90)));
        silent("SP607", &hpa_of_machines(&spec("scaleUp", 0)));
        silent("SP607", &hpa_of_machines("  maxReplicas: 9\n"));
        silent("SP607", &hpa(&spec("scaleDown", 30)));
    }
}
