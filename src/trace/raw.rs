//! What a reader hands over: columns as found, and what it knows of them.

use super::clock_change::mend_clock_changes;
use super::names::Meaning;
use super::{TimeBase, TraceNote};

/// As many samples as are kept; at 16 bytes each this is 800 MB.
pub(crate) const MAX_ROWS: usize = 50_000_000;

/// Columns as found, and what the reader knows of them.
#[derive(Debug)]
pub(crate) struct RawTrace {
    /// What the times count from.
    pub(crate) base: TimeBase,
    pub(crate) columns: Columns,
    /// What the values are.
    pub(crate) subject: Subject,
    pub(crate) notes: Vec<TraceNote>,
}

/// What the values of a raw trace are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subject {
    /// Numbers under a name; the word says what kind of name, for messages.
    Named {
        kind: &'static str,
        name: String,
        meaning: Meaning,
    },
    /// A counter that the reader has turned into a rate already.
    Differenced {
        unit: super::TraceUnit,
        because: String,
    },
    /// Numbers whose own cells state the unit.
    Stated {
        unit: super::TraceUnit,
        because: String,
    },
    /// Rows without a column that is surely a load: those that might be one, and all, for messages.
    Rows {
        candidates: Vec<String>,
        all: String,
    },
    /// Rows that are each a request; the text says why. Further columns are readings of single requests.
    Requests { because: String },
    /// Rows of a time and nothing else.
    TimesOnly,
}

/// Times with what was recorded at each. Columns that are not used are empty.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Nanoseconds.
    pub(crate) times: Vec<i64>,
    /// The load; empty for rows that are to be counted.
    pub(crate) values: Vec<f64>,
    /// How long each step lasts, in nanoseconds, where a column says so; zero in a row that does not.
    pub(crate) lengths: Vec<i64>,
    /// The column that says so.
    pub(crate) length_name: String,
    /// Further columns by name; NaN where there is no number.
    pub(crate) extras: Vec<(String, Vec<f64>)>,
    /// Rows earlier than the latest before them.
    pub(crate) out_of_order: u64,
    /// The line of the first of these.
    pub(crate) first_out_of_order: Option<u64>,
    latest: Option<i64>,
}

impl Columns {
    /// Empty columns, further ones with these names.
    pub(crate) fn named(length_name: String, extras: impl Iterator<Item = String>) -> Self {
        Self {
            length_name,
            extras: extras.map(|name| (name, Vec::new())).collect(),
            ..Self::default()
        }
    }

    /// Adds a time and keeps count of disorder; the other columns are the caller's to fill.
    #[inline]
    pub(crate) fn push_time(&mut self, time: i64, line: u64) {
        if self.latest.is_some_and(|latest| time < latest) {
            self.out_of_order += 1;
            self.first_out_of_order.get_or_insert(line);
        } else {
            self.latest = Some(time);
        }
        self.times.push(time);
    }

    /// Undoes changes of a clock in local times that have no offset; returns how many it saw.
    pub(crate) fn mend_clock_changes(&mut self) -> usize {
        if self.out_of_order == 0 {
            return 0;
        }
        let changes = mend_clock_changes(&mut self.times);
        if changes > 0 {
            self.out_of_order = 0;
            self.first_out_of_order = None;
        }
        changes
    }

    /// Sorts all columns by time, rows of one time in the order in which they came.
    pub(crate) fn sort(&mut self) {
        if self.times.is_sorted() {
            return;
        }
        let mut order: Vec<u32> =
            (0..u32::try_from(self.times.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|row| (self.times[*row as usize], *row));
        self.times = permuted(&self.times, &order);
        for column in self.number_columns() {
            *column = permuted(column, &order);
        }
        if !self.lengths.is_empty() {
            self.lengths = permuted(&self.lengths, &order);
        }
    }

    /// The values and the further columns, as far as they are used.
    pub(crate) fn number_columns(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        std::iter::once(&mut self.values)
            .filter(|values| !values.is_empty())
            .chain(self.extras.iter_mut().map(|(_, column)| column))
    }
}

fn permuted<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|row| column[*row as usize]).collect()
}
