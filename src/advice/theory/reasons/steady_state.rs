//! Where the loop rests.

use super::{count, given, percent, replicas};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Figure, Finding, Part, Reason, Unit};
use crate::advice::theory::steady_state::{SteadyState, expected_maximum};
use crate::advice::theory::whole::whole_replicas;

pub(super) fn steady_state(facts: &Facts<'_>) -> Vec<Reason> {
    let at_peak = facts.peak_count();
    let rest = SteadyState {
        target: facts.meter.target,
        tolerance_up: facts.tolerance_up,
        tolerance_down: facts.tolerance_down,
        step: if facts.meter.whole_percent().is_some() {
            1.0
        } else {
            0.0
        },
    };
    let between = |(low, high)| Finding::Between(facts.metric(low), facts.metric(high));
    let blind = rest.blind_counts(f64::from(at_peak));
    let (r, tolerance) = (
        given("r", facts.metric(facts.meter.target)),
        given("δ", percent(facts.tolerance_up)),
    );
    let part = Part::SteadyState;
    vec![
        Reason {
            part,
            key: "restAfterScaleUp",
            quantity: "where the metric rests after a scale-up to the peak",
            formula: "r (1 - 1 / n) to r",
            given: vec![r, given("n", count(at_peak))],
            finding: between(rest.after_scale_up(at_peak)),
            source: "rounding up to whole replicas",
        },
        Reason {
            part,
            key: "blindBand",
            quantity: "what it may drift between without an answer",
            formula: "r (1 - δ) to r (1 + δ); a utilization by whole percent, rounded down: to ⌊r (1 + δ)⌋ + 1",
            given: vec![r, tolerance],
            finding: between(rest.blind_band()),
            source: "--horizontal-pod-autoscaler-tolerance, or behavior's own",
        },
        Reason {
            part,
            key: "blindCounts",
            quantity: "counts that it leaves alone at the peak",
            formula: "a over the ends of that band",
            given: vec![given("a / r", count(at_peak)), tolerance],
            finding: Finding::Between(replicas(blind.0), replicas(blind.1)),
            source: "as before",
        },
        noise(facts, at_peak),
    ]
}

/// What chance in the arrivals adds under a window whose highest recommendation counts.
fn noise(facts: &Facts<'_>, count_at_peak: u32) -> Reason {
    let samples = whole_replicas(facts.window / facts.sync).clamp(1, 100_000);
    let rate = facts.rate_at_target() * f64::from(count_at_peak);
    let window = facts
        .meter
        .path
        .window()
        .max(facts.backend.plant.serving.service_time());
    let scv = facts.backend.plant.serving.service.scv();
    let sigma = ((1.0 + scv) / (rate * window)).sqrt();
    let highest = expected_maximum(samples);
    Reason {
        part: Part::SteadyState,
        key: "noiseBias",
        quantity: "replicas that chance adds at the peak, under the window",
        formula: "E_m σ; E_m of m = W / h samples, σ = √((1 + scv) / (a × window of the metric))",
        given: vec![
            given("m", count(samples)),
            given("E_m", Figure::new(highest, Unit::Times)),
            given("a", Figure::new(rate, Unit::RequestsPerSecond)),
            given("σ", percent(sigma)),
        ],
        finding: Finding::Figure(percent(highest * sigma)),
        source: "highest of m normal samples; Poisson arrivals",
    }
}
