//! The settings of probes alone hold every new pod back for long.
//!
//! ## What it does
//!
//! Computes the earliest time at which a container can be ready: the longest `initialDelaySeconds` of its readinessProbe
//! and startupProbe, and for each success beyond the first (`successThreshold`) a period. It tells what is above 30 s.
//!
//! ## Why is this bad
//!
//! It is a delay that is added to every scale-up, however fast the container starts: load that grows within it meets the
//! pods that were there before.
//!
//! ## Example
//!
//! ```yaml
//! readinessProbe: {httpGet: {port: 8080}, initialDelaySeconds: 120, periodSeconds: 20, successThreshold: 3}
//! # ready after 160 s at the earliest
//! ```
//!
//! ## Fix
//!
//! Probe from the start and often (`periodSeconds: 2`): a container that isn't up yet just fails the probe. Where it
//! needs long at times, give it a startupProbe with a high `failureThreshold`.
//!
//! ## Evidence
//!
//! `pkg/kubelet/prober/worker.go`: no probe before the initial delay, ready after `successThreshold` successes.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::lint::pods::{readiness_floor, scaled_once};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let longest = context.settings.thresholds.longest_probe_floor;
    for it in scaled_once(context) {
        for container in it.pod.lasting_containers() {
            let Some(floor) = readiness_floor(container).filter(|floor| *floor > longest) else {
                continue;
            };
            let probe = match container.readiness {
                Some(_) => "readinessProbe",
                None => "startupProbe",
            };
            findings.put(
                it.place(container, &format!("{probe}.initialDelaySeconds")),
                format!(
                    "probes hold container `{}` back for at least {}, each time that a pod is added",
                    container.name,
                    length(floor)
                ),
                "lower initialDelaySeconds and successThreshold; a startupProbe covers slow starts",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(container: &str) -> String {
        deployment(container) + &hpa("  maxReplicas: 10\n")
    }

    #[test]
    fn a_long_floor_is_told() {
        fires(
            "SP306",
            &with(
                "readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 120, periodSeconds: 20, successThreshold: 3}",
            ),
            &["8:96 probes hold container `web` back for at least 2 min 40 s"],
        );
        fires(
            "SP306",
            &with("readinessProbe: {httpGet: {port: 80}, successThreshold: 5}"),
            &["8:37 probes hold container `web` back for at least 40 s"],
        );
        fires(
            "SP306",
            &with("startupProbe: {httpGet: {port: 80}, initialDelaySeconds: 60}"),
            &["8:94 probes hold container `web` back for at least 1 min"],
        );
    }

    #[test]
    fn a_short_floor_is_silent() {
        silent(
            "SP306",
            &with("readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 30}"),
        );
        silent(
            "SP306",
            &with("startupProbe: {httpGet: {port: 80}, failureThreshold: 60}"),
        );
        silent("SP306", &with("image: web"));
        silent(
            "SP306",
            &deployment("readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 90}"),
        );
    }
}
