//! Pods that the selector of an autoscaled workload matches though another workload makes them.

use std::collections::BTreeMap;

use super::context::Context;
use super::joined::PodOwner;
use super::nearness::are_same;
use super::selector_index::SelectorIndex;
use crate::manifest::LabelSelector;

/// Most workloads of which one pod is told to be matched.
const MOST_TARGETS: usize = 4;

/// A workload whose pods another's selector matches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foreign<'b, 'a> {
    /// What an autoscaler scales.
    pub(crate) target: &'b PodOwner<'a>,
    /// What makes the pods.
    pub(crate) owner: &'b PodOwner<'a>,
    /// Whether the target stands after the other in the files.
    pub(crate) comes_second: bool,
}

/// The numbers of a target and of what makes the pods, among the owners of a context.
pub(crate) type Pair = (usize, usize);

/// All of them, in the order of what makes the pods.
pub(crate) fn foreign_pods<'b, 'a>(
    context: &'b Context<'a>,
) -> impl Iterator<Item = Foreign<'b, 'a>> {
    let pairs = context.overlap.get_or_init(|| find(context)).iter();
    pairs.map(|&(target, owner)| Foreign {
        target: context.owner_at(target),
        owner: context.owner_at(owner),
        comes_second: target > owner,
    })
}

fn find(context: &Context<'_>) -> Vec<Pair> {
    let owners: Vec<&PodOwner<'_>> = context.owners().collect();
    // The targets by namespace.
    let mut targets: BTreeMap<&str, BTreeMap<usize, &PodOwner<'_>>> = BTreeMap::new();
    for autoscaled in context.autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let namespace = owner.object.namespace_or_default();
        let here = targets.entry(namespace).or_default();
        here.insert(owner.number, owner);
    }
    let indices: BTreeMap<&str, SelectorIndex<'_, LabelSelector>> = targets
        .iter()
        .map(|(namespace, targets)| {
            let selectors = targets.iter().filter_map(|(number, owner)| {
                // One without requirements is what a mistake looks like, not what reaches over.
                let selector = owner.selector.as_ref().filter(|it| !it.is_empty())?;
                Some((*number, selector))
            });
            let selectors: Vec<_> = selectors.collect();
            (*namespace, SelectorIndex::new(&selectors))
        })
        .collect();
    let mut found = Vec::new();
    for (number, owner) in owners.iter().enumerate() {
        let Some(index) = indices.get(owner.object.namespace_or_default()) else {
            continue;
        };
        let matching = index.matching(&owner.labels).into_iter();
        let foreign = matching
            .map(|target| (target, owners[target]))
            .filter(|(_, target)| !are_same(target.object, owner.object));
        let pairs = foreign.map(|(target, _)| (target, number));
        found.extend(pairs.take(MOST_TARGETS));
    }
    found
}
