//! `suggest`: settings to begin a search with, from theory alone.

use super::facts::Facts;
use super::figure::{Figure, Finding, Given, Part, Reason, Unit};
use super::meter::Averaging;
use super::minimum::least_replicas;
use super::rising_load::RisingLoad;
use super::stale_average::enough_syncs;
use super::whole::whole_replicas;
use super::windows::outlasting_window;
use crate::scenario::{ControlLoop, Scenario, ScenarioError};

/// Targets that are looked at: so many equal parts of the value at which the objective holds.
const TARGETS: u32 = 40;

/// The share of what the objective allows that is left to rises of the load; the rest is left to chance.
const FOR_RISES: f64 = 0.5;

/// Settings that follow from theory alone: a place to begin a search at, not an advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Which of the autoscaler's metrics, by its place, and its target: percent, cores, requests/s or requests, as the unit
    /// says. `None` where no metric grows with the load in a straight line, or none of its targets holds the objective.
    pub target: Option<(usize, Figure)>,
    /// minReplicas.
    pub min_replicas: u32,
    /// maxReplicas: what the peak needs at that target.
    pub max_replicas: u32,
    /// Window of scaling up, seconds.
    pub scale_up_window: f64,
    /// Window of scaling down, seconds.
    pub scale_down_window: f64,
    /// Replicas that a loop with these settings holds on average.
    pub mean_replicas: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Settings for the `backend` of a scenario, by its place: of all targets, each with the floor that the trace's rises need
/// at it, the pair that holds the fewest replicas on average. `None` where there is no such backend, or no number of
/// replicas meets the objective.
///
/// # Errors
/// When the backend's figures make no queueing model.
pub fn suggest(scenario: &Scenario, backend: usize) -> Result<Option<Suggestion>, ScenarioError> {
    let control = ControlLoop::from(scenario);
    let Some(backend) = control.backends.get(backend) else {
        return Ok(None);
    };
    let Some(facts) = Facts::of(&control, backend, None)? else {
        return Ok(None);
    };
    if facts.rate_at_slo <= 0.0 {
        return Ok(None);
    }
    let window = scale_down_window(&facts);
    let load = RisingLoad::of(&scenario.trace, facts.slow(), window);
    let allowed = FOR_RISES * (1.0 - scenario.slo.objective);
    let candidates = (1..=TARGETS).filter_map(|part| {
        let highest = facts.meter.value(facts.rate_at_slo);
        let target = rounded(
            highest * f64::from(part) / f64::from(TARGETS),
            facts.meter.unit,
        );
        Candidate::of(&facts, &load, target, allowed)
    });
    let best = candidates.min_by(|a, b| {
        let by_cost = a.mean_replicas.total_cmp(&b.mean_replicas);
        // Of equals the one that needs the lower floor.
        by_cost.then(a.floor.cmp(&b.floor))
    });
    let peak = whole_replicas(load.peak / facts.rate_at_slo).max(1);
    let chosen = best.unwrap_or(Candidate {
        target: f64::NAN,
        rate_at_target: facts.rate_at_slo,
        floor: peak,
        mean_replicas: f64::from(peak),
    });
    let most = whole_replicas(load.peak / chosen.rate_at_target).max(chosen.floor);
    let target =
        (!chosen.target.is_nan()).then(|| (facts.meter.index, facts.metric(chosen.target)));
    Ok(Some(Suggestion {
        target,
        min_replicas: chosen.floor,
        max_replicas: most,
        scale_up_window: 0.0,
        scale_down_window: window,
        mean_replicas: chosen.mean_replicas,
        reasons: why(&facts, &load, &chosen, window, allowed),
    }))
}

/// A target, with the floor that it needs.
#[derive(Clone, Copy)]
struct Candidate {
    target: f64,
    rate_at_target: f64,
    floor: u32,
    mean_replicas: f64,
}

