//! A field's value: as read from a document, or as it is to be written.

use std::fmt::Write as _;

use crate::manifest::{Node, Scalar};

/// Most values that one object is taken to have; aliases can make a small file mean a large object.
const MOST_VALUES: usize = 20_000;

/// A value of a manifest, its members in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A number, as JSON writes it.
    Number(String),
    /// A quantity: in YAML without quotes, in JSON a string.
    Quantity(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn int(value: i32) -> Self {
        Self::Number(value.to_string())
    }

    pub(super) fn object(members: &[(&str, Self)]) -> Self {
        let members = members.iter();
        Self::Object(
            members
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        )
    }

    /// What a node means, aliases and merge keys resolved; `None` if that has too many values.
    pub(super) fn of(node: Node<'_>) -> Option<Self> {
        let mut room = MOST_VALUES;
        Self::within(node, &mut room)
    }

    fn within(node: Node<'_>, room: &mut usize) -> Option<Self> {
        *room = room.checked_sub(1)?;
        if node.is_mapping() {
            let entries = node.entries();
            let members =
                entries.map(|(key, value)| Some((key.to_owned(), Self::within(value, room)?)));
            return members.collect::<Option<_>>().map(Self::Object);
        }
        if node.is_sequence() {
            let items = node.items().map(|item| Self::within(item, room));
            return items.collect::<Option<_>>().map(Self::List);
        }
        Some(match node.scalar() {
            Some(Scalar::Bool(value)) => Self::Bool(value),
            Some(Scalar::Int(value)) => Self::Number(value.to_string()),
            Some(Scalar::Float(value)) => serde_json::Number::from_f64(value)
                .map_or(Self::Null, |number| Self::Number(number.to_string())),
            Some(Scalar::Text(text)) => Self::text(text),
            Some(Scalar::Null) | None => Self::Null,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                let mut members = members.iter();
                members
                    .find(|(name, _)| name == key)
                    .map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Whether it is a list or an object with something in it.
    pub(super) fn is_collection(&self) -> bool {
        match self {
            Self::List(items) => !items.is_empty(),
            Self::Object(members) => !members.is_empty(),
            _ => false,
        }
    }

    /// As JSON in one line.
    pub(super) fn json(&self) -> String {
        self.one_line(Notation::Json)
    }

    /// As YAML in one line, lists and objects in brackets.
    pub(super) fn flow(&self) -> String {
        self.one_line(Notation::Yaml)
    }

    fn one_line(&self, notation: Notation) -> String {
        match self {
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|it| it.one_line(notation)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(members) => {
                let members = members.iter().map(|(key, value)| {
                    format!("{}: {}", notation.key(key), value.one_line(notation))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            scalar => notation.scalar(scalar),
        }
    }
}

/// How keys and scalars are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// Without quotes where that is safe.
    Yaml,
    /// Keys and texts in double quotes.
    Json,
}

impl Notation {
    pub(super) fn key(self, key: &str) -> String {
        match self {
            Self::Yaml => yaml_text(key),
            Self::Json => json_text(key),
        }
    }

    /// A scalar, or an empty list or object.
    pub(super) fn scalar(self, value: &Value) -> String {
        match (value, self) {
            (Value::Null, _) => "null".to_owned(),
            (Value::Bool(value), _) => value.to_string(),
            (Value::Number(number), _) => number.clone(),
            (Value::Quantity(quantity), Self::Yaml) => quantity.clone(),
            (Value::Quantity(text) | Value::Text(text), Self::Json) => json_text(text),
            (Value::Text(text), Self::Yaml) => yaml_text(text),
            (Value::List(_), _) => "[]".to_owned(),
            (Value::Object(_), _) => "{}".to_owned(),
        }
    }
}

/// A text that YAML takes for a text, without quotes where it surely does.
fn yaml_text(text: &str) -> String {
    const RESERVED: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "_-./".contains(letter));
    if is_word && !RESERVED.contains(&text.to_ascii_lowercase().as_str()) {
        text.to_owned()
    } else {
        json_text(text)
    }
}

/// A text in double quotes, escaped so that JSON and YAML read it alike.
pub(super) fn json_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Line breaks of YAML 1.1 are escaped too.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &Value, yaml: &str, json: &str) {
        assert_eq!(value.flow(), yaml);
        assert_eq!(value.json(), json);
    }

    #[test]
    fn texts_are_quoted_where_yaml_would_take_them_for_something_else() {
        check(&Value::text("Percent"), "Percent", "\"Percent\"");
        check(&Value::text("on"), "\"on\"", "\"on\"");
        check(&Value::text("5"), "\"5\"", "\"5\"");
        check(&Value::text("a: b"), "\"a: b\"", "\"a: b\"");
        check(&Value::text("a\"\n"), "\"a\\\"\\n\"", "\"a\\\"\\n\"");
        check(&Value::Quantity("500m".to_owned()), "500m", "\"500m\"");
    }

    #[test]
    fn lists_and_objects_stand_in_one_line() {
        let policy = Value::object(&[("type", Value::text("Pods")), ("value", Value::int(4))]);
        check(
            &Value::List(vec![policy, Value::Null]),
            "[{type: Pods, value: 4}, null]",
            "[{\"type\": \"Pods\", \"value\": 4}, null]",
        );
    }
}
