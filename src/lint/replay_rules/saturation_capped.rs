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
use super::what_if::{replayed, with_target};
use super::words::{moment, replicas};
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::outcome::{RunOutcome, ScaleUpBurst};
use crate::scenario::Scenario;

/// The target that is tried instead, percent.
const LOW_TARGET: i32 = 50;
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
    let lower = LOW_TARGET.min(target / 2);
    let hpa = with_target(&scenario.hpa, MetricTarget::Utilization(lower));
    let other = replayed(scenario, |it| it.hpa = hpa);
    let other = other.as_ref().and_then(|runs| {
        let run = runs.first()?;
        let writes = writes_in(run, burst.begin - length_before(scenario), burst.end);
        Some(writes)
    });
    let fewer = match other.filter(|other| *other < cycles) {
        Some(other) => format!("a target of {lower} % takes {other} cycles"),
        None => format!("a target of {lower} % has replicas there before"),
    };
    findings
        .put(
            case.place(Field::Target),
            format!(
                "usage is clipped at {:.0} % of the target: from {} to {} takes {cycles} cycles and {} at {}",
                ceiling * 100.0,
                burst.from,
                replicas(burst.to),
                length(burst.end - burst.begin),
                moment(burst.begin)
            ),
            format!("{fewer}, as do a limit above the request or a metric that is not clipped; {}",
                case.clearing_or("the objective holds all the same")),
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

/// Scale-ups of a run between two times.
fn writes_in(run: &RunOutcome, from: crate::units::SimTime, to: crate::units::SimTime) -> usize {
    let writes = run.rescales.iter();
    writes
        .filter(|it| it.to > it.from && from <= it.at && it.at <= to)
        .count()
}

/// With a lower target the same rise is answered somewhat earlier.
fn length_before(scenario: &Scenario) -> crate::units::SimDuration {
    scenario.controller.sync_period * 4
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
            &["18:88 usage is clipped at 118 % of the target: from 2 to "],
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
