//! `scaleplan trace scale`: a trace larger or smaller, slower or faster.

use anyhow::Result;

use super::args::ScaleArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;
use crate::cli::output;

pub(super) fn scale(args: &ScaleArgs) -> Result<ExitStatus> {
    let destination = Destination::of(&args.writing)?;
    let mut trace = reading::read(&args.file, &args.reading)?;
    if trace.events.is_some() && !args.reading.quiet {
        output::note("the events are counted per step, for there are no parts of an event");
    }
    if let Some(stretch) = args.stretch {
        trace = trace.stretched(stretch)?;
    }
    if let Some(factor) = args.factor {
        trace = trace.scaled(factor)?;
    }
    if let Some(peak) = args.peak {
        trace = peak.of(trace)?;
    }
    destination.write(&trace, Notes::unless(args.reading.quiet))
}
