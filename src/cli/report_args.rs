//! Flags of `scaleplan report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::ColourChoice;
use super::chart_args::ChartArgs;
use super::picture_args::PictureArgs;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan simulate hpa.yaml --trace load.csv -o json > run.json
  scaleplan report run.json                          the table of the run
  scaleplan report run.json --html report.html --open
  scaleplan report run.json --png report.png --theme dark --size 3200x2400 --dpi 192
  scaleplan report run.json -o markdown >> \"$GITHUB_STEP_SUMMARY\"

It plays nothing: figures and pictures are those of the saved run.")]
pub(super) struct ReportArgs {
    /// A run as `scaleplan simulate -o json` wrote it, or - for standard input
    #[arg(value_name = "RUN")]
    pub(super) file: PathBuf,
    /// The form of the report on standard output [default: table, or none beside pictures and pages]
    #[arg(long, short, value_enum, value_name = "FORM")]
    pub(super) output: Option<ReportForm>,
    #[command(flatten)]
    pub(super) chart: ChartArgs,
    #[command(flatten)]
    pub(super) pictures: PictureArgs,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
}

/// The forms of a saved run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// For reading
    Table,
    /// For reading, with every figure and every assumption
    Wide,
    /// One figure a line
    Csv,
    /// For a pull request
    Markdown,
}

impl ReportArgs {
    /// What goes to standard output.
    pub(super) fn form(&self) -> Option<ReportForm> {
        let pictures = &self.pictures;
        let has_files = pictures.png.is_some() || pictures.svg.is_some() || pictures.html.is_some();
        self.output
            .or_else(|| (!has_files || self.chart.chart).then_some(ReportForm::Table))
    }
}
