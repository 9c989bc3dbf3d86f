//! Paths to objects for `scaleplan lint`: files are listed in order and read on all cores.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::exclude::Exclude;
use super::input;
use crate::manifest::{ErrorKind, ObjectReader, Objects, Source};

/// What was read.
#[derive(Default)]
pub(super) struct LintFiles {
    pub(super) objects: Objects,
    /// How many files were read.
    pub(super) count: usize,
    /// One line for each file that could not be read, in order.
    pub(super) problems: Vec<String>,
}

/// The files that paths name, each once, in order: of folders what is in them, sorted.
pub(super) fn list(paths: &[PathBuf], exclude: &[Exclude]) -> Result<Vec<PathBuf>> {
    if paths.iter().filter(|path| input::is_stdin(path)).count() > 1 {
        bail!("standard input (-) was named twice, it can be read once");
    }
    let is_excluded = |path: &Path| {
        let whole = std::path::absolute(path);
        whole.is_ok_and(|whole| exclude.iter().any(|it| it.holds(&whole)))
    };
    let mut files = Vec::new();
    let mut listed = BTreeSet::new();
    for path in paths {
        if input::is_stdin(path) {
            files.push(path.clone());
        } else if path.is_dir() {
            for file in input::files_in(path, &is_excluded)? {
                if listed.insert(file.clone()) {
                    files.push(file);
                }
            }
        } else if !is_excluded(path) && listed.insert(path.clone()) {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Whether there is nothing to lint. Of a file that may be meant so; what is piped was to be manifests.
fn holds_nothing(objects: &Objects) -> bool {
    let mut errors = objects.errors.iter();
    objects.objects.is_empty() && errors.all(|error| error.kind == ErrorKind::NotAnObject)
}

/// A file as it is named from the folder of another: by the way there, with `/` between folders. What has no place among
/// files, such as standard input, keeps its name.
pub(super) fn seen_from(other: &Path, source: &str) -> String {
    let (Ok(here), Ok(there)) = (std::path::absolute(other), std::path::absolute(source)) else {
        return source.to_owned();
    };
    if source == input::source_name(Path::new("-")) {
        return source.to_owned();
    }
    let mut folder = parts_of(&here);
    folder.pop();
    let parts = parts_of(&there);
    let alike = folder.iter().zip(&parts);
    let shared = alike.take_while(|(one, other)| one == other).count();
    let up = folder[shared..].iter().map(|_| "..".into());
    let down = parts[shared..].iter();
    let down = down.map(|part| part.as_os_str().to_string_lossy());
    up.chain(down).collect::<Vec<Cow<'_, str>>>().join("/")
}

/// The parts of a path, `..` carried out.
fn parts_of(path: &Path) -> Vec<Component<'_>> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts
}

/// Reads files. What cannot be opened is a problem, what is no manifest is for the rules to tell.
pub(super) fn read(files: &[PathBuf]) -> LintFiles {
    let read_one = |reader: &mut ObjectReader, path: &PathBuf| -> Result<Objects, String> {
        let source: Result<Source> = input::manifest_source(path);
        let source = source.map_err(|problem| format!("{problem:#}"))?;
        let objects = reader.read(source);
        if input::is_stdin(path) && holds_nothing(&objects) {
            return Err(format!(
                "{}: no Kubernetes object in it, expected manifests",
                input::source_name(path)
            ));
        }
        Ok(objects)
    };
    let read: Vec<Result<Objects, String>> = files
        .par_iter()
        .map_init(ObjectReader::new, read_one)
        .collect();
    let mut all = LintFiles::default();
    for objects in read {
        match objects {
            Ok(objects) => {
                all.objects.append(objects);
                all.count += 1;
            }
            Err(problem) => all.problems.push(problem),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(baseline: &str, source: &str, expected: &str) {
        assert_eq!(seen_from(Path::new(baseline), source), expected);
    }

    #[test]
    fn a_file_is_named_by_the_way_from_the_baseline() {
        check("known.json", "k8s/web.yaml", "k8s/web.yaml");
        check("known.json", "./k8s/../web.yaml", "web.yaml");
        check("ci/known.json", "k8s/web.yaml", "../k8s/web.yaml");
        check("/repo/known.json", "/repo/k8s/web.yaml", "k8s/web.yaml");
        check(
            "/repo/ci/known.json",
            "/repo/k8s/web.yaml",
            "../k8s/web.yaml",
        );
        check("/repo/known.json", "<stdin>", "<stdin>");
    }
}
