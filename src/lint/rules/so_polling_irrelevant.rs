//! `pollingInterval` is set where KEDA's polling decides nothing.
//!
//! ## What it does
//!
//! Looks for a `pollingInterval` in ScaledObjects that never go below what the HPA keeps (`minReplicaCount` of 1 or more,
//! no `idleReplicaCount`) and in which no trigger has `useCachedMetrics`.
//!
//! ## Why is this bad
//!
//! The HPA asks for the triggers' values itself, at each of its own syncs, 15 s by default. A short interval makes nothing
//! quicker, a long one spares the source nothing.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   pollingInterval: 5
//!   minReplicaCount: 2
//! ```
//!
//! ## Fix
//!
//! Remove the field. To ask the source less often set `useCachedMetrics: true` at its trigger.
//!
//! ## Evidence
//!
//! KEDA issue 6168 and pull request 7271, which has the webhook warn of it.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::manifest::Trigger;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let Some(interval) = &scaled.polling_interval else {
            continue;
        };
        let caches = |trigger: &Trigger| {
            let cached = trigger.use_cached_metrics.as_ref();
            cached.is_some_and(|cached| cached.value)
        };
        if scaled.has_idle_state() || scaled.triggers().any(|trigger| caches(&trigger.value)) {
            continue;
        }
        let min = scaled.hpa_min_replicas();
        findings.put(
            Place::of(object, interval),
            format!(
                "pollingInterval of {} s decides nothing: with minReplicaCount {min} the HPA asks for values at its own syncs",
                interval.value
            ),
            "remove pollingInterval, or set useCachedMetrics to spare the source",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    #[test]
    fn an_interval_without_an_idle_state_is_told() {
        fires(
            "SP505",
            &(scaled_object("  pollingInterval: 5\n  minReplicaCount: 2\n") + &trigger("kafka")),
            &["6:20 pollingInterval of 5 s decides nothing: with minReplicaCount 2"],
        );
    }

    #[test]
    fn an_interval_that_decides_is_silent() {
        for spec in [
            "  pollingInterval: 5\n",
            "  pollingInterval: 5\n  minReplicaCount: 0\n",
            "  pollingInterval: 5\n  minReplicaCount: 2\n  idleReplicaCount: 0\n",
            "  minReplicaCount: 2\n",
        ] {
            silent("SP505", &(scaled_object(spec) + &trigger("kafka")));
        }
        let cached = "  pollingInterval: 5\n  minReplicaCount: 2\n  triggers:\n  - {type: kafka, useCachedMetrics: true, metadata: {}}\n";
        silent("SP505", &scaled_object(cached));
    }
}
