//! The picture of advice: for each part, what settings cost against how well they hold the objective.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Lettering, Weight};
use super::error::ChartError;
use super::page::{
    FIRST_HEADING_LINE, FOOTER_HEIGHT, FOOTNOTE, GUTTER, HEADING_HEIGHT, MARGIN, MOST_BESIDE,
    SUBTITLE, TICK_ROOM, WIDTH, fitted, title, whole,
};
use super::palette;
use super::panels::LABEL;
use super::plotter::dashes;
use crate::advice::{Conclusion, Judged};
use crate::report::advice_input::{AdviceReport, PartView};
use crate::report::advice_sentences as told;
use crate::report::escape;
use crate::report::format::{self, Unit};
use crate::report::sentences;
use crate::report::subject::Subject;

/// From one line of the heading to the next.
const HEADING_LINE: f64 = 26.0;
const PLOT_HEIGHT: f64 = 460.0;
/// Room over a plot for its answer, its legend and its axis's title.
const BLOCK_HEADING_HEIGHT: f64 = 92.0;
/// Room below a plot for its ticks and its axis's title.
const COST_AXIS_HEIGHT: f64 = 64.0;
/// Room within a plot around what is marked, as a share of the range.
const BREATH: f64 = 0.06;
const LINE: f64 = 2.0;
const THIN_LINE: f64 = 1.0;
const DOT: f64 = 4.5;
const MARKER: f64 = 8.0;
/// Room left and right of a label.
const LABEL_PADDING: f64 = 4.0;
/// Spending the whole error budget, percent.
const OBJECTIVE: f64 = 100.0;
/// Less of the budget than this, percent, is as good as none of it; more than this is as bad as all of it.
const LEAST_SPENT: f64 = 0.1;
const MOST_SPENT: f64 = 1e7;
/// Replica-hours a day beyond which nothing is told apart.
const MOST_HOURS: f64 = 1e12;

const WHITE: RGBColor = RGBColor(255, 255, 255);
/// How dark the side is on which the objective is missed.
const SHADE: f64 = 0.1;

const TITLE: Lettering = Lettering {
    weight: Weight::Bold,
    ..LABEL
};

/// Settings in the plot: replica-hours a day, and error budget spent, percent.
#[derive(Clone, Copy)]
struct Point {
    hours: f64,
    spent: f64,
}

/// A point that has a name.
struct Named {
    point: Point,
    name: &'static str,
    colour: RGBColor,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// On the front, all runs played.
    Dot,
    /// On the front, screened only.
    Ring,
    Disc,
    Square,
    /// The front itself.
    Line,
    /// Where the objective is missed.
    Shade,
    /// The objective.
    Dashes,
}

/// The axes that all parts share, so that they compare.
struct Axes {
    cost: Axis,
    spent: Axis,
    /// Whether some points lie below the axis's lower end, where less is not told apart.
    holds_less: bool,
}

/// Where the values of one part are drawn.
struct Plot<'a> {
    area: Area,
    axes: &'a Axes,
}

/// Advice as a PNG picture, 1600 pixels wide: for each part the front of replica-hours a day against the error budget
/// spent, with the present and the advised settings.
///
/// The same advice gives the same bytes. What is beyond all measure is drawn at the plot's edge.
///
/// # Errors
/// When the drawing or the image library refuses; nothing that advice can hold makes them do so.
pub fn advice_png(report: &AdviceReport) -> Result<Vec<u8>, ChartError> {
    let views: Vec<PartView> = report.parts().collect();
    let beside = views.len().clamp(1, MOST_BESIDE);
    let block_height = BLOCK_HEADING_HEIGHT + PLOT_HEIGHT + COST_AXIS_HEIGHT;
    let blocks = views.len().div_ceil(beside).max(1) as f64;
    let lines = heading_lines(report)?;
    let heading_height = HEADING_HEIGHT + HEADING_LINE * lines.len().saturating_sub(1) as f64;
    let height = heading_height + block_height * blocks + FOOTER_HEIGHT;
    let mut canvas = Canvas::new(WIDTH, whole(height))?;
    title(&mut canvas, &Subject::of(report.scenario))?;
    for (index, line) in lines.iter().enumerate() {
        let at = (MARGIN, FIRST_HEADING_LINE + HEADING_LINE * index as f64);
        canvas.write(line, at, Anchor::Left, SUBTITLE)?;
    }
    let width = (f64::from(WIDTH) - 2.0 * MARGIN + GUTTER) / beside as f64 - GUTTER;
    let axes = axes(&views);
    for (index, view) in views.iter().enumerate() {
        let left = MARGIN + (width + GUTTER) * (index % beside) as f64;
        let top = heading_height + block_height * (index / beside) as f64;
        let area = Area {
            left,
            top,
            right: left + width,
            bottom: top + block_height,
        };
        block(&mut canvas, report, view, area, &axes)?;
    }
    let subject = Subject::of(report.scenario);
    let provenance = sentences::provenance(&subject, report.followed_version, escape::plain);
    let text = format!(
        "Each dot: settings that no others tried beat in both, on the part tuned on. {provenance}"
    );
    let text = fitted(&text, FOOTNOTE, f64::from(WIDTH) - 2.0 * MARGIN)?;
    canvas.write(&text, (MARGIN, height - 22.0), Anchor::Left, FOOTNOTE)?;
    canvas.into_png()
}

