//! Reads typed values out of a document's tree, as the API server's decoder would, and collects what is wrong.

use std::fmt::Display;

use super::document::{Node, Position, Span};
use super::error::{ErrorKind, Fault, quoted};
use super::field_path::FieldPath;
use super::scalar::{Scalar, json_number};
use super::template;
use crate::units::Quantity;

/// Most values that are looked at in one object, and most text that is copied out of it, in bytes: aliases can make a
/// small file mean a large object.
const MOST_WORK: usize = 1 << 20;

/// What an item of a list counts for: what is made of it is larger than a value.
const WORK_OF_ITEM: usize = 8;

/// A value with the path of its field and its place in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<T> {
    /// What was written there.
    pub value: T,
    /// The field's path as the file has it, such as `spec.minReplicas`.
    pub path: FieldPath,
    /// Where it stands.
    pub span: Span,
}

/// Collects faults and warnings while an object is read.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<Fault>,
    work: usize,
}

/// A field: its value and its path.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) path: FieldPath,
}

impl<T> Written<T> {
    /// The same place with another value.
    pub(crate) fn with<U>(&self, value: U) -> Written<U> {
        Written {
            value,
            path: self.path.clone(),
            span: self.span,
        }
    }

    /// The fault of a value that the API server refuses.
    pub(crate) fn invalid(&self, problem: impl Display) -> Fault {
        let message = format!("{}: {problem}", self.path);
        Fault::new(self.span.start, ErrorKind::Invalid, message).over(self.span)
    }

    /// The fault of a field that is absent in this object.
    pub(crate) fn missing(&self, child: &str, expected: &str) -> Fault {
        missing(self.span, &self.path, child, expected)
    }
}

impl<'a> Field<'a> {
    /// A value by itself.
    pub(crate) fn root(node: Node<'a>) -> Self {
        Self::at_path(node, &FieldPath::root())
    }

    /// A value whose paths are to begin with a path that others share.
    pub(crate) fn at_path(node: Node<'a>, path: &FieldPath) -> Self {
        Self {
            node,
            path: path.clone(),
        }
    }

    pub(crate) fn at(&self) -> Position {
        self.node.span().start
    }

    pub(crate) fn written<T>(&self, value: T) -> Written<T> {
        Written {
            value,
            path: self.path.clone(),
            span: self.node.span(),
        }
    }

    /// Likewise where the field itself is not needed any more.
    fn into_written<T>(self, value: T) -> Written<T> {
        Written {
            value,
            span: self.node.span(),
            path: self.path,
        }
    }

    pub(crate) fn missing(&self, child: &str, expected: &str) -> Fault {
        missing(self.node.span(), &self.path, child, expected)
    }

    fn item(&self, index: usize, node: Node<'a>) -> Self {
        Self {
            node,
            path: self.path.item(index),
        }
    }
}

