//! Where search and theory differ: what theory suggests as hints for a search, and the gaps that are left after it.

use super::theory::{Figure, Suggestion, Unit};
use super::{Hints, Knob, TheoryGap, Value};
use crate::hpa::{HpaSpec, MetricTarget};
use crate::scenario::Scenario;
use crate::units::SimDuration;

/// Differences up to so many replicas are rounding.
const A_REPLICA: f64 = 1.0;

/// What theory suggests for several backends, as values to try.
pub(super) fn hints(scenario: &Scenario, suggestions: &[Suggestion]) -> Hints {
    let count = |replicas: u32| i32::try_from(replicas).unwrap_or(i32::MAX);
    let window = |seconds: f64| SimDuration::from_seconds_rounded(seconds.round());
    let each = || suggestions.iter();
    Hints {
        min: each()
            .map(|suggested| count(suggested.min_replicas))
            .collect(),
        max: each()
            .map(|suggested| count(suggested.max_replicas).max(scenario.hpa.max_replicas))
            .collect(),
        targets: each()
            .filter_map(|suggested| {
                let (metric, figure) = suggested.target?;
                let present = scenario.hpa.metrics.get(metric)?.target();
                Some((metric, target_at(figure, present)?))
            })
            .collect(),
        up_windows: each()
            .map(|suggested| window(suggested.scale_up_window))
            .collect(),
        down_windows: each()
            .map(|suggested| window(suggested.scale_down_window))
            .collect(),
    }
}

/// A figure as a target of the present one's form; `None` where it is no number above zero.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn target_at(figure: Figure, present: MetricTarget) -> Option<MetricTarget> {
    if figure.value.is_nan() || figure.value <= 0.0 {
        return None;
    }
    let milli = || (figure.value * 1e3).round().max(1.0) as i64;
    Some(match (present, figure.unit) {
        (MetricTarget::Utilization(_), Unit::Percent) => {
            MetricTarget::Utilization(figure.value.round().max(1.0) as i32)
        }
        (MetricTarget::Utilization(_), _) | (_, Unit::Percent) => return None,
        (MetricTarget::AverageValue(_), _) => MetricTarget::AverageValue(milli()),
        (MetricTarget::Value(_), _) => MetricTarget::Value(milli()),
    })
}

/// Where what a search found best for these backends differs from what theory suggests, by more than a replica at the
/// trace's peak.
pub(super) fn theory_gaps(
    scenario: &Scenario,
    best: &HpaSpec,
    suggestions: &[Suggestion],
) -> Vec<TheoryGap> {
    suggestions
        .iter()
        .flat_map(|suggested| {
            [
                floor_gap(best, suggested),
                target_gap(scenario, best, suggested),
            ]
        })
        .flatten()
        .collect()
}

fn floor_gap(best: &HpaSpec, suggested: &Suggestion) -> Option<TheoryGap> {
    let theory = i32::try_from(suggested.min_replicas).unwrap_or(i32::MAX);
    let replicas = f64::from(best.min_replicas) - f64::from(theory);
    (replicas.abs() > A_REPLICA).then(|| TheoryGap {
        knob: Knob::MinReplicas,
        searched: Value::Replicas(best.min_replicas),
        theory: Value::Replicas(theory),
        replicas,
        because: "theory lets no rise of the trace within the dead time go short; the search spends the error budget on the \
                  rare ones, and trades the floor against the target"
            .to_owned(),
    })
}

fn target_gap(scenario: &Scenario, best: &HpaSpec, suggested: &Suggestion) -> Option<TheoryGap> {
    let (metric, figure) = suggested.target?;
    let searched = best.metrics.get(metric)?.target();
    let theory = target_at(figure, searched)?;
    let present = scenario.hpa.metrics.get(metric)?.target();
    let at_peak = |target: MetricTarget| {
        let share = amount(target) / amount(present);
        scenario.trace.series().peak() / (scenario.rate_at_target * share)
    };
    let replicas = at_peak(searched) - at_peak(theory);
    (replicas.abs() > A_REPLICA).then(|| TheoryGap {
        knob: Knob::Target(metric),
        searched: Value::Target(searched),
        theory: Value::Target(theory),
        replicas,
        because: "theory holds the objective at every moment of a steady rise; the search weighs all the rises and lulls of \
                  the trace together"
            .to_owned(),
    })
}

fn amount(target: MetricTarget) -> f64 {
    match target {
        MetricTarget::Utilization(percent) => f64::from(percent),
        MetricTarget::AverageValue(milli) | MetricTarget::Value(milli) => milli as f64,
    }
}