/// What was played, and the objective: in one line, or each in its own where that is too long.
fn heading_lines(report: &AdviceReport) -> Result<Vec<String>, ChartError> {
    let width = f64::from(WIDTH) - 2.0 * MARGIN;
    let workload = sentences::workload(&Subject::of(report.scenario), escape::plain);
    let objective = told::objective(report);
    let one = format!("{workload}. Objective: {objective}.");
    if Canvas::text_width(&one, SUBTITLE)? <= width {
        return Ok(vec![one]);
    }
    let both = [format!("{workload}."), format!("Objective: {objective}.")];
    both.iter()
        .map(|line| fitted(line, SUBTITLE, width))
        .collect()
}

/// One part: its answer, its legend, its plot.
fn block(
    canvas: &mut Canvas,
    report: &AdviceReport,
    view: &PartView,
    area: Area,
    axes: &Axes,
) -> Result<(), ChartError> {
    let colour = match view.part.conclusion {
        Conclusion::Keep | Conclusion::Change => palette::BLUE,
        Conclusion::NothingMeets(_) => palette::VERMILLION,
    };
    let answer = Lettering {
        size: 18.0,
        weight: Weight::Bold,
        colour,
    };
    let text = fitted(
        &told::short_answer(view, escape::plain),
        answer,
        area.width(),
    )?;
    canvas.write(&text, (area.left, area.top + 10.0), Anchor::Left, answer)?;
    let plot = Plot {
        area: Area {
            left: area.left + TICK_ROOM + 8.0,
            top: area.top + BLOCK_HEADING_HEIGHT,
            bottom: area.top + BLOCK_HEADING_HEIGHT + PLOT_HEIGHT,
            ..area
        },
        axes,
    };
    legend(canvas, report, view, (area.left, area.top + 42.0))?;
    plot.grid(canvas)?;
    plot.objective(canvas)?;
    let named = named(view);
    // Labels first: no dot is hidden.
    plot.labels(canvas, view, &named)?;
    plot.front(canvas, view)?;
    for named in &named {
        mark(canvas, plot.at(named.point), named.shape, named.colour)?;
    }
    plot.frame(canvas)
}

/// What each mark means, from the left.
fn legend(
    canvas: &mut Canvas,
    report: &AdviceReport,
    view: &PartView,
    at: (f64, f64),
) -> Result<(), ChartError> {
    let slo = report.advice.slo;
    let (share, what) = match slo.good_slices {
        None => (slo.objective, "requests"),
        Some(share) => (share, "minutes"),
    };
    let allowed = format::setting(100.0 - share * 100.0);
    let objective = format!("objective: {allowed} % of {what} bad");
    let mut entries = vec![
        (Shape::Square, palette::BLACK, "now"),
        (Shape::Disc, palette::GREEN, view.best_name()),
        (Shape::Line, palette::BLUE, "front"),
    ];
    if view.part.front.iter().any(|point| !point.confirmed) {
        entries.push((Shape::Ring, palette::BLUE, "screened only"));
    }
    entries.push((Shape::Shade, palette::VERMILLION, "missed"));
    entries.push((Shape::Dashes, palette::VERMILLION, &objective));
    let (mut left, y) = at;
    for (shape, colour, meaning) in entries {
        mark(canvas, (left + MARKER, y), shape, colour)?;
        left += 2.0 * MARKER + 8.0;
        canvas.write(meaning, (left, y), Anchor::Left, LABEL)?;
        left += Canvas::text_width(meaning, LABEL)? + 22.0;
    }
    Ok(())
}

