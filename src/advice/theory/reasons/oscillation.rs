//! Whether the loop swings, and how long it waits and settles.

use super::{count, given, seconds};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Figure, Finding, Given, Part, Reason, Unit};
use crate::advice::theory::meter::Averaging;
use crate::advice::theory::saturation::{growth_per_loop, loops_by_steps};
use crate::advice::theory::stale_average::{calm_gain, enough_syncs, greatest_gain, mode};
use crate::advice::theory::whole::whole_replicas;
use crate::advice::theory::windows::{Settling, outlasting_window};

pub(super) fn oscillation(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = match facts.meter.averaging {
        Averaging::Consistent => consistent(facts),
        Averaging::Stale => stale(facts),
    };
    let lag = facts.dead_time.lag.p95;
    let part = Part::Oscillation;
    reasons.push(Reason {
        part,
        key: "outlastingWindow",
        quantity: "scale-down window that outlasts the dead time",
        formula: "ceil((L + h) / h) h; what a shorter dip removes comes back too late",
        given: vec![
            given("L", seconds(lag)),
            given("h", seconds(facts.sync)),
            given("W now", seconds(facts.window)),
        ],
        finding: Finding::Figure(seconds(outlasting_window(lag, facts.sync))),
        source: "docs/model.md, the loop in closed form",
    });
    let steps = loops_by_steps(facts.least(), facts.peak_count(), 2.0, 0.0).len();
    let settling = Settling {
        detection: facts.dead_time.metric.median + facts.dead_time.sync_wait.median,
        sync: facts.sync,
        steps: u32::try_from(steps).unwrap_or(u32::MAX).saturating_sub(2),
        startup: facts.dead_time.startup.median,
        drain: 0.0,
        window: facts.window,
    };
    let numbers = |middle: Given| {
        vec![
            given("detection", seconds(settling.detection)),
            given("k", count(settling.steps)),
            given("h", seconds(facts.sync)),
            middle,
        ]
    };
    reasons.push(Reason {
        part,
        key: "settlingUp",
        quantity: "settles upwards within, without saturation",
        formula: "detection + k h + startup; k further doublings from minReplicas to the peak",
        given: numbers(given("startup", seconds(settling.startup))),
        finding: Finding::Figure(seconds(settling.up())),
        source: "their sum",
    });
    reasons.push(Reason {
        part,
        key: "settlingDown",
        quantity: "settles downwards within",
        formula: "detection + W + k h",
        given: numbers(given("W", seconds(settling.window))),
        finding: Finding::Figure(seconds(settling.down())),
        source: "their sum",
    });
    reasons
}

/// A formula that knows its own measurements does not swing.
fn consistent(facts: &Facts<'_>) -> Vec<Reason> {
    let growth = growth_per_loop(facts.meter.ceiling, facts.meter.target);
    vec![
        Reason {
            part: Part::Oscillation,
            key: "feedback",
            quantity: "limit cycle under a constant load",
            formula: "n+ = ceil(a / r): the count before is not in it, delay only shifts it",
            given: Vec::new(),
            finding: Finding::Saying("none".to_owned()),
            source: "replica_calculator.go: unready pods count as idle when scaling up",
        },
        Reason {
            part: Part::Oscillation,
            key: "backlogOvershoot",
            quantity: "overshoot per loop in which a backlog keeps replicas full, at most",
            formula: "κ / r",
            given: vec![
                given("κ", facts.metric(facts.meter.ceiling)),
                given("r", facts.metric(facts.meter.target)),
            ],
            finding: Finding::Figure(Figure::new(growth, Unit::Times)),
            source: "docs/model.md, the loop in closed form",
        },
    ]
}

/// A custom metric of a while ago, averaged over pods.
fn stale(facts: &Facts<'_>) -> Vec<Reason> {
    let age = facts.meter.path.greatest_age();
    let delay = whole_replicas(age / facts.sync);
    let swing = mode(delay, 1.0);
    let part = Part::Oscillation;
    let d = given("d", count(delay));
    vec![
        Reason {
            part,
            key: "delaySyncs",
            quantity: "syncs by which the average is old, at most",
            formula: "d = ceil((window + scrape) / h)",
            given: vec![given("age", seconds(age)), given("h", seconds(facts.sync))],
            finding: Finding::Figure(count(delay)),
            source: "a modelling choice for averaged custom metrics, not for cpu",
        },
        Reason {
            part,
            key: "greatestGain",
            quantity: "stable up to a gain of (a metric that replicas share has 1)",
            formula: "2 cos(d π / (2 d + 1))",
            given: vec![d],
            finding: Finding::Figure(Figure::new(greatest_gain(delay), Unit::Times)),
            source: "Levin and May 1976; roots checked",
        },
        Reason {
            part,
            key: "calmGain",
            quantity: "without any swing up to a gain of",
            formula: "d^d / (d + 1)^(d + 1)",
            given: vec![d],
            finding: Finding::Figure(Figure::new(calm_gain(delay), Unit::Times)),
            source: "double root of z^(d + 1) - z^d + g",
        },
        Reason {
            part,
            key: "swingGrowth",
            quantity: "a swing grows a sync by, without a window",
            formula: "the greatest root of z^(d + 1) - z^d + 1",
            given: vec![d],
            finding: Finding::Figure(Figure::new(swing.radius, Unit::Times)),
            source: "docs/model.md, the loop in closed form",
        },
        Reason {
            part,
            key: "swingPeriod",
            quantity: "and repeats every",
            formula: "2 π h / angle of that root",
            given: vec![d, given("h", seconds(facts.sync))],
            finding: Finding::Figure(seconds(swing.period.unwrap_or(f64::NAN) * facts.sync)),
            source: "as before",
        },
        Reason {
            part,
            key: "stoppingWindow",
            quantity: "scale-down window that stops it",
            formula: "(2 d + 1) h; (2 d - 1) h was the least that did, for d up to 4",
            given: vec![
                d,
                given("h", seconds(facts.sync)),
                given("W now", seconds(facts.window)),
            ],
            finding: Finding::Figure(seconds(f64::from(enough_syncs(delay)) * facts.sync)),
            source: "found by iteration; it leaves the overshoot",
        },
    ]
}
