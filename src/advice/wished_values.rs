//! The values that a wish allows for a knob, from their texts.

use super::policy_sets::{self, Direction};
use super::steps::{Grain, between_counts, place, tidy};
use super::wishes::{Wish, WishError, Wishes, shown};
use super::{Knob, Value};
use crate::hpa::{ControllerConfig, HpaSpec, MetricSpec, MetricTarget};
use crate::scenario::Span;
use crate::units::{Quantity, SimDuration};

/// Longest `stabilizationWindowSeconds`.
pub(super) const LONGEST_WINDOW: f64 = 3600.0;
/// Ranges of whole numbers no longer than this are tried whole.
const WHOLE_RANGE: i32 = 20;
/// Values in a range of quantities.
const RANGE_STEPS: i128 = 12;

/// Whom a wish is for.
pub(super) struct Wished<'a> {
    pub(super) wishes: &'a Wishes,
    pub(super) knob: Knob,
    pub(super) hpa: &'a HpaSpec,
    pub(super) controller: &'a ControllerConfig,
}

impl Wished<'_> {
    /// The values that a wish allows; those of a range are taken from it evenly and from `grid` where they lie within.
    pub(super) fn values(&self, wish: &Wish, grid: &[Value]) -> Result<Vec<Value>, WishError> {
        match wish {
            Wish::Stay => Ok(vec![self.knob.of(self.hpa)]),
            Wish::OneOf(texts) => texts.iter().map(|text| self.value(text)).collect(),
            Wish::Between(from, to) => self.range(from, to, grid),
        }
    }

    fn range(&self, from: &str, to: &str, grid: &[Value]) -> Result<Vec<Value>, WishError> {
        if matches!(self.knob, Knob::ScaleUpPolicies | Knob::ScaleDownPolicies) {
            return Err(WishError::NoRange(self.name()));
        }
        let (least, most) = (self.value(from)?, self.value(to)?);
        let inner = match (&least, &most) {
            (Value::Replicas(least), Value::Replicas(most)) => {
                counts(*least, *most).map(Value::Replicas).collect()
            }
            (
                Value::Target(MetricTarget::Utilization(least)),
                Value::Target(MetricTarget::Utilization(most)),
            ) => counts(*least, *most)
                .map(|percent| Value::Target(MetricTarget::Utilization(percent)))
                .collect(),
            (
                Value::Target(MetricTarget::AverageValue(least)),
                Value::Target(MetricTarget::AverageValue(most)),
            ) => quantities(*least, *most)
                .map(|milli| Value::Target(MetricTarget::AverageValue(milli)))
                .collect(),
            (
                Value::Target(MetricTarget::Value(least)),
                Value::Target(MetricTarget::Value(most)),
            ) => quantities(*least, *most)
                .map(|milli| Value::Target(MetricTarget::Value(milli)))
                .collect(),
            // Windows and tolerances have grids of their own.
            _ => Vec::new(),
        };
        let key = |value: &Value| place(self.knob, value, self.controller);
        let (lowest, highest) = (key(&least), key(&most));
        if lowest > highest {
            return Err(WishError::EmptyRange {
                knob: self.name(),
                from: shown(from),
                to: shown(to),
            });
        }
        let mut values = vec![least, most];
        let further = inner.iter().chain(grid);
        values.extend(
            further
                .filter(|value| (lowest..=highest).contains(&key(value)))
                .cloned(),
        );
        Ok(values)
    }

    /// Reads one value.
    fn value(&self, text: &str) -> Result<Value, WishError> {
        let (read, expected) = match self.knob {
            Knob::MinReplicas => {
                let zero = self.controller.scale_to_zero && has_metric_at_zero(self.hpa);
                let least = i32::from(!zero);
                let expected = if zero {
                    "a whole number from 0 to 2147483647"
                } else {
                    "a whole number from 1 to 2147483647 (0 takes an Object or External metric and the gate \
                     HPAScaleToZero)"
                };
                (whole(text, least).map(Value::Replicas), expected)
            }
            Knob::MaxReplicas => (
                whole(text, 1).map(Value::Replicas),
                "a whole number from 1 to 2147483647",
            ),
            Knob::Target(metric) => target(text, self.hpa.metrics[metric].target()),
            Knob::ScaleUpWindow | Knob::ScaleDownWindow => (
                window(text),
                "whole seconds, minutes or hours with their unit, from `0s` to `1h`",
            ),
            Knob::ScaleUpPolicies => (policies(text, Direction::Up), policy_sets::FORM),
            Knob::ScaleDownPolicies => (policies(text, Direction::Down), policy_sets::FORM),
            Knob::ScaleUpTolerance | Knob::ScaleDownTolerance => {
                (tolerance(text), "a number from 0 to 1 such as `0.05`")
            }
        };
        read.ok_or_else(|| WishError::Value {
            knob: self.name(),
            text: shown(text),
            expected: expected.to_owned(),
        })
    }

    fn name(&self) -> String {
        self.wishes.name(self.knob, self.hpa.metrics.len())
    }
}

