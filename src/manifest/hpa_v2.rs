//! autoscaling/v2 as written: options and places kept.

use super::decode::{Decoder, Field, Written};
use super::error::quoted;
use crate::units::Quantity;

/// The `spec` of an autoscaler in the form of autoscaling/v2, before any default is applied.
///
/// Autoscalers of older versions are lifted into this form; the paths and places stay those of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct HpaAsWritten {
    /// `spec`, or the whole object if it has none.
    pub spec: Written<()>,
    /// `scaleTargetRef`.
    pub scale_target: Option<Written<ReferenceAsWritten>>,
    /// `minReplicas`.
    pub min_replicas: Option<Written<i32>>,
    /// `maxReplicas`.
    pub max_replicas: Option<Written<i32>>,
    /// `metrics`; `None` where they are absent or null.
    pub metrics: Option<Written<Vec<Written<MetricAsWritten>>>>,
    /// `behavior`; `None` where it is absent or null, which is not the same as `{}`.
    pub behavior: Option<Box<Written<BehaviorAsWritten>>>,
}

/// A reference to an object of the same namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReferenceAsWritten {
    /// `apiVersion`.
    pub api_version: Option<Written<String>>,
    /// `kind`.
    pub kind: Option<Written<String>>,
    /// `name`.
    pub name: Option<Written<String>>,
}

/// One entry of `metrics`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAsWritten {
    /// `type`.
    pub kind: Option<Written<String>>,
    /// The sources that are given; there should be one, that of `type`.
    pub sources: Vec<(SourceKind, Written<MetricSourceAsWritten>)>,
}

/// The five metric sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// `resource`.
    Resource,
    /// `containerResource`.
    ContainerResource,
    /// `pods`.
    Pods,
    /// `object`.
    Object,
    /// `external`.
    External,
}

/// What a metric source says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricSourceAsWritten {
    /// The name of the resource or metric.
    pub name: Option<Written<String>>,
    /// Of `containerResource`.
    pub container: Option<Box<Written<String>>>,
    /// Of `object`.
    pub described_object: Option<Box<Written<ReferenceAsWritten>>>,
    /// The metric's label selector, in the notation of `kubectl -l`.
    pub selector: Option<Box<Written<String>>>,
    /// `target`.
    pub target: Option<Written<TargetAsWritten>>,
}

/// What a metric is wanted to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetAsWritten {
    /// `type`.
    pub kind: Option<Written<String>>,
    /// `value`.
    pub value: Option<Box<Written<Quantity>>>,
    /// `averageValue`.
    pub average_value: Option<Box<Written<Quantity>>>,
    /// `averageUtilization`, percent.
    pub average_utilization: Option<Written<i32>>,
}

/// `behavior`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BehaviorAsWritten {
    /// `scaleUp`.
    pub scale_up: Option<Written<RulesAsWritten>>,
    /// `scaleDown`.
    pub scale_down: Option<Written<RulesAsWritten>>,
}

/// The rules of one direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RulesAsWritten {
    /// `stabilizationWindowSeconds`.
    pub stabilization_window: Option<Written<i32>>,
    /// `selectPolicy`.
    pub select_policy: Option<Written<String>>,
    /// `policies`; `None` where they are absent or null, which is not the same as `[]`.
    pub policies: Option<Written<Vec<Written<PolicyAsWritten>>>>,
    /// `tolerance`.
    pub tolerance: Option<Written<Quantity>>,
}

/// One scaling policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyAsWritten {
    /// `type`.
    pub kind: Option<Written<String>>,
    /// `value`.
    pub value: Option<Written<i32>>,
    /// `periodSeconds`.
    pub policy_period: Option<Written<i32>>,
}

impl TargetAsWritten {
    /// The target type that the controller goes by: it looks which field is set; only of an Object's target it reads the
    /// type, for which this is `None`.
    #[must_use]
    pub fn type_in_force(&self, source: SourceKind) -> Option<&'static str> {
        if self.average_utilization.is_some() {
            return Some("Utilization");
        }
        match source {
            SourceKind::Object => None,
            _ if self.average_value.is_some() => Some("AverageValue"),
            _ => Some("Value"),
        }
    }
}

impl SourceKind {
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::Resource,
        Self::ContainerResource,
        Self::Pods,
        Self::Object,
        Self::External,
    ];

    /// The value of `type` that asks for it.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Resource => "Resource",
            Self::ContainerResource => "ContainerResource",
            Self::Pods => "Pods",
            Self::Object => "Object",
            Self::External => "External",
        }
    }

    /// The field that holds it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::ContainerResource => "containerResource",
            Self::Pods => "pods",
            Self::Object => "object",
            Self::External => "external",
        }
    }
}

