//! Reads a trace in whatever format it comes.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::assemble::assemble;
use super::collector::Collector;
use super::error::Fault;
use super::recorder::Recorder;
use super::{
    EventTimes, ReadOptions, Recording, Series, TimeBase, TraceError, TraceFormat, TraceNote,
    TraceProblem, TraceUnit, UnitChoice, UnitSource, csv, prometheus,
};

/// A recorded workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The name it was read under.
    pub name: String,
    /// When its first step begins; `None` when its times only count from an unknown beginning.
    pub start: Option<jiff::Timestamp>,
    /// The load, in the unit that `unit` states.
    pub series: Series,
    /// Further columns that were asked for, with the same steps as the load.
    pub columns: Vec<(String, Series)>,
    /// What one number of the series means, and who said so.
    pub unit: UnitChoice,
    /// When each request came, if the unit is events: those that the series counts.
    pub events: Option<EventTimes>,
    /// What was decided on the way.
    pub notes: Vec<TraceNote>,
}

impl Trace {
    /// A workload that was not read but made: a series whose unit the caller knows.
    #[must_use]
    pub fn from_series(name: impl Into<String>, series: Series, unit: TraceUnit) -> Self {
        Self {
            name: name.into(),
            start: None,
            series,
            columns: Vec::new(),
            unit: UnitChoice {
                unit,
                source: UnitSource::Chosen,
            },
            events: None,
            notes: Vec::new(),
        }
    }
}

/// As many bytes as are looked at to tell the format.
const HEAD: usize = 512;

/// Reads a trace: CSV or Prometheus JSON, gzipped or not, told apart by content unless `options` say otherwise.
///
/// `name` stands in messages, and its last two parts may tell the unit (`request_count/trace.csv`). The input is read
/// in blocks and kept as columns of 16 bytes per sample, of event logs 8 bytes per row. Samples are sorted, samples of one time are merged, and holes
/// are filled; `Trace::notes` says so.
///
/// # Errors
/// When the input cannot be read, is not a trace, or holds numbers that no load can be: what, and in which line.
pub fn read(name: &str, input: impl Read, options: &ReadOptions) -> Result<Trace, TraceError> {
    let mut input = input;
    read_dyn(name, &mut input, options).map_err(|fault| fault.named(name))
}

/// Reads every series of a file as found, in the same formats as [`read`]; of a table each column of numbers, or each
/// series that a column names.
///
/// Of `options` only the format, the time column, the step and what becomes of bad cells count. At most 100,000 series
/// and 50 million samples are kept, 16 bytes each.
///
/// # Errors
/// When the input cannot be read or is not of the format: what, and in which line.
pub fn read_recording(
    name: &str,
    input: impl Read,
    options: &ReadOptions,
) -> Result<Recording, TraceError> {
    let mut input = input;
    let recording = unpacked(&mut input, &mut |head, input| {
        record_text(name, head, input, options)
    });
    recording.map_err(|fault| fault.named(name))
}

fn read_dyn(name: &str, input: &mut dyn Read, options: &ReadOptions) -> Result<Trace, Fault> {
    for step in options.step.iter().chain([&options.event_bin]) {
        if !step.is_positive() {
            return Err(TraceProblem::BadStep(step.to_string()).into());
        }
    }
    unpacked(input, &mut |head, input| {
        read_text(name, head, input, options)
    })
}

/// Hands the text of an input on, unpacked if need be, with its first bytes.
fn unpacked<T>(
    input: &mut dyn Read,
    read_text: &mut dyn FnMut(&[u8], &mut dyn Read) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let head = head_of(input)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = MultiGzDecoder::new(head.as_slice().chain(input));
        let head = head_of(&mut unpacked)?;
        read_text(&head, &mut head.as_slice().chain(unpacked))
    } else {
        read_text(&head, &mut head.as_slice().chain(input))
    }
}

fn read_text(
    name: &str,
    head: &[u8],
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<Trace, Fault> {
    let raw = match format_of(head, options)? {
        TraceFormat::Csv => csv::read_csv(input, options)?,
        TraceFormat::PrometheusJson => {
            if !options.columns.is_empty() {
                return Err(TraceProblem::NoColumns.into());
            }
            let mut collector = Collector::new(options)?;
            let notes = prometheus::read_answer(input, &mut collector)?;
            collector.finish(TimeBase::Epoch, notes)?
        }
    };
    Ok(assemble(name, raw, options)?)
}

fn record_text(
    name: &str,
    head: &[u8],
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<Recording, Fault> {
    let format = format_of(head, options)?;
    let mut recorder = Recorder::default();
    let (base, notes) = match format {
        TraceFormat::Csv => csv::read_series(input, options, &mut recorder)?,
        TraceFormat::PrometheusJson => {
            let notes = prometheus::read_answer(input, &mut recorder)?;
            (TimeBase::Epoch, notes)
        }
    };
    Ok(recorder.finish(name, format, base, notes)?)
}

/// The first bytes of an input, fewer only if it ends.
fn head_of(input: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let mut head = Vec::with_capacity(HEAD);
    input
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| unreadable(&error))?;
    Ok(head)
}

/// What an input error means for the reader of a trace.
pub(crate) fn unreadable(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => TraceProblem::TruncatedGzip.into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            TraceProblem::DamagedGzip.into()
        }
        _ => TraceProblem::Unreadable(error.to_string()).into(),
    }
}

/// What bytes are that are certainly no text in UTF-8.
fn foreign_kind(head: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"\xfd7zXZ\x00", "xz data"),
        (b"BZh9", "bzip2 data"),
        (b"\x1f\x8b", "gzip data within gzip data"),
        (b"\xff\xfe", "UTF-16 text"),
        (b"\xfe\xff", "UTF-16 text"),
    ];
    SIGNATURES
        .iter()
        .find(|(signature, _)| head.starts_with(signature))
        .map(|(_, kind)| *kind)
        .or_else(|| head.contains(&0).then_some("binary data"))
}

/// The format that the caller names, or else the one that the first bytes show.
fn format_of(head: &[u8], options: &ReadOptions) -> Result<TraceFormat, Fault> {
    if let Some(kind) = foreign_kind(head) {
        return Err(TraceProblem::NotText(kind).into());
    }
    if let Some(format) = options.format {
        return Ok(format);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    Ok(match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => TraceFormat::PrometheusJson,
        _ => TraceFormat::Csv,
    })
}
