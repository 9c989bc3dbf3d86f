//! Manifests of a git revision or of the working tree, read by the user's own git.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, anyhow, bail};

use super::exclude::Exclude;
use super::input::{self, LARGEST_MANIFEST, MOST_FILES, shown};
use super::output::{printable, reason};
use super::side::Side;
use crate::manifest::Source;

/// What stands for a file in a listing: not a link, not a repository within.
const PLAIN_FILE: &str = "100";

/// The two revisions of `A..B` or `A...B`; an empty one is `HEAD`. Of three dots the first is where both parted, as a pull
/// request is shown. `None` where the text is a revision alone.
pub(super) fn range(text: &str) -> Result<Option<(String, String)>> {
    let or_head = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
    if let Some((one, other)) = text.split_once("...") {
        let (one, other) = (or_head(one), or_head(other));
        let (from, to) = (object(&one, "commit")?, object(&other, "commit")?);
        let found = git(&["merge-base", &from, &to]).map_err(|_| {
            anyhow!(
                "{}: no commit is before both; is the history complete (git fetch --unshallow)?",
                printable(text)
            )
        })?;
        return Ok(Some((trimmed(&found), other)));
    }
    let two = text.split_once("..");
    Ok(two.map(|(one, other)| (or_head(one), or_head(other))))
}

/// The manifests of a revision, below some paths from the working folder, or all.
pub(super) fn revision(name: &str, paths: &[PathBuf], exclude: &[Exclude]) -> Result<Side> {
    let tree = object(name, "tree")?;
    let mut arguments = vec!["ls-tree", "-r", "-z", "--long", "--full-name"];
    if paths.is_empty() {
        arguments.push("--full-tree");
    }
    arguments.extend([tree.as_str(), "--"]);
    let paths = texts(paths)?;
    arguments.extend(paths.iter().map(String::as_str));
    let listing = git(&arguments).with_context(|| printable(name))?;
    let top = top_level()?;
    let mut side = Side::new(name.to_owned());
    let mut wanted = Vec::new();
    for entry in listing.split(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        let Some((facts, path)) = entry.split_once('\t') else {
            continue;
        };
        let mut facts = facts.split_ascii_whitespace();
        let (mode, _kind, id, size) = (facts.next(), facts.next(), facts.next(), facts.next());
        let is_file = mode.is_some_and(|mode| mode.starts_with(PLAIN_FILE));
        let Some(id) = id.filter(|_| is_file && is_wanted(path, &top, exclude)) else {
            continue;
        };
        let size = size.and_then(|size| size.parse::<u64>().ok());
        if size.is_some_and(|size| size > LARGEST_MANIFEST) {
            let most = LARGEST_MANIFEST >> 20;
            side.problems.push(format!(
                "{}: larger than {most} MiB, expected a manifest",
                printable(path)
            ));
            continue;
        }
        wanted.push((id.to_owned(), path.to_owned()));
    }
    if wanted.len() > MOST_FILES {
        bail!("{}: more than {MOST_FILES} manifests", printable(name));
    }
    side.sources = contents(wanted)?;
    Ok(side)
}

/// The manifests of the working tree that git does not ignore, below some paths from the working folder, or all.
pub(super) fn working_tree(paths: &[PathBuf], exclude: &[Exclude]) -> Result<Side> {
    let top = top_level()?;
    let mut arguments = vec!["ls-files", "-z", "--full-name", "--cached", "--others"];
    arguments.extend(["--exclude-standard", "--"]);
    let mut paths = texts(paths)?;
    if paths.is_empty() {
        paths.push(":/".to_owned());
    }
    arguments.extend(paths.iter().map(String::as_str));
    let listing = git(&arguments)?;
    let mut names: Vec<String> = listing
        .split(|byte| *byte == 0)
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .filter(|name| is_wanted(name, &top, exclude))
        .collect();
    names.sort();
    names.dedup();
    let mut side = Side::new("the working tree".to_owned());
    for name in names {
        let path = top.join(&name);
        // What was deleted is still listed; links are not followed, as in a revision.
        let is_file = path.symlink_metadata().is_ok_and(|facts| facts.is_file());
        if !is_file {
            continue;
        }
        match input::manifest_source(&path) {
            Ok(source) => side.sources.push(Source { name, ..source }),
            Err(problem) => side.problems.push(format!("{problem:#}")),
        }
    }
    Ok(side)
}

