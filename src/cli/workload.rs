//! The trace: where it comes from, how it is read, and which flag helps where it cannot be.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::args::InputArgs;
use super::{embedded, input, source};
use crate::scenario::{MetricSource, Settings, Span};
use crate::trace::{self, ReadOptions, Trace, TraceError, TraceProblem};

/// Reads the trace, asks for it where flags say so, or takes the embedded one.
pub(super) fn read(args: &InputArgs, flags: &Settings, file: &Settings) -> Result<Trace> {
    let step = flags.step.or(file.step);
    let unit = flags.unit.or(file.unit);
    let Some(fetched) = source::fetch(&args.prometheus, step, unit)? else {
        return read_beside(args.trace.as_deref(), &args.manifests, flags, file);
    };
    let read = read_fetched(fetched, &read_options(flags, file));
    read.map_err(|error| with_flag(&error, "--step", "--metric"))
}

/// Reads what a Prometheus answered.
pub(super) fn read_fetched(
    fetched: source::Fetched,
    options: &ReadOptions,
) -> Result<Trace, TraceError> {
    // Not under the query: a name may tell a unit, and what is within a query does not.
    let mut trace = trace::read(&fetched.server, fetched.bytes.as_slice(), options)?;
    trace.name = fetched.query;
    Ok(trace)
}

/// Reads the trace of this path, or the embedded one, where these are the manifests.
pub(super) fn read_beside(
    path: Option<&Path>,
    manifests: &[PathBuf],
    flags: &Settings,
    file: &Settings,
) -> Result<Trace> {
    let options = read_options(flags, file);
    let read = match path {
        None => trace::read(embedded::TRACE_NAME, embedded::TRACE, &options),
        Some(path)
            if input::is_stdin(path) && manifests.iter().any(|path| input::is_stdin(path)) =>
        {
            bail!(
                "standard input (-) was named for the manifest and for the trace, it can be read once"
            )
        }
        Some(path) => {
            let (name, stream) = input::trace(path)?;
            trace::read(&name, stream, &options)
        }
    };
    read.map_err(|error| with_flag(&error, "--step", "--metric"))
}

/// What flags, and where they are silent the scenario file, say of reading the trace.
pub(super) fn read_options(flags: &Settings, file: &Settings) -> ReadOptions {
    let mut options = ReadOptions::infer();
    options.format = flags.format.or(file.format);
    options.time_column = flags
        .time_column
        .clone()
        .or_else(|| file.time_column.clone());
    options.value_column = flags
        .value_column
        .clone()
        .or_else(|| file.value_column.clone());
    options.series = flags.series.clone().or_else(|| file.series.clone());
    options.unit = flags.unit.or(file.unit);
    options.gaps = flags.gaps.or(file.gaps);
    options.step = flags.step.or(file.step).map(Span::duration);
    if let Some(step) = flags.event_step.or(file.event_step) {
        options.event_bin = step.duration();
    }
    let mappings = flags.metric.iter().chain(&file.metric);
    let mut columns: Vec<String> = mappings
        .filter_map(|mapping| match &mapping.source {
            MetricSource::Column(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    columns.sort();
    columns.dedup();
    options.columns = columns;
    options
}

/// An error of the reader, with the flags that answer it; `step` says how far apart rows are, `column` names further
/// columns.
pub(super) fn with_flag(error: &TraceError, step: &str, column: &str) -> anyhow::Error {
    let flags = match &error.problem {
        TraceProblem::NoTimeColumn { .. } => &format!("--time-column, {step}"),
        TraceProblem::NoValueColumn { .. } => "--value-column",
        TraceProblem::AmbiguousColumn { .. } => "--value-column, --unit events",
        TraceProblem::OneSample => step,
        TraceProblem::TooManyBins { .. } => "--event-step",
        TraceProblem::BadStep(_) => &format!("{step}, --event-step"),
        TraceProblem::NoSuchSeries { .. }
        | TraceProblem::BadSelector(_)
        | TraceProblem::DifferentMetrics(_)
        | TraceProblem::TooManySeries(_) => "--series",
        TraceProblem::NoAccessLine(_)
        | TraceProblem::NoSampleLine { .. }
        | TraceProblem::NoLogObject(_)
        | TraceProblem::NotPrometheus(_)
        | TraceProblem::NotOfFormat { .. } => "--format",
        TraceProblem::NotEvents(_) => "--unit",
        TraceProblem::UnknownColumn { .. } => &format!("--time-column, --value-column, {column}"),
        _ => return anyhow!("{error}"),
    };
    anyhow!("{error} ({flags})")
}
