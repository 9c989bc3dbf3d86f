//! The target leaves most of what pods request unused.
//!
//! ## What it does
//!
//! Looks for a utilization target on cpu or memory below 30 %.
//!
//! ## Why is this bad
//!
//! More than two thirds of what is requested, and paid for, stay idle. And it is jumpy: the tolerance is a tenth of the
//! target, so that at 10 % one percent of a request more adds pods.
//!
//! ## Example
//!
//! ```yaml
//! resource: {name: cpu, target: {type: Utilization, averageUtilization: 10}}
//! ```
//!
//! ## Fix
//!
//! If pods need headroom while others start, 50 to 70 is usual. If usage is low because requests are generous, lower the
//! requests and raise the target.
//!
//! ## Evidence
//!
//! The controller's ratio is utilization over target: the same noise counts for more the lower the target.

use crate::hpa::MetricTarget;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::pods::name_of;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let lowest = context.settings.thresholds.lowest_target;
    for autoscaled in context.autoscalers() {
        for metric in autoscaled.metrics() {
            let Some((resource, _, MetricTarget::Utilization(target))) = metric.resource() else {
                continue;
            };
            if *target >= lowest {
                continue;
            }
            findings.put(
                autoscaled.place_of_target(&metric),
                format!(
                    "at {target} % {} utilization, {} % of what pods request stays unused",
                    name_of(resource),
                    100 - target
                ),
                "raise the target; where requests are generous, lower them with it",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{cpu, fires, hpa, silent, silent_with};

    fn with(percent: u32) -> String {
        hpa(&format!("  maxReplicas: 10\n{}", cpu(percent)))
    }

    #[test]
    fn a_low_target_is_told() {
        fires(
            "SP313",
            &with(10),
            &["8:92 at 10 % cpu utilization, 90 % of what pods request stays unused"],
        );
        fires("SP313", &with(29), &["8:92 at 29 %"]);
    }

    #[test]
    fn a_usual_target_is_silent() {
        silent("SP313", &with(30));
        let mut lower = Settings::USUAL;
        lower.thresholds.lowest_target = 10;
        silent_with("SP313", &lower, &with(10));
    }
}
