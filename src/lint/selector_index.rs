//! `SelectorIndex`: finds which of many label selectors match a set of labels without asking each.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::manifest::{LabelSelector, Requirement};

/// What a set of labels may match.
pub(crate) trait Selects {
    /// For each requirement that asks for values of a label, the labels that meet it.
    fn asked(&self) -> impl Iterator<Item = Vec<(&str, &str)>>;
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool;
}

/// Selectors by number, each under the rarest label that it asks for.
#[derive(Debug)]
pub(crate) struct SelectorIndex<'a, S> {
    by_label: HashMap<(&'a str, &'a str), Vec<(usize, &'a S)>>,
    /// Those that ask for no label of a known value.
    others: Vec<(usize, &'a S)>,
}

impl<S> Default for SelectorIndex<'_, S> {
    fn default() -> Self {
        Self {
            by_label: HashMap::new(),
            others: Vec::new(),
        }
    }
}

impl<'a, S: Selects> SelectorIndex<'a, S> {
    pub(crate) fn new(selectors: &[(usize, &'a S)]) -> Self {
        let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
        for label in selectors.iter().flat_map(|it| it.1.asked()).flatten() {
            *counts.entry(label).or_default() += 1;
        }
        let mut index = Self::default();
        for &(number, selector) in selectors {
            let weight = |labels: &Vec<(&str, &str)>| -> usize {
                labels.iter().filter_map(|label| counts.get(label)).sum()
            };
            match selector.asked().min_by_key(weight) {
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

    /// The numbers of the selectors that match a set of labels, in order.
    pub(crate) fn matching(&self, labels: &BTreeMap<String, String>) -> Vec<usize> {
        self.matching_among(labels, std::slice::from_ref(&(0..usize::MAX)))
    }

    /// Likewise, of those whose numbers are in some ranges. Selectors were put in by rising number.
    pub(crate) fn matching_among(
        &self,
        labels: &BTreeMap<String, String>,
        among: &[Range<usize>],
    ) -> Vec<usize> {
        let under = labels
            .iter()
            .filter_map(|(key, value)| self.by_label.get(&(key.as_str(), value.as_str())));
        let lists = under.chain(std::iter::once(&self.others));
        let within = lists.flat_map(|list| {
            among.iter().flat_map(move |range| {
                let place = |bound: usize| list.partition_point(|(number, _)| *number < bound);
                &list[place(range.start)..place(range.end)]
            })
        });
        let mut numbers: Vec<usize> = within
            .filter(|(_, selector)| selector.matches(labels))
            .map(|(number, _)| *number)
            .collect();
        numbers.sort_unstable();
        // A selector may ask twice for one label.
        numbers.dedup();
        numbers
    }
}

impl Selects for LabelSelector {
    fn asked(&self) -> impl Iterator<Item = Vec<(&str, &str)>> {
        self.requirements.iter().filter_map(|it| match it {
            Requirement::In(key, values) => {
                let labels = values.iter().map(|value| (key.as_str(), value.as_str()));
                Some(labels.collect())
            }
            _ => None,
        })
    }

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.matches(labels)
    }
}

/// As a Service selects: each label has to be there.
impl Selects for BTreeMap<String, String> {
    fn asked(&self) -> impl Iterator<Item = Vec<(&str, &str)>> {
        self.iter()
            .map(|(key, value)| vec![(key.as_str(), value.as_str())])
    }

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.iter()
            .all(|(key, value)| labels.get(key) == Some(value))
    }
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
            let found = index.matching(&set);
            let asked = selectors
                .iter()
                .filter(|(_, selector)| selector.matches(&set));
            let expected: Vec<usize> = asked.map(|(number, _)| *number).collect();
            assert_eq!(found, expected, "{set:?}");
            let among = index.matching_among(&set, &[0..1, 2..3]);
            let expected: Vec<usize> = expected.into_iter().filter(|it| it % 2 == 0).collect();
            assert_eq!(among, expected, "{set:?}");
        }
    }
}
