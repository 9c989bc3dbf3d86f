//! Pods that use all they may never leave the tolerance around the target, so that nothing scales up.
//!
//! ## What it does
//!
//! For each utilization target on cpu or memory it computes the largest utilization that a pod can show, which is its
//! limit over its request, and from it the largest usage ratio. The controller acts only where the ratio leaves the
//! tolerance: 10 % on both sides, unless `behavior.scaleUp.tolerance` says otherwise. Where limits equal requests, every
//! target from 91 up is inside it.
//!
//! ## Why is this bad
//!
//! The autoscaler can only scale down. Under full load every pod is throttled and the count stays where it is.
//!
//! ## Example
//!
//! ```yaml
//! resources:
//!   requests: {cpu: 500m}
//!   limits: {cpu: 500m}
//! # and in the autoscaler
//! target: {type: Utilization, averageUtilization: 95}
//! ```
//!
//! ## Fix
//!
//! Lower the target to 50 to 80 with an eye on the time that pods take to start, or let pods use more than they request.
//!
//! ## Evidence
//!
//! `GetResourceUtilizationRatio` and `isWithinTolerance` in `pkg/controller/podautoscaler` of Kubernetes, and KEP-4951.
//! No other linter reads limits against targets.

use crate::hpa::MetricTarget;
use crate::lint::aim::aims;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::Amounts;
use crate::lint::pods::name_of;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for aim in aims(context) {
        let MetricTarget::Utilization(target) = aim.target else {
            continue;
        };
        let Some(Amounts {
            request: Some(request @ 1..),
            limit: Some(limit),
        }) = aim.amounts()
        else {
            continue;
        };
        let tolerance = aim.tolerance;
        // The controller counts utilization in whole percent, rounded down.
        let highest = limit.saturating_mul(100) / request;
        let ratio = highest as f64 / f64::from(target);
        if ratio < 1.0 || ratio - 1.0 > tolerance {
            continue;
        }
        let name = name_of(&aim.resource);
        findings
                .put(
                    aim.place(),
                    format!(
                        "pods can show at most {highest} % {name} utilization, {ratio:.2} times the target of {target}, \
                         which is within the tolerance of {tolerance}: it never scales up"
                    ),
                    format!("lower the target, to {} at most", highest_useful(highest, tolerance)),
                )
                .with_related(
                    Place::at(aim.owner.object, "spec.template.spec.containers"),
                    "requests and limits",
                );
    }
}

/// The highest target from which the largest utilization leaves the tolerance.
fn highest_useful(highest: i64, tolerance: f64) -> i64 {
    let leaves = |target: &i64| highest as f64 / *target as f64 - 1.0 > tolerance;
    (1..=highest.min(1000)).rev().find(leaves).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(resources: &str, target: u32, behavior: &str) -> String {
        let resources = deployment(&format!("resources: {resources}"));
        resources + &hpa(&format!("  maxReplicas: 10\n{}{behavior}", cpu(target)))
    }

    const EQUAL: &str = "{requests: {cpu: 500m}, limits: {cpu: 500m}}";

    #[test]
    fn a_target_that_full_use_does_not_leave_is_told() {
        fires(
            "SP309",
            &with(EQUAL, 95, ""),
            &["17:92 pods can show at most 100 % cpu utilization, 1.05 times the target of 95"],
        );
        fires("SP309", &with(EQUAL, 91, ""), &["17:92 pods"]);
        fires("SP309", &with(EQUAL, 100, ""), &["17:92 pods"]);
        // A limit stands in for an absent request.
        fires(
            "SP309",
            &with("{limits: {cpu: 1}}", 95, ""),
            &["17:92 pods"],
        );
        let burst = "{requests: {cpu: 500m}, limits: {cpu: 1}}";
        fires(
            "SP309",
            &with(burst, 190, ""),
            &["17:92 pods can show at most 200 %"],
        );
        let tolerant = "  behavior: {scaleUp: {tolerance: 0.5}}\n";
        fires("SP309", &with(EQUAL, 70, tolerant), &["17:92 pods"]);
    }

    #[test]
    fn a_target_that_full_use_leaves_is_silent() {
        silent("SP309", &with(EQUAL, 90, ""));
        silent("SP309", &with("{requests: {cpu: 500m}}", 95, ""));
        silent(
            "SP309",
            &with("{requests: {cpu: 500m}, limits: {cpu: 1}}", 95, ""),
        );
        let exact = "  behavior: {scaleUp: {tolerance: 0.01}}\n";
        silent("SP309", &with(EQUAL, 95, exact));
        // Beyond what can be reached it is another rule's finding.
        silent("SP309", &with(EQUAL, 120, ""));
    }
}
