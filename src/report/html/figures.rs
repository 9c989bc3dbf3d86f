//! The scorecard's figures, the assumptions and the warnings as tables.

use super::markup::Markup;
use crate::report::assumptions::{origin, stated_and_defaults};
use crate::report::figure::{Figure, Section};
use crate::report::figures::SECTIONS;
use crate::report::format;
use crate::report::input::Report;
use crate::report::worst::worst_episode;
use crate::report::{escape, sentences};

/// Violation episodes that are named.
const WORST: usize = 5;

/// The figures that most people want to know, then all of them, folded away.
pub(super) fn write(page: &mut Markup, report: &Report) {
    page.raw("<section>\n<h2>Figures</h2>\n");
    for sentence in sentences::path(report, escape::plain)
        .iter()
        .chain(&sentences::retries(report, escape::plain))
    {
        page.element("p", sentence);
    }
    table(page, report, |figure| figure.is_brief(report.scorecard));
    page.raw("<p class=\"note\">");
    page.text(&sentences::reading(report.subject.runs));
    page.raw("</p>\n<details><summary>Every figure</summary>\n");
    table(page, report, |_| true);
    page.raw("</details>\n</section>\n");
}

fn table(page: &mut Markup, report: &Report, is_shown: impl Fn(&Figure) -> bool) {
    page.raw("<div class=\"wide\"><table class=\"figures\">\n");
    page.head(
        report
            .backends()
            .map(|view| escape::plain(&view.card.backend)),
    );
    for section in SECTIONS {
        let figures = section.figures.iter().filter(|figure| is_shown(figure));
        let figures: Vec<&Figure> = figures.collect();
        if !figures.is_empty() {
            rows(page, report, section, &figures);
        }
    }
    page.raw("</table></div>\n");
}

fn rows(page: &mut Markup, report: &Report, section: &Section, figures: &[&Figure]) {
    let columns = report.backends().count() + 1;
    page.raw("<tbody><tr><th class=\"title\" scope=\"colgroup\" colspan=\"");
    page.text(&columns.to_string()).raw("\">");
    page.text(section.title).raw(" <small>");
    page.text(section.meaning).raw("</small></th></tr>\n");
    for figure in figures {
        let is_part = figure.label.starts_with(' ');
        page.raw(if is_part {
            "<tr class=\"part\"><th scope=\"row\">"
        } else {
            "<tr><th scope=\"row\">"
        });
        page.text(figure.label.trim()).raw("</th>");
        for view in report.backends() {
            let band = format::band(&figure.of(view.card), figure.unit);
            page.raw("<td>").text(&band.alone());
            if let Some(range) = &band.band {
                page.raw(" <small>").text(range).raw("</small>");
            }
            page.raw("</td>");
        }
        page.raw("</tr>\n");
    }
    if section.key == "slo" {
        for rank in 0..WORST {
            let cells: Vec<Option<String>> = report
                .backends()
                .map(|view| worst_episode(view.card, rank))
                .collect();
            if cells.iter().any(Option::is_some) {
                let label = if rank == 0 { "worst, run 1" } else { "" };
                page.row(label, cells.into_iter().map(Option::unwrap_or_default));
            }
        }
    }
    page.raw("</tbody>\n");
}

/// The warnings of the scenario and of the comparisons.
pub(super) fn warnings(page: &mut Markup, report: &Report) {
    let compared = report.comparisons.iter().flat_map(|all| &all.warnings);
    for caution in &report.subject.cautions {
        page.raw("<p class=\"warning\"><b>Caution:</b> ");
        page.foreign(caution).raw("</p>\n");
    }
    for warning in report.subject.warnings.iter().chain(compared) {
        page.raw("<p class=\"warning\"><b>Warning:</b> ");
        page.foreign(warning).raw("</p>\n");
    }
}

/// Every assumption with who made it, what should be doubted first on top.
pub(super) fn assumptions(page: &mut Markup, report: &Report) {
    let (stated, defaults) = stated_and_defaults(&report.subject.assumptions);
    for (title, listed) in [
        ("Assumptions", stated),
        ("Defaults, nobody said otherwise", defaults),
    ] {
        if listed.is_empty() {
            continue;
        }
        page.raw("<section>\n").element("h2", title);
        page.raw("\n<div class=\"wide\"><table class=\"assumptions\">\n<thead><tr>");
        for heading in ["setting", "value", "from", "note"] {
            page.raw("<th scope=\"col\">").raw(heading).raw("</th>");
        }
        page.raw("</tr></thead>\n<tbody>\n");
        for assumption in listed {
            page.raw("<tr><th scope=\"row\">");
            page.foreign(&assumption.key).raw("</th><td>");
            page.foreign(&assumption.value).raw("</td><td>");
            page.foreign(&origin(assumption)).raw("</td><td>");
            page.foreign(&assumption.note).raw("</td></tr>\n");
        }
        page.raw("</tbody></table></div>\n</section>\n");
    }
}
