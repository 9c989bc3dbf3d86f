//! Paths and standard input to bytes, one manifest after the other.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::output::{printable, reason};
use crate::manifest::{self, Manifests, Source};

/// The largest manifest file that is read, bytes.
pub(super) const LARGEST_MANIFEST: u64 = 128 << 20;
/// The largest scenario file that is read, bytes.
const LARGEST_SCENARIO: u64 = 1 << 20;
/// The largest saved run that is read, bytes: some years with every sync.
const LARGEST_RUN: u64 = 1 << 30;
/// The largest settings file of lint that is read, bytes.
const LARGEST_LINT_CONFIG: u64 = 64 << 10;
/// The largest baseline that is read, bytes.
const LARGEST_BASELINE: u64 = 256 << 20;
/// The largest file of service times that is read, bytes: a million lines of many digits.
const LARGEST_SAMPLES: u64 = 64 << 20;
/// The largest secret that is read, bytes.
const LARGEST_SECRET: u64 = 64 << 10;
/// The largest file of certificates that is read, bytes.
const LARGEST_CERTIFICATES: u64 = 4 << 20;
/// How deep folders are searched.
const DEEPEST: usize = 32;
/// The most files of a folder that are read.
pub(super) const MOST_FILES: usize = 100_000;

/// The name under which standard input appears.
const STDIN: &str = "<stdin>";

/// What manifests hold, and what could not be read of them.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) manifests: Manifests,
    /// One line for each problem, in the order of the files.
    pub(super) problems: Vec<String>,
}

/// Reads every manifest named: files, folders (their .yaml, .yml and .json, plain or .gz), standard input.
///
/// A file that is named has to be there; within a folder reading goes on past what cannot be read.
pub(super) fn manifests(paths: &[PathBuf]) -> Result<Gathered> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!("standard input (-) was named twice, it can be read once");
    }
    let mut gathered = Gathered::default();
    for path in paths {
        if is_stdin(path) {
            gathered.add(source(STDIN.to_owned(), io::stdin().lock())?);
        } else if path.is_dir() {
            gathered.add_folder(path)?;
        } else {
            gathered.add(open_source(path)?);
        }
    }
    Ok(gathered)
}

/// What these sources hold, as [`manifests`] has it of files.
pub(super) fn gathered(sources: Vec<Source>) -> Gathered {
    let mut gathered = Gathered::default();
    for source in sources {
        gathered.add(source);
    }
    gathered
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
    text(path, LARGEST_SCENARIO, "a scenario file")
}

/// Reads a saved run, or that of standard input.
pub(super) fn saved_run(path: &Path) -> Result<String> {
    let bytes = if is_stdin(path) {
        read_at_most(io::stdin().lock(), LARGEST_RUN, STDIN, "a saved run")?
    } else {
        read_at_most(open(path)?, LARGEST_RUN, &shown(path), "a saved run")?
    };
    String::from_utf8(bytes)
        .map_err(|_| anyhow!("{}: is not UTF-8 text, expected a saved run", shown(path)))
}

/// Reads a file of measured service times.
pub(super) fn service_samples(path: &Path) -> Result<String> {
    text(path, LARGEST_SAMPLES, "a file of service times")
}

/// Reads the settings file of lint.
pub(super) fn lint_config(path: &Path) -> Result<String> {
    text(path, LARGEST_LINT_CONFIG, "a settings file")
}

/// Reads a baseline.
pub(super) fn baseline(path: &Path) -> Result<String> {
    text(path, LARGEST_BASELINE, "a baseline")
}

/// Reads a secret.
pub(super) fn secret(path: &Path) -> Result<String> {
    text(path, LARGEST_SECRET, "a secret")
}

/// Reads certificates.
pub(super) fn certificates(path: &Path) -> Result<Vec<u8>> {
    read_at_most(
        open(path)?,
        LARGEST_CERTIFICATES,
        &shown(path),
        "certificates in PEM",
    )
}

/// Reads one manifest's bytes, or those of standard input.
pub(super) fn manifest_source(path: &Path) -> Result<Source> {
    if is_stdin(path) {
        source(STDIN.to_owned(), io::stdin().lock())
    } else {
        open_source(path)
    }
}

/// The name under which a manifest appears.
pub(super) fn source_name(path: &Path) -> String {
    if is_stdin(path) {
        STDIN.to_owned()
    } else {
        path.to_string_lossy().into_owned()
    }
}

