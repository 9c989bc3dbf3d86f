//! autoscaling/v1 and v2beta1, lifted into the form of v2. (v2beta2 is written like v2.)
//!
//! The API server keeps what these versions have no field for in annotations, and reads it back from there:
//! `pkg/apis/autoscaling/{v1,v2beta1}/conversion.go` and `annotations.go` of Kubernetes.

use super::annotation;
use super::decode::{Decoder, Field, Written};
use super::error::{ErrorKind, Fault};
use super::field_path::FieldPath;
use super::hpa_v2::{
    self, HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, SourceKind, TargetAsWritten,
};

/// Holds the metrics that v1 has no field for.
const METRICS_ANNOTATION: &str = "autoscaling.alpha.kubernetes.io/metrics";
/// Holds the behavior that v1 and v2beta1 have no field for.
const BEHAVIOR_ANNOTATION: &str = "autoscaling.alpha.kubernetes.io/behavior";

/// Reads the object of an autoscaler in version v1.
pub(crate) fn read_v1(decoder: &mut Decoder, object: &Field<'_>) -> HpaAsWritten {
    let mut written = hpa_v2::read_common(decoder, object);
    let mut metrics = read_annotation(decoder, object, METRICS_ANNOTATION, |decoder, field| {
        hpa_v2::read_metrics(decoder, field, read_source)
    })
    .flatten();
    if let Some(spec) = decoder.object(object, "spec") {
        decoder.warn_of_unknown(
            &spec,
            &[
                "scaleTargetRef",
                "minReplicas",
                "maxReplicas",
                "targetCPUUtilizationPercentage",
            ],
        );
        if let Some(percent) = decoder.int32(&spec, "targetCPUUtilizationPercentage") {
            let cpu = cpu_metric(&percent);
            metrics
                .get_or_insert_with(|| percent.with(Vec::new()))
                .value
                .push(cpu);
        }
    }
    written.metrics = metrics;
    written.behavior = read_behavior(decoder, object).map(Box::new);
    written
}

/// Reads the object of an autoscaler in version v2beta1.
pub(crate) fn read_v2beta1(decoder: &mut Decoder, object: &Field<'_>) -> HpaAsWritten {
    let mut written = hpa_v2::read_common(decoder, object);
    if let Some(spec) = decoder.object(object, "spec") {
        decoder.warn_of_unknown(
            &spec,
            &["scaleTargetRef", "minReplicas", "maxReplicas", "metrics"],
        );
        written.metrics = hpa_v2::read_metrics(decoder, &spec, read_source);
    }
    written.behavior = read_behavior(decoder, object).map(Box::new);
    written
}

/// `targetCPUUtilizationPercentage` as the metric that it means.
fn cpu_metric(percent: &Written<i32>) -> Written<MetricAsWritten> {
    let source = MetricSourceAsWritten {
        name: Some(percent.with("cpu".to_owned())),
        target: Some(percent.with(TargetAsWritten {
            kind: Some(percent.with("Utilization".to_owned())),
            average_utilization: Some(percent.clone()),
            ..TargetAsWritten::default()
        })),
        ..MetricSourceAsWritten::default()
    };
    percent.with(MetricAsWritten {
        kind: Some(percent.with("Resource".to_owned())),
        sources: vec![(SourceKind::Resource, percent.with(source))],
    })
}

