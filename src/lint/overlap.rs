//! Pods that the selector of an autoscaled workload matches though another workload makes them.

use std::collections::BTreeMap;

use super::context::Context;
use super::joined::PodOwner;
use super::nearness::are_same;
use super::selector_index::SelectorIndex;

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

/// All of them, in the order of what makes the pods.
pub(crate) fn foreign_pods<'b, 'a>(context: &'b Context<'a>) -> Vec<Foreign<'b, 'a>> {
    let owners: Vec<&PodOwner<'a>> = context.owners().collect();
    let numbers: BTreeMap<*const _, usize> = owners
        .iter()
        .enumerate()
        .map(|(number, owner)| (std::ptr::from_ref(owner.object), number))
        .collect();
    // The targets by namespace.
    let mut targets: BTreeMap<&str, BTreeMap<usize, &PodOwner<'a>>> = BTreeMap::new();
    for autoscaled in context.autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        if let Some(number) = numbers.get(&std::ptr::from_ref(owner.object)) {
            let namespace = owner.object.namespace_or_default();
            targets.entry(namespace).or_default().insert(*number, owner);
        }
    }
    let indices: BTreeMap<&str, SelectorIndex<'_>> = targets
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
        let matching = index.matching(&owner.labels);
        let foreign = matching
            .map(|target| (target, owners[target]))
            .filter(|(_, target)| !are_same(target.object, owner.object));
        found.extend(foreign.take(MOST_TARGETS).map(|(at, target)| Foreign {
            target,
            owner,
            comes_second: at > number,
        }));
    }
    found
}
