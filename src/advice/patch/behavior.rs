//! What has to change of `behavior`: only what API defaulting would not give by itself.

use super::error::PatchError;
use super::op::{At, Op};
use super::value::Value;
use crate::hpa::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};
use crate::manifest::{BehaviorAsWritten, RulesAsWritten, Written};
use crate::units::{Quantity, SimDuration};

/// The wanted rules as the API can hold them: a tolerance is a quantity, and a window of scaling up is never absent.
pub(super) fn as_held(wanted: &Behavior) -> Result<Behavior, PatchError> {
    let mut held = wanted.clone();
    held.scale_up
        .stabilization_window
        .get_or_insert(SimDuration::ZERO);
    for (rules, direction) in [
        (&mut held.scale_up, "scaleUp"),
        (&mut held.scale_down, "scaleDown"),
    ] {
        let path = |field: &str| format!("spec.behavior.{direction}.{field}");
        if let Some(tolerance) = rules.tolerance {
            let quantity = Quantity::parse(&decimal(tolerance));
            let quantity = quantity.ok().filter(|_| tolerance >= 0.0);
            rules.tolerance = Some(
                quantity
                    .ok_or_else(|| PatchError::Unwritable {
                        path: path("tolerance"),
                        value: tolerance.to_string(),
                        expected: "a fraction from 0 up",
                    })?
                    .to_f64(),
            );
        }
        if let Some(window) = rules.stabilization_window {
            check_seconds(window, || path("stabilizationWindowSeconds"))?;
        }
        for policy in &rules.policies {
            check_seconds(policy.policy_period, || path("policies"))?;
        }
    }
    Ok(held)
}

/// The change of `behavior`; `None` if it is right as it is.
pub(super) fn change(
    written: Option<&Written<BehaviorAsWritten>>,
    wanted: Option<&Behavior>,
) -> Option<Op> {
    let Some(wanted) = wanted else {
        return written.map(|_| Op::Remove);
    };
    let default = Behavior::api_default();
    let none = BehaviorAsWritten::default();
    let rules = written.map_or(&none, |behavior| &behavior.value);
    let directions = [
        (
            "scaleUp",
            rules.scale_up.as_ref(),
            &default.scale_up,
            &wanted.scale_up,
        ),
        (
            "scaleDown",
            rules.scale_down.as_ref(),
            &default.scale_down,
            &wanted.scale_down,
        ),
    ];
    let mut steps = Vec::new();
    for (key, written, default, wanted) in directions {
        if let Some(op) = change_of_rules(written, default, wanted) {
            steps.push((At::Key(key), op));
        }
    }
    let Some(_) = written else {
        return Op::Within(steps).apply(None).map(Op::Set);
    };
    let written_directions =
        usize::from(rules.scale_up.is_some()) + usize::from(rules.scale_down.is_some());
    let removals = steps.iter().filter(|(_, op)| *op == Op::Remove).count();
    if removals > 0 && removals == steps.len() && removals == written_directions {
        // Nothing is left, but an absent behavior is not an empty one.
        return Some(Op::Set(Value::Object(Vec::new())));
    }
    (!steps.is_empty()).then_some(Op::Within(steps))
}

fn change_of_rules(
    written: Option<&Written<RulesAsWritten>>,
    default: &ScalingRules,
    wanted: &ScalingRules,
) -> Option<Op> {
    let none = RulesAsWritten::default();
    let is_written = written.is_some();
    let written = written.map_or(&none, |rules| &rules.value);
    let fields = [
        written.stabilization_window.is_some(),
        written.select_policy.is_some(),
        written.policies.is_some(),
        written.tolerance.is_some(),
    ];
    let mut steps = Vec::new();
    let mut put = |key: &'static str, op: Option<Op>| {
        if let Some(op) = op {
            steps.push((At::Key(key), op));
        }
    };
    put(
        "stabilizationWindowSeconds",
        change_of_window(written, default, wanted),
    );
    put("selectPolicy", change_of_select(written, default, wanted));
    put("policies", change_of_policies(written, default, wanted));
    put("tolerance", change_of_tolerance(written, wanted));
    if steps.is_empty() {
        return None;
    }
    if !is_written {
        return Op::Within(steps).apply(None).map(Op::Set);
    }
    let removals = steps.iter().filter(|(_, op)| *op == Op::Remove).count();
    if removals == steps.len() && removals == fields.iter().filter(|is_there| **is_there).count() {
        return Some(Op::Remove);
    }
    Some(Op::Within(steps))
}

