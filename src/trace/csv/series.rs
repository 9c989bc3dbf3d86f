//! Every series of a table: one per column, or one per word where a column says which series a row belongs to.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::columns::{self, TimeSource};
use super::number::{self, Measure};
use super::record::Record;
use super::table::Table;
use crate::trace::clock_change::mend_clock_changes;
use crate::trace::error::{Fault, quoted, quoted_bytes};
use crate::trace::labels::Labels;
use crate::trace::raw::MAX_ROWS;
use crate::trace::sink::{SeriesFacts, SeriesSink, SeriesTable};
use crate::trace::{BadCells, ReadOptions, SeriesKind, TimeBase, TraceNote, TraceProblem};

/// Reads every series of a table.
pub(crate) fn read_series(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn SeriesSink,
) -> Result<(TimeBase, Vec<TraceNote>), Fault> {
    read_series_of(Table::open(input)?, options, sink)
}

/// Whether a table is one of series among which the load is to be found: one that names them in a column, or one whose
/// columns are named as series are, or the caller selects some.
pub(super) fn holds_series(table: &Table, options: &ReadOptions) -> bool {
    let by_rows = || {
        let time = columns::choose_time(&table.sample, table.dialect, options, &mut Vec::new());
        let form = time.ok().and_then(|time| LongForm::of(table, time));
        form.is_some() && options.value_column.is_none()
    };
    let by_columns = || {
        let names = table.names().unwrap_or_default();
        let series = names
            .iter()
            .filter(|name| Labels::of_notation(name).is_some());
        options.value_column.is_none() && series.count() > 1
    };
    options.series.is_some() || by_rows() || by_columns()
}

/// Reads every series of a table that has been opened.
pub(super) fn read_series_of(
    table: Table,
    options: &ReadOptions,
    sink: &mut dyn SeriesSink,
) -> Result<(TimeBase, Vec<TraceNote>), Fault> {
    let mut notes = Vec::new();
    let time = columns::choose_time(&table.sample, table.dialect, options, &mut notes)
        .map_err(|fault| table.placed(fault))?;
    if table.sample.header.is_none() {
        notes.insert(0, TraceNote::NoHeader);
    }
    let names = table.sample.names();
    let mut rows = Rows {
        time,
        mark: table.dialect.mark,
        header: table.sample.header.clone(),
        bad_cells: options.bad_cells,
        assumes_utc: false,
        clock_changes: 0,
        taken: 0,
        missing: 0,
        bad: 0,
        first_bad: None,
        names,
    };
    match LongForm::of(&table, time) {
        Some(form) => read_long(table, &mut rows, &form, sink)?,
        None => read_wide(table, &mut rows, sink)?,
    }
    rows.add_notes(&mut notes);
    let base = match time {
        TimeSource::Column { form, .. } => form.base(),
        TimeSource::Step(_) => TimeBase::Unknown,
    };
    Ok((base, notes))
}

/// What is common to the rows of both forms.
struct Rows {
    time: TimeSource,
    mark: number::DecimalMark,
    header: Option<Record>,
    bad_cells: BadCells,
    names: Vec<String>,
    assumes_utc: bool,
    clock_changes: usize,
    taken: i64,
    missing: u64,
    bad: u64,
    first_bad: Option<u64>,
}

impl Rows {
    /// A row's time; `None` if the row is to be left out.
    fn time(&mut self, record: &Record, line: u64) -> Result<Option<i64>, Fault> {
        self.taken += 1;
        let (index, form) = match self.time {
            TimeSource::Step(step) => return Ok(Some(step.saturating_mul(self.taken - 1))),
            TimeSource::Column { index, form } => (index, form),
        };
        let cell = record.cell(index);
        if cell.is_empty() {
            self.missing += 1;
            return Ok(None);
        }
        match form.read_named(cell, &self.names[index]) {
            Ok(time) => {
                self.assumes_utc |= time.assumes_utc;
                Ok(Some(time.nanos))
            }
            Err(_) if self.is_header_again(record) => Ok(None),
            Err(problem) => self.skip_or(problem, line).map(|()| None),
        }
    }