impl Decoder {
    /// The child of an object, unless it is absent or null.
    pub(crate) fn child<'a>(&mut self, parent: &Field<'a>, key: &str) -> Option<Field<'a>> {
        self.spend(parent.node.span(), 1);
        let node = parent.node.get(key)?;
        if node.is_null() {
            return None;
        }
        Some(Field {
            node,
            path: parent.path.member(key),
        })
    }

    /// A child that has to be an object.
    pub(crate) fn object<'a>(&mut self, parent: &Field<'a>, key: &str) -> Option<Field<'a>> {
        let field = self.child(parent, key)?;
        if field.node.is_mapping() {
            return Some(field);
        }
        self.wrong_type(&field, "an object");
        None
    }

    /// The items of a child that has to be a list of objects.
    pub(crate) fn objects<'a>(
        &mut self,
        parent: &Field<'a>,
        key: &str,
    ) -> Option<Written<Vec<Field<'a>>>> {
        let list = self.child(parent, key)?;
        if !list.node.is_sequence() {
            self.wrong_type(&list, "a list");
            return None;
        }
        let nodes = list.node.items();
        let mut items = Vec::with_capacity(nodes.len().min(MOST_WORK / WORK_OF_ITEM));
        for (index, node) in nodes.enumerate() {
            if !self.spend(node.span(), WORK_OF_ITEM) {
                break;
            }
            let item = list.item(index, node);
            if node.is_mapping() {
                items.push(item);
            } else {
                self.wrong_type(&item, "an object");
            }
        }
        Some(list.into_written(items))
    }

    /// A child that has to be a whole number.
    pub(crate) fn int32(&mut self, parent: &Field<'_>, key: &str) -> Option<Written<i32>> {
        let field = self.child(parent, key)?;
        if self.is_template(&field) {
            return None;
        }
        // JSON has one sort of numbers: `5.0` is whole.
        let value = match field.node.scalar() {
            Some(Scalar::Int(value)) => i32::try_from(value).ok(),
            Some(Scalar::Float(value)) => json_number(value).parse().ok(),
            _ => None,
        };
        if value.is_none() {
            self.wrong_type(&field, "a whole number of at most 2147483647");
        }
        value.map(|value| field.into_written(value))
    }

    /// A child that has to be a string.
    pub(crate) fn string(&mut self, parent: &Field<'_>, key: &str) -> Option<Written<String>> {
        let field = self.child(parent, key)?;
        self.string_of(field)
    }

    /// The members of an object of strings; those that are none are left out, and said.
    pub(crate) fn strings<'a>(&mut self, object: &Field<'a>) -> Vec<(&'a str, String)> {
        let mut strings = Vec::new();
        for (key, node) in object.node.entries() {
            if !self.spend(node.span(), key.len() + 1) {
                break;
            }
            // Labels are nearly always texts, and their paths as many as there are labels.
            if let Some(Scalar::Text(text)) = node.scalar()
                && template::in_value(text).is_none()
            {
                if !self.spend(node.span(), text.len()) {
                    continue;
                }
                strings.push((key, text.to_owned()));
                continue;
            }
            let path = object.path.member(key);
            if let Some(text) = self.string_of(Field { node, path }) {
                strings.push((key, text.value));
            }
        }
        strings
    }

    fn string_of(&mut self, field: Field<'_>) -> Option<Written<String>> {
        if self.is_template(&field) {
            return None;
        }
        match field.node.scalar() {
            Some(Scalar::Text(text)) => self
                .spend(field.node.span(), text.len())
                .then(|| field.into_written(text.to_owned())),
            Some(Scalar::Null) | None => {
                self.wrong_type(&field, "a string");
                None
            }
            Some(_) => {
                self.wrong_type(&field, "a string, so in quotes");
                None
            }
        }
    }

    /// A child that has to be a boolean.
    pub(crate) fn boolean(&mut self, parent: &Field<'_>, key: &str) -> Option<Written<bool>> {
        let field = self.child(parent, key)?;
        if self.is_template(&field) {
            return None;
        }
        if let Some(Scalar::Bool(value)) = field.node.scalar() {
            return Some(field.into_written(value));
        }
        self.wrong_type(&field, "`true` or `false`");
        None
    }

    /// A child that has to be a quantity: a string or a number.
    pub(crate) fn quantity(&mut self, parent: &Field<'_>, key: &str) -> Option<Written<Quantity>> {
        let field = self.child(parent, key)?;
        self.quantity_of(field)
    }

    fn quantity_of(&mut self, field: Field<'_>) -> Option<Written<Quantity>> {
        if self.is_template(&field) {
            return None;
        }
        let expected = "a quantity such as `250m`, `1.5` or `512Mi`";
        let text = match field.node.scalar() {
            Some(Scalar::Text(text)) => text.trim().to_owned(),
            Some(Scalar::Int(value)) => value.to_string(),
            Some(Scalar::Float(value)) if value.is_finite() => json_number(value),
            _ => {
                self.wrong_type(&field, expected);
                return None;
            }
        };
        if let Ok(quantity) = Quantity::parse(&text) {
            return Some(field.into_written(quantity));
        }
        let problem = format!("{} is no quantity, expected {expected}", quoted(&text));
        self.faults.push(field.written(()).invalid(problem));
        None
    }

    /// The members of an object of quantities, as `requests` and `hard` are.
    pub(crate) fn quantities(&mut self, object: &Field<'_>) -> Vec<(String, Written<Quantity>)> {
        let mut quantities = Vec::new();
        for (key, node) in object.node.entries() {
            if !self.spend(node.span(), key.len() + 1) {
                break;
            }
            let path = object.path.member(key);
            if let Some(quantity) = self.quantity_of(Field { node, path }) {
                quantities.push((key.to_owned(), quantity));
            }
        }
        quantities
    }

    /// The items of a child that has to be a list of strings.
    pub(crate) fn texts(
        &mut self,
        parent: &Field<'_>,
        key: &str,
    ) -> Option<Written<Vec<Written<String>>>> {
        let list = self.child(parent, key)?;
        if !list.node.is_sequence() {
            self.wrong_type(&list, "a list of strings");
            return None;
        }
        let mut texts = Vec::new();
        for (index, node) in list.node.items().enumerate() {
            if !self.spend(node.span(), WORK_OF_ITEM) {
                break;
            }
            texts.extend(self.string_of(list.item(index, node)));
        }
        Some(list.written(texts))
    }

    /// Warns of keys that the API server would drop, naming the field that was probably meant.
    pub(crate) fn warn_of_unknown(&mut self, object: &Field<'_>, known: &[&'static str]) {
        for (key, span) in object.node.keys() {
            if !self.spend(span, 1) {
                return;
            }
            if known.contains(&key) {
                continue;
            }
            let path = object.path.joined(key);
            let nearest = nearest(key, known);
            let meant =
                nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            let message = format!(
                "{} is no field here, the API server ignores it{meant}",
                quoted(&path)
            );
            // A field that is there already was not meant once more.
            let meant = nearest.filter(|name| object.node.get(name).is_none());
            let fault = Fault::new(span.start, ErrorKind::Ignored, message);
            self.warnings.push(fault.over(span).meant_as(meant));
        }
    }

    pub(crate) fn wrong_type(&mut self, field: &Field<'_>, expected: &str) {
        if self.is_template(field) {
            return;
        }
        if field.node.is_omitted() {
            self.faults.push(Fault::new(
                field.at(),
                ErrorKind::TooLarge,
                format!("{} is too long to be kept, expected {expected}", field.path),
            ));
            return;
        }
        let found = match (field.node.scalar(), field.node.text()) {
            (Some(Scalar::Text(text)), _) => {
                format!("{} is a string", quoted(&format!("{text:?}")))
            }
            (Some(scalar), Some(text)) => format!("{} is {}", quoted(text), scalar.type_name()),
            _ if field.node.is_mapping() => "found an object".to_owned(),
            _ => "found a list".to_owned(),
        };
        let message = format!("{}: {found}, expected {expected}", field.path);
        self.faults
            .push(Fault::new(field.at(), ErrorKind::WrongType, message).over(field.node.span()));
    }

    /// Whether a template has yet to fill this value in; says so.
    pub(crate) fn is_template(&mut self, field: &Field<'_>) -> bool {
        let Some(language) = field.node.text().and_then(template::in_value) else {
            return false;
        };
        self.faults.push(template::fault(field.at(), language));
        true
    }

    /// How many values were looked at so far, and bytes of text copied.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// Counts work; `false` when there was too much of it, which is said once.
    pub(crate) fn spend(&mut self, span: Span, work: usize) -> bool {
        let before = self.work;
        self.work = self.work.saturating_add(work);
        if self.work <= MOST_WORK {
            return true;
        }
        if before <= MOST_WORK {
            self.faults.push(Fault::new(
                span.start,
                ErrorKind::TooLarge,
                "the object's aliases or texts amount to more than a million values, expected fewer",
            ));
        }
        false
    }
}

