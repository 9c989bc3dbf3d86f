//! `SelectorIndex`: finds which of many label selectors match a set of labels without asking each.

use std::collections::{BTreeMap, HashMap};

use crate::manifest::{LabelSelector, Requirement};

/// Selectors by number, each under the rarest label that it asks for.
#[derive(Debug, Default)]
pub(crate) struct SelectorIndex<'a> {
    by_label: HashMap<(&'a str, &'a str), Vec<Numbered<'a>>>,
    /// Those that ask for no label of a known value.
    others: Vec<Numbered<'a>>,
}

type Numbered<'a> = (usize, &'a LabelSelector);

impl<'a> SelectorIndex<'a> {
    pub(crate) fn new(selectors: &[Numbered<'a>]) -> Self {
        let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
        for label in selectors.iter().flat_map(|it| asked(it.1)).flatten() {
            *counts.entry(label).or_default() += 1;
        }
        let mut index = Self::default();
        for &(number, selector) in selectors {
            let weight = |labels: &Vec<(&str, &str)>| -> usize {
                labels.iter().filter_map(|label| counts.get(label)).sum()
            };
            match asked(selector).min_by_key(weight) {
                Some(labels) => {
                    for label in labels {
                        let under = index.by_label.entry(label).or_default();
                        under.push((number, selector));
                    }
                }
                None => index.others.push((number, selector)),
            }
        }
        index
    }

    /// The numbers of the selectors that match a set of labels.
    pub(crate) fn matching<'b>(
        &'b self,
        labels: &'b BTreeMap<String, String>,
    ) -> impl Iterator<Item = usize> + use<'a, 'b> {
        let under = labels
            .iter()
            .filter_map(|(key, value)| self.by_label.get(&(key.as_str(), value.as_str())));
        under
            .flatten()
            .chain(&self.others)
            .filter(|(_, selector)| selector.matches(labels))
            .map(|(number, _)| *number)
    }
}

/// For each requirement that asks for values of a label, the labels that meet it.
fn asked(selector: &LabelSelector) -> impl Iterator<Item = Vec<(&str, &str)>> {
    selector.requirements.iter().filter_map(|it| match it {
        Requirement::In(key, values) => {
            let labels = values.iter().map(|value| (key.as_str(), value.as_str()));
            Some(labels.collect())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_asking_each_finds() {
        let labels = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let pairs = pairs.iter();
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let web = LabelSelector::of_labels(&labels(&[("app", "web")]));
        let front = LabelSelector::of_labels(&labels(&[("app", "web"), ("tier", "front")]));
        let all = LabelSelector::default();
        let both = LabelSelector {
            requirements: vec![Requirement::In(
                "app".into(),
                vec!["api".into(), "web".into()],
            )],
        };
        let selectors = [(0, &web), (1, &front), (2, &all), (3, &both)];
        let index = SelectorIndex::new(&selectors);
        for set in [
            labels(&[]),
            labels(&[("app", "web")]),
            labels(&[("app", "api"), ("tier", "front")]),
            labels(&[("app", "web"), ("tier", "front")]),
        ] {
            let mut found: Vec<usize> = index.matching(&set).collect();
            found.sort_unstable();
            let asked = selectors
                .iter()
                .filter(|(_, selector)| selector.matches(&set));
            let expected: Vec<usize> = asked.map(|(number, _)| *number).collect();
            assert_eq!(found, expected, "{set:?}");
        }
    }
}
