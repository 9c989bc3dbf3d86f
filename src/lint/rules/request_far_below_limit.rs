//! Pods may use many times what they request, so that the start of a pod reads as overload.
//!
//! ## What it does
//!
//! Compares cpu limit and request of what a utilization target measures, and tells a limit above four times the request.
//!
//! ## Why is this bad
//!
//! Utilization is usage over request: the burst of a start, a garbage collection or a cache that warms up shows as some
//! hundred percent, and the autoscaler multiplies the count by it. Nodes are packed by requests, so that the burst isn't
//! even there to be had when all pods need it.
//!
//! ## Example
//!
//! ```yaml
//! resources:
//!   requests: {cpu: 50m}
//!   limits: {cpu: 1}     # up to 2000 % utilization
//! ```
//!
//! ## Fix
//!
//! Request what a pod uses under usual load, and aim at a share of that.
//!
//! ## Evidence
//!
//! Kubernetes issue 29989: a request of 2 % of the limit scaled to the maximum at each rollout.

use crate::hpa::{MetricTarget, Resource};
use crate::lint::aim::aims;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::Amounts;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let largest = context.settings.thresholds.largest_burst;
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
        let burst = limit as f64 / request as f64;
        if burst <= largest {
            continue;
        }
        let highest = limit.saturating_mul(100) / request;
        findings
                .put(
                    aim.place(),
                    format!(
                        "pods may use {burst:.1} times the cpu that they request: a burst reads as up to {highest} % against the \
                         target of {target}"
                    ),
                    "request what a pod uses under usual load",
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

    fn with(resources: &str) -> String {
        deployment(&format!("resources: {resources}"))
            + &hpa(&format!("  maxReplicas: 10\n{}", cpu(60)))
    }

    #[test]
    fn a_limit_far_above_the_request_is_told() {
        fires(
            "SP308",
            &with("{requests: {cpu: 50m}, limits: {cpu: 1}}"),
            &[
                "17:92 pods may use 20.0 times the cpu that they request: a burst reads as up to 2000 %",
            ],
        );
    }

    #[test]
    fn a_limit_near_the_request_or_none_is_silent() {
        silent("SP308", &with("{requests: {cpu: 250m}, limits: {cpu: 1}}"));
        silent("SP308", &with("{requests: {cpu: 50m}}"));
        silent(
            "SP308",
            &with("{requests: {memory: 50Mi}, limits: {memory: 1Gi, cpu: 1}}"),
        );
    }
}
