//! The report's figures as CSV, one line for each backend and figure.

use super::escape;
use super::figures::SECTIONS;
use super::input::Report;

/// The figures as a table `backend,figure,unit,median,low,high`: `-o csv`.
///
/// Low and high are the 5 % and 95 % quantiles over the runs. A figure that does not exist has empty cells.
#[must_use]
pub fn csv(report: &Report) -> String {
    let mut text = String::from("backend,figure,unit,median,low,high\n");
    for view in report.backends() {
        let backend = quoted(&escape::csv(&view.card.backend));
        for figure in SECTIONS.iter().flat_map(|section| section.figures) {
            let band = figure.of(view.card);
            let [median, low, high] = [band.median, band.low, band.high].map(cell);
            let (key, unit) = (figure.key, figure.unit.symbol());
            text += &[backend.as_str(), key, unit, &median, &low, &high].join(",");
            text.push('\n');
        }
    }
    text
}

fn cell(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        String::new()
    }
}

/// A text cell, in quotes where it needs them (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
