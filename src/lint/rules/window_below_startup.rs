//! Pods are removed again before those that were added can be ready.
//!
//! ## What it does
//!
//! Compares the window of scaling down with the time from a rise of load to a ready pod: the age of the metric and the
//! wait for a sync (30 s together), and what the probes' settings alone take, or 30 s if that is less. Windows below
//! 60 s are `scale-down-window-zero`.
//!
//! ## Why is this bad
//!
//! The window is what keeps a scale-up alive until it shows. If it is shorter than a start, a dip takes the new pods away
//! just when they become ready, and the next rise orders them anew: the count swings with the period of a start.
//!
//! ## Example
//!
//! ```yaml
//! readinessProbe: {httpGet: {port: 8080}, initialDelaySeconds: 120}
//! # and in the autoscaler
//! behavior:
//!   scaleDown: {stabilizationWindowSeconds: 60}
//! ```
//!
//! ## Fix
//!
//! Make the window longer than the start, or the start shorter.
//!
//! ## Evidence
//!
//! A loop whose dead time is longer than its memory swings; `scaleplan simulate` shows it with your trace.

use crate::hpa::SelectPolicy;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::length::length;
use crate::lint::pace::paces;
use crate::lint::pods::readiness_floor;
use crate::units::SimDuration;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let thresholds = &context.settings.thresholds;
    let controller = &context.settings.cluster.controller;
    // A sample is up to one interval old, and waits for up to one sync.
    let lag = SimDuration::from_nanos(controller.sync_period.as_nanos().saturating_mul(2));
    for pace in paces(context) {
        let workload = pace.owner.and_then(|owner| owner.workload);
        let Some((owner, workload)) = pace.owner.zip(workload) else {
            continue;
        };
        if workload.pod.vm.is_some() {
            continue;
        }
        let rules = pace.behavior.as_ref().map(|behavior| &behavior.scale_down);
        if rules.is_some_and(|rules| rules.select_policy == SelectPolicy::Disabled) {
            continue;
        }
        let own = rules.and_then(|rules| rules.stabilization_window);
        let window = own.unwrap_or(controller.downscale_stabilization);
        let floors = workload
            .pod
            .lasting_containers()
            .filter_map(readiness_floor);
        let start = floors.max().unwrap_or(SimDuration::ZERO);
        let start = start.max(thresholds.startup.0);
        let needed = SimDuration::from_nanos(start.as_nanos().saturating_add(lag.as_nanos()));
        if window < thresholds.shortest_scale_down_window || window >= needed {
            continue;
        }
        findings
            .put(
                pace.place("scaleDown.stabilizationWindowSeconds"),
                format!(
                    "the window of scaling down is {}, while a pod is ready {} after the load at the earliest",
                    length(window),
                    length(needed)
                ),
                format!(
                    "set stabilizationWindowSeconds to {} or more, or shorten the start",
                    needed.as_nanos() / 1_000_000_000
                ),
            )
            .with_related(Place::at(owner.object, "metadata.name"), "its pods' probes");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(delay: u32, spec: &str) -> String {
        deployment(&format!(
            "readinessProbe: {{httpGet: {{port: 80}}, initialDelaySeconds: {delay}}}"
        )) + &hpa(&format!("  maxReplicas: 10\n{spec}"))
    }

    fn window(seconds: u32) -> String {
        format!("  behavior: {{scaleDown: {{stabilizationWindowSeconds: {seconds}}}}}\n")
    }

    #[test]
    fn a_window_shorter_than_a_start_is_told() {
        fires(
            "SP405",
            &with(120, &window(60)),
            &["16:54 the window of scaling down is 1 min, while a pod is ready 2 min 30 s after"],
        );
        // Also the controller's own, where none is said.
        fires(
            "SP405",
            &with(400, ""),
            &["13:1 the window of scaling down is 5 min"],
        );
    }

    #[test]
    fn a_window_that_covers_a_start_is_silent() {
        silent("SP405", &with(120, &window(150)));
        silent("SP405", &with(0, &window(60)));
        silent("SP405", &with(120, ""));
        // Below a minute it is another rule's finding.
        silent("SP405", &with(120, &window(30)));
        silent(
            "SP405",
            &with(400, "  behavior: {scaleDown: {selectPolicy: Disabled}}\n"),
        );
    }
}
