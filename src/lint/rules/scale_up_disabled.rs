//! The autoscaler may never add pods.
//!
//! ## What it does
//!
//! Looks for `behavior.scaleUp.selectPolicy: Disabled`.
//!
//! ## Why is this bad
//!
//! Under load the count stays where it is, or, after a quiet hour, at `minReplicas`. Since scaling down still works, each
//! quiet hour takes pods away that only a person brings back.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleUp: {selectPolicy: Disabled}
//! ```
//!
//! ## Fix
//!
//! Remove it. To hold the count still for a while, set `minReplicas` and `maxReplicas` to it.
//!
//! ## Evidence
//!
//! KEP-853; `calculateScaleUpLimitWithScalingRules` in `pkg/controller/podautoscaler/horizontal.go`.

use crate::hpa::SelectPolicy;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for pace in paces(context) {
        let behavior = pace.behavior.as_deref();
        if behavior.is_some_and(|it| it.scale_up.select_policy == SelectPolicy::Disabled) {
            findings.put(
                pace.place("scaleUp.selectPolicy"),
                "scaling up is disabled: no load ever adds a pod",
                "remove selectPolicy, or limit the pace with policies",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    #[test]
    fn disabled_scaling_up_is_told() {
        fires(
            "SP401",
            &hpa("  maxReplicas: 10\n  behavior: {scaleUp: {selectPolicy: Disabled}}\n"),
            &["7:38 scaling up is disabled"],
        );
    }

    #[test]
    fn other_choices_are_silent() {
        silent("SP401", &hpa("  maxReplicas: 10\n"));
        silent(
            "SP401",
            &hpa("  maxReplicas: 10\n  behavior: {scaleUp: {selectPolicy: Min}}\n"),
        );
        silent(
            "SP401",
            &hpa("  maxReplicas: 10\n  behavior: {scaleDown: {selectPolicy: Disabled}}\n"),
        );
    }
}
