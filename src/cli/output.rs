//! Bytes to paths and the standard streams; colour; broken pipes.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context as _, Result, anyhow, bail};
use tempfile::NamedTempFile;

use super::args::ColourChoice;
use super::exit::ExitStatus;
use super::input::shown;
use crate::report::{Colour, TextStyle};

/// Prints a report.
pub(super) fn report(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .context("standard output cannot be written")
}

/// Prints a report as it is made: a long one is never there as a whole.
pub(super) fn report_with(fill: &dyn Fn(&mut dyn io::Write) -> io::Result<()>) -> Result<()> {
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    fill(&mut stdout)
        .and_then(|()| stdout.flush())
        .context("standard output cannot be written")
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

/// Decides on colour for both standard streams; left alone, it is what NO_COLOR and the terminals say.
pub(super) fn set_colour(choice: ColourChoice) {
    match choice {
        ColourChoice::Auto => ColorChoice::Auto,
        ColourChoice::Always => ColorChoice::Always,
        ColourChoice::Never => ColorChoice::Never,
    }
    .write_global();
}

/// Whether the report may be coloured.
pub(super) fn colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// How wide a page is to be: as `COLUMNS` says, else as the terminal is, if there is one.
pub(super) fn width() -> Option<u16> {
    let asked = env::var("COLUMNS").ok();
    if let Some(columns) = asked.and_then(|columns| columns.trim().parse().ok())
        && columns > 0
    {
        return Some(columns);
    }
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(width.0)
}

/// How text on standard output may look.
pub(super) fn text_style() -> TextStyle {
    TextStyle {
        colour: if colours() {
            Colour::Ansi
        } else {
            Colour::Plain
        },
        width: width(),
    }
}

/// What an error of the operating system says, as the end of a sentence.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::NotADirectory => "a part of the path is not a folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            let plain = text.split(" (os error").next().unwrap_or_default();
            plain.to_lowercase()
        }
    }
}

/// A file that appears whole or not at all: the bytes go beside it first. What is no plain file, such as `/dev/null`,
/// is written as it is.
pub(super) struct WholeFile {
    shown: String,
    target: PathBuf,
    is_plain: bool,
}

impl WholeFile {
    /// Finds out whether the file can be written, so that this is known before the work begins. Leaves nothing behind.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let shown = shown(path);
        if path.is_dir() {
            bail!("{shown}: is a folder, expected a file to write");
        }
        // Of a link the file that it points to.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let file = Self {
            shown,
            is_plain: !target.exists() || target.is_file(),
            target,
        };
        if file.target.exists() {
            let opened = OpenOptions::new().append(true).open(&file.target);
            opened.map_err(|error| file.cannot(&error))?;
        }
        if file.is_plain {
            file.beside()?;
        }
        Ok(file)
    }

    /// As [`create`](Self::create), for a picture. A file that is there and is neither a picture nor called one is kept: it
    /// may be the trace, named in the wrong place.
    pub(super) fn create_picture(path: &Path) -> Result<Self> {
        const PNG: &[u8] = b"\x89PNG";
        let is_called_one = path.extension().is_some_and(|extension| extension == "png");
        let mut begin = [0; 4];
        let read = File::open(path).and_then(|mut file| file.read(&mut begin));
        if !is_called_one && path.is_file() && read.is_ok_and(|read| read > 0) && begin != *PNG {
            bail!(
                "{}: is there and is no picture, expected a new file or one that ends in .png",
                shown(path)
            );
        }
        Self::create(path)
    }

    /// As [`create`](Self::create), for a picture in SVG. A file that is there and is neither a picture nor called one is
    /// kept.
    pub(super) fn create_drawing(path: &Path) -> Result<Self> {
        const SVG: &[u8] = b"<svg";
        let is_called_one = path.extension().is_some_and(|extension| extension == "svg");
        let mut begin = [0; SVG.len()];
        let read = File::open(path).and_then(|mut file| file.read(&mut begin));
        if !is_called_one && path.is_file() && read.is_ok_and(|read| read > 0) && begin != *SVG {
            bail!(
                "{}: is there and is no picture, expected a new file or one that ends in .svg",
                shown(path)
            );
        }
        Self::create(path)
    }

    /// As [`create`](Self::create), for a web page. A file that is there and is neither a page nor called one is kept.
    pub(super) fn create_page(path: &Path) -> Result<Self> {
        const DOCTYPE: &[u8] = b"<!DOCTYPE html";
        let is_called_one = path
            .extension()
            .is_some_and(|extension| extension == "html" || extension == "htm");
        let mut begin = [0; DOCTYPE.len()];
        let read = File::open(path).and_then(|mut file| file.read(&mut begin));
        if !is_called_one && path.is_file() && read.is_ok_and(|read| read > 0) && begin != *DOCTYPE
        {
            bail!(
                "{}: is there and is no web page, expected a new file or one that ends in .html",
                shown(path)
            );
        }
        Self::create(path)
    }

    /// Writes it.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<()> {
        self.write_with(&|out| out.write_all(bytes))
    }

    /// Writes what `fill` makes.
    pub(super) fn write_with(
        &self,
        fill: &dyn Fn(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<()> {
        let buffered = |file: &File| {
            let mut out = BufWriter::with_capacity(1 << 16, file);
            fill(&mut out)?;
            out.flush()
        };
        if !self.is_plain {
            let opened = OpenOptions::new().write(true).open(&self.target);
            let written = opened.and_then(|file| buffered(&file));
            return written.map_err(|error| self.cannot(&error));
        }
        let beside = self.beside()?;
        let written = buffered(beside.as_file()).and_then(|()| match self.target.metadata() {
            Ok(replaced) => beside.as_file().set_permissions(replaced.permissions()),
            Err(_) => Ok(()),
        });
        written.map_err(|error| self.cannot(&error))?;
        beside
            .persist(&self.target)
            .map_err(|error| self.cannot(&error.error))?;
        Ok(())
    }

    fn beside(&self) -> Result<NamedTempFile> {
        let folder = match self.target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".scaleplan-");
        make_readable(&mut builder);
        builder
            .tempfile_in(folder)
            .map_err(|error| self.cannot(&error))
    }

    fn cannot(&self, error: &io::Error) -> anyhow::Error {
        anyhow!("{}: cannot be written: {}", self.shown, reason(error))
    }
}

/// Temporary files are private; a report is as readable as any file that the user makes.
#[cfg(unix)]
fn make_readable(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn make_readable(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Text with control and direction characters escaped, so that a file cannot write to the terminal through a message,
/// and a message stays one line.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_line_and_leaves_the_terminal_alone() {
        assert_eq!(
            printable("a\u{1b}[31m\n\u{202e}é"),
            r"a\u{1b}[31m\n\u{202e}é"
        );
    }

    #[test]
    fn a_reason_is_the_end_of_a_sentence() {
        let missing = io::Error::from(ErrorKind::NotFound);
        assert_eq!(reason(&missing), "there is no such file or folder");
        let full = io::Error::from_raw_os_error(28);
        assert_eq!(reason(&full), "no space left on device");
    }
}
