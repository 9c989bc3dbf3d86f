//! A ScaledObject lifted into the HPA that KEDA makes of it.
//!
//! Follows `controllers/keda/hpa.go`, `apis/keda/v1alpha1` and `pkg/scaling` of KEDA 2.20. The HPA scales from one replica
//! up; the step between none and one KEDA does itself: that is kept as facts.

use std::sync::Arc;

use super::decode::{Decoder, Field, Written};
use super::error::Fault;
use super::hpa_v2::{HpaAsWritten, ReferenceAsWritten};
use super::keda_metrics::{self, KedaMetric};
use super::object::{self, Autoscaler, TypeMeta};
use super::scaled_object::{self, ScaledObject};
use super::source::SourceText;
use crate::units::SimDuration;

/// `pollingInterval` where none is given (`scale_handler.go`), seconds.
const DEFAULT_POLLING_SECONDS: i32 = 30;
/// `cooldownPeriod` where none is given (`scale_scaledobjects.go`), seconds.
const DEFAULT_COOLDOWN_SECONDS: i32 = 300;
/// Annotations by which KEDA does other than the spec says, and what it does.
const OVERRIDES: [(&str, &str); 6] = [
    ("autoscaling.keda.sh/paused", "KEDA is paused"),
    ("autoscaling.keda.sh/paused-replicas", "KEDA is paused"),
    (
        "autoscaling.keda.sh/paused-scale-in",
        "KEDA scales in no more",
    ),
    (
        "autoscaling.keda.sh/paused-scale-down",
        "KEDA scales in no more",
    ),
    (
        "autoscaling.keda.sh/paused-scale-out",
        "KEDA scales out no more",
    ),
    (
        "autoscaling.keda.sh/force-activation",
        "KEDA never scales to zero",
    ),
];

/// What KEDA does beside the HPA that it makes of a ScaledObject.
///
/// The autoscaler's `written` has the HPA's fields at the places of the ScaledObject that they are made from, whose names
/// and values differ: nothing can be edited there as in an HPA.
#[derive(Clone, Debug, PartialEq)]
pub struct KedaFacts {
    /// `metadata.name` of the ScaledObject.
    pub scaled_object: String,
    /// How often KEDA asks whether a trigger is active.
    pub polling_interval: SimDuration,
    /// How long no trigger has to be active before it goes idle. `initialCooldownPeriod`, which stands in for it from when
    /// the ScaledObject was made until a trigger is active for the first time, is long over when a trace begins.
    pub cooldown: SimDuration,
    /// Its replicas while no trigger is active; `None` if it never goes below the HPA's floor.
    pub idle_replicas: Option<i32>,
    /// What each of the HPA's metrics is made from, in the same order.
    pub metrics: Vec<KedaMetric>,
    /// Types of the triggers whose metric the HPA gets as it was at KEDA's last poll (`useCachedMetrics`).
    pub cached: Vec<String>,
    /// The replicas that stand in for a trigger that fails, and after how many failures.
    pub fallback: Option<(i32, i32)>,
    /// Triggers that the HPA has a metric for and that are left out here, since nothing in the manifest says which.
    pub left_out: Vec<String>,
}

