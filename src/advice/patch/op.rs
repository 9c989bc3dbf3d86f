//! Changes of a tree of values, whatever notation the tree is written in.

use super::value::Value;

/// What happens to a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// It is replaced, or made where it was absent.
    Set(Value),
    /// It goes.
    Remove,
    /// Parts of it change.
    Within(Vec<(At, Op)>),
}

/// A part of a list or object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Key(&'static str),
    Index(usize),
}

impl Op {
    /// A change deep inside objects.
    pub(super) fn inside(keys: &[&'static str], op: Self) -> Self {
        keys.iter()
            .rev()
            .fold(op, |op, key| Self::Within(vec![(At::Key(key), op)]))
    }

    /// A value after the change; `None` if it is gone.
    pub(super) fn apply(&self, old: Option<&Value>) -> Option<Value> {
        match self {
            Self::Set(value) => Some(value.clone()),
            Self::Remove => None,
            Self::Within(steps) => {
                let mut value = old.cloned().unwrap_or(Value::Object(Vec::new()));
                if value == Value::Null {
                    value = Value::Object(Vec::new());
                }
                for (at, op) in steps {
                    apply_at(&mut value, *at, op);
                }
                Some(value)
            }
        }
    }
}

impl At {
    pub(super) fn child(self, value: Option<&Value>) -> Option<&Value> {
        match (self, value?) {
            (Self::Key(key), object) if object.get(key).is_some() => object.get(key),
            (Self::Index(index), Value::List(items)) => items.get(index),
            _ => None,
        }
    }
}

fn apply_at(value: &mut Value, at: At, op: &Op) {
    match (at, value) {
        (At::Key(key), Value::Object(members)) => {
            let place = members.iter().position(|(name, _)| name == key);
            let old = place.map(|place| &members[place].1);
            match (op.apply(old), place) {
                (Some(new), Some(place)) => members[place].1 = new,
                (Some(new), None) => members.push((key.to_owned(), new)),
                (None, Some(place)) => {
                    members.remove(place);
                }
                (None, None) => {}
            }
        }
        (At::Index(index), Value::List(items)) => {
            if let Some(item) = items.get_mut(index)
                && let Some(new) = op.apply(Some(item))
            {
                *item = new;
            }
        }
        _ => {}
    }
}
