//! The metrics of the HPA that KEDA makes: which trigger each is made from, its name, target, and when it is active.
//!
//! Follows `getScaledObjectMetricSpecs` in `controllers/keda/hpa.go` and `cpu_memory_scaler.go` in `pkg/scalers` of KEDA.

use super::decode::{Decoder, Field, Written};
use super::document::Node;
use super::error::{Fault, quoted};
use super::hpa_v2::{MetricAsWritten, MetricSourceAsWritten, SourceKind, TargetAsWritten};
use super::keda_triggers::{self, Scaler};
use super::scaled_object::{ScaledObject, ScalingModifiers, Trigger};
use crate::units::Quantity;

/// The metric that a formula makes.
const COMPOSITE: &str = "composite-metric";

/// What one metric of the HPA is made from, and when KEDA takes it as active.
#[derive(Clone, Debug, PartialEq)]
pub struct KedaMetric {
    /// The trigger's place in `spec.triggers`; `None` for `advanced.scalingModifiers`.
    pub trigger: Option<usize>,
    /// The member of the trigger's `metadata`, or of the modifiers, that is the target; `None` where it can't be chosen.
    pub target_key: Option<&'static str>,
    /// Whether that target may be a fraction; otherwise KEDA refuses one.
    pub takes_fractions: bool,
    /// Whether the target's type stands in `metadata.type`, where it was before `metricType`.
    pub has_older_type: bool,
    /// Above which value it is active; `None` for cpu and memory, at which KEDA does not look.
    pub active_above: Option<f64>,
}

/// The metrics of a ScaledObject.
pub(super) struct Lifted {
    /// The HPA's metrics in KEDA's order, which is by type.
    pub(super) metrics: Written<Vec<Written<MetricAsWritten>>>,
    /// What each is made from.
    pub(super) made_from: Vec<KedaMetric>,
    /// Types of triggers that say neither metric nor target, each with the warning of it.
    pub(super) left_out: Vec<(String, Fault)>,
}

/// Makes the metrics. What KEDA refuses goes to the decoder.
pub(super) fn lift(
    decoder: &mut Decoder,
    object: &Field<'_>,
    scaled: &ScaledObject,
    name: &str,
) -> Lifted {
    let mut lifting = Lifting {
        decoder,
        object,
        scaled,
        name,
        items: object
            .node
            .at("spec.triggers")
            .map_or_else(Vec::new, |it| it.items().filter(Node::is_mapping).collect()),
        left_out: Vec::new(),
    };
    let mut metrics = lifting.metrics();
    // Go's `sort.Slice` keeps the order of equal ones for so few.
    metrics.sort_by(|(one, _), (other, _)| type_of(one).cmp(type_of(other)));
    let (metrics, made_from) = metrics.into_iter().unzip();
    let at = scaled.triggers.as_ref();
    let at = at.map_or_else(|| scaled.spec.with(()), |at| at.with(()));
    Lifted {
        metrics: at.with(metrics),
        made_from,
        left_out: lifting.left_out,
    }
}

/// What metrics are made from.
struct Lifting<'a, 'b> {
    decoder: &'a mut Decoder,
    object: &'a Field<'b>,
    scaled: &'a ScaledObject,
    name: &'a str,
    /// The items of `spec.triggers` that are triggers.
    items: Vec<Node<'b>>,
    left_out: Vec<(String, Fault)>,
}

/// A metric, and what it is made from.
type Made = (Written<MetricAsWritten>, KedaMetric);

