//! A trace as the answer of a range query.

use std::io::{self, Write};

use super::layout::Layout;
use super::number::{number, seconds, since_1970};
use super::written_trace::names_of;
use crate::trace::Trace;

/// Writes one series in its envelope, a sample a line. A gap has no sample.
pub(super) fn write(out: &mut dyn Write, trace: &Trace, layout: &Layout<'_>) -> io::Result<()> {
    let (_, metric) = names_of(trace.unit.unit);
    write!(
        out,
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[\
         {{\"metric\":{{\"__name__\":\"{metric}\"}},\"values\":["
    )?;
    let recorded = layout
        .rows()
        .filter_map(|row| Some((row.start, row.recorded?.1)));
    for (index, (at, value)) in recorded.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(out, "{comma}\n[")?;
        let rounded = millis(since_1970(trace.start, at)) * 1_000_000;
        seconds(out, rounded)?;
        write!(out, ",\"")?;
        number(out, value)?;
        write!(out, "\"]")?;
    }
    writeln!(out, "\n]}}]}}}}")
}

/// Nanoseconds as the nearest millisecond, which is how finely Prometheus tells times.
pub(super) fn millis(nanos: i128) -> i128 {
    (nanos + 500_000).div_euclid(1_000_000)
}
