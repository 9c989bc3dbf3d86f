//! A recording: a table that is kept in memory, since several of its columns are read, and its clock.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::input;
use crate::backtest::Recording;
use crate::scenario::Scenario;
use crate::trace::{
    self, BadCells, ReadOptions, Series, Trace, TraceError, TraceProblem, TraceUnit,
};
use crate::units::{SimDuration, SimTime};

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
/// What is told where dates cannot lay a load upon a recording.
pub(super) const BEGUN_TOGETHER: &str = "the load or the recording tells no date: both are taken to begin at the same time (--trace-start)";

/// A table, as read.
pub(super) struct RecordedFile {
    name: String,
    bytes: Vec<u8>,
}

impl RecordedFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let (name, stream) = input::trace(path)?;
        let bytes = input::read_at_most(stream, LARGEST, &input::shown(path), "a recording")?;
        Ok(Self { name, bytes })
    }

    /// One of its columns, numbers as they are.
    pub(super) fn column(&self, column: &str) -> Result<Trace> {
        self.with(Some(column))
            .with_context(|| format!("column `{column}`"))
    }

    /// Its only column of numbers.
    pub(super) fn only(&self) -> Result<Trace> {
        Ok(self.with(None)?)
    }

    /// How long after the table's first row a column's first number is, which need not be in that row.
    pub(super) fn offset(&self, column: &Trace) -> SimDuration {
        let options = ReadOptions {
            bad_cells: BadCells::Skip,
            ..ReadOptions::infer()
        };
        let all = trace::read_recording(&self.name, self.bytes.as_slice(), &options);
        let first = all.ok().and_then(|all| {
            let firsts = all.series.iter().filter_map(|one| one.times.first());
            firsts.min().copied()
        });
        // Where that does not read, a column stands for itself.
        first.map_or(SimDuration::ZERO, |first| {
            (column.begins - SimDuration::from_nanos(first)).max(SimDuration::ZERO)
        })
    }

    fn with(&self, column: Option<&str>) -> Result<Trace, TraceError> {
        let options = ReadOptions {
            value_column: column.map(str::to_owned),
            // Neither a count to be divided nor a counter: as it stands.
            unit: Some(TraceUnit::Percent),
            ..ReadOptions::infer()
        };
        trace::read(&self.name, self.bytes.as_slice(), &options)
    }
}

/// The replicas of a table: the column named, or the first that is called like replicas, or the only one. The trace's name
/// tells which.
pub(super) fn replicas_of(file: &RecordedFile, column: Option<&str>) -> Result<Trace> {
    let named = |mut trace: Trace, column: &str| {
        trace.name = format!("{} (column `{column}`)", trace.name);
        trace
    };
    if let Some(column) = column {
        let read = file.with(Some(column)).context("--recorded-column")?;
        return Ok(named(read, column));
    }
    for name in REPLICAS {
        match file.with(Some(name)) {
            Ok(trace) => return Ok(named(trace, name)),
            Err(error) if is_absent(&error) => {}
            // A column of another name may be of something else.
            Err(error) => {
                let told = format!("column `{name}` (another one: --recorded-column)");
                return Err(error).context(told);
            }
        }
    }
    file.with(None).context("see --recorded-column")
}

/// The ready replicas of a table: the column named, or the first that is called so; `None` where there is none.
pub(super) fn ready_of(file: &RecordedFile, column: Option<&str>) -> Result<Option<Trace>> {
    if let Some(column) = column {
        let read = file.with(Some(column));
        return Ok(Some(read.context("--ready-column")?));
    }
    for name in READY {
        match file.with(Some(name)) {
            Ok(found) => return Ok(Some(found)),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Whether there is no such column, and not one that cannot be read.
fn is_absent(error: &TraceError) -> bool {
    matches!(
        error.problem,
        TraceProblem::UnknownColumn { .. } | TraceProblem::NoSuchSeries { .. }
    )
}

/// How much later than the first recorded replicas a load begins, by their dates; where one has none the load begins with
/// the first row of the table that the replicas are in, and that is told.
pub(super) fn load_begins(
    load: Option<jiff::Timestamp>,
    file: &RecordedFile,
    replicas: &Trace,
) -> (SimDuration, Option<&'static str>) {
    match (load, replicas.start) {
        (Some(load), Some(recording)) => (between(recording, load), None),
        _ => (-file.offset(replicas), Some(BEGUN_TOGETHER)),
    }
}

/// The recorded count at a time, and before its first sample the first one.
pub(super) fn count_at(recording: &Recording, at: SimTime) -> Option<u32> {
    let first = recording.counts.steps().first();
    recording.counts.at(at).or(first.map(|(_, count)| *count))
}

/// The scenario of the backend whose verdict counts alone.
pub(super) fn verdict_alone(mut scenario: Scenario) -> Scenario {
    let counts = scenario.backends.swap_remove(scenario.verdict_backend);
    scenario.backends = vec![counts];
    scenario.verdict_backend = 0;
    scenario
}

/// A series on a clock by which it begins at `begins`: what lies before zero is cut off; what begins later has its first
/// number from zero on.
pub(super) fn on_clock(series: &Series, begins: SimDuration) -> Series {
    if !begins.is_positive() {
        return series.between(SimTime::ZERO - begins, series.end());
    }
    let (mut starts, values, end, gaps) = series.clone().into_columns();
    for start in starts.iter_mut().skip(1) {
        *start += begins;
    }
    Series::from_columns(starts, values, end + begins, gaps)
}

/// How much later one date is than another.
pub(super) fn between(from: jiff::Timestamp, to: jiff::Timestamp) -> SimDuration {
    let nanos = to.as_nanosecond() - from.as_nanosecond();
    SimDuration::from_nanos(i64::try_from(nanos).unwrap_or(if nanos < 0 {
        i64::MIN / 4
    } else {
        i64::MAX / 4
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_keeps_its_place_on_another_clock() {
        let ten = SimDuration::from_seconds(10);
        let series = Series::evenly_spaced(ten, vec![1.0, 2.0, 3.0], vec![2]);
        let at = SimTime::from_seconds;
        let later = on_clock(&series, SimDuration::from_seconds(25));
        assert_eq!(later.starts(), [at(0), at(35), at(45)]);
        assert_eq!((later.end(), later.gaps()), (at(55), [2].as_slice()));
        let earlier = on_clock(&series, SimDuration::from_seconds(-10));
        assert_eq!(
            (earlier.values(), earlier.end()),
            ([2.0, 3.0].as_slice(), at(20))
        );
        assert_eq!(on_clock(&series, SimDuration::ZERO), series);
        assert!(on_clock(&series, SimDuration::from_seconds(-99)).is_empty());
    }
}
