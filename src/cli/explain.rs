//! `scaleplan explain`: what is known without playing anything.

use anyhow::Result;

use super::args::{LoopArgs, LoopFormat};
use super::exit::ExitStatus;
use super::output;
use super::reading::Reading;
use crate::advice::theory::loop_report;
use crate::report::{self, Colour, ExplainedLoop};
use crate::scenario::{ControlLoop, assemble, control_loop};

/// `scaleplan explain loop`.
pub(super) fn explain_loop(args: &LoopArgs) -> Result<ExitStatus> {
    let Some(reading) = Reading::new(&args.input)? else {
        return Ok(ExitStatus::CouldNot);
    };
    let scenario = if args.input.trace.is_some() {
        let Some(inputs) = reading.inputs()? else {
            return Ok(ExitStatus::CouldNot);
        };
        Some(assemble(inputs)?)
    } else {
        None
    };
    let control = match &scenario {
        Some(scenario) => ControlLoop::from(scenario),
        None => match reading.loop_inputs()? {
            Some(inputs) => control_loop(inputs)?,
            None => return Ok(ExitStatus::CouldNot),
        },
    };
    let loops = loop_report(&control, scenario.as_ref().map(|scenario| &scenario.trace))?;
    let explained = ExplainedLoop {
        control: &control,
        report: &loops,
        trace: scenario
            .as_ref()
            .map(|scenario| scenario.trace_name.as_str()),
    };
    let text = match args.output {
        LoopFormat::Table => {
            let colour = if output::colours() {
                Colour::Ansi
            } else {
                Colour::Plain
            };
            report::loop_table(&explained, output::width(), colour)
        }
        LoopFormat::Json => report::loop_json(&explained),
        LoopFormat::Yaml => report::loop_yaml(&explained),
        LoopFormat::Markdown => report::loop_markdown(&explained),
    };
    output::report(&text)?;
    Ok(ExitStatus::Clean)
}