impl Lifting<'_, '_> {
    fn metrics(&mut self) -> Vec<Made> {
        let scaled = self.scaled;
        let mut metrics = Vec::new();
        let formula = scaled.modifiers.as_ref().filter(|it| it.value.is_used());
        for (index, trigger) in scaled.triggers().enumerate() {
            let is_resource = trigger.value.is_resource();
            if formula.is_some() && !is_resource {
                continue;
            }
            let Some(made) = (if is_resource {
                self.resource(trigger, index)
            } else {
                self.external(trigger, index)
            }) else {
                continue;
            };
            // Of what the kubelet measures a formula leaves Resource metrics only.
            let is_kept = formula.is_none() || type_of(&made.0) == "Resource";
            if is_kept {
                metrics.push(made);
            }
        }
        metrics.extend(formula.and_then(|formula| self.composite(formula)));
        if metrics.is_empty() && self.decoder.faults.is_empty() {
            let fault = self.no_metric();
            self.decoder.faults.push(fault);
        }
        metrics
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
    fn resource(&mut self, trigger: &Written<Trigger>, index: usize) -> Option<Made> {
        let kind = trigger.value.kind.as_ref()?;
        let given = |text: &Written<String>| !text.value.is_empty();
        let older = self.member(trigger, index, "type").filter(given);
        let has_older_type = older.is_some();
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
                target.average_value = quantity.map(|it| Box::new(value.with(it)));
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
            container: container.map(Box::new),
            target: Some(value.with(target)),
            ..MetricSourceAsWritten::default()
        };
        let made_from = KedaMetric {
            trigger: Some(index),
            target_key: Some("value"),
            takes_fractions: false,
            has_older_type,
            active_above: None,
        };
        Some((metric(trigger, source_kind, source), made_from))
    }

    /// What KEDA measures and hands to the HPA as an External metric.
    fn external(&mut self, trigger: &Written<Trigger>, index: usize) -> Option<Made> {
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
        let (target_key, aim) = self.aim(trigger, index, scaler)?;
        let made_from = KedaMetric {
            trigger: Some(index),
            target_key,
            takes_fractions: keda_triggers::takes_fractions(scaler),
            has_older_type: false,
            active_above: Some(self.active_above(trigger, index, scaler)?),
        };
        let namespace = self.object.node.at("metadata.namespace");
        let namespace = namespace.and_then(|node| node.text());
        let name = keda_triggers::metric_name(scaler, &trigger.value, index, namespace);
        let metric = self.external_metric(trigger, kind.with(name), &target_type, &aim);
        Some((metric, made_from))
    }

    /// What each replica, or all of them, should have of a trigger, and which member says it.
    fn aim(
        &mut self,
        trigger: &Written<Trigger>,
        index: usize,
        scaler: &Scaler,
    ) -> Option<(Option<&'static str>, Written<f64>)> {
        let keys = scaler.targets.iter().copied();
        let given = keys
            .filter_map(|key| Some((key, self.member(trigger, index, key)?)))
            .find(|(_, member)| !member.value.is_empty());
        let first = scaler.targets.first().copied();
        let Some((key, text)) = given else {
            if let Some(default) = scaler.default {
                return Some((first, trigger.with(default)));
            }
            let key = first.unwrap_or_default();
            let expected = "a number to aim at; what comes from the environment or a TriggerAuthentication is not read";
            let fault = trigger.missing(&format!("metadata.{key}"), expected);
            self.decoder.faults.push(fault);
            return None;
        };
        Some((Some(key), self.number(&text, "one to aim at")?))
    }

    /// Above which value a trigger is active.
    fn active_above(
        &mut self,
        trigger: &Written<Trigger>,
        index: usize,
        scaler: &Scaler,
    ) -> Option<f64> {
        let keys = keda_triggers::activation_keys(scaler);
        let mut given = keys
            .iter()
            .filter_map(|key| self.member(trigger, index, key));
        match given.find(|member| !member.value.is_empty()) {
            Some(text) => self
                .number(&text, "one above which it is active")
                .map(|number| number.value),
            None => Some(keda_triggers::default_activation(scaler)),
        }
    }

    /// A number, or the fault of there being none.
    fn number(&mut self, text: &Written<String>, expected: &str) -> Option<Written<f64>> {
        let number = text.value.trim().parse::<f64>();
        if let Some(number) = number.ok().filter(|number| number.is_finite()) {
            return Some(text.with(number));
        }
        let problem = format!("{} is no number, expected {expected}", quoted(&text.value));
        self.decoder.faults.push(text.invalid(problem));
        None
    }

