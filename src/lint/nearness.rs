//! Whether two objects are sure to be in one cluster together, and the name that was probably meant.

use crate::manifest::{Object, edit_distance};

/// The longest name of an object, bytes.
const LONGEST_NAME: usize = 253;

/// Whether two objects of one namespace are surely deployed together: both name it, or they stand in one file or one
/// folder. Others may be stages or examples of which a cluster gets one.
pub(crate) fn are_together(one: &Object, other: &Object) -> bool {
    let source = |object: &Object| object.document.source_name().to_owned();
    let folder = |source: &str| {
        let folder = source.rsplit_once(['/', '\\']);
        folder.map_or(String::new(), |(folder, _)| folder.to_owned())
    };
    one.namespace.is_some() && one.namespace == other.namespace
        || folder(&source(one)) == folder(&source(other))
}

/// Whether two objects are one in the cluster: the same group, kind and name.
pub(crate) fn are_same(one: &Object, other: &Object) -> bool {
    one.kind == other.kind && one.name == other.name && one.group() == other.group()
}

/// The name that is nearest to another, if it is near: one that contains the other, or differs in up to two letters.
pub(crate) fn nearest_name<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let distance = |other: &str| {
        let is_part =
            other.len() > 2 && name.contains(other) || name.len() > 2 && other.contains(name);
        let edits = edit_distance(
            &name.as_bytes()[..name.len().min(LONGEST_NAME)],
            other.as_bytes(),
        );
        let is_typo = edits <= 2 && name.len() > 4;
        (is_part || is_typo).then_some(edits)
    };
    let near = names.take(200).filter(|other| *other != name);
    let near = near.filter_map(|other| distance(other).map(|distance| (distance, other)));
    near.min().map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_near_names_is_meant() {
        let near = |name: &str| nearest_name(name, ["web-app", "worker", "api"].into_iter());
        assert_eq!(near("web"), Some("web-app"));
        assert_eq!(near("workers"), Some("worker"));
        assert_eq!(near("wroker"), Some("worker"));
        assert_eq!(near("redis"), None);
    }
}