fn mark(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    shape: Shape,
    colour: RGBColor,
) -> Result<(), ChartError> {
    let around = |width: f64, height: f64| Area {
        left: x - width,
        top: y - height,
        right: x + width,
        bottom: y + height,
    };
    match shape {
        Shape::Dot => canvas.disc((x, y), DOT, colour),
        Shape::Ring => {
            canvas.disc((x, y), DOT, colour)?;
            canvas.disc((x, y), DOT - 1.5, WHITE)
        }
        Shape::Disc => {
            canvas.disc((x, y), MARKER + 1.5, WHITE)?;
            canvas.disc((x, y), MARKER, colour)
        }
        Shape::Square => {
            canvas.fill(around(MARKER, MARKER), WHITE, 1.0)?;
            canvas.fill(around(MARKER - 1.5, MARKER - 1.5), colour, 1.0)
        }
        Shape::Line => {
            canvas.fill(around(MARKER, LINE / 2.0), colour, 1.0)?;
            canvas.disc((x, y), DOT, colour)
        }
        Shape::Shade => canvas.fill(around(MARKER, 6.0), colour, SHADE),
        Shape::Dashes => dashes(canvas, around(MARKER, 0.75), colour),
    }
}

/// The present settings, and the best found where they are others.
fn named(view: &PartView) -> Vec<Named> {
    let part = view.part;
    let mut named = Vec::new();
    if let Some(point) = point_of(view, &part.now) {
        named.push(Named {
            point,
            name: "now",
            colour: palette::BLACK,
            shape: Shape::Square,
        });
    }
    if part.now.candidate != part.best.candidate
        && let Some(point) = point_of(view, &part.best)
    {
        named.push(Named {
            point,
            name: view.best_name(),
            colour: palette::GREEN,
            shape: Shape::Disc,
        });
    }
    named
}

/// Where settings lie: as the front has them, or else by the median cost and the 95 % quantile of the budget spent.
fn point_of(view: &PartView, judged: &Judged) -> Option<Point> {
    let on_front = view
        .part
        .front
        .iter()
        .find(|point| point.candidate == judged.candidate);
    let figures = &judged.tuned.figures;
    let (hours, spent) = on_front.map_or(
        (figures.replica_hours.median, figures.budget_spent.high),
        |point| (point.replica_hours, point.budget_spent),
    );
    Point::of(hours, spent)
}

/// The area that two share.
fn overlap(one: &Area, other: &Area) -> f64 {
    let across = one.right.min(other.right) - one.left.max(other.left);
    let down = one.bottom.min(other.bottom) - one.top.max(other.top);
    across.max(0.0) * down.max(0.0)
}

/// The front from the cheapest on, with whether all runs were played; up to where less of the budget is not told apart.
fn front(view: &PartView) -> Vec<(Point, bool)> {
    let points = view.part.front.iter();
    let mut points: Vec<(Point, bool)> = points
        .filter_map(|point| {
            let at = Point::of(point.replica_hours, point.budget_spent)?;
            Some((at, point.confirmed))
        })
        .collect();
    points.sort_by(|(a, _), (b, _)| {
        let by_spent = || b.spent.total_cmp(&a.spent);
        a.hours.total_cmp(&b.hours).then_with(by_spent)
    });
    let least = points
        .iter()
        .position(|(point, _)| point.spent < LEAST_SPENT);
    points.truncate(least.map_or(points.len(), |index| index + 1));
    points
}

/// The steps between points of the front; what others beat is not on it, although it may be marked.
fn border(points: &[(Point, bool)]) -> Vec<(Point, Point)> {
    let mut steps: Vec<(Point, Point)> = Vec::new();
    let mut last: Option<Point> = None;
    for (point, _) in points {
        if last.is_some_and(|last| point.spent >= last.spent) {
            continue;
        }
        steps.extend(last.map(|last| (last, *point)));
        last = Some(*point);
    }
    steps
}

