//! Where search and theory differ: what theory suggests as hints for a search, and the gaps that are left after it.

use super::steps::{Grain, tidy_around};
use super::theory::{Figure, Suggestion, Unit};
use super::{Hints, Knob, Lattice, TheoryGap, Value};
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
                Some(targets_at(figure, present)?.map(|target| (metric, target)))
            })
            .flatten()
            .collect(),
        up_windows: each()
            .map(|suggested| window(suggested.scale_up_window))
            .collect(),
        down_windows: each()
            .map(|suggested| window(suggested.scale_down_window))
            .collect(),
    }
}

/// A figure as targets of the present one's form that people would write: the nearest below, then the nearest above.
/// `None` where it is no number above zero.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn targets_at(figure: Figure, present: MetricTarget) -> Option<[MetricTarget; 2]> {
    if figure.value.is_nan() || figure.value <= 0.0 {
        return None;
    }
    let milli = |own| tidy_around((figure.value * 1e3).round() as i64, Grain::of(own));
    Some(match (present, figure.unit) {
        (MetricTarget::Utilization(_), Unit::Percent) => {
            [figure.value.floor(), figure.value.ceil()]
                .map(|percent| MetricTarget::Utilization(percent.max(1.0) as i32))
        }
        (MetricTarget::Utilization(_), _) | (_, Unit::Percent) => return None,
        (MetricTarget::AverageValue(own), _) => milli(own).map(MetricTarget::AverageValue),
        (MetricTarget::Value(own), _) => milli(own).map(MetricTarget::Value),
    })
}

/// Where what a search found best for these backends differs from what theory suggests, by more than a replica at the
/// trace's peak: of what was searched.
pub(super) fn theory_gaps(
    scenario: &Scenario,
    lattice: &Lattice,
    best: &HpaSpec,
    suggestions: &[Suggestion],
) -> Vec<TheoryGap> {
    suggestions
        .iter()
        .flat_map(|suggested| {
            [
                floor_gap(best, suggested),
                ceiling_gap(best, suggested),
                target_gap(scenario, best, suggested),
            ]
        })
        .flatten()
        .filter(|gap| was_searched(lattice, gap))
        .collect()
}

/// Whether the search could have come nearer: it does not lower maxReplicas unless it is told to, and leaves alone what is
/// fixed.
fn was_searched(lattice: &Lattice, gap: &TheoryGap) -> bool {
    let mut axes = lattice.axes.iter();
    let Some(axis) = axes.find(|axis| axis.knob == gap.knob) else {
        return false;
    };
    let own = &axis.values[axis.present];
    let is_lower = |value: &Value| value.number() < own.number();
    !(gap.knob == Knob::MaxReplicas && is_lower(&gap.theory)) || axis.values.iter().any(is_lower)
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

fn ceiling_gap(best: &HpaSpec, suggested: &Suggestion) -> Option<TheoryGap> {
    let theory = i32::try_from(suggested.max_replicas).unwrap_or(i32::MAX);
    let replicas = f64::from(best.max_replicas) - f64::from(theory);
    let because = if replicas > 0.0 {
        "theory counts what the trace's peak needs and no more; the search does not lower maxReplicas of its own accord, as \
         room above the need costs nothing until a load comes that needs it"
    } else {
        "theory counts what the trace's peak needs at its own target; the search spends the error budget on the peak, or \
         runs each replica hotter"
    };
    (replicas.abs() > A_REPLICA).then(|| TheoryGap {
        knob: Knob::MaxReplicas,
        searched: Value::Replicas(best.max_replicas),
        theory: Value::Replicas(theory),
        replicas,
        because: because.to_owned(),
    })
}

fn target_gap(scenario: &Scenario, best: &HpaSpec, suggested: &Suggestion) -> Option<TheoryGap> {
    let (metric, figure) = suggested.target?;
    let searched = best.metrics.get(metric)?.target();
    let [theory, _] = targets_at(figure, searched)?;
    let present = scenario.hpa.metrics.get(metric)?.target();
    let at_peak = |target: MetricTarget| {
        let share = target.amount() / present.amount();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(figure: (f64, Unit), present: MetricTarget, expected: Option<[MetricTarget; 2]>) {
        let figure = Figure::new(figure.0, figure.1);
        assert_eq!(targets_at(figure, present), expected);
    }

    #[test]
    fn what_theory_says_is_tried_as_people_write_it() {
        use MetricTarget::{AverageValue, Utilization, Value};
        let rate = |value| (value, Unit::RequestsPerSecond);
        check(
            rate(67.563),
            AverageValue(50_000),
            Some([67_000, 68_000].map(AverageValue)),
        );
        check(rate(68.0), Value(50_000), Some([68_000; 2].map(Value)));
        check(rate(0.000_01), Value(50_000), Some([1; 2].map(Value)));
        check(
            (62.9, Unit::Percent),
            Utilization(70),
            Some([62, 63].map(Utilization)),
        );
        check((62.9, Unit::Percent), AverageValue(50_000), None);
        check(rate(f64::NAN), AverageValue(50_000), None);
        check(rate(0.0), AverageValue(50_000), None);
    }
}
