//! Why a text is not a trace, and where.

use std::fmt;

use thiserror::Error;

/// Why a text is not a trace.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct TraceError {
    /// The name that the text was read under.
    pub name: String,
    /// The line at which it went wrong, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: TraceProblem,
}

/// What is wrong with a text that should be a trace.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TraceProblem {
    /// The bytes could not be fetched.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A gzip or zstd stream stops before its end.
    #[error("the {0} data ends early, expected a complete file")]
    TruncatedPacked(&'static str),
    /// A gzip or zstd stream contradicts itself.
    #[error("the {0} data is damaged, expected a complete file")]
    DamagedPacked(&'static str),
    /// There is nothing, or nothing but blanks and comments.
    #[error(
        "is empty, expected a table of times and loads, a log, or a monitoring system's answer"
    )]
    Empty,
    /// There is a header and nothing below it.
    #[error("has a header and no rows, expected at least two")]
    HeaderOnly,
    /// No row holds a number.
    #[error("no row has both a time and a load, expected at least two")]
    NoSamples,
    /// One row cannot say how long it lasts.
    #[error("has one sample, expected at least two, or a step length to give it")]
    OneSample,
    /// The bytes are not text.
    #[error(
        "is {0}, expected a table, a log or a monitoring system's answer as UTF-8 text, or one of them as gzip or zstd"
    )]
    NotText(&'static str),
    /// A row outgrew the limit.
    #[error("a row is longer than 1 MiB, expected one sample per row")]
    RowTooLong,
    /// A quoted cell does not end.
    #[error("a quoted cell is never closed, expected a closing quote")]
    OpenQuote,
    /// There are more columns than a table of samples has.
    #[error("has {0} columns, expected at most 10000")]
    TooManyColumns(usize),
    /// There are more rows than are kept.
    #[error("has more than {0} rows, expected fewer, or coarser ones")]
    TooManyRows(usize),
    /// No column holds times.
    #[error(
        "no column holds times among {columns}, expected one named like `timestamp` or `time`; name it, or give the step"
    )]
    NoTimeColumn {
        /// The columns there are.
        columns: String,
    },
    /// No column holds a load.
    #[error(
        "no column looks like a load among {columns}, expected one like `requests`, `rps` or `cpu_percent`; name it"
    )]
    NoValueColumn {
        /// The columns there are.
        columns: String,
    },
    /// Several columns could hold the load.
    #[error(
        "several columns could be the load: {columns}; name one, or give the unit `events` if each row is one request"
    )]
    AmbiguousColumn {
        /// The candidates.
        columns: String,
    },
    /// A column that was asked for is not there.
    #[error("there is no column {wanted}, expected one of {columns}")]
    UnknownColumn {
        /// What was asked for.
        wanted: String,
        /// The columns there are.
        columns: String,
    },
    /// Day and month cannot be told apart.
    #[error(
        "{0} may be day or month first, expected an unambiguous date such as `2026-03-14 09:30:00`"
    )]
    AmbiguousDate(String),
    /// A row is too short.
    #[error("cells in this row: {found}, expected at least {expected}")]
    ShortRow {
        /// How many it has.
        found: usize,
        /// How many the columns in use need.
        expected: usize,
    },
    /// A time is not one.
    #[error("{text} in {column} is not a time, expected {expected}")]
    BadTime {
        /// The cell.
        text: String,
        /// Its column.
        column: String,
        /// The form of the file's other times.
        expected: &'static str,
    },
    /// A time lies beyond what is counted in nanoseconds.
    #[error("{0} is out of range, expected a time between the years 1678 and 2261")]
    TimeOutOfRange(String),
    /// The times are too far apart.
    #[error(
        "the times span {years} years, expected at most 20; does one of them have another unit?"
    )]
    SpanTooLong {
        /// From the first to the last.
        years: i64,
    },
    /// A load is not a number.
    #[error("{text} in {column} is not a number, expected a load of zero or more")]
    BadNumber {
        /// The cell.
        text: String,
        /// Its column.
        column: String,
    },
    /// A load is not finite.
    #[error(
        "{text} in {column} is not a finite number, expected a load of zero or more, or an empty cell where there is none"
    )]
    NotFinite {
        /// The cell.
        text: String,
        /// Its column.
        column: String,
    },
    /// A load is negative.
    #[error("{text} in {column} is negative, expected a load of zero or more")]
    Negative {
        /// The cell.
        text: String,
        /// Its column.
        column: String,
    },
    /// A load is too large to be one.
    #[error("{text} in {column} is too large, expected a load of at most 1e15")]
    TooLarge {
        /// The cell.
        text: String,
        /// Its column.
        column: String,
    },
    /// There is no load at all.
    #[error("zero requests: every value is zero, expected some load")]
    AllZero,
    /// An event log would need too many steps.
    #[error(
        "counting rows per {bin} gives {steps} steps, expected at most {most}; count per longer steps"
    )]
    TooManyBins {
        /// The step.
        bin: String,
        /// The steps it takes.
        steps: i64,
        /// The most allowed.
        most: usize,
    },
    /// A step that the caller gave is not positive.
    #[error("a step of {0} was given, expected a positive length")]
    BadStep(String),
    /// The JSON does not parse.
    #[error("is not valid JSON: {0}")]
    Json(String),
    /// The JSON is something else.
    #[error("is JSON but no Prometheus `query_range` result: {0}")]
    NotPrometheus(String),
    /// Prometheus reported an error instead of a result.
    #[error("holds a Prometheus error instead of a result: {0}")]
    PrometheusFailed(String),
    /// The query was an instant one.
    #[error("holds a `{0}`, expected a `matrix`: ask `query_range`, not `query`")]
    NotAMatrix(&'static str),
    /// A range query found nothing.
    #[error("holds no series, expected one; does the query match anything?")]
    NoSeries,
    /// No series matches the caller's selector.
    #[error("no series matches {wanted}, expected one of {found}")]
    NoSuchSeries {
        /// The selector.
        wanted: String,
        /// Series there are.
        found: String,
    },
    /// A web page came in place of the data.
    #[error(
        "is {0}, expected the data itself; is the address right, and did the server let you in?"
    )]
    WebPage(String),
    /// The summary of a load test.
    #[error(
        "is a summary by {0}, which says how fast a whole run went and not when its requests came: no trace"
    )]
    Summary(&'static str),
    /// A line is none of an access log.
    #[error(
        "{0} is no line of an access log, expected `host - user [23/Nov/2026:10:00:00 +0000] \"request\" status bytes`"
    )]
    NoAccessLine(String),
    /// A log line is no JSON object.
    #[error("{0} is no JSON object, expected one per line")]
    NoLogObject(String),
    /// A line of a Prometheus text holds no sample.
    #[error("{what} in {line}, expected `name{{label=\"value\"}} 0.25` and a time")]
    NoSampleLine {
        /// What is wrong.
        what: String,
        /// The line.
        line: String,
    },
    /// An exposition without times.
    #[error(
        "holds samples without times, as one scrape does, expected a time behind each value: record the scrapes with Prometheus and query it"
    )]
    OneScrape,
    /// A log of requests was given another unit than events.
    #[error("is a log of requests, one per line, but the unit {0} was given, expected `events`")]
    NotEvents(&'static str),
    /// A document outgrew the limit.
    #[error(
        "is a document of more than {0} MiB, expected less: ask for a shorter time or longer periods"
    )]
    DocumentTooLong(u64),
    /// JSON that is something else than its format has.
    #[error("is JSON but not {expected}: {lack}")]
    NotOfFormat {
        /// What the format has.
        expected: &'static str,
        /// What is missing or wrong.
        lack: String,
    },
    /// A service reported an error instead of data.
    #[error("holds an error of {service} instead of data: {message}")]
    ServiceFailed {
        /// Which service.
        service: &'static str,
        /// Its own words.
        message: String,
    },
    /// Lists that belong together differ in length.
    #[error("has {times} times and {values} values in {series}, expected as many of each")]
    UnequalLists {
        /// How many times.
        times: usize,
        /// How many values.
        values: usize,
        /// Of which series.
        series: String,
    },
    /// This build cannot read the format.
    #[error("is a Parquet file, which is not read; convert it to CSV")]
    NoParquet,
    /// The same series comes twice.
    #[error("holds the series {0} twice, expected each once")]
    DuplicateSeries(String),
    /// A series has one label twice.
    #[error("a series has the label {0} twice, expected each once")]
    DuplicateLabel(String),
    /// A series has more labels than any has.
    #[error("a series has more than {0} labels, expected fewer")]
    TooManyLabels(usize),
    /// There are more series than are kept side by side.
    #[error(
        "holds more than {0} series, expected fewer; let the query add them up, or name those to read"
    )]
    TooManySeries(usize),
    /// The caller's selector does not parse.
    #[error("{0} is not a series selector, expected a metric name, `{{label=\"value\"}}`, or both")]
    BadSelector(String),
    /// Series that cannot be added up.
    #[error("holds series of different metrics ({0}), expected one; name the one to play")]
    DifferentMetrics(String),
    /// Columns were asked for where there are none.
    #[error("further columns were asked for, expected a table: this format has none")]
    NoColumns,
}

