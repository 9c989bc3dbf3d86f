//! What load the loop can follow, and what the trace asks for.

use super::{given, percent, seconds};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Figure, Finding, Part, Reason, Unit};
use crate::advice::theory::ramp::required_target;
use crate::advice::theory::rising_load::Rise;

pub(super) fn ramp(facts: &Facts<'_>) -> Vec<Reason> {
    let (unlucky, lucky) = (
        facts.ramp(facts.dead_time.lag.p95),
        facts.ramp(facts.dead_time.lag.median),
    );
    let (u, r) = (
        given("u", facts.level(facts.rate_at_slo)),
        given("r", facts.level(facts.rate_at_target())),
    );
    let tolerance = given("δ", percent(facts.tolerance_up));
    let (lag, h) = (
        given("L", seconds(facts.dead_time.lag.p95)),
        given("h", seconds(facts.sync)),
    );
    let growth = unlucky.growth_worst();
    let part = Part::Ramp;
    let mut reasons = vec![
        Reason {
            part,
            key: "loadAtObjective",
            quantity: "load of a replica up to which the objective holds, u",
            formula: "the latency model, inverted",
            given: vec![
                given(
                    "in requests/s",
                    Figure::new(facts.rate_at_slo, Unit::RequestsPerSecond),
                ),
                given(
                    "of at most",
                    Figure::new(facts.server.capacity(), Unit::RequestsPerSecond),
                ),
            ],
            finding: Finding::Figure(facts.metric(facts.meter.value(facts.rate_at_slo))),
            source: "docs/model.md, a replica",
        },
        Reason {
            part,
            key: "trackableGrowth",
            quantity: "steepest growth that is served at the worst moment, g",
            formula: "ln(u / (r (1 + δ))) / (L + h)",
            given: vec![u, r, tolerance, lag, h],
            finding: Finding::Figure(Figure::new(100.0 * growth, Unit::PercentPerSecond)),
            source: "docs/model.md, the loop in closed form; held by simulation",
        },
        Reason {
            part,
            key: "trackableDoubling",
            quantity: "so the load may double within",
            formula: "ln 2 / g",
            given: vec![given(
                "g",
                Figure::new(100.0 * growth, Unit::PercentPerSecond),
            )],
            finding: Finding::Figure(seconds(std::f64::consts::LN_2 / growth)),
            source: "as before",
        },
        Reason {
            part,
            key: "trackableGrowthBest",
            quantity: "steepest growth at the best moment",
            formula: "ln(u / r) / L",
            given: vec![u, r, given("L", seconds(facts.dead_time.lag.median))],
            finding: Finding::Figure(Figure::new(
                100.0 * lucky.growth_best(),
                Unit::PercentPerSecond,
            )),
            source: "as before",
        },
        Reason {
            part,
            key: "trackableSlope",
            quantity: "steepest straight ramp, of the load when it begins",
            formula: "(1 - r (1 + δ) / u) / (L + h)",
            given: vec![u, r, tolerance, lag, h],
            finding: Finding::Figure(Figure::new(100.0 * unlucky.slope(), Unit::PercentPerSecond)),
            source: "as before",
        },
    ];
    if let Some(load) = &facts.load {
        let carried = f64::from(facts.least()) * facts.rate_at_slo;
        let allowed = 1.0 - facts.control.slo.objective;
        let [growth, worst] = ["traceGrowth", "requiredTarget"];
        let quantities = [
            "steepest rise of the trace, beyond what minReplicas carry",
            "target that this rise needs, at most",
        ];
        reasons.extend(required(
            facts,
            load.steepest(carried),
            [growth, worst],
            quantities,
        ));
        let keys = ["traceGrowthAllowed", "requiredTargetAllowed"];
        let quantities = [
            "the same, without the rises that the objective leaves room for",
            "target that it needs, at most",
        ];
        let rise = load.steepest_within(carried, allowed);
        reasons.extend(required(facts, rise, keys, quantities));
    }
    reasons
}

/// A rise of the trace, and the target that it needs.
fn required(
    facts: &Facts<'_>,
    rise: Option<Rise>,
    [growth_key, target_key]: [&'static str; 2],
    [growth_name, target_name]: [&'static str; 2],
) -> [Reason; 2] {
    let slow = facts.slow();
    let rate = |value| Figure::new(value, Unit::RequestsPerSecond);
    let none = || Finding::Saying("none".to_owned());
    let growth = rise.map(|rise| rise.growth(slow));
    let target = growth.map(|growth| {
        let load = required_target(facts.rate_at_slo, growth, slow, facts.tolerance_up);
        facts.metric(facts.meter.value(load))
    });
    [
        Reason {
            part: Part::Ramp,
            key: growth_key,
            quantity: growth_name,
            formula: "ln(a / a seen) / (L + h); a seen: the highest load of the window before that",
            given: rise.map_or_else(Vec::new, |rise| {
                vec![
                    given("a", rate(rise.rate)),
                    given("a seen", rate(rise.seen)),
                    given("L + h", seconds(slow)),
                    given("at", seconds(rise.at)),
                ]
            }),
            finding: growth.map_or_else(none, |growth| {
                Finding::Figure(Figure::new(100.0 * growth, Unit::PercentPerSecond))
            }),
            source: "the trace; a step of it is a rise at once",
        },
        Reason {
            part: Part::Ramp,
            key: target_key,
            quantity: target_name,
            formula: "u exp(-g (L + h)) / (1 + δ)",
            given: growth.map_or_else(Vec::new, |growth| {
                vec![
                    given("u", facts.level(facts.rate_at_slo)),
                    given("g", Figure::new(100.0 * growth, Unit::PercentPerSecond)),
                    given("L + h", seconds(slow)),
                    given("δ", percent(facts.tolerance_up)),
                ]
            }),
            finding: target.map_or_else(
                || Finding::Saying("any".to_owned()),
                |target| {
                    if target.value > facts.meter.idle {
                        Finding::Figure(target)
                    } else {
                        Finding::Saying("none is low enough: minReplicas must carry it".to_owned())
                    }
                },
            ),
            source: "docs/model.md, the loop in closed form",
        },
    ]
}
