//! Chooses the columns of a table that hold the times and the load.

use super::dialect::Dialect;
use super::number::{self, Cell};
use super::sample::{ColumnKind, Sample};
use super::time::TimeForm;
use crate::trace::calendar::{self, DateOrder};
use crate::trace::error::{Fault, listed, quoted, quoted_bytes};
use crate::trace::names::{self, Meaning};
use crate::trace::raw::Subject;
use crate::trace::{ReadOptions, TraceNote, TraceProblem, TraceUnit};

/// Which columns are read, and how.
pub(super) struct Plan {
    pub(super) time: TimeSource,
    /// Where the load comes from; `None` if only rows count.
    pub(super) value: Option<ValueSource>,
    /// The column that says how long each step lasts, and the nanoseconds in its unit.
    pub(super) length: Option<(usize, i64)>,
    pub(super) extras: Vec<usize>,
    pub(super) subject: Subject,
    pub(super) notes: Vec<TraceNote>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeSource {
    Column {
        index: usize,
        form: TimeForm,
    },
    /// No column; rows are so many nanoseconds apart.
    Step(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueSource {
    Column(usize),
    /// Cpu in use as clock rate, over the clock rate that exists, times the cores if a column says how many.
    ClockShare {
        used: usize,
        capacity: usize,
        cores: Option<usize>,
    },
}

/// Chooses the columns; faults count lines from the first one after the preamble.
pub(super) fn choose(
    sample: &Sample,
    dialect: Dialect,
    options: &ReadOptions,
) -> Result<Plan, Fault> {
    if sample.width() > MAX_COLUMNS {
        return Err(TraceProblem::TooManyColumns(sample.width()).into());
    }
    let chooser = Chooser::new(sample, dialect, options);
    let mut notes = Vec::new();
    if sample.header.is_none() {
        notes.push(TraceNote::NoHeader);
    }
    let time = chooser.time(&mut notes)?;
    let time_column = match time {
        TimeSource::Column { index, .. } => Some(index),
        TimeSource::Step(_) => None,
    };
    let (value, subject) = chooser.value(time_column, &mut notes)?;
    let length = (0..chooser.names.len()).find_map(|column| {
        let is_free = Some(column) != time_column && value != Some(ValueSource::Column(column));
        match names::meaning(&chooser.names[column]) {
            Meaning::StepLength(nanos) if is_free => Some((column, nanos)),
            _ => None,
        }
    });
    let extras = options
        .columns
        .iter()
        .map(|wanted| chooser.named(wanted))
        .collect::<Result<_, _>>()?;
    Ok(Plan {
        time,
        value,
        length: length.filter(|_| sample.header.is_some()),
        extras,
        subject,
        notes,
    })
}

/// Chooses where the times come from, and nothing else.
pub(super) fn choose_time(
    sample: &Sample,
    dialect: Dialect,
    options: &ReadOptions,
    notes: &mut Vec<TraceNote>,
) -> Result<TimeSource, Fault> {
    if sample.width() > MAX_COLUMNS {
        return Err(TraceProblem::TooManyColumns(sample.width()).into());
    }
    Chooser::new(sample, dialect, options).time(notes)
}

struct Chooser<'a> {
    sample: &'a Sample,
    dialect: Dialect,
    options: &'a ReadOptions,
    names: Vec<String>,
    kinds: Vec<ColumnKind>,
}

impl<'a> Chooser<'a> {
    fn new(sample: &'a Sample, dialect: Dialect, options: &'a ReadOptions) -> Self {
        Self {
            sample,
            dialect,
            options,
            names: sample.names(),
            kinds: (0..sample.width())
                .map(|column| sample.kind(column, dialect))
                .collect(),
        }
    }

    fn all_names(&self) -> String {
        listed(self.names.iter().map(String::as_str))
    }

    /// The column that the caller calls `wanted`: a name, or a number from 1.
    fn named(&self, wanted: &str) -> Result<usize, TraceProblem> {
        let wanted = wanted.trim();
        let exact = self.names.iter().position(|name| name == wanted);
        let loose = || {
            self.names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(wanted))
        };
        let numbered = || {
            let number: usize = wanted.parse().ok()?;
            number
                .checked_sub(1)
                .filter(|column| *column < self.names.len())
        };
        exact
            .or_else(loose)
            .or_else(numbered)
            .ok_or_else(|| TraceProblem::UnknownColumn {
                wanted: quoted(wanted),
                columns: self.all_names(),
            })
    }

    fn time(&self, notes: &mut Vec<TraceNote>) -> Result<TimeSource, Fault> {
        let column = match &self.options.time_column {
            Some(wanted) => Some(self.named(wanted)?),
            None => self.likeliest_time(),
        };
        let index = match (column, self.options.step) {
            (Some(index), _) => index,
            (None, Some(step)) => {
                notes.push(TraceNote::TimesFromStep(step));
                return Ok(TimeSource::Step(step.as_nanos()));
            }
            (None, None) => {
                let columns = self.all_names();
                return Err(TraceProblem::NoTimeColumn { columns }.into());
            }
        };
        let form = self.time_form(index)?;
        notes.push(TraceNote::TimeColumn {
            column: quoted(&self.names[index]),
            form: form.description(),
        });
        Ok(TimeSource::Column { index, form })
    }

    fn likeliest_time(&self) -> Option<usize> {
        let can_be = |column: &usize| {
            matches!(
                self.kinds[*column],
                ColumnKind::Numbers | ColumnKind::CalendarTimes
            )
        };
        let columns = || (0..self.names.len()).filter(can_be);
        if self.sample.header.is_some() {
            let likeness = |column: &usize| names::time_likeness(&self.names[*column]);
            // Of equally likely ones the leftmost, which `max_by_key` finds last in reverse.
            let named = columns().rev().max_by_key(likeness);
            if let Some(column) = named.filter(|column| likeness(column) > 0) {
                return Some(column);
            }
        }
        columns()
            .find(|column| self.is_calendar(*column))
            .or_else(|| columns().find(|column| self.is_epoch(*column)))
            .or_else(|| {
                let is_bare_table = self.sample.header.is_none() && self.names.len() > 1;
                columns().find(|column| is_bare_table && *column == 0)
            })
    }

    /// Whether a column holds calendar times, and in order unless there is no header that could have named them.
    fn is_calendar(&self, column: usize) -> bool {
        let times = || {
            let cells = self.sample.cells(column);
            cells.filter_map(|(_, cell)| calendar::parse(cell, DateOrder::YearFirst).ok())
        };
        self.kinds[column] == ColumnKind::CalendarTimes
            && (self.sample.header.is_none() || times().is_sorted_by_key(|time| time.nanos))
    }

    /// Whether a column's numbers are times since 1970 that grow.
    fn is_epoch(&self, column: usize) -> bool {
        let numbers: Vec<f64> = self
            .sample
            .cells(column)
            .filter_map(|(_, cell)| std::str::from_utf8(cell).ok()?.parse().ok())
            .collect();
        !numbers.is_empty()
            && numbers.iter().all(|number| *number >= 1e8)
            && numbers.is_sorted()
            && (numbers.len() == 1 || numbers.first() < numbers.last())
    }

    fn time_form(&self, column: usize) -> Result<TimeForm, Fault> {
        let name = &self.names[column];
        let Some((line, first)) = self.sample.cells(column).next() else {
            return Err(TraceProblem::NoSamples.into());
        };
        let number = std::str::from_utf8(first)
            .ok()
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|number| number.is_finite());
        if let Some(number) = number {
            return Ok(TimeForm::of_number(number, name));
        }
        let year_first = calendar::parse(first, DateOrder::YearFirst);
        if year_first != Err(calendar::CalendarFault::NotATime) {
            return Ok(TimeForm::Calendar(DateOrder::YearFirst));
        }
        // One date that can be read in one order only tells for all.
        let orders = || {
            let cells = self.sample.cells(column);
            cells.map(|(_, cell)| calendar::orders_of(cell).collect::<Vec<_>>())
        };
        if let Some(only) = orders().find(|orders| orders.len() == 1) {
            return Ok(TimeForm::Calendar(only[0]));
        }
        let problem = if orders().any(|orders| orders.len() > 1) {
            TraceProblem::AmbiguousDate(quoted_bytes(first))
        } else {
            TraceProblem::BadTime {
                text: quoted_bytes(first),
                column: quoted(name),
                expected: "seconds or milliseconds since 1970, or a date such as `2026-03-14T09:30:00Z`",
            }
        };
        Err(Fault::at(line, problem))
    }

