//! `trace info` as text for a terminal or a log.

use super::escape;
use super::format;
use super::layout::{blocks, page_width, wrap};
use super::lint_text::TextStyle;
use super::paint::{Tone, paint};
use super::trace_course::course;
use super::trace_input::SurveyedTrace;
use super::trace_sections::TraceSection;
use super::trace_sentences::cannot_show;

/// Columns left free before each line below a heading.
const INDENT: u16 = 2;
/// Columns of the labels.
const LABELS: usize = 16;

/// The survey of a trace as text: `trace info`.
#[must_use]
pub fn trace_table(surveyed: &SurveyedTrace<'_>, style: TextStyle) -> String {
    let width = page_width(style.width);
    let heading = |text: &str| paint(text, Tone::Heading, style.colour);
    let mut parts = vec![vec![
        heading(&format!("Trace {}", escape::plain(&surveyed.trace.name))),
        paint(&course(surveyed), Tone::Demand, style.colour),
        paint(&scale(surveyed), Tone::Faint, style.colour),
    ]];
    for section in TraceSection::of(surveyed) {
        let mut lines = vec![heading(section.title)];
        for (label, told) in section.lines {
            let line = format!("{label:<LABELS$}{}", escape::plain(&told));
            let wrapped = wrap(&line, width - INDENT, LABELS);
            lines.extend(wrapped.iter().map(|line| format!("  {line}")));
        }
        parts.push(lines);
    }
    parts.push(listed(
        heading("What it cannot show"),
        &cannot_show(surveyed),
        width,
    ));
    let notes: Vec<String> = surveyed
        .trace
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    parts.push(listed(heading("While reading"), &notes, width));
    blocks(&parts)
}

/// What one block of the course means.
pub(super) fn scale(surveyed: &SurveyedTrace<'_>) -> String {
    let survey = surveyed.survey;
    let means = survey.course.iter().filter_map(|part| part.mean);
    let highest = means.fold(0.0, f64::max);
    let parts = i64::try_from(survey.course.len().max(1)).unwrap_or(1);
    format!(
        "means over {}, up to {}",
        format::duration(survey.span / parts),
        surveyed.level(highest)
    )
}

fn listed(title: String, sentences: &[String], width: u16) -> Vec<String> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![title];
    for sentence in sentences {
        let wrapped = wrap(&format!("* {}", escape::plain(sentence)), width - INDENT, 2);
        lines.extend(wrapped.iter().map(|line| format!("  {line}")));
    }
    lines
}
