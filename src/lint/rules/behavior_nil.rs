//! Without `behavior` the controller limits steps in another way than the documented default.
//!
//! ## What it does
//!
//! Plays both sync by sync from `minReplicas` to `maxReplicas`, and tells an autoscaler without `behavior` for which they
//! differ. Versions that have no such field are not told.
//!
//! ## Why is this bad
//!
//! The documentation's default, 4 pods or 100 % in 15 s, holds only where `behavior` is there, if only as `{}`. Without
//! it an older limit does: the count may double in a sync, or go to 4. The window of scaling down is the cluster's flag
//! in both.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicas: 1
//!   maxReplicas: 10   # 1, 4, 8, 10 without behavior; 1, 5, 10 with `behavior: {}`
//! ```
//!
//! ## Fix
//!
//! Write the behavior that you mean; `behavior: {}` is the documented default.
//!
//! ## Evidence
//!
//! `normalizeDesiredReplicas` and `calculateScaleUpLimit` in `pkg/controller/podautoscaler/horizontal.go`, and
//! `pkg/apis/autoscaling/v2/defaults.go`, which fills `behavior` in only where it is not nil.

use crate::hpa::{Behavior, ScalingRules, course};
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::LONGEST_COURSE;
use crate::lint::pace::paces;
use crate::units::SimDuration;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let sync = context.settings.cluster.controller.sync_period;
    let documented = Behavior {
        scale_up: ScalingRules::default_scale_up(),
        scale_down: ScalingRules::default_scale_down(),
    };
    for pace in paces(context) {
        let has_field = !matches!(
            pace.object.api_version.as_str(),
            "autoscaling/v1" | "autoscaling/v2beta1"
        );
        if pace.behavior.is_some() || !has_field {
            continue;
        }
        let (from, to) = (pace.min_replicas.max(1), pace.max_replicas);
        // The first sync acts at once.
        let syncs = |time: SimDuration| 1 + time.as_nanos() / sync.as_nanos().max(1);
        let time = |behavior| course(behavior, sync, from, to).arrival(LONGEST_COURSE);
        let (Some(without), Some(with)) = (time(None), time(Some(&documented))) else {
            continue;
        };
        if without == with {
            continue;
        }
        findings.put(
            pace.place_of_behavior(),
            format!(
                "without behavior, it takes {} syncs from {from} to {to} replicas, and {} with the documented default",
                syncs(without),
                syncs(with)
            ),
            if pace.is_of_keda() {
                "write the behavior that you mean under advanced.horizontalPodAutoscalerConfig; `behavior: {}` there is the \
                 documented default"
            } else {
                "write the behavior that you mean; `behavior: {}` is the documented default"
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, scaled_object, silent, trigger};

    #[test]
    fn an_autoscaler_without_behavior_is_told_where_it_matters() {
        fires(
            "SP410",
            &hpa("  maxReplicas: 10\n"),
            &[
                "4:1 without behavior, it takes 3 syncs from 1 to 10 replicas, and 2 with the documented default",
            ],
        );
    }

    #[test]
    fn a_scaled_object_without_behavior_is_told_likewise() {
        let of_max = |max: u32, advanced: &str| {
            scaled_object(&format!(
                "  maxReplicaCount: {max}\n{}{advanced}",
                trigger("kafka")
            ))
        };
        fires(
            "SP410",
            &of_max(10, ""),
            &["4:1 without behavior, it takes 3 syncs from 1 to 10 replicas"],
        );
        silent("SP410", &of_max(4, ""));
        let advanced = "  advanced: {horizontalPodAutoscalerConfig: {behavior: {}}}\n";
        silent("SP410", &of_max(10, advanced));
    }

    #[test]
    fn behavior_and_bounds_for_which_both_are_the_same_are_silent() {
        silent("SP410", &hpa("  maxReplicas: 10\n  behavior: {}\n"));
        silent("SP410", &hpa("  maxReplicas: 4\n"));
        silent("SP410", &hpa("  minReplicas: 5\n  maxReplicas: 10\n"));
        silent(
            "SP410",
            &hpa("  maxReplicas: 10\n").replace("autoscaling/v2", "autoscaling/v1"),
        );
    }
}
