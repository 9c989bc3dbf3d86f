//! From zero replicas the policies allow no growth.
//!
//! ## What it does
//!
//! For `minReplicas: 0` it plays the controller's rate limits from zero, and tells where the count stays there: with
//! `Percent` policies only, or with one of them and `selectPolicy: Min`.
//!
//! ## Why is this bad
//!
//! A percentage of nothing is nothing. Once at zero, the workload never comes back by itself.
//!
//! ## Example
//!
//! ```yaml
//! minReplicas: 0
//! behavior:
//!   scaleUp:
//!     policies: [{type: Percent, value: 100, periodSeconds: 15}]
//! ```
//!
//! ## Fix
//!
//! Add a `Pods` policy, and leave `selectPolicy` at `Max`.
//!
//! ## Evidence
//!
//! `calculateScaleUpLimitWithScalingRules` in `pkg/controller/podautoscaler/horizontal.go`:
//! ceil(0 * (1 + value / 100)) is 0.

use crate::hpa::{SelectPolicy, course};
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let sync = context.settings.cluster.controller.sync_period;
    for (autoscaled, meant) in context.valid_autoscalers() {
        let behavior = meant.behavior.as_ref();
        let is_disabled =
            behavior.is_some_and(|it| it.scale_up.select_policy == SelectPolicy::Disabled);
        if meant.min_replicas != 0 || meant.max_replicas < 1 || is_disabled {
            continue;
        }
        let first = course(behavior, sync, 0, meant.max_replicas).next();
        if first.is_none_or(|step| step.replicas > 0) {
            continue;
        }
        findings
            .put(
                Place::at(autoscaled.object, "spec.behavior.scaleUp.policies"),
                "a percentage of zero replicas is zero: from there it never scales up",
                "add a policy of type Pods, and leave selectPolicy at Max",
            )
            .with_related(
                Place::at(autoscaled.object, "spec.minReplicas"),
                "which lets the count go to zero",
            );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(min: u32, rules: &str) -> String {
        hpa(&format!(
            "  minReplicas: {min}\n  maxReplicas: 10\n  behavior: {{scaleUp: {{{rules}}}}}\n  metrics:\n  - {{type: External, \
             external: {{metric: {{name: queue}}, target: {{type: AverageValue, averageValue: 5}}}}}}\n"
        ))
    }

    const PERCENT: &str = "{type: Percent, value: 100, periodSeconds: 15}";
    const PODS: &str = "{type: Pods, value: 1, periodSeconds: 15}";

    #[test]
    fn percent_of_zero_is_told() {
        fires(
            "SP411",
            &with(0, &format!("policies: [{PERCENT}]")),
            &["8:34 a percentage of zero replicas is zero"],
        );
        fires(
            "SP411",
            &with(
                0,
                &format!("selectPolicy: Min, policies: [{PERCENT}, {PODS}]"),
            ),
            &["8:53 a percentage of zero replicas is zero"],
        );
    }

    #[test]
    fn pods_and_a_floor_above_zero_are_silent() {
        silent("SP411", &with(0, &format!("policies: [{PERCENT}, {PODS}]")));
        silent("SP411", &with(0, ""));
        // Percent rounds up: one pod becomes two.
        silent(
            "SP411",
            &with(
                1,
                "policies: [{type: Percent, value: 10, periodSeconds: 15}]",
            ),
        );
    }
}
