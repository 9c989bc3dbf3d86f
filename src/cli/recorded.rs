//! A recording: a table that is kept in memory, since several of its columns are read.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::input;
use crate::trace::{self, ReadOptions, Trace, TraceUnit};

/// The largest recording that is read, bytes.
const LARGEST: u64 = 256 << 20;

/// Names of a column of replicas, the likeliest first.
const REPLICAS: [&str; 6] = [
    "spec_replicas",
    "desired_replicas",
    "desired",
    "replicas",
    "status_replicas",
    "ready_replicas",
];

/// Names of a column of ready replicas.
const READY: [&str; 4] = [
    "ready_replicas",
    "readyReplicas",
    "ready",
    "available_replicas",
];

/// A table, as read.
pub(super) struct RecordedFile {
    name: String,
    bytes: Vec<u8>,
}

impl RecordedFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let (name, stream) = input::trace(path)?;
        let mut bytes = Vec::new();
        let read = stream.take(LARGEST + 1).read_to_end(&mut bytes);
        read.with_context(|| format!("{name}: cannot be read"))?;
        if bytes.len() as u64 > LARGEST {
            bail!(
                "{name}: larger than {} MiB, expected a recording",
                LARGEST >> 20
            );
        }
        Ok(Self { name, bytes })
    }

    /// One of its columns, numbers as they are.
    pub(super) fn column(&self, column: &str) -> Result<Trace> {
        self.with(Some(column))
            .with_context(|| format!("column `{column}`"))
    }

    /// Its only column of numbers.
    pub(super) fn only(&self) -> Result<Trace> {
        self.with(None)
    }

    fn with(&self, column: Option<&str>) -> Result<Trace> {
        let options = ReadOptions {
            value_column: column.map(str::to_owned),
            // Neither a count to be divided nor a counter: as it stands.
            unit: Some(TraceUnit::Percent),
            ..ReadOptions::infer()
        };
        Ok(trace::read(&self.name, self.bytes.as_slice(), &options)?)
    }
}

/// The replicas of a table: the column named, or the first that is called like replicas, or the only one.
pub(super) fn replicas_of(file: &RecordedFile, column: Option<&str>) -> Result<Trace> {
    if let Some(column) = column {
        return file
            .with(Some(column))
            .map_err(|error| error.context("--recorded-column"));
    }
    for name in REPLICAS {
        if let Ok(trace) = file.with(Some(name)) {
            return Ok(trace);
        }
    }
    file.with(None).context("see --recorded-column")
}

/// The ready replicas of a table: the column named, or the first that is called so; `None` where there is none.
pub(super) fn ready_of(file: &RecordedFile, column: Option<&str>) -> Result<Option<Trace>> {
    if let Some(column) = column {
        let read = file.with(Some(column));
        return Ok(Some(read.map_err(|error| error.context("--ready-column"))?));
    }
    Ok(READY.iter().find_map(|name| file.with(Some(name)).ok()))
}