/// Metric sources of v2beta1, in which the kind of target follows from which of its fields is set.
fn read_source(
    decoder: &mut Decoder,
    kind: SourceKind,
    field: &Field<'_>,
) -> MetricSourceAsWritten {
    let mut source = MetricSourceAsWritten::default();
    let mut target = TargetAsWritten::default();
    match kind {
        SourceKind::Resource | SourceKind::ContainerResource => {
            source.name = decoder.string(field, "name");
            if kind == SourceKind::ContainerResource {
                source.container = decoder.string(field, "container").map(Box::new);
            }
            target.average_utilization = decoder.int32(field, "targetAverageUtilization");
            target.average_value = decoder.quantity(field, "targetAverageValue").map(Box::new);
        }
        SourceKind::Pods => {
            source.name = decoder.string(field, "metricName");
            source.selector = hpa_v2::read_selector(decoder, field, "selector").map(Box::new);
            target.average_value = decoder.quantity(field, "targetAverageValue").map(Box::new);
        }
        SourceKind::Object => {
            source.name = decoder.string(field, "metricName");
            source.selector = hpa_v2::read_selector(decoder, field, "selector").map(Box::new);
            source.described_object = decoder
                .object(field, "target")
                .map(|reference| Box::new(hpa_v2::read_reference(decoder, &reference)));
            target.value = decoder.quantity(field, "targetValue").map(Box::new);
            target.average_value = decoder.quantity(field, "averageValue").map(Box::new);
        }
        SourceKind::External => {
            source.name = decoder.string(field, "metricName");
            source.selector = hpa_v2::read_selector(decoder, field, "metricSelector").map(Box::new);
            target.value = decoder.quantity(field, "targetValue").map(Box::new);
            target.average_value = decoder.quantity(field, "targetAverageValue").map(Box::new);
        }
    }
    let kind_of_target = match kind {
        SourceKind::Resource | SourceKind::ContainerResource
            if target.average_utilization.is_some() =>
        {
            "Utilization"
        }
        SourceKind::Object if target.average_value.is_none() => "Value",
        SourceKind::External if target.value.is_some() => "Value",
        _ => "AverageValue",
    };
    target.kind = Some(field.written(kind_of_target.to_owned()));
    source.target = Some(field.written(target));
    decoder.warn_of_unknown(field, known_fields(kind));
    source
}

fn known_fields(kind: SourceKind) -> &'static [&'static str] {
    match kind {
        SourceKind::Resource => &["name", "targetAverageUtilization", "targetAverageValue"],
        SourceKind::ContainerResource => &[
            "name",
            "container",
            "targetAverageUtilization",
            "targetAverageValue",
        ],
        SourceKind::Pods => &["metricName", "selector", "targetAverageValue"],
        SourceKind::Object => &[
            "target",
            "metricName",
            "selector",
            "targetValue",
            "averageValue",
        ],
        SourceKind::External => &[
            "metricName",
            "metricSelector",
            "targetValue",
            "targetAverageValue",
        ],
    }
}

fn read_behavior(
    decoder: &mut Decoder,
    object: &Field<'_>,
) -> Option<Written<hpa_v2::BehaviorAsWritten>> {
    let behavior = read_annotation(decoder, object, BEHAVIOR_ANNOTATION, |decoder, field| {
        let behavior = decoder.object(field, "behavior")?;
        Some(hpa_v2::read_behavior(decoder, &behavior))
    })
    .flatten()?;
    // An empty one counts as absent, unlike the field of v2.
    let is_empty = behavior.value.scale_up.is_none() && behavior.value.scale_down.is_none();
    (!is_empty).then_some(behavior)
}

