//! What the API server refuses in an autoscaler, each with its place.
//!
//! Follows `pkg/apis/autoscaling/validation/validation.go` of Kubernetes 1.36 with the gates `HPAScaleToZero` and
//! `HPAConfigurableTolerance` on.

use super::decode::Written;
use super::error::{Concern, Fault, quoted};
use super::hpa_v2::{HpaAsWritten, ReferenceAsWritten};
use super::{validate_behavior, validate_metric};

/// All that is wrong with an autoscaler whose values have the right types.
pub(crate) fn faults(hpa: &HpaAsWritten) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_bounds(hpa, &mut faults);
    mark(&mut faults, Concern::Bounds);
    if let Some(reference) = &hpa.scale_target {
        check_reference(reference, &mut faults);
    } else {
        let missing = hpa.spec.missing(
            "scaleTargetRef",
            "the object to scale; a kustomize patch has to be built first: `kubectl kustomize DIR | scaleplan ... -`",
        );
        faults.push(missing.about(Concern::Whole));
    }
    let before = faults.len();
    for metric in hpa.metrics.iter().flat_map(|metrics| &metrics.value) {
        validate_metric::check(metric, &mut faults);
    }
    mark(&mut faults[before..], Concern::Metric);
    if let Some(behavior) = &hpa.behavior {
        validate_behavior::check(&behavior.value, &mut faults);
    }
    faults
}

/// Says which part of the validation speaks where nothing more exact is known.
pub(super) fn mark(faults: &mut [Fault], concern: Concern) {
    for fault in faults {
        if fault.concern == Concern::General {
            fault.concern = concern;
        }
    }
}

fn check_bounds(hpa: &HpaAsWritten, faults: &mut Vec<Fault>) {
    if let Some(min) = &hpa.min_replicas {
        if min.value < 0 {
            let problem = format!("`{}` replicas, expected 0 or more", min.value);
            faults.push(min.invalid(problem));
        }
        if min.value == 0 && !has_metric_at_zero(hpa) {
            let problem = "`0` replicas without an Object or External metric, expected at least 1 or such a metric";
            faults.push(min.invalid(problem).about(Concern::ScaleToZero));
        }
    }
    let Some(max) = &hpa.max_replicas else {
        faults.push(hpa.spec.missing("maxReplicas", "a whole number from 1 up"));
        return;
    };
    if max.value < 1 {
        let problem = format!("`{}` replicas, expected at least 1", max.value);
        faults.push(max.invalid(problem));
    }
    // An absent minReplicas counts as 1, which the check above covers; one problem is told once.
    if let Some(min) = &hpa.min_replicas
        && max.value >= 1
        && max.value < min.value
    {
        faults.push(max.invalid(format!(
            "`{}` is below minReplicas, expected at least {}",
            max.value, min.value
        )));
    }
}

/// Whether a metric says something while there are no pods.
fn has_metric_at_zero(hpa: &HpaAsWritten) -> bool {
    let metrics = hpa.metrics.iter().flat_map(|metrics| &metrics.value);
    let mut kinds = metrics.filter_map(|metric| metric.value.kind.as_ref());
    kinds.any(|kind| matches!(kind.value.as_str(), "Object" | "External"))
}

pub(super) fn check_reference(reference: &Written<ReferenceAsWritten>, faults: &mut Vec<Fault>) {
    let expected = [
        ("kind", &reference.value.kind, "a kind such as `Deployment`"),
        ("name", &reference.value.name, "the object's name"),
    ];
    for (key, field, example) in expected {
        match field {
            Some(text) if !text.value.is_empty() => check_path_segment(text, faults),
            _ => faults.push(reference.missing(key, example)),
        }
    }
    if let Some(version) = &reference.value.api_version
        && version.value.matches('/').count() > 1
    {
        let problem = format!(
            "{} is no API version, expected one such as `apps/v1`",
            quoted(&version.value)
        );
        faults.push(version.invalid(problem));
    }
}

