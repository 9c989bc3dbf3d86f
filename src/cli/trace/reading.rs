//! Reads the trace that a subcommand works on, and says what was made of it.

use std::path::Path;

use anyhow::Result;

use super::args::ReadingArgs;
use crate::cli::{input, reading, workload};
use crate::scenario::Span;
use crate::trace::{self, ReadOptions, Trace};

/// Reads a trace, and tells on standard error what was made of it.
pub(super) fn read(path: &Path, args: &ReadingArgs) -> Result<Trace> {
    let trace = read_silently(path, args)?;
    if !args.quiet {
        reading::tell_of_trace(&trace);
    }
    Ok(trace)
}

/// Reads a trace and leaves the telling to the caller.
pub(super) fn read_silently(path: &Path, args: &ReadingArgs) -> Result<Trace> {
    let (name, stream) = input::trace(path)?;
    let read = trace::read(&name, stream, &options(args));
    read.map_err(|error| workload::with_flag(&error, "--row-step", "--column"))
}

fn options(args: &ReadingArgs) -> ReadOptions {
    let mut options = ReadOptions {
        format: args.format,
        time_column: args.time_column.clone(),
        value_column: args.value_column.clone(),
        series: args.series.clone(),
        columns: args.column.clone(),
        unit: args.unit,
        step: args.row_step.map(Span::duration),
        gaps: args.gaps,
        ..ReadOptions::infer()
    };
    if let Some(step) = args.event_step {
        options.event_bin = step.duration();
    }
    options
}
