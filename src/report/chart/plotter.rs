//! Draws the values of a timeline in a plot: filled areas, lines in steps, dashed rules, a grid.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas};
use super::error::ChartError;
use super::palette;
use super::panels::{LABEL, Scales};
use super::steps::{Span, spans};
use crate::outcome::{Timeline, TimelineRow};

/// Steps drawn for each pixel.
const FINENESS: f64 = 2.0;
/// From which share of the plot on, where covered by a line, only the line's envelope is drawn.
const CROWDED: f64 = 0.6;
/// A line that moves within fewer pixels stays a line.
const LEAST_ENVELOPE: f64 = 30.0;
/// How many steps of a line make one of an envelope.
const COARSENESS: usize = 8;
const THIN_LINE: f64 = 1.0;
const THICK_LINE: f64 = 2.0;
const DASH: f64 = 6.0;

/// Draws values in a plot.
pub(super) struct Plotter<'a> {
    /// Where the values are drawn.
    pub(super) plot: Area,
    pub(super) axis: &'a Axis,
}

/// One line of a panel.
pub(super) struct Curve {
    pub(super) read: fn(&TimelineRow) -> f64,
    pub(super) colour: RGBColor,
    pub(super) width: f64,
}

impl Plotter<'_> {
    fn x(&self, share: f64) -> f64 {
        self.plot.left + self.plot.width() * share
    }

    fn y(&self, value: f64) -> f64 {
        self.plot.bottom - self.plot.height() * self.axis.share(value)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a plot is some hundred pixels wide"
    )]
    fn columns(&self) -> usize {
        (self.plot.width() * FINENESS) as usize
    }

    pub(super) fn shade_time(
        &self,
        canvas: &mut Canvas,
        from: f64,
        to: f64,
    ) -> Result<(), ChartError> {
        let left = self.x(from.clamp(0.0, 1.0));
        let area = Area {
            left,
            // What is shorter than a pixel is seen all the same.
            right: self.x(to.clamp(0.0, 1.0)).max(left + 1.0),
            ..self.plot
        };
        canvas.fill(area, palette::ORANGE, 0.3)
    }

    pub(super) fn shade_values(
        &self,
        canvas: &mut Canvas,
        values: (f64, f64),
    ) -> Result<(), ChartError> {
        let area = Area {
            top: self.y(values.1),
            bottom: self.y(values.0),
            ..self.plot
        };
        canvas.fill(area, palette::GREEN, 0.18)
    }

    pub(super) fn grid(&self, canvas: &mut Canvas, scales: &Scales) -> Result<(), ChartError> {
        for tick in &self.axis.ticks {
            let y = self.y(tick.at);
            canvas.fill(self.horizontal(y, THIN_LINE), palette::GRID, 1.0)?;
            canvas.write(&tick.label, (self.plot.left - 8.0, y), Anchor::Right, LABEL)?;
        }
        for tick in &scales.time {
            let x = self.x(tick.at / scales.horizon);
            let area = Area {
                left: x - THIN_LINE / 2.0,
                right: x + THIN_LINE / 2.0,
                ..self.plot
            };
            canvas.fill(area, palette::GRID, 1.0)?;
        }
        Ok(())
    }

    pub(super) fn fill_below(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        read: fn(&TimelineRow) -> f64,
    ) -> Result<(), ChartError> {
        for span in spans(timeline.rows.iter().map(read), self.columns()) {
            let area = Area {
                left: self.x(span.from),
                top: self.y(span.high),
                right: self.x(span.to),
                bottom: self.plot.bottom,
            };
            canvas.fill(area, palette::SKY_BLUE, 0.4)?;
        }
        Ok(())
    }

    /// Fills from one value up to another, where both are known.
    pub(super) fn fill_between(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        low: fn(&TimelineRow) -> f64,
        high: fn(&TimelineRow) -> f64,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let spans_of = |read: fn(&TimelineRow) -> f64| {
            let known = |row: &TimelineRow| low(row).is_finite() && high(row).is_finite();
            let values = timeline.rows.iter();
            let values = values.map(|row| if known(row) { read(row) } else { f64::NAN });
            spans(values, self.columns())
        };
        for (lower, upper) in spans_of(low).iter().zip(spans_of(high)) {
            let area = Area {
                left: self.x(lower.from),
                top: self.y(upper.high),
                right: self.x(lower.to),
                bottom: self.y(lower.high),
            };
            canvas.fill(area, palette::BLUE, opacity)?;
        }
        Ok(())
    }

    /// Draws a line in steps, and says in how many.
    pub(super) fn curve(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        curve: &Curve,
    ) -> Result<usize, ChartError> {
        let spans = spans(timeline.rows.iter().map(curve.read), self.columns());
        if self.covered(&spans) > CROWDED {
            return self.envelope(canvas, timeline, curve);
        }
        self.steps(canvas, &spans, curve)?;
        Ok(spans.len())
    }

    /// The share that a thick line would cover of the part of the plot that it moves in.
    fn covered(&self, spans: &[Span]) -> f64 {
        let travel = |span: &Span| self.y(span.low) - self.y(span.high);
        let within: f64 = spans.iter().map(travel).sum();
        let between: f64 = spans
            .windows(2)
            .map(|pair| (self.y(pair[1].last) - self.y(pair[0].last)).abs())
            .sum();
        let top = spans
            .iter()
            .map(|span| self.y(span.high))
            .fold(f64::INFINITY, f64::min);
        let bottom = spans
            .iter()
            .map(|span| self.y(span.low))
            .fold(0.0, f64::max);
        let height = (bottom - top).max(LEAST_ENVELOPE);
        within.max(between) * THICK_LINE / (self.plot.width() * height)
    }

    /// A line that moves up and down too often to be told apart: its extremes, and light between them.
    fn envelope(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        curve: &Curve,
    ) -> Result<usize, ChartError> {
        let spans = spans(
            timeline.rows.iter().map(curve.read),
            self.columns() / COARSENESS,
        );
        for span in &spans {
            let area = Area {
                left: self.x(span.from),
                top: self.y(span.high),
                right: self.x(span.to),
                bottom: self.y(span.low),
            };
            canvas.fill(area, curve.colour, 0.25)?;
        }
        for end in [|span: &Span| span.low, |span: &Span| span.high] {
            let ends: Vec<Span> = spans
                .iter()
                .map(|span| Span {
                    low: end(span),
                    high: end(span),
                    last: end(span),
                    ..*span
                })
                .collect();
            self.steps(canvas, &ends, curve)?;
        }
        Ok(spans.len())
    }

    fn steps(&self, canvas: &mut Canvas, spans: &[Span], curve: &Curve) -> Result<(), ChartError> {
        let mut before: Option<Span> = None;
        for span in spans {
            let neighbour = before.filter(|before| before.to >= span.from - 1e-9);
            self.step(canvas, span, neighbour, curve)?;
            before = Some(*span);
        }
        Ok(())
    }

    /// One span of a line, joined to the one before it.
    fn step(
        &self,
        canvas: &mut Canvas,
        span: &Span,
        before: Option<Span>,
        curve: &Curve,
    ) -> Result<(), ChartError> {
        let half = curve.width / 2.0;
        let left = self.x(span.from) - before.map_or(0.0, |_| half);
        let right = self.x(span.to) + half;
        let low = before.map_or(span.low, |before| span.low.min(before.last));
        let high = before.map_or(span.high, |before| span.high.max(before.last));
        let is_flat = span.low >= span.high;
        let riser = Area {
            left,
            top: self.y(high) - half,
            right: if is_flat { left + curve.width } else { right },
            bottom: self.y(low) + half,
        };
        canvas.fill(riser, curve.colour, 1.0)?;
        if is_flat {
            let tread = Area {
                left,
                top: self.y(span.high) - half,
                right,
                bottom: self.y(span.high) + half,
            };
            canvas.fill(tread, curve.colour, 1.0)?;
        }
        Ok(())
    }

    /// A dashed line at a value.
    pub(super) fn rule(
        &self,
        canvas: &mut Canvas,
        value: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        dashes(canvas, self.horizontal(self.y(value), 1.5), colour)
    }

    pub(super) fn frame(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
        canvas.fill(
            self.horizontal(self.plot.bottom, THIN_LINE),
            palette::FRAME,
            1.0,
        )?;
        let area = Area {
            left: self.plot.left - THIN_LINE,
            right: self.plot.left,
            ..self.plot
        };
        canvas.fill(area, palette::FRAME, 1.0)
    }

    fn horizontal(&self, y: f64, width: f64) -> Area {
        Area {
            top: y - width / 2.0,
            bottom: y + width / 2.0,
            ..self.plot
        }
    }
}

/// Fills an area with dashes, the first at its left end.
pub(super) fn dashes(canvas: &mut Canvas, area: Area, colour: RGBColor) -> Result<(), ChartError> {
    let mut left = area.left;
    while left < area.right {
        let dash = Area {
            left,
            right: (left + DASH).min(area.right),
            ..area
        };
        canvas.fill(dash, colour, 1.0)?;
        left += 2.0 * DASH;
    }
    Ok(())
}
