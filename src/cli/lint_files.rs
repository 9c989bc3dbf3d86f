//! Paths to objects for `scaleplan lint`: files are listed in order and read on all cores.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::exclude::Exclude;
use super::input;
use crate::manifest::{Objects, Source, read_objects};

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

/// Reads files. What cannot be opened is a problem, what is no manifest is for the rules to tell.
pub(super) fn read(files: &[PathBuf]) -> LintFiles {
    let read_one = |path: &PathBuf| -> Result<Objects, String> {
        let source: Result<Source> = input::manifest_source(path);
        let source = source.map_err(|problem| format!("{problem:#}"))?;
        Ok(read_objects(vec![source]))
    };
    let read: Vec<Result<Objects, String>> = files.par_iter().map(read_one).collect();
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