/// Reads the object of an autoscaler in version v2 or v2beta2, which are written alike.
pub(crate) fn read(decoder: &mut Decoder, object: &Field<'_>) -> HpaAsWritten {
    let mut written = read_common(decoder, object);
    let Some(spec) = decoder.object(object, "spec") else {
        return written;
    };
    decoder.warn_of_unknown(
        &spec,
        &[
            "scaleTargetRef",
            "minReplicas",
            "maxReplicas",
            "metrics",
            "behavior",
            "selectionStrategy",
        ],
    );
    written.metrics = read_metrics(decoder, &spec, read_source);
    written.behavior = decoder
        .object(&spec, "behavior")
        .map(|behavior| Box::new(read_behavior(decoder, &behavior)));
    written
}

/// What all versions write alike: the bounds and the scale target.
pub(crate) fn read_common(decoder: &mut Decoder, object: &Field<'_>) -> HpaAsWritten {
    decoder.warn_of_unknown(
        object,
        &["apiVersion", "kind", "metadata", "spec", "status"],
    );
    let spec = decoder.object(object, "spec");
    let nowhere = Field {
        node: object.node,
        path: object.path.member("spec"),
    };
    let mut written = HpaAsWritten {
        spec: spec.as_ref().unwrap_or(&nowhere).written(()),
        scale_target: None,
        min_replicas: None,
        max_replicas: None,
        metrics: None,
        behavior: None,
    };
    if let Some(spec) = spec {
        written.scale_target = decoder
            .object(&spec, "scaleTargetRef")
            .map(|reference| read_reference(decoder, &reference));
        written.min_replicas = decoder.int32(&spec, "minReplicas");
        written.max_replicas = decoder.int32(&spec, "maxReplicas");
    }
    written
}

