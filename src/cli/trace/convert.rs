//! `scaleplan trace convert`: a trace in another form.

use anyhow::Result;

use super::args::ConvertArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;

pub(super) fn convert(args: &ConvertArgs) -> Result<ExitStatus> {
    let destination = Destination::in_form(&args.writing, args.to)?;
    let notes = Notes::unless(args.reading.quiet);
    if args.each_series {
        let recording = reading::read_recording(&args.from, &args.reading)?;
        return destination.write_series(&recording, notes);
    }
    let trace = reading::read_workload(&args.from, &args.reading)?;
    destination.write(&trace, notes)
}
