//! `scaleplan trace synth`: a made-up workload.

use anyhow::{Result, bail};

use super::args::SynthArgs;
use super::shape::{profiles, usual_span};
use super::writing::{Destination, Notes};
use crate::cli::exit::ExitStatus;
use crate::cli::moment::Moment;
use crate::scenario::Span;
use crate::trace::{EditError, MAX_STEPS, Profile, Trace, TraceUnit};

pub(super) fn synth(args: &SynthArgs) -> Result<ExitStatus> {
    let destination = Destination::of(&args.writing)?;
    let span = args.span.map_or(usual_span(&args.shapes), Span::duration);
    let step = args.step.duration();
    if !step.is_positive() {
        return Err(EditError::Step(step).into());
    }
    let steps = span.as_nanos() / step.as_nanos();
    if steps > MAX_STEPS {
        return Err(EditError::TooManySteps { step, steps }.into());
    }
    if steps < 1 {
        bail!("a span of {span} holds no step of {step}, expected a longer span or shorter steps");
    }
    let mut series = Profile::sum(&profiles(args, span)?, step, span);
    for (ordinal, noise) in (0..).zip(&args.noise) {
        series = noise.0.upon(series, args.seed, ordinal);
    }
    let mut trace = Trace::from_series("made up", series, TraceUnit::RequestsPerSecond);
    trace.start = match args.start {
        None => None,
        Some(Moment::Date(date)) => Some(date),
        Some(Moment::Since(_)) => {
            bail!(
                "--start is a time without a date, expected a date such as `2026-03-14T00:00:00Z`"
            )
        }
    };
    destination.write(&trace, Notes::unless(args.quiet))
}
