//! The target is above all that pods may use, so that nothing scales up.
//!
//! ## What it does
//!
//! For each target on cpu or memory it computes the most that a pod can show. A utilization target is too high above
//! limit over request. An average value is too high above the limit, and as well where the limit doesn't exceed it by
//! more than the tolerance (10 %, or `behavior.scaleUp.tolerance`). Utilization within the tolerance is
//! `target-inside-tolerance`.
//!
//! ## Why is this bad
//!
//! Pods are throttled or killed at their limit before the target is reached: the autoscaler can only scale down.
//!
//! ## Example
//!
//! ```yaml
//! resources:
//!   requests: {cpu: 500m}
//!   limits: {cpu: 500m}
//! # and in the autoscaler
//! target: {type: AverageValue, averageValue: 800m}
//! ```
//!
//! ## Fix
//!
//! Lower the target well below the limit, or raise the limit.
//!
//! ## Evidence
//!
//! `GetResourceUtilizationRatio`, `GetMetricUsageRatio` and `isWithin` in `pkg/controller/podautoscaler` of Kubernetes.

use crate::hpa::MetricTarget;
use crate::lint::aim::aims;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::pods::name_of;
use crate::units::Quantity;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for aim in aims(context).filter(|aim| !aim.is_of_machines()) {
        let Some(amounts) = aim.amounts() else {
            continue;
        };
        let tolerance = aim.tolerance;
        let Some(limit) = amounts.limit else {
            continue;
        };
        let name = name_of(&aim.resource);
        let problem = match (aim.target, amounts.request) {
            (MetricTarget::Utilization(target), Some(request @ 1..)) => {
                // The controller counts utilization in whole percent, rounded down.
                let highest = limit.saturating_mul(100) / request;
                (highest < i64::from(target)).then(|| {
                        format!(
                            "pods can show at most {highest} % {name} utilization, less than the target of {target}: it never \
                             scales up"
                        )
                    })
            }
            (MetricTarget::AverageValue(target), _) if target > 0 => {
                // As the controller compares: both ends of the tolerance are inside.
                let ratio = limit as f64 / target as f64;
                let (most, wanted) = (Quantity::from_milli(limit), Quantity::from_milli(target));
                if ratio < 1.0 {
                    Some(format!(
                        "pods can use at most {most} of {name}, less than the target of {wanted}: it never scales up"
                    ))
                } else {
                    (ratio <= 1.0 + tolerance).then(|| {
                            format!(
                                "pods can use at most {most} of {name}, {ratio:.2} times the target of {wanted}, which is \
                                 within the tolerance of {tolerance}: it never scales up"
                            )
                        })
                }
            }
            _ => None,
        };
        let Some(problem) = problem else {
            continue;
        };
        findings
            .put(aim.place(), problem, "lower the target, or raise the limit")
            .with_related(
                Place::at(aim.owner.object, "spec.template.spec.containers"),
                "requests and limits",
            );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(resources: &str, target: &str) -> String {
        let metric = cpu(60).replace("type: Utilization, averageUtilization: 60", target);
        deployment(&format!("resources: {resources}"))
            + &hpa(&format!("  maxReplicas: 10\n{metric}"))
    }

    fn utilization(percent: u32) -> String {
        format!("type: Utilization, averageUtilization: {percent}")
    }

    fn average(amount: &str) -> String {
        format!("type: AverageValue, averageValue: {amount}")
    }

    const EQUAL: &str = "{requests: {cpu: 500m}, limits: {cpu: 500m}}";
    const BURST: &str = "{requests: {cpu: 500m}, limits: {cpu: 1}}";

    #[test]
    fn a_target_above_the_limit_is_told() {
        fires(
            "SP310",
            &with(EQUAL, &utilization(120)),
            &["17:92 pods can show at most 100 % cpu utilization, less than the target of 120"],
        );
        fires(
            "SP310",
            &with(BURST, &utilization(201)),
            &["17:92 pods can show at most 200 %"],
        );
        fires(
            "SP310",
            &with(EQUAL, &average("800m")),
            &["17:87 pods can use at most 500m of cpu, less than the target of 800m"],
        );
        fires(
            "SP310",
            &with(EQUAL, &average("480m")),
            &[
                "17:87 pods can use at most 500m of cpu, 1.04 times the target of 480m, which is within the tolerance",
            ],
        );
    }

    #[test]
    fn a_target_that_can_be_left_is_silent() {
        silent("SP310", &with(EQUAL, &utilization(100)));
        silent("SP310", &with(BURST, &utilization(150)));
        silent("SP310", &with("{requests: {cpu: 500m}}", &utilization(200)));
        silent("SP310", &with(EQUAL, &average("400m")));
        silent("SP310", &with("{requests: {cpu: 500m}}", &average("2")));
        silent("SP310", &with("{}", &utilization(200)));
    }
}