/// Reads a ScaledObject as the autoscaler that KEDA makes of it, unless something is wrong with it.
pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    source: &Arc<SourceText>,
) -> Option<Autoscaler> {
    let mut name = object::read_name(decoder, object);
    let scaled = scaled_object::read(decoder, object);
    let scaled = match scaled {
        Some(scaled) if decoder.faults.is_empty() => scaled,
        Some(_) => return None,
        None => {
            if decoder.faults.is_empty() {
                decoder
                    .faults
                    .push(object.missing("spec", "what to scale, and by what"));
            }
            return None;
        }
    };
    let own_name = name.as_ref().map(|name| name.name.clone())?;
    warn_of_overrides(decoder, object);
    let lifted = keda_metrics::lift(decoder, object, &scaled, &own_name);
    let (left_out, warnings): (Vec<String>, Vec<Fault>) = lifted.left_out.into_iter().unzip();
    if decoder.faults.is_empty() {
        decoder.warnings.extend(warnings);
    }
    if let Some(name) = &mut name {
        name.name = scaled.name_of_hpa(&own_name);
    }
    let written = HpaAsWritten {
        spec: scaled.spec.clone(),
        scale_target: scaled.scale_target.as_ref().map(with_defaults),
        min_replicas: Some(at_field(
            &scaled,
            scaled.min_replicas.as_ref(),
            scaled.hpa_min_replicas(),
        )),
        max_replicas: Some(at_field(
            &scaled,
            scaled.max_replicas.as_ref(),
            scaled.hpa_max_replicas(),
        )),
        metrics: Some(lifted.metrics),
        behavior: scaled.behavior.clone().map(Box::new),
    };
    let mut autoscaler = object::finish_autoscaler(decoder, object, of, name, written, source)?;
    // What KEDA fills in was not written anywhere.
    if scaled.min_replicas.is_none() {
        autoscaler.written.min_replicas = None;
        autoscaler.defaulted.push("spec.minReplicaCount");
    }
    if scaled.max_replicas.is_none() {
        autoscaler.written.max_replicas = None;
        autoscaler.defaulted.push("spec.maxReplicaCount");
    }
    let mut facts = facts(&scaled, own_name);
    facts.left_out = left_out;
    facts.metrics = lifted.made_from;
    autoscaler.keda = Some(Box::new(facts));
    Some(autoscaler)
}

fn facts(scaled: &ScaledObject, name: String) -> KedaFacts {
    let seconds = |field: &Option<Written<i32>>, default: i32| {
        let seconds = field.as_ref().map_or(default, |field| field.value.max(0));
        SimDuration::from_seconds(i64::from(seconds))
    };
    // Cpu and memory alone count as active for ever; beside another trigger KEDA does not look at them
    // (`getScaledObjectState`).
    let goes_idle = scaled.has_idle_state() && !scaled.is_resource_only();
    let idle = scaled.idle_replicas.as_ref().map_or(0, |idle| idle.value);
    KedaFacts {
        scaled_object: name,
        polling_interval: seconds(&scaled.polling_interval, DEFAULT_POLLING_SECONDS),
        cooldown: seconds(&scaled.cooldown_period, DEFAULT_COOLDOWN_SECONDS),
        idle_replicas: goes_idle.then_some(idle.max(0)),
        metrics: Vec::new(),
        cached: scaled
            .triggers()
            .filter(|it| {
                it.value
                    .use_cached_metrics
                    .as_ref()
                    .is_some_and(|it| it.value)
            })
            .filter_map(|it| it.value.kind.as_ref())
            .map(|kind| kind.value.clone())
            .collect(),
        fallback: scaled.fallback.as_ref().and_then(|fallback| {
            let failures = fallback.value.failure_threshold.as_ref()?.value;
            Some((fallback.value.replicas.as_ref()?.value, failures))
        }),
        left_out: Vec::new(),
    }
}

/// The reference with KEDA's defaults, `apps/v1` and `Deployment`.
fn with_defaults(target: &Written<ReferenceAsWritten>) -> Written<ReferenceAsWritten> {
    let given = |text: &Option<Written<String>>| text.clone().filter(|text| !text.value.is_empty());
    let filled = |text: &Option<Written<String>>, default: &str| {
        given(text).or_else(|| Some(target.with(default.to_owned())))
    };
    target.with(ReferenceAsWritten {
        api_version: filled(&target.value.api_version, "apps/v1"),
        kind: filled(&target.value.kind, "Deployment"),
        name: target.value.name.clone(),
    })
}

/// A count of the HPA at the field that it comes from, or else at the spec.
fn at_field(scaled: &ScaledObject, field: Option<&Written<i32>>, value: i32) -> Written<i32> {
    field.map_or_else(|| scaled.spec.with(value), |field| field.with(value))
}

