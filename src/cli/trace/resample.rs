//! `scaleplan trace resample`: a trace on steps of another length.

use anyhow::Result;

use super::args::ResampleArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::trace::Steps;

pub(super) fn resample(args: &ResampleArgs) -> Result<ExitStatus> {
    let destination = Destination::of(&args.writing)?;
    let trace = reading::read(&args.file, &args.reading)?;
    let step = args.step.duration();
    let usual = Steps::of(&trace.series).usual;
    let is_finer = trace.events.is_none() && step < usual;
    let made = trace.resampled(step)?;
    if is_finer && !args.reading.quiet {
        output::note(&format!(
            "steps of {step} are finer than the recorded ones of {usual}: each value goes on as it was, nothing finer is known"
        ));
    }
    destination.write(&made, Notes::unless(args.reading.quiet))
}