/// Whether a metric says something while there are no pods.
fn has_metric_at_zero(hpa: &HpaSpec) -> bool {
    let mut metrics = hpa.metrics.iter();
    metrics.any(|metric| {
        matches!(
            metric,
            MetricSpec::Object { .. } | MetricSpec::External { .. }
        )
    })
}

fn whole(text: &str, least: i32) -> Option<i32> {
    text.parse().ok().filter(|count| *count >= least)
}

/// A target of the same kind as the present one.
fn target(text: &str, present: MetricTarget) -> (Option<Value>, &'static str) {
    let milli = || {
        let quantity = Quantity::parse(text).ok()?;
        // What is finer than a thousandth would come back as something else.
        let milli = quantity.milli_value();
        (milli > 0 && Quantity::from_milli(milli) == quantity).then_some(milli)
    };
    let quantity =
        "a quantity above zero such as `500m` or `20`, as the metric's present target is one";
    match present {
        MetricTarget::Utilization(_) => {
            let number = text.strip_suffix('%').unwrap_or(text).trim();
            let percent = whole(number, 1).map(MetricTarget::Utilization);
            (
                percent.map(Value::Target),
                "a whole percentage from 1 up, as the metric's present target is one",
            )
        }
        MetricTarget::AverageValue(_) => (
            milli().map(|milli| Value::Target(MetricTarget::AverageValue(milli))),
            quantity,
        ),
        MetricTarget::Value(_) => (
            milli().map(|milli| Value::Target(MetricTarget::Value(milli))),
            quantity,
        ),
    }
}

fn window(text: &str) -> Option<Value> {
    let seconds = text.parse::<Span>().ok()?.0;
    let is_window = (0.0..=LONGEST_WINDOW).contains(&seconds) && seconds.fract() == 0.0;
    is_window.then(|| Value::Window(Some(SimDuration::from_seconds_rounded(seconds))))
}

fn policies(text: &str, direction: Direction) -> Option<Value> {
    policy_sets::parse(text, direction).map(|set| Value::Policies(Some(set)))
}

fn tolerance(text: &str) -> Option<Value> {
    let number: f64 = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    // The manifest keeps a quantity, nano-units at the finest.
    let rounded = (number * 1e9).round() / 1e9;
    (0.0..=1.0)
        .contains(&number)
        .then_some(Value::Tolerance(Some(rounded)))
}

fn counts(least: i32, most: i32) -> Box<dyn Iterator<Item = i32>> {
    if most.saturating_sub(least) <= WHOLE_RANGE {
        Box::new(least..=most)
    } else {
        Box::new(between_counts(least, most))
    }
}

fn quantities(least: i64, most: i64) -> impl Iterator<Item = i64> {
    let grain = Grain::of(least);
    let (from, span) = (i128::from(least), i128::from(most) - i128::from(least));
    (0..=RANGE_STEPS).map(move |step| tidy(from + span * step / RANGE_STEPS, grain))
}
