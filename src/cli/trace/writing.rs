//! Writes the trace that a subcommand made: to standard output, or to a file that appears whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::args::WritingArgs;
use crate::cli::exit::ExitStatus;
use crate::cli::output::{self, WholeFile};
use crate::trace::{Recording, Trace, TraceForm, WrittenSeries, WrittenTrace};

/// Words that somebody may take for the form of the output rather than its file.
const FORM_WORDS: [&str; 8] = [
    "table",
    "wide",
    "json",
    "yaml",
    "csv",
    "markdown",
    "prometheus",
    "openmetrics",
];

/// Where the trace goes, once it is made.
pub(super) struct Destination<'a> {
    args: &'a WritingArgs,
    form: TraceForm,
    file: Option<WholeFile>,
}

impl<'a> Destination<'a> {
    /// Finds out whether CSV can be written there, so that this is known before the work begins.
    pub(super) fn of(args: &'a WritingArgs) -> Result<Self> {
        Self::in_form(args, TraceForm::Csv)
    }

    /// The same for another form.
    pub(super) fn in_form(args: &'a WritingArgs, form: TraceForm) -> Result<Self> {
        let path = args
            .output
            .as_deref()
            .filter(|path| path.as_os_str() != "-");
        if let Some(word) = path
            .and_then(Path::to_str)
            .filter(|word| FORM_WORDS.contains(word))
        {
            bail!(
                "--output names the file here, expected ./{word} for a file of that name; `trace convert --to` has the forms"
            );
        }
        let file = path.map(WholeFile::create).transpose()?;
        Ok(Self { args, form, file })
    }

    /// Writes the trace, and says on standard error what is lost by it unless that is to be `quiet`.
    pub(super) fn write(&self, trace: &Trace, notes: Notes) -> Result<ExitStatus> {
        let written = WrittenTrace::new(trace, self.form)?;
        if notes == Notes::Told {
            for note in written.notes() {
                output::note(&note.to_string());
            }
        }
        self.send(&|out| written.write_to(out))
    }

    /// The same of every series of a file.
    pub(super) fn write_series(&self, recording: &Recording, notes: Notes) -> Result<ExitStatus> {
        let written = WrittenSeries::new(recording, self.form)?;
        if notes == Notes::Told {
            for note in written.notes() {
                output::note(&note.to_string());
            }
        }
        self.send(&|out| written.write_to(out))
    }

    fn send(&self, write: &Writes<'_>) -> Result<ExitStatus> {
        match &self.file {
            None => to_stdout(write)?,
            Some(file) => file.write_with(&|out| self.pack(write, out))?,
        }
        Ok(ExitStatus::Clean)
    }

    fn pack(&self, write: &Writes<'_>, out: &mut dyn Write) -> io::Result<()> {
        let name = self.args.output.as_deref().and_then(Path::extension);
        if name.is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
            let mut packed = GzEncoder::new(out, Compression::default());
            write(&mut packed)?;
            packed.finish()?;
            Ok(())
        } else {
            write(out)
        }
    }
}

/// Whether standard error hears of what was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notes {
    Told,
    Kept,
}

impl Notes {
    /// As `--quiet` says.
    pub(super) const fn unless(quiet: bool) -> Self {
        if quiet { Self::Kept } else { Self::Told }
    }
}

/// What writes the text to its end.
type Writes<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

fn to_stdout(write: &Writes<'_>) -> Result<()> {
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    write(&mut stdout)
        .and_then(|()| stdout.flush())
        .context("standard output cannot be written")
}
