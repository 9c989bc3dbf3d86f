//! How the loop grows while replicas are full, and within its rate limits.

use super::{count, given, seconds};
use crate::advice::theory::climb::{Climb, Climbed};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Figure, Finding, Part, Reason, Unit};
use crate::advice::theory::saturation::{growth_per_loop, loops_by_steps, loops_in_closed_form};
use crate::scenario::ControlLoop;

/// Replicas that no limit but the rate limits keeps from being asked for.
const FAR_TOO_MUCH: f64 = 1e9;

pub(super) fn saturation(facts: &Facts<'_>) -> Vec<Reason> {
    let (from, to) = (facts.least(), facts.peak_count());
    let meter = &facts.meter;
    let growth = growth_per_loop(meter.ceiling, meter.target);
    let never =
        || Finding::Saying("never: a full replica shows no more than the tolerance".to_owned());
    let steps = loops_by_steps(from, to, growth, facts.tolerance_up);
    let climbed = Climb {
        controller: &facts.control.controller,
        hpa: &facts.control.hpa,
        from,
        needed: facts.peak_replicas(),
        ceiling: growth,
        whole_percent: facts.meter.whole_percent(),
        metric_age: facts.dead_time.metric.median,
        startup: facts.dead_time.startup.median,
    }
    .run();
    let first = facts.dead_time.whole.median;
    let part = Part::Saturation;
    vec![
        Reason {
            part,
            key: "growthPerLoop",
            quantity: "growth per loop while saturated",
            formula: "κ / r; κ is what the metric shows of a full replica (cpu: limit / request)",
            given: vec![
                given("κ", facts.metric(meter.ceiling)),
                given("r", facts.metric(meter.target)),
            ],
            finding: Finding::Figure(Figure::new(growth, Unit::Times)),
            source: "replica_calculator.go: desired = ceil(n usage / target)",
        },
        Reason {
            part,
            key: "loopsToPeak",
            quantity: "loops from minReplicas to the peak, closed form",
            formula: "ceil(ln(n* / n0) / ln(κ / r))",
            given: vec![
                given("n0", count(from)),
                given("n*", count(to)),
                given("κ / r", Figure::new(growth, Unit::Times)),
            ],
            finding: loops_in_closed_form(from, to, growth, facts.tolerance_up)
                .map_or_else(never, |loops| Finding::Figure(count(loops))),
            source: "docs/model.md, the loop in closed form",
        },
        Reason {
            part,
            key: "stepsToPeak",
            quantity: "the same by steps, which rounding up shortens",
            formula: "n+ = ceil(n κ / r)",
            given: vec![given("κ / r", Figure::new(growth, Unit::Times))],
            finding: if steps.last() == Some(&to) {
                Finding::Steps {
                    counts: steps,
                    seconds: None,
                }
            } else {
                never()
            },
            source: "as before",
        },
        Reason {
            part,
            key: "climbToPeak",
            quantity: "by the controller itself, until the last one serves",
            formula: "every sync played with median dead time, windows and policies",
            given: vec![
                given("metric", seconds(facts.dead_time.metric.median)),
                given("h", seconds(facts.sync)),
                given("startup", seconds(facts.dead_time.startup.median)),
            ],
            finding: climb_finding(&climbed, first),
            source: "horizontal.go, replayed",
        },
        rate_limit(facts.control, from, to),
    ]
}

fn climb_finding(climbed: &Climbed, dead_time: f64) -> Finding {
    let counts = climbed.counts();
    if climbed.arrived {
        let waited = if counts.len() > 1 { dead_time } else { 0.0 };
        Finding::Steps {
            seconds: climbed.seconds().map(|seconds| seconds + waited),
            counts,
        }
    } else {
        let last = counts.last().copied().unwrap_or(0);
        Finding::Saying(format!("never: it stays at {last}"))
    }
}

/// The rate limits alone: a metric without ceiling and without delay.
pub(super) fn rate_limit(control: &ControlLoop, from: u32, to: u32) -> Reason {
    let mut hpa = control.hpa.clone();
    hpa.max_replicas = i32::try_from(to).unwrap_or(i32::MAX);
    let climbed = Climb {
        controller: &control.controller,
        hpa: &hpa,
        from,
        needed: FAR_TOO_MUCH,
        ceiling: f64::INFINITY,
        whole_percent: None,
        metric_age: 0.0,
        startup: 0.0,
    }
    .run();
    Reason {
        part: Part::Saturation,
        key: "rateLimit",
        quantity: "what the rate limits alone allow",
        formula: match &control.hpa.behavior {
            None => "behavior is unset: at most max(2 n, 4) a sync",
            Some(_) => "behavior is set: its scaleUp policies (default: max(2 n, n + 4) per 15 s)",
        },
        given: vec![given(
            "h",
            seconds(control.controller.sync_period.as_seconds()),
        )],
        finding: climb_finding(&climbed, 0.0),
        source: "horizontal.go: calculateScaleUpLimit, calculateScaleUpLimitWithScalingRules",
    }
}
