//! A diff as Markdown, sized for a comment on a pull request.

use super::diff_figures::FIGURES;
use super::diff_input::{DiffEntry, DiffReplay, DiffReport, DiffVerdict};
use super::diff_sentences as sentences;
use super::escape::{markdown_code, markdown_text};
use super::layout::blocks;
use super::markdown::{row, rule};
use crate::analysis::Movement;
use crate::lint::Finding;
use crate::manifest::SettingChange;

/// The most entries that are told in full, the most settings of one, and the most findings.
const MOST_ENTRIES: usize = 50;
const MOST_SETTINGS: usize = 100;
const MOST_FINDINGS: usize = 50;

/// The diff as Markdown: `-o markdown`.
#[must_use]
pub fn diff_markdown(report: &DiffReport) -> String {
    let headline = sentences::headline(report, markdown_code);
    if report.verdict == DiffVerdict::Nothing {
        return blocks(&[vec![headline], cautions(report)]);
    }
    let mark = match report.verdict {
        DiffVerdict::Regression(_) => '❌',
        _ => '✅',
    };
    let mut parts = vec![vec![format!("### {mark} {headline}")]];
    let regressions = sentences::regressions(report, markdown_code);
    parts.push(
        regressions
            .iter()
            .map(|sentence| format!("- {sentence}"))
            .collect(),
    );
    for entry in report.entries.iter().take(MOST_ENTRIES) {
        parts.extend(entry_parts(report, entry));
    }
    parts.push(more(report.entries.len(), MOST_ENTRIES, "autoscalers"));
    parts.push(findings(report));
    parts.push(cautions(report));
    parts.push(closing(report));
    blocks(&parts)
}

fn entry_parts(report: &DiffReport, entry: &DiffEntry) -> Vec<Vec<String>> {
    let mut parts = vec![vec![format!(
        "#### {}",
        sentences::title(entry, markdown_code)
    )]];
    parts.push(settings(report, entry));
    let why_not = sentences::not_replayed(entry, markdown_text);
    parts.extend(why_not.map(|sentence| vec![sentence]));
    let Some(load) = sentences::load(entry, markdown_code) else {
        return parts;
    };
    parts.push(vec![
        format!(
            "{} **{}**",
            sentences::mark(&entry.replay),
            capital(sentences::judgement(&entry.replay))
        ),
        String::new(),
        load,
    ]);
    parts.push(figures(report, &entry.replay));
    parts.extend(sentences::assumed_load(entry).map(|sentence| vec![markdown_text(&sentence)]));
    parts
}

fn settings(report: &DiffReport, entry: &DiffEntry) -> Vec<String> {
    let all = &entry.change.settings;
    if all.is_empty() {
        return Vec::new();
    }
    let sides = [report.base, report.head].map(markdown_code);
    let mut lines = vec![row("setting", sides.into_iter()), rule(2)];
    for change in all.iter().take(MOST_SETTINGS) {
        let value = |value: &Option<String>| {
            let value = value.as_deref();
            value.map_or_else(|| "–".to_owned(), markdown_code)
        };
        lines.push(row(
            &setting_name(entry, change),
            [value(&change.base), value(&change.head)].into_iter(),
        ));
    }
    lines.extend(more(all.len(), MOST_SETTINGS, "settings"));
    lines
}

fn setting_name(entry: &DiffEntry, change: &SettingChange) -> String {
    let is_own = change.object == entry.change.object;
    match &change.path {
        Some(path) if is_own => markdown_code(path),
        Some(path) => format!("{} {}", markdown_code(&change.object), markdown_code(path)),
        None => markdown_code(&change.object),
    }
}

fn figures(report: &DiffReport, replay: &DiffReplay) -> Vec<String> {
    match replay {
        DiffReplay::Both(both) => {
            let change = &both.change;
            let names = [report.base, report.head].map(markdown_code);
            let heads = names.into_iter().chain(["change".to_owned()]);
            let mut lines = vec![row("", heads), rule(3)];
            let verdicts = [&change.base, &change.head].map(sentences::verdict);
            lines.push(row(
                "objective",
                verdicts.into_iter().chain([String::new()]),
            ));
            for figure in &FIGURES {
                let told = figure.change(change);
                let told = match figure.movement(change) {
                    Movement::Unclear => told,
                    Movement::Rose | Movement::Fell => format!("**{told}**"),
                };
                let cells = [figure.of(&change.base), figure.of(&change.head), told];
                lines.push(row(figure.label, cells.into_iter()));
            }
            lines
        }
        DiffReplay::HeadAlone(alone) => {
            let side = &alone.0;
            let name = markdown_code(report.head);
            let mut lines = vec![row("", std::iter::once(name)), rule(1)];
            lines.push(row("objective", std::iter::once(sentences::verdict(side))));
            for figure in &FIGURES {
                lines.push(row(figure.label, std::iter::once(figure.of(side))));
            }
            lines
        }
        DiffReplay::Not(_) | DiffReplay::NotAsked => Vec::new(),
    }
}

fn findings(report: &DiffReport) -> Vec<String> {
    let moved = report.findings;
    if moved.new.is_empty() && moved.gone.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["#### Findings of lint".to_owned(), String::new()];
    for (all, word) in [(&moved.new, "new"), (&moved.gone, "gone")] {
        let told = all.iter().take(MOST_FINDINGS);
        lines.extend(told.map(|finding| finding_line(finding, word)));
        lines.extend(more(all.len(), MOST_FINDINGS, word));
    }
    lines
}

fn finding_line(finding: &Finding, word: &str) -> String {
    let object = if finding.object.is_empty() {
        String::new()
    } else {
        format!(", {}", markdown_code(&finding.object))
    };
    format!(
        "- **{word}** {} {} {}{object}: {}",
        finding.severity,
        finding.rule.code,
        markdown_code(&sentences::place(finding)),
        markdown_text(&finding.message)
    )
}

fn cautions(report: &DiffReport) -> Vec<String> {
    let mut lines = Vec::new();
    for caution in sentences::cautions(report) {
        if !lines.is_empty() {
            lines.push(">".to_owned());
        }
        lines.push(format!("> {}", markdown_text(&caution)));
    }
    lines
}

fn closing(report: &DiffReport) -> Vec<String> {
    let reading = sentences::reading(report);
    let made = format!(
        "scaleplan {}, follows the {}.",
        env!("CARGO_PKG_VERSION"),
        report.followed_version
    );
    reading.into_iter().chain([made]).collect()
}

fn more(count: usize, most: usize, noun: &str) -> Vec<String> {
    let rest = count.saturating_sub(most);
    if rest > 0 {
        vec![String::new(), format!("… and {rest} more ({noun})")]
    } else {
        Vec::new()
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
