//! Why a trace cannot be written, and what is lost where it can.

use std::fmt;

use thiserror::Error;

use crate::trace::raw::MAX_ROWS;
use crate::units::SimDuration;

/// Why a trace cannot be written: it would not read back.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There is no step that was recorded.
    #[error("no step is left that was recorded, expected one at least")]
    Empty,
    /// There is no load at all.
    #[error("zero requests: every value that is left is zero, expected some load")]
    AllZero,
    /// A number is larger than what is read.
    #[error("the peak comes to {0:e}, expected at most 1e15")]
    TooLarge(f64),
    /// The trace is longer than what is read.
    #[error("the trace would last {} years, expected at most 20", .0.as_seconds() / 31_536_000.0)]
    TooLong(SimDuration),
    /// There are more steps than are read.
    #[error("there are {0} rows, expected at most {MAX_ROWS}")]
    TooManyRows(usize),
    /// Two samples would fall into one millisecond.
    #[error(
        "steps are shorter than a millisecond, which this form cannot say; expected longer ones, or CSV"
    )]
    TooFine,
    /// A series without a name.
    #[error("`{0}` has no name, which OpenMetrics needs; expected names, or another form")]
    NoName(String),
    /// A row for each request is no series of samples.
    #[error("`{0}` has a row for each request, expected series of samples")]
    Events(String),
    /// The end is later than what calendars of 64 bits hold.
    #[error("the trace would end after the year 2261, expected an earlier end")]
    TooLate,
}

/// What a form cannot say, or what was left out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WriteNote {
    /// Gaps at the beginning or the end are not written.
    GapAtEdge(SimDuration),
    /// Times that count from an unknown beginning count from 1970.
    Since1970,
    /// The form has no column for how long each step lasts.
    LengthsLost,
    /// Further columns were left out.
    ColumnsLeftOut(usize),
    /// Times were rounded to milliseconds.
    TimesRounded,
    /// The rows of an event log were counted.
    EventsCounted,
    /// The form does not say which series are counts of a step, or counters.
    KindsLost,
}

impl fmt::Display for WriteNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GapAtEdge(length) => write!(
                f,
                "{length} at the beginning or the end were not recorded and are left out"
            ),
            Self::Since1970 => {
                f.write_str("times from an unknown beginning are written as times since 1970")
            }
            Self::LengthsLost => f.write_str(
                "steps are uneven and this form cannot say how long each lasts: next to gaps, and at the end, they may read \
                 back longer or shorter; CSV says it, even steps need no saying",
            ),
            Self::ColumnsLeftOut(columns) => {
                let plural = if *columns == 1 { "" } else { "s" };
                write!(f, "{columns} further column{plural} left out, which only CSV has")
            }
            Self::TimesRounded => f.write_str("times are rounded to milliseconds"),
            Self::KindsLost => f.write_str(
                "this form does not say that numbers are counts of a step, or counters of another name; say --unit when it is \
                 read",
            ),
            Self::EventsCounted => {
                f.write_str("the rows of the event log are written as counts; CSV keeps their times")
            }
        }
    }
}
