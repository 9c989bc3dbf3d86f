//! What `promtool query range` prints, and what `promtool tsdb dump` prints.

use std::io::Read;

use super::series_lines::{SeriesLines, no_series};
use crate::trace::TraceProblem;
use crate::trace::calendar;
use crate::trace::error::{Fault, quoted};
use crate::trace::lines::{for_each_line, text_of};
use crate::trace::sink::{SeriesFacts, SeriesSink};

/// Reads series' heads, `name{label="value"} =>`, each followed by samples, `0.25 @[1767225600]`.
pub(crate) fn read_promtool(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let mut series = SeriesLines::new(sink);
    let mut current = None;
    for_each_line(input, |line, number| {
        let text = text_of(line);
        let text = text.trim_end();
        let at_line = |problem| Fault::at(number, problem);
        if text.is_empty() {
            return Ok(());
        }
        let sample = if text.ends_with(']') && !text.contains(" => ") {
            text
        } else {
            let head = if text.starts_with("=>") {
                format!("{{}} {text}")
            } else {
                text.to_owned()
            };
            let (place, rest) = series
                .place(&head, |_| SeriesFacts::default())
                .map_err(at_line)?;
            let rest = rest.trim_start().strip_prefix("=>");
            let rest =
                rest.ok_or_else(|| at_line(no_series("a series has no `=>` after it", text)))?;
            current = Some(place);
            let rest = rest.trim();
            if rest.is_empty() {
                return Ok(());
            }
            // An instant query prints its only sample behind the series.
            return Err(at_line(TraceProblem::NotAMatrix("vector")));
        };
        let (value, time) = sample_of(sample).ok_or_else(|| {
            at_line(no_series(
                "a sample is not of the form `0.25 @[1767225600]`",
                sample,
            ))
        })?;
        let Some(place) = current else {
            return Err(at_line(no_series(
                "a sample comes before its series",
                sample,
            )));
        };
        let time = time.ok_or_else(|| at_line(TraceProblem::TimeOutOfRange(quoted(sample))))?;
        series.push(place, time, value).map_err(at_line)
    })?;
    Ok(series.finish()?)
}

/// The value and the time of `0.25 @[1767225600.5]`; the time is `None` if it is out of range.
fn sample_of(text: &str) -> Option<(f64, Option<i64>)> {
    let (value, time) = text.split_once('@')?;
    let seconds: f64 = time.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
    Some((
        value.trim().parse().ok()?,
        calendar::nanos_of_seconds(seconds),
    ))
}

/// Reads lines of labels, a value and milliseconds: `{__name__="up", pod="a"} 1 1767225600000`.
pub(crate) fn read_tsdb_dump(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let mut series = SeriesLines::new(sink);
    for_each_line(input, |line, number| {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let text = text_of(line);
        let at_line = |problem| Fault::at(number, problem);
        let (place, rest) = series
            .place(&text, |_| SeriesFacts::default())
            .map_err(at_line)?;
        let mut words = rest.split_ascii_whitespace();
        let value = words.next().and_then(|word| word.parse().ok());
        let millis: Option<i64> = words.next().and_then(|word| word.parse().ok());
        let (Some(value), Some(millis)) = (value, millis) else {
            let what = "a line does not end in a value and milliseconds";
            return Err(at_line(no_series(what, &text)));
        };
        let time = millis
            .checked_mul(1_000_000)
            .ok_or_else(|| at_line(TraceProblem::TimeOutOfRange(quoted(&millis.to_string()))))?;
        series.push(place, time, value).map_err(at_line)
    })?;
    Ok(series.finish()?)
}
