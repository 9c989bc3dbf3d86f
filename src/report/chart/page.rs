//! The picture as a whole: a heading, then each backend with its key figures and its panels.

use super::axis::Axis;
use super::calendar::calendar_ticks;
use super::canvas::{Anchor, Area, Canvas, Form, Lettering, Weight};
use super::error::ChartError;
use super::palette;
use super::panels::{self, Course, LABEL, Panel, Scales};
use super::picture::Picture;
use super::scale::time_ticks;
use crate::analysis::Verdict;
use crate::outcome::TimelineRow;
use crate::report::escape;
use crate::report::figures::headlines;
use crate::report::input::{BackendView, Report};
use crate::report::sentences;
use crate::report::subject::Subject;

pub(super) const WIDTH: u32 = 1600;
pub(super) const MARGIN: f64 = 32.0;
/// Room left of a plot for what its ticks say.
pub(super) const TICK_ROOM: f64 = 64.0;
/// Room between two backends side by side.
pub(super) const GUTTER: f64 = 36.0;
pub(super) const HEADING_HEIGHT: f64 = 104.0;
/// Where the first line below the title stands.
pub(super) const FIRST_HEADING_LINE: f64 = 66.0;
const BLOCK_HEADING_HEIGHT: f64 = 64.0;
const PANEL_HEADING_HEIGHT: f64 = 46.0;
const TIME_AXIS_HEIGHT: f64 = 36.0;
/// The height of a picture with one row of backends.
const HEIGHT: f64 = 1200.0;
/// Room over what a panel counts, so that no line lies on its edge, and scale events have a place.
const HEADROOM: f64 = 1.1;
/// The least height of all plots of a backend.
const LEAST_PLOTS: f64 = 160.0;
pub(super) const FOOTER_HEIGHT: f64 = 40.0;
/// Backends beside one another.
pub(super) const MOST_BESIDE: usize = 2;
/// The least room for the label of a time, pixels.
const TIME_LABEL_ROOM: f64 = 80.0;

const HEADING: Lettering = Lettering {
    size: 24.0,
    weight: Weight::Bold,
    colour: palette::INK,
};
pub(super) const SUBTITLE: Lettering = Lettering {
    size: 18.0,
    weight: Weight::Regular,
    colour: palette::INK,
};
pub(super) const FOOTNOTE: Lettering = Lettering {
    size: 15.0,
    weight: Weight::Regular,
    colour: palette::FAINT_INK,
};

/// The report as a PNG picture: demand and ready capacity, replicas, usage and latency of the first run, one above the
/// other over the same time.
///
/// The same report and picture give the same bytes.
///
/// # Errors
/// When the picture would be too large, or the drawing or the image library refuses, which nothing that a report can hold
/// makes them do.
pub fn png(report: &Report, picture: Picture) -> Result<Vec<u8>, ChartError> {
    drawn(report, picture, Form::Png)?.into_png()
}

/// As [`png`], as SVG: text is text, in the built-in fonts where they are installed, and as wide as in them where not.
///
/// # Errors
/// Likewise.
pub fn svg(report: &Report, picture: Picture) -> Result<String, ChartError> {
    let title = sentences::autoscaler(&report.subject, escape::plain);
    Ok(drawn(report, picture, Form::Svg)?.into_svg(&title))
}

