//! The first rows of a table, looked at to see what its columns are.

use super::dialect::Dialect;
use super::number::{self, Cell, Measure};
use super::record::Record;
use crate::trace::calendar;

/// As many rows as are looked at.
const ROWS: usize = 100;

/// The first rows of a table.
pub(super) struct Sample {
    /// The names of the columns; `None` without a header row.
    pub(super) header: Option<Record>,
    /// The first rows and their lines, counted from the first line after the preamble.
    pub(super) rows: Vec<(u64, Record)>,
    /// The bytes and lines up to the first row.
    pub(super) head_bytes: usize,
    pub(super) head_lines: u64,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Numbers,
    CalendarTimes,
    Text,
    Empty,
}

impl Sample {
    /// Takes the first rows of what follows the preamble.
    pub(super) fn take(text: &[u8], dialect: Dialect) -> Self {
        let mut sample = Self {
            header: None,
            rows: Vec::new(),
            head_bytes: 0,
            head_lines: 0,
        };
        let mut at = 0;
        let mut lines = 0;
        while sample.rows.len() < ROWS {
            if let Some(skipped) = ignored_line(&text[at..]) {
                at += skipped;
                lines += 1;
                continue;
            }
            let mut record = Record::default();
            let Some(taken) = record.read(&text[at..], dialect.delimiter) else {
                break;
            };
            let is_first = sample.rows.is_empty() && sample.header.is_none();
            if is_first && is_header(&record) {
                sample.header = Some(record);
                sample.head_bytes = at + taken.bytes;
                sample.head_lines = lines + taken.lines;
            } else if !record.is_blank() {
                sample.rows.push((lines + 1, record));
            }
            at += taken.bytes;
            lines += taken.lines;
        }
        sample
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        let widest = self
            .rows
            .iter()
            .map(|(_, row)| row.len())
            .max()
            .unwrap_or(0);
        self.header.as_ref().map_or(widest, Record::len)
    }

    /// A column's name: its header, or its number.
    pub(super) fn name(&self, column: usize) -> String {
        match &self.header {
            Some(header) => String::from_utf8_lossy(header.cell(column)).into_owned(),
            None => format!("column {}", column + 1),
        }
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> Vec<String> {
        (0..self.width()).map(|column| self.name(column)).collect()
    }

    /// The cells of a column that hold something, with their lines.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = (u64, &[u8])> {
        self.rows
            .iter()
            .map(move |(line, row)| (*line, row.cell(column)))
            .filter(|(_, cell)| !cell.is_empty())
    }

    /// Whether most cells of a column are numbers, with any unit behind them.
    pub(super) fn holds_measures(&self, column: usize, dialect: Dialect) -> bool {
        let (mut numbers, mut others) = (0, 0);
        for (_, cell) in self.cells(column) {
            match number::measure(cell, dialect.mark) {
                Measure::Missing => {}
                Measure::Number { .. } => numbers += 1,
                Measure::NotANumber => others += 1,
            }
        }
        numbers > others || numbers == 0 && others == 0 && self.header.is_some()
    }

    /// What most cells of a column are.
    pub(super) fn kind(&self, column: usize, dialect: Dialect) -> ColumnKind {
        let (mut numbers, mut times, mut others) = (0, 0, 0);
        for (_, cell) in self.cells(column) {
            match number::cell(cell, dialect.mark) {
                Cell::Missing => {}
                Cell::Number { .. } | Cell::NotFinite => numbers += 1,
                Cell::NotANumber if is_calendar_time(cell) => times += 1,
                Cell::NotANumber => others += 1,
            }
        }
        match numbers.max(times).max(others) {
            0 => ColumnKind::Empty,
            most if most == numbers => ColumnKind::Numbers,
            most if most == times => ColumnKind::CalendarTimes,
            _ => ColumnKind::Text,
        }
    }
}

/// The length of a first line that holds no row: a comment or nothing.
pub(super) fn ignored_line(text: &[u8]) -> Option<usize> {
    match text {
        [b'#', ..] => Some(memchr::memchr(b'\n', text)? + 1),
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// Whether a cell is a time as a calendar writes it, in any order.
pub(super) fn is_calendar_time(cell: &[u8]) -> bool {
    calendar::parse(cell, calendar::DateOrder::YearFirst) != Err(calendar::CalendarFault::NotATime)
        || calendar::orders_of(cell).next().is_some()
}

/// Whether a row names columns: some cell is a word, and none is a plain number or a time.
fn is_header(row: &Record) -> bool {
    let is_data = |cell: &[u8]| number::is_plain(cell) || is_calendar_time(cell);
    let is_word = |cell: &[u8]| cell.iter().any(u8::is_ascii_alphabetic) || !cell.is_ascii();
    row.cells().any(is_word) && !row.cells().any(is_data)
}
