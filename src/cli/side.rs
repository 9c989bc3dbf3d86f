//! One side of `scaleplan diff`: where its manifests come from, and what they hold.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::diff_args::DiffArgs;
use super::exclude::Exclude;
use super::git_side;
use super::input::{self, is_stdin, shown};
use crate::manifest::{self, Manifests, Objects, Source, read_objects};

/// One version of the manifests.
pub(super) struct Side {
    /// What the user calls it.
    pub(super) label: String,
    /// Its files; names are as seen from its root, so that those of both sides agree.
    pub(super) sources: Vec<Source>,
    /// One line for each file that could not be read.
    pub(super) problems: Vec<String>,
}

impl Side {
    pub(super) fn new(label: String) -> Self {
        Self {
            label,
            sources: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What a replay reads of it. What is wrong becomes a problem.
    pub(super) fn manifests(&mut self) -> Manifests {
        let copies = self.sources.iter().map(|source| Source {
            name: source.name.clone(),
            bytes: source.bytes.clone(),
        });
        let read = manifest::read(copies.collect());
        let problems = read.errors.iter().map(ToString::to_string);
        self.problems.extend(problems);
        read
    }

    /// What rules look at.
    pub(super) fn into_objects(self) -> Objects {
        read_objects(self.sources)
    }
}

/// Reads both sides.
pub(super) fn sides(args: &DiffArgs, exclude: &[Exclude]) -> Result<(Side, Side)> {
    let (base, head) = match &args.head {
        Some(head) => (args.base.clone(), Some(head.clone())),
        None if !is_path(&args.base, args) => match git_side::range(&args.base)? {
            Some((base, head)) => (base, Some(head)),
            None => (args.base.clone(), None),
        },
        None => bail!(
            "HEAD is missing: only a git revision can be compared with the working tree, and {} is a path",
            shown(Path::new(&args.base))
        ),
    };
    if base == "-" && head.as_deref() == Some("-") {
        bail!("standard input (-) was named twice, it can be read once");
    }
    let paths: Vec<PathBuf> = args.path.iter().chain(&args.paths).cloned().collect();
    let base_side = read(&base, args, &paths, exclude)?;
    let head_side = match head {
        Some(head) => read(&head, args, &paths, exclude)?,
        None => git_side::working_tree(&paths, exclude)?,
    };
    Ok((base_side, head_side))
}

/// Whether a side is a path: it is there, and nobody said that revisions are meant.
fn is_path(name: &str, args: &DiffArgs) -> bool {
    !args.git && (name == "-" || Path::new(name).exists())
}

fn read(name: &str, args: &DiffArgs, paths: &[PathBuf], exclude: &[Exclude]) -> Result<Side> {
    if !is_path(name, args) {
        return git_side::revision(name, paths, exclude);
    }
    let root = Path::new(name);
    let mut side = Side::new(name.to_owned());
    if is_stdin(root) || !root.is_dir() {
        side.sources.push(input::manifest_source(root)?);
        return Ok(side);
    }
    let leaves_out = |path: &Path| {
        let whole = std::path::absolute(path);
        whole.is_ok_and(|whole| exclude.iter().any(|it| it.holds(&whole)))
    };
    let mut files = Vec::new();
    if paths.is_empty() {
        files = input::files_in(root, &leaves_out)?;
    }
    for path in paths {
        let below = root.join(path);
        if below.is_dir() {
            files.extend(input::files_in(&below, &leaves_out)?);
        } else if below.exists() {
            files.push(below);
        }
    }
    files.sort();
    files.dedup();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        let name = name.to_string_lossy().into_owned();
        match input::manifest_source(&file) {
            Ok(source) => side.sources.push(Source { name, ..source }),
            Err(problem) => side.problems.push(format!("{problem:#}")),
        }
    }
    Ok(side)
}