/// Reads an annotation's JSON, wrapped as the only field of an object. The API server passes over one that doesn't
/// parse; that deserves a warning.
fn read_annotation<T>(
    decoder: &mut Decoder,
    object: &Field<'_>,
    name: &str,
    read: impl FnOnce(&mut Decoder, &Field<'_>) -> T,
) -> Option<T> {
    let metadata = decoder.object(object, "metadata")?;
    let annotations = decoder.object(&metadata, "annotations")?;
    let text = decoder.string(&annotations, name)?;
    // The annotation is named after the field of v2 that it holds.
    let (_, field_name) = name.rsplit_once('/')?;
    let Some(parsed) = annotation::parse(&text, field_name) else {
        let message = format!("{}: not JSON, the API server ignores it", text.path);
        let fault = Fault::new(text.span.start, ErrorKind::Ignored, message);
        decoder.warnings.push(fault);
        return None;
    };
    let field = Field {
        node: parsed.root(),
        path: FieldPath::root().member("annotation"),
    };
    Some(read(decoder, &field))
}

#[cfg(test)]
mod tests {
    use crate::hpa::{MetricSpec, MetricTarget, Resource, SelectPolicy};
    use crate::manifest::testing::{check_told, hpa_text, only_autoscaler, read_text};

    fn cpu(percent: i32) -> MetricSpec {
        MetricSpec::Resource {
            resource: Resource::Cpu,
            target: MetricTarget::Utilization(percent),
        }
    }

    fn pods(name: &str, milli: i64) -> MetricSpec {
        MetricSpec::Pods {
            name: name.to_owned(),
            target: MetricTarget::AverageValue(milli),
        }
    }

    #[test]
    fn v1_has_a_cpu_target_of_its_own() {
        let with = only_autoscaler(&hpa_text(
            "v1",
            "  maxReplicas: 3\n  targetCPUUtilizationPercentage: 55\n",
        ));
        assert_eq!(with.spec.metrics, [cpu(55)]);
        assert_eq!(with.defaulted, ["spec.minReplicas"]);
        let without = only_autoscaler(&hpa_text("v1", "  maxReplicas: 3\n"));
        assert_eq!(without.spec.metrics, [cpu(80)]);
        let manifests = read_text(&hpa_text(
            "v1",
            "  maxReplicas: 3\n  targetCPUUtilizationPercentage: 0\n",
        ));
        check_told(
            &manifests.errors,
            &["7:35 spec.targetCPUUtilizationPercentage: `0` percent"],
        );
    }

    #[test]
    fn v1_keeps_metrics_and_behavior_in_annotations() {
        let annotations = r#"{name: a, annotations: {
    autoscaling.alpha.kubernetes.io/metrics: '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"2"}}]',
    autoscaling.alpha.kubernetes.io/behavior: '{"ScaleUp":{"SelectPolicy":"Disabled"},"scaleDown":null}'}}"#;
        let text = hpa_text(
            "v1",
            "  maxReplicas: 3\n  targetCPUUtilizationPercentage: 55\n",
        );
        let autoscaler = only_autoscaler(&text.replace("{name: a}\n", &format!("{annotations}\n")));
        assert_eq!(autoscaler.spec.metrics, [pods("rps", 2000), cpu(55)]);
        let behavior = autoscaler.spec.behavior.expect("there is a behavior");
        assert_eq!(behavior.scale_up.select_policy, SelectPolicy::Disabled);
        assert_eq!(behavior.scale_up.policies.len(), 2);
    }

    #[test]
    fn an_annotation_that_is_no_json_is_passed_over_with_a_warning() {
        for (json, warnings) in [("'{'", 1), ("'{}'", 0), ("''", 1), ("'{}{}'", 1)] {
            let metadata = format!(
                "{{name: a, annotations: {{autoscaling.alpha.kubernetes.io/behavior: {json}}}}}\n"
            );
            let manifests =
                read_text(&hpa_text("v1", "  maxReplicas: 3\n").replace("{name: a}\n", &metadata));
            assert_eq!(manifests.autoscalers[0].spec.behavior, None);
            assert_eq!(manifests.warnings.len(), warnings, "{json}");
        }
    }

    #[test]
    fn v2beta1_names_its_targets_in_its_own_way() {
        let autoscaler = only_autoscaler(&hpa_text(
            "v2beta1",
            "  maxReplicas: 3
  metrics:
  - {type: Resource, resource: {name: cpu, targetAverageUtilization: 60}}
  - {type: Resource, resource: {name: memory, targetAverageValue: 1Mi}}
  - {type: Pods, pods: {metricName: rps, targetAverageValue: 3}}
  - {type: Object, object: {metricName: hits, target: {kind: Ingress, name: front}, targetValue: 4}}
  - {type: External, external: {metricName: queue, metricSelector: {matchLabels: {q: work}}, targetAverageValue: 5}}
",
        ));
        let memory = MetricSpec::Resource {
            resource: Resource::Memory,
            target: MetricTarget::AverageValue(1_048_576_000),
        };
        let object = MetricSpec::Object {
            name: "hits".to_owned(),
            target: MetricTarget::Value(4000),
        };
        let external = MetricSpec::External {
            name: "queue".to_owned(),
            target: MetricTarget::AverageValue(5000),
        };
        let expected = [cpu(60), memory, pods("rps", 3000), object, external];
        assert_eq!(autoscaler.spec.metrics, expected);
        let described = autoscaler.metric_sources[3].described_object.as_ref();
        assert_eq!(described.map(|object| object.name.as_str()), Some("front"));
        assert_eq!(
            autoscaler.metric_sources[4].selector.as_deref(),
            Some("q=work")
        );
    }

    #[test]
    fn fields_of_another_version_are_named() {
        let manifests = read_text(&hpa_text("v1", "  maxReplicas: 3\n  behavior: {}\n"));
        check_told(
            &manifests.warnings,
            &["7:3 `spec.behavior` is no field here"],
        );
        assert_eq!(manifests.autoscalers[0].spec.behavior, None);
    }
}