    /// What a formula over all other triggers makes.
    fn composite(&mut self, modifiers: &Written<ScalingModifiers>) -> Option<Made> {
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
        let aim = self.number(&target, "one above 0")?;
        let active_above = match given(&it.activation_target) {
            Some(text) => self.number(&text, "one above which it is active")?.value,
            None => 0.0,
        };
        let name = modifiers.with(COMPOSITE.to_owned());
        let metric = self.external_metric(modifiers, name, &target_type, &aim);
        let made_from = KedaMetric {
            trigger: None,
            target_key: Some("target"),
            takes_fractions: true,
            has_older_type: false,
            active_above: Some(active_above),
        };
        Some((metric, made_from))
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
        let quantity = Some(Box::new(aim.with(Quantity::from_milli(milli))));
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
            selector: Some(Box::new(name.with(selector))),
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
        let item = self.items.get(index)?;
        Some(Written {
            value: text,
            path: trigger.path.member("metadata").member(key),
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
    use crate::manifest::testing::{only_autoscaler, read_text};

    fn scaled(triggers: &str) -> String {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  \
             scaleTargetRef: {{name: web}}\n  triggers:\n{triggers}"
        )
    }

    /// What the metrics measure, and the place of the trigger that each is made from.
    #[track_caller]
    fn check(triggers: &str, expected: &[(SourceKind, &str, usize)]) {
        let autoscaler = only_autoscaler(&scaled(triggers));
        let made_from = &autoscaler.keda.as_ref().expect("KEDA makes it").metrics;
        let made: Vec<(SourceKind, &str, usize)> = autoscaler
            .metric_sources
            .iter()
            .zip(made_from)
            .map(|(source, from)| {
                let trigger = from.trigger.expect("no formula is given");
                (source.kind, source.name.as_str(), trigger)
            })
            .collect();
        assert_eq!(made, expected);
    }

    const CPU: &str = "  - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}\n";
    const QUEUE: &str =
        "  - {type: rabbitmq, metadata: {queueName: q, mode: QueueLength, value: \"5\"}}\n";

    #[test]
    fn metrics_come_by_type_and_know_their_triggers() {
        check(
            &format!("{CPU}{QUEUE}"),
            &[
                (SourceKind::External, "s1-rabbitmq-q", 1),
                (SourceKind::Resource, "cpu", 0),
            ],
        );
    }

    #[test]
    fn a_container_is_measured_by_itself() {
        let one = CPU.replace("value:", "containerName: app, value:");
        check(&one, &[(SourceKind::ContainerResource, "cpu", 0)]);
    }

    #[test]
    fn thousands_of_triggers_are_read_in_their_order() {
        let many = only_autoscaler(&scaled(&QUEUE.repeat(5_000)));
        let made_from = &many.keda.as_ref().expect("KEDA makes it").metrics;
        let triggers: Vec<Option<usize>> = made_from.iter().map(|it| it.trigger).collect();
        assert_eq!(triggers, (0..5_000).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn a_type_that_is_said_twice_or_not_at_all_is_refused() {
        for (metadata, metric_type, expected) in [
            ("{value: \"60\"}", "", "metricType is missing"),
            (
                "{type: Utilization, value: \"60\"}",
                ", metricType: Utilization",
                "set next to metricType",
            ),
            (
                "{value: \"60\"}",
                ", metricType: Value",
                "`Value` is no type of a cpu trigger",
            ),
            (
                "{value: sixty}",
                ", metricType: Utilization",
                "`sixty` is wrong",
            ),
        ] {
            let trigger = format!("  - {{type: cpu, metadata: {metadata}{metric_type}}}\n");
            let errors = read_text(&scaled(&trigger)).errors;
            assert!(errors[0].message.contains(expected), "{errors:?}");
        }
    }
}