fn is_wanted(name: &str, top: &Path, exclude: &[Exclude]) -> bool {
    let is_hidden = name.split('/').any(|part| part.starts_with('.'));
    let whole = top.join(name);
    input::is_manifest(name) && !is_hidden && !exclude.iter().any(|it| it.holds(&whole))
}

/// The id of what a name stands for, as an object of a kind.
fn object(name: &str, kind: &str) -> Result<String> {
    let wanted = format!("{name}^{{{kind}}}");
    let found = git(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ]);
    let found = found.map_err(|error| {
        if error.downcast_ref::<NotThere>().is_some() {
            return error;
        }
        anyhow!(
            "{}: there is no such file or folder, and no such revision of a git repository here",
            printable(name)
        )
    })?;
    Ok(trimmed(&found))
}

fn top_level() -> Result<PathBuf> {
    let found = git(&["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(trimmed(&found)))
}

/// The contents of objects, each with its name.
fn contents(wanted: Vec<(String, String)>) -> Result<Vec<Source>> {
    let mut child = command()
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| cannot_run(&error))?;
    let ids: Vec<&str> = wanted.iter().map(|(id, _)| id.as_str()).collect();
    let ids = ids.join("\n") + "\n";
    let stdin = child.stdin.take();
    // Beside the reading: neither pipe holds everything.
    let asking = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(ids.as_bytes())));
    let mut answer = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut answer).context("git cat-file")?;
    }
    let status = child.wait().context("git cat-file")?;
    if asking.join().is_err() || !status.success() {
        bail!("git cat-file: failed");
    }
    let mut sources = Vec::new();
    let mut rest = answer.as_slice();
    for (_, name) in wanted {
        let (bytes, after) = next_object(rest)
            .ok_or_else(|| anyhow!("git cat-file: {} cannot be read", printable(&name)))?;
        sources.push(Source {
            name,
            bytes: bytes.to_vec(),
        });
        rest = after;
    }
    Ok(sources)
}

/// The first object of an answer of `cat-file --batch`, and the rest of the answer.
fn next_object(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = answer.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&answer[..line]).ok()?;
    let size: usize = head.split(' ').nth(2)?.parse().ok()?;
    let begin = line + 1;
    let bytes = answer.get(begin..begin.checked_add(size)?)?;
    let after = answer.get(begin + size + 1..)?;
    Some((bytes, after))
}

/// That git itself is not there.
#[derive(Debug, thiserror::Error)]
#[error("git was not found on the PATH, expected it to read a revision")]
struct NotThere;

/// What git prints.
fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let output = command()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| cannot_run(&error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty());
        let said = first.unwrap_or("failed without a word");
        bail!("git: {}", printable(said.trim_start_matches("fatal: ")));
    }
    Ok(output.stdout)
}

fn command() -> Command {
    let mut command = Command::new("git");
    command.arg("--no-pager").env("LC_ALL", "C");
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command
}

fn cannot_run(error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => NotThere.into(),
        _ => anyhow!("git cannot be run: {}", reason(error)),
    }
}

fn texts(paths: &[PathBuf]) -> Result<Vec<String>> {
    let text = |path: &PathBuf| {
        let text = path.to_str().map(ToOwned::to_owned);
        text.ok_or_else(|| anyhow!("{}: is not UTF-8, expected a path for git", shown(path)))
    };
    paths.iter().map(text).collect()
}

fn trimmed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart_by_its_sizes() {
        let answer = b"1a blob 3\na\nb\n2b blob 0\n\n";
        let (first, rest) = next_object(answer).expect("there are two");
        assert_eq!(first, b"a\nb");
        let (second, rest) = next_object(rest).expect("there are two");
        assert_eq!((second, rest), (&b""[..], &b""[..]));
        assert_eq!(next_object(b"1a missing\n"), None);
        assert_eq!(next_object(b"1a blob 9\nabc\n"), None);
    }
}
