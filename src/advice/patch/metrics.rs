//! What has to change of the metrics' targets, in each API version's own fields.

use super::error::PatchError;
use super::op::{At, Op};
use super::value::Value;
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::manifest::{Autoscaler, MetricAsWritten, SourceKind};
use crate::units::Quantity;

/// What has to change, as members of `spec`, and which metrics stay as they are, with the reason.
#[derive(Default)]
pub(super) struct MetricChanges {
    pub(super) steps: Vec<(At, Op)>,
    pub(super) left_out: Vec<(usize, String)>,
}

/// The fields of a target of one kind.
struct TargetFields {
    /// The key of the number.
    key: &'static str,
    /// The value of `type`, where the version has one.
    type_name: &'static str,
}

const V1_CPU: &str = "targetCPUUtilizationPercentage";

/// The change from the metrics of the file to the wanted ones.
pub(super) fn change(
    autoscaler: &Autoscaler,
    wanted: &[MetricSpec],
) -> Result<MetricChanges, PatchError> {
    let now = &autoscaler.spec.metrics;
    if !are_same(now, wanted) {
        return Err(PatchError::OtherMetrics);
    }
    let mut changes = MetricChanges::default();
    let written = autoscaler.written.metrics.as_ref();
    let written = written.map_or(&[][..], |metrics| &metrics.value);
    let mut items = Vec::new();
    for (index, (now, wanted)) in now.iter().zip(wanted).enumerate() {
        let target = wanted.target();
        if now.target() == target {
            continue;
        }
        let metric = written.get(index);
        let is_in_annotation = metric.is_some_and(|metric| metric.path.starts_with("annotation"));
        if is_in_annotation {
            let reason = format!(
                "{} keeps this metric in an annotation",
                autoscaler.api_version
            );
            changes.left_out.push((index, reason));
        } else if autoscaler.api_version == "autoscaling/v1" {
            match target {
                MetricTarget::Utilization(percent) => {
                    changes
                        .steps
                        .push((At::Key(V1_CPU), Op::Set(Value::int(percent))));
                }
                _ => changes.left_out.push((
                    index,
                    "autoscaling/v1 has no target but cpu utilization".to_owned(),
                )),
            }
        } else if let Some(metric) = metric {
            let steps = change_of_target(autoscaler, &metric.value, index, target)?;
            items.push((At::Index(index), steps));
        } else {
            let metric = default_metric(autoscaler, target, index)?;
            changes
                .steps
                .push((At::Key("metrics"), Op::Set(Value::List(vec![metric]))));
        }
    }
    if !items.is_empty() {
        changes.steps.push((At::Key("metrics"), Op::Within(items)));
    }
    Ok(changes)
}

/// Whether two lists of metrics measure the same.
pub(super) fn are_same(now: &[MetricSpec], wanted: &[MetricSpec]) -> bool {
    now.len() == wanted.len() && now.iter().zip(wanted).all(|(a, b)| is_same(a, b))
}

/// Whether two metrics measure the same.
fn is_same(a: &MetricSpec, b: &MetricSpec) -> bool {
    let bare = |metric: &MetricSpec| {
        let mut metric = metric.clone();
        match &mut metric {
            MetricSpec::Resource { target, .. }
            | MetricSpec::ContainerResource { target, .. }
            | MetricSpec::Pods { target, .. }
            | MetricSpec::Object { target, .. }
            | MetricSpec::External { target, .. } => *target = MetricTarget::Utilization(0),
        }
        metric
    };
    bare(a) == bare(b)
}