    fn is_header_again(&self, record: &Record) -> bool {
        let header = self.header.as_ref();
        header.is_some_and(|header| header.cells().eq(record.cells()))
    }

    /// A cell's number, NaN where it holds none, and the unit that it states.
    fn number(
        &mut self,
        record: &Record,
        column: usize,
        line: u64,
    ) -> Result<(f64, Option<&'static str>), Fault> {
        let cell = record.cell(column);
        match number::measure(cell, self.mark) {
            Measure::Number { value, unit } => Ok((value, unit)),
            Measure::Missing => Ok((f64::NAN, None)),
            Measure::NotANumber => {
                let problem = TraceProblem::BadNumber {
                    text: quoted_bytes(cell),
                    column: quoted(&self.names[column]),
                };
                self.skip_or(problem, line).map(|()| (f64::NAN, None))
            }
        }
    }

    fn skip_or(&mut self, problem: TraceProblem, line: u64) -> Result<(), Fault> {
        if self.bad_cells == BadCells::Refuse {
            return Err(Fault::at(line, problem));
        }
        self.bad += 1;
        self.first_bad.get_or_insert(line);
        Ok(())
    }

    fn add_notes(&self, notes: &mut Vec<TraceNote>) {
        if self.assumes_utc {
            notes.push(TraceNote::AssumedUtc);
        }
        if self.clock_changes > 0 {
            let changes = self.clock_changes;
            notes.push(TraceNote::ClockChanges { changes });
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
    }
}

/// Reads a table with a column for each series.
fn read_wide(table: Table, rows: &mut Rows, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let time_column = match rows.time {
        TimeSource::Column { index, .. } => Some(index),
        TimeSource::Step(_) => None,
    };
    let chosen: Vec<usize> = (0..table.sample.width())
        .filter(|column| Some(*column) != time_column)
        .filter(|column| table.sample.holds_measures(*column, table.dialect))
        .collect();
    if chosen.is_empty() {
        // Rows of a time and nothing else are events.
        let mut times = Vec::new();
        table.for_each(|record, line| {
            times.extend(rows.time(record, line)?);
            limited(times.len(), line)
        })?;
        for time in times {
            sink.sample(time, 1.0)?;
        }
        let facts = SeriesFacts {
            kind: SeriesKind::Events,
            unit: None,
        };
        return Ok(sink.close(Labels::of_name("events"), facts)?);
    }
    let labels = wide_labels(&rows.names, &chosen);
    let mut units: Vec<Option<&'static str>> = vec![None; chosen.len()];
    let mut times = Vec::new();
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); chosen.len()];
    table.for_each(|record, line| {
        let Some(time) = rows.time(record, line)? else {
            return Ok(());
        };
        times.push(time);
        for ((column, values), unit) in chosen.iter().zip(&mut values).zip(&mut units) {
            let (value, stated) = rows.number(record, *column, line)?;
            *unit = unit.or(stated);
            values.push(value);
        }
        limited(times.len().saturating_mul(chosen.len()), line)
    })?;
    if rows.assumes_utc && !times.is_sorted() {
        rows.clock_changes = mend_clock_changes(&mut times);
    }
    for ((labels, values), unit) in labels.into_iter().zip(values).zip(units) {
        if sink.wants(&labels) {
            for (time, value) in times.iter().zip(values) {
                sink.sample(*time, value)?;
            }
        }
        let facts = SeriesFacts {
            kind: SeriesKind::Unknown,
            unit: unit.map(str::to_owned),
        };
        sink.close(labels, facts)?;
    }
    Ok(())
}

