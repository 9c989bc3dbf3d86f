//! The load grows by more than the target leaves room for while a replica comes.
//!
//! ## What it does
//!
//! Where the objective is missed on a cpu target and a lower one clears it, it takes the largest growth of the load, from a
//! level above the floor, within the time that a replica of this kind takes to come (metric, sync, start). It fires where
//! the replicas that are at the target then would need more cpu than they may use.
//!
//! ## Why is this bad
//!
//! Headroom is what carries the load until the next replicas are ready. A virtual machine that takes four minutes needs
//! more of it than a container that takes one: one target does not fit both.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics: # a load that grows by half in the two minutes of a start
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 85}}}
//! ```
//!
//! ## Fix
//!
//! The target that is told.
//!
//! ## Evidence
//!
//! The replay. The 50 to 70 % that guides agree on is for no backend in particular.

use super::case::{Case, Field};
use super::words::{costs, target_in_words};
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::lint::finding::Findings;
use crate::lint::length::length;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let cleared = replay.clearing().and_then(|clearing| clearing.target);
    let (Some(cleared), [metric]) = (cleared, scenario.hpa.metrics.as_slice()) else {
        return;
    };
    let is_cpu = matches!(
        metric,
        MetricSpec::Resource {
            resource: Resource::Cpu,
            ..
        } | MetricSpec::ContainerResource {
            resource: Resource::Cpu,
            ..
        }
    );
    let MetricTarget::Utilization(target) = metric.target() else {
        return;
    };
    let pod = &replay.backend().plant.pod;
    let room = pod.cpu_limit / pod.cpu_request * 100.0 / f64::from(target) - 1.0;
    let growth = largest_growth(case) - 1.0;
    if !is_cpu || !room.is_finite() || growth <= room {
        return;
    }
    findings.put(
        case.place(Field::Target),
        format!(
            "the load grows by up to {:.0} % within the {} that a replica on `{}` takes to come, and a target of {target} % \
             leaves room for {:.0} %",
            growth * 100.0,
            length(replay.time_to_scale()),
            replay.backend().name,
            room * 100.0
        ),
        format!(
            "{} clears the objective on `{}`; costs {}",
            target_in_words(cleared.value),
            replay.backend().name,
            costs(&[cleared.more_replica_hours])
        ),
    );
}

/// The largest ratio of the load to that of up to a startup before, above the floor.
fn largest_growth(case: &Case<'_, '_>) -> f64 {
    let replay = case.replay;
    let scenario = replay.scenario();
    let within = replay.time_to_scale();
    let floor = f64::from(replay.min_replicas()) * scenario.rate_at_target;
    let series = scenario.trace.series();
    let (starts, rates) = (series.starts(), series.values());
    let mut largest = 1.0_f64;
    for (first, start) in starts
        .iter()
        .enumerate()
        .filter(|(at, _)| rates[*at] >= floor && rates[*at] > 0.0)
    {
        let later = starts[first..].iter().zip(&rates[first..]);
        let reached = later.take_while(|(at, _)| **at <= *start + within);
        let peak = reached.map(|(_, rate)| *rate).fold(0.0, f64::max);
        largest = largest.max(peak / rates[first]);
    }
    largest
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// Steps from three replicas' load at 70 % to half as much again.
    fn steps(target: &str) -> Play {
        let load = [(20, 140.0), (20, 205.0)].repeat(4);
        web("  minReplicas: 2\n  maxReplicas: 20\n  behavior: {scaleDown: {stabilizationWindowSeconds: 60}}\n", &load)
            .but("averageUtilization: 70", &format!("averageUtilization: {target}"))
    }

    #[test]
    fn growth_beyond_the_headroom_is_told() {
        fires(
            "SP919",
            &steps("85"),
            "19:92 warning: the load grows by up to 46 % within the 59 s that a replica on `container` takes \
             to come, and a target of 85 % leaves room for 18 %\n\
             help: a target of 65 % clears the objective on `container`; costs +24.0 replica-hours a day",
        );
    }

    #[test]
    fn headroom_that_covers_the_growth_is_silent() {
        silent("SP919", &steps("45"));
    }
}
