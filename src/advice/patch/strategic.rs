//! A plan as a strategic-merge patch.

use super::op::{At, Op};
use super::plan::Plan;
use super::value::{Notation, Value};

impl Plan {
    /// The change as a strategic-merge patch in YAML, for `patches:` of a kustomization or `kubectl patch --type
    /// strategic`. Lists stand whole, since those of an autoscaler are replaced, not merged: so it is a merge patch (RFC
    /// 7386), too, which is all that a ScaledObject takes (`--type merge`). Empty if nothing changes.
    #[must_use]
    pub fn strategic_merge(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut metadata = vec![("name", Value::text(&self.head.name))];
        if let Some(namespace) = &self.head.namespace {
            metadata.push(("namespace", Value::text(namespace)));
        }
        let head = Value::object(&[
            ("apiVersion", Value::text(&self.head.api_version)),
            ("kind", Value::text(self.head.kind)),
            ("metadata", Value::object(&metadata)),
        ]);
        let mut members = match head {
            Value::Object(members) => members,
            _ => Vec::new(),
        };
        if let Value::Object(changed) = merge(&self.op, Some(&self.object)) {
            members.extend(changed);
        }
        let mut text = String::new();
        write_members(&members, 0, &mut text);
        text
    }
}

/// The least that, merged into the old value, makes the new one.
fn merge(op: &Op, old: Option<&Value>) -> Value {
    match op {
        Op::Within(steps) if !matches!(old, Some(Value::List(_))) => {
            let members = steps.iter().filter_map(|(at, op)| match at {
                At::Key(key) => Some(((*key).to_owned(), merge(op, at.child(old)))),
                At::Index(_) => None,
            });
            Value::Object(members.collect())
        }
        Op::Set(Value::Object(new)) => replace(new, old),
        _ => op.apply(old).unwrap_or(Value::Null),
    }
}

/// What, merged into an old object, makes a new one: members that are not in it go.
fn replace(new: &[(String, Value)], old: Option<&Value>) -> Value {
    let mut members = new.to_vec();
    if let Some(Value::Object(old)) = old {
        let gone = old
            .iter()
            .filter(|(key, _)| !new.iter().any(|(name, _)| name == key));
        members.extend(gone.map(|(key, _)| (key.clone(), Value::Null)));
    }
    Value::Object(members)
}

fn write_members(members: &[(String, Value)], column: usize, text: &mut String) {
    for (key, value) in members {
        text.push_str(&" ".repeat(column));
        write_member(key, value, column, text);
    }
}

fn write_member(key: &str, value: &Value, column: usize, text: &mut String) {
    text.push_str(&Notation::Yaml.key(key));
    text.push(':');
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            write_members(members, column + 2, text);
        }
        Value::List(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                text.push_str(&" ".repeat(column));
                text.push_str("- ");
                write_item(item, column, text);
            }
        }
        scalar => {
            text.push(' ');
            text.push_str(&Notation::Yaml.scalar(scalar));
            text.push('\n');
        }
    }
}

/// An item after its dash.
fn write_item(item: &Value, column: usize, text: &mut String) {
    match item {
        Value::Object(members) if !members.is_empty() => {
            let (key, value) = &members[0];
            write_member(key, value, column + 2, text);
            write_members(&members[1..], column + 2, text);
        }
        other => {
            text.push_str(&other.flow());
            text.push('\n');
        }
    }
}