fn change_of_target(
    autoscaler: &Autoscaler,
    metric: &MetricAsWritten,
    index: usize,
    target: MetricTarget,
) -> Result<Op, PatchError> {
    let (kind, source) = metric.sources.first().ok_or(PatchError::OtherMetrics)?;
    let now = autoscaler.spec.metrics[index].target();
    let is_beta1 = is_beta1(autoscaler);
    let old = fields(*kind, now, is_beta1, index)?;
    let new = fields(*kind, target, is_beta1, index)?;
    let written = written_quantity(autoscaler, metric, now);
    let number = (
        At::Key(new.key),
        Op::Set(number(target, written.as_deref())),
    );
    let mut steps = vec![number];
    if old.key != new.key {
        if !is_beta1 {
            let is_right = source.value.target.as_ref().is_some_and(|target| {
                let kind = target.value.kind.as_ref();
                kind.is_some_and(|kind| kind.value == new.type_name)
            });
            if !is_right {
                steps.insert(0, (At::Key("type"), Op::Set(Value::text(new.type_name))));
            }
        }
        // An Object metric of v2beta1 has to have its `targetValue`, whichever counts.
        if !(is_beta1 && *kind == SourceKind::Object && old.key == "targetValue") {
            steps.push((At::Key(old.key), Op::Remove));
        }
    }
    let path: &[&'static str] = if is_beta1 { &[] } else { &["target"] };
    Ok(Op::inside(
        &[kind.field()],
        Op::inside(path, Op::Within(steps)),
    ))
}

/// A target's quantity as the file says it.
fn written_quantity(
    autoscaler: &Autoscaler,
    metric: &MetricAsWritten,
    now: MetricTarget,
) -> Option<String> {
    let (_, source) = metric.sources.first()?;
    let target = &source.value.target.as_ref()?.value;
    let quantity = match now {
        MetricTarget::AverageValue(_) => target.average_value.as_ref()?,
        MetricTarget::Value(_) => target.value.as_ref()?,
        MetricTarget::Utilization(_) => return None,
    };
    Some(text_at(
        autoscaler,
        quantity.span.start.offset,
        quantity.span.end,
    ))
}

/// A wanted quantity with the suffix that the file's has where it fits.
pub(super) fn quantity_text(autoscaler: &Autoscaler, index: usize, target: MetricTarget) -> String {
    let now = autoscaler.spec.metrics[index].target();
    let written = autoscaler.written.metrics.as_ref();
    let metric = written.and_then(|metrics| metrics.value.get(index));
    let old = metric.and_then(|metric| written_quantity(autoscaler, &metric.value, now));
    match number(target, old.as_deref()) {
        Value::Quantity(text) | Value::Number(text) => text,
        other => other.flow(),
    }
}

/// The metric that the API server would add, with another target.
fn default_metric(
    autoscaler: &Autoscaler,
    target: MetricTarget,
    index: usize,
) -> Result<Value, PatchError> {
    let is_beta1 = is_beta1(autoscaler);
    let fields = fields(SourceKind::Resource, target, is_beta1, index)?;
    let number = (fields.key, number(target, None));
    let name = ("name", Value::text("cpu"));
    let resource = if is_beta1 {
        Value::object(&[name, number])
    } else {
        let target = Value::object(&[("type", Value::text(fields.type_name)), number]);
        Value::object(&[name, ("target", target)])
    };
    Ok(Value::object(&[
        ("type", Value::text("Resource")),
        ("resource", resource),
    ]))
}

fn is_beta1(autoscaler: &Autoscaler) -> bool {
    autoscaler.api_version == "autoscaling/v2beta1"
}

fn fields(
    kind: SourceKind,
    target: MetricTarget,
    is_beta1: bool,
    index: usize,
) -> Result<TargetFields, PatchError> {
    let is_resource = matches!(kind, SourceKind::Resource | SourceKind::ContainerResource);
    let (type_name, key, beta1_key) = match target {
        MetricTarget::Utilization(_) if is_resource => (
            "Utilization",
            "averageUtilization",
            "targetAverageUtilization",
        ),
        MetricTarget::AverageValue(_) if kind == SourceKind::Object => {
            ("AverageValue", "averageValue", "averageValue")
        }
        MetricTarget::AverageValue(_) => ("AverageValue", "averageValue", "targetAverageValue"),
        MetricTarget::Value(_) if matches!(kind, SourceKind::Object | SourceKind::External) => {
            ("Value", "value", "targetValue")
        }
        MetricTarget::Utilization(_) | MetricTarget::Value(_) => {
            return Err(PatchError::Unwritable {
                path: format!("spec.metrics[{index}]"),
                value: format!("{target:?}"),
                expected: "a kind of target that this metric can have",
            });
        }
    };
    let key = if is_beta1 { beta1_key } else { key };
    Ok(TargetFields { key, type_name })
}

/// A target's number, with the suffix that the old one has where it fits.
fn number(target: MetricTarget, old: Option<&str>) -> Value {
    const BINARY: [(&str, i64); 4] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
    ];
    let milli = match target {
        MetricTarget::Utilization(percent) => return Value::int(percent),
        MetricTarget::AverageValue(milli) | MetricTarget::Value(milli) => milli,
    };
    let old = old.map_or("", |text| text.trim_matches(['"', '\'']));
    let (units, is_whole) = (milli / 1000, milli % 1000 == 0);
    if is_whole && BINARY.iter().any(|(suffix, _)| old.ends_with(suffix)) {
        let fitting = BINARY.iter().rev().find(|(_, factor)| units % factor == 0);
        let (suffix, factor) = fitting.unwrap_or(&("", 1));
        return Value::Quantity(format!("{}{suffix}", units / factor));
    }
    if old.ends_with('m') {
        return Value::Quantity(format!("{milli}m"));
    }
    if is_whole && !old.ends_with(|last: char| last.is_ascii_alphabetic()) {
        return Value::Quantity(units.to_string());
    }
    Value::Quantity(Quantity::from_milli(milli).to_string())
}

/// What the file says at a place.
fn text_at(autoscaler: &Autoscaler, start: usize, end: usize) -> String {
    let bytes = autoscaler.document.source_bytes().get(start..end);
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

/// What a metric measures, for messages.
pub(super) fn name(metric: &MetricSpec) -> String {
    let resource = |resource: &Resource| match resource {
        Resource::Cpu => "cpu".to_owned(),
        Resource::Memory => "memory".to_owned(),
        Resource::Other(name) => name.clone(),
    };
    match metric {
        MetricSpec::Resource { resource: it, .. }
        | MetricSpec::ContainerResource { resource: it, .. } => resource(it),
        MetricSpec::Pods { name, .. }
        | MetricSpec::Object { name, .. }
        | MetricSpec::External { name, .. } => name.clone(),
    }
}
