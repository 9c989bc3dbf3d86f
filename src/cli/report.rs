//! `scaleplan report`: a saved run in another form.

use anyhow::Result;

use super::exit::ExitStatus;
use super::explain_run::read;
use super::output;
use super::pictures::Pictures;
use super::report_args::{ReportArgs, ReportForm};
use crate::report::{self, Detail, Glyphs, Report, TextStyle};

/// A table, and below it the charts that were asked for.
pub(super) fn with_chart(table: String, glyphs: Option<Glyphs>, report: &Report<'_>) -> String {
    let TextStyle { colour, width } = output::text_style();
    match glyphs {
        Some(glyphs) => {
            let chart = report::terminal_chart(report, width, glyphs, colour);
            format!("{table}\n{chart}")
        }
        None => table,
    }
}

pub(super) fn report(args: &ReportArgs) -> Result<ExitStatus> {
    output::set_colour(args.color);
    let pictures = Pictures::new(&args.pictures)?;
    let run = read(&args.file)?;
    let report = run.report();
    pictures.write(&report)?;
    let TextStyle { colour, width } = output::text_style();
    let table = |detail| {
        let table = report::table(&report, detail, width, colour);
        with_chart(table, args.chart.glyphs(), &report)
    };
    let text = match args.form() {
        None => return Ok(ExitStatus::Clean),
        Some(ReportForm::Table) => table(Detail::Normal),
        Some(ReportForm::Wide) => table(Detail::Wide),
        Some(ReportForm::Csv) => report::csv(&report),
        Some(ReportForm::Markdown) => report::markdown(&report),
    };
    output::report(&text)?;
    Ok(ExitStatus::Clean)
}
