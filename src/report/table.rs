//! The report as text for a terminal or a log.

use std::ops::Range;

use comfy_table::Cell;

use super::assumption_table;
use super::comparison_table;
use super::escape;
use super::figure::{Figure, Section};
use super::figures::SECTIONS;
use super::format::{self, BandText};
use super::input::{BackendView, Colour, Detail, Report};
use super::layout::{blocks, flush_left, page_width, plain_table, wrap};
use super::paint::{Tone, faint_bands, paint};
use super::sentences;
use super::sparkline;
use super::worst::worst_episode;
use crate::analysis::Verdict;
use crate::outcome::{Timeline, Violation};

/// Violation episodes that a table names.
const WORST_NORMAL: usize = 3;
const WORST_WIDE: usize = 5;

/// The report as text, side by side for each backend: `-o table` and `-o wide`.
///
/// `width` is the terminal's, in columns; `None` where there is no terminal.
#[must_use]
pub fn table(report: &Report, detail: Detail, width: Option<u16>, colour: Colour) -> String {
    let width = page_width(width);
    let page = Page {
        report,
        detail,
        width,
        colour,
    };
    let parts = [
        page.heading(),
        page.verdicts(),
        comparison_table::lines(report, width, colour),
        page.figures(),
        page.charts(),
        assumption_table::lines(&report.subject.assumptions, detail, width, colour),
        assumption_table::warnings(&report.subject.warnings, width, colour),
        page.closing(),
    ];
    blocks(&parts)
}

/// What every part of the text depends on.
struct Page<'a> {
    report: &'a Report<'a>,
    detail: Detail,
    width: u16,
    colour: Colour,
}