/// The series that the columns are: `name{label="value"}` where their names are of that form, and told apart by
/// number where two have one name.
fn wide_labels(names: &[String], chosen: &[usize]) -> Vec<Labels> {
    let mut seen = HashSet::new();
    chosen
        .iter()
        .map(|column| {
            let name = &names[*column];
            let labels = Labels::of_notation(name)
                .unwrap_or_else(|| Labels::of_name(name.trim().to_owned()));
            if seen.insert(labels.clone()) {
                labels
            } else {
                Labels::of_name(format!("{name} (column {})", column + 1))
            }
        })
        .collect()
}

fn limited(samples: usize, line: u64) -> Result<(), Fault> {
    if samples > MAX_ROWS {
        return Err(Fault::at(line, TraceProblem::TooManyRows(MAX_ROWS)));
    }
    Ok(())
}

/// Which columns of a long table say what.
struct LongForm {
    series: usize,
    value: usize,
    /// Further columns of words, with the label that each is.
    labels: Vec<(usize, String)>,
}

impl LongForm {
    /// A table whose rows each hold a time, a series' name and a value.
    fn of(table: &Table, time: TimeSource) -> Option<Self> {
        table.sample.header.as_ref()?;
        let names = table.sample.names();
        let find = |wanted: &[&str]| {
            let is_wanted =
                |name: &String| wanted.iter().any(|word| name.eq_ignore_ascii_case(word));
            names.iter().position(is_wanted)
        };
        let series = find(&["series", "metric", "metric_name", "__name__", "timeseries"])?;
        let value = find(&["value", "val", "metric_value"])?;
        let time = match time {
            TimeSource::Column { index, .. } => index,
            TimeSource::Step(_) => return None,
        };
        let is_text = |column: usize| !table.sample.holds_measures(column, table.dialect);
        if series == time || value == time || !is_text(series) || is_text(value) {
            return None;
        }
        let labels = (0..names.len())
            .filter(|column| ![series, value, time].contains(column) && is_text(*column))
            .map(|column| (column, names[column].trim().to_owned()))
            .filter(|(_, name)| !name.is_empty())
            .collect();
        Some(Self {
            series,
            value,
            labels,
        })
    }

    fn labels(&self, record: &Record) -> Result<Labels, TraceProblem> {
        let text = |column: usize| String::from_utf8_lossy(record.cell(column)).into_owned();
        let series = text(self.series);
        let labels = Labels::of_notation(&series).unwrap_or_else(|| Labels::of_name(series));
        if self.labels.is_empty() {
            return Ok(labels);
        }
        let (name, mut pairs) = labels.into_parts();
        pairs.push(("__name__".to_owned(), name));
        pairs.extend(
            self.labels
                .iter()
                .map(|(column, name)| (name.clone(), text(*column))),
        );
        Labels::new(pairs)
    }
}

/// Reads a table with a row for each sample of each series.
fn read_long(
    table: Table,
    rows: &mut Rows,
    form: &LongForm,
    sink: &mut dyn SeriesSink,
) -> Result<(), Fault> {
    let mut series = SeriesTable::default();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut key = Vec::new();
    table.for_each(|record, line| {
        let at_line = |problem| Fault::at(line, problem);
        let Some(time) = rows.time(record, line)? else {
            return Ok(());
        };
        key.clear();
        for column in std::iter::once(&form.series).chain(form.labels.iter().map(|(c, _)| c)) {
            key.extend_from_slice(record.cell(*column));
            key.push(0);
        }
        let (value, unit) = rows.number(record, form.value, line)?;
        let place = if let Some(place) = places.get(&key) {
            *place
        } else {
            let labels = form.labels(record).map_err(at_line)?;
            let facts = |_: &Labels| SeriesFacts {
                kind: SeriesKind::Unknown,
                unit: unit.map(str::to_owned),
            };
            let is_wanted = sink.wants(&labels);
            let place = series.place(labels, is_wanted, facts).map_err(at_line)?;
            places.insert(key.clone(), place);
            place
        };
        series.push(place, time, value).map_err(at_line)
    })?;
    Ok(series.drain_into(sink)?)
}
