//! `scaleplan trace convert`: a trace in another form.

use anyhow::Result;

use super::args::ConvertArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;

pub(super) fn convert(args: &ConvertArgs) -> Result<ExitStatus> {
    let destination = Destination::in_form(&args.writing, args.to)?;
    let trace = reading::read(&args.file, &args.reading)?;
    destination.write(&trace, Notes::unless(args.reading.quiet))
}
