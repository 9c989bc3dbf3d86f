//! `scaleplan trace splice`: traces one after another.

use anyhow::{Result, bail};

use super::args::SpliceArgs;
use super::reading;
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;
use crate::cli::input::is_stdin;
use crate::scenario::Span;
use crate::trace::Trace;
use crate::units::SimDuration;

pub(super) fn splice(args: &SpliceArgs) -> Result<ExitStatus> {
    if args.files.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!("standard input (-) was named twice, it can be read once");
    }
    let destination = Destination::of(&args.writing)?;
    let mut whole: Option<Trace> = None;
    for path in &args.files {
        let next = reading::read(path, &args.reading)?;
        whole = Some(match whole {
            None => next,
            Some(before) => joined(before, next, args)?,
        });
    }
    let Some(whole) = whole else {
        bail!("no trace was named, expected two or more");
    };
    destination.write(&whole, Notes::unless(args.reading.quiet))
}

fn joined(before: Trace, next: Trace, args: &SpliceArgs) -> Result<Trace> {
    let gap = if args.own_times {
        before.time_until(&next)?
    } else {
        args.gap.map_or(SimDuration::ZERO, Span::duration)
    };
    Ok(before.followed_by(next, gap)?)
}
