//! Variants of the scenario beside it, where somebody asked for them.

use super::markup::Markup;
use crate::analysis::{BackendCard, BackendComparison, Varied};
use crate::report::comparisons::{
    AS_IT_IS, DIFFERENCES, balancing_figures, effective, reading, title, without_effect,
};
use crate::report::figures::figure_of;
use crate::report::input::Report;
use crate::report::{escape, format};

pub(super) fn write(page: &mut Markup, report: &Report) {
    if report.comparisons.is_empty() {
        return;
    }
    page.raw("<section>\n<h2>Variants</h2>\n");
    for comparison in report.comparisons {
        for backend in &comparison.backends {
            page.element("h3", &title(comparison.varied, backend, escape::plain));
            page.raw("\n<div class=\"wide\"><table class=\"figures\">\n");
            match comparison.varied {
                Varied::Balancing => strategies(page, backend),
                Varied::Optimization => optimizations(page, backend),
            }
        }
    }
    page.raw("<p class=\"note\">").text(reading(report));
    page.raw("</p>\n</section>\n");
}

/// A row for each strategy.
fn strategies(page: &mut Markup, backend: &BackendComparison) {
    let figures = balancing_figures(backend);
    page.head(figures.iter().map(|(label, _)| (*label).to_owned()));
    page.raw("<tbody>\n");
    for variant in &backend.variants {
        let name = escape::plain(&variant.name);
        let name = if variant.is_other {
            name
        } else {
            format!("{name} ({AS_IT_IS})")
        };
        let cells = figures
            .iter()
            .map(|(_, figure)| format::band(&figure.of(&variant.card), figure.unit).joined());
        page.row(&name, cells);
    }
    page.raw("</tbody></table></div>\n");
}

/// A row for each optimization that changes something, the best first, below the scenario as it is.
fn optimizations(page: &mut Markup, backend: &BackendComparison) {
    page.head(
        DIFFERENCES
            .iter()
            .flat_map(|difference| [difference.label.to_owned(), "change".to_owned()]),
    );
    page.raw("<tbody>\n");
    let figure = |key, card: &BackendCard| {
        figure_of(key).map_or_else(String::new, |figure| {
            format::band(&figure.of(card), figure.unit).joined()
        })
    };
    let baseline = DIFFERENCES
        .iter()
        .flat_map(|difference| [figure(difference.of, &backend.baseline), String::new()]);
    page.row(AS_IT_IS, baseline);
    let (variants, without) = effective(backend);
    for variant in variants {
        let cells = DIFFERENCES.iter().flat_map(|difference| {
            let change = difference.of(&variant.difference).median;
            [
                figure(difference.of, &variant.card),
                format::difference(change, difference.unit),
            ]
        });
        page.row(&escape::plain(&variant.name), cells);
    }
    page.raw("</tbody></table></div>\n");
    if let Some(note) = without_effect(&without) {
        page.raw("<p class=\"note\">").text(&note).raw("</p>\n");
    }
}
