//! `cooldownPeriod` is set where KEDA never scales to zero.
//!
//! ## What it does
//!
//! Looks for a `cooldownPeriod` in ScaledObjects that never go below what the HPA keeps: `minReplicaCount` of 1 or more and
//! no `idleReplicaCount`.
//!
//! ## Why is this bad
//!
//! The period counts for the step from one replica to none only. Whoever set it to slow down scaling from many to few, or
//! to speed it up, has set nothing: that is the HPA's `behavior.scaleDown`, a window of 300 s by default.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   cooldownPeriod: 60
//!   minReplicaCount: 2
//! ```
//!
//! ## Fix
//!
//! Set `advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds` instead, or remove the field.
//!
//! ## Evidence
//!
//! KEDA issues 737, 5321 and 6844; pull request 7271 has the webhook warn of it. Where the value is the default of 300 it
//! changes nothing either way, so that the finding is for information only.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};

/// `cooldownPeriod` where none is given, seconds.
const DEFAULT_COOLDOWN: i32 = 300;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, scaled) in context.scaled_objects() {
        let Some(cooldown) = &scaled.cooldown_period else {
            continue;
        };
        if scaled.has_idle_state() {
            continue;
        }
        let min = scaled.hpa_min_replicas();
        let finding = findings.put(
            Place::of(object, cooldown),
            format!(
                "cooldownPeriod of {} s is for the step to zero, which minReplicaCount {min} rules out",
                cooldown.value
            ),
            "set behavior.scaleDown.stabilizationWindowSeconds of horizontalPodAutoscalerConfig, or remove cooldownPeriod",
        );
        if cooldown.value == DEFAULT_COOLDOWN {
            finding.with_severity(Severity::Info);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::Severity;
    use crate::lint::testing::{findings, fires, scaled_object, silent, trigger};

    #[test]
    fn a_cooldown_without_a_step_to_zero_is_told() {
        let with = |seconds: u32| {
            let spec = format!("  cooldownPeriod: {seconds}\n  minReplicaCount: 2\n");
            scaled_object(&spec) + &trigger("kafka")
        };
        fires(
            "SP506",
            &with(60),
            &[
                "6:19 cooldownPeriod of 60 s is for the step to zero, which minReplicaCount 2 rules out",
            ],
        );
        for (seconds, severity) in [(60, Severity::Warning), (300, Severity::Info)] {
            let found = findings(&with(seconds));
            let ours = found.iter().find(|it| it.rule.code == "SP506");
            assert_eq!(ours.map(|it| it.severity), Some(severity));
        }
    }

    #[test]
    fn a_cooldown_before_zero_is_silent() {
        for spec in [
            "  cooldownPeriod: 60\n",
            "  cooldownPeriod: 60\n  minReplicaCount: 0\n",
            "  cooldownPeriod: 60\n  minReplicaCount: 2\n  idleReplicaCount: 0\n",
            "  minReplicaCount: 2\n",
        ] {
            silent("SP506", &(scaled_object(spec) + &trigger("kafka")));
        }
    }
}