fn warn_of_overrides(decoder: &mut Decoder, object: &Field<'_>) {
    let annotations = object.node.at("metadata.annotations");
    for (key, what) in OVERRIDES {
        let Some(node) = annotations.and_then(|annotations| annotations.get(key)) else {
            continue;
        };
        let text = node.text().unwrap_or_default();
        // Of this one the value is a count, and 0 is one.
        let is_count = key.ends_with("paused-replicas");
        if is_count || !is_off(text) {
            let field = Field {
                node,
                path: object
                    .path
                    .member("metadata")
                    .member("annotations")
                    .member(key),
            };
            let problem = format!("{what} by it; it is read as if it were not there");
            decoder.warnings.push(field.written(()).invalid(problem));
        }
    }
}

/// What Go's `strconv.ParseBool` takes as false; all else that is no boolean counts as true.
fn is_off(text: &str) -> bool {
    matches!(text, "0" | "f" | "F" | "false" | "False" | "FALSE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpa::{MetricSpec, MetricTarget, Resource};
    use crate::manifest::testing::{check_told, only_autoscaler, read_text};

    fn text(spec: &str) -> String {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: a, namespace: shop}}\nspec:\n  \
             scaleTargetRef: {{name: web}}\n{spec}"
        )
    }

    fn lifted(spec: &str) -> Autoscaler {
        only_autoscaler(&text(spec))
    }

    fn facts_of(autoscaler: &Autoscaler) -> &KedaFacts {
        autoscaler
            .keda
            .as_deref()
            .expect("it was made from a ScaledObject")
    }

    #[track_caller]
    fn check_refused(spec: &str, expected: &str) {
        let manifests = read_text(&text(spec));
        assert!(manifests.autoscalers.is_empty());
        check_told(&manifests.errors, &[expected]);
    }

    const QUEUE: &str =
        "  triggers:\n  - {type: rabbitmq, metadata: {queueName: q, value: \"50\"}}\n";

    #[test]
    fn names_and_defaults_are_kedas() {
        let autoscaler = lifted(QUEUE);
        assert_eq!(autoscaler.name, "keda-hpa-a");
        assert_eq!(autoscaler.scale_target.kind.name(), "Deployment");
        assert_eq!(
            autoscaler.scale_target.api_version.as_deref(),
            Some("apps/v1")
        );
        let bounds = (autoscaler.spec.min_replicas, autoscaler.spec.max_replicas);
        assert_eq!(bounds, (1, 100));
        assert_eq!(
            autoscaler.defaulted,
            ["spec.minReplicaCount", "spec.maxReplicaCount"]
        );
        assert_eq!(autoscaler.written.max_replicas, None);
        assert_eq!(
            autoscaler.spec.metrics,
            [MetricSpec::External {
                name: "s0-rabbitmq-q".to_owned(),
                target: MetricTarget::AverageValue(50_000),
            }]
        );
        assert_eq!(
            autoscaler.metric_sources[0].selector.as_deref(),
            Some("scaledobject.keda.sh/name=a")
        );
        let expected = KedaFacts {
            scaled_object: "a".to_owned(),
            polling_interval: SimDuration::from_seconds(30),
            cooldown: SimDuration::from_seconds(300),
            idle_replicas: Some(0),
            metrics: vec![KedaMetric {
                trigger: Some(0),
                target_key: Some("value"),
                takes_fractions: true,
                has_older_type: false,
                active_above: Some(0.0),
            }],
            cached: Vec::new(),
            fallback: None,
            left_out: Vec::new(),
        };
        assert_eq!(*facts_of(&autoscaler), expected);
    }

    #[test]
    fn what_is_given_goes_first() {
        let autoscaler = lifted(&format!(
            "  minReplicaCount: 2\n  maxReplicaCount: 9\n  idleReplicaCount: 1\n  pollingInterval: 5\n  cooldownPeriod: 60\n  \
             fallback: {{failureThreshold: 3, replicas: 6}}\n  advanced:\n    horizontalPodAutoscalerConfig:\n      name: own\n      \
             behavior: {{scaleDown: {{stabilizationWindowSeconds: 45}}}}\n{QUEUE}"
        ));
        assert_eq!(autoscaler.name, "own");
        assert_eq!(
            (autoscaler.spec.min_replicas, autoscaler.spec.max_replicas),
            (2, 9)
        );
        let behavior = autoscaler.spec.behavior.as_ref().expect("it has one");
        assert_eq!(
            behavior.scale_down.stabilization_window,
            Some(SimDuration::from_seconds(45))
        );
        let facts = facts_of(&autoscaler);
        assert_eq!(facts.idle_replicas, Some(1));
        assert_eq!(facts.fallback, Some((6, 3)));
        assert_eq!(facts.cooldown, SimDuration::from_seconds(60));
    }

    #[test]
    fn a_floor_or_cpu_alone_rules_the_idle_state_out() {
        let cpu = "  - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}\n";
        for (spec, expected) in [
            (format!("  minReplicaCount: 1\n{QUEUE}"), None),
            (format!("  triggers:\n{cpu}"), None),
            // Beside another trigger KEDA does not look at cpu.
            (format!("{QUEUE}{cpu}"), Some(0)),
        ] {
            assert_eq!(facts_of(&lifted(&spec)).idle_replicas, expected, "{spec}");
        }
        // The HPA never keeps none.
        assert_eq!(
            lifted(&format!("  minReplicaCount: 0\n{QUEUE}"))
                .spec
                .min_replicas,
            1
        );
    }

    #[test]
    fn cpu_and_memory_are_the_hpas_own() {
        let autoscaler = lifted(
            "  triggers:\n  - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}\n  \
             - {type: prometheus, metricType: Value, metadata: {threshold: \"0.5\", query: x}}\n  \
             - {type: memory, metadata: {type: AverageValue, value: 1Gi, containerName: main}}\n",
        );
        // Sorted by type, as KEDA has them.
        assert_eq!(
            autoscaler.spec.metrics,
            [
                MetricSpec::ContainerResource {
                    resource: Resource::Memory,
                    container: "main".to_owned(),
                    target: MetricTarget::AverageValue(1_073_741_824_000),
                },
                MetricSpec::External {
                    name: "s1-prometheus".to_owned(),
                    target: MetricTarget::Value(500),
                },
                MetricSpec::Resource {
                    resource: Resource::Cpu,
                    target: MetricTarget::Utilization(60),
                },
            ]
        );
    }

    #[test]
    fn a_trigger_is_active_above_its_own_activation_value() {
        let active_above = |trigger: &str| {
            let autoscaler = lifted(&format!("  triggers:\n  - {{{trigger}}}\n"));
            facts_of(&autoscaler).metrics[0].active_above
        };
        for (trigger, expected) in [
            ("type: prometheus, metadata: {threshold: \"5\"}", Some(0.0)),
            (
                "type: prometheus, metadata: {threshold: \"5\", activationThreshold: \"1.5\"}",
                Some(1.5),
            ),
            (
                "type: rabbitmq, metadata: {queueLength: \"5\", activationValue: \"3\"}",
                Some(3.0),
            ),
            (
                "type: splunk, metadata: {targetValue: \"5\", activationValue: \"2\"}",
                Some(2.0),
            ),
            ("type: artemis-queue, metadata: {queueName: q}", Some(10.0)),
            (
                "type: cpu, metricType: Utilization, metadata: {value: \"60\"}",
                None,
            ),
        ] {
            assert_eq!(active_above(trigger), expected, "{trigger}");
        }
        check_refused(
            "  triggers:\n  - {type: kafka, metadata: {topic: t, activationLagThreshold: many}}\n",
            "7:64 spec.triggers[0].metadata.activationLagThreshold: `many` is no number",
        );
    }

    #[test]
    fn a_formula_replaces_what_keda_measures() {
        let autoscaler = lifted(&format!(
            "  advanced: {{scalingModifiers: {{formula: a + 1, target: \"2.5\"}}}}\n{QUEUE}"
        ));
        assert_eq!(
            autoscaler.spec.metrics,
            [MetricSpec::External {
                name: "composite-metric".to_owned(),
                target: MetricTarget::AverageValue(2500),
            }]
        );
        // Of the kubelet's metrics it leaves only those of whole pods.
        let cpu = "  - {type: cpu, metricType: Utilization, metadata: {value: \"60\", containerName: main}}\n";
        let autoscaler = lifted(&format!(
            "  advanced: {{scalingModifiers: {{formula: a, target: \"2\", activationTarget: \"7\"}}}}\n{QUEUE}{cpu}"
        ));
        assert_eq!(autoscaler.spec.metrics.len(), 1);
        assert_eq!(facts_of(&autoscaler).metrics[0].active_above, Some(7.0));
    }

    #[test]
    fn a_target_that_the_manifest_does_not_tell_is_left_out() {
        let manifests = read_text(&text(&format!(
            "{QUEUE}  - {{type: external, metadata: {{scalerAddress: x}}}}\n"
        )));
        assert_eq!(manifests.errors, []);
        assert_eq!(facts_of(&manifests.autoscalers[0]).left_out, ["external"]);
        check_told(
            &manifests.warnings,
            &[
                "8:12 spec.triggers[1].type: the metric and target of `external` are settled outside",
            ],
        );
        check_refused(
            "  triggers:\n  - {type: external, metadata: {scalerAddress: x}}\n",
            "7:5 spec.triggers: the metric and target of `external` are settled by a scaler outside",
        );
    }

    #[test]
    fn what_keda_refuses_is_refused_in_one_sentence() {
        check_refused("", "5:3 spec.triggers is missing");
        check_refused("  triggers: []\n", "5:3 spec.triggers is missing");
        check_refused(
            &format!("  minReplicaCount: 5\n  maxReplicaCount: 3\n{QUEUE}"),
            "7:20 spec.maxReplicaCount: `3` is below minReplicas",
        );
        let one = |trigger: &str| format!("  triggers:\n  - {{{trigger}}}\n");
        check_refused(
            &one("type: cpu, metadata: {value: \"60\"}"),
            "7:5 spec.triggers[0].metricType is missing",
        );
        check_refused(
            &one("type: cpu, metadata: {type: Value, value: \"60\"}"),
            "7:34 spec.triggers[0].metadata.type: `Value` is no type of a cpu trigger",
        );
        check_refused(
            &one("type: cpu, metricType: Utilization, metadata: {value: 60m}"),
            "7:60 spec.triggers[0].metadata.value: `60m` is wrong, expected a whole number",
        );
        check_refused(
            &one("type: prometheus, metadata: {query: x}"),
            "7:5 spec.triggers[0].metadata.threshold is missing",
        );
        check_refused(
            &one("type: prometheus, metricType: Utilization, metadata: {threshold: \"5\"}"),
            "7:36 spec.triggers[0].metricType: `Utilization` is for cpu and memory",
        );
        check_refused(
            &one("type: prometheus, metadata: {threshold: \"0\"}"),
            "7:46 spec.triggers[0].metadata.threshold: `0` is not positive",
        );
    }

    #[test]
    fn what_an_annotation_overrides_is_told() {
        let check = |annotation: &str, expected: &[&str]| {
            let annotated = format!("namespace: shop, annotations: {{{annotation}}}}}");
            let manifests = read_text(&text(QUEUE).replacen("namespace: shop}", &annotated, 1));
            assert_eq!(manifests.autoscalers.len(), 1);
            check_told(&manifests.warnings, expected);
        };
        check(
            "autoscaling.keda.sh/paused: \"true\"",
            &["3:80 metadata.annotations.autoscaling.keda.sh/paused: KEDA is paused by it"],
        );
        check("autoscaling.keda.sh/paused: \"False\"", &[]);
        check(
            "autoscaling.keda.sh/paused-replicas: \"0\"",
            &[
                "3:89 metadata.annotations.autoscaling.keda.sh/paused-replicas: KEDA is paused by it",
            ],
        );
        check(
            "autoscaling.keda.sh/force-activation: \"true\"",
            &[
                "3:90 metadata.annotations.autoscaling.keda.sh/force-activation: KEDA never scales to zero",
            ],
        );
    }
}
