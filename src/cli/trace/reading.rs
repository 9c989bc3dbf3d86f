//! Reads the trace that a subcommand works on, and says what was made of it.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::{ReadingArgs, WorkloadArgs};
use crate::cli::{input, output, reading, source, workload};
use crate::scenario::Settings;
use crate::trace::{self, ReadOptions, Recording, Trace, TraceError, TraceUnit};

/// What is said where neither a file nor a Prometheus is named.
const NO_TRACE: &str = "no trace: expected FILE, or --prometheus with --query";

/// Reads a trace, and tells on standard error what was made of it.
pub(super) fn read(path: &Path, args: &ReadingArgs) -> Result<Trace> {
    let (name, stream) = input::trace(path)?;
    let trace = trace::read(&name, stream, &options(args)).map_err(|error| with_flag(&error))?;
    Ok(told(trace, args))
}

/// The same of a file or of a Prometheus.
pub(super) fn read_workload(from: &WorkloadArgs, args: &ReadingArgs) -> Result<Trace> {
    Ok(told(read_silently(from, args)?, args))
}

/// Reads a trace and leaves the telling to the caller.
pub(super) fn read_silently(from: &WorkloadArgs, args: &ReadingArgs) -> Result<Trace> {
    let options = options(args);
    let read = if let Some(path) = &from.file {
        let (name, stream) = input::trace(path)?;
        trace::read(&name, stream, &options)
    } else if let Some(fetched) = source::fetch(&from.prometheus, from.step, args.unit)? {
        workload::read_fetched(fetched, &options)
    } else {
        bail!(NO_TRACE)
    };
    read.map_err(|error| with_flag(&error))
}

/// Reads every series as found.
pub(super) fn read_recording(from: &WorkloadArgs, args: &ReadingArgs) -> Result<Recording> {
    let options = options(args);
    let read = if let Some(path) = &from.file {
        let (name, stream) = input::trace(path)?;
        trace::read_recording(&name, stream, &options)
    } else if let Some(fetched) = source::fetch(
        &from.prometheus,
        from.step,
        Some(TraceUnit::RequestsPerSecond),
    )? {
        trace::read_recording(&fetched.server, fetched.bytes.as_slice(), &options)
    } else {
        bail!(NO_TRACE)
    };
    let recording = read.map_err(|error| with_flag(&error))?;
    if !args.quiet {
        for note in &recording.notes {
            output::note(&format!("{}: {note}", recording.name));
        }
    }
    Ok(recording)
}

fn told(trace: Trace, args: &ReadingArgs) -> Trace {
    if !args.quiet {
        reading::tell_of_trace(&trace);
    }
    trace
}

fn with_flag(error: &TraceError) -> anyhow::Error {
    workload::with_flag(error, "--row-step", "--column")
}

fn options(args: &ReadingArgs) -> ReadOptions {
    let flags = Settings {
        format: args.format,
        time_column: args.time_column.clone(),
        value_column: args.value_column.clone(),
        series: args.series.clone(),
        unit: args.unit,
        step: args.row_step,
        event_step: args.event_step,
        gaps: args.gaps,
        ..Settings::default()
    };
    ReadOptions {
        columns: args.column.clone(),
        ..workload::read_options(&flags, &Settings::default())
    }
}
