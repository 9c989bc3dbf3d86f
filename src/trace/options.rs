//! How a trace is to be read: what the caller knows, and what is to be inferred.

use std::str::FromStr;

use super::{TraceFormat, TraceUnit};
use crate::units::SimDuration;

/// How to read a trace; `None` means "infer it, and say what was inferred".
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOptions {
    /// The file's format; inferred from its first bytes.
    pub format: Option<TraceFormat>,
    /// The column that holds the times, by name or by number from 1; in log lines of JSON the key, by name.
    pub time_column: Option<String>,
    /// The CSV column that holds the load, by name or by number from 1.
    pub value_column: Option<String>,
    /// Which series to read where there are several: a metric name, a selector such as `{pod="web-0"}`, or both.
    pub series: Option<String>,
    /// Further CSV columns to keep beside the load, by name or by number from 1; of a request log `latency`.
    pub columns: Vec<String>,
    /// What one number of the load means.
    pub unit: Option<TraceUnit>,
    /// How far apart the rows are: the times of a file without a time column, and the length of an only row.
    pub step: Option<SimDuration>,
    /// What a hole in the recording is filled with.
    pub gaps: Option<GapFill>,
    /// What becomes of a row that holds no usable number.
    pub bad_cells: BadCells,
    /// The step per which the rows of an event log are counted.
    pub event_bin: SimDuration,
}

/// What a hole in a recording is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapFill {
    /// The last value before the hole: right when the sensor was silent, while the load went on.
    Hold,
    /// No load: right when a step without requests leaves no row, as in a grouped count.
    Zero,
}

/// What becomes of a CSV row whose time or load is not a number that a load can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCells {
    /// The file is refused, naming the line.
    Refuse,
    /// The row is skipped and counted in the notes.
    Skip,
}

impl ReadOptions {
    /// Everything inferred; events counted per 15 s; unusable numbers refused.
    #[must_use]
    pub fn infer() -> Self {
        Self {
            format: None,
            time_column: None,
            value_column: None,
            series: None,
            columns: Vec::new(),
            unit: None,
            step: None,
            gaps: None,
            bad_cells: BadCells::Refuse,
            event_bin: SimDuration::from_seconds(15),
        }
    }
}

impl FromStr for GapFill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "hold" => Ok(Self::Hold),
            "zero" => Ok(Self::Zero),
            _ => Err("expected `hold` or `zero`".to_owned()),
        }
    }
}
