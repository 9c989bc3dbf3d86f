//! A trace as OpenMetrics text with timestamps.

use std::io::{self, Write};

use super::layout::Layout;
use super::number::{number, seconds, since_1970};
use super::prometheus::millis;
use super::written_trace::names_of;
use crate::trace::{Trace, TraceUnit};

/// Writes a gauge, a sample a line with its time in seconds since 1970. A gap has no sample.
pub(super) fn write(out: &mut dyn Write, trace: &Trace, layout: &Layout<'_>) -> io::Result<()> {
    let (_, metric) = names_of(trace.unit.unit);
    writeln!(out, "# TYPE {metric} gauge")?;
    let unit = match trace.unit.unit {
        TraceUnit::Events => TraceUnit::CountPerStep,
        TraceUnit::Counter => TraceUnit::RequestsPerSecond,
        other => other,
    };
    writeln!(out, "# HELP {metric} {unit}.")?;
    for row in layout.rows() {
        let Some((_, value)) = row.recorded else {
            continue;
        };
        write!(out, "{metric} ")?;
        number(out, value)?;
        write!(out, " ")?;
        seconds(out, millis(since_1970(trace.start, row.start)) * 1_000_000)?;
        writeln!(out)?;
    }
    writeln!(out, "# EOF")
}