impl Candidate {
    /// `None` for a target that no load meets, or that lets the load drift beyond the objective.
    fn of(facts: &Facts<'_>, load: &RisingLoad, target: f64, allowed: f64) -> Option<Self> {
        let rate_at_target = facts.meter.load(target);
        let threshold = rate_at_target * (1.0 + facts.tolerance_up);
        if !(rate_at_target > 0.0 && threshold <= facts.rate_at_slo) {
            return None;
        }
        let floor = least_replicas(load, facts.floor(rate_at_target, u32::MAX, allowed));
        let mut held = 0.0;
        let mut rises = load.rises.iter().peekable();
        while let Some(rise) = rises.next() {
            let until = rises.peek().map_or(load.length, |next| next.at);
            let replicas = whole_replicas(rise.seen / rate_at_target).max(floor);
            held += f64::from(replicas) * (until - rise.at);
        }
        Some(Self {
            target,
            rate_at_target,
            floor,
            mean_replicas: held / load.length,
        })
    }
}

/// What outlasts the dead time, and a swing where there can be one.
fn scale_down_window(facts: &Facts<'_>) -> f64 {
    let outlasting = outlasting_window(facts.dead_time.lag.p95, facts.sync);
    let stopping = match facts.meter.averaging {
        Averaging::Consistent => 0.0,
        Averaging::Stale => {
            let delay = whole_replicas(facts.meter.path.greatest_age() / facts.sync);
            f64::from(enough_syncs(delay)) * facts.sync
        }
    };
    // stabilizationWindowSeconds is whole seconds, at most an hour.
    outlasting.max(stopping).ceil().min(3600.0)
}

/// A target as a manifest can hold it: whole percent, thousandths of anything else.
fn rounded(target: f64, unit: Unit) -> f64 {
    match unit {
        Unit::Percent => target.floor(),
        _ => (target * 1e3).floor() / 1e3,
    }
}

fn why(
    facts: &Facts<'_>,
    load: &RisingLoad,
    chosen: &Candidate,
    window: f64,
    allowed: f64,
) -> Vec<Reason> {
    let given = |symbol, value, unit| Given {
        symbol,
        figure: Figure::new(value, unit),
    };
    let replicas = |value| Finding::Figure(Figure::new(value, Unit::Replicas));
    let (rate, time) = (Unit::RequestsPerSecond, Unit::Seconds);
    let dead_time = || given("L + h", load.dead_time, time);
    vec![
        Reason {
            part: Part::Ramp,
            key: "target",
            quantity: "target with the least mean of replicas",
            formula: "least over r of the mean of max(min(r), ceil(a seen / r))",
            given: vec![
                given("u", facts.meter.value(facts.rate_at_slo), facts.meter.unit),
                given("mean", chosen.mean_replicas, Unit::Replicas),
            ],
            finding: if chosen.target.is_nan() {
                Finding::Saying("no target keeps a replica within the objective".to_owned())
            } else {
                Finding::Figure(facts.metric(chosen.target))
            },
            source: "docs/model.md, the loop in closed form",
        },
        Reason {
            part: Part::Reserve,
            key: "minReplicas",
            quantity: "minReplicas at that target",
            formula: "the most ceil(a / u) of steps with ceil(a seen / (r (1 + δ))) u < a",
            given: vec![
                given("u", facts.rate_at_slo, rate),
                given("r", chosen.rate_at_target, rate),
                given("allowed", 100.0 * allowed, Unit::Percent),
                dead_time(),
            ],
            finding: replicas(f64::from(chosen.floor)),
            source: "docs/model.md, the loop in closed form",
        },
        Reason {
            part: Part::Reserve,
            key: "maxReplicas",
            quantity: "maxReplicas at that target",
            formula: "ceil(peak / r)",
            given: vec![
                given("peak", load.peak, rate),
                given("r", chosen.rate_at_target, rate),
            ],
            finding: replicas(f64::from(
                whole_replicas(load.peak / chosen.rate_at_target).max(chosen.floor),
            )),
            source: "the trace",
        },
        Reason {
            part: Part::Oscillation,
            key: "scaleDownWindow",
            quantity: "scale-down window",
            formula: "outlasts the dead time, and stops a swing where the metric is an old average",
            given: vec![dead_time()],
            finding: Finding::Figure(Figure::new(window, time)),
            source: "docs/model.md, the loop in closed form",
        },
    ]
}
