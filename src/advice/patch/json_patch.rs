//! A plan as a JSON patch (RFC 6902).

use super::op::{At, Op};
use super::plan::Plan;
use super::value::{Value, json_text};

impl Plan {
    /// The change as a JSON patch, one operation on a line. What is replaced or removed is tested for first, so that the
    /// patch fails on an object that is not the one in the file. `[]` if nothing changes.
    #[must_use]
    pub fn json_patch(&self) -> String {
        let mut operations = Vec::new();
        if !self.is_empty() {
            gather(&self.op, Some(&self.object), "", &mut operations);
        }
        if operations.is_empty() {
            return "[]\n".to_owned();
        }
        format!("[\n  {}\n]\n", operations.join(",\n  "))
    }
}

fn gather(op: &Op, old: Option<&Value>, pointer: &str, operations: &mut Vec<String>) {
    // A null is dropped by the API server: it may be there or not.
    let there = old.filter(|value| **value != Value::Null);
    match op {
        Op::Within(steps) if there.is_some() => {
            for (at, op) in steps {
                let part = match at {
                    At::Key(key) => escaped(key),
                    At::Index(index) => index.to_string(),
                };
                gather(op, at.child(old), &format!("{pointer}/{part}"), operations);
            }
        }
        _ => {
            if let Some(there) = there {
                operations.push(operation("test", pointer, Some(there)));
            }
            match (op.apply(old), there) {
                (Some(new), Some(_)) => operations.push(operation("replace", pointer, Some(&new))),
                (Some(new), None) => operations.push(operation("add", pointer, Some(&new))),
                (None, Some(_)) => operations.push(operation("remove", pointer, None)),
                (None, None) => {}
            }
        }
    }
}

fn operation(name: &str, pointer: &str, value: Option<&Value>) -> String {
    let value = value.map_or_else(String::new, |value| {
        format!(", \"value\": {}", value.json())
    });
    format!(
        "{{\"op\": \"{name}\", \"path\": {}{value}}}",
        json_text(pointer)
    )
}

/// A key as part of a pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped_in_pointers() {
        assert_eq!(escaped("a/b~c"), "a~1b~0c");
    }
}
