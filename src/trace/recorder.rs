//! Keeps every series of a file as found.

use super::labels::Labels;
use super::merge::merge_duplicates;
use super::names::{Meaning, meaning};
use super::raw::{Columns, MAX_ROWS};
use super::sink::{MAX_SERIES, Seen, SeriesFacts, SeriesSink};
use super::{
    RecordedSeries, Recording, SeriesKind, TimeBase, TraceFormat, TraceNote, TraceProblem,
    TraceUnit,
};

/// Keeps every series of a file as found.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    series: Vec<RecordedSeries>,
    seen: Seen,
    current: Columns,
    samples: usize,
    missing: u64,
    out_of_order: u64,
    duplicates: usize,
}

impl SeriesSink for Recorder {
    fn wants(&self, _: &Labels) -> bool {
        true
    }

    fn sample(&mut self, time: i64, value: f64) -> Result<(), TraceProblem> {
        self.samples += 1;
        if self.samples > MAX_ROWS {
            return Err(TraceProblem::TooManyRows(MAX_ROWS));
        }
        self.current.push_time(time, 0);
        let value = if value.is_finite() { value } else { f64::NAN };
        self.missing += u64::from(value.is_nan());
        self.current.values.push(value);
        Ok(())
    }

    fn close(&mut self, labels: Labels, facts: SeriesFacts) -> Result<(), TraceProblem> {
        if self.series.len() >= MAX_SERIES {
            return Err(TraceProblem::TooManySeries(MAX_SERIES));
        }
        self.seen.note(&labels)?;
        let mut current = std::mem::take(&mut self.current);
        self.out_of_order += current.out_of_order;
        current.sort();
        if facts.kind != SeriesKind::Events {
            let adds_up = facts.kind == SeriesKind::Delta
                || facts.kind == SeriesKind::Unknown
                    && meaning(labels.name()) == Meaning::CountPerStep;
            let unit = if adds_up {
                TraceUnit::CountPerStep
            } else {
                TraceUnit::RequestsPerSecond
            };
            let before = current.times.len();
            merge_duplicates(&mut current, unit, &mut Vec::new());
            self.duplicates += before - current.times.len();
        }
        current.times.shrink_to_fit();
        current.values.shrink_to_fit();
        let (name, labels) = labels.into_parts();
        self.series.push(RecordedSeries {
            name,
            labels,
            kind: facts.kind,
            unit: facts.unit,
            times: current.times,
            values: current.values,
        });
        Ok(())
    }
}

impl Recorder {
    /// The recording; `notes` are what the format's reader has to say.
    ///
    /// # Errors
    /// When there is no series, or none with a sample.
    pub(crate) fn finish(
        self,
        name: &str,
        format: TraceFormat,
        base: TimeBase,
        mut notes: Vec<TraceNote>,
    ) -> Result<Recording, TraceProblem> {
        if self.series.is_empty() {
            return Err(TraceProblem::NoSeries);
        }
        if self.samples == 0 {
            return Err(TraceProblem::NoSamples);
        }
        if self.out_of_order > 0 {
            notes.push(TraceNote::OutOfOrder {
                rows: self.out_of_order,
                first_line: None,
            });
        }
        if self.duplicates > 0 {
            notes.push(TraceNote::SameTimesMerged {
                samples: self.duplicates,
            });
        }
        if self.missing > 0 {
            notes.push(TraceNote::NumbersMissing {
                samples: self.missing,
            });
        }
        Ok(Recording {
            name: name.to_owned(),
            format,
            base,
            series: self.series,
            notes,
        })
    }
}