fn change_of_window(
    written: &RulesAsWritten,
    default: &ScalingRules,
    wanted: &ScalingRules,
) -> Option<Op> {
    let now = written.stabilization_window.as_ref().map(|it| it.value);
    let Some(window) = wanted.stabilization_window else {
        return now.map(|_| Op::Remove);
    };
    let is_right = match now {
        Some(now) => SimDuration::from_seconds(i64::from(now)) == window,
        None => default.stabilization_window == Some(window),
    };
    (!is_right).then(|| Op::Set(seconds(window)))
}

fn change_of_select(
    written: &RulesAsWritten,
    default: &ScalingRules,
    wanted: &ScalingRules,
) -> Option<Op> {
    let name = |select| match select {
        SelectPolicy::Max => "Max",
        SelectPolicy::Min => "Min",
        SelectPolicy::Disabled => "Disabled",
    };
    let now = written.select_policy.as_ref().map(|it| it.value.as_str());
    let wanted = name(wanted.select_policy);
    let is_right = now.unwrap_or(name(default.select_policy)) == wanted;
    (!is_right).then(|| Op::Set(Value::text(wanted)))
}

/// Policies that stay as many are changed one by one, so that what is right in them stays as it is written.
fn change_of_policies(
    written: &RulesAsWritten,
    default: &ScalingRules,
    wanted: &ScalingRules,
) -> Option<Op> {
    let whole = || Op::Set(Value::List(wanted.policies.iter().map(policy).collect()));
    let Some(now) = &written.policies else {
        return (wanted.policies != default.policies).then(whole);
    };
    if now.value.len() != wanted.policies.len() {
        return Some(whole());
    }
    let mut items = Vec::new();
    for (index, (now, wanted)) in now.value.iter().zip(&wanted.policies).enumerate() {
        let now = &now.value;
        let kind = now.kind.as_ref().map(|it| Value::text(&it.value));
        let value = now.value.as_ref().map(|it| Value::int(it.value));
        let period = now.policy_period.as_ref().map(|it| Value::int(it.value));
        let fields = [
            ("type", kind, kind_of(wanted)),
            ("value", value, Value::int(wanted.value)),
            ("periodSeconds", period, seconds(wanted.policy_period)),
        ];
        let changed: Vec<(At, Op)> = fields
            .into_iter()
            .filter(|(_, now, wanted)| now.as_ref() != Some(wanted))
            .map(|(key, _, wanted)| (At::Key(key), Op::Set(wanted)))
            .collect();
        if !changed.is_empty() {
            items.push((At::Index(index), Op::Within(changed)));
        }
    }
    (!items.is_empty()).then_some(Op::Within(items))
}

fn change_of_tolerance(written: &RulesAsWritten, wanted: &ScalingRules) -> Option<Op> {
    let now = written.tolerance.as_ref().map(|it| it.value.to_f64());
    match (now, wanted.tolerance) {
        (Some(_), None) => Some(Op::Remove),
        (now, Some(wanted)) if now.is_none_or(|now| now.to_bits() != wanted.to_bits()) => {
            Some(Op::Set(Value::Quantity(decimal(wanted))))
        }
        _ => None,
    }
}

/// A fraction with as many places as a quantity keeps.
fn decimal(fraction: f64) -> String {
    let text = format!("{fraction:.9}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn policy(policy: &ScalingPolicy) -> Value {
    Value::object(&[
        ("type", kind_of(policy)),
        ("value", Value::int(policy.value)),
        ("periodSeconds", seconds(policy.policy_period)),
    ])
}

fn kind_of(policy: &ScalingPolicy) -> Value {
    Value::text(match policy.kind {
        PolicyKind::Pods => "Pods",
        PolicyKind::Percent => "Percent",
    })
}

fn seconds(span: SimDuration) -> Value {
    Value::Number((span.as_nanos() / SimDuration::from_seconds(1).as_nanos()).to_string())
}

fn check_seconds(span: SimDuration, path: impl FnOnce() -> String) -> Result<(), PatchError> {
    if span.as_nanos() % SimDuration::from_seconds(1).as_nanos() == 0 {
        return Ok(());
    }
    Err(PatchError::Unwritable {
        path: path(),
        value: format!("{} s", span.as_seconds()),
        expected: "whole seconds",
    })
}