fn drawn(report: &Report, picture: Picture, form: Form) -> Result<Canvas, ChartError> {
    let views: Vec<BackendView> = report.backends().collect();
    let beside = views.len().clamp(1, MOST_BESIDE);
    let rows = views.len().div_ceil(beside).max(1) as f64;
    let frame = HEADING_HEIGHT + FOOTER_HEIGHT;
    let usual_height = frame + (HEIGHT - frame) * rows;
    let mut canvas = Canvas::of(picture, (f64::from(WIDTH), usual_height), form)?;
    let objective = sentences::objective(report.subject.slo);
    heading(&mut canvas, &report.subject, &objective)?;
    let room = canvas.width() - 2.0 * MARGIN + GUTTER;
    let width = room / beside as f64 - GUTTER;
    let block_height = (canvas.height() - frame) / rows;
    let scales = scales(report, &views, width - TICK_ROOM);
    for (index, view) in views.iter().enumerate() {
        let left = MARGIN + (width + GUTTER) * (index % beside) as f64;
        let top = HEADING_HEIGHT + block_height * (index / beside) as f64;
        let area = Area {
            left,
            top,
            right: left + width,
            bottom: top + block_height,
        };
        block(&mut canvas, report, view, area, &scales)?;
    }
    footer(&mut canvas, report)?;
    Ok(canvas)
}

/// What was played, over the whole picture.
fn heading(canvas: &mut Canvas, subject: &Subject, objective: &str) -> Result<(), ChartError> {
    title(canvas, subject)?;
    let workload = sentences::workload(subject, escape::plain);
    let text = format!("{workload}. Objective: {objective}.");
    let text = fitted(&text, SUBTITLE, canvas.width() - 2.0 * MARGIN)?;
    let at = (MARGIN, FIRST_HEADING_LINE);
    canvas.write(&text, at, Anchor::Left, SUBTITLE)
}

/// Which autoscaler it is.
pub(super) fn title(canvas: &mut Canvas, subject: &Subject) -> Result<(), ChartError> {
    let text = sentences::autoscaler(subject, escape::plain);
    let text = fitted(&text, HEADING, canvas.width() - 2.0 * MARGIN)?;
    canvas.write(&text, (MARGIN, 34.0), Anchor::Left, HEADING)
}

fn footer(canvas: &mut Canvas, report: &Report) -> Result<(), ChartError> {
    let times = match report.subject.trace_start {
        Some(start) => format!(
            "times are in UTC, from {}",
            start.strftime("%Y-%m-%d %H:%M")
        ),
        None => "times are since the trace began".to_owned(),
    };
    let text = format!(
        "Panels show run 1; {times}. {}",
        sentences::provenance(&report.subject, report.followed_version, escape::plain)
    );
    let text = fitted(&text, FOOTNOTE, canvas.width() - 2.0 * MARGIN)?;
    let at = (MARGIN, canvas.height() - 22.0);
    canvas.write(&text, at, Anchor::Left, FOOTNOTE)
}

/// One backend: its verdict, its key figures, its panels.
fn block(
    canvas: &mut Canvas,
    report: &Report,
    view: &BackendView,
    area: Area,
    scales: &Scales,
) -> Result<(), ChartError> {
    let colour = match view.card.slo.verdict {
        Verdict::Met => palette::BLUE,
        Verdict::Missed => palette::VERMILLION,
        Verdict::Unproven => palette::INK,
    };
    let verdict = Lettering {
        size: 18.0,
        weight: Weight::Bold,
        colour,
    };
    let mut lines = vec![(
        sentences::short_verdict(report, view, escape::plain),
        verdict,
    )];
    let figures = headlines(view.card);
    for texts in figures.chunks(2) {
        lines.push((texts.join(",  "), LABEL));
    }
    let heights = [10.0, 36.0, 56.0];
    for ((text, lettering), y) in lines.into_iter().zip(heights) {
        let text = fitted(&text, lettering, area.width())?;
        canvas.write(&text, (area.left, area.top + y), Anchor::Left, lettering)?;
    }
    let shaded: Vec<(f64, f64)> = view
        .outcome
        .runs
        .first()
        .map(|run| run.violations.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|violation| (violation.begin.as_seconds(), violation.end.as_seconds()))
        .collect();
    let course = Course {
        timeline: &view.outcome.timeline,
        decisions: &view.outcome.decisions.decisions,
        shaded: &shaded,
    };
    let mut plot = Area {
        left: area.left + TICK_ROOM,
        bottom: area.top + BLOCK_HEADING_HEIGHT,
        ..area
    };
    let headings = PANEL_HEADING_HEIGHT * Panel::ALL.len() as f64;
    let room = area.height() - BLOCK_HEADING_HEIGHT - headings - TIME_AXIS_HEIGHT;
    let shares: f64 = Panel::ALL.iter().map(|panel| panel.share()).sum();
    let unit = room.max(LEAST_PLOTS) / shares;
    for panel in Panel::ALL {
        plot.top = plot.bottom + PANEL_HEADING_HEIGHT;
        plot.bottom = plot.top + unit * panel.share();
        panels::draw(canvas, panel, plot, &course, scales)?;
    }
    panels::time_labels(canvas, plot, scales)
}