/// Axes that hold every part's points and the objective.
fn axes(views: &[PartView]) -> Axes {
    let mut points: Vec<Point> = Vec::new();
    for view in views {
        points.extend(front(view).into_iter().map(|(point, _)| point));
        points.extend(named(view).into_iter().map(|named| named.point));
    }
    let least = |read: fn(&Point) -> f64, start| points.iter().map(read).fold(start, f64::min);
    let most = |read: fn(&Point) -> f64, start| points.iter().map(read).fold(start, f64::max);
    let (low, high) = if points.is_empty() {
        (0.0, 1.0)
    } else {
        let (low, high) = (
            least(|point| point.hours, f64::INFINITY),
            most(|point| point.hours, 0.0),
        );
        let room = BREATH * (high - low);
        (low - room, high + room)
    };
    Axes {
        holds_less: points.iter().any(|point| point.spent < LEAST_SPENT),
        cost: Axis::around(low, high),
        spent: Axis::decades_of_percent(
            least(|point| point.spent, OBJECTIVE / 2.0).max(LEAST_SPENT),
            most(|point| point.spent, OBJECTIVE * 2.0),
        ),
    }
}

impl Point {
    /// From replica-hours a day and the share of the budget; `None` where one of them does not exist.
    fn of(hours: f64, spent: f64) -> Option<Self> {
        let is_known = !hours.is_nan() && !spent.is_nan();
        is_known.then(|| Self {
            hours: hours.clamp(0.0, MOST_HOURS),
            spent: (spent * OBJECTIVE).clamp(0.0, MOST_SPENT),
        })
    }
}

