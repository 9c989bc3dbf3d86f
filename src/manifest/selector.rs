//! Label selectors: which labels they match, as Kubernetes decides it.

use std::collections::BTreeMap;

use super::decode::{Decoder, Field};
use super::document::Node;
use super::error::quoted;

/// A `LabelSelector`: everything in it has to hold. One without any requirement matches every set of labels.
///
/// That a selector is absent is for each kind to judge, so it is not a state of this type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// What has to hold of the labels, `matchLabels` first.
    pub requirements: Vec<Requirement>,
}

/// One condition on a set of labels (`k8s.io/apimachinery/pkg/labels`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// The label is there with one of these values; one value is what `matchLabels` asks.
    In(String, Vec<String>),
    /// The label is absent, or has none of these values.
    NotIn(String, Vec<String>),
    /// The label is there.
    Exists(String),
    /// The label is not there.
    DoesNotExist(String),
}

impl LabelSelector {
    /// The selector that asks for these labels, as a Service's or a ReplicationController's does.
    #[must_use]
    pub fn of_labels(labels: &BTreeMap<String, String>) -> Self {
        let asks =
            |(key, value): (&String, &String)| Requirement::In(key.clone(), vec![value.clone()]);
        Self {
            requirements: labels.iter().map(asks).collect(),
        }
    }

    /// The selector below a key of a mapping; `None` if it is absent. What can't be read of it is left out.
    #[must_use]
    pub fn at(node: Node<'_>, key: &str) -> Option<Self> {
        read(&mut Decoder::default(), &Field::root(node), key)
    }

    /// Whether a set of labels meets every requirement.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|it| it.holds(labels))
    }

    /// Whether it matches whatever the labels are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl Requirement {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let has = |key: &String, values: &[String]| {
            labels.get(key).is_some_and(|value| values.contains(value))
        };
        match self {
            Self::In(key, values) => has(key, values),
            Self::NotIn(key, values) => !has(key, values),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}

/// Reads the selector below `key`; `None` if it is absent.
pub(crate) fn read(decoder: &mut Decoder, parent: &Field<'_>, key: &str) -> Option<LabelSelector> {
    let field = decoder.object(parent, key)?;
    let mut requirements = Vec::new();
    if let Some(labels) = decoder.object(&field, "matchLabels") {
        for (label, value) in decoder.strings(&labels) {
            requirements.push(Requirement::In(label.to_owned(), vec![value]));
        }
    }
    let expressions = decoder.objects(&field, "matchExpressions");
    for expression in expressions.into_iter().flat_map(|list| list.value) {
        requirements.extend(read_expression(decoder, &expression));
    }
    Some(LabelSelector { requirements })
}

fn read_expression(decoder: &mut Decoder, expression: &Field<'_>) -> Option<Requirement> {
    let key = decoder.string(expression, "key")?.value;
    let operator = decoder.string(expression, "operator")?;
    let values = decoder.texts(expression, "values");
    let values = values.into_iter().flat_map(|list| list.value);
    let values: Vec<String> = values.map(|value| value.value).collect();
    match operator.value.as_str() {
        "In" => Some(Requirement::In(key, values)),
        "NotIn" => Some(Requirement::NotIn(key, values)),
        "Exists" => Some(Requirement::Exists(key)),
        "DoesNotExist" => Some(Requirement::DoesNotExist(key)),
        _ => {
            let problem = format!(
                "{} is no operator, expected In, NotIn, Exists or DoesNotExist",
                quoted(&operator.value)
            );
            decoder.faults.push(operator.invalid(problem));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[track_caller]
    fn check(requirements: Vec<Requirement>, text: &str, expected: bool) {
        let selector = LabelSelector { requirements };
        assert_eq!(
            selector.matches(&labels(text)),
            expected,
            "{selector:?} {text}"
        );
    }

    #[test]
    fn every_requirement_has_to_hold() {
        let app = || Requirement::In("app".into(), vec!["web".into(), "api".into()]);
        check(vec![], "", true);
        check(vec![], "app=web", true);
        check(vec![app()], "app=web,tier=front", true);
        check(vec![app()], "app=job", false);
        check(vec![app()], "", false);
        check(
            vec![app(), Requirement::Exists("tier".into())],
            "app=web",
            false,
        );
    }

    #[test]
    fn an_absent_label_is_not_in_and_does_not_exist() {
        let not_in = || Requirement::NotIn("app".into(), vec!["web".into()]);
        check(vec![not_in()], "", true);
        check(vec![not_in()], "app=job", true);
        check(vec![not_in()], "app=web", false);
        check(vec![Requirement::DoesNotExist("app".into())], "", true);
        check(
            vec![Requirement::DoesNotExist("app".into())],
            "app=web",
            false,
        );
    }
}
