//! Turns rows into columns of numbers: plain rows on a short path, all others cell by cell.

use std::io::Read;

use super::columns::{self, Plan, TimeSource, ValueSource};
use super::dialect::Dialect;
use super::number::{self, Cell};
use super::plain::PlainRows;
use super::record::Record;
use super::sample::{Sample, ignored_line};
use super::series;
use super::table::Table;
use crate::trace::blocks::{Blocks, MAX_ROW};
use crate::trace::collector::Collector;
use crate::trace::error::{Fault, quoted, quoted_bytes};
use crate::trace::raw::{Columns, MAX_ROWS, RawTrace};
use crate::trace::read::unreadable;
use crate::trace::{BadCells, ReadOptions, TimeBase, TraceNote, TraceProblem};

/// The largest load that is read.
const MAX_VALUE: f64 = 1e15;

/// Reads the load of a table: a column, or the sum of series that columns or rows of it are.
pub(crate) fn read_csv(input: &mut dyn Read, options: &ReadOptions) -> Result<RawTrace, Fault> {
    let table = Table::open(input)?;
    if options.columns.is_empty() && series::holds_series(&table, options) {
        let mut collector = Collector::new(options)?;
        let (base, notes) = series::read_series_of(table, options, &mut collector)?;
        return Ok(collector.finish(base, notes)?);
    }
    let plan = columns::choose(&table.sample, table.dialect, options)
        .map_err(|fault| table.placed(fault))?;
    let Table {
        mut blocks,
        dialect,
        sample,
        first_line,
    } = table;
    let mut reader = RowReader::new(&sample, plan, dialect, options, first_line);
    reader.read_all(&mut blocks)?;
    Ok(reader.finish())
}

/// Reads rows and keeps what they hold.
struct RowReader<'a> {
    sample: &'a Sample,
    plan: Plan,
    dialect: Dialect,
    bad_cells: BadCells,
    /// The short path, if the plan allows it.
    plain: Option<PlainRows>,
    columns: Columns,
    /// The line that comes next.
    line: u64,
    missing: u64,
    bad: u64,
    first_bad: Option<u64>,
    repeated_headers: u64,
    assumes_utc: bool,
    has_decimal_comma: bool,
}

/// What a row gives.
struct Row {
    time: i64,
    value: Option<f64>,
    length: i64,
}

/// Why a row gives nothing.
enum Unusable {
    /// A cell is missing, which is no fault.
    Missing,
    Bad(TraceProblem),
}

impl<'a> RowReader<'a> {
    fn new(
        sample: &'a Sample,
        plan: Plan,
        dialect: Dialect,
        options: &ReadOptions,
        line: u64,
    ) -> Self {
        let length_name = plan.length.map(|(column, _)| sample.name(column));
        let extras = plan.extras.iter().map(|column| sample.name(*column));
        let columns = Columns::named(length_name.unwrap_or_default(), extras);
        Self {
            sample,
            plain: PlainRows::of(&plan, dialect.delimiter),
            plan,
            dialect,
            bad_cells: options.bad_cells,
            columns,
            line,
            missing: 0,
            bad: 0,
            first_bad: None,
            repeated_headers: 0,
            assumes_utc: false,
            has_decimal_comma: false,
        }
    }

    fn read_all(&mut self, blocks: &mut Blocks) -> Result<(), Fault> {
        let mut record = Record::default();
        loop {
            let used = self.read_window(blocks.pending(), &mut record)?;
            blocks.consume(used);
            if self.columns.times.len() > MAX_ROWS {
                return Err(Fault::at(self.line, TraceProblem::TooManyRows(MAX_ROWS)));
            }
            if blocks.is_finished() {
                if blocks.pending().is_empty() {
                    return Ok(());
                }
                return Err(Fault::at(self.line, TraceProblem::OpenQuote));
            }
            if blocks.pending().len() > MAX_ROW {
                return Err(Fault::at(self.line, TraceProblem::RowTooLong));
            }
            blocks.fetch().map_err(|error| unreadable(&error))?;
        }
    }

    /// Reads the whole rows of a window; returns the bytes they take.
    fn read_window(&mut self, window: &[u8], record: &mut Record) -> Result<usize, Fault> {
        let whole = memchr::memrchr(b'\n', window).map_or(0, |last| last + 1);
        let mut at = 0;
        while at < whole {
            if let Some(plain) = &mut self.plain {
                at += plain.read(&window[at..whole], &mut self.columns, &mut self.line);
                if at >= whole {
                    break;
                }
            }
            if let Some(bytes) = ignored_line(&window[at..]) {
                self.line += 1;
                at += bytes;
                continue;
            }
            let Some(taken) = record.read(&window[at..], self.dialect.delimiter) else {
                break;
            };
            if !record.is_blank() {
                self.take(record)?;
            }
            self.line += taken.lines;
            at += taken.bytes;
        }
        Ok(at)
    }

