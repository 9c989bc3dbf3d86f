//! Replays against recorded runs: published accounts and recordings driven open loop by the metric that was recorded, and
//! recorded loads played through the plant.

/// Calibration on one run, prediction of another, by the real command line.
mod command_line;
/// Runs of the HPA that were published with the metric that it saw.
mod open_loop;
/// What becomes of tables with holes, odd cells and no dates, by the real command line.
mod recorded_tables;

use std::fs;
use std::path::Path;

use scaleplan::manifest::{self, Manifests, Source};
use scaleplan::scenario::{ControlLoop, LoopInputs, Settings, control_loop};
use scaleplan::trace::{self, ReadOptions, Series, Trace};

/// A file of `tests/backtest`.
pub(crate) fn recorded(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/backtest")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn manifests(texts: &[&str]) -> Manifests {
    let source = |text: &&str| Source {
        name: "app.yaml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    manifest::read(texts.iter().map(source).collect())
}

/// The loop of the only autoscaler, with these flags.
pub(crate) fn loop_of(manifests: &Manifests, flags: &[&str]) -> ControlLoop {
    let autoscaler = &manifests.autoscalers[0];
    control_loop(LoopInputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        service: None,
        flags: &Settings::from_flags(flags.iter().copied()).expect("flags"),
        file: &Settings::default(),
        only: &[],
    })
    .expect("a loop")
}

/// One column of a table.
pub(crate) fn column(text: &str, name: &str) -> Trace {
    let options = ReadOptions {
        value_column: Some(name.to_owned()),
        unit: Some(trace::TraceUnit::Percent),
        ..ReadOptions::infer()
    };
    trace::read("recorded.csv", text.as_bytes(), &options)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Its series alone.
pub(crate) fn series(text: &str, name: &str) -> Series {
    column(text, name).series
}
