//! The autoscaler may never remove pods.
//!
//! ## What it does
//!
//! Looks for `behavior.scaleDown.selectPolicy: Disabled`.
//!
//! ## Why is this bad
//!
//! The count goes up with each peak and never comes back: after the first bad day the workload runs, and is paid for, at
//! that day's size.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleDown: {selectPolicy: Disabled}
//! ```
//!
//! ## Fix
//!
//! Where pods must not go in a hurry, slow the way down instead: a longer `stabilizationWindowSeconds` (up to 3600) and a
//! policy such as one pod in ten minutes.
//!
//! ## Evidence
//!
//! KEP-853; `calculateScaleDownLimitWithBehaviors` in `pkg/controller/podautoscaler/horizontal.go`.

use crate::hpa::SelectPolicy;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for pace in paces(context) {
        let behavior = pace.behavior.as_deref();
        if behavior.is_some_and(|it| it.scale_down.select_policy == SelectPolicy::Disabled) {
            findings.put(
                pace.place("scaleDown.selectPolicy"),
                format!(
                    "scaling down is disabled: a single peak leaves up to {} pods for good",
                    pace.max_replicas
                ),
                "slow it down with a window and a policy instead",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    #[test]
    fn disabled_scaling_down_is_told() {
        fires(
            "SP402",
            &hpa("  maxReplicas: 10\n  behavior: {scaleDown: {selectPolicy: Disabled}}\n"),
            &["7:40 scaling down is disabled: a single peak leaves up to 10 pods"],
        );
    }

    #[test]
    fn other_choices_are_silent() {
        silent("SP402", &hpa("  maxReplicas: 10\n"));
        silent(
            "SP402",
            &hpa("  maxReplicas: 10\n  behavior: {scaleDown: {selectPolicy: Max}}\n"),
        );
        silent(
            "SP402",
            &hpa("  maxReplicas: 10\n  behavior: {scaleUp: {selectPolicy: Disabled}}\n"),
        );
    }
}