/// The manifests in a folder and the folders below it, sorted, without what is left out.
pub(super) fn files_in(folder: &Path, leaves_out: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut listing = Listing::default();
    listing.list(folder, 0, leaves_out)?;
    if listing.files.is_empty() && !listing.has_left_out {
        bail!(
            "{}: no .yaml, .yml or .json file in this folder",
            shown(folder)
        );
    }
    listing.files.sort();
    // What is in the working folder is named as people name it.
    let bare = |file: PathBuf| file.strip_prefix(".").map_or(file.clone(), Path::to_owned);
    Ok(listing.files.into_iter().map(bare).collect())
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A path, safe to print.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

impl Gathered {
    /// Reads one source; of its bytes only the objects asked for stay.
    fn add(&mut self, source: Source) {
        let Manifests {
            autoscalers,
            refused_autoscalers,
            workloads,
            services,
            skipped,
            errors,
            warnings,
        } = manifest::read(vec![source]);
        let all = &mut self.manifests;
        all.autoscalers.extend(autoscalers);
        all.refused_autoscalers += refused_autoscalers;
        all.workloads.extend(workloads);
        all.services.extend(services);
        all.warnings.extend(warnings);
        for (kind, count) in skipped {
            *all.skipped.entry(kind).or_default() += count;
        }
        let problems = errors.iter().map(ToString::to_string);
        self.problems.extend(problems);
        all.errors.extend(errors);
    }

    fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for file in &files_in(folder, &|_| false)? {
            match open_source(file) {
                Ok(source) => self.add(source),
                Err(problem) => self.problems.push(format!("{problem:#}")),
            }
        }
        Ok(())
    }
}

/// The manifests in a folder and the folders below it.
#[derive(Default)]
struct Listing {
    files: Vec<PathBuf>,
    /// Folders that were listed, as links may lead round in circles.
    listed: BTreeSet<PathBuf>,
    /// Something was left out as asked.
    has_left_out: bool,
}

impl Listing {
    fn list(
        &mut self,
        folder: &Path,
        depth: usize,
        leaves_out: &dyn Fn(&Path) -> bool,
    ) -> Result<()> {
        if depth > DEEPEST {
            bail!(
                "{}: folders are nested deeper than {DEEPEST}",
                shown(folder)
            );
        }
        let cannot =
            |error: io::Error| anyhow!("{}: cannot be listed: {}", shown(folder), reason(&error));
        if !self.listed.insert(folder.canonicalize().map_err(cannot)?) {
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            if leaves_out(&path) {
                self.has_left_out = true;
                continue;
            }
            if path.is_dir() {
                self.list(&path, depth + 1, leaves_out)?;
            } else if is_manifest(&name) && !is_special(&path) {
                self.files.push(path);
            }
            if self.files.len() > MOST_FILES {
                bail!("{}: more than {MOST_FILES} manifests", shown(folder));
            }
        }
        Ok(())
    }
}

fn text(path: &Path, most: u64, expected: &str) -> Result<String> {
    let bytes = read_at_most(open(path)?, most, &shown(path), expected)?;
    String::from_utf8(bytes)
        .map_err(|_| anyhow!("{}: is not UTF-8 text, expected {expected}", shown(path)))
}

fn open(path: &Path) -> Result<File> {
    if path.is_dir() {
        bail!("{}: is a folder, expected a file", shown(path));
    }
    File::open(path).map_err(|error| cannot_be_read(&shown(path), &error))
}

fn open_source(path: &Path) -> Result<Source> {
    source(source_name(path), open(path)?)
}

fn source(name: String, input: impl Read) -> Result<Source> {
    let mut bytes = read_at_most(input, LARGEST_MANIFEST, &printable(&name), "a manifest")?;
    // It is kept for as long as its objects are.
    bytes.shrink_to_fit();
    Ok(Source { name, bytes })
}

/// Reads all bytes of an input that is not larger than `most`.
pub(super) fn read_at_most(
    input: impl Read,
    most: u64,
    shown: &str,
    expected: &str,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = input.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| cannot_be_read(shown, &error))?;
    if bytes.len() as u64 > most {
        bail!(
            "{shown}: larger than {} MiB, expected {expected}",
            most >> 20
        );
    }
    Ok(bytes)
}

fn cannot_be_read(shown: &str, error: &io::Error) -> anyhow::Error {
    anyhow!("{shown}: cannot be read: {}", reason(error))
}

/// Whether a path leads to a pipe or a device, which might never end.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

pub(super) fn is_manifest(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_known_by_their_names() {
        for name in ["a.yaml", "B.YML", "c.json", "d.yaml.gz", "x.y.json.GZ"] {
            assert!(is_manifest(name), "{name}");
        }
        for name in ["a.txt", "yaml", "a.yaml.bak", "a.gz", "a.tar.gz"] {
            assert!(!is_manifest(name), "{name}");
        }
    }
}
