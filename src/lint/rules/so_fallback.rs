//! The fallback of a ScaledObject is refused or never used.
//!
//! ## What it does
//!
//! Checks `fallback` as KEDA's admission webhook does: neither number is negative, and a trigger that is neither `cpu` nor
//! `memory` has the metric type `AverageValue`, which is the default. With a formula, that of the formula counts.
//!
//! ## Why is this bad
//!
//! The webhook refuses the ScaledObject. Cpu and memory are measured by the kubelet, so that KEDA never sees them fail and
//! has nothing to put in their place; for a `Value` it can't say how many replicas a value comes to.
//!
//! ## Example
//!
//! ```yaml
//! fallback: {failureThreshold: 3, replicas: 6}
//! triggers:
//! - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
//! ```
//!
//! ## Fix
//!
//! Remove `fallback`, or measure one trigger by `AverageValue`.
//!
//! ## Evidence
//!
//! `CheckFallbackValid` in KEDA's `apis/keda/v1alpha1/scaledobject_types.go`. Versions differ in what they make of `Value`,
//! so that this case is a warning.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::{Fallback, Object, ScaledObject, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        if let Some(fallback) = &scaled.fallback {
            check_numbers(object, &fallback.value, findings);
            check_triggers(object, scaled, fallback, findings);
        }
    }
}

fn check_numbers(object: &Object, fallback: &Fallback, findings: &mut Findings) {
    for (name, field) in [
        ("failureThreshold", &fallback.failure_threshold),
        ("replicas", &fallback.replicas),
    ] {
        if let Some(field) = field.as_ref().filter(|field| field.value < 0) {
            findings.put(
                Place::of(object, field),
                format!("{name} is `{}`, and KEDA refuses less than 0", field.value),
                "write 0 or more",
            );
        }
    }
}

fn check_triggers(
    object: &Object,
    scaled: &ScaledObject,
    fallback: &Written<Fallback>,
    findings: &mut Findings,
) {
    let is_value =
        |kind: &Option<Written<String>>| kind.as_ref().is_some_and(|kind| kind.value == "Value");
    if let Some(modifiers) = scaled.modifiers.as_ref().filter(|it| it.value.is_used()) {
        if is_value(&modifiers.value.metric_type) {
            findings
                .put(
                    Place::of(object, fallback),
                    "the formula's metricType is Value, for which there is no fallback",
                    "write `metricType: AverageValue`, or remove fallback",
                )
                .with_severity(Severity::Warning);
        }
        return;
    }
    if scaled.is_resource_only() {
        findings.put(
            Place::of(object, fallback),
            "all triggers are cpu or memory, which KEDA doesn't measure, so that there is nothing to fall back from",
            "remove fallback",
        );
        return;
    }
    let mut measured = scaled
        .triggers()
        .filter(|trigger| !trigger.value.is_resource())
        .peekable();
    if measured.peek().is_some() && measured.all(|trigger| is_value(&trigger.value.metric_type)) {
        findings
            .put(
                Place::of(object, fallback),
                "every trigger that KEDA measures has the metricType Value, for which there is no fallback",
                "write `metricType: AverageValue`, or remove fallback",
            )
            .with_severity(Severity::Warning);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    const FALLBACK: &str = "  fallback: {failureThreshold: 3, replicas: 6}\n";

    #[test]
    fn a_fallback_that_is_refused_is_told() {
        fires(
            "SP504",
            &(scaled_object("  fallback: {failureThreshold: -1, replicas: -2}\n")
                + &trigger("kafka")),
            &["6:32 failureThreshold is `-1`", "6:46 replicas is `-2`"],
        );
        fires(
            "SP504",
            &(scaled_object(FALLBACK) + &trigger("cpu")),
            &["6:13 all triggers are cpu or memory"],
        );
        let value = "  triggers:\n  - {type: kafka, metricType: Value, metadata: {}}\n";
        fires(
            "SP504",
            &(scaled_object(FALLBACK) + value),
            &["6:13 every trigger that KEDA measures has the metricType Value"],
        );
        let formula =
            "  advanced: {scalingModifiers: {formula: a, target: \"1\", metricType: Value}}\n";
        fires(
            "SP504",
            &(scaled_object(FALLBACK) + formula + &trigger("kafka")),
            &["6:13 the formula's metricType is Value"],
        );
    }

    #[test]
    fn a_fallback_that_is_used_is_silent() {
        silent("SP504", &(scaled_object(FALLBACK) + &trigger("kafka")));
        let both = trigger("cpu") + "  - {type: kafka, metadata: {}}\n";
        silent("SP504", &(scaled_object(FALLBACK) + &both));
        silent("SP504", &(scaled_object("") + &trigger("cpu")));
        let formula = "  advanced: {scalingModifiers: {formula: a, target: \"1\"}}\n";
        silent(
            "SP504",
            &(scaled_object(FALLBACK) + formula + &trigger("kafka")),
        );
    }
}
