//! `WrittenSeries`: every series of a file as found, ready to be written, with what is lost by it.

use std::collections::HashSet;
use std::io::{self, Write};

use super::error::{WriteError, WriteNote};
use super::number::{number, seconds};
use super::prometheus::millis;
use super::written_trace::TraceForm;
use crate::trace::labels::{write_name, write_notation};
use crate::trace::{RecordedSeries, Recording, SeriesKind, TimeBase};

/// Every series of a file with its name, its labels and its samples, and what is lost by writing them.
pub struct WrittenSeries<'a> {
    recording: &'a Recording,
    form: TraceForm,
    notes: Vec<WriteNote>,
}

impl<'a> WrittenSeries<'a> {
    /// Makes sure that the series read back from the form.
    ///
    /// # Errors
    /// When there is no sample, when series are of events, when two samples would fall into one millisecond, or when a series
    /// has no name in OpenMetrics.
    pub fn new(recording: &'a Recording, form: TraceForm) -> Result<Self, WriteError> {
        if recording
            .series
            .iter()
            .all(|series| samples(series).next().is_none())
        {
            return Err(WriteError::Empty);
        }
        let events = |series: &&RecordedSeries| series.kind == SeriesKind::Events;
        if let Some(series) = recording.series.iter().find(events) {
            return Err(WriteError::Events(series.to_string()));
        }
        let unnamed = |series: &&RecordedSeries| series.name.is_empty();
        if form == TraceForm::OpenMetrics
            && let Some(series) = recording.series.iter().find(unnamed)
        {
            return Err(WriteError::NoName(series.to_string()));
        }
        let mut notes = Vec::new();
        if form != TraceForm::Csv {
            if recording.base == TimeBase::Unknown {
                notes.push(WriteNote::Since1970);
            }
            if is_rounded(recording)? {
                notes.push(WriteNote::TimesRounded);
            }
        }
        if recording
            .series
            .iter()
            .any(|series| loses_kind(series, form))
        {
            notes.push(WriteNote::KindsLost);
        }
        Ok(Self {
            recording,
            form,
            notes,
        })
    }

    /// What the form cannot say.
    #[must_use]
    pub fn notes(&self) -> &[WriteNote] {
        &self.notes
    }

    /// Writes them: CSV in the long form, a range query's answer, or OpenMetrics text. What is no finite number is an empty
    /// cell in CSV, and left out elsewhere.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.form {
            TraceForm::Csv => self.write_csv(out),
            TraceForm::Prometheus => self.write_prometheus(out),
            TraceForm::OpenMetrics => self.write_openmetrics(out),
        }
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "timestamp,series,value")?;
        for series in &self.recording.series {
            let name = write_notation(&series.name, &series.labels).replace('"', "\"\"");
            for (time, value) in series.times.iter().zip(&series.values) {
                match jiff::Timestamp::from_nanosecond(i128::from(*time)) {
                    Ok(date) if self.recording.base == TimeBase::Epoch => write!(out, "{date}")?,
                    _ => seconds(out, i128::from(*time))?,
                }
                write!(out, ",\"{name}\",")?;
                if value.is_finite() {
                    number(out, *value)?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }

    fn write_prometheus(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":["
        )?;
        for (index, series) in self.recording.series.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(out, "{comma}\n{{\"metric\":{{")?;
            let name = (!series.name.is_empty()).then_some(("__name__", series.name.as_str()));
            let labels = series
                .labels
                .iter()
                .map(|(label, value)| (label.as_str(), value.as_str()));
            for (index, (label, value)) in name.into_iter().chain(labels).enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(out, "{comma}{}:{}", json(label), json(value))?;
            }
            write!(out, "}},\"values\":[")?;
            for (index, (time, value)) in samples(series).enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(out, "{comma}\n[")?;
                seconds(out, millis(i128::from(time)) * 1_000_000)?;
                write!(out, ",\"")?;
                number(out, value)?;
                write!(out, "\"]")?;
            }
            write!(out, "]}}")?;
        }
        writeln!(out, "\n]}}}}")
    }

    fn write_openmetrics(&self, out: &mut dyn Write) -> io::Result<()> {
        // The series of a family stand together.
        let mut series: Vec<&RecordedSeries> = self.recording.series.iter().collect();
        series.sort_by(|a, b| family(a).cmp(&family(b)));
        let mut told = HashSet::new();
        for series in series {
            let (family, kind) = family(series);
            if told.insert(family) {
                let family = write_name(family);
                writeln!(out, "# TYPE {family} {kind}")?;
            }
            let name = write_notation(&series.name, &series.labels);
            for (time, value) in samples(series) {
                write!(out, "{name} ")?;
                number(out, value)?;
                write!(out, " ")?;
                seconds(out, millis(i128::from(time)) * 1_000_000)?;
                writeln!(out)?;
            }
        }
        writeln!(out, "# EOF")
    }
}

/// The samples that have a number.
fn samples(series: &RecordedSeries) -> impl Iterator<Item = (i64, f64)> {
    let all = series
        .times
        .iter()
        .copied()
        .zip(series.values.iter().copied());
    all.filter(|(_, value)| value.is_finite())
}

/// The family that a series is part of, and what kind of it.
fn family(series: &RecordedSeries) -> (&str, &'static str) {
    let name = series.name.as_str();
    match series.kind {
        SeriesKind::Gauge => (name, "gauge"),
        SeriesKind::Counter => {
            let histogram = ["_bucket", "_count", "_sum"];
            let part = histogram
                .iter()
                .find_map(|ending| name.strip_suffix(ending));
            match (part, name.strip_suffix("_total")) {
                (Some(family), _) => (family, "histogram"),
                (None, Some(family)) => (family, "counter"),
                (None, None) => (name, "counter"),
            }
        }
        SeriesKind::Unknown | SeriesKind::Delta | SeriesKind::Events => (name, "unknown"),
    }
}

/// Whether a reader will take the numbers for another kind.
fn loses_kind(series: &RecordedSeries, form: TraceForm) -> bool {
    if series.kind == SeriesKind::Delta {
        return true;
    }
    if form == TraceForm::OpenMetrics {
        return false;
    }
    let mut read = series.clone();
    read.kind = SeriesKind::Unknown;
    read.is_counter() != series.is_counter()
}

fn is_rounded(recording: &Recording) -> Result<bool, WriteError> {
    let mut is_rounded = false;
    for series in &recording.series {
        let mut before = None;
        for (time, _) in samples(series) {
            let rounded = millis(i128::from(time));
            if before.replace(rounded) == Some(rounded) {
                return Err(WriteError::TooFine);
            }
            is_rounded |= time % 1_000_000 != 0;
        }
    }
    Ok(is_rounded)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}
