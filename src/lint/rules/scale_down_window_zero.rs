//! Pods are removed at the first quiet sample.
//!
//! ## What it does
//!
//! Looks for `behavior.scaleDown.stabilizationWindowSeconds` below 60 s, where a metric other than memory counts. Where
//! the policies let go of no more than a tenth of the pods within a minute, it is for information.
//!
//! ## Why is this bad
//!
//! Metrics are noisy and old: a lull of half a minute, or a gap of scraping, takes pods away that the next minute needs,
//! and they have to start anew. The count goes up and down for ever.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleDown: {stabilizationWindowSeconds: 0}
//! ```
//!
//! ## Fix
//!
//! Leave the window out, for 300 s, or set it to more than a pod needs to start; a policy such as 10 % a minute smooths
//! the way down.
//!
//! ## Evidence
//!
//! pega-helm-charts issue 676, llm-d-inference-scheduler PR 661.

use crate::hpa::{SelectPolicy, course};
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::lint::length::length;
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let shortest = context.settings.thresholds.shortest_scale_down_window;
    for pace in paces(context) {
        let Some(behavior) = pace.behavior.as_deref() else {
            continue;
        };
        let rules = &behavior.scale_down;
        let Some(window) = rules.stabilization_window.filter(|it| *it < shortest) else {
            continue;
        };
        if rules.select_policy == SelectPolicy::Disabled
            || pace.is_memory_only
            || pace.min_replicas >= pace.max_replicas
        {
            continue;
        }
        let sync = context.settings.cluster.controller.sync_period;
        let (min, max) = (pace.min_replicas, pace.max_replicas);
        let steps = course(Some(behavior), sync, max, min);
        let last = steps.take_while(|step| step.after < shortest).last();
        // From `maxReplicas` as far as the policies let them go.
        let removed = last.map_or(0, |step| max.saturating_sub(step.replicas));
        let finding = findings.put(
            pace.place("scaleDown.stabilizationWindowSeconds"),
            format!(
                "a lull of {} takes pods away, up to {removed} of {max} within a minute",
                length(window.max(sync))
            ),
            "leave the window out for 300 s, or set it above the time that a pod needs to start",
        );
        if removed <= (max / 10).max(1) {
            finding.with_severity(Severity::Info);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{cpu, findings, fires, hpa, silent};

    fn with(rules: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 10\n{}  behavior: {{scaleDown: {{{rules}}}}}\n",
            cpu(60)
        ))
    }

    #[test]
    fn a_window_below_a_minute_is_told() {
        fires(
            "SP404",
            &with("stabilizationWindowSeconds: 0"),
            &["9:54 a lull of 15 s takes pods away, up to 9 of 10 within a minute"],
        );
        fires(
            "SP404",
            &with("stabilizationWindowSeconds: 59"),
            &["9:54 a lull of 59 s"],
        );
    }

    #[test]
    fn slow_policies_make_it_information() {
        let slow = with(
            "stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 1, periodSeconds: 60}]",
        );
        fires(
            "SP404",
            &slow,
            &["9:54 a lull of 15 s takes pods away, up to 1 of 10"],
        );
        let told = findings(&slow);
        let told = told.iter().find(|it| it.rule.code == "SP404");
        assert_eq!(told.map(|it| it.severity), Some(Severity::Info));
    }

    #[test]
    fn a_window_of_a_minute_and_memory_alone_are_silent() {
        silent("SP404", &with("stabilizationWindowSeconds: 60"));
        silent("SP404", &with("selectPolicy: Max"));
        silent(
            "SP404",
            &with("stabilizationWindowSeconds: 0, selectPolicy: Disabled"),
        );
        silent(
            "SP404",
            &with("stabilizationWindowSeconds: 0").replace("cpu", "memory"),
        );
        silent(
            "SP404",
            &with("stabilizationWindowSeconds: 0").replace("maxReplicas: 10", "maxReplicas: 1"),
        );
    }
}
