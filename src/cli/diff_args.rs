//! What was typed after `scaleplan diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::ColourChoice;
use crate::scenario::Settings;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan diff base/ head/ --trace load.csv         two folders, or files
  scaleplan diff main HEAD --trace load.csv -- k8s/   two git revisions, the manifests below k8s/
  scaleplan diff origin/main...HEAD --trace load.csv  what a pull request changes
  scaleplan diff HEAD                                 the working tree; settings and findings alone
  helm template ./chart | scaleplan diff rendered.yaml - --trace load.csv

Both sides meet the same requests with the same draws, so a difference is never luck.

Exit codes: 0 nothing that --fail-on names, 1 it was found, 2 wrong usage, or nothing could be compared.")]
pub(super) struct DiffArgs {
    /// The version before: a file or folder, - for standard input, or else a git revision, or two as A..B or A...B
    #[arg(value_name = "BASE")]
    pub(super) base: String,
    /// The version after, likewise [default: the working tree, where BASE is a git revision]
    #[arg(value_name = "HEAD")]
    pub(super) head: Option<String>,
    /// Only what is below these paths
    #[arg(last = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Only what is below this path, of revisions from the working folder; may be repeated, as may paths after --
    #[arg(long, value_name = "PATH")]
    pub(super) path: Vec<PathBuf>,
    /// BASE and HEAD are git revisions, even where there are files of these names
    #[arg(long)]
    pub(super) git: bool,
    /// The workload, as of simulate [default: none: settings and findings alone are compared]
    #[arg(long, short, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// A scenario file with settings (see scaleplan init), for both sides
    #[arg(long, short, value_name = "FILE", requires = "trace")]
    pub(super) scenario: Option<PathBuf>,
    /// Replay only this autoscaler, as NAME or NAMESPACE/NAME; may be repeated [default: all that changed]
    #[arg(long, value_name = "NAME")]
    pub(super) hpa: Vec<String>,
    /// Compare this backend: container, vm, or one of the scenario file [default: what the target runs]
    #[arg(long, value_name = "NAME")]
    pub(super) backend: Option<String>,
    /// The form of the report
    #[arg(long, short, value_enum, default_value_t = DiffForm::Markdown, value_name = "FORM")]
    pub(super) output: DiffForm,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = DiffFailOn::Regression, value_name = "OUTCOME")]
    pub(super) fail_on: DiffFailOn,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
    /// No notes and no progress on standard error; errors still appear
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

/// The forms of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffForm {
    /// For a pull request
    Markdown,
    /// For reading in a terminal
    Table,
    /// For programs; docs/diff.md has its keys
    Json,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFailOn {
    /// The objective is missed and was not, or gets worse beyond noise; or lint has new errors
    Regression,
    /// The objective is missed in HEAD by an autoscaler that changed, however it was in BASE
    Missed,
    /// Nothing
    Never,
}
