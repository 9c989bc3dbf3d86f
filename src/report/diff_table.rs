//! A diff as text for a terminal or a log.

use comfy_table::{Cell, CellAlignment};

use super::diff_figures::FIGURES;
use super::diff_input::{DiffEntry, DiffReplay, DiffReport, DiffVerdict};
use super::diff_sentences as sentences;
use super::escape::plain;
use super::input::Colour;
use super::layout::{blocks, flush_left, page_width, plain_table, wrap};
use super::paint::{Tone, paint};
use crate::lint::{Finding, Severity};

/// The diff as text: `-o table`.
///
/// `width` is the terminal's, in columns; `None` where there is no terminal.
#[must_use]
pub fn diff_table(report: &DiffReport, width: Option<u16>, colour: Colour) -> String {
    let page = Page {
        report,
        width: page_width(width),
        colour,
    };
    let mut parts = vec![page.heading()];
    for entry in &report.entries {
        parts.extend(page.entry(entry));
    }
    parts.push(page.findings());
    let cautions = sentences::cautions(report);
    parts.push(page.paragraphs(&cautions, Tone::Doubtful));
    let reading: Vec<String> = sentences::reading(report).into_iter().collect();
    parts.push(page.paragraphs(&reading, Tone::Faint));
    blocks(&parts)
}

struct Page<'a> {
    report: &'a DiffReport<'a>,
    width: u16,
    colour: Colour,
}

impl Page<'_> {
    fn heading(&self) -> Vec<String> {
        let tone = match self.report.verdict {
            DiffVerdict::Nothing => Tone::Normal,
            DiffVerdict::NoRegression => Tone::Good,
            DiffVerdict::Regression(_) => Tone::Bad,
        };
        let mut lines = self.paragraphs(&[sentences::headline(self.report, plain)], tone);
        let regressions = sentences::regressions(self.report, plain);
        lines.extend(self.paragraphs(&regressions, Tone::Normal));
        lines
    }

    fn entry(&self, entry: &DiffEntry) -> Vec<Vec<String>> {
        let mut first = self.paragraphs(&[sentences::title(entry, plain)], Tone::Heading);
        first.extend(self.settings(entry));
        let mut parts = vec![first];
        if let Some(why_not) = sentences::not_replayed(entry, plain) {
            parts.push(self.paragraphs(&[why_not], Tone::Doubtful));
        }
        let Some(load) = sentences::load(entry, plain) else {
            return parts;
        };
        let judgement = format!(
            "  {} {}",
            sentences::mark(&entry.replay),
            sentences::judgement(&entry.replay)
        );
        let tone = match sentences::mark(&entry.replay) {
            '❌' => Tone::Bad,
            '✅' => Tone::Good,
            _ => Tone::Normal,
        };
        let mut told = vec![paint(&judgement, tone, self.colour)];
        told.extend(self.figures(&entry.replay));
        parts.push(told);
        let facts: Vec<String> = [Some(load), sentences::assumed_load(entry)]
            .into_iter()
            .flatten()
            .collect();
        parts.push(self.paragraphs(&facts, Tone::Faint));
        parts
    }

    fn settings(&self, entry: &DiffEntry) -> Vec<String> {
        if entry.change.settings.is_empty() {
            return Vec::new();
        }
        let mut table = plain_table(self.width);
        let names = [self.report.base, self.report.head].map(plain);
        table.set_header([String::new(), names[0].clone(), names[1].clone()]);
        for change in &entry.change.settings {
            let is_own = change.object == entry.change.object;
            let name = match &change.path {
                Some(path) if is_own => plain(path),
                Some(path) => format!("{}: {}", plain(&change.object), plain(path)),
                None => plain(&change.object),
            };
            let value = |value: &Option<String>| {
                let value = value.as_deref();
                value.map_or_else(|| "-".to_owned(), plain)
            };
            table.add_row([
                format!("  {name}"),
                value(&change.base),
                value(&change.head),
            ]);
        }
        flush_left(&mut table);
        table.lines().collect()
    }

    fn figures(&self, replay: &DiffReplay) -> Vec<String> {
        let mut table = plain_table(self.width);
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        match replay {
            DiffReplay::Both(both) => {
                let change = &both.change;
                let heads = [plain(self.report.base), plain(self.report.head)];
                let heads = heads.into_iter().chain(["change".to_owned()]).map(right);
                table.set_header(std::iter::once(Cell::new("")).chain(heads));
                let verdicts = [&change.base, &change.head].map(sentences::verdict);
                let cells = verdicts.into_iter().chain([String::new()]).map(right);
                table.add_row(std::iter::once(Cell::new("  objective")).chain(cells));
                for figure in &FIGURES {
                    let sides = [&change.base, &change.head].map(|side| figure.of(side));
                    let cells = sides.into_iter().chain([figure.change(change)]).map(right);
                    let label = Cell::new(format!("  {}", figure.label));
                    table.add_row(std::iter::once(label).chain(cells));
                }
            }
            DiffReplay::HeadAlone(alone) => {
                let name = plain(self.report.head);
                table.set_header([Cell::new(""), right(name)]);
                let verdict = sentences::verdict(&alone.0);
                table.add_row([Cell::new("  objective"), right(verdict)]);
                for figure in &FIGURES {
                    let label = Cell::new(format!("  {}", figure.label));
                    table.add_row([label, right(figure.of(&alone.0))]);
                }
            }
            DiffReplay::Not(_) | DiffReplay::NotAsked => return Vec::new(),
        }
        flush_left(&mut table);
        table.lines().collect()
    }

    fn findings(&self) -> Vec<String> {
        let moved = self.report.findings;
        let mut lines = Vec::new();
        if !moved.new.is_empty() || !moved.gone.is_empty() {
            lines.push(paint("Findings of lint", Tone::Heading, self.colour));
        }
        for (all, word) in [(&moved.new, "new"), (&moved.gone, "gone")] {
            for finding in all {
                let tone = match (word, finding.severity) {
                    ("new", Severity::Error) => Tone::Bad,
                    _ => Tone::Normal,
                };
                let wrapped = wrap(&finding_line(finding, word), self.width, 4);
                lines.extend(wrapped.iter().map(|line| paint(line, tone, self.colour)));
            }
        }
        lines
    }

    fn paragraphs(&self, texts: &[String], tone: Tone) -> Vec<String> {
        let wrapped = texts.iter().flat_map(|text| wrap(text, self.width, 2));
        wrapped
            .map(|line| paint(&line, tone, self.colour))
            .collect()
    }
}

fn finding_line(finding: &Finding, word: &str) -> String {
    let object = if finding.object.is_empty() {
        String::new()
    } else {
        format!(", {}", plain(&finding.object))
    };
    format!(
        "  {word} {} {} {}{object}: {}",
        finding.severity,
        finding.rule.code,
        plain(&sentences::place(finding)),
        plain(&finding.message)
    )
}