    /// Keeps what one row holds.
    fn take(&mut self, record: &Record) -> Result<(), Fault> {
        match self.read_row(record) {
            Ok(row) => {
                self.columns.push_time(row.time, self.line);
                if let Some(value) = row.value {
                    self.columns.values.push(value);
                }
                if self.plan.length.is_some() {
                    self.columns.lengths.push(row.length);
                }
                for (column, (_, kept)) in self.plan.extras.iter().zip(&mut self.columns.extras) {
                    kept.push(extra_value(record.cell(*column), self.dialect));
                }
                Ok(())
            }
            Err(Unusable::Missing) => {
                self.missing += 1;
                Ok(())
            }
            Err(Unusable::Bad(_)) if self.is_header_again(record) => {
                self.repeated_headers += 1;
                Ok(())
            }
            Err(Unusable::Bad(problem)) => match self.bad_cells {
                BadCells::Refuse => Err(Fault::at(self.line, problem)),
                BadCells::Skip => {
                    self.bad += 1;
                    self.first_bad.get_or_insert(self.line);
                    Ok(())
                }
            },
        }
    }

    fn is_header_again(&self, record: &Record) -> bool {
        let header = self.sample.header.as_ref();
        header.is_some_and(|header| header.cells().eq(record.cells()))
    }

    fn read_row(&mut self, record: &Record) -> Result<Row, Unusable> {
        let time = match self.plan.time {
            TimeSource::Column { index, form } => {
                let cell = present(record, index)?;
                let time = form
                    .read_named(cell, &self.sample.name(index))
                    .map_err(Unusable::Bad)?;
                self.assumes_utc |= time.assumes_utc;
                time.nanos
            }
            TimeSource::Step(step) => {
                let rows = self.columns.times.len() as u64 + self.missing + self.bad;
                step.saturating_mul(i64::try_from(rows).unwrap_or(i64::MAX))
            }
        };
        let value = match self.plan.value {
            None => None,
            Some(ValueSource::Column(index)) => Some(self.load(record, index)?),
            Some(ValueSource::ClockShare {
                used,
                capacity,
                cores,
            }) => {
                let capacity = self.load(record, capacity)?;
                let cores = match cores {
                    Some(cores) => self.load(record, cores)?,
                    None => 1.0,
                };
                let used = self.load(record, used)?;
                if capacity <= 0.0 {
                    return Err(Unusable::Missing);
                }
                Some(used / capacity * cores)
            }
        };
        let length = match self.plan.length {
            Some((index, unit)) => match self.load(record, index) {
                Ok(length) => whole_nanos(length * unit as f64),
                Err(Unusable::Missing) => 0,
                Err(bad) => return Err(bad),
            },
            None => 0,
        };
        Ok(Row {
            time,
            value,
            length,
        })
    }

    /// A cell's number, if a load can be so.
    fn load(&mut self, record: &Record, index: usize) -> Result<f64, Unusable> {
        let cell = present(record, index)?;
        let text = || quoted_bytes(cell);
        let column = || self.quoted_name(index);
        let problem = match number::cell(cell, self.dialect.mark) {
            Cell::Missing => return Err(Unusable::Missing),
            Cell::NotFinite => TraceProblem::NotFinite {
                text: text(),
                column: column(),
            },
            Cell::NotANumber => TraceProblem::BadNumber {
                text: text(),
                column: column(),
            },
            Cell::Number { value, .. } if value < 0.0 => TraceProblem::Negative {
                text: text(),
                column: column(),
            },
            Cell::Number { value, .. } if value > MAX_VALUE => TraceProblem::TooLarge {
                text: text(),
                column: column(),
            },
            Cell::Number {
                value,
                has_decimal_comma,
                ..
            } => {
                self.has_decimal_comma |= has_decimal_comma;
                return Ok(value);
            }
        };
        Err(Unusable::Bad(problem))
    }

    fn quoted_name(&self, column: usize) -> String {
        quoted(&self.sample.name(column))
    }

    fn finish(mut self) -> RawTrace {
        let mut notes = self.plan.notes;
        let plain_assumes_utc = self.plain.is_some_and(|plain| plain.assumes_utc());
        if self.assumes_utc || plain_assumes_utc {
            notes.push(TraceNote::AssumedUtc);
            let changes = self.columns.mend_clock_changes();
            if changes > 0 {
                notes.push(TraceNote::ClockChanges { changes });
            }
        }
        if self.has_decimal_comma {
            notes.push(TraceNote::DecimalComma);
        }
        if self.missing > 0 {
            let rows = self.missing;
            notes.push(TraceNote::MissingValues { rows });
        }
        if self.bad > 0 {
            notes.push(TraceNote::BadRowsSkipped {
                rows: self.bad,
                first_line: self.first_bad,
            });
        }
        if self.repeated_headers > 0 {
            let rows = self.repeated_headers;
            notes.push(TraceNote::RepeatedHeader { rows });
        }
        RawTrace {
            base: match self.plan.time {
                TimeSource::Column { form, .. } => form.base(),
                TimeSource::Step(_) => TimeBase::Unknown,
            },
            columns: self.columns,
            subject: self.plan.subject,
            notes,
        }
    }
}

/// A cell that the row must have; the message counts columns.
fn present(record: &Record, index: usize) -> Result<&[u8], Unusable> {
    if index < record.len() {
        Ok(record.cell(index))
    } else {
        Err(Unusable::Bad(TraceProblem::ShortRow {
            found: record.len(),
            expected: index + 1,
        }))
    }
}

/// A further column's number; NaN where there is none that can be used.
fn extra_value(cell: &[u8], dialect: Dialect) -> f64 {
    match number::cell(cell, dialect.mark) {
        Cell::Number { value, .. } if (0.0..=MAX_VALUE).contains(&value) => value,
        _ => f64::NAN,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, which is what is wanted"
)]
fn whole_nanos(nanos: f64) -> i64 {
    nanos.round() as i64
}