/// Scales that hold every backend's values.
fn scales(report: &Report, views: &[BackendView], plot_width: f64) -> Scales {
    let rows = || views.iter().flat_map(|view| &view.outcome.timeline.rows);
    let finite = |read: fn(&TimelineRow) -> f64| rows().map(read).filter(|value| value.is_finite());
    let top = |read| finite(read).fold(0.0, f64::max);
    let objective = report.subject.slo.latency;
    let positive = |latency: &f64| *latency > 0.0;
    let latencies = || {
        let lowest = finite(|row| row.p50).filter(positive);
        lowest.chain(finite(|row| row.p99).filter(positive))
    };
    let replicas = top(|row| f64::from(row.ready_max.max(row.desired_max)));
    let max_replicas = f64::from(report.subject.steering.max_replicas);
    let min_replicas = f64::from(report.subject.steering.min_replicas);
    let is_near = max_replicas <= 1.6 * replicas;
    let capacity = top(|row| f64::from(row.demand.max(row.ready_max)));
    let horizon = views
        .iter()
        .map(|view| {
            let timeline = &view.outcome.timeline;
            timeline.step.as_seconds() * timeline.rows.len() as f64
        })
        .fold(0.0, f64::max);
    let horizon = if horizon > 0.0 { horizon } else { 1.0 };
    let most_ticks = whole(plot_width / TIME_LABEL_ROOM) as usize;
    Scales {
        capacity: Axis::counts(HEADROOM * capacity),
        peak_rate: top(|row| row.arrival_rate),
        replicas: Axis::counts(if is_near {
            (HEADROOM * replicas).max(max_replicas)
        } else {
            HEADROOM * replicas
        }),
        usage: Axis::values(top(|row| row.usage_ratio).max(1.5)),
        latency: Axis::latencies(
            latencies().fold(objective, f64::min),
            latencies().fold(objective * 1.2, f64::max),
        ),
        tolerance: tolerance(report),
        objective,
        min_replicas,
        max_replicas,
        max_is_near: is_near,
        horizon,
        time: match report.subject.trace_start {
            Some(start) => calendar_ticks(start, horizon, most_ticks),
            None => time_ticks(horizon, most_ticks),
        },
    }
}

/// The usage ratios within which the controller does nothing.
pub(in crate::report) fn tolerance(report: &Report) -> (f64, f64) {
    let steering = &report.subject.steering;
    (1.0 - steering.tolerance_down, 1.0 + steering.tolerance_up)
}

/// The text, cut where it would not fit.
pub(super) fn fitted(text: &str, lettering: Lettering, width: f64) -> Result<String, ChartError> {
    if Canvas::text_width(text, lettering)? <= width {
        return Ok(text.to_owned());
    }
    let mut cut: Vec<char> = text.chars().collect();
    loop {
        cut.pop();
        let shorter: String = cut.iter().collect::<String>() + "…";
        if cut.is_empty() || Canvas::text_width(&shorter, lettering)? <= width {
            return Ok(shorter);
        }
    }
}

/// A number of pixels or labels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of pixels or labels, some thousands at most"
)]
pub(super) fn whole(pixels: f64) -> u32 {
    pixels.floor() as u32
}
