//! Paths and standard input to bytes.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::output::printable;
use crate::manifest::Source;

/// The largest manifest file that is read, bytes.
const LARGEST_MANIFEST: u64 = 256 << 20;
/// The largest scenario file that is read, bytes.
const LARGEST_SCENARIO: u64 = 4 << 20;
/// How deep folders are searched.
const DEEPEST: usize = 32;
/// The most files of a folder that are read.
const MOST_FILES: usize = 100_000;

/// The name under which standard input appears.
const STDIN: &str = "<stdin>";

/// Reads every manifest named: files, folders (their .yaml, .yml and .json, plain or .gz), standard input.
pub(super) fn manifests(paths: &[PathBuf]) -> Result<Vec<Source>> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!("standard input (-) was named twice, it can be read once");
    }
    let mut sources = Vec::new();
    for path in paths {
        if is_stdin(path) {
            sources.push(source(STDIN.to_owned(), io::stdin().lock())?);
        } else if path.is_dir() {
            let mut files = Vec::new();
            list(path, 0, &mut files)?;
            if files.is_empty() {
                bail!(
                    "{}: no .yaml, .yml or .json file in this folder",
                    shown(path)
                );
            }
            files.sort();
            for file in &files {
                sources.push(open_source(file)?);
            }
        } else {
            sources.push(open_source(path)?);
        }
    }
    Ok(sources)
}

/// Opens a trace for streaming, with the name under which it appears.
pub(super) fn trace(path: &Path) -> Result<(String, Box<dyn Read>)> {
    if is_stdin(path) {
        return Ok((STDIN.to_owned(), Box::new(io::stdin().lock())));
    }
    let name = path.to_string_lossy().into_owned();
    Ok((
        name,
        Box::new(BufReader::with_capacity(1 << 20, open(path)?)),
    ))
}

/// Reads a scenario file.
pub(super) fn scenario(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = open(path)?
        .take(LARGEST_SCENARIO + 1)
        .read_to_string(&mut text);
    let bytes = read.with_context(|| format!("{}: not a scenario file", shown(path)))?;
    if bytes as u64 > LARGEST_SCENARIO {
        bail!(
            "{}: larger than 4 MiB, expected a scenario file",
            shown(path)
        );
    }
    Ok(text)
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A path, safe to print.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn open(path: &Path) -> Result<File> {
    if path.is_dir() {
        bail!("{}: is a folder, expected a file", shown(path));
    }
    File::open(path).with_context(|| format!("{}: cannot be read", shown(path)))
}

fn open_source(path: &Path) -> Result<Source> {
    source(path.to_string_lossy().into_owned(), open(path)?)
}

fn source(name: String, input: impl Read) -> Result<Source> {
    let mut bytes = Vec::new();
    let read = input.take(LARGEST_MANIFEST + 1).read_to_end(&mut bytes);
    read.with_context(|| format!("{}: cannot be read", printable(&name)))?;
    if bytes.len() as u64 > LARGEST_MANIFEST {
        bail!(
            "{}: larger than 256 MiB, expected a manifest",
            printable(&name)
        );
    }
    Ok(Source { name, bytes })
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    if depth > DEEPEST {
        bail!(
            "{}: folders are nested deeper than {DEEPEST}",
            shown(folder)
        );
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("{}: cannot be listed", shown(folder)))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("{}: cannot be listed", shown(folder)))?
            .path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            list(&path, depth + 1, files)?;
        } else if is_manifest(&path) {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            bail!("{}: more than {MOST_FILES} manifests", shown(folder));
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    Path::new(name).extension().is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension == *known)
    })
}
