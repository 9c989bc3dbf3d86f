//! `RequestLog`: when each request of a log came, and how long it took.

use super::labels::Labels;
use super::raw::{Columns, MAX_ROWS, RawTrace, Subject};
use super::sink::{SeriesFacts, SeriesSink};
use super::{BadCells, ReadOptions, SeriesKind, TimeBase, TraceNote, TraceProblem, TraceUnit};
use crate::trace::error::{Fault, quoted};

/// The column that holds how long each request took, in seconds.
pub(crate) const LATENCY: &str = "latency";

/// When each request of a log came, and how long it took.
#[derive(Debug)]
pub(crate) struct RequestLog {
    base: TimeBase,
    /// Why each row is a request, as the rest of a sentence that begins with "because".
    because: &'static str,
    columns: Columns,
    /// Seconds, once the unit is known; NaN where a row does not say. Empty until a row does.
    latencies: Vec<f64>,
    bad_cells: BadCells,
    bad: u64,
    first_bad: Option<u64>,
    notes: Vec<TraceNote>,
}

impl RequestLog {
    pub(crate) fn new(base: TimeBase, because: &'static str, options: &ReadOptions) -> Self {
        Self {
            base,
            because,
            columns: Columns::default(),
            latencies: Vec::new(),
            bad_cells: options.bad_cells,
            bad: 0,
            first_bad: None,
            notes: Vec::new(),
        }
    }

    /// Adds a request; its time in nanoseconds, how long it took or NaN. Unless [`RequestLog::latencies`] brings them
    /// into seconds afterwards, latencies are in seconds.
    ///
    /// # Errors
    /// When there are too many.
    #[inline]
    pub(crate) fn push(&mut self, time: i64, latency: f64, line: u64) -> Result<(), Fault> {
        if self.columns.times.len() >= MAX_ROWS {
            return Err(Fault::at(line, TraceProblem::TooManyRows(MAX_ROWS)));
        }
        // Neither negative nor endless is a time that a request takes; how long is too long only the unit tells.
        let latency = if latency >= 0.0 && latency.is_finite() {
            latency
        } else {
            f64::NAN
        };
        if !self.latencies.is_empty() || !latency.is_nan() {
            self.latencies.resize(self.columns.times.len(), f64::NAN);
            self.latencies.push(latency);
        }
        self.columns.push_time(time, line);
        Ok(())
    }

    /// What becomes of a line that is no request.
    ///
    /// # Errors
    /// The problem, unless the caller asked to skip such lines.
    pub(crate) fn skip_or(&mut self, problem: TraceProblem, line: u64) -> Result<(), Fault> {
        if self.bad_cells == BadCells::Refuse {
            return Err(Fault::at(line, problem));
        }
        self.bad += 1;
        self.first_bad.get_or_insert(line);
        Ok(())
    }

    pub(crate) fn note(&mut self, note: TraceNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The latencies, to be brought into seconds.
    pub(crate) fn latencies(&mut self) -> &mut [f64] {
        &mut self.latencies
    }

    /// Leaves out latencies that are too long to be believed, now that all are in seconds.
    fn bound_latencies(&mut self) {
        for latency in &mut self.latencies {
            if *latency > MAX_LATENCY {
                *latency = f64::NAN;
            }
        }
        if self.latencies.iter().all(|latency| latency.is_nan()) {
            self.latencies.clear();
        }
    }

    fn finish_notes(&mut self) {
        if self.bad > 0 {
            self.notes.push(TraceNote::BadRowsSkipped {
                rows: self.bad,
                first_line: self.first_bad,
            });
        }
    }

    /// The log as a trace.
    ///
    /// # Errors
    /// When the caller wants columns or units that a log does not have.
    pub(crate) fn into_raw(mut self, options: &ReadOptions) -> Result<RawTrace, TraceProblem> {
        if let Some(unit) = options.unit.filter(|unit| *unit != TraceUnit::Events) {
            return Err(TraceProblem::NotEvents(unit.word()));
        }
        self.bound_latencies();
        for wanted in &options.columns {
            if wanted != LATENCY || self.latencies.is_empty() {
                let columns = if self.latencies.is_empty() {
                    "none, as the log does not say how long requests took".to_owned()
                } else {
                    quoted(LATENCY)
                };
                return Err(TraceProblem::UnknownColumn {
                    wanted: quoted(wanted),
                    columns,
                });
            }
        }
        self.finish_notes();
        if !options.columns.is_empty() {
            let latencies = std::mem::take(&mut self.latencies);
            self.columns.extras.push((LATENCY.to_owned(), latencies));
        }
        Ok(RawTrace {
            base: self.base,
            columns: self.columns,
            subject: Subject::Requests {
                because: self.because.to_owned(),
            },
            notes: self.notes,
        })
    }

    /// The log as series of events: `requests`, each 1, and `latency` in seconds if the log says so.
    ///
    /// # Errors
    /// What the sink says.
    pub(crate) fn into_series(
        mut self,
        sink: &mut dyn SeriesSink,
    ) -> Result<(TimeBase, Vec<TraceNote>), TraceProblem> {
        self.finish_notes();
        self.bound_latencies();
        let facts = |unit: Option<&str>| SeriesFacts {
            kind: SeriesKind::Events,
            unit: unit.map(str::to_owned),
        };
        if self.columns.times.is_empty() {
            return Err(TraceProblem::NoSamples);
        }
        for time in &self.columns.times {
            sink.sample(*time, 1.0)?;
        }
        sink.close(Labels::of_name("requests"), facts(None))?;
        if !self.latencies.is_empty() {
            for (time, latency) in self.columns.times.iter().zip(&self.latencies) {
                sink.sample(*time, *latency)?;
            }
            sink.close(Labels::of_name(LATENCY), facts(Some("s")))?;
        }
        Ok((self.base, self.notes))
    }
}

/// The longest that a request is believed to take, in seconds.
const MAX_LATENCY: f64 = 1e6;
