//! `WrittenTrace`: a trace that is ready to be written, with what is lost by it.

use std::io::{self, Write};
use std::str::FromStr;

use super::error::{WriteError, WriteNote};
use super::layout::Layout;
use super::number::since_1970;
use super::{csv, openmetrics, prometheus};
use crate::trace::edit::MAX_SPAN;
use crate::trace::raw::MAX_ROWS;
use crate::trace::{EventTimes, Trace, TraceUnit};

/// The largest number that is read.
const MAX_VALUE: f64 = 1e15;

/// A form that traces are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceForm {
    /// A table with a header: `timestamp,rps`.
    Csv,
    /// The answer of Prometheus' `/api/v1/query_range`.
    Prometheus,
    /// OpenMetrics text with timestamps, as `promtool tsdb create-blocks-from openmetrics` takes it.
    OpenMetrics,
}

/// A trace that can be written and reads back, and what is lost by it.
pub struct WrittenTrace<'a> {
    trace: &'a Trace,
    form: TraceForm,
    rows: Rows<'a>,
    notes: Vec<WriteNote>,
}

enum Rows<'a> {
    Events(&'a EventTimes),
    Steps(Layout<'a>),
}

impl FromStr for TraceForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "csv" => Ok(Self::Csv),
            "prometheus" => Ok(Self::Prometheus),
            "openmetrics" => Ok(Self::OpenMetrics),
            _ => Err("expected `csv`, `prometheus` or `openmetrics`".to_owned()),
        }
    }
}

impl<'a> WrittenTrace<'a> {
    /// Makes sure that the trace reads back from the form.
    ///
    /// # Errors
    /// When it holds nothing, or what no reader takes: numbers, spans or steps out of bounds.
    pub fn new(trace: &'a Trace, form: TraceForm) -> Result<Self, WriteError> {
        let series = &trace.series;
        let layout = Layout::of(series).ok_or(WriteError::Empty)?;
        // What gaps hold is not written.
        let recorded = layout.rows().filter_map(|row| Some(row.recorded?.1));
        let peak = recorded.fold(0.0, f64::max);
        if peak <= 0.0 {
            return Err(WriteError::AllZero);
        }
        if peak > MAX_VALUE {
            return Err(WriteError::TooLarge(peak));
        }
        let span = series.end().since_start();
        if span > MAX_SPAN {
            return Err(WriteError::TooLong(span));
        }
        if since_1970(trace.start, series.end()) > i128::from(i64::MAX) {
            return Err(WriteError::TooLate);
        }
        let events = trace
            .events
            .as_ref()
            .filter(|_| trace.unit.unit == TraceUnit::Events);
        let rows = match events {
            Some(events) if form == TraceForm::Csv => Rows::Events(events),
            _ => Rows::Steps(layout),
        };
        let mut written = Self {
            trace,
            form,
            rows,
            notes: Vec::new(),
        };
        if written.count() > MAX_ROWS {
            return Err(WriteError::TooManyRows(written.count()));
        }
        written.take_notes()?;
        Ok(written)
    }

    /// What the form cannot say, and what was left out.
    #[must_use]
    pub fn notes(&self) -> &[WriteNote] {
        &self.notes
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        match (&self.rows, self.form) {
            (Rows::Events(events), _) => csv::write_events(out, self.trace, events),
            (Rows::Steps(layout), TraceForm::Csv) => csv::write_steps(out, self.trace, layout),
            (Rows::Steps(layout), TraceForm::Prometheus) => {
                prometheus::write(out, self.trace, layout)
            }
            (Rows::Steps(layout), TraceForm::OpenMetrics) => {
                openmetrics::write(out, self.trace, layout)
            }
        }
    }

    fn count(&self) -> usize {
        match &self.rows {
            Rows::Events(events) => events.times().len(),
            Rows::Steps(_) => self.trace.series.len(),
        }
    }

    fn take_notes(&mut self) -> Result<(), WriteError> {
        let trace = self.trace;
        let Rows::Steps(layout) = &self.rows else {
            return Ok(());
        };
        if layout.left_out().is_positive() {
            self.notes.push(WriteNote::GapAtEdge(layout.left_out()));
        }
        if self.form == TraceForm::Csv {
            return Ok(());
        }
        if trace.start.is_none() {
            self.notes.push(WriteNote::Since1970);
        }
        if layout.needs_lengths {
            self.notes.push(WriteNote::LengthsLost);
        }
        if trace.events.is_some() {
            self.notes.push(WriteNote::EventsCounted);
        }
        if !trace.columns.is_empty() {
            let columns = trace.columns.len();
            self.notes.push(WriteNote::ColumnsLeftOut(columns));
        }
        let mut before = None;
        let mut is_rounded = false;
        for row in layout.rows().filter(|row| row.recorded.is_some()) {
            let nanos = since_1970(trace.start, row.start);
            let millis = prometheus::millis(nanos);
            if before == Some(millis) {
                return Err(WriteError::TooFine);
            }
            before = Some(millis);
            is_rounded |= nanos % 1_000_000 != 0;
        }
        if is_rounded {
            self.notes.push(WriteNote::TimesRounded);
        }
        Ok(())
    }
}

/// The name of a CSV column, and that of a metric, which the reader knows to be of the unit.
pub(super) const fn names_of(unit: TraceUnit) -> (&'static str, &'static str) {
    match unit {
        TraceUnit::RequestsPerSecond | TraceUnit::Counter => ("rps", "requests_per_second"),
        TraceUnit::RequestsPerMinute => ("rpm", "requests_per_minute"),
        TraceUnit::CountPerStep | TraceUnit::Events => ("requests", "requests"),
        TraceUnit::Cores => ("cpu_usage_cores", "cpu_usage_cores"),
        TraceUnit::MilliCores => ("cpu_usage_millicores", "cpu_usage_millicores"),
        TraceUnit::Percent => ("cpu_percent", "cpu_percent"),
        TraceUnit::Fraction => ("cpu_fraction", "cpu_fraction"),
    }
}