impl Plot<'_> {
    fn at(&self, point: Point) -> (f64, f64) {
        (self.x(point.hours), self.y(point.spent))
    }

    fn x(&self, hours: f64) -> f64 {
        self.area.left + self.area.width() * self.axes.cost.share(hours)
    }

    fn y(&self, spent: f64) -> f64 {
        self.area.bottom - self.area.height() * self.axes.spent.share(spent)
    }

    fn grid(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
        let area = self.area;
        for tick in &self.axes.spent.ticks {
            let y = self.y(tick.at);
            let line = Area {
                top: y - THIN_LINE / 2.0,
                bottom: y + THIN_LINE / 2.0,
                ..area
            };
            canvas.fill(line, palette::GRID, 1.0)?;
            let is_end = self.axes.holds_less && tick.at <= LEAST_SPENT * 1.001;
            let label = if is_end {
                format!("≤ {}", tick.label)
            } else {
                tick.label.clone()
            };
            canvas.write(&label, (area.left - 8.0, y), Anchor::Right, LABEL)?;
        }
        for tick in &self.axes.cost.ticks {
            let x = self.x(tick.at);
            let line = Area {
                left: x - THIN_LINE / 2.0,
                right: x + THIN_LINE / 2.0,
                ..area
            };
            canvas.fill(line, palette::GRID, 1.0)?;
            let at = (x, area.bottom + 16.0);
            canvas.write(&tick.label, at, Anchor::Centre, LABEL)?;
        }
        let over = (area.left, area.top - 16.0);
        canvas.write(
            "Error budget spent, in the worst run that has to hold [%]",
            over,
            Anchor::Left,
            TITLE,
        )?;
        let below = (f64::midpoint(area.left, area.right), area.bottom + 40.0);
        canvas.write("Cost [replica-hours a day]", below, Anchor::Centre, TITLE)
    }

    /// The side of the plot where the objective is missed, and the line between.
    fn objective(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
        let y = self.y(OBJECTIVE);
        let missed = Area {
            bottom: y,
            ..self.area
        };
        canvas.fill(missed, palette::VERMILLION, SHADE)?;
        let line = Area {
            top: y - 0.75,
            bottom: y + 0.75,
            ..self.area
        };
        dashes(canvas, line, palette::VERMILLION)
    }

    /// The front's dots, joined by the border of what no settings tried reach.
    fn front(&self, canvas: &mut Canvas, view: &PartView) -> Result<(), ChartError> {
        let points = front(view);
        if points.is_empty() && named(view).is_empty() {
            let middle = (
                f64::midpoint(self.area.left, self.area.right),
                self.area.top + 0.75 * self.area.height(),
            );
            let lettering = Lettering {
                colour: palette::FAINT_INK,
                ..LABEL
            };
            return canvas.write("no settings were tried", middle, Anchor::Centre, lettering);
        }
        for (left, right) in border(&points) {
            for line in self.step(left, right) {
                canvas.fill(line, palette::SKY_BLUE, 1.0)?;
            }
        }
        for (point, confirmed) in points {
            let shape = if confirmed { Shape::Dot } else { Shape::Ring };
            mark(canvas, self.at(point), shape, palette::BLUE)?;
        }
        Ok(())
    }

    /// Tread and riser from one point of the front to the next.
    fn step(&self, left: Point, right: Point) -> [Area; 2] {
        let ((left, top), (right, bottom)) = (self.at(left), self.at(right));
        let half = LINE / 2.0;
        let tread = Area {
            left: left - half,
            right: right + half,
            top: top - half,
            bottom: top + half,
        };
        let riser = Area {
            left: right - half,
            right: right + half,
            top: top.min(bottom) - half,
            bottom: top.max(bottom) + half,
        };
        [tread, riser]
    }

    /// The names and the figures of points, each where it hides least: now right of it and above if there is room, the
    /// best found left and below, as the front runs between.
    fn labels(
        &self,
        canvas: &mut Canvas,
        view: &PartView,
        named: &[Named],
    ) -> Result<(), ChartError> {
        let around = |(x, y): (f64, f64), room: f64| Area {
            left: x - room,
            right: x + room,
            top: y - room,
            bottom: y + room,
        };
        let mut taken: Vec<Area> = front(view)
            .into_iter()
            .map(|(point, _)| around(self.at(point), DOT))
            .collect();
        taken.extend(
            named
                .iter()
                .map(|named| around(self.at(named.point), MARKER)),
        );
        for (left, right) in border(&front(view)) {
            taken.extend(self.step(left, right));
        }
        for named in named {
            let text = format!(
                "{}: {} a day, {} spent",
                named.name,
                format::number(named.point.hours, Unit::ReplicaHours),
                format::number(named.point.spent, Unit::Percent)
            );
            let width = Canvas::text_width(&text, TITLE)?;
            let place = self.label_place(named, width, &taken);
            canvas.fill(place, WHITE, 0.7)?;
            let lettering = Lettering {
                colour: named.colour,
                ..TITLE
            };
            let at = (
                place.left + LABEL_PADDING,
                f64::midpoint(place.top, place.bottom),
            );
            canvas.write(&text, at, Anchor::Left, lettering)?;
            taken.push(place);
        }
        Ok(())
    }

    /// Of the places beside, over and under a point the first of those within the plot that cover least.
    fn label_place(&self, named: &Named, width: f64, taken: &[Area]) -> Area {
        const HALF_LINE: f64 = 10.0;
        const BESIDE: f64 = 12.0;
        const SLANT: f64 = 13.0;
        const APART: f64 = 22.0;
        const EDGE: f64 = 4.0;
        let (x, y) = self.at(named.point);
        let width = width + 2.0 * LABEL_PADDING;
        let (right, left, middle) = (x + BESIDE, x - BESIDE - width, x - width / 2.0);
        let mut places = [
            (right, y - SLANT),
            (right, y + SLANT),
            (left, y - SLANT),
            (left, y + SLANT),
            (middle, y - APART),
            (middle, y + APART),
            (middle, y - 2.0 * APART),
            (middle, y + 2.0 * APART),
        ];
        if named.shape != Shape::Square {
            places[..4].reverse();
        }
        let area = self.area;
        let within = |(left, line): (f64, f64)| {
            let least = area.left + EDGE;
            let most = (area.right - EDGE - width).max(least);
            let left = left.clamp(least, most);
            let (top, bottom) = (area.top + HALF_LINE, area.bottom - HALF_LINE);
            let line = line.clamp(top, bottom);
            Area {
                left,
                right: left + width,
                top: line - HALF_LINE,
                bottom: line + HALF_LINE,
            }
        };
        let covered = |place: &Area| taken.iter().map(|other| overlap(place, other)).sum::<f64>();
        let places = places.map(within);
        let least = places.iter().map(&covered).fold(f64::INFINITY, f64::min);
        let mut best = places.into_iter().filter(|place| covered(place) <= least);
        best.next().unwrap_or_else(|| within((right, y)))
    }

    fn frame(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
        let below = Area {
            top: self.area.bottom,
            bottom: self.area.bottom + THIN_LINE,
            ..self.area
        };
        canvas.fill(below, palette::FRAME, 1.0)?;
        let beside = Area {
            left: self.area.left - THIN_LINE,
            right: self.area.left,
            ..self.area
        };
        canvas.fill(beside, palette::FRAME, 1.0)
    }
}
