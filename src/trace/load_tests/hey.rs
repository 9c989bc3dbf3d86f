//! hey: `hey -o csv`, a row for each request with how long it took and when it began.

use std::io::Read;

use super::rows::{column, number};
use crate::trace::csv::Table;
use crate::trace::error::Fault;
use crate::trace::request_log::RequestLog;
use crate::trace::{ReadOptions, TimeBase};

/// Reads the requests of a run; their times count from its beginning.
pub(crate) fn read_hey(input: &mut dyn Read, options: &ReadOptions) -> Result<RequestLog, Fault> {
    let table = Table::open(input)?;
    let names = table.names();
    let latency = column(names.as_deref(), "response-time")?;
    let offset = column(names.as_deref(), "offset")?;
    let because = "each row of hey is a request";
    let mut log = RequestLog::new(TimeBase::Unknown, because, options);
    table.for_each(|record, line| {
        let read = number(record, offset, "offset").and_then(|seconds| {
            let time = super::rows::offset_nanos(seconds)?;
            Ok((time, number(record, latency, "response-time")?))
        });
        match read {
            Ok((time, latency)) => log.push(time, latency, line),
            Err(problem) => log.skip_or(problem, line),
        }
    })?;
    Ok(log)
}