    fn value(
        &self,
        time: Option<usize>,
        notes: &mut Vec<TraceNote>,
    ) -> Result<(Option<ValueSource>, Subject), Fault> {
        if self.options.unit == Some(TraceUnit::Events) {
            return Ok((None, Subject::TimesOnly));
        }
        if let Some(wanted) = &self.options.value_column {
            let column = self.named(wanted)?;
            if names::meaning(&self.names[column]) == Meaning::Megahertz
                && self.options.unit.is_none()
                && let Some(share) = self.clock_share()
            {
                return Ok(share);
            }
            return Ok((Some(ValueSource::Column(column)), self.subject(column)));
        }
        let candidates: Vec<(u32, usize)> = (0..self.names.len())
            .filter(|column| Some(*column) != time)
            .filter_map(|column| Some((self.load_likeness(column)?, column)))
            .collect();
        let best = candidates.iter().map(|(likeness, _)| *likeness).max();
        let Some(best) = best else {
            let all = self.all_names();
            let subject = if self.names.len() == 1 && time.is_some() {
                Subject::TimesOnly
            } else {
                let candidates = Vec::new();
                Subject::Rows { candidates, all }
            };
            return Ok((None, subject));
        };
        if best < CLOCK_SHARE
            && let Some(share) = self.clock_share()
        {
            return Ok(share);
        }
        let of_best: Vec<usize> = candidates
            .iter()
            .filter(|(likeness, _)| *likeness == best)
            .map(|(_, column)| *column)
            .collect();
        if best == UNKNOWN && of_best.len() > 1 && self.sample.header.is_some() {
            let names = of_best.iter().map(|column| self.names[*column].clone());
            let candidates = names.collect();
            let all = self.all_names();
            return Ok((None, Subject::Rows { candidates, all }));
        }
        // Without names, the column after the times is the likeliest.
        let after_time = of_best
            .iter()
            .find(|column| time.is_none_or(|time| **column > time));
        let column = match (&self.sample.header, after_time) {
            (None, Some(column)) => *column,
            _ => of_best[0],
        };
        let others: Vec<String> = candidates
            .iter()
            .filter(|(likeness, other)| {
                *other != column && (*likeness > UNKNOWN || self.sample.header.is_none())
            })
            .map(|(_, other)| quoted(&self.names[*other]))
            .collect();
        if !others.is_empty() || best == UNKNOWN {
            notes.push(TraceNote::ValueColumn {
                column: quoted(&self.names[column]),
                others,
            });
        }
        Ok((Some(ValueSource::Column(column)), self.subject(column)))
    }

