//! A metric does not consist of what its type needs.
//!
//! ## What it does
//!
//! Checks that a metric has one source, that of its `type`; that the source has its name, container or object; and that
//! its target has the value that the source can be measured against. As a warning it tells of a target whose `type`
//! says another thing than the field that is set.
//!
//! ## Why is this bad
//!
//! The API server refuses the autoscaler. Where only the target's `type` is wrong it takes it, and the controller goes
//! by the field, which readers of the manifest don't expect.
//!
//! ## Example
//!
//! ```yaml
//! metrics:
//! - type: Pods
//!   resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
//! ```
//!
//! ## Fix
//!
//! Give each metric the one source that its `type` names. `Utilization` is for Resource and ContainerResource only, and
//! one target has one value.
//!
//! ## Evidence
//!
//! `validateMetricSpec` and what it calls in `pkg/apis/autoscaling/validation/validation.go`;
//! `computeReplicasForMetric` in `pkg/controller/podautoscaler/horizontal.go`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::manifest::Concern;

/// The values of `type` in a metric and its target.
const TYPES: [&str; 8] = [
    "Resource",
    "ContainerResource",
    "Pods",
    "Object",
    "External",
    "Utilization",
    "AverageValue",
    "Value",
];

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::Metric) {
        // A word that is wrong in its capitals only.
        let text = context.text_at(&place).trim_matches(['"', '\'']);
        let meant = TYPES.iter().find(|word| word.eq_ignore_ascii_case(text));
        let edit = meant.and_then(|meant| context.replacement(&place, text, meant));
        let finding = findings.put(
            place.clone(),
            &*error.message,
            "give the metric one source, that of its `type`, with a name and one target value",
        );
        if let (Some(edit), Some(meant)) = (edit, meant) {
            finding.with_fix(format!("write {meant}"), vec![edit]);
        }
    }
    for warning in &context.objects.warnings {
        let Some(meant) = warning.meant.filter(|_| warning.concern == Concern::Metric) else {
            continue;
        };
        let place = context.place_of(warning);
        let text = context.text_at(&place).trim_matches(['"', '\'']);
        let edit = context.replacement(&place, text, meant);
        let edit = edit.filter(|_| text.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let finding = findings.put(
            place.clone(),
            &*warning.message,
            format!("write `type: {meant}`"),
        );
        finding.with_severity(Severity::Warning);
        if let Some(edit) = edit {
            finding.with_fix(format!("write {meant}"), vec![edit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::selection::Selection;
    use crate::lint::testing::{fires, hpa, lint_text, silent};

    /// A metric at line 8, column 5.
    fn metric(metric: &str) -> String {
        hpa(&format!("  maxReplicas: 10\n  metrics:\n  - {metric}\n"))
    }

    #[test]
    fn shapes_that_the_api_server_refuses_are_told() {
        for (text, expected) in [
            ("{}", "8:5 spec.metrics[0].type is missing"),
            ("{type: Pods}", "8:5 spec.metrics[0].pods is missing"),
            (
                "{type: Pods, pods: {metric: {name: m}, target: {type: Utilization, averageUtilization: 5}}}",
                "8:52 spec.metrics[0].pods.target.averageValue is missing",
            ),
            (
                "{type: ContainerResource, containerResource: {name: cpu, target: {type: Utilization, averageUtilization: 5}}}",
                "8:50 spec.metrics[0].containerResource.container is missing",
            ),
            (
                "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 5, averageValue: 1}}}",
                "8:109 spec.metrics[0].resource.target.averageValue: set next to",
            ),
        ] {
            fires("SP106", &metric(text), &[expected]);
        }
    }

    #[test]
    fn a_type_beside_another_value_is_a_warning_with_a_fix() {
        let text = metric(
            "{type: Pods, pods: {metric: {name: m}, target: {type: Value, averageValue: 5}}}",
        );
        fires(
            "SP106",
            &text,
            &["8:59 spec.metrics[0].pods.target.type: `Value` beside"],
        );
        check_fix(&text, "type: AverageValue, averageValue: 5");
    }

    #[test]
    fn capitals_have_a_fix() {
        check_fix(
            &metric(
                "{type: \"resource\", resource: {name: cpu, target: {type: Utilization, averageUtilization: 5}}}",
            ),
            "type: \"Resource\"",
        );
    }

    #[track_caller]
    fn check_fix(text: &str, expected: &str) {
        let findings = lint_text(text, &Selection::default()).findings;
        let fixes = findings.iter().filter(|it| it.rule.code == "SP106");
        let mut fixes = fixes.filter_map(|it| it.fix.as_ref());
        let edit = &fixes.next().expect("it has a fix").edits[0];
        let mut fixed = text.to_owned();
        fixed.replace_range(edit.start..edit.end, &edit.text);
        assert!(fixed.contains(expected), "{fixed}");
        silent("SP106", &fixed);
    }

    #[test]
    fn whole_metrics_are_silent() {
        silent("SP106", &hpa("  maxReplicas: 10\n"));
        silent(
            "SP106",
            &metric(
                "{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 500m}}}",
            ),
        );
    }
}
