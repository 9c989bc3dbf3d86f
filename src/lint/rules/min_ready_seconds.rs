//! `minReadySeconds` holds rollouts back, not the autoscaler.
//!
//! ## What it does
//!
//! Looks for `minReadySeconds` above zero in an autoscaled workload.
//!
//! ## Why is this bad
//!
//! Mostly it isn't: it slows rollouts down on purpose. But the two controllers count differently: the autoscaler counts
//! a pod once it is Ready, the rollout only once it is Available. During a rollout the surge stays longer, its pods take
//! part in the average, and `kubectl rollout status` waits at each scale-up too.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec:
//!   minReadySeconds: 60
//! ```
//!
//! ## Fix
//!
//! Leave the time that a pod needs to serve to its readinessProbe, and keep `minReadySeconds` to what rollouts need.
//!
//! ## Evidence
//!
//! `pkg/controller/podautoscaler/replica_calculator.go` looks at Ready; `pkg/controller/deployment/util` at Available.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::length::length;
use crate::lint::pods::scaled_once;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for it in scaled_once(context) {
        if !it.pod.min_ready_seconds.is_positive() {
            continue;
        }
        findings.put(
            Place::at(it.owner.object, "spec.minReadySeconds"),
            format!(
                "rollouts count a pod {} after HorizontalPodAutoscaler `{}` does",
                length(it.pod.min_ready_seconds),
                it.autoscaled.object.name
            ),
            "leave the time that a pod needs to serve to its readinessProbe",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment_with, fires, hpa, silent};

    fn with(line: &str) -> String {
        deployment_with(line, "image: web") + &hpa("  maxReplicas: 10\n")
    }

    #[test]
    fn seconds_above_zero_are_told() {
        fires(
            "SP307",
            &with("  minReadySeconds: 90"),
            &["5:20 rollouts count a pod 1 min 30 s after HorizontalPodAutoscaler `web` does"],
        );
    }

    #[test]
    fn zero_and_what_is_not_autoscaled_are_silent() {
        silent("SP307", &with("  minReadySeconds: 0"));
        silent("SP307", &with(""));
        silent(
            "SP307",
            &deployment_with("  minReadySeconds: 90", "image: web"),
        );
    }
}
