//! `SeriesSink`: where readers of labelled formats put series, and `SeriesTable` for formats whose series interleave.

use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::error::quoted;
use super::labels::Labels;
use super::raw::MAX_ROWS;
use super::{SeriesKind, TraceProblem};

/// As many series as are kept side by side.
pub(crate) const MAX_SERIES: usize = 100_000;

/// What a format says of a series beside its labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SeriesFacts {
    pub(crate) kind: SeriesKind,
    pub(crate) unit: Option<String>,
}

/// Takes in one series after another.
pub(crate) trait SeriesSink {
    /// Whether a series is wanted; the samples of others need not be sent.
    fn wants(&self, labels: &Labels) -> bool;

    /// Takes in a sample of the series that comes next; NaN where the file says that there is no number.
    ///
    /// # Errors
    /// When there are too many, or the number is no load.
    fn sample(&mut self, time: i64, value: f64) -> Result<(), TraceProblem>;

    /// Ends the series that the samples since the last call belong to.
    ///
    /// # Errors
    /// When the series cannot stand beside the others.
    fn close(&mut self, labels: Labels, facts: SeriesFacts) -> Result<(), TraceProblem>;
}

/// The series seen so far, so that none counts twice.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hashes: HashSet<u64>,
}

impl Seen {
    /// Notes a series.
    ///
    /// # Errors
    /// When it has come before.
    pub(crate) fn note(&mut self, labels: &Labels) -> Result<(), TraceProblem> {
        let mut hasher = DefaultHasher::new();
        labels.hash(&mut hasher);
        if self.hashes.insert(hasher.finish()) {
            Ok(())
        } else {
            Err(TraceProblem::DuplicateSeries(quoted(&labels.to_string())))
        }
    }
}

/// Series whose samples come interleaved.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    by_labels: HashMap<Labels, usize>,
    series: Vec<Pending>,
    samples: usize,
}

#[derive(Debug, Default)]
struct Pending {
    is_wanted: bool,
    facts: SeriesFacts,
    times: Vec<i64>,
    values: Vec<f64>,
}

impl SeriesTable {
    /// The place of a series, a new one if it has none yet. Of one that is not wanted no samples are kept.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn place(
        &mut self,
        labels: Labels,
        is_wanted: bool,
        facts: impl FnOnce(&Labels) -> SeriesFacts,
    ) -> Result<usize, TraceProblem> {
        if let Some(place) = self.by_labels.get(&labels) {
            return Ok(*place);
        }
        let place = self.series.len();
        if place >= MAX_SERIES {
            return Err(TraceProblem::TooManySeries(MAX_SERIES));
        }
        self.series.push(Pending {
            is_wanted,
            facts: facts(&labels),
            ..Pending::default()
        });
        self.by_labels.insert(labels, place);
        Ok(place)
    }

    /// Adds a sample to the series at a place.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn push(&mut self, place: usize, time: i64, value: f64) -> Result<(), TraceProblem> {
        let series = &mut self.series[place];
        if !series.is_wanted {
            return Ok(());
        }
        self.samples += 1;
        if self.samples > MAX_ROWS {
            return Err(TraceProblem::TooManyRows(MAX_ROWS));
        }
        series.times.push(time);
        series.values.push(value);
        Ok(())
    }

    /// Hands the series over, in the order in which they began.
    ///
    /// # Errors
    /// What the sink says.
    pub(crate) fn drain_into(self, sink: &mut dyn SeriesSink) -> Result<(), TraceProblem> {
        let mut named: Vec<(usize, Labels)> = Vec::with_capacity(self.by_labels.len());
        named.extend(
            self.by_labels
                .into_iter()
                .map(|(labels, place)| (place, labels)),
        );
        named.sort_unstable_by_key(|(place, _)| *place);
        for ((_, labels), pending) in named.into_iter().zip(self.series) {
            for (time, value) in pending.times.iter().zip(&pending.values) {
                sink.sample(*time, *value)?;
            }
            sink.close(labels, pending.facts)?;
        }
        Ok(())
    }
}
