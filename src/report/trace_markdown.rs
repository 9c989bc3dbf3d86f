//! `trace info` as Markdown, sized for a comment on a pull request.

use super::escape::{markdown_code, markdown_text};
use super::layout::blocks;
use super::markdown::row;
use super::trace_course::course;
use super::trace_input::SurveyedTrace;
use super::trace_sections::TraceSection;
use super::trace_sentences::cannot_show;
use super::trace_table::scale;

/// The survey of a trace as Markdown: `trace info -o markdown`.
#[must_use]
pub fn trace_markdown(surveyed: &SurveyedTrace<'_>) -> String {
    let mut parts = vec![
        vec![format!("### Trace {}", markdown_code(&surveyed.trace.name))],
        vec![format!(
            "{} {}",
            markdown_code(&course(surveyed)),
            markdown_text(&scale(surveyed))
        )],
    ];
    let mut table = vec![
        row("", std::iter::once(String::new())),
        "| --- | --- |".to_owned(),
    ];
    for section in TraceSection::of(surveyed) {
        table.push(row(
            &format!("**{}**", section.title),
            std::iter::once(String::new()),
        ));
        for (label, told) in section.lines {
            table.push(row(
                &markdown_text(&label),
                std::iter::once(markdown_text(&told)),
            ));
        }
    }
    parts.push(table);
    parts.push(listed("What it cannot show", &cannot_show(surveyed)));
    let notes: Vec<String> = surveyed
        .trace
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    parts.push(listed("While reading", &notes));
    blocks(&parts)
}

fn listed(title: &str, sentences: &[String]) -> Vec<String> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("**{title}**"), String::new()];
    lines.extend(
        sentences
            .iter()
            .map(|sentence| format!("- {}", markdown_text(sentence))),
    );
    lines
}
