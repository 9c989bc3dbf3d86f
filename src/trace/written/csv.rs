//! A trace as a table.

use std::io::{self, Write};

use super::layout::Layout;
use super::number::{number, seconds, since_1970};
use super::written_trace::names_of;
use crate::trace::{EventTimes, Trace};
use crate::units::SimTime;

/// Units of a column of lengths, from the longest, in nanoseconds.
const LENGTH_UNITS: [(&str, i64); 4] = [
    ("holds_s", 1_000_000_000),
    ("holds_ms", 1_000_000),
    ("holds_us", 1_000),
    ("holds_ns", 1),
];

/// Writes one row for each step: its time, its load, how long it lasts where times alone do not tell, and further
/// columns. A gap has an empty cell.
pub(super) fn write_steps(
    out: &mut dyn Write,
    trace: &Trace,
    layout: &Layout<'_>,
) -> io::Result<()> {
    let (load, _) = names_of(trace.unit.unit);
    let lengths = layout.needs_lengths.then(|| length_unit(layout));
    write!(out, "timestamp,{load}")?;
    if let Some((name, _)) = lengths {
        write!(out, ",{name}")?;
    }
    for (name, _) in &trace.columns {
        write!(out, ",{}", quoted(name))?;
    }
    writeln!(out)?;
    for row in layout.rows() {
        write_time(out, trace, row.start)?;
        write!(out, ",")?;
        if let Some((_, value)) = row.recorded {
            number(out, value)?;
        }
        if let Some((_, unit)) = lengths {
            write!(out, ",")?;
            if let Some((length, _)) = row.recorded {
                write!(out, "{}", length.as_nanos() / unit)?;
            }
        }
        for (_, column) in &trace.columns {
            write!(out, ",")?;
            if let Some(value) = column
                .values()
                .get(row.index)
                .filter(|_| row.recorded.is_some())
            {
                number(out, *value)?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes one row for each event: its time.
pub(super) fn write_events(
    out: &mut dyn Write,
    trace: &Trace,
    events: &EventTimes,
) -> io::Result<()> {
    writeln!(out, "timestamp")?;
    for at in events.times() {
        write_time(out, trace, *at)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The longest unit that each length is a whole number of.
fn length_unit(layout: &Layout<'_>) -> (&'static str, i64) {
    let is_whole = |unit: i64| {
        let mut lengths = layout.rows().filter_map(|row| Some(row.recorded?.0));
        lengths.all(|length| length.as_nanos() % unit == 0)
    };
    let units = LENGTH_UNITS.into_iter();
    let mut whole = units.filter(|(_, unit)| is_whole(*unit));
    whole.next().unwrap_or(("holds_ns", 1))
}

/// A calendar time, or seconds since the beginning where that is unknown.
fn write_time(out: &mut dyn Write, trace: &Trace, at: SimTime) -> io::Result<()> {
    let nanos = since_1970(trace.start, at);
    match trace
        .start
        .and_then(|_| jiff::Timestamp::from_nanosecond(nanos).ok())
    {
        Some(time) => write!(out, "{time}"),
        None => seconds(out, nanos),
    }
}

/// A name as a cell.
fn quoted(name: &str) -> String {
    let needs_quotes = name.contains([',', ';', '|', '"', '\n', '\r', '\t', '#']);
    if needs_quotes || name.trim() != name || name.is_empty() {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