    fn subject(&self, column: usize) -> Subject {
        let name = self.names[column].clone();
        let meaning = match self.sample.header {
            Some(_) => names::meaning(&name),
            None => Meaning::Bare,
        };
        if matches!(meaning, Meaning::Bare | Meaning::Unknown)
            && let Some((unit, cell)) = self.stated_unit(column)
        {
            let because = format!("cells such as {} say so", quoted_bytes(cell));
            return Subject::Stated { unit, because };
        }
        Subject::Named {
            kind: "column",
            name,
            meaning,
        }
    }

    /// The unit that a column's cells state, and the first cell that does.
    fn stated_unit(&self, column: usize) -> Option<(TraceUnit, &[u8])> {
        self.sample.cells(column).find_map(|(_, cell)| {
            match number::cell(cell, self.dialect.mark) {
                Cell::Number { unit, .. } => Some((unit?, cell)),
                _ => None,
            }
        })
    }

    /// How surely a column holds the load; `None` if it cannot.
    fn load_likeness(&self, column: usize) -> Option<u32> {
        let name = &self.names[column];
        let meaning = match self.sample.header {
            Some(_) => names::meaning(name),
            None => Meaning::Unknown,
        };
        let likeness = match meaning {
            Meaning::RequestsPerSecond => 100,
            Meaning::RequestsPerMinute => 95,
            Meaning::CountPerStep => 90,
            Meaning::Counter => 86,
            Meaning::CpuSecondsCounter => 85,
            Meaning::Cores => 82,
            Meaning::MilliCores => 81,
            Meaning::Percent | Meaning::Fraction => 70,
            Meaning::Utilization => 69,
            Meaning::Cpu => 65,
            Meaning::MaybeCores => 62,
            Meaning::Bare => 60,
            Meaning::Unknown => UNKNOWN,
            Meaning::Megahertz
            | Meaning::MegahertzCapacity
            | Meaning::StepLength(_)
            | Meaning::NotLoad => return None,
        };
        match self.kinds[column] {
            ColumnKind::Numbers => Some(likeness),
            // A column may begin with a hundred empty cells, if its name is that of a load.
            ColumnKind::Empty if likeness > UNKNOWN => Some(likeness),
            ColumnKind::Empty | ColumnKind::CalendarTimes | ColumnKind::Text => None,
        }
    }

    /// The load as a share of a machine's clock rate, if there are columns for both.
    fn clock_share(&self) -> Option<(Option<ValueSource>, Subject)> {
        let find = |wanted: Meaning| {
            self.sample.header.as_ref()?;
            self.names
                .iter()
                .position(|name| names::meaning(name) == wanted)
        };
        let used = find(Meaning::Megahertz)?;
        let capacity = find(Meaning::MegahertzCapacity)?;
        let cores = find(Meaning::MaybeCores);
        let quotient = format!(
            "{} over {}",
            quoted(&self.names[used]),
            quoted(&self.names[capacity])
        );
        let (unit, because) = match cores {
            Some(cores) => (
                TraceUnit::Cores,
                format!("{quotient} times {} is cores", quoted(&self.names[cores])),
            ),
            None => (TraceUnit::Fraction, format!("{quotient} is a share")),
        };
        let value = ValueSource::ClockShare {
            used,
            capacity,
            cores,
        };
        Some((Some(value), Subject::Stated { unit, because }))
    }
}

/// As many columns as are looked at.
const MAX_COLUMNS: usize = 10_000;

/// The likeness of a column whose name says nothing.
const UNKNOWN: u32 = 10;

/// The likeness of clock rate in use over clock rate that exists.
const CLOCK_SHARE: u32 = 83;
