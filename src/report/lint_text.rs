//! Findings for reading: each with its line of the file, marks and help, and a summary.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::plain;
use super::input::Colour;
use super::layout::wrap;
use super::lint_excerpt::{Excerpt, excerpt};
use super::lint_report::{LintReport, Tally};
use super::paint::{Tone, paint};
use crate::lint::{Finding, Rule, Severity};

/// How wide a line of an excerpt is where no terminal says.
const USUAL_WIDTH: u16 = 160;

/// How a text report looks.
#[derive(Clone, Copy, Debug)]
pub struct TextStyle {
    /// Whether it may hold colour.
    pub colour: Colour,
    /// How wide the terminal is, if there is one: excerpts are cut and help is wrapped.
    pub width: Option<u16>,
}

/// Every finding with its place, the line, and help, one after another: `-o text`. Without a summary, which is
/// [`lint_summary`].
pub fn lint_text(report: &LintReport<'_>, style: TextStyle) -> impl Iterator<Item = String> {
    report.linted.findings.iter().map(move |finding| {
        let mut text = String::new();
        put_finding(&mut text, report, finding, style);
        text
    })
}

/// How many findings each rule has of each severity, most first: `--statistics`.
#[must_use]
pub fn lint_statistics(report: &LintReport<'_>, style: TextStyle) -> String {
    let mut counts: BTreeMap<(&str, Severity), (usize, &Rule, Severity)> = BTreeMap::new();
    for finding in &report.linted.findings {
        let Finding { rule, severity, .. } = finding;
        let counted = counts.entry((rule.code, *severity));
        counted.or_insert((0, rule, *severity)).0 += 1;
    }
    let mut rows: Vec<(usize, &Rule, Severity)> = counts.into_values().collect();
    rows.sort_by_key(|(count, rule, severity)| (Reverse(*count), rule.code, Reverse(*severity)));
    let longest = |length: fn(&(usize, &Rule, Severity)) -> usize| {
        rows.iter().map(length).max().unwrap_or_default()
    };
    let digits = longest(|row| row.0.to_string().len());
    let name = longest(|row| row.1.slug.len());
    rows.iter()
        .map(|(count, rule, severity)| {
            let code = paint(rule.code, tone_of(*severity), style.colour);
            format!(
                "{count:>digits$}  {code}  {:<name$}  {:<7}  {}\n",
                rule.slug,
                severity.name(),
                rule.title().trim_end_matches('.')
            )
        })
        .collect::<Vec<String>>()
        .concat()
}

/// One line: what there is, in how many files, and what was left out.
#[must_use]
pub fn lint_summary(report: &LintReport<'_>) -> String {
    let Tally {
        errors,
        warnings,
        infos,
        files,
        fixable,
    } = report.tally();
    let counts = [
        (errors, "error", "errors"),
        (warnings, "warning", "warnings"),
        (infos, "info", "infos"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| counted(*number, one, many))
        .collect();
    let read = counted(report.files, "file", "files");
    let mut summary = match counts.as_slice() {
        [] => {
            let objects = counted(report.objects, "object", "objects");
            format!("no findings in {read} with {objects}")
        }
        _ if report.files > 1 => format!("{} in {files} of {read}", listed(&counts)),
        _ => format!("{} in {read}", listed(&counts)),
    };
    let suppressed = report.linted.suppressed.len();
    let known = report.known().len();
    if suppressed > 0 {
        let _ = write!(summary, "; {suppressed} suppressed");
    }
    if known > 0 {
        let _ = write!(summary, "; {known} in the baseline");
    }
    if fixable > 0 {
        let _ = write!(summary, "; --fix mends {fixable}");
    }
    summary
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn listed(parts: &[String]) -> String {
    match parts {
        [first @ .., before, last] => {
            let mut first = first.join(", ");
            if !first.is_empty() {
                first.push_str(", ");
            }
            format!("{first}{before} and {last}")
        }
        _ => parts.concat(),
    }
}

// Writing to a string cannot fail.
fn put_finding(text: &mut String, report: &LintReport<'_>, finding: &Finding, style: TextStyle) {
    let TextStyle { colour, width } = style;
    let tone = tone_of(finding.severity);
    let rule = finding.rule;
    let head = format!("{}[{} {}]", finding.severity, rule.code, rule.slug);
    let message = paint(&plain(&finding.message), Tone::Heading, colour);
    let _ = writeln!(text, "{}: {message}", paint(&head, tone, colour));

    let place = &finding.place;
    let line = place.start.line.to_string();
    let gutter = " ".repeat(line.len() + 1);
    let file = plain(&place.source);
    let arrow = paint(&format!("{}-->", &gutter[1..]), Tone::Faint, colour);
    let _ = writeln!(text, "{arrow} {file}:{line}:{}", place.start.column);

    let columns = usize::from(width.unwrap_or(USUAL_WIDTH)).saturating_sub(gutter.len() + 3);
    let source = report.texts.get(&*place.source).copied();
    let shown = source.and_then(|source| excerpt(source, place, columns.max(20)));
    let bar = paint(&format!("{gutter}|"), Tone::Faint, colour);
    if let Some(Excerpt {
        before,
        marked,
        after,
        marks,
    }) = shown
    {
        let numbered = paint(&format!("{line} |"), Tone::Faint, colour);
        let marks = paint(&marks, tone, colour);
        let _ = writeln!(
            text,
            "{bar}\n{numbered} {before}{marked}{after}\n{bar} {marks}"
        );
    }
    let mut put_note = |word: &str, note: &str| {
        let note = format!("{word}: {note}");
        let lines = match width {
            Some(width) => wrap(
                &note,
                width.saturating_sub(gutter_width(&gutter)).max(30),
                0,
            ),
            None => vec![note],
        };
        for (index, line) in lines.iter().enumerate() {
            let sign = if index == 0 { "= " } else { "  " };
            let sign = paint(sign, Tone::Faint, colour);
            let _ = writeln!(text, "{gutter}{sign}{line}");
        }
    };
    if !finding.help.is_empty() {
        put_note("help", &plain(&finding.help));
    }
    for related in &finding.related {
        let place = &related.place;
        let (file, at) = (plain(&place.source), place.start);
        let message = plain(&related.message);
        put_note(
            "see",
            &format!("{file}:{}:{} {message}", at.line, at.column),
        );
    }
    if let Some(fix) = &finding.fix {
        put_note("fix", &format!("{} (--fix)", plain(&fix.title)));
    }
    text.push('\n');
}

fn gutter_width(gutter: &str) -> u16 {
    u16::try_from(gutter.len() + 2).unwrap_or(u16::MAX)
}

fn tone_of(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Doubtful,
        Severity::Info => Tone::Demand,
    }
}