/// Reads `spec.metrics`, each source by the version's own way.
pub(crate) fn read_metrics(
    decoder: &mut Decoder,
    spec: &Field<'_>,
    read_source: fn(&mut Decoder, SourceKind, &Field<'_>) -> MetricSourceAsWritten,
) -> Option<Written<Vec<Written<MetricAsWritten>>>> {
    let items = decoder.objects(spec, "metrics")?;
    let mut metrics = Vec::with_capacity(items.value.len());
    let mut fields = vec!["type"];
    fields.extend(SourceKind::ALL.map(SourceKind::field));
    for item in &items.value {
        decoder.warn_of_unknown(item, &fields);
        let kind = decoder.string(item, "type");
        let mut sources = Vec::with_capacity(1);
        for source in SourceKind::ALL {
            if let Some(field) = decoder.object(item, source.field()) {
                let read = read_source(decoder, source, &field);
                sources.push((source, field.written(read)));
            }
        }
        metrics.push(item.written(MetricAsWritten { kind, sources }));
    }
    Some(items.with(metrics))
}

pub(crate) fn read_behavior(
    decoder: &mut Decoder,
    behavior: &Field<'_>,
) -> Written<BehaviorAsWritten> {
    decoder.warn_of_unknown(behavior, &["scaleUp", "scaleDown"]);
    let mut direction = |key: &str| {
        let rules = decoder.object(behavior, key)?;
        let read = read_rules(decoder, &rules);
        Some(rules.written(read))
    };
    let scale_up = direction("scaleUp");
    let scale_down = direction("scaleDown");
    behavior.written(BehaviorAsWritten {
        scale_up,
        scale_down,
    })
}

pub(crate) fn read_reference(
    decoder: &mut Decoder,
    field: &Field<'_>,
) -> Written<ReferenceAsWritten> {
    decoder.warn_of_unknown(field, &["apiVersion", "kind", "name"]);
    let reference = ReferenceAsWritten {
        api_version: decoder.string(field, "apiVersion"),
        kind: decoder.string(field, "kind"),
        name: decoder.string(field, "name"),
    };
    field.written(reference)
}

/// A label selector in the notation of `kubectl -l`; `None` if it is absent or empty.
pub(crate) fn read_selector(
    decoder: &mut Decoder,
    parent: &Field<'_>,
    key: &str,
) -> Option<Written<String>> {
    let selector = decoder.object(parent, key)?;
    decoder.warn_of_unknown(&selector, &["matchLabels", "matchExpressions"]);
    let mut terms = Vec::new();
    if let Some(labels) = decoder.object(&selector, "matchLabels") {
        for (label, value) in decoder.strings(&labels) {
            terms.push(format!("{label}={value}"));
        }
    }
    let expressions = decoder.objects(&selector, "matchExpressions");
    for expression in expressions.into_iter().flat_map(|list| list.value) {
        terms.extend(read_expression(decoder, &expression));
    }
    (!terms.is_empty()).then(|| selector.written(terms.join(",")))
}

fn read_expression(decoder: &mut Decoder, expression: &Field<'_>) -> Option<String> {
    let label = decoder.string(expression, "key")?.value;
    let operator = decoder.string(expression, "operator")?;
    let values = match decoder.child(expression, "values") {
        Some(list) => {
            let texts = list.node.items().map(|item| item.text().unwrap_or(""));
            let texts: Vec<&str> = texts.take(100).collect();
            decoder.spend(list.node.span(), texts.iter().map(|text| text.len()).sum());
            texts.join(",")
        }
        None => String::new(),
    };
    match operator.value.as_str() {
        "In" => Some(format!("{label} in ({values})")),
        "NotIn" => Some(format!("{label} notin ({values})")),
        "Exists" => Some(label),
        "DoesNotExist" => Some(format!("!{label}")),
        _ => {
            let problem = format!(
                "{} is no operator, expected In, NotIn, Exists or DoesNotExist",
                quoted(&operator.value)
            );
            decoder.faults.push(operator.invalid(problem));
            None
        }
    }
}

fn read_source(
    decoder: &mut Decoder,
    kind: SourceKind,
    field: &Field<'_>,
) -> MetricSourceAsWritten {
    let mut source = MetricSourceAsWritten::default();
    match kind {
        SourceKind::Resource => {
            decoder.warn_of_unknown(field, &["name", "target"]);
            source.name = decoder.string(field, "name");
        }
        SourceKind::ContainerResource => {
            decoder.warn_of_unknown(field, &["name", "container", "target"]);
            source.name = decoder.string(field, "name");
            source.container = decoder.string(field, "container").map(Box::new);
        }
        SourceKind::Pods | SourceKind::External => {
            decoder.warn_of_unknown(field, &["metric", "target"]);
            read_metric(decoder, field, &mut source);
        }
        SourceKind::Object => {
            decoder.warn_of_unknown(field, &["describedObject", "metric", "target"]);
            read_metric(decoder, field, &mut source);
            source.described_object = decoder
                .object(field, "describedObject")
                .map(|reference| Box::new(read_reference(decoder, &reference)));
        }
    }
    source.target = decoder
        .object(field, "target")
        .map(|target| read_target(decoder, &target));
    source
}

fn read_metric(decoder: &mut Decoder, field: &Field<'_>, source: &mut MetricSourceAsWritten) {
    if let Some(metric) = decoder.object(field, "metric") {
        decoder.warn_of_unknown(&metric, &["name", "selector"]);
        source.name = decoder.string(&metric, "name");
        source.selector = read_selector(decoder, &metric, "selector").map(Box::new);
    }
}

fn read_target(decoder: &mut Decoder, field: &Field<'_>) -> Written<TargetAsWritten> {
    decoder.warn_of_unknown(
        field,
        &["type", "value", "averageValue", "averageUtilization"],
    );
    let target = TargetAsWritten {
        kind: decoder.string(field, "type"),
        value: decoder.quantity(field, "value").map(Box::new),
        average_value: decoder.quantity(field, "averageValue").map(Box::new),
        average_utilization: decoder.int32(field, "averageUtilization"),
    };
    field.written(target)
}

fn read_rules(decoder: &mut Decoder, field: &Field<'_>) -> RulesAsWritten {
    decoder.warn_of_unknown(
        field,
        &[
            "stabilizationWindowSeconds",
            "selectPolicy",
            "policies",
            "tolerance",
        ],
    );
    let policies = decoder.objects(field, "policies").map(|list| {
        let policies = list.value.iter().map(|policy| {
            decoder.warn_of_unknown(policy, &["type", "value", "periodSeconds"]);
            policy.written(PolicyAsWritten {
                kind: decoder.string(policy, "type"),
                value: decoder.int32(policy, "value"),
                policy_period: decoder.int32(policy, "periodSeconds"),
            })
        });
        let policies = policies.collect();
        list.with(policies)
    });
    RulesAsWritten {
        stabilization_window: decoder.int32(field, "stabilizationWindowSeconds"),
        select_policy: decoder.string(field, "selectPolicy"),
        policies,
        tolerance: decoder.quantity(field, "tolerance"),
    }
}