/// A problem and its line, before the name is known.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) line: Option<u64>,
    pub(crate) problem: TraceProblem,
}

impl Fault {
    pub(crate) fn at(line: u64, problem: TraceProblem) -> Self {
        Self {
            line: Some(line),
            problem,
        }
    }

    pub(crate) fn named(self, name: &str) -> TraceError {
        TraceError {
            name: name.to_owned(),
            line: self.line,
            problem: self.problem,
        }
    }
}

impl From<TraceProblem> for Fault {
    fn from(problem: TraceProblem) -> Self {
        Self {
            line: None,
            problem,
        }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", escaped(&self.name, usize::MAX))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// As many letters of a file's text as a message repeats.
const QUOTED_LETTERS: usize = 60;

/// As many names as a message lists.
const LISTED_NAMES: usize = 8;

/// Text from a file in backticks, fit for a terminal: shortened, with control and direction-changing letters escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", escaped(text, QUOTED_LETTERS))
}

/// A message that may repeat text from a file, fit for a terminal.
pub(crate) fn plain(message: &str) -> String {
    escaped(message, 200)
}

/// Bytes from a file in backticks.
pub(crate) fn quoted_bytes(bytes: &[u8]) -> String {
    // Four bytes hold any letter, so this keeps all that is shown and an invalid byte more.
    let head = &bytes[..bytes.len().min(QUOTED_LETTERS * 4 + 4)];
    quoted(&String::from_utf8_lossy(head))
}

/// A list of names from a file.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let mut text = names
        .take(LISTED_NAMES)
        .map(quoted)
        .collect::<Vec<_>>()
        .join(", ");
    if count > LISTED_NAMES {
        let rest = count - LISTED_NAMES;
        text = format!("{text} and {rest} more");
    }
    text
}

fn escaped(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        if letter.is_control() || turns_direction(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Invisible letters that reorder or hide what follows them.
fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_file_line_and_expectation_and_carries_no_terminal_escapes() {
        let error = Fault::at(
            7,
            TraceProblem::BadNumber {
                text: quoted("\u{1b}[31mred\u{202e}"),
                column: quoted("rps"),
            },
        )
        .named("load\n.csv");
        assert_eq!(
            error.to_string(),
            "load\\n.csv, line 7: `\\u{1b}[31mred\\u{202e}` in `rps` is not a number, expected a load of zero or more"
        );
    }

    #[test]
    fn long_text_is_shortened() {
        assert_eq!(
            quoted_bytes(&[b'x'; 5000]).chars().count(),
            QUOTED_LETTERS + 3
        );
        assert_eq!(
            listed(["a"; 10].into_iter()),
            "`a`, `a`, `a`, `a`, `a`, `a`, `a`, `a` and 2 more"
        );
    }
}
