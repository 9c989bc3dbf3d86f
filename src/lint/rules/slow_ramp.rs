//! The policies of scaling up take long from `minReplicas` to `maxReplicas`.
//!
//! ## What it does
//!
//! Plays the controller's rate limits sync by sync from `minReplicas`, as if the metrics asked for `maxReplicas`
//! throughout, and tells what takes more than ten minutes. The start of pods comes on top.
//!
//! ## Why is this bad
//!
//! A load that needs the maximum isn't met before that time has passed, however fast pods start.
//!
//! ## Example
//!
//! ```yaml
//! minReplicas: 2
//! maxReplicas: 20
//! behavior:
//!   scaleUp:
//!     policies: [{type: Pods, value: 1, periodSeconds: 180}]   # 51 min
//! ```
//!
//! ## Fix
//!
//! Allow more at once, such as the default of 4 pods or 100 % in 15 s with `selectPolicy: Max`.
//!
//! ## Evidence
//!
//! `calculateScaleUpLimitWithScalingRules` in `pkg/controller/podautoscaler/horizontal.go`; enhancements issue 2645.

use crate::hpa::{SelectPolicy, course};
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::{LONGEST_COURSE, length};
use crate::lint::pace::paces;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let longest = context.settings.thresholds.longest_ramp;
    let sync = context.settings.cluster.controller.sync_period;
    for pace in paces(context) {
        let Some(behavior) = pace.behavior.as_deref() else {
            continue;
        };
        // Scaling up at all is another rule's question, and so is growth from zero.
        let from = pace.min_replicas.max(1);
        let to = pace.max_replicas;
        if behavior.scale_up.select_policy == SelectPolicy::Disabled || from >= to {
            continue;
        }
        let time = match course(Some(behavior), sync, from, to).arrival(LONGEST_COURSE) {
            Some(time) if time <= longest => continue,
            Some(time) => length(time),
            None => format!("more than {}", length(LONGEST_COURSE)),
        };
        findings.put(
            pace.place("scaleUp.policies"),
            format!("the policies take {time} from {from} to {to} replicas"),
            "allow more pods at once, or raise minReplicas",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(max: u32, rules: &str) -> String {
        hpa(&format!(
            "  minReplicas: 2\n  maxReplicas: {max}\n  behavior: {{scaleUp: {{{rules}}}}}\n"
        ))
    }

    const ONE: &str = "policies: [{type: Pods, value: 1, periodSeconds: 180}]";

    #[test]
    fn a_slow_ramp_is_told() {
        fires(
            "SP406",
            &with(20, ONE),
            &["8:34 the policies take 51 min from 2 to 20 replicas"],
        );
        let smaller = "selectPolicy: Min, policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 1, \
                       periodSeconds: 180}]";
        fires(
            "SP406",
            &with(20, smaller),
            &["8:53 the policies take 51 min"],
        );
        fires(
            "SP406",
            &with(2000, ONE),
            &["8:34 the policies take more than 24 h"],
        );
    }

    #[test]
    fn a_fast_ramp_is_silent() {
        silent("SP406", &with(1000, ""));
        silent("SP406", &with(4, ONE));
        silent("SP406", &with(2, ONE));
        silent(
            "SP406",
            &with(20, &format!("selectPolicy: Disabled, {ONE}")),
        );
        silent("SP406", &hpa("  maxReplicas: 1000\n"));
    }
}