fn missing(span: Span, path: &FieldPath, child: &str, expected: &str) -> Fault {
    let message = format!("{} is missing, expected {expected}", path.joined(child));
    Fault::new(span.start, ErrorKind::Missing, message).over(span)
}

/// The field's name that a key is nearest to, if it is near to one and nearer than to any other.
fn nearest(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let near = known.iter().filter(|name| is_near(key, name));
    let mut ranked: Vec<(usize, &str)> = near
        .map(|name| (edit_distance(key.as_bytes(), name.as_bytes()), *name))
        .collect();
    ranked.sort_unstable();
    match ranked.as_slice() {
        [(one, _), (other, _), ..] if one == other => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

/// Whether a key is a field's name but for its case or up to two letters.
fn is_near(key: &str, name: &str) -> bool {
    let lengths_are_near = key.len().abs_diff(name.len()) <= 2 && name.len() > 4;
    key.eq_ignore_ascii_case(name)
        || lengths_are_near && edit_distance(key.as_bytes(), name.as_bytes()) <= 2
}

/// Levenshtein's distance in bytes.
pub(crate) fn edit_distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_of_field_names_are_known() {
        for (key, name) in [
            ("minReplica", "minReplicas"),
            ("minreplicas", "minReplicas"),
            ("stabilisationWindowSeconds", "stabilizationWindowSeconds"),
            ("Type", "type"),
        ] {
            assert!(is_near(key, name), "{key} is meant as {name}");
        }
        assert!(!is_near("name", "type"));
        assert!(!is_near("maxReplicas", "metrics"));
    }
}
