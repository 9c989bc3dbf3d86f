//! Which fields of an autoscaler have to change.

use std::sync::Arc;

use super::change::{self, FieldChange};
use super::error::PatchError;
use super::op::{At, Op};
use super::value::Value;
use super::{behavior, metrics, scaled_object};
use crate::hpa::{Behavior, HpaSpec};
use crate::manifest::{Autoscaler, Document, Source, read};

/// The fields of an autoscaler that have to change.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Each field that changes, in the file's order of nesting.
    pub changes: Vec<FieldChange>,
    /// What is wanted but has no field in the file's API version, each with the reason.
    pub left_out: Vec<String>,
    /// What the autoscaler asks for after the change: what is wanted, save for `left_out`.
    pub reached: HpaSpec,
    pub(super) op: Op,
    /// The whole object before the change.
    pub(super) object: Value,
    pub(super) document: Arc<Document>,
    pub(super) head: Head,
}

/// The change of `spec`, and what is left out of it with the reason.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) steps: Vec<(At, Op)>,
    pub(super) left_out: Vec<String>,
}

/// Which object it is.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) api_version: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
}

/// Finds what has to change for an autoscaler to ask for what is wanted: only what the file, with API defaulting, does
/// not ask for already. A tolerance is rounded to what a quantity can hold, and an absent window of scaling up means 0.
///
/// # Errors
/// When the wanted metrics are other ones than the file's (only their targets may differ), when a value has no notation,
/// or when the API server would refuse the result.
pub fn plan(autoscaler: &Autoscaler, wanted: &HpaSpec) -> Result<Plan, PatchError> {
    let object = Value::of(autoscaler.document.root()).ok_or(PatchError::TooLarge)?;
    let mut reached = wanted.clone();
    reached.behavior = match &wanted.behavior {
        Some(wanted) => Some(behavior::as_held(wanted)?),
        None => None,
    };
    let Changes { steps, left_out } = match &autoscaler.keda {
        Some(keda) => scaled_object::change(autoscaler, keda, &mut reached)?,
        None => own_changes(autoscaler, wanted, &mut reached)?,
    };
    let op = Op::inside(&["spec"], Op::Within(steps));
    let root = autoscaler.document.root();
    let plan = Plan {
        changes: change::fields(&op, Some(&object), Some(root)),
        left_out,
        reached,
        op,
        object,
        document: Arc::clone(&autoscaler.document),
        head: head(autoscaler),
    };
    check(&plan)?;
    Ok(plan)
}

fn head(autoscaler: &Autoscaler) -> Head {
    let (kind, name) = match &autoscaler.keda {
        Some(keda) => ("ScaledObject", &keda.scaled_object),
        None => ("HorizontalPodAutoscaler", &autoscaler.name),
    };
    Head {
        api_version: autoscaler.api_version.clone(),
        kind,
        name: name.clone(),
        namespace: autoscaler.namespace.clone(),
    }
}

/// What has to change of an autoscaler's `spec`, and what is left out. What can't be reached is put back in `reached`.
fn own_changes(
    autoscaler: &Autoscaler,
    wanted: &HpaSpec,
    reached: &mut HpaSpec,
) -> Result<Changes, PatchError> {
    let now = &autoscaler.spec;
    let mut left_out = Vec::new();
    let mut steps = Vec::new();
    for (key, now, wanted) in [
        ("minReplicas", now.min_replicas, wanted.min_replicas),
        ("maxReplicas", now.max_replicas, wanted.max_replicas),
    ] {
        if now != wanted {
            steps.push((At::Key(key), Op::Set(Value::int(wanted))));
        }
    }
    let changes = metrics::change(autoscaler, &wanted.metrics)?;
    steps.extend(changes.steps);
    for (index, reason) in changes.left_out {
        let name = metrics::name(&wanted.metrics[index]);
        left_out.push(format!("spec.metrics[{index}] ({name}): {reason}"));
        reached.metrics[index] = now.metrics[index].clone();
    }
    left_out.extend(leave_out_tolerance(autoscaler, reached));
    let written = autoscaler.written.behavior.as_deref();
    if let Some(op) = behavior::change(written, reached.behavior.as_ref()) {
        if has_behavior(autoscaler) {
            steps.push((At::Key("behavior"), op));
        } else {
            left_out.extend(without_behavior(autoscaler, &op));
            reached.behavior.clone_from(&now.behavior);
        }
    }
    Ok(Changes { steps, left_out })
}

impl Plan {
    /// Whether nothing has to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn has_behavior(autoscaler: &Autoscaler) -> bool {
    !matches!(
        autoscaler.api_version.as_str(),
        "autoscaling/v1" | "autoscaling/v2beta1"
    )
}

/// One line for each field of the behavior that the version has no place for.
fn without_behavior(autoscaler: &Autoscaler, op: &Op) -> Vec<String> {
    let op = Op::inside(&["spec", "behavior"], op.clone());
    let version = &autoscaler.api_version;
    let fields = change::fields(&op, None, None).into_iter();
    fields
        .map(|field| {
            let to = field.to.as_deref().unwrap_or("absent");
            format!(
                "{version} has no behavior: {} ({to}) needs autoscaling/v2",
                field.path
            )
        })
        .collect()
}

/// Only autoscaling/v2 has a tolerance.
fn leave_out_tolerance(autoscaler: &Autoscaler, reached: &mut HpaSpec) -> Vec<String> {
    if autoscaler.api_version != "autoscaling/v2beta2" {
        return Vec::new();
    }
    let now = autoscaler.spec.behavior.as_ref();
    let Some(behavior) = &mut reached.behavior else {
        return Vec::new();
    };
    let mut left_out = Vec::new();
    let Behavior {
        scale_up,
        scale_down,
    } = behavior;
    for (key, wanted, now) in [
        ("scaleUp", scale_up, now.map(|it| &it.scale_up)),
        ("scaleDown", scale_down, now.map(|it| &it.scale_down)),
    ] {
        let now = now.and_then(|rules| rules.tolerance);
        if let Some(tolerance) = wanted.tolerance
            && now.map(f64::to_bits) != Some(tolerance.to_bits())
        {
            left_out.push(format!(
                "autoscaling/v2beta2 has no tolerance: spec.behavior.{key}.tolerance ({tolerance}) needs autoscaling/v2"
            ));
            wanted.tolerance = now;
        }
    }
    left_out
}

/// Reads the object after the change, as the API server would.
fn check(plan: &Plan) -> Result<(), PatchError> {
    let mut after = plan.op.apply(Some(&plan.object)).unwrap_or(Value::Null);
    // An item of a list may leave its type to the list.
    if let Value::Object(members) = &mut after {
        for (key, text) in [
            ("apiVersion", plan.head.api_version.as_str()),
            ("kind", plan.head.kind),
        ] {
            if !members.iter().any(|(name, _)| name == key) {
                members.push((key.to_owned(), Value::text(text)));
            }
        }
    }
    let manifests = read(vec![Source {
        name: plan.document.source_name().to_owned(),
        bytes: after.json().into_bytes(),
    }]);
    if let Some(error) = manifests.errors.first() {
        return Err(PatchError::Refused(error.message.clone()));
    }
    match manifests.autoscalers.as_slice() {
        [autoscaler] if autoscaler.spec == plan.reached => Ok(()),
        _ => Err(PatchError::Refused(
            "it would not be read as it is wanted".to_owned(),
        )),
    }
}