impl Page<'_> {
    fn heading(&self) -> Vec<String> {
        let mut lines: Vec<String> = wrap(
            &sentences::autoscaler(&self.report.subject, escape::plain),
            self.width,
            2,
        )
        .iter()
        .map(|line| self.paint(line, Tone::Heading))
        .collect();
        lines.extend(wrap(
            &sentences::workload(&self.report.subject, escape::plain),
            self.width,
            2,
        ));
        if let Some(told) = sentences::disturbances(&self.report.subject, escape::plain) {
            lines.extend(wrap(&told, self.width, 2));
        }
        lines
    }

    fn verdicts(&self) -> Vec<String> {
        let mut lines = vec![self.paint(
            &format!(
                "Objective: {}",
                sentences::objective(self.report.subject.slo)
            ),
            Tone::Heading,
        )];
        for view in self.report.backends() {
            let (mark, tone) = match view.card.slo.verdict {
                Verdict::Met => ("✓", Tone::Good),
                Verdict::Missed => ("✗", Tone::Bad),
                Verdict::Unproven => ("?", Tone::Doubtful),
            };
            let sentence = sentences::verdict(self.report, &view, escape::plain);
            let mut sentence = wrap(&sentence, self.width - 2, 2).into_iter();
            if let Some(first) = sentence.next() {
                lines.push(format!("{} {first}", self.paint(mark, tone)));
            }
            lines.extend(sentence.map(|line| format!("  {line}")));
        }
        for view in self.report.backends().filter(|view| view.counts) {
            let why = sentences::why_it_counts(self.report, &view, escape::plain);
            lines.extend(
                wrap(&why, self.width - 2, 0)
                    .iter()
                    .map(|line| format!("  {line}")),
            );
        }
        lines.extend(assumption_table::cautions(
            &self.report.subject.cautions,
            self.width,
            self.colour,
        ));
        lines
    }

    fn figures(&self) -> Vec<String> {
        let mut table = plain_table(self.width);
        let mut header = vec![Cell::new("")];
        for view in self.report.backends() {
            header.push(Cell::new(self.column_title(&view)));
        }
        table.set_header(header);
        let mut headings = Vec::new();
        for section in SECTIONS {
            let rows = self.section_rows(section);
            if rows.is_empty() {
                continue;
            }
            table.add_row([""]);
            headings.push(section);
            table.add_row([section.title]);
            for row in rows {
                table.add_row(row);
            }
        }
        flush_left(&mut table);
        let mut lines: Vec<String> = table
            .lines()
            .map(|line| self.figure_line(&line, &headings))
            .collect();
        if let Some(first) = lines.first_mut() {
            *first = self.paint(first, Tone::Heading);
        }
        lines.push(String::new());
        let mut told = sentences::path(self.report, escape::plain);
        told.extend(sentences::retries(self.report, escape::plain));
        for sentence in told {
            lines.extend(wrap(&sentence, self.width, 2));
        }
        lines.extend(
            wrap(&sentences::reading(self.report.subject.runs), self.width, 0)
                .iter()
                .map(|line| self.paint(line, Tone::Faint)),
        );
        lines
    }

    fn column_title(&self, view: &BackendView) -> String {
        let name = escape::plain(&view.card.backend);
        if view.counts && self.report.scorecard.backends.len() > 1 {
            format!("{name} (its verdict counts)")
        } else {
            name
        }
    }

    /// A section's rows: a label, then one cell for each backend with the numbers below one another.
    fn section_rows(&self, section: &Section) -> Vec<Vec<String>> {
        let figures: Vec<&Figure> = section
            .figures
            .iter()
            .filter(|figure| self.detail == Detail::Wide || figure.is_brief(self.report.scorecard))
            .collect();
        let mut rows: Vec<Vec<String>> = figures
            .iter()
            .map(|figure| vec![format!("  {}", figure.label)])
            .collect();
        for view in self.report.backends() {
            let texts: Vec<BandText> = figures
                .iter()
                .map(|figure| format::band(&figure.of(view.card), figure.unit))
                .collect();
            let widest = texts.iter().map(|text| text.median.chars().count()).max();
            for (row, text) in rows.iter_mut().zip(texts) {
                let room = widest.unwrap_or(0) - text.median.chars().count();
                row.push(format!("{}{}", " ".repeat(room), text.joined()));
            }
            for (row, figure) in rows.iter_mut().zip(&figures) {
                if let (Some(cell), Some(remark)) = (row.last_mut(), view.remark(figure)) {
                    *cell = format!("{cell}, {remark}");
                }
            }
        }
        if section.key == "slo" {
            rows.extend(self.worst_rows());
        }
        rows
    }

    fn worst_rows(&self) -> Vec<Vec<String>> {
        let most = match self.detail {
            Detail::Normal => WORST_NORMAL,
            Detail::Wide => WORST_WIDE,
        };
        let mut rows = Vec::new();
        for rank in 0..most {
            let cells: Vec<Option<String>> = self
                .report
                .backends()
                .map(|view| worst_episode(view.card, rank))
                .collect();
            if cells.iter().any(Option::is_some) {
                let label = if rank == 0 { "  worst, run 1" } else { "" };
                let mut row = vec![label.to_owned()];
                row.extend(cells.into_iter().map(Option::unwrap_or_default));
                rows.push(row);
            }
        }
        rows
    }

    /// A line of the figures' table with its tones.
    fn figure_line(&self, line: &str, headings: &[&Section]) -> String {
        let line = line.trim_end();
        match headings.iter().find(|section| section.title == line.trim()) {
            Some(section) => {
                let room = usize::from(self.width).saturating_sub(line.len());
                let meaning = if section.meaning.len() + 2 <= room {
                    format!("  {}", section.meaning)
                } else {
                    String::new()
                };
                self.paint(line, Tone::Heading) + &self.paint(&meaning, Tone::Faint)
            }
            None => faint_bands(line, self.colour),
        }
    }

    fn charts(&self) -> Vec<String> {
        let width = usize::from(self.width);
        let mut lines = vec![self.paint("Demand against ready replicas, run 1", Tone::Heading)];
        lines.extend(sparkline::legend(width, self.colour));
        lines.extend(self.chart_of_each(|timeline| Some(0..timeline.rows.len())));
        if let Some(worst) = self.worst_violation() {
            let closer = self.chart_of_each(|timeline| sparkline::closer(timeline, worst, width));
            if !closer.is_empty() {
                lines.push(String::new());
                lines.push(self.paint("A closer look at the worst minutes", Tone::Heading));
                lines.extend(closer);
            }
        }
        lines
    }

    /// A chart of every backend, of the rows that are chosen.
    fn chart_of_each(&self, rows: impl Fn(&Timeline) -> Option<Range<usize>>) -> Vec<String> {
        let views = || self.report.backends();
        let top = views()
            .map(|view| sparkline::peak(&view.outcome.timeline))
            .max();
        let mut lines = Vec::new();
        for view in views() {
            let timeline = &view.outcome.timeline;
            if let Some(rows) = rows(timeline) {
                lines.push(String::new());
                lines.push(escape::plain(&view.card.backend));
                lines.extend(sparkline::lines(
                    timeline,
                    rows,
                    top.unwrap_or(0),
                    usize::from(self.width),
                    self.colour,
                ));
            }
        }
        lines
    }

    /// The violation episode with the most bad requests, of the backend whose verdict counts if it has one.
    fn worst_violation(&self) -> Option<&Violation> {
        let mut views: Vec<BackendView> = self.report.backends().collect();
        views.sort_by_key(|view| !view.counts);
        views.iter().find_map(|view| view.card.slo.worst.first())
    }

    fn closing(&self) -> Vec<String> {
        let text = sentences::provenance(
            &self.report.subject,
            self.report.followed_version,
            escape::plain,
        );
        wrap(&text, self.width, 0)
            .iter()
            .map(|line| self.paint(line, Tone::Faint))
            .collect()
    }

    fn paint(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.colour)
    }
}
