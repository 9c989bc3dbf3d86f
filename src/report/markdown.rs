//! The report as Markdown, sized for a comment on a pull request.

use super::assumptions::{origin, stated_and_defaults};
use super::comparisons::{
    AS_IT_IS, DIFFERENCES, balancing_figures, effective, reading, title, without_effect,
};
use super::escape::{markdown_code, markdown_text};
use super::figures::{SECTIONS, figure_of};
use super::format;
use super::input::Report;
use super::layout::blocks;
use super::sentences;
use super::worst::worst_episode;
use crate::analysis::{BackendCard, BackendComparison, Varied, Verdict};
use crate::scenario::Assumption;

/// Violation episodes that are named.
const WORST: usize = 3;

/// The report as Markdown: `-o markdown`.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let parts = [
        heading(report),
        verdicts(report),
        comparisons(report),
        figures(report),
        warnings(&report.subject.warnings, compared_warnings(report)),
        assumptions(&report.subject.assumptions),
        closing(report),
    ];
    blocks(&parts)
}

fn heading(report: &Report) -> Vec<String> {
    vec![
        format!(
            "### {}",
            sentences::autoscaler(&report.subject, markdown_code)
        ),
        String::new(),
        format!(
            "{}. Objective: {}.",
            sentences::workload(&report.subject, markdown_code),
            sentences::objective(report.subject.slo)
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
    lines.extend(cautions(&report.subject.cautions));
    lines
}

/// What makes the verdict of a scenario say less than it seems.
pub(super) fn cautions(cautions: &[String]) -> Vec<String> {
    cautions
        .iter()
        .flat_map(|text| {
            [
                String::new(),
                format!("> **Caution:** {}.", markdown_text(text)),
            ]
        })
        .collect()
}

fn comparisons(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for comparison in report.comparisons {
        for backend in &comparison.backends {
            lines.push(format!(
                "#### {}",
                title(comparison.varied, backend, markdown_code)
            ));
            lines.push(String::new());
            match comparison.varied {
                Varied::Balancing => lines.extend(strategies(backend)),
                Varied::Optimization => lines.extend(optimizations(backend)),
            }
            lines.push(String::new());
        }
    }
    if !lines.is_empty() {
        lines.push(reading(report).to_owned());
    }
    lines
}

/// A row for each strategy.
fn strategies(backend: &BackendComparison) -> Vec<String> {
    let figures = balancing_figures(backend);
    let names = figures.iter().map(|(label, _)| (*label).to_owned());
    let mut lines = vec![row("", names), rule(figures.len())];
    for variant in &backend.variants {
        let mut name = markdown_code(&variant.name);
        if !variant.is_other {
            name = format!("{name} ({AS_IT_IS})");
        }
        let cells = figures
            .iter()
            .map(|(_, figure)| format::band(&figure.of(&variant.card), figure.unit).joined());
        lines.push(row(&name, cells));
    }
    lines
}

/// A row for each optimization that changes something, the best first, below the scenario as it is.
fn optimizations(backend: &BackendComparison) -> Vec<String> {
    let names = DIFFERENCES
        .iter()
        .flat_map(|difference| [difference.label.to_owned(), "change".to_owned()]);
    let mut lines = vec![row("", names), rule(2 * DIFFERENCES.len())];
    let figure = |key, card: &BackendCard| {
        figure_of(key).map_or_else(String::new, |figure| {
            format::band(&figure.of(card), figure.unit).joined()
        })
    };
    let baseline = DIFFERENCES
        .iter()
        .flat_map(|difference| [figure(difference.of, &backend.baseline), String::new()]);
    lines.push(row(AS_IT_IS, baseline));
    let (variants, without) = effective(backend);
    for variant in variants {
        let cells = DIFFERENCES.iter().flat_map(|difference| {
            let change = difference.of(&variant.difference).median;
            [
                figure(difference.of, &variant.card),
                format::difference(change, difference.unit),
            ]
        });
        lines.push(row(&markdown_code(&variant.name), cells));
    }
    if let Some(note) = without_effect(&without) {
        lines.push(String::new());
        lines.push(markdown_text(&note));
    }
    lines
}

fn figures(report: &Report) -> Vec<String> {
    let names = report
        .backends()
        .map(|view| markdown_code(&view.card.backend));
    let count = report.backends().count();
    let mut lines = vec![row("", names), rule(count)];
    for section in SECTIONS {
        let mut rows: Vec<String> = section
            .figures
            .iter()
            .filter(|figure| figure.is_brief(report.scorecard))
            .map(|figure| {
                let cells = report.backends().map(|view| {
                    let text = format::band(&figure.of(view.card), figure.unit).joined();
                    view.remark(figure)
                        .map_or(text.clone(), |remark| format!("{text}, {remark}"))
                });
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
    lines.extend(sentences::retries(report, markdown_code));
    lines.push(sentences::reading(report.subject.runs));
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

fn compared_warnings<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a String> {
    report.comparisons.iter().flat_map(|all| &all.warnings)
}

/// The warnings of a scenario, and more of them.
pub(super) fn warnings<'a>(
    own: &'a [String],
    more: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in own.iter().chain(more) {
        if !lines.is_empty() {
            lines.push(">".to_owned());
        }
        lines.push(format!("> **Warning:** {}", markdown_text(text)));
    }
    lines
}

/// The assumptions of a scenario, folded away.
pub(super) fn assumptions(assumptions: &[Assumption]) -> Vec<String> {
    let (stated, defaults) = stated_and_defaults(assumptions);
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
    vec![sentences::provenance(
        &report.subject,
        report.followed_version,
        markdown_code,
    )]
}

/// The line below the heads of a table with so many columns beside the first.
pub(super) fn rule(columns: usize) -> String {
    row("---", std::iter::repeat_n("---".to_owned(), columns))
}

/// A row of a table.
pub(super) fn row(label: &str, cells: impl Iterator<Item = String>) -> String {
    let mut line = format!("| {label} |");
    for cell in cells {
        line.push(' ');
        line.push_str(&cell);
        line.push_str(" |");
    }
    line
}
