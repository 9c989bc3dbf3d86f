//! A ScaledObject has no trigger, two of one name, or a cached one that can't be cached.
//!
//! ## What it does
//!
//! Checks the list of triggers as KEDA's admission webhook does: there is one at least, names are given once, and
//! `useCachedMetrics` is not set for `cpu`, `memory` or `cron`.
//!
//! ## Why is this bad
//!
//! The webhook refuses the ScaledObject; without the webhook KEDA makes no HPA of it.
//!
//! ## Example
//!
//! ```yaml
//! triggers:
//! - {type: cron, useCachedMetrics: true, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: "5"}}
//! ```
//!
//! ## Fix
//!
//! Name a trigger, give each its own name, and leave `useCachedMetrics` to triggers that KEDA itself measures.
//!
//! ## Evidence
//!
//! `ValidateTriggers` in KEDA's `apis/keda/v1alpha1/scaletriggers_types.go`.

use std::collections::BTreeMap;

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::manifest::{Object, ScaledObject, Written};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        check_each(object, scaled, findings);
    }
}

fn check_each(object: &Object, scaled: &ScaledObject, findings: &mut Findings) {
    if scaled.triggers().next().is_none() {
        findings.put(
            Place::at(object, "spec.triggers"),
            "there is no trigger, so that KEDA refuses it",
            "name what is to be scaled by under `triggers`",
        );
    }
    let mut names: BTreeMap<&str, &Written<String>> = BTreeMap::new();
    for trigger in scaled.triggers() {
        let trigger = &trigger.value;
        let kind = trigger.kind.as_ref().map_or("", |kind| kind.value.as_str());
        if let Some(cached) = trigger.use_cached_metrics.as_ref().filter(|it| it.value)
            && matches!(kind, "cpu" | "memory" | "cron")
        {
            findings.put(
                Place::of(object, cached),
                format!("useCachedMetrics is set for a `{kind}` trigger, which KEDA refuses"),
                "remove useCachedMetrics",
            );
        }
        let Some(name) = trigger.name.as_ref().filter(|name| !name.value.is_empty()) else {
            continue;
        };
        if let Some(first) = names.get(name.value.as_str()) {
            findings
                .put(
                    Place::of(object, name),
                    format!(
                        "a second trigger is named `{}`, which KEDA refuses",
                        name.value
                    ),
                    "give each trigger a name of its own",
                )
                .with_related(Place::of(object, first), "the first of this name");
        } else {
            names.insert(&name.value, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    #[test]
    fn what_the_webhook_refuses_is_told() {
        fires("SP503", &scaled_object(""), &["4:1 there is no trigger"]);
        fires(
            "SP503",
            &scaled_object("  triggers: []\n"),
            &["6:13 there is no trigger"],
        );
        for kind in ["cpu", "memory", "cron"] {
            let cached = format!(
                "  triggers:\n  - {{type: {kind}, useCachedMetrics: true, metadata: {{}}}}\n"
            );
            let column = 32 + kind.len();
            fires(
                "SP503",
                &scaled_object(&cached),
                &[&format!(
                    "7:{column} useCachedMetrics is set for a `{kind}` trigger"
                )],
            );
        }
        let twice = "  triggers:\n  - {type: kafka, name: a, metadata: {}}\n  - {type: cron, name: a, metadata: {}}\n";
        fires(
            "SP503",
            &scaled_object(twice),
            &["8:24 a second trigger is named `a`"],
        );
    }

    #[test]
    fn names_and_caches_that_are_taken_are_silent() {
        silent("SP503", &(scaled_object("") + &trigger("cpu")));
        let apart = "  triggers:\n  - {type: kafka, name: a, useCachedMetrics: true, metadata: {}}\n  - {type: cron, name: b, useCachedMetrics: false, metadata: {}}\n  - {type: cron, metadata: {}}\n  - {type: cron, name: \"\", metadata: {}}\n";
        silent("SP503", &scaled_object(apart));
    }
}
