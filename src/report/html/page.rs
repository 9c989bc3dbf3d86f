//! The page as a whole: its policy and style, then verdicts, charts, figures and assumptions, then data and scripts.

use plotters::style::RGBColor;

use super::data::Data;
use super::markup::Markup;
use super::policy::policy;
use super::{comparisons, figures, panels};
use crate::analysis::Verdict;
use crate::report::chart::palette;
use crate::report::figures::headlines;
use crate::report::input::Report;
use crate::report::{escape, sentences};

/// uPlot 1.6.32 by Leon Sorokin, MIT licence, `assets/LICENSE-uPlot.txt`.
const CHART_SCRIPT: &str = include_str!("../assets/uPlot.iife.min.js");
const CHART_STYLE: &str = include_str!("../assets/uPlot.min.css");
const CHART_LICENCE: &str = include_str!("../assets/LICENSE-uPlot.txt");
const SCRIPT: &str = include_str!("../assets/report.js");
const STYLE: &str = include_str!("../assets/report.css");

/// The report as one HTML file that needs no network: charts of the first run, figures and assumptions of all.
///
/// The same report gives the same bytes. Where there is much of them, neighbouring points and spans become one
/// with the extremes of both, and the last decisions are left out, as the page says; so it stays below two megabytes.
#[must_use]
pub fn html(report: &Report) -> String {
    let style = style();
    let mut page = Markup::default();
    head(&mut page, report, &style);
    page.raw("<body>\n<header>\n<h1>");
    page.text(&sentences::autoscaler(&report.subject, escape::plain));
    page.raw("</h1>\n<p>");
    page.text(&sentences::workload(&report.subject, escape::plain));
    page.raw("</p>\n");
    if let Some(told) = sentences::disturbances(&report.subject, escape::plain) {
        page.element("p", &told);
    }
    page.raw("</header>\n<main>\n");
    verdicts(&mut page, report);
    figures::warnings(&mut page, report);
    charts(&mut page, report);
    comparisons::write(&mut page, report);
    figures::write(&mut page, report);
    figures::assumptions(&mut page, report);
    page.raw("</main>\n<footer>\n<p>");
    page.text(&sentences::provenance(
        &report.subject,
        report.followed_version,
        escape::plain,
    ));
    page.raw("</p>\n<details><summary>Charts are drawn by uPlot</summary><pre>");
    for line in CHART_LICENCE.lines() {
        page.text(line).raw("\n");
    }
    page.raw("</pre></details>\n</footer>\n");
    let data = Data::of(report).json();
    page.embedded(
        "<script type=\"application/json\" id=\"data\">",
        &data,
        "</script>\n",
    );
    page.embedded("<script>", CHART_SCRIPT, "</script>\n");
    page.embedded("<script>", SCRIPT, "</script>\n");
    page.raw("</body>\n</html>\n");
    page.finish()
}

fn head(page: &mut Markup, report: &Report, style: &str) {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"");
    // The quotes of the policy's keywords are no markup within double quotes, but are escaped all the same.
    page.text(&policy(&[CHART_SCRIPT, SCRIPT], style));
    page.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>scaleplan: ");
    page.foreign(&report.subject.name).raw("</title>\n");
    page.embedded("<style>", style, "</style>\n");
    page.raw("</head>\n");
}

/// The colours of the pictures as variables, then the style of the charts and of the page.
fn style() -> String {
    let colours = [
        ("blue", palette::BLUE),
        ("sky-blue", palette::SKY_BLUE),
        ("vermillion", palette::VERMILLION),
        ("orange", palette::ORANGE),
        ("green", palette::GREEN),
        ("purple", palette::PURPLE),
    ];
    let variables: Vec<String> = colours
        .iter()
        .map(|(name, RGBColor(red, green, blue))| {
            format!("--{name}:#{red:02x}{green:02x}{blue:02x}")
        })
        .collect();
    format!(":root{{{}}}\n{CHART_STYLE}\n{STYLE}", variables.join(";"))
}

fn verdicts(page: &mut Markup, report: &Report) {
    page.raw("<section>\n<h2>Objective: ");
    page.text(&sentences::objective(report.subject.slo));
    page.raw("</h2>\n<ul class=\"verdicts\">\n");
    for view in report.backends() {
        page.raw(match view.card.slo.verdict {
            Verdict::Met => "<li class=\"met\"><b>Met</b> ",
            Verdict::Missed => "<li class=\"missed\"><b>Missed</b> ",
            Verdict::Unproven => "<li class=\"unproven\"><b>Unproven</b> ",
        });
        page.text(&sentences::verdict(report, &view, escape::plain));
        page.raw(" <span>");
        page.text(&headlines(view.card).join(", "));
        page.raw("</span></li>\n");
    }
    page.raw("</ul>\n");
    for view in report.backends().filter(|view| view.counts) {
        page.raw("<p class=\"note\">");
        page.text(&sentences::why_it_counts(report, &view, escape::plain));
        page.raw("</p>\n");
    }
    page.raw("</section>\n");
}

/// What the script shows of the place under the pointer, then each backend's panels.
fn charts(page: &mut Markup, report: &Report) {
    page.raw(
        "<section id=\"charts\">\n<h2>Run 1 over time</h2>\n\
         <noscript><p class=\"warning\">Charts and scale events need JavaScript; the tables below do not.</p></noscript>\n\
         <div id=\"reading\">\n<table><thead><tr><th id=\"at\" scope=\"col\">0:00:00</th>\
         <th scope=\"col\">demand</th><th scope=\"col\">ready</th><th scope=\"col\">desired</th>\
         <th scope=\"col\">requests/s</th><th scope=\"col\">usage / target</th>\
         <th scope=\"col\">p50</th><th scope=\"col\">p95</th><th scope=\"col\">p99</th></tr></thead>\n<tbody>\n",
    );
    for view in report.backends() {
        page.raw("<tr><th scope=\"row\">");
        page.foreign(&view.card.backend).raw("</th>");
        page.raw("<td></td><td></td><td></td><td></td><td></td><td></td><td></td><td></td></tr>\n");
    }
    page.raw(
        "</tbody></table>\n<p><output id=\"range\"></output> \
         <button type=\"button\" id=\"in\" aria-label=\"Zoom in\">+</button> \
         <button type=\"button\" id=\"out\" aria-label=\"Zoom out\">−</button> \
         <button type=\"button\" id=\"all\">All</button></p>\n</div>\n\
         <p class=\"note\" id=\"keys\">Drag to zoom, double-click to see all. In the charts by keyboard: ← and → move the \
         marker, with Shift the view; + and − zoom; 0 shows all; Enter opens the nearest scale event.</p>\n",
    );
    for (index, view) in report.backends().enumerate() {
        page.raw("<section class=\"backend\">\n<h3>");
        page.text(&sentences::short_verdict(report, &view, escape::plain));
        page.raw("</h3>\n");
        panels::write(page, report, &view, index);
        page.raw("</section>\n");
    }
    page.raw("<p class=\"note\" id=\"grain\"></p>\n</section>\n");
}