/// A name that becomes part of a URL's path.
pub(super) fn check_path_segment(name: &Written<String>, faults: &mut Vec<Fault>) {
    let text = &name.value;
    let is_part = text != "." && text != ".." && !text.contains(['/', '%']);
    if !is_part || text.chars().any(char::is_control) {
        let problem = format!(
            "{} can't be a name, expected no `/`, `%` or control character",
            quoted(text)
        );
        faults.push(name.invalid(problem));
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::{check_spec, check_told, hpa_text, only_autoscaler, read_text};

    /// Checks what is wrong with a metric at line 8, column 5.
    #[track_caller]
    fn check_metric(metric: &str, expected: &[&str]) {
        check_spec(
            &format!("  maxReplicas: 3\n  metrics:\n  - {metric}\n"),
            expected,
        );
    }

    #[test]
    fn bounds_are_as_the_api_server_wants_them() {
        check_spec("  maxReplicas: 3\n", &[]);
        check_spec(
            "  maxReplicas: 0\n",
            &["6:16 spec.maxReplicas: `0` replicas, expected at least 1"],
        );
        check_spec(
            "  minReplicas: 1\n",
            &["5:3 spec.maxReplicas is missing, expected"],
        );
        check_spec(
            "  minReplicas: 5\n  maxReplicas: 3\n",
            &["7:16 spec.maxReplicas: `3` is below minReplicas, expected at least 5"],
        );
        check_spec(
            "  minReplicas: -1\n  maxReplicas: 3\n",
            &["6:16 spec.minReplicas: `-1` replicas, expected 0 or more"],
        );
        check_spec(
            "  minReplicas: 0\n  maxReplicas: 3\n",
            &["6:16 spec.minReplicas: `0` replicas without an Object or External metric"],
        );
    }

    #[test]
    fn zero_replicas_need_a_metric_that_has_a_value_without_pods() {
        let metric =
            "{type: External, external: {metric: {name: q}, target: {type: Value, value: 1}}}";
        let spec = format!("  minReplicas: 0\n  maxReplicas: 3\n  metrics: [{metric}]\n");
        let autoscaler = only_autoscaler(&hpa_text("v2", &spec));
        assert_eq!(autoscaler.spec.min_replicas, 0);
    }

    #[test]
    fn the_scale_target_is_named() {
        let text = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n";
        let check = |spec: &str, expected: &[&str]| {
            check_told(&read_text(&format!("{text}{spec}")).errors, expected);
        };
        check(
            "  maxReplicas: 3\n",
            &["5:3 spec.scaleTargetRef is missing"],
        );
        check(
            "  {scaleTargetRef: {name: a/b}, maxReplicas: 3}\n",
            &[
                "5:20 spec.scaleTargetRef.kind is missing",
                "5:27 spec.scaleTargetRef.name: `a/b` can't be a name",
            ],
        );
        check(
            "  minReplicas: 3\n",
            &["5:3 spec has neither scaleTargetRef nor maxReplicas"],
        );
    }

    #[test]
    fn types_are_those_of_json() {
        check_spec(
            "  maxReplicas: \"3\"\n",
            &["6:16 spec.maxReplicas: `\"3\"` is a string, expected a whole number"],
        );
        check_spec(
            "  maxReplicas: yes\n",
            &["6:16 spec.maxReplicas: `yes` is a boolean, expected a whole number"],
        );
        check_spec(
            "  maxReplicas: 1e308\n",
            &["6:16 spec.maxReplicas: `1e308` is a number, expected a whole number"],
        );
        check_spec("  maxReplicas: 3.0\n", &[]);
        check_spec(
            "  maxReplicas: 3\n  metrics: {}\n",
            &["7:12 spec.metrics: found an object, expected a list"],
        );
        check_metric(
            "{type: Pods, pods: {metric: {name: on}, target: {type: AverageValue, averageValue: 1}}}",
            &[
                "8:40 spec.metrics[0].pods.metric.name: `on` is a boolean, expected a string, so in quotes",
            ],
        );
    }
}
