//! Reads a trace in whatever format it comes.

use std::io::{self, Read};

use super::assemble::assemble;
use super::collector::Collector;
use super::detect::format_of;
use super::error::Fault;
use super::load_tests::LOCUST_LOAD;
use super::recorder::Recorder;
use super::request_log::RequestLog;
use super::sink::SeriesSink;
use super::unpack::Packing;
use super::{
    EventTimes, ReadOptions, Recording, Series, TimeBase, TraceError, TraceFormat, TraceNote,
    TraceProblem, TraceUnit, UnitChoice, UnitSource, csv, load_tests, logs, monitoring, prometheus,
};
use crate::units::SimDuration;

/// A recorded workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The name it was read under.
    pub name: String,
    /// The format it was read from; `None` of a workload that was not read.
    pub format: Option<TraceFormat>,
    /// When its first step begins; `None` when its times only count from an unknown beginning.
    pub start: Option<jiff::Timestamp>,
    /// The same on the clock of the file's own times, which counts from 1970 or from an unknown beginning; columns of one
    /// file have one clock. Zero of a workload that was not read.
    pub begins: SimDuration,
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
            format: None,
            start: None,
            begins: SimDuration::ZERO,
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
const HEAD: usize = 8192;

/// Reads a trace in any [`TraceFormat`], packed with gzip or zstd or not, told apart by content unless `options` say
/// otherwise.
///
/// `name` stands in messages, and its last two parts may tell the unit (`request_count/trace.csv`). The input is read
/// in blocks and kept as columns of 16 bytes per sample, of event logs 8 bytes per row. Of several series those of one
/// metric are added up. Samples are sorted, samples of one time are merged, and holes are filled; `Trace::notes` says
/// so.
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
/// Logs of requests are two series of events, `requests` and `latency` (seconds); runs of k6 one for each metric. Of
/// `options` only the format, the time column, the step and what becomes of bad cells count. At most 100,000 series
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

/// What reads an unpacked input, given its first bytes too.
type TextReader<'a, T> = dyn FnMut(&[u8], &mut dyn Read) -> Result<T, Fault> + 'a;

/// Hands the text of an input on, unpacked if need be, with its first bytes.
fn unpacked<T>(input: &mut dyn Read, read_text: &mut TextReader<T>) -> Result<T, Fault> {
    let head = head_of(input)?;
    let Some(packing) = Packing::of(&head) else {
        return read_text(&head, &mut head.as_slice().chain(input));
    };
    let mut unpacked = packing.unpack(head.as_slice().chain(input));
    let head = head_of(&mut unpacked)?;
    read_text(&head, &mut head.as_slice().chain(unpacked))
}

fn read_text(
    name: &str,
    head: &[u8],
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<Trace, Fault> {
    let format = format_of(head, options)?;
    let raw = match format {
        TraceFormat::Csv | TraceFormat::Grafana => csv::read_csv(input, options)?,
        _ if is_request_log(format) => read_log(format, input, options)?.into_raw(options)?,
        _ => {
            if !options.columns.is_empty() {
                return Err(TraceProblem::NoColumns.into());
            }
            let mut collector = match format {
                TraceFormat::Locust => Collector::of_one(LOCUST_LOAD, options)?,
                _ => Collector::new(options)?,
            };
            let (base, notes) = read_series(format, input, options, &mut collector)?;
            collector.finish(base, notes)?
        }
    };
    let mut trace = assemble(name, raw, options)?;
    trace.format = Some(format);
    Ok(trace)
}

fn record_text(
    name: &str,
    head: &[u8],
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<Recording, Fault> {
    let format = format_of(head, options)?;
    let mut recorder = Recorder::default();
    let (base, notes) = read_series(format, input, options, &mut recorder)?;
    Ok(recorder.finish(name, format, base, notes)?)
}

/// Whether each row of a format is a request.
fn is_request_log(format: TraceFormat) -> bool {
    matches!(
        format,
        TraceFormat::AccessLog
            | TraceFormat::JsonLog
            | TraceFormat::K6
            | TraceFormat::Vegeta
            | TraceFormat::Hey
    )
}

/// Reads a format each row of which is a request.
fn read_log(
    format: TraceFormat,
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RequestLog, Fault> {
    match format {
        TraceFormat::JsonLog => logs::read_json_log(input, options),
        TraceFormat::K6 => load_tests::read_k6_log(input, options),
        TraceFormat::Vegeta => load_tests::read_vegeta(input, options),
        TraceFormat::Hey => load_tests::read_hey(input, options),
        _ => logs::read_access_log(input, options),
    }
}

/// Reads every series of any format; what their times count from, and what there is to note.
fn read_series(
    format: TraceFormat,
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn SeriesSink,
) -> Result<(TimeBase, Vec<TraceNote>), Fault> {
    let notes = match format {
        TraceFormat::Csv | TraceFormat::Grafana => return csv::read_series(input, options, sink),
        TraceFormat::PrometheusJson => prometheus::read_answer(input, sink)?,
        TraceFormat::OpenMetrics => prometheus::read_exposition(input, sink)?,
        TraceFormat::CloudWatch => monitoring::read_cloudwatch(input, sink)?,
        TraceFormat::Promtool => prometheus::read_promtool(input, sink).map(|()| Vec::new())?,
        TraceFormat::TsdbDump => prometheus::read_tsdb_dump(input, sink).map(|()| Vec::new())?,
        TraceFormat::Datadog => monitoring::read_datadog(input, sink).map(|()| Vec::new())?,
        TraceFormat::Otlp => monitoring::read_otlp(input, sink).map(|()| Vec::new())?,
        TraceFormat::Locust => load_tests::read_locust(input, sink).map(|()| Vec::new())?,
        TraceFormat::K6 => load_tests::read_k6_series(input, sink).map(|()| Vec::new())?,
        TraceFormat::AccessLog | TraceFormat::JsonLog | TraceFormat::Vegeta | TraceFormat::Hey => {
            let log = read_log(format, input, options)?;
            return Ok(log.into_series(sink)?);
        }
        TraceFormat::Parquet => return Err(TraceProblem::NoParquet.into()),
    };
    Ok((TimeBase::Epoch, notes))
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
    let packing = error.get_ref().and_then(|inner| inner.downcast_ref());
    let problem = match packing {
        Some(Packing::Gzip) => packing_problem(error, "gzip"),
        Some(Packing::Zstd) => packing_problem(error, "zstd"),
        None => TraceProblem::Unreadable(error.to_string()),
    };
    problem.into()
}

fn packing_problem(error: &io::Error, packing: &'static str) -> TraceProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => TraceProblem::TruncatedPacked(packing),
        _ => TraceProblem::DamagedPacked(packing),
    }
}
