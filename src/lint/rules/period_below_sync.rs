//! The period of a policy is shorter than the time between two syncs.
//!
//! ## What it does
//!
//! Compares `periodSeconds` with the controller's sync period, 15 s unless its flag says otherwise.
//!
//! ## Why is this bad
//!
//! The controller acts once a sync: a policy of 4 pods in 5 s adds 4 pods in 15 s, not 12.
//!
//! ## Example
//!
//! ```yaml
//! policies: [{type: Pods, value: 4, periodSeconds: 5}]
//! ```
//!
//! ## Fix
//!
//! Write the sync period, which means the same, or the amount for a whole sync. `--fix` does the former.
//!
//! ## Evidence
//!
//! `getReplicasChangePerPeriod` in `pkg/controller/podautoscaler/horizontal.go`; KEP-853, and KEP-6003 for sync periods
//! of single autoscalers.

use crate::lint::context::Context;
use crate::lint::finding::{Edit, Findings, Place};
use crate::lint::length::length;
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let sync = context.settings.cluster.controller.sync_period;
    let seconds = sync.as_nanos() / 1_000_000_000;
    for pace in paces(context) {
        let Some(behavior) = pace.written else {
            continue;
        };
        let both = [&behavior.scale_up, &behavior.scale_down];
        let listed = both.into_iter().flatten();
        let listed = listed.filter_map(|rules| rules.value.policies.as_ref());
        for policy in listed.flat_map(|policies| &policies.value) {
            let Some(period) = &policy.value.policy_period else {
                continue;
            };
            if i64::from(period.value) >= seconds {
                continue;
            }
            let place = Place::of(pace.object, period);
            let edit = Edit {
                start: place.start.offset,
                end: place.end.offset,
                text: seconds.to_string(),
            };
            let text = pace.object.document.source_bytes();
            let is_plain =
                text.get(edit.start..edit.end) == Some(period.value.to_string().as_bytes());
            let finding = findings.put(
                place,
                format!(
                    "the period of {} s is shorter than a sync of {}, which is how often the policy can act",
                    period.value,
                    length(sync)
                ),
                format!("write {seconds}, which means the same, or the amount for a whole sync"),
            );
            if is_plain {
                finding.with_fix(format!("set periodSeconds to {seconds}"), vec![edit]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{findings, fires, hpa, silent};

    fn with(period: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 10\n  behavior: {{scaleUp: {{policies: [{{type: Pods, value: 4, periodSeconds: {period}}}]}}}}\n"
        ))
    }

    #[test]
    fn a_period_below_a_sync_is_told_and_mended() {
        let text = with("5");
        fires(
            "SP409",
            &text,
            &["7:73 the period of 5 s is shorter than a sync of 15 s"],
        );
        let told = findings(&text);
        let told = told.iter().find(|it| it.rule.code == "SP409");
        let fix = told.and_then(|it| it.fix.as_ref()).expect("it is mended");
        let edit = &fix.edits[0];
        let mut mended = text.clone();
        mended.replace_range(edit.start..edit.end, &edit.text);
        assert_eq!(mended, with("15"));
    }

    #[test]
    fn a_period_of_a_sync_and_more_is_silent() {
        silent("SP409", &with("15"));
        silent("SP409", &with("60"));
        silent("SP409", &hpa("  maxReplicas: 10\n"));
    }
}
