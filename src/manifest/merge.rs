//! The keys of a mapping: none twice, and merge keys applied.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::builder::OMITTED;
use super::error::{ErrorKind, Fault, quoted};
use super::tree::{NodeId, Tree, Value};

/// So many keys are faster compared than hashed.
const FEW: usize = 12;
/// Most entries that the merge keys of one document bring.
const MOST_MERGED: usize = 300_000;

/// The entries of a mapping as they stand.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'a> {
    pub(crate) pairs: &'a [[NodeId; 2]],
    /// Which of them have the merge key `<<`, in order.
    pub(crate) merges: &'a [usize],
}

impl Entries<'_> {
    fn is_merge(&self, index: usize) -> bool {
        self.merges.binary_search(&index).is_ok()
    }
}

/// Every key but the merge key may stand only once; the fault is at the second place.
pub(crate) fn refuse_duplicates(tree: &Tree, entries: Entries<'_>) -> Result<(), Fault> {
    if has_few_distinct_keys(tree, entries) {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(entries.pairs.len());
    for (index, [key, _]) in entries.pairs.iter().enumerate() {
        let name = tree.text(*key);
        if *key != OMITTED && !entries.is_merge(index) && !seen.insert(name) {
            let problem = format!("key {} stands twice in one mapping", quoted(name));
            return Err(Fault::new(
                tree.span(*key).start,
                ErrorKind::Syntax,
                format!("{problem}, expected it once"),
            ));
        }
    }
    Ok(())
}

/// Whether there are so few keys that comparing each with each is the shortest way, and none is twice.
fn has_few_distinct_keys(tree: &Tree, entries: Entries<'_>) -> bool {
    let pairs = entries.pairs;
    let is_twice = |index: usize| {
        let name = tree.text(pairs[index][0]);
        pairs[..index]
            .iter()
            .any(|[key, _]| tree.text(*key) == name)
    };
    pairs.len() <= FEW && entries.merges.is_empty() && !(1..pairs.len()).any(is_twice)
}

/// Applies merge keys as kubectl does: in order, so that what stands later wins, and of several merged mappings the
/// first. `work` counts what the document's merge keys have brought.
pub(crate) fn apply_merges(
    tree: &Tree,
    entries: Entries<'_>,
    work: &mut usize,
) -> Result<Vec<[NodeId; 2]>, Fault> {
    let mut merged = Merged::default();
    for (index, &[key, value]) in entries.pairs.iter().enumerate() {
        if !entries.is_merge(index) {
            merged.put(tree, [key, value]);
            continue;
        }
        for mapping in mappings_to_merge(tree, value)? {
            if !matches!(tree.value(mapping), Value::Mapping(_)) {
                continue;
            }
            let pairs = tree.pairs(mapping);
            *work += pairs.len() + 1;
            if *work > MOST_MERGED {
                return Err(Fault::new(
                    tree.span(key).start,
                    ErrorKind::TooLarge,
                    format!("merge keys bring more than {MOST_MERGED} entries, expected fewer"),
                ));
            }
            for pair in pairs {
                merged.put(tree, *pair);
            }
        }
    }
    Ok(merged.entries)
}

/// The mappings that a merge key's value stands for, the strongest last.
fn mappings_to_merge(tree: &Tree, value: NodeId) -> Result<Vec<NodeId>, Fault> {
    let meant = tree.meant(value);
    let mappings: Vec<NodeId> = match tree.value(meant) {
        Value::Sequence(_) => {
            let strongest_last = tree.items(meant).iter().rev();
            strongest_last.map(|item| tree.meant(*item)).collect()
        }
        _ => vec![meant],
    };
    let is_mapping = |id: &NodeId| matches!(tree.value(*id), Value::Mapping(_) | Value::Omitted);
    if mappings.iter().all(is_mapping) {
        return Ok(mappings);
    }
    Err(Fault::new(
        tree.span(value).start,
        ErrorKind::Syntax,
        "the merge key `<<` has a value that can't be merged, expected a mapping or a list of mappings",
    ))
}

/// Entries of a mapping, of which later ones take the place of earlier ones.
#[derive(Default)]
struct Merged<'t> {
    entries: Vec<[NodeId; 2]>,
    places: HashMap<&'t str, usize>,
}

impl<'t> Merged<'t> {
    fn put(&mut self, tree: &'t Tree, pair: [NodeId; 2]) {
        match self.places.entry(tree.text(pair[0])) {
            Entry::Occupied(place) => self.entries[*place.get()] = pair,
            Entry::Vacant(place) => {
                place.insert(self.entries.len());
                self.entries.push(pair);
            }
        }
    }
}
