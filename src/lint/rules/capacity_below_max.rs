//! The cluster has no room for `maxReplicas` pods.
//!
//! ## What it does
//!
//! Where the cluster's cpu or memory is given (`--capacity`), compares it with what the pods of each autoscaler request
//! at `maxReplicas`, and of all autoscalers together.
//!
//! ## Why is this bad
//!
//! The pods stay pending, the load is not served, and pending pods, which count as using nothing, hold scaling down
//! back as well as up.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   maxReplicas: 100 # of 1 cpu each, in a cluster of 64
//! ```
//!
//! ## Fix
//!
//! Lower `maxReplicas`, let the cluster grow, or lower what pods request to what they use.
//!
//! ## Evidence
//!
//! popeye POP-602 to POP-605 for live clusters; Kubernetes issue 82285.

use crate::lint::context::Context;
use crate::lint::demand::Counted;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let cluster = &context.settings.cluster;
    for (counted, capacity) in [
        (Counted::CpuRequests, &cluster.cpu),
        (Counted::MemoryRequests, &cluster.memory),
    ] {
        if let Some(capacity) = capacity {
            check_one(
                context,
                counted,
                i128::from(capacity.milli_value()),
                findings,
            );
        }
    }
}

fn check_one(context: &Context<'_>, counted: Counted, capacity: i128, findings: &mut Findings) {
    let mut sum = 0;
    let mut largest = None;
    let mut is_told = false;
    for (autoscaled, meant) in context.valid_autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let max = meant.max_replicas;
        let each = counted.of_pod(context, owner);
        let asked = each * i128::from(max);
        sum += asked;
        if largest.is_none_or(|(most, _)| asked > most) {
            largest = Some((asked, autoscaled));
        }
        if asked <= capacity {
            continue;
        }
        is_told = true;
        findings.put(
            Place::at(autoscaled.object, "spec.maxReplicas"),
            format!(
                "{max} replicas ask for {}, above the {} of the cluster: {} fit",
                counted.shown(asked),
                counted.shown(capacity),
                capacity.max(0) / each
            ),
            "lower maxReplicas or the requests, or let the cluster grow",
        );
    }
    let Some((_, autoscaled)) = largest.filter(|_| sum > capacity && !is_told) else {
        return;
    };
    findings.put(
        Place::at(autoscaled.object, "spec.maxReplicas"),
        format!(
            "all autoscalers at their maximum ask for {}, above the {} of the cluster; this one has the largest part",
            counted.shown(sum),
            counted.shown(capacity)
        ),
        "look which peaks coincide, lower maxReplicas or the requests, or let the cluster grow",
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{deployment, fires_with, hpa, silent, silent_with};
    use crate::units::Quantity;

    fn one(max: i32) -> String {
        deployment("resources: {requests: {cpu: 1, memory: 1Gi}}")
            + &hpa(&format!("  maxReplicas: {max}\n"))
    }

    fn cluster(cpu: &str, memory: &str) -> Settings {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.cpu = Quantity::parse(cpu).ok();
        settings.cluster.memory = Quantity::parse(memory).ok();
        settings
    }

    #[test]
    fn a_maximum_beyond_the_cluster_is_told() {
        fires_with(
            "SP215",
            &cluster("64", "1Ti"),
            &one(100),
            &["15:16 100 replicas ask for 100 cpu, above the 64 cpu of the cluster: 64 fit"],
        );
        fires_with(
            "SP215",
            &cluster("640", "10Gi"),
            &one(100),
            &["15:16 100 replicas ask for 100Gi of memory, above the 10Gi"],
        );
        let two = format!(
            "{}---\n{}",
            one(60),
            one(40).replace("name: web", "name: api")
        );
        fires_with(
            "SP215",
            &cluster("64", "1Ti"),
            &two,
            &["15:16 all autoscalers at their maximum ask for 100 cpu"],
        );
    }

    #[test]
    fn what_fits_or_is_not_known_is_silent() {
        silent_with("SP215", &cluster("100", "100Gi"), &one(100));
        silent("SP215", &one(100));
    }
}
