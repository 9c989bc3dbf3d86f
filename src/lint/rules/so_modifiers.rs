//! The formula of a ScaledObject lacks a target, or has one that can't be aimed at.
//!
//! ## What it does
//!
//! Checks `advanced.scalingModifiers` as KEDA's admission webhook does: where any of it is given there is a formula and a
//! target above 0, and its type is not `Utilization`.
//!
//! ## Why is this bad
//!
//! The webhook refuses the ScaledObject; without the webhook KEDA makes no HPA of it.
//!
//! ## Example
//!
//! ```yaml
//! advanced:
//!   scalingModifiers:
//!     formula: queue + errors * 10
//! ```
//!
//! ## Fix
//!
//! Write the `target` that the formula's value is measured against, for each replica, or in all with `metricType: Value`.
//!
//! ## Evidence
//!
//! `ValidateAndCompileScalingModifiers` in KEDA's `scaledobject_webhook.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::manifest::{Object, ScalingModifiers, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        if let Some(modifiers) = scaled.modifiers.as_ref().filter(|it| it.value.is_used()) {
            check_each(object, modifiers, findings);
        }
    }
}

fn check_each(object: &Object, modifiers: &Written<ScalingModifiers>, findings: &mut Findings) {
    let given = |text: &Option<Written<String>>| text.clone().filter(|text| !text.value.is_empty());
    let it = &modifiers.value;
    if given(&it.formula).is_none() {
        findings.put(
            Place::of(object, modifiers),
            "scalingModifiers without a formula, which KEDA refuses",
            "write a formula over the names of triggers, or remove scalingModifiers",
        );
        return;
    }
    match given(&it.target) {
        None => {
            findings.put(
                Place::of(object, modifiers),
                "a formula without a target, which KEDA refuses",
                "write `target`, the value that is aimed at for each replica",
            );
        }
        Some(target) => {
            let number = target.value.parse::<f64>();
            if !number.is_ok_and(|number| number > 0.0) {
                findings.put(
                    Place::of(object, &target),
                    format!("target `{}` is no number above 0", target.value),
                    "write a number above 0, in quotes",
                );
            }
        }
    }
    if let Some(kind) = given(&it.metric_type).filter(|kind| kind.value == "Utilization") {
        findings.put(
            Place::of(object, &kind),
            "metricType Utilization is for cpu and memory, and a formula's value is neither",
            "write `AverageValue` or `Value`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    fn with(modifiers: &str) -> String {
        let advanced = format!("  advanced: {{scalingModifiers: {modifiers}}}\n");
        scaled_object(&advanced) + &trigger("kafka")
    }

    #[test]
    fn modifiers_that_are_refused_are_told() {
        fires(
            "SP508",
            &with("{target: \"5\"}"),
            &["6:32 scalingModifiers without a formula"],
        );
        fires(
            "SP508",
            &with("{formula: a}"),
            &["6:32 a formula without a target"],
        );
        for target in ["0", "-1", "many", "NaN"] {
            fires(
                "SP508",
                &with(&format!("{{formula: a, target: \"{target}\"}}")),
                &[&format!("6:53 target `{target}` is no number above 0")],
            );
        }
        fires(
            "SP508",
            &with("{formula: a, target: \"5\", metricType: Utilization}"),
            &["6:70 metricType Utilization is for cpu and memory"],
        );
    }

    #[test]
    fn modifiers_that_are_whole_are_silent() {
        silent("SP508", &with("{formula: a, target: \"5\"}"));
        silent(
            "SP508",
            &with("{formula: a, target: \"0.5\", metricType: Value}"),
        );
        silent("SP508", &with("{}"));
    }
}
