//! Bytes to paths and the standard streams; colour; broken pipes.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use super::args::ColourChoice;
use super::exit::ExitStatus;
use super::input::shown;

/// Prints a report.
pub(super) fn report(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .context("standard output cannot be written")?;
    stdout.flush().context("standard output cannot be written")
}

/// Prints one line to standard error, after a coloured word.
fn line(word: &str, style: anstyle::Style, text: &str) {
    // A standard error that cannot be written leaves nobody to tell.
    let _ = writeln!(
        anstream::stderr().lock(),
        "{style}{word}:{style:#} {}",
        printable(text)
    );
}

/// Prints an error.
pub(super) fn error(text: &str) {
    line("error", anstyle::AnsiColor::Red.on_default().bold(), text);
}

/// Prints a warning.
pub(super) fn warning(text: &str) {
    line(
        "warning",
        anstyle::AnsiColor::Yellow.on_default().bold(),
        text,
    );
}

/// Prints a note.
pub(super) fn note(text: &str) {
    line("note", anstyle::AnsiColor::Cyan.on_default().bold(), text);
}

/// Prints clap's own words: help to standard output, errors to standard error.
pub(super) fn show_usage(error: &clap::Error) -> ExitStatus {
    let _ = error.print();
    if error.use_stderr() {
        ExitStatus::CouldNot
    } else {
        ExitStatus::Clean
    }
}

/// Whether an error only says that the reader of our output has gone.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// Whether the report may be coloured.
pub(super) fn colours(choice: ColourChoice) -> bool {
    match choice {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => {
            io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// How wide the terminal is, if there is one that says so.
pub(super) fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
}

/// A file that appears whole or not at all: the bytes go beside it first.
pub(super) struct WholeFile {
    path: PathBuf,
    beside: NamedTempFile,
}

impl WholeFile {
    /// Opens the file, so that a path that cannot be written is known before the work begins.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            anyhow::bail!("{}: is a folder, expected a file to write", shown(path));
        }
        let beside = NamedTempFile::new_in(folder)
            .with_context(|| format!("{}: cannot be written", shown(path)))?;
        Ok(Self {
            path: path.to_owned(),
            beside,
        })
    }

    /// Writes it.
    pub(super) fn write(mut self, bytes: &[u8]) -> Result<()> {
        let failed = || format!("{}: cannot be written", shown(&self.path));
        self.beside.write_all(bytes).with_context(failed)?;
        make_readable(&self.beside).with_context(failed)?;
        self.beside
            .persist(&self.path)
            .map_err(|error| error.error)
            .with_context(failed)?;
        Ok(())
    }
}

/// Temporary files are private; a report is as readable as any file that the user makes.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// Text with control and direction characters escaped, so that a file cannot write to the terminal through a message.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter == '\n' {
            shown.push('\n');
        } else if letter.is_control() || turns {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}
