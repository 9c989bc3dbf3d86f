//! A window of scaling up delays the answer to every spike.
//!
//! ## What it does
//!
//! Looks for `behavior.scaleUp.stabilizationWindowSeconds` above one sync, 15 s.
//!
//! ## Why is this bad
//!
//! The controller takes the lowest recommendation within the window: pods are added only once the load has been there
//! for all of it, and a single quiet sample starts the wait anew.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleUp: {stabilizationWindowSeconds: 300}
//! ```
//!
//! ## Fix
//!
//! Remove it or set it to 0, the default. Against noise, limit the pace with policies or raise
//! `scaleUp.tolerance`.
//!
//! ## Evidence
//!
//! KEP-853; `stabilizeRecommendationWithBehaviors` in `pkg/controller/podautoscaler/horizontal.go`. KEDA issue 3155 has
//! 300 s in the wild.

use crate::hpa::SelectPolicy;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::lint::pace::paces;
use crate::units::SimDuration;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let settings = context.settings;
    let longest = settings
        .thresholds
        .longest_scale_up_window
        .max(settings.cluster.controller.sync_period);
    for pace in paces(context) {
        let Some(behavior) = pace.behavior.as_deref() else {
            continue;
        };
        let rules = &behavior.scale_up;
        let window = rules.stabilization_window.unwrap_or(SimDuration::ZERO);
        if window <= longest || rules.select_policy == SelectPolicy::Disabled {
            continue;
        }
        findings.put(
            pace.place("scaleUp.stabilizationWindowSeconds"),
            format!(
                "pods are added only once a spike has lasted for {}",
                length(window)
            ),
            "set it to 0, and limit the pace with policies",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(rules: &str) -> String {
        hpa(&format!("  maxReplicas: 10\n  behavior: {{{rules}}}\n"))
    }

    #[test]
    fn a_window_of_more_than_a_sync_is_told() {
        fires(
            "SP403",
            &with("scaleUp: {stabilizationWindowSeconds: 300}"),
            &["7:52 pods are added only once a spike has lasted for 5 min"],
        );
        fires(
            "SP403",
            &with("scaleUp: {stabilizationWindowSeconds: 30}"),
            &["7:52 pods"],
        );
    }

    #[test]
    fn a_short_window_is_silent() {
        silent("SP403", &with("scaleUp: {stabilizationWindowSeconds: 15}"));
        silent("SP403", &with("scaleUp: {}"));
        silent(
            "SP403",
            &with("scaleDown: {stabilizationWindowSeconds: 300}"),
        );
        silent(
            "SP403",
            &with("scaleUp: {stabilizationWindowSeconds: 60, selectPolicy: Disabled}"),
        );
    }
}
