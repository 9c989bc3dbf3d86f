//! The report as Markdown, sized for a comment on a pull request.

use super::assumptions::{origin, stated_and_defaults};
use super::escape::{markdown_code, markdown_text};
use super::figures::SECTIONS;
use super::format;
use super::input::Report;
use super::sentences;
use super::worst::worst_episode;
use crate::analysis::Verdict;

/// Violation episodes that are named.
const WORST: usize = 3;

/// The report as Markdown: `-o markdown`.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let parts = [
        heading(report),
        verdicts(report),
        figures(report),
        warnings(report),
        assumptions(report),
        closing(report),
    ];
    let mut text = String::new();
    for lines in parts.iter().filter(|lines| !lines.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn heading(report: &Report) -> Vec<String> {
    vec![
        format!("### {}", sentences::autoscaler(report, markdown_code)),
        String::new(),
        format!(
            "{}. Objective: {}.",
            sentences::workload(report, markdown_code),
            sentences::objective(report)
        ),
    ]
}

fn verdicts(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .backends()
        .map(|view| {
            let mark = match view.card.slo.verdict {
                Verdict::Met => '✅',
                Verdict::Missed => '❌',
                Verdict::Unproven => '❔',
            };
            let sentence = sentences::verdict(report, &view, markdown_code);
            if view.counts {
                format!("- {mark} **{sentence}**")
            } else {
                format!("- {mark} {sentence}")
            }
        })
        .collect();
    for view in report.backends().filter(|view| view.counts) {
        lines.push(String::new());
        lines.push(sentences::why_it_counts(report, &view, markdown_code));
    }
    lines
}

fn figures(report: &Report) -> Vec<String> {
    let names = report
        .backends()
        .map(|view| markdown_code(&view.card.backend));
    let count = report.backends().count();
    let mut lines = vec![
        row("", names),
        row("---", std::iter::repeat_n("---".to_owned(), count)),
    ];
    for section in SECTIONS {
        let mut rows: Vec<String> = section
            .figures
            .iter()
            .filter(|figure| figure.is_brief(report.scorecard))
            .map(|figure| {
                let cells = report
                    .backends()
                    .map(|view| format::band(&figure.of(view.card), figure.unit).joined());
                row(figure.label.trim(), cells)
            })
            .collect();
        if section.key == "slo" {
            rows.extend(worst_rows(report));
        }
        if !rows.is_empty() {
            lines.push(row(
                &format!("**{}**", section.title),
                std::iter::repeat_n(String::new(), count),
            ));
            lines.extend(rows);
        }
    }
    lines.push(String::new());
    lines.extend(sentences::path(report, markdown_code));
    lines.push(sentences::reading(report));
    lines
}

fn worst_rows(report: &Report) -> Vec<String> {
    (0..WORST)
        .map(|rank| {
            report
                .backends()
                .map(move |view| worst_episode(view.card, rank))
        })
        .filter(|cells| cells.clone().any(|cell| cell.is_some()))
        .map(|cells| row("worst, run 1", cells.map(Option::unwrap_or_default)))
        .collect()
}

fn warnings(report: &Report) -> Vec<String> {
    let texts = report.scenario.warnings.iter();
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        if !lines.is_empty() {
            lines.push(">".to_owned());
        }
        lines.push(format!("> **Warning:** {}", markdown_text(text)));
    }
    lines
}

fn assumptions(report: &Report) -> Vec<String> {
    let (stated, defaults) = stated_and_defaults(&report.scenario.assumptions);
    let all = [stated, defaults].concat();
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        format!(
            "<details><summary>{} assumptions</summary>",
            format::count(all.len() as f64)
        ),
        String::new(),
        "| setting | value | from | |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for assumption in all {
        let cells = [
            markdown_code(&assumption.value),
            markdown_text(&origin(assumption)),
            markdown_text(&assumption.note),
        ];
        lines.push(row(&markdown_code(&assumption.key), cells.into_iter()));
    }
    lines.push(String::new());
    lines.push("</details>".to_owned());
    lines
}

fn closing(report: &Report) -> Vec<String> {
    vec![sentences::provenance(report, markdown_code)]
}

fn row(label: &str, cells: impl Iterator<Item = String>) -> String {
    let mut line = format!("| {label} |");
    for cell in cells {
        line.push(' ');
        line.push_str(&cell);
        line.push_str(" |");
    }
    line
}
