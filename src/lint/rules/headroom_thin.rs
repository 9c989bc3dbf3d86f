//! Overload shows as little more than the target, so that the count grows in small steps.
//!
//! ## What it does
//!
//! Compares a cpu utilization target with the most that pods can show, limit over request, and tells a target above 80 %
//! of it. Targets from which full use doesn't even leave the tolerance are other rules' findings.
//!
//! ## Why is this bad
//!
//! However large the load, a sync multiplies the count by at most the highest utilization over the target, and the next
//! such step can only come when the new pods have started: at 85 % that is 18 %, four rounds to double.
//!
//! ## Example
//!
//! ```yaml
//! resources:
//!   requests: {cpu: 500m}
//!   limits: {cpu: 500m}
//! # and in the autoscaler
//! target: {type: Utilization, averageUtilization: 85}
//! ```
//!
//! ## Fix
//!
//! Aim lower, or let pods use more than they request, so that overload can be seen.
//!
//! ## Evidence
//!
//! metrics-server issue 763: at 75 % the count grows by a third in each cycle at most.

use crate::hpa::{MetricTarget, Resource};
use crate::lint::aim::aims;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::Amounts;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let highest_target = i64::from(context.settings.thresholds.highest_target);
    for aim in aims(context).filter(|aim| !aim.is_of_machines()) {
        let (Resource::Cpu, MetricTarget::Utilization(target)) = (&aim.resource, aim.target) else {
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
        let highest = limit.saturating_mul(100) / request;
        let ratio = highest as f64 / f64::from(target);
        let is_thin =
            i64::from(target).saturating_mul(100) > highest_target.saturating_mul(highest);
        if !is_thin || ratio - 1.0 <= tolerance {
            continue;
        }
        let useful = highest.saturating_mul(highest_target) / 100;
        findings
                .put(
                    aim.place(),
                    format!(
                        "pods can show at most {highest} % cpu utilization, {ratio:.2} times the target of {target}: under any \
                         load each step up adds at most {:.0} %",
                        (ratio - 1.0) * 100.0
                    ),
                    format!("lower the target, to {useful} at most"),
                )
                .with_related(
                    Place::at(aim.owner.object, "spec.template.spec.containers"),
                    "requests and limits",
                );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(resources: &str, target: u32) -> String {
        deployment(&format!("resources: {resources}"))
            + &hpa(&format!("  maxReplicas: 10\n{}", cpu(target)))
    }

    const EQUAL: &str = "{requests: {cpu: 500m}, limits: {cpu: 500m}}";

    #[test]
    fn a_target_just_below_full_use_is_told() {
        fires(
            "SP311",
            &with(EQUAL, 85),
            &[
                "17:92 pods can show at most 100 % cpu utilization, 1.18 times the target of 85: under any load each step up adds at most 18 %",
            ],
        );
        let burst = "{requests: {cpu: 500m}, limits: {cpu: 750m}}";
        fires(
            "SP311",
            &with(burst, 130),
            &["17:92 pods can show at most 150 %"],
        );
    }

    #[test]
    fn a_target_with_headroom_is_silent() {
        silent("SP311", &with(EQUAL, 80));
        silent("SP311", &with("{requests: {cpu: 500m}}", 95));
        silent(
            "SP311",
            &with("{requests: {cpu: 500m}, limits: {cpu: 1}}", 95),
        );
        // Within the tolerance and out of reach are other rules' findings.
        silent("SP311", &with(EQUAL, 95));
        silent("SP311", &with(EQUAL, 120));
    }
}
