//! OpenMetrics text and the older exposition format, where samples carry times.

use std::collections::HashMap;
use std::io::Read;

use super::series_lines::{SeriesLines, no_series};
use crate::trace::calendar;
use crate::trace::error::{Fault, quoted};
use crate::trace::labels::{Labels, is_metric_name, label_block, read_name};
use crate::trace::lines::{for_each_line, text_of};
use crate::trace::sink::{MAX_SERIES, SeriesFacts, SeriesSink};
use crate::trace::{SeriesKind, TraceNote, TraceProblem};

/// Reads samples `name{label="value"} 400 1767225615`, an exemplar behind them or not.
///
/// Times below 1e11 are OpenMetrics' seconds, others the older format's milliseconds.
pub(crate) fn read_exposition(
    input: &mut dyn Read,
    sink: &mut dyn SeriesSink,
) -> Result<Vec<TraceNote>, Fault> {
    let mut series = SeriesLines::new(sink);
    let mut families: HashMap<String, SeriesFacts> = HashMap::new();
    let mut first_untimed = None;
    let (mut timed, mut untimed) = (0_u64, 0_u64);
    let mut is_over = false;
    let mut is_open_metrics = false;
    for_each_line(input, |line, number| {
        let text = text_of(line);
        let text = text.trim();
        let at_line = |problem| Fault::at(number, problem);
        if let Some(comment) = text.strip_prefix('#') {
            is_over |= comment.trim() == "EOF";
            is_open_metrics |= comment.trim_start().starts_with("UNIT ");
            note_family(comment, &mut families);
            return Ok(());
        }
        if text.is_empty() {
            return Ok(());
        }
        let facts = |labels: &Labels| facts_of(labels.name(), &families);
        let (place, rest) = series.place(text, facts).map_err(at_line)?;
        // An exemplar follows a number sign; no number holds one.
        let sample = rest.split('#').next().unwrap_or_default();
        let mut words = sample.split_ascii_whitespace();
        let value = words.next().and_then(|word| word.parse().ok());
        let time = words.next();
        let (Some(value), None) = (value, words.next()) else {
            let what = "a line does not end in a value and a time";
            return Err(at_line(no_series(what, text)));
        };
        let Some(time) = time else {
            untimed += 1;
            first_untimed.get_or_insert(number);
            return Ok(());
        };
        let nanos = time.parse().ok().and_then(|time: f64| {
            if time.abs() < 1e11 {
                calendar::nanos_of_seconds(time)
            } else {
                calendar::nanos_of_seconds(time / 1e3)
            }
        });
        let nanos = nanos.ok_or_else(|| at_line(TraceProblem::TimeOutOfRange(quoted(time))))?;
        timed += 1;
        series.push(place, nanos, value).map_err(at_line)
    })?;
    if timed == 0 && untimed > 0 {
        return Err(TraceProblem::OneScrape.into());
    }
    series.finish()?;
    let mut notes = Vec::new();
    if untimed > 0 {
        notes.push(TraceNote::UntimedSamples {
            samples: untimed,
            first_line: first_untimed,
        });
    }
    if is_open_metrics && !is_over {
        notes.push(TraceNote::NoEnd);
    }
    Ok(notes)
}

/// Whether a line is a sample of a series with a plain name.
pub(crate) fn is_exposition_sample(line: &str) -> bool {
    let end = line.find(['{', ' ']).unwrap_or(line.len());
    let is_named = is_metric_name(&line[..end]) || end == 0 && line.starts_with("{\"");
    let rest = if line[end..].starts_with('{') {
        label_block(&line[end..]).map(|(_, rest)| rest)
    } else {
        Ok(&line[end..])
    };
    let value = rest
        .ok()
        .and_then(|rest| rest.split_ascii_whitespace().next());
    is_named && value.is_some_and(|value| value.parse::<f64>().is_ok())
}

/// Takes in a comment `TYPE name counter` or `UNIT name seconds`.
fn note_family(comment: &str, families: &mut HashMap<String, SeriesFacts>) {
    let Some((what @ ("TYPE" | "UNIT"), rest)) = comment.trim_start().split_once(' ') else {
        return;
    };
    let Some((name, rest)) = read_name(rest.trim_start()) else {
        return;
    };
    let Some(word) = rest.split_ascii_whitespace().next() else {
        return;
    };
    if families.len() >= MAX_SERIES {
        return;
    }
    let facts = families.entry(name).or_default();
    if what == "UNIT" {
        facts.unit = Some(word.to_owned());
    } else {
        facts.kind = match word {
            // The sums, counts and buckets of these only grow; their quantiles have names without an ending.
            "counter" | "histogram" | "summary" => SeriesKind::Counter,
            "gauge" | "gaugehistogram" | "stateset" | "info" => SeriesKind::Gauge,
            _ => SeriesKind::Unknown,
        };
    }
}

/// What the comments say of a series: those of its own name, or of the family that it is part of.
fn facts_of(name: &str, families: &HashMap<String, SeriesFacts>) -> SeriesFacts {
    if let Some(facts) = families.get(name) {
        return facts.clone();
    }
    for ending in ["_total", "_bucket", "_count", "_sum", "_created"] {
        let family = name
            .strip_suffix(ending)
            .and_then(|stem| families.get(stem));
        if let Some(family) = family {
            let kind = match ending {
                "_created" => SeriesKind::Gauge,
                _ => family.kind,
            };
            let unit = match ending {
                "_count" | "_bucket" => None,
                _ => family.unit.clone(),
            };
            return SeriesFacts { kind, unit };
        }
    }
    SeriesFacts::default()
}
