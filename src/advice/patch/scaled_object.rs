//! What has to change of a ScaledObject for KEDA to make the wanted autoscaler of it.

use super::behavior;
use super::error::PatchError;
use super::metrics;
use super::op::{At, Op};
use super::plan::Changes;
use super::value::Value;
use crate::hpa::{HpaSpec, MetricTarget};
use crate::manifest::{Autoscaler, KedaFacts, KedaMetric};

/// The change from what KEDA makes now to what is to be reached. What can't be is put back in `reached`.
pub(super) fn change(
    autoscaler: &Autoscaler,
    keda: &KedaFacts,
    reached: &mut HpaSpec,
) -> Result<Changes, PatchError> {
    let now = &autoscaler.spec;
    if !metrics::are_same(&now.metrics, &reached.metrics) {
        return Err(PatchError::OtherMetrics);
    }
    let mut changes = Changes::default();
    if now.min_replicas != reached.min_replicas {
        changes.steps = counts(autoscaler, keda, reached.min_replicas)?;
    }
    if now.max_replicas != reached.max_replicas {
        let count = Op::Set(Value::int(reached.max_replicas));
        changes.steps.push((At::Key("maxReplicaCount"), count));
    }
    let mut triggers = Vec::new();
    let mut advanced = Vec::new();
    for (index, made_from) in keda.metrics.iter().enumerate() {
        let target = reached.metrics[index].target();
        let was = now.metrics[index].target();
        if target == was {
            continue;
        }
        let (steps, reason) = retarget(autoscaler, index, made_from, target);
        if let Some(reason) = reason {
            let name = metrics::name(&now.metrics[index]);
            changes
                .left_out
                .push(format!("the target of {name}: {reason}"));
            reached.metrics[index] = now.metrics[index].clone();
            continue;
        }
        match made_from.trigger {
            Some(trigger) => triggers.push((At::Index(trigger), Op::Within(steps))),
            None => advanced.push((At::Key("scalingModifiers"), Op::Within(steps))),
        }
    }
    let written = autoscaler.written.behavior.as_deref();
    if let Some(op) = behavior::change(written, reached.behavior.as_ref()) {
        let op = Op::inside(&["behavior"], op);
        advanced.push((At::Key("horizontalPodAutoscalerConfig"), op));
    }
    for (key, steps) in [("triggers", triggers), ("advanced", advanced)] {
        if !steps.is_empty() {
            changes.steps.push((At::Key(key), Op::Within(steps)));
        }
    }
    Ok(changes)
}

/// The fewest replicas; a workload that goes to zero goes on doing so.
fn counts(
    autoscaler: &Autoscaler,
    keda: &KedaFacts,
    fewest: i32,
) -> Result<Vec<(At, Op)>, PatchError> {
    let unwritable = |expected| PatchError::Unwritable {
        path: "spec.minReplicaCount".to_owned(),
        value: fewest.to_string(),
        expected,
    };
    if fewest < 1 {
        return Err(unwritable(
            "at least 1, since below that KEDA scales by the activity of triggers",
        ));
    }
    let mut steps = Vec::new();
    if let Some(idle) = keda.idle_replicas {
        if idle >= fewest {
            return Err(unwritable("more than idleReplicaCount"));
        }
        // With a floor above zero KEDA goes to zero only where it is told to.
        let idle_field = autoscaler.document.root().at("spec.idleReplicaCount");
        if idle_field.is_none_or(|node| node.is_null()) {
            steps.push((At::Key("idleReplicaCount"), Op::Set(Value::int(idle))));
        }
    }
    steps.push((At::Key("minReplicaCount"), Op::Set(Value::int(fewest))));
    Ok(steps)
}

/// The change of a trigger, or of the modifiers, or why there is none.
fn retarget(
    autoscaler: &Autoscaler,
    index: usize,
    made_from: &KedaMetric,
    target: MetricTarget,
) -> (Vec<(At, Op)>, Option<String>) {
    let refused = |reason: &str| (Vec::new(), Some(reason.to_owned()));
    let Some(key) = made_from.target_key else {
        return refused("KEDA sets it, whatever the trigger says");
    };
    let is_resource = made_from.active_above.is_none();
    let (type_name, number) = match target {
        MetricTarget::Utilization(percent) => ("Utilization", percent.to_string()),
        MetricTarget::AverageValue(_) if is_resource => (
            "AverageValue",
            metrics::quantity_text(autoscaler, index, target),
        ),
        MetricTarget::AverageValue(milli) => ("AverageValue", decimal(milli)),
        MetricTarget::Value(milli) => ("Value", decimal(milli)),
    };
    if !is_resource && !made_from.takes_fractions && number.contains('.') {
        return refused("this trigger takes whole numbers only");
    }
    let number = Op::Set(Value::text(&number));
    let now = autoscaler.spec.metrics[index].target();
    let changes_type = std::mem::discriminant(&now) != std::mem::discriminant(&target);
    let mut steps = Vec::new();
    let mut inside = Vec::new();
    if changes_type {
        let kind = Op::Set(Value::text(type_name));
        // The older place of the type, of which cpu and memory have only one.
        if made_from.has_older_type {
            inside.push((At::Key("type"), kind));
        } else {
            steps.push((At::Key("metricType"), kind));
        }
    }
    match made_from.trigger {
        Some(_) => {
            inside.push((At::Key(key), number));
            steps.push((At::Key("metadata"), Op::Within(inside)));
        }
        None => steps.push((At::Key(key), number)),
    }
    (steps, None)
}

/// Thousandths as a decimal number that KEDA reads as so many.
fn decimal(milli: i64) -> String {
    let (units, rest) = (milli / 1000, (milli % 1000).abs());
    if rest == 0 {
        return units.to_string();
    }
    let sign = if milli < 0 && units == 0 { "-" } else { "" };
    let text = format!("{sign}{units}.{rest:03}");
    // KEDA multiplies a binary float by a thousand and cuts off the rest: 65.142 becomes 65141 thousandths.
    #[expect(clippy::cast_possible_truncation, reason = "KEDA truncates too")]
    let is_read_as_less = |text: &str| {
        let read = text.parse::<f64>();
        read.is_ok_and(|units| (units * 1e3) as i64 != milli)
    };
    if is_read_as_less(&text) {
        return text + "01";
    }
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keda_reads_each_decimal_as_the_thousandths_that_were_meant() {
        for (milli, expected) in [
            (65_142, "65.14201"),
            (65_141, "65.141"),
            (-500, "-0.5"),
            (12_000, "12"),
        ] {
            assert_eq!(decimal(milli), expected);
        }
    }
}
