//! Flags of `scaleplan explain decision`, `why-not-down` and `why-not-up`.

use std::path::PathBuf;

use clap::Args;

use super::args::{ColourChoice, LoopFormat};
use super::at_time::AtTime;

/// Which run is explained, and in which form.
#[derive(Args, Debug)]
pub(super) struct SavedRunArgs {
    /// A run as `scaleplan simulate -o json` wrote it, or - for standard input
    #[arg(value_name = "RUN")]
    pub(super) file: PathBuf,
    /// The backend: container, vm, or one of the scenario file [default: the one whose verdict counts]
    #[arg(long, value_name = "NAME")]
    pub(super) backend: Option<String>,
    /// The form of the answer
    #[arg(long, short, value_enum, default_value_t = LoopFormat::Table, value_name = "FORM")]
    pub(super) output: LoopFormat,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan simulate hpa.yaml --trace load.csv -o json > run.json
  scaleplan explain decision run.json --at 12:31:30
  scaleplan explain decision run.json --at 1h31m --backend vm -o markdown

Between two syncs the last one before the time is shown.")]
pub(super) struct DecisionArgs {
    #[command(flatten)]
    pub(super) run: SavedRunArgs,
    /// When: a time of day such as 12:31:30, a date such as 2026-03-14T12:31:30Z, or a time since the trace began such as
    /// 1h31m
    #[arg(long, value_name = "TIME")]
    pub(super) at: AtTime,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan simulate hpa.yaml --trace load.csv -o json > run.json
  scaleplan explain why-not-down run.json --from 12:00 --to 13:00
  scaleplan explain why-not-up run.json --from 1h --to 1h30m --backend vm

Syncs in a row that the same rule held are one line.")]
pub(super) struct HoldArgs {
    #[command(flatten)]
    pub(super) run: SavedRunArgs,
    /// The first moment, as a time of day, a date, or a time since the trace began [default: its beginning]
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<AtTime>,
    /// The last moment [default: the trace's end]
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<AtTime>,
}
