//! A ScaledObject lifted into the HPA that KEDA makes of it.
//!
//! Follows `controllers/keda/hpa.go` and `pkg/scalers` of KEDA 2.20. The HPA scales from one replica up; the step between
//! none and one, and what is done while a trigger fails, KEDA does itself: that is kept as facts.

use std::sync::Arc;

use super::decode::{Decoder, Field, Written};
use super::document::Node;
use super::error::{Fault, quoted};
use super::hpa_v2::{
    HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, ReferenceAsWritten, SourceKind,
    TargetAsWritten,
};
use super::keda_triggers::{self, Scaler};
use super::object::{self, Autoscaler, TypeMeta};
use super::scaled_object::{self, ScaledObject, ScalingModifiers, Trigger};
use super::source::SourceText;
use crate::units::{Quantity, SimDuration};

/// `pollingInterval` where none is given (`scale_handler.go`), seconds.
const DEFAULT_POLLING_SECONDS: i32 = 30;
/// `cooldownPeriod` where none is given (`scale_scaledobjects.go`), seconds.
const DEFAULT_COOLDOWN_SECONDS: i32 = 300;
/// The metric that a formula makes.
const COMPOSITE: &str = "composite-metric";
/// Pauses scaling.
const PAUSED: [&str; 2] = [
    "autoscaling.keda.sh/paused",
    "autoscaling.keda.sh/paused-replicas",
];

/// What KEDA does beside the HPA that it makes of a ScaledObject.
///
/// The autoscaler's `written` has the HPA's fields at the places of the ScaledObject that they are made from, whose names
/// and values differ: nothing can be edited there as in an HPA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KedaFacts {
    /// `metadata.name` of the ScaledObject.
    pub scaled_object: String,
    /// How often KEDA asks whether a trigger is active.
    pub polling_interval: SimDuration,
    /// How long no trigger has to be active before it goes idle.
    pub cooldown: SimDuration,
    /// How long after it was made it does not go idle.
    pub initial_cooldown: SimDuration,
    /// Its replicas while no trigger is active; `None` if it never goes below the HPA's floor.
    pub idle_replicas: Option<i32>,
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
    warn_of_pause(decoder, object);
    let mut lifting = Lifting {
        decoder,
        object,
        scaled: &scaled,
        name: &own_name,
        left_out: Vec::new(),
    };
    let metrics = lifting.metrics();
    let (left_out, warnings): (Vec<String>, Vec<Fault>) = lifting.left_out.into_iter().unzip();
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
        metrics: Some(metrics),
        behavior: scaled.behavior.clone().map(Box::new),
    };
    let mut autoscaler =
        object::finish_autoscaler(decoder, object, of, name, written, source).ok()?;
    // What KEDA fills in was not written anywhere.
    if scaled.min_replicas.is_none() {
        autoscaler.written.min_replicas = None;
        autoscaler.defaulted.push("spec.minReplicaCount");
    }
    if scaled.max_replicas.is_none() {
        autoscaler.written.max_replicas = None;
        autoscaler.defaulted.push("spec.maxReplicaCount");
    }
    autoscaler.keda = Some(Box::new(facts(&scaled, own_name, left_out)));
    Some(*autoscaler)
}

