//! Opens a table: its first rows and how it is written, then one row after another.

use std::io::Read;

use super::dialect::Dialect;
use super::record::Record;
use super::sample::{Sample, ignored_line};
use crate::trace::TraceProblem;
use crate::trace::blocks::{Blocks, MAX_ROW};
use crate::trace::error::Fault;
use crate::trace::read::unreadable;

/// A table of which the first rows have been looked at and none has been read.
pub(crate) struct Table<'a> {
    pub(super) blocks: Blocks<'a>,
    pub(super) dialect: Dialect,
    pub(super) sample: Sample,
    /// The line of the first row.
    pub(super) first_line: u64,
}

impl<'a> Table<'a> {
    /// Looks at a table's first rows.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(input: &'a mut dyn Read) -> Result<Self, Fault> {
        let mut blocks = Blocks::new(input);
        let (dialect, sample) = loop {
            blocks.fetch().map_err(|error| unreadable(&error))?;
            let dialect = Dialect::of(blocks.pending());
            let sample = Sample::take(&blocks.pending()[dialect.preamble..], dialect);
            let is_long_enough = blocks.is_finished() || blocks.pending().len() >= MAX_ROW;
            if is_long_enough || !sample.rows.is_empty() {
                break (dialect, sample);
            }
        };
        blocks.consume(dialect.preamble);
        if sample.rows.is_empty() {
            return Err(nothing_in(&blocks, &sample, dialect));
        }
        blocks.consume(sample.head_bytes);
        let first_line = dialect.preamble_lines + sample.head_lines + 1;
        Ok(Self {
            blocks,
            dialect,
            sample,
            first_line,
        })
    }

    /// A fault whose line counts from the first one after the preamble.
    pub(super) fn placed(&self, fault: Fault) -> Fault {
        Fault {
            line: fault.line.map(|line| line + self.dialect.preamble_lines),
            problem: fault.problem,
        }
    }

    /// The names of the columns; `None` without a header.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        self.sample.header.as_ref()?;
        Some(self.sample.names())
    }

    /// Takes every row that is not blank with its line.
    pub(crate) fn for_each(
        mut self,
        mut take: impl FnMut(&Record, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut record = Record::default();
        let mut line = self.first_line;
        loop {
            let window = self.blocks.pending();
            let mut at = 0;
            loop {
                if let Some(bytes) = ignored_line(&window[at..]) {
                    line += 1;
                    at += bytes;
                    continue;
                }
                let Some(taken) = record.read(&window[at..], self.dialect.delimiter) else {
                    break;
                };
                if !record.is_blank() {
                    take(&record, line)?;
                }
                line += taken.lines;
                at += taken.bytes;
            }
            self.blocks.consume(at);
            if self.blocks.is_finished() {
                if self.blocks.pending().is_empty() {
                    return Ok(());
                }
                return Err(Fault::at(line, TraceProblem::OpenQuote));
            }
            if self.blocks.pending().len() > MAX_ROW {
                return Err(Fault::at(line, TraceProblem::RowTooLong));
            }
            self.blocks.fetch().map_err(|error| unreadable(&error))?;
        }
    }
}

/// Why no row was found in the first block.
fn nothing_in(blocks: &Blocks, sample: &Sample, dialect: Dialect) -> Fault {
    let rest = &blocks.pending()[sample.head_bytes..];
    let line = 1 + dialect.preamble_lines + sample.head_lines;
    let is_open = rest
        .first()
        .is_some_and(|byte| !matches!(byte, b'#' | b'\n' | b'\r'));
    match (blocks.is_finished(), is_open) {
        (false, true) => Fault::at(line, TraceProblem::RowTooLong),
        (true, true) => Fault::at(line, TraceProblem::OpenQuote),
        (_, false) if sample.header.is_some() => TraceProblem::HeaderOnly.into(),
        (_, false) => TraceProblem::Empty.into(),
    }
}
