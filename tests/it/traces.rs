//! Reading workloads, from whole files down to single cells; making others of them, and writing them.

mod bad_formats;
mod edits;
mod formats;
mod invariants;
mod prometheus;
mod recorded;
mod recordings;
mod refusals;
mod round_trips;
mod tables;
mod written;

use scaleplan::trace::{CpuConversion, ReadOptions, Series, Trace, TraceError, TraceUnit, read};

const NO_CPU: CpuConversion = CpuConversion {
    cpu_per_request: None,
    share_of_milli: None,
};

fn read_text(text: &str, options: &ReadOptions) -> Result<Trace, TraceError> {
    read("load.csv", text.as_bytes(), options)
}

/// Start in seconds and value of each step.
fn seconds(series: &Series) -> Vec<(f64, f64)> {
    let steps = series.steps();
    steps
        .map(|step| (step.start.as_seconds(), step.value))
        .collect()
}

fn notes(trace: &Trace) -> Vec<String> {
    trace.notes.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(text: &str, expected: &[(f64, f64)], unit: TraceUnit) {
    let trace = read_text(text, &ReadOptions::infer()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(seconds(&trace.series), expected);
    assert_eq!(trace.unit.unit, unit);
}

const THREE: [(f64, f64); 3] = [(0.0, 1.0), (15.0, 2.0), (30.0, 3.0)];
const RPS: TraceUnit = TraceUnit::RequestsPerSecond;
const COUNT: TraceUnit = TraceUnit::CountPerStep;
