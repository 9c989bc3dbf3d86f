//! `scaleplan trace slice`: a part of a trace.

use anyhow::{Result, bail};

use super::args::SliceArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;
use crate::cli::moment::Moment;
use crate::trace::Trace;
use crate::units::SimTime;

pub(super) fn slice(args: &SliceArgs) -> Result<ExitStatus> {
    let destination = Destination::of(&args.writing)?;
    let trace = reading::read(&args.file, &args.reading)?;
    let (from, to) = bounds(args, &trace)?;
    let part = trace.between(from, to)?;
    destination.write(&part, Notes::unless(args.reading.quiet))
}

fn bounds(args: &SliceArgs, trace: &Trace) -> Result<(SimTime, SimTime)> {
    let end = trace.series.end();
    if let Some(last) = args.last {
        let last = last.duration();
        if !last.is_positive() {
            bail!("the last {last} were asked for, expected a positive length");
        }
        return Ok((end - last, end));
    }
    let within = |moment: Option<Moment>, otherwise: SimTime| {
        moment.map_or(Ok(otherwise), |moment| moment.within(trace))
    };
    let from = within(args.from, SimTime::ZERO)?;
    if args.to.is_none() && from >= end {
        bail!("nothing is left from {from} on, expected a part of the {end} that the trace lasts");
    }
    Ok((from, within(args.to, end)?))
}
