//! Which knobs an autoscaler's API version has no field for.

use crate::advice::Knob;
use crate::hpa::MetricTarget;
use crate::manifest::Autoscaler;

const BEHAVIOR: [Knob; 6] = [
    Knob::ScaleUpWindow,
    Knob::ScaleDownWindow,
    Knob::ScaleUpPolicies,
    Knob::ScaleDownPolicies,
    Knob::ScaleUpTolerance,
    Knob::ScaleDownTolerance,
];

/// The knobs that a patch could not turn in the autoscaler's own file: autoscaling/v1 and v2beta1 have no `behavior`,
/// v2beta2 has no `tolerance`, and v1 keeps every metric but the cpu utilization in an annotation.
#[must_use]
pub fn knobs_without_place(autoscaler: &Autoscaler) -> Vec<Knob> {
    let version = autoscaler.api_version.as_str();
    let mut knobs: Vec<Knob> = Vec::new();
    if version == "autoscaling/v1" {
        let written = autoscaler.written.metrics.as_ref();
        let written = written.map_or(&[][..], |metrics| &metrics.value);
        let metrics = autoscaler.spec.metrics.iter().enumerate();
        let elsewhere = metrics.filter(|(index, metric)| {
            let is_in_annotation = written
                .get(*index)
                .is_some_and(|written| written.path.starts_with("annotation"));
            is_in_annotation || !matches!(metric.target(), MetricTarget::Utilization(_))
        });
        knobs.extend(elsewhere.map(|(index, _)| Knob::Target(index)));
    }
    match version {
        "autoscaling/v1" | "autoscaling/v2beta1" => knobs.extend(BEHAVIOR),
        "autoscaling/v2beta2" => {
            knobs.extend([Knob::ScaleUpTolerance, Knob::ScaleDownTolerance]);
        }
        _ => {}
    }
    knobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::patch::testing::autoscaler;

    #[track_caller]
    fn check(version: &str, spec: &str, expected: &[Knob]) {
        let manifest = format!(
            "apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}\n  maxReplicas: 5\n{spec}"
        );
        assert_eq!(knobs_without_place(&autoscaler(&manifest)), expected);
    }

    #[test]
    fn older_versions_have_fewer_fields() {
        check("v2", "", &[]);
        check("v2beta2", "", &BEHAVIOR[4..]);
        check("v1", "  targetCPUUtilizationPercentage: 60\n", &BEHAVIOR);
    }
}
