//! The policies of scaling down take long from `maxReplicas` to `minReplicas`.
//!
//! ## What it does
//!
//! Plays the controller's rate limits sync by sync from `maxReplicas`, as if the metrics asked for `minReplicas`
//! throughout, and tells what takes more than an hour. The window comes on top, once.
//!
//! ## Why is this bad
//!
//! It costs: after each peak pods stay that nothing needs. It may well be meant so where a start is expensive.
//!
//! ## Example
//!
//! ```yaml
//! minReplicas: 2
//! maxReplicas: 20
//! behavior:
//!   scaleDown:
//!     policies: [{type: Pods, value: 1, periodSeconds: 1200}]   # 5 h 40 min
//! ```
//!
//! ## Fix
//!
//! Let a share of the pods go at a time, such as 10 % in 60 s, and keep what a second peak needs by the window.
//!
//! ## Evidence
//!
//! `calculateScaleDownLimitWithBehaviors` in `pkg/controller/podautoscaler/horizontal.go`; KEDA issue 3155.

use crate::hpa::{SelectPolicy, course};
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::{LONGEST_COURSE, length};
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let longest = context.settings.thresholds.longest_drain;
    let sync = context.settings.cluster.controller.sync_period;
    for pace in paces(context) {
        let Some(behavior) = pace.behavior.as_deref() else {
            continue;
        };
        let (from, to) = (pace.max_replicas, pace.min_replicas);
        if behavior.scale_down.select_policy == SelectPolicy::Disabled || from <= to {
            continue;
        }
        let time = match course(Some(behavior), sync, from, to).arrival(LONGEST_COURSE) {
            Some(time) if time <= longest => continue,
            Some(time) => length(time),
            None => format!("more than {}", length(LONGEST_COURSE)),
        };
        findings.put(
            pace.place("scaleDown.policies"),
            format!("the policies take {time} from {from} to {to} replicas after a peak"),
            "let a share of the pods go at a time, such as 10 percent in 60 s",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(rules: &str) -> String {
        hpa(&format!(
            "  minReplicas: 2\n  maxReplicas: 20\n  behavior: {{scaleDown: {{{rules}}}}}\n"
        ))
    }

    #[test]
    fn a_slow_drain_is_told() {
        fires(
            "SP407",
            &with("policies: [{type: Pods, value: 1, periodSeconds: 1200}]"),
            &["8:36 the policies take 5 h 40 min from 20 to 2 replicas"],
        );
    }

    #[test]
    fn a_fast_drain_is_silent() {
        silent("SP407", &with(""));
        // Percent truncates what stays, so that it always arrives.
        silent(
            "SP407",
            &with("policies: [{type: Percent, value: 1, periodSeconds: 60}]"),
        );
        silent(
            "SP407",
            &with(
                "selectPolicy: Disabled, policies: [{type: Pods, value: 1, periodSeconds: 1200}]",
            ),
        );
    }
}
