//! What the API server refuses in an autoscaler's `behavior`, each with its place.
//!
//! Follows `pkg/apis/autoscaling/validation/validation.go` of Kubernetes 1.36 with the gate
//! `HPAConfigurableTolerance` on.

use super::decode::Written;
use super::error::{Concern, Fault, quoted};
use super::hpa_v2::{BehaviorAsWritten, PolicyAsWritten, RulesAsWritten};
use super::validate::mark;
use crate::units::Quantity;
/// Longest `periodSeconds`.
const LONGEST_POLICY_PERIOD: i32 = 1800;
/// Longest `stabilizationWindowSeconds`.
const LONGEST_WINDOW: i32 = 3600;

/// What is wrong with a `behavior` by itself, as that of a ScaledObject, which KEDA hands on.
pub(super) fn faults(behavior: &BehaviorAsWritten) -> Vec<Fault> {
    let mut faults = Vec::new();
    check(behavior, &mut faults);
    faults
}

/// All that is wrong with a `behavior` whose values have the right types.
pub(super) fn check(behavior: &BehaviorAsWritten, faults: &mut Vec<Fault>) {
    for rules in [&behavior.scale_up, &behavior.scale_down]
        .into_iter()
        .flatten()
    {
        check_rules(&rules.value, faults);
    }
}

fn check_rules(rules: &RulesAsWritten, faults: &mut Vec<Fault>) {
    if let Some(window) = &rules.stabilization_window
        && !(0..=LONGEST_WINDOW).contains(&window.value)
    {
        let problem = format!("`{}` seconds, expected 0 to {LONGEST_WINDOW}", window.value);
        faults.push(window.invalid(problem).about(Concern::Window));
    }
    if let Some(select) = &rules.select_policy
        && !matches!(select.value.as_str(), "Max" | "Min" | "Disabled")
    {
        let problem = format!(
            "{} is no choice, expected Max, Min or Disabled",
            quoted(&select.value)
        );
        faults.push(select.invalid(problem));
    }
    if let Some(tolerance) = &rules.tolerance
        && tolerance.value < Quantity::from_milli(0)
    {
        let problem = format!("`{}` is negative, expected 0 or more", tolerance.value);
        faults.push(tolerance.invalid(problem).about(Concern::Tolerance));
    }
    if let Some(policies) = &rules.policies {
        if policies.value.is_empty() {
            let problem = "an empty list, expected at least one policy or no list";
            faults.push(policies.invalid(problem).about(Concern::EmptyPolicies));
        }
        let before = faults.len();
        for policy in &policies.value {
            check_policy(policy, faults);
        }
        mark(&mut faults[before..], Concern::Policy);
    }
}

fn check_policy(policy: &Written<PolicyAsWritten>, faults: &mut Vec<Fault>) {
    let types = "Pods or Percent";
    match &policy.value.kind {
        Some(kind) if !matches!(kind.value.as_str(), "Pods" | "Percent") => {
            let problem = format!(
                "{} is no policy type, expected {types}",
                quoted(&kind.value)
            );
            faults.push(kind.invalid(problem));
        }
        Some(_) => {}
        None => faults.push(policy.missing("type", types)),
    }
    match &policy.value.value {
        Some(value) if value.value <= 0 => {
            let problem = format!("`{}`, expected more than 0", value.value);
            faults.push(value.invalid(problem));
        }
        Some(_) => {}
        None => faults.push(policy.missing("value", "a whole number from 1 up")),
    }
    match &policy.value.policy_period {
        Some(period) if !(1..=LONGEST_POLICY_PERIOD).contains(&period.value) => {
            let problem = format!(
                "`{}` seconds, expected 1 to {LONGEST_POLICY_PERIOD}",
                period.value
            );
            faults.push(period.invalid(problem));
        }
        Some(_) => {}
        None => {
            let expected = format!("1 to {LONGEST_POLICY_PERIOD} seconds");
            faults.push(policy.missing("periodSeconds", &expected));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::check_spec;

    /// Checks what is wrong with rules at line 8.
    #[track_caller]
    fn check_rules(rules: &str, expected: &[&str]) {
        check_spec(
            &format!("  maxReplicas: 3\n  behavior:\n    scaleUp: {rules}\n"),
            expected,
        );
    }

    #[test]
    fn behavior_keeps_to_its_ranges() {
        check_rules("{}", &[]);
        check_rules(
            "{stabilizationWindowSeconds: 3600, policies: [{type: Pods, value: 1, periodSeconds: 1800}]}",
            &[],
        );
        check_rules(
            "{stabilizationWindowSeconds: 3601}",
            &[
                "8:43 spec.behavior.scaleUp.stabilizationWindowSeconds: `3601` seconds, expected 0 to 3600",
            ],
        );
        check_rules(
            "{policies: []}",
            &["8:25 spec.behavior.scaleUp.policies: an empty list"],
        );
        check_rules("{policies: null}", &[]);
        check_rules(
            "{selectPolicy: max}",
            &["8:29 spec.behavior.scaleUp.selectPolicy: `max` is no choice"],
        );
        check_rules(
            "{tolerance: -0.1}",
            &["8:26 spec.behavior.scaleUp.tolerance: `-100m` is negative"],
        );
        check_rules(
            "{policies: [{type: Pod, value: 0, periodSeconds: 1801}]}",
            &[
                "8:33 spec.behavior.scaleUp.policies[0].type: `Pod` is no policy type",
                "8:45 spec.behavior.scaleUp.policies[0].value: `0`, expected more than 0",
                "8:63 spec.behavior.scaleUp.policies[0].periodSeconds: `1801` seconds, expected 1 to 1800",
            ],
        );
    }
}
