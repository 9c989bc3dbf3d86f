//! A backtest as text for a terminal or a log, and as Markdown.

use std::fmt::Write as _;

use super::backtest_input::{BacktestReport, told};
use super::escape;
use super::input::Colour;
use super::layout::{blocks, page_width, wrap};
use super::paint::{Tone, paint};

/// Columns of the figures' names, and of their values.
const NAME: usize = 28;
const VALUE: usize = 18;

/// A backtest as text: verdict, figures, rises, notes.
#[must_use]
pub fn backtest_table(report: &BacktestReport<'_>, width: Option<u16>, colour: Colour) -> String {
    let width = page_width(width);
    let tone = |holds| if holds { Tone::Good } else { Tone::Bad };
    let mut heading = Vec::new();
    for (index, line) in report.heading(escape::plain).iter().enumerate() {
        let tone = if index == 0 {
            Tone::Heading
        } else {
            Tone::Normal
        };
        heading.extend(
            wrap(line, width, 2)
                .iter()
                .map(|line| paint(line, tone, colour)),
        );
    }
    let mut verdict = vec![paint(&report.verdict(), tone(report.holds()), colour)];
    verdict.extend(report.checks.iter().map(|check| {
        let sign = if check.holds { "ok  " } else { "miss" };
        format!(
            "  {}  {}",
            paint(sign, tone(check.holds), colour),
            told(check)
        )
    }));
    let figures = report
        .rows()
        .into_iter()
        .map(|row| format!("  {:NAME$}{:VALUE$}{}", row.name, row.text, row.beside));
    let mut rises: Vec<String> = report
        .rise_rows()
        .into_iter()
        .map(|[at, what, answer]| format!("  {at:NAME$}{what:VALUE$}{answer}"))
        .collect();
    if !rises.is_empty() {
        rises.insert(
            0,
            paint(
                "Recorded rises, and when they were predicted",
                Tone::Heading,
                colour,
            ),
        );
    }
    let notes = report
        .notes
        .iter()
        .flat_map(|note| wrap(&escape::plain(note), width, 2));
    blocks(&[
        heading,
        verdict,
        figures.collect(),
        rises,
        notes.collect(),
        vec![format!("Followed: {}", report.followed_version)],
    ])
}

/// A backtest for a pull request.
#[must_use]
pub fn backtest_markdown(report: &BacktestReport<'_>) -> String {
    let mut text = String::new();
    for (index, line) in report.heading(escape::markdown_text).iter().enumerate() {
        let sign = if index == 0 { "## " } else { "" };
        let _ = write!(text, "{sign}{line}\n\n");
    }
    let _ = write!(text, "**{}**\n\n", report.verdict());
    for check in report.checks {
        let sign = if check.holds {
            "holds"
        } else {
            "does not hold"
        };
        let _ = writeln!(text, "* {sign}: {}", told(check));
    }
    text.push_str("\n| figure | value | |\n|---|---|---|\n");
    for row in report.rows() {
        let _ = writeln!(text, "| {} | {} | {} |", row.name, row.text, row.beside);
    }
    let rises = report.rise_rows();
    if !rises.is_empty() {
        text.push_str("\n| recorded rise | replicas | predicted |\n|---|---|---|\n");
        for [at, what, answer] in rises {
            let _ = writeln!(text, "| {at} | {what} | {answer} |");
        }
    }
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in report.notes {
        let _ = writeln!(text, "* {}", escape::markdown_text(note));
    }
    text
}
