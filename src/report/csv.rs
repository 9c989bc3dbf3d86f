//! The report's figures as CSV, one line for each backend and figure.

use super::comparisons::{DIFFERENCES, compared_figures};
use super::escape;
use super::figures::SECTIONS;
use super::format::Unit;
use super::input::Report;
use crate::stats::Band;

/// The figures as a table `backend,figure,unit,median,low,high`: `-o csv`.
///
/// Low and high are the 5 % and 95 % quantiles over the runs. A figure that does not exist has empty cells. Beside
/// variants of the scenario there is a last column, `variant`, which is empty for the scenario as it is.
#[must_use]
pub fn csv(report: &Report) -> String {
    let (head, nothing) = if report.comparisons.is_empty() {
        ("", "")
    } else {
        (",variant", ",")
    };
    let mut text = format!("backend,figure,unit,median,low,high{head}\n");
    for view in report.backends() {
        let backend = quoted(&escape::csv(&view.card.backend));
        for figure in SECTIONS.iter().flat_map(|section| section.figures) {
            let band = figure.of(view.card);
            text += &line(&backend, figure.key, figure.unit, band, nothing);
        }
    }
    for backend in report.comparisons.iter().flat_map(|all| &all.backends) {
        let name = quoted(&escape::csv(&backend.baseline.backend));
        for variant in &backend.variants {
            let beside = format!(",{}", quoted(&escape::csv(&variant.name)));
            for figure in compared_figures() {
                let band = figure.of(&variant.card);
                text += &line(&name, figure.key, figure.unit, band, &beside);
            }
            for difference in DIFFERENCES {
                let band = difference.of(&variant.difference);
                text += &line(&name, difference.key, difference.unit, band, &beside);
            }
        }
    }
    text
}

/// One figure of one backend; `rest` is what follows the numbers.
fn line(backend: &str, key: &str, unit: Unit, band: Band, rest: &str) -> String {
    let [median, low, high] = [band.median, band.low, band.high].map(cell);
    let cells = [backend, key, unit.symbol(), &median, &low, &high].join(",");
    format!("{cells}{rest}\n")
}

/// A number, or nothing where there is none.
pub(super) fn cell(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        String::new()
    }
}

/// A text cell, in quotes where it needs them (RFC 4180).
pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
