//! `Alternatives`: places in the tree of files from which a cluster gets one branch only, such as stages and samples.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::nearness::{folders_of, fork, is_in};
use crate::manifest::{Form, Object};

/// The folders in which two branches hold the same object.
///
/// A cluster has one object of a kind, namespace and name. Where `prod/` and `test/` both have the Deployment `web`,
/// or two files of a folder do, they are meant for different clusters, or to be tried in turn, and what stands in one
/// has nothing to do with what stands in the other.
#[derive(Debug, Default)]
pub(crate) struct Alternatives<'a> {
    folders: BTreeSet<&'a str>,
}

impl<'a> Alternatives<'a> {
    /// Of all objects, each with whether it makes pods. Only autoscalers and what they scale count: other objects, such
    /// as a Namespace, are often repeated so that each folder can be applied alone. Patches are no objects yet.
    pub(crate) fn of(objects: impl Iterator<Item = (&'a Object, bool)>) -> Self {
        let mut last: HashMap<(&str, &str, &str), &'a str> = HashMap::new();
        let mut folders = BTreeSet::new();
        for (object, makes_pods) in objects {
            let counts = match &object.form {
                Form::Autoscaler(_) | Form::ScaledObject(_) | Form::Workload(_) => true,
                Form::Other => makes_pods,
                _ => false,
            };
            if !counts || object.name.is_empty() {
                continue;
            }
            let key = (
                object.kind.as_str(),
                object.namespace_or_default(),
                object.name.as_str(),
            );
            let source = object.document.source_name();
            // Files come in order, so that neighbours part wherever any two of them do.
            let before = last.insert(key, source);
            folders.extend(
                before
                    .filter(|before| *before != source)
                    .map(|before| fork(before, source)),
            );
        }
        Self { folders }
    }

    /// Whether two objects stand in branches of which a cluster gets one.
    pub(crate) fn part(&self, one: &Object, other: &Object) -> bool {
        let (one, other) = (one.document.source_name(), other.document.source_name());
        !self.folders.is_empty() && one != other && self.folders.contains(fork(one, other))
    }

    /// The parts of a list, ordered by file, whose files stand in no other branch than one file does: of thousands of
    /// branches nobody has to look at each.
    pub(crate) fn beside<T>(
        &self,
        list: &[T],
        source_of: impl Fn(&T) -> &str,
        source: &str,
    ) -> Vec<Range<usize>> {
        let below = |prefix: &str| {
            let from = list.partition_point(|it| source_of(it) < prefix);
            let rest = &list[from..];
            from..from + rest.partition_point(|it| source_of(it).starts_with(prefix))
        };
        if self.folders.is_empty() {
            return std::iter::once(0..list.len()).collect();
        }
        let mut parts = Vec::new();
        // The outermost folder whose files are all within reach, but for those of a folder with branches further down.
        let mut reach: Option<Range<usize>> = None;
        for folder in folders_of(source) {
            if self.folders.contains(folder) {
                if let Some(all) = reach.take() {
                    let hole = below(folder);
                    parts.extend([all.start..hole.start, hole.end..all.end]);
                }
            } else if reach.is_none() {
                reach = Some(below(folder));
            }
        }
        parts.push(reach.unwrap_or_else(|| below(source)));
        parts.sort_unstable_by_key(|part| part.start);
        parts
    }

    /// Whether two objects of one namespace are surely deployed together: they stand in one file or one folder, or both
    /// name their namespace, and nothing speaks against it. That `default` is named says little: samples do.
    pub(crate) fn are_together(&self, one: &Object, other: &Object) -> bool {
        let (here, there) = (one.document.source_name(), other.document.source_name());
        if here == there {
            return true;
        }
        let is_named = one.namespace == other.namespace && names_a_namespace(one);
        let folder = fork(here, there);
        let is_one_folder = is_in(here, folder) && is_in(there, folder);
        (is_named || is_one_folder) && !self.folders.contains(folder)
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Whether the files of a folder are alternatives of each other.
    pub(crate) fn has(&self, folder: &str) -> bool {
        self.folders.contains(folder)
    }
}

/// Whether an object names a namespace that is somebody's own.
pub(crate) fn names_a_namespace(object: &Object) -> bool {
    let name = object.namespace.as_deref();
    name.is_some_and(|name| name != "default")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Objects, Source, read_objects};

    /// Files, each with the Deployment of this namespace and name.
    fn deployments(files: &[(&str, &str, &str)]) -> Objects {
        let source = |(path, namespace, name): &(&str, &str, &str)| {
            Source {
            name: (*path).to_owned(),
            bytes: format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}{namespace}}}\nspec:\n  \
                 selector: {{matchLabels: {{app: web}}}}\n  \
                 template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: web}}]}}}}\n"
            )
            .into_bytes(),
        }
        };
        read_objects(files.iter().map(source).collect())
    }

    /// Whether the first two are together.
    #[track_caller]
    fn check(files: &[(&str, &str, &str)], expected: bool) {
        let read = deployments(files);
        assert_eq!(read.errors, []);
        let found = Alternatives::of(read.objects.iter().map(|object| (object, true)));
        let are = found.are_together(&read.objects[0], &read.objects[1]);
        assert_eq!(are, expected, "{files:?}");
        if are {
            assert!(!found.part(&read.objects[0], &read.objects[1]));
        }
    }

    #[test]
    fn what_is_beside_is_found_without_looking_at_the_other_branches() {
        let own = ", namespace: shop";
        let files = [
            ("a.yaml", own, "x"),
            ("eu/1/a.yaml", own, "a"),
            ("eu/1/b.yaml", own, "b"),
            ("eu/2/a.yaml", own, "a"),
            ("eu/2/deep/c/x.yaml", own, "c"),
            ("eu/2/deep/d/x.yaml", own, "c"),
            ("eu/2/deep/d/x.yaml.more", own, "d"),
            ("eu/b.yaml", own, "e"),
            ("us/a.yaml", own, "f"),
            ("us/b.yaml", own, "f"),
        ];
        let read = deployments(&files);
        let found = Alternatives::of(read.objects.iter().map(|object| (object, true)));
        let source = |it: &Object| it.document.source_name().to_owned();
        let sources: Vec<String> = read.objects.iter().map(source).collect();
        for (one, here) in read.objects.iter().zip(&sources) {
            let parts = found.beside(&sources, |it| it, here);
            let near: Vec<&Object> = parts
                .into_iter()
                .flat_map(|part| &read.objects[part])
                .collect();
            let expected: Vec<&Object> = read
                .objects
                .iter()
                .filter(|it| !found.part(one, it))
                .collect();
            let near: Vec<&Object> = near.into_iter().filter(|it| !found.part(one, it)).collect();
            let names = |of: &[&Object]| of.iter().map(|it| source(it)).collect::<Vec<_>>();
            assert_eq!(names(&near), names(&expected), "{here}");
        }
        // Of four thousand stages that all have the same, one sees itself.
        let many: Vec<String> = (0..4_000)
            .map(|number| format!("s{number:04}/a.yaml"))
            .collect();
        let stages: Vec<(&str, &str, &str)> =
            many.iter().map(|file| (file.as_str(), "", "a")).collect();
        let read = deployments(&stages);
        let found = Alternatives::of(read.objects.iter().map(|object| (object, true)));
        let seen = found.beside(&many, |it| it, "s2000/a.yaml");
        assert_eq!(seen.into_iter().flatten().collect::<Vec<_>>(), [2_000]);
    }

    #[test]
    fn a_folder_is_deployed_together() {
        check(&[("k8s/a.yaml", "", "a"), ("k8s/b.yaml", "", "b")], true);
        check(&[("a.yaml", "", "a"), ("b.yaml", "", "b")], true);
        check(&[("k8s/a.yaml", "", "a"), ("other/b.yaml", "", "b")], false);
        check(&[("k8s/a.yaml", "", "a"), ("b.yaml", "", "b")], false);
    }

    #[test]
    fn a_namespace_of_ones_own_joins_folders() {
        let own = ", namespace: shop";
        check(&[("x/a.yaml", own, "a"), ("y/b.yaml", own, "b")], true);
        let usual = ", namespace: default";
        check(&[("x/a.yaml", usual, "a"), ("y/b.yaml", usual, "b")], false);
    }

    #[test]
    fn what_stands_twice_shows_that_a_cluster_gets_one_of_the_two() {
        let own = ", namespace: shop";
        check(
            &[
                ("eu/a.yaml", own, "a"),
                ("us/b.yaml", own, "b"),
                ("us/c.yaml", own, "a"),
            ],
            false,
        );
        // Samples of one folder.
        check(
            &[
                ("docs/1.yaml", "", "a"),
                ("docs/2.yaml", "", "b"),
                ("docs/3.yaml", "", "a"),
            ],
            false,
        );
        // What parts the stages says nothing of the files within one.
        check(
            &[
                ("eu/a.yaml", own, "a"),
                ("eu/b.yaml", own, "b"),
                ("us/a.yaml", own, "a"),
            ],
            true,
        );
    }
}
