//! One changed field, as it is told to a reader.

use super::op::{At, Op};
use super::value::Value;
use crate::manifest::Node;

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its path, such as `spec.minReplicas`.
    pub path: String,
    /// What the file says, in YAML on one line; `None` where it says nothing.
    pub from: Option<String>,
    /// What it is to say; `None` where the field goes.
    pub to: Option<String>,
    /// The line of the old value, or of the nearest object around it, from 1.
    pub line: u32,
}

/// All fields that a change of an object touches.
pub(super) fn fields(op: &Op, old: Option<&Value>, node: Option<Node<'_>>) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let place = Place {
        path: String::new(),
        node,
        line: node.map_or(1, |node| node.span().start.line),
    };
    gather(op, old, &place, &mut changes);
    changes
}

/// Where a field stands, as far as it is there.
struct Place<'a> {
    path: String,
    node: Option<Node<'a>>,
    line: u32,
}

impl Place<'_> {
    fn child(&self, at: At) -> Self {
        let path = match at {
            At::Key(key) => self.member(key),
            At::Index(index) => format!("{}[{index}]", self.path),
        };
        // What is behind an alias stands elsewhere: its line would mislead.
        let written = self.node.filter(|node| !node.is_alias());
        let node = written.and_then(|node| match at {
            At::Key(key) => node.get(key),
            At::Index(index) => node.items().nth(index),
        });
        let line = node.map_or(self.line, |node| node.span().start.line);
        Self { path, node, line }
    }

    fn member(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

fn gather(op: &Op, old: Option<&Value>, place: &Place<'_>, changes: &mut Vec<FieldChange>) {
    let from = old.filter(|value| **value != Value::Null);
    match op {
        Op::Within(steps) => {
            for (at, op) in steps {
                gather(op, at.child(old), &place.child(*at), changes);
            }
        }
        Op::Set(new) if from.is_none() => gather_new(new, &place.path, place.line, changes),
        Op::Set(_) | Op::Remove => changes.push(FieldChange {
            path: place.path.clone(),
            from: from.map(Value::flow),
            to: op.apply(None).as_ref().map(Value::flow),
            line: place.line,
        }),
    }
}

/// The fields of a new object, each by itself.
fn gather_new(new: &Value, path: &str, line: u32, changes: &mut Vec<FieldChange>) {
    match new {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                gather_new(value, &format!("{path}.{key}"), line, changes);
            }
        }
        _ => changes.push(FieldChange {
            path: path.to_owned(),
            from: None,
            to: Some(new.flow()),
            line,
        }),
    }
}