fn facts(scaled: &ScaledObject, name: String, left_out: Vec<String>) -> KedaFacts {
    let seconds = |field: &Option<Written<i32>>, default: i32| {
        let seconds = field.as_ref().map_or(default, |field| field.value.max(0));
        SimDuration::from_seconds(i64::from(seconds))
    };
    // Cpu and memory count as active for ever.
    let goes_idle = scaled.has_idle_state() && scaled.triggers().all(|it| !it.value.is_resource());
    let idle = scaled.idle_replicas.as_ref().map_or(0, |idle| idle.value);
    KedaFacts {
        scaled_object: name,
        polling_interval: seconds(&scaled.polling_interval, DEFAULT_POLLING_SECONDS),
        cooldown: seconds(&scaled.cooldown_period, DEFAULT_COOLDOWN_SECONDS),
        initial_cooldown: seconds(&scaled.initial_cooldown_period, 0),
        idle_replicas: goes_idle.then_some(idle.max(0)),
        fallback: scaled.fallback.as_ref().and_then(|fallback| {
            let failures = fallback.value.failure_threshold.as_ref()?.value;
            Some((fallback.value.replicas.as_ref()?.value, failures))
        }),
        left_out,
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

fn warn_of_pause(decoder: &mut Decoder, object: &Field<'_>) {
    let annotations = object.node.at("metadata.annotations");
    for key in PAUSED {
        let Some(pause) = annotations.and_then(|annotations| annotations.get(key)) else {
            continue;
        };
        if pause.text() != Some("false") {
            let field = Field {
                node: pause,
                path: format!("metadata.annotations.{key}"),
            };
            let problem = "KEDA is paused by it; it is read as if it were not there";
            decoder.warnings.push(field.written(()).invalid(problem));
        }
    }
}

/// What metrics are made from.
struct Lifting<'a, 'b> {
    decoder: &'a mut Decoder,
    object: &'a Field<'b>,
    scaled: &'a ScaledObject,
    name: &'a str,
    /// Types of triggers that say neither metric nor target, each with the warning of it.
    left_out: Vec<(String, Fault)>,
}

impl Lifting<'_, '_> {
    /// The HPA's metrics in KEDA's order, which is by type. What KEDA refuses goes to the decoder.
    fn metrics(&mut self) -> Written<Vec<Written<MetricAsWritten>>> {
        let scaled = self.scaled;
        let mut metrics = Vec::new();
        let formula = scaled.modifiers.as_ref().filter(|it| it.value.is_used());
        for (index, trigger) in scaled.triggers().enumerate() {
            let is_resource = trigger.value.is_resource();
            if formula.is_some() && !is_resource {
                continue;
            }
            let metric = if is_resource {
                self.resource(trigger, index)
            } else {
                self.external(trigger, index)
            };
            metrics.extend(metric);
        }
        metrics.extend(formula.and_then(|formula| self.composite(formula)));
        if metrics.is_empty() && self.decoder.faults.is_empty() {
            let fault = self.no_metric();
            self.decoder.faults.push(fault);
        }
        metrics.sort_by(|one, other| type_of(one).cmp(type_of(other)));
        let at = scaled.triggers.as_ref();
        at.map_or_else(|| scaled.spec.with(()), |at| at.with(()))
            .with(metrics)
    }

    fn no_metric(&self) -> Fault {
        let Some((first, _)) = self.left_out.first() else {
            let spec = &self.scaled.spec;
            return spec.missing("triggers", "what is to be scaled by");
        };
        let problem = format!(
            "the metric and target of {} are settled by a scaler outside the manifest, expected a trigger that says both",
            quoted(first)
        );
        let at = self.scaled.triggers.as_ref();
        at.map_or_else(|| self.scaled.spec.with(()), |at| at.with(()))
            .invalid(problem)
    }

    /// Cpu or memory, which the HPA measures itself (`cpu_memory_scaler.go`).
    fn resource(
        &mut self,
        trigger: &Written<Trigger>,
        index: usize,
    ) -> Option<Written<MetricAsWritten>> {
        let kind = trigger.value.kind.as_ref()?;
        let given = |text: &Written<String>| !text.value.is_empty();
        let older = self.member(trigger, index, "type").filter(given);
        let newer = trigger.value.metric_type.clone().filter(given);
        let target_type = match (older, newer) {
            (Some(older), Some(_)) => {
                let problem = "set next to metricType, expected one of the two";
                self.decoder.faults.push(older.invalid(problem));
                return None;
            }
            (None, None) => {
                let fault = trigger.missing("metricType", "Utilization or AverageValue");
                self.decoder.faults.push(fault);
                return None;
            }
            (Some(one), None) | (None, Some(one)) => one,
        };
        let Some(value) = self.member(trigger, index, "value").filter(given) else {
            let fault = trigger.missing("metadata.value", "what is aimed at");
            self.decoder.faults.push(fault);
            return None;
        };
        let mut target = TargetAsWritten {
            kind: Some(target_type.clone()),
            ..TargetAsWritten::default()
        };
        match target_type.value.as_str() {
            "Utilization" => {
                target.average_utilization = value.value.parse().ok().map(|it| value.with(it));
            }
            "AverageValue" => {
                let quantity = Quantity::parse(&value.value).ok();
                target.average_value = quantity.map(|it| value.with(it));
            }
            other => {
                let problem = format!(
                    "{} is no type of a {} trigger, expected Utilization or AverageValue",
                    quoted(other),
                    kind.value
                );
                self.decoder.faults.push(target_type.invalid(problem));
                return None;
            }
        }
        if target.average_utilization.is_none() && target.average_value.is_none() {
            let expected = match target_type.value.as_str() {
                "Utilization" => "a whole number of percent such as `60`",
                _ => "a quantity such as `500m`",
            };
            let problem = format!("{} is wrong, expected {expected}", quoted(&value.value));
            self.decoder.faults.push(value.invalid(problem));
            return None;
        }
        let container = self.member(trigger, index, "containerName").filter(given);
        let source_kind = match container {
            Some(_) => SourceKind::ContainerResource,
            None => SourceKind::Resource,
        };
        let source = MetricSourceAsWritten {
            name: Some(kind.clone()),
            container,
            target: Some(value.with(target)),
            ..MetricSourceAsWritten::default()
        };
        Some(metric(trigger, source_kind, source))
    }

    /// What KEDA measures and hands to the HPA as an External metric.
    fn external(
        &mut self,
        trigger: &Written<Trigger>,
        index: usize,
    ) -> Option<Written<MetricAsWritten>> {
        let Some(kind) = trigger
            .value
            .kind
            .as_ref()
            .filter(|kind| !kind.value.is_empty())
        else {
            let fault = trigger.missing("type", "a type such as `prometheus`");
            self.decoder.faults.push(fault);
            return None;
        };
        let target_type = self.target_type(trigger.value.metric_type.as_ref())?;
        let Some(scaler) = keda_triggers::scaler_of(&kind.value) else {
            let problem = format!(
                "the metric and target of {} are settled outside the manifest, so that it is left out",
                quoted(&kind.value)
            );
            self.left_out
                .push((kind.value.clone(), kind.invalid(problem)));
            return None;
        };
        let aim = self.aim(trigger, index, scaler)?;
        let name = keda_triggers::metric_name(scaler, &trigger.value, index);
        Some(self.external_metric(trigger, kind.with(name), &target_type, &aim))
    }

    /// What each replica, or all of them, should have of a trigger.
    fn aim(
        &mut self,
        trigger: &Written<Trigger>,
        index: usize,
        scaler: &Scaler,
    ) -> Option<Written<f64>> {
        let mut keys = scaler.targets.iter();
        let given = keys.find_map(|key| {
            let member = self.member(trigger, index, key)?;
            (!member.value.is_empty()).then_some(member)
        });
        let Some(text) = given else {
            if let Some(default) = scaler.default {
                return Some(trigger.with(default));
            }
            let key = scaler.targets.first().copied().unwrap_or_default();
            let expected = "a number to aim at; what comes from the environment or a TriggerAuthentication is not read";
            let fault = trigger.missing(&format!("metadata.{key}"), expected);
            self.decoder.faults.push(fault);
            return None;
        };
        let number = text.value.trim().parse::<f64>();
        if let Some(number) = number.ok().filter(|number| number.is_finite()) {
            return Some(text.with(number));
        }
        let problem = format!(
            "{} is no number, expected one to aim at",
            quoted(&text.value)
        );
        self.decoder.faults.push(text.invalid(problem));
        None
    }

    /// What a formula over all other triggers makes.
    fn composite(
        &mut self,
        modifiers: &Written<ScalingModifiers>,
    ) -> Option<Written<MetricAsWritten>> {
        let it = &modifiers.value;
        let given = |text: &Option<Written<String>>| text.clone().filter(|it| !it.value.is_empty());
        let target_type = self.target_type(it.metric_type.as_ref())?;
        if given(&it.formula).is_none() {
            let fault = modifiers.missing("formula", "a formula over the names of triggers");
            self.decoder.faults.push(fault);
            return None;
        }
        let Some(target) = given(&it.target) else {
            let fault = modifiers.missing("target", "what the formula's value is to be");
            self.decoder.faults.push(fault);
            return None;
        };
        let number = target.value.parse::<f64>();
        let Some(number) = number.ok().filter(|number| number.is_finite()) else {
            let problem = format!(
                "{} is no number, expected one above 0",
                quoted(&target.value)
            );
            self.decoder.faults.push(target.invalid(problem));
            return None;
        };
        let aim = target.with(number);
        let name = modifiers.with(COMPOSITE.to_owned());
        Some(self.external_metric(modifiers, name, &target_type, &aim))
    }

    /// `AverageValue` or `Value`, the former by default.
    fn target_type(&mut self, given: Option<&Written<String>>) -> Option<String> {
        match given.map(|it| (it, it.value.as_str())) {
            None | Some((_, "" | "AverageValue")) => Some("AverageValue".to_owned()),
            Some((_, "Value")) => Some("Value".to_owned()),
            Some((it, other)) => {
                let problem = format!(
                    "{} is for cpu and memory, expected AverageValue or Value",
                    quoted(other)
                );
                self.decoder.faults.push(it.invalid(problem));
                None
            }
        }
    }

    fn external_metric<T>(
        &self,
        at: &Written<T>,
        name: Written<String>,
        target_type: &str,
        aim: &Written<f64>,
    ) -> Written<MetricAsWritten> {
        // KEDA cuts off what is below a thousandth.
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
        let milli = (aim.value * 1e3) as i64;
        let quantity = Some(aim.with(Quantity::from_milli(milli)));
        let (value, average_value) = match target_type {
            "Value" => (quantity, None),
            _ => (None, quantity),
        };
        let target = TargetAsWritten {
            kind: Some(aim.with(target_type.to_owned())),
            value,
            average_value,
            average_utilization: None,
        };
        let selector = format!("scaledobject.keda.sh/name={}", self.name);
        let source = MetricSourceAsWritten {
            selector: Some(name.with(selector)),
            name: Some(name),
            target: Some(aim.with(target)),
            ..MetricSourceAsWritten::default()
        };
        metric(at, SourceKind::External, source)
    }

    /// A member of a trigger's metadata with its place.
    fn member(
        &self,
        trigger: &Written<Trigger>,
        index: usize,
        key: &str,
    ) -> Option<Written<String>> {
        let text = trigger.value.metadata(key)?.to_owned();
        let triggers = self.object.node.at("spec.triggers")?;
        let item = triggers.items().filter(Node::is_mapping).nth(index)?;
        Some(Written {
            value: text,
            path: format!("{}.metadata.{key}", trigger.path),
            span: item.at("metadata")?.get(key)?.span(),
        })
    }
}

fn metric<T>(
    at: &Written<T>,
    kind: SourceKind,
    source: MetricSourceAsWritten,
) -> Written<MetricAsWritten> {
    at.with(MetricAsWritten {
        kind: Some(at.with(kind.type_name().to_owned())),
        sources: vec![(kind, at.with(source))],
    })
}

/// `type` of a metric, by which KEDA sorts them.
fn type_of(metric: &Written<MetricAsWritten>) -> &str {
    let kind = metric.value.kind.as_ref();
    kind.map_or("", |kind| kind.value.as_str())
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
            initial_cooldown: SimDuration::ZERO,
            idle_replicas: Some(0),
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
    fn a_floor_or_cpu_rules_the_idle_state_out() {
        for spec in [
            format!("  minReplicaCount: 1\n{QUEUE}"),
            format!(
                "{QUEUE}  - {{type: cpu, metricType: Utilization, metadata: {{value: \"60\"}}}}\n"
            ),
        ] {
            assert_eq!(facts_of(&lifted(&spec)).idle_replicas, None, "{spec}");
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
    fn a_pause_is_told() {
        let paused = text(QUEUE).replacen(
            "namespace: shop}",
            "namespace: shop, annotations: {autoscaling.keda.sh/paused: \"true\"}}",
            1,
        );
        let manifests = read_text(&paused);
        assert_eq!(manifests.autoscalers.len(), 1);
        check_told(
            &manifests.warnings,
            &["3:80 metadata.annotations.autoscaling.keda.sh/paused: KEDA is paused by it"],
        );
    }
}
