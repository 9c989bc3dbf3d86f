//! `scaleplan trace info`: what a trace is, and what it cannot show.

use anyhow::Result;

use super::args::{InfoArgs, InfoFormat};
use super::reading;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::report::{self, SurveyedTrace};
use crate::trace::Survey;

pub(super) fn info(args: &InfoArgs) -> Result<ExitStatus> {
    output::set_colour(args.color);
    let trace = reading::read_silently(&args.from, &args.reading)?;
    let survey = Survey::of(&trace);
    let surveyed = SurveyedTrace {
        trace: &trace,
        survey: &survey,
    };
    let text = match args.output {
        InfoFormat::Table => report::trace_table(&surveyed, output::text_style()),
        InfoFormat::Json => report::trace_json(&surveyed),
        InfoFormat::Yaml => report::trace_yaml(&surveyed),
        InfoFormat::Markdown => report::trace_markdown(&surveyed),
    };
    output::report(&text)?;
    Ok(ExitStatus::Clean)
}
