//! Usage is clipped at the limit, so that the count climbs in many small cycles.
//!
//! ## What it does
//!
//! Of a cpu metric whose pods cannot use more than their limit (or, without one, more than they request), each cycle can
//! only see `limit / (request x target)` times the target. It counts the writes of each scale-up in the replay that grew by
//! no more than this while more was needed, and fires above 3. Where the objective holds all the same it is an info.
//!
//! ## Why is this bad
//!
//! The metric cannot show how far the load is above capacity. At 75 % a saturated workload grows by a third a cycle, and
//! each cycle waits for pods to start and be measured.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics: # of pods with limits.cpu equal to requests.cpu
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}
//! ```
//!
//! ## Fix
//!
//! A lower target, a limit well above the request, or a metric that is not clipped, such as requests per second.
//!
//! ## Evidence
//!
//! The replay. kubernetes-sigs/metrics-server #763: 133 % a cycle at 75 %.

use super::case::{Case, Field};
use super::reruns::replayed;
use super::targets::with_target;
use super::words::{counted, replicas};
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::{Rescale, RunOutcome, ScaleUpBurst};
use crate::scenario::Scenario;
use crate::units::SimDuration;

/// The targets that are tried instead, percent.
const LOW_TARGETS: [i32; 2] = [50, 40];
/// With a lower target the same rise is answered up to so much earlier.
const EARLIER: SimDuration = SimDuration::from_seconds(120);
/// Above this ratio a policy binds before the limit does.
const POLICY_GROWTH: f64 = 2.0;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let scenario = case.replay.scenario();
    let Some((target, ceiling)) = ceiling(scenario) else {
        return;
    };
    if ceiling >= POLICY_GROWTH {
        return;
    }
    let run = case.replay.first_run();
    let most = case.thresholds().most_clipped_cycles;
    let Some((cycles, burst)) = worst(run, ceiling).filter(|(cycles, _)| *cycles > most) else {
        return;
    };
    let fewer = lower_target(target).and_then(|lower| {
        let hpa = with_target(&scenario.hpa, MetricTarget::Utilization(lower));
        let other = replayed(scenario, |it| it.hpa = hpa)?;
        let (writes, time) = same_rise(other.first()?, &burst)?;
        let is_quicker = time < burst.end - burst.begin;
        is_quicker.then(|| {
            format!(
                "a target of {lower} % takes {} and {}",
                counted(u32::try_from(writes).unwrap_or(u32::MAX), "cycle"),
                length(time)
            )
        })
    });
    let fewer = fewer.unwrap_or_else(|| {
        "a limit above the request or a metric that is not clipped shows the whole load".to_owned()
    });
    findings
        .put(
            case.place(Field::Target),
            format!(
                "usage is clipped at {:.0} % of the target: from {} to {} takes {} and {} at {}",
                ceiling * 100.0,
                burst.from,
                replicas(burst.to),
                counted(u32::try_from(cycles).unwrap_or(u32::MAX), "cycle"),
                length(burst.end - burst.begin),
                case.replay.moment(burst.begin)
            ),
            format!("{fewer}; {}", case.what_clears_it()),
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

/// The target of a cpu metric that stands alone, percent, and the most that usage can be over it.
fn ceiling(scenario: &Scenario) -> Option<(i32, f64)> {
    let [metric] = scenario.hpa.metrics.as_slice() else {
        return None;
    };
    let (MetricSpec::Resource { resource, target }
    | MetricSpec::ContainerResource {
        resource, target, ..
    }) = metric
    else {
        return None;
    };
    let (Resource::Cpu, MetricTarget::Utilization(target)) = (resource, target) else {
        return None;
    };
    let pod = &scenario.backends.first()?.plant.pod;
    let ceiling = pod.cpu_limit / pod.cpu_request * 100.0 / f64::from(*target);
    ceiling.is_finite().then_some((*target, ceiling))
}

/// The scale-up with most clipped writes: those after which still more was needed.
fn worst(run: &RunOutcome, ceiling: f64) -> Option<(usize, ScaleUpBurst)> {
    let clipped = |burst: &ScaleUpBurst| {
        let writes = run
            .rescales
            .iter()
            .filter(|it| it.to > it.from && burst.begin <= it.at && it.at <= burst.end);
        writes
            .filter(|it| {
                let most = (f64::from(it.from) * ceiling).ceil();
                f64::from(it.to) <= most && f64::from(burst.needed_at_target) > most
            })
            .count()
    };
    let counted = run.bursts.iter().map(|burst| (clipped(burst), *burst));
    counted.max_by_key(|(cycles, burst)| (*cycles, std::cmp::Reverse(burst.begin)))
}

/// A lower target to compare with, percent.
fn lower_target(target: i32) -> Option<i32> {
    LOW_TARGETS.into_iter().find(|lower| *lower < target - 5)
}

/// How many writes another run takes for the same rise of the load, and how long.
fn same_rise(run: &RunOutcome, burst: &ScaleUpBurst) -> Option<(usize, SimDuration)> {
    let overlaps = |it: &&ScaleUpBurst| it.begin <= burst.end && burst.begin - EARLIER <= it.end;
    let same = run.bursts.iter().filter(overlaps).max_by_key(|it| it.to)?;
    let mut writes = run.rescales.iter();
    let is_inside = |it: &&Rescale| it.to > it.from && same.begin <= it.at && it.at <= same.end;
    let count = writes.by_ref().filter(is_inside).count();
    Some((count, same.end - same.begin))
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    const STEP: [(u32, f64); 2] = [(30, 40.0), (40, 900.0)];

    fn at(target: &str) -> Play {
        web("  minReplicas: 2\n  maxReplicas: 40\n", &STEP).but(
            "averageUtilization: 70",
            &format!("averageUtilization: {target}"),
        )
    }

    #[test]
    fn a_climb_in_small_cycles_is_told() {
        fires(
            "SP904",
            &at("85"),
            "18:92 warning: usage is clipped at 118 % of the target: from 2 to 23 replicas takes 9 cycles \
             and 11 min 45 s at 30 min 46 s\n\
             help: a target of 50 % takes 9 cycles and 4 min 30 s; minReplicas 26 clears it; costs +344.8 \
             replica-hours a day",
        );
    }

    #[test]
    fn a_metric_with_room_above_the_target_is_silent() {
        silent("SP904", &at("40"));
        silent(
            "SP904",
            &at("85").but("limits: {cpu: 500m", "limits: {cpu: 2"),
        );
    }
}
