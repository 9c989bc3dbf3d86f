//! How near files and names are to each other.

use crate::manifest::{Object, edit_distance};

/// What stands between the folders of a path.
const SEPARATORS: [char; 2] = ['/', '\\'];
/// The longest name of an object, bytes.
const LONGEST_NAME: usize = 253;

/// The innermost folder that two files are both in, with its final `/`; empty for the outermost.
pub(crate) fn fork<'s>(one: &'s str, other: &str) -> &'s str {
    let alike = one.bytes().zip(other.bytes());
    let length = alike.take_while(|(one, other)| one == other).count();
    // A separator is one byte, and no part of another letter.
    let is_separator = |byte: &u8| SEPARATORS.contains(&char::from(*byte));
    let folder = one.as_bytes()[..length].iter().rposition(is_separator);
    folder.map_or("", |at| &one[..=at])
}

/// Whether a file is right in a folder, and in none below it.
pub(crate) fn is_in(source: &str, folder: &str) -> bool {
    folder_of(source) == folder
}

/// The folder of a file, with its final `/`; empty for the outermost.
pub(crate) fn folder_of(source: &str) -> &str {
    let at = source.rfind(SEPARATORS);
    at.map_or("", |at| &source[..=at])
}

/// The folders that a file is in, each with its final `/`, from the outermost, which is empty, to its own.
pub(crate) fn folders_of(source: &str) -> impl Iterator<Item = &str> {
    let inner = source.match_indices(SEPARATORS);
    std::iter::once("").chain(inner.map(|(at, _)| &source[..=at]))
}

/// How near two files are: by the number of folders that both are in; of one file the greatest.
pub(crate) fn nearness(one: &str, other: &str) -> usize {
    if one == other {
        return usize::MAX;
    }
    fork(one, other).matches(SEPARATORS).count()
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
    fn files_are_near_by_the_folders_that_they_share() {
        assert_eq!(fork("a/b/c.yaml", "a/b/d.yaml"), "a/b/");
        assert_eq!(fork("a/bc/x.yaml", "a/bd/x.yaml"), "a/");
        assert_eq!(fork("x.yaml", "y.yaml"), "");
        assert_eq!(fork("größe/a.yaml", "größe/ä.yaml"), "größe/");
        assert!(is_in("a/b.yaml", "a/") && !is_in("a/b/c.yaml", "a/"));
        assert_eq!(nearness("a/b.yaml", "a/c.yaml"), 1);
        assert_eq!(nearness("a/b/c.yaml", "a/b/d/e.yaml"), 2);
        assert_eq!(nearness("a.yaml", "a.yaml"), usize::MAX);
    }

    #[test]
    fn the_nearest_of_near_names_is_meant() {
        let near = |name: &str| nearest_name(name, ["web-app", "worker", "api"].into_iter());
        assert_eq!(near("web"), Some("web-app"));
        assert_eq!(near("workers"), Some("worker"));
        assert_eq!(near("wroker"), Some("worker"));
        assert_eq!(near("redis"), None);
    }
}
