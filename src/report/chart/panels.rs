//! The four panels of a backend over time: arrivals, replicas, usage, latency.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Lettering, Weight};
use super::error::ChartError;
use super::palette;
use super::scale::Tick;
use super::steps::{Span, spans};
use crate::outcome::{Timeline, TimelineRow};
use crate::report::format::{self, Unit};

/// A panel's text.
pub(super) const LABEL: Lettering = Lettering {
    size: 15.0,
    weight: Weight::Regular,
    colour: palette::INK,
};
const TITLE: Lettering = Lettering {
    weight: Weight::Bold,
    ..LABEL
};
const NOTHING: Lettering = Lettering {
    colour: palette::FAINT_INK,
    ..LABEL
};
/// Steps drawn for each pixel.
const FINENESS: f64 = 2.0;
const LINE: f64 = 2.0;
const THIN_LINE: f64 = 1.0;
const DASH: f64 = 6.0;

/// The scales that all backends share, so that their panels compare.
pub(super) struct Scales {
    pub(super) arrivals: Axis,
    pub(super) replicas: Axis,
    pub(super) usage: Axis,
    pub(super) latency: Axis,
    /// Usage ratios within which the controller does nothing.
    pub(super) tolerance: (f64, f64),
    /// The objective's latency, seconds.
    pub(super) objective: f64,
    /// `maxReplicas`, where it is near enough to matter.
    pub(super) max_replicas: Option<f64>,
    /// How long the trace lasts, seconds.
    pub(super) horizon: f64,
    pub(super) time: Vec<Tick>,
}

/// Which panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    Arrivals,
    Replicas,
    Usage,
    Latency,
}

/// One line of a panel.
struct Curve {
    read: fn(&TimelineRow) -> f64,
    colour: RGBColor,
    width: f64,
}

impl Panel {
    /// Every panel, from the top.
    pub(super) const ALL: [Self; 4] = [Self::Arrivals, Self::Replicas, Self::Usage, Self::Latency];

    /// The height of its plot, pixels.
    pub(super) const fn height(self) -> f64 {
        match self {
            Self::Arrivals => 120.0,
            Self::Replicas => 230.0,
            Self::Usage => 140.0,
            Self::Latency => 180.0,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Arrivals => "Arrival rate [requests/s]",
            Self::Replicas => "Replicas",
            Self::Usage => "Usage / target",
            Self::Latency => "Latency p99",
        }
    }

    /// What a panel says where it has nothing to draw.
    const fn nothing(self) -> &'static str {
        match self {
            Self::Arrivals | Self::Replicas => "no time passed",
            Self::Usage => "the controller saw no usage",
            Self::Latency => "no request was answered",
        }
    }

    fn axis(self, scales: &Scales) -> &Axis {
        match self {
            Self::Arrivals => &scales.arrivals,
            Self::Replicas => &scales.replicas,
            Self::Usage => &scales.usage,
            Self::Latency => &scales.latency,
        }
    }

    fn curves(self) -> Vec<Curve> {
        let curve = |colour, width, read| Curve {
            read,
            colour,
            width,
        };
        match self {
            Self::Arrivals => vec![curve(palette::BLACK, LINE, |row| row.arrival_rate)],
            Self::Replicas => vec![
                curve(palette::BLUE, THIN_LINE, |row| f64::from(row.ready_min)),
                curve(palette::BLACK, 1.5, |row| f64::from(row.desired)),
                curve(palette::VERMILLION, LINE, |row| f64::from(row.demand)),
            ],
            Self::Usage => vec![curve(palette::PURPLE, LINE, |row| row.usage_ratio)],
            Self::Latency => vec![curve(palette::GREEN, LINE, |row| row.p99)],
        }
    }

    /// What its colours mean.
    fn legend(self) -> &'static [(RGBColor, f64, &'static str)] {
        const SHADED: f64 = 0.5;
        match self {
            Self::Arrivals => &[],
            Self::Replicas => &[
                (palette::VERMILLION, 1.0, "demand"),
                (palette::SKY_BLUE, SHADED, "ready"),
                (palette::BLACK, 1.0, "desired"),
            ],
            Self::Usage => &[
                (palette::PURPLE, 1.0, "usage"),
                (palette::GREEN, SHADED, "tolerance"),
            ],
            Self::Latency => &[
                (palette::GREEN, 1.0, "p99"),
                (palette::ORANGE, SHADED, "below the objective"),
            ],
        }
    }
}

/// Draws one panel; `shaded` are spans of time, in seconds, to stand out.
pub(super) fn draw(
    canvas: &mut Canvas,
    panel: Panel,
    plot: Area,
    timeline: &Timeline,
    shaded: &[(f64, f64)],
    scales: &Scales,
) -> Result<(), ChartError> {
    let plotter = Plotter {
        plot,
        axis: panel.axis(scales),
    };
    heading(canvas, panel, plot)?;
    for (from, to) in shaded {
        plotter.shade_time(canvas, from / scales.horizon, to / scales.horizon)?;
    }
    plotter.grid(canvas, scales)?;
    let mut labels = Vec::new();
    match panel {
        Panel::Arrivals => plotter.fill_below(canvas, timeline, |row| row.arrival_rate)?,
        Panel::Replicas => {
            plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_min))?;
            plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_max))?;
            if let Some(most) = scales.max_replicas {
                plotter.rule(canvas, most, palette::FAINT_INK)?;
                labels.push((most, palette::FAINT_INK, format!("maxReplicas {most}")));
            }
        }
        Panel::Usage => {
            plotter.shade_values(canvas, scales.tolerance)?;
            plotter.rule(canvas, 1.0, palette::GREEN)?;
        }
        Panel::Latency => {
            let latency = format::number(scales.objective, Unit::Seconds);
            plotter.rule(canvas, scales.objective, palette::VERMILLION)?;
            labels.push((
                scales.objective,
                palette::VERMILLION,
                format!("objective {latency}"),
            ));
        }
    }
    let mut is_empty = true;
    for curve in panel.curves() {
        let drawn = plotter.curve(canvas, timeline, &curve)?;
        is_empty = is_empty && drawn == 0;
    }
    if is_empty {
        let middle = (
            (plot.left + plot.right) / 2.0,
            plot.top + plot.height() / 2.0,
        );
        canvas.write(panel.nothing(), middle, Anchor::Centre, NOTHING)?;
    }
    for (value, colour, meaning) in labels {
        plotter.rule_label(canvas, value, colour, &meaning)?;
    }
    plotter.frame(canvas)
}

/// The times below the lowest panel.
pub(super) fn time_labels(
    canvas: &mut Canvas,
    plot: Area,
    scales: &Scales,
) -> Result<(), ChartError> {
    for tick in &scales.time {
        let x = plot.left + plot.width() * tick.at / scales.horizon;
        canvas.write(&tick.label, (x, plot.bottom + 16.0), Anchor::Centre, LABEL)?;
    }
    Ok(())
}

fn heading(canvas: &mut Canvas, panel: Panel, plot: Area) -> Result<(), ChartError> {
    const SWATCH: f64 = 16.0;
    let line = plot.top - 14.0;
    canvas.write(panel.title(), (plot.left, line), Anchor::Left, TITLE)?;
    let mut right = plot.right;
    for (colour, opacity, meaning) in panel.legend().iter().rev() {
        canvas.write(meaning, (right, line), Anchor::Right, LABEL)?;
        right -= Canvas::text_width(meaning, LABEL)? + 6.0;
        let half = if *opacity < 1.0 { 6.0 } else { 1.5 };
        let swatch = Area {
            left: right - SWATCH,
            top: line - half,
            right,
            bottom: line + half,
        };
        canvas.fill(swatch, *colour, *opacity)?;
        right -= SWATCH + 18.0;
    }
    Ok(())
}

/// Draws values in a plot.
struct Plotter<'a> {
    plot: Area,
    axis: &'a Axis,
}

impl Plotter<'_> {
    fn x(&self, share: f64) -> f64 {
        self.plot.left + self.plot.width() * share
    }

    fn y(&self, value: f64) -> f64 {
        self.plot.bottom - self.plot.height() * self.axis.share(value)
    }

    fn spans(&self, timeline: &Timeline, read: fn(&TimelineRow) -> f64) -> Vec<Span> {
        spans(timeline.rows.iter().map(read), self.columns())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a plot is some hundred pixels wide"
    )]
    fn columns(&self) -> usize {
        (self.plot.width() * FINENESS) as usize
    }

    fn shade_time(&self, canvas: &mut Canvas, from: f64, to: f64) -> Result<(), ChartError> {
        let left = self.x(from.clamp(0.0, 1.0));
        let area = Area {
            left,
            // What is shorter than a pixel is seen all the same.
            right: self.x(to.clamp(0.0, 1.0)).max(left + 1.0),
            ..self.plot
        };
        canvas.fill(area, palette::ORANGE, 0.3)
    }

    fn shade_values(&self, canvas: &mut Canvas, values: (f64, f64)) -> Result<(), ChartError> {
        let area = Area {
            top: self.y(values.1),
            bottom: self.y(values.0),
            ..self.plot
        };
        canvas.fill(area, palette::GREEN, 0.18)
    }

    fn grid(&self, canvas: &mut Canvas, scales: &Scales) -> Result<(), ChartError> {
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

    fn fill_below(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        read: fn(&TimelineRow) -> f64,
    ) -> Result<(), ChartError> {
        for span in self.spans(timeline, read) {
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

    /// Draws a line in steps, and says in how many.
    fn curve(
        &self,
        canvas: &mut Canvas,
        timeline: &Timeline,
        curve: &Curve,
    ) -> Result<usize, ChartError> {
        let half = curve.width / 2.0;
        let spans = self.spans(timeline, curve.read);
        let mut before: Option<Span> = None;
        for span in &spans {
            let mut ends = (span.low, span.high);
            let mut left = self.x(span.from);
            if let Some(before) = before.filter(|before| before.to >= span.from - 1e-9) {
                // The vertical line from the last value to this one.
                ends = (ends.0.min(before.last), ends.1.max(before.last));
                left -= half;
            }
            let is_flat = span.low >= span.high;
            let riser = Area {
                left,
                top: self.y(ends.1) - half,
                right: if is_flat {
                    left + curve.width
                } else {
                    self.x(span.to) + half
                },
                bottom: self.y(ends.0) + half,
            };
            canvas.fill(riser, curve.colour, 1.0)?;
            if is_flat {
                let tread = Area {
                    left,
                    right: self.x(span.to) + half,
                    top: self.y(span.high) - half,
                    bottom: self.y(span.high) + half,
                };
                canvas.fill(tread, curve.colour, 1.0)?;
            }
            before = Some(*span);
        }
        Ok(spans.len())
    }

    /// A dashed line at a value.
    fn rule(&self, canvas: &mut Canvas, value: f64, colour: RGBColor) -> Result<(), ChartError> {
        let mut left = self.plot.left;
        while left < self.plot.right {
            let dash = Area {
                left,
                right: (left + DASH).min(self.plot.right),
                ..self.horizontal(self.y(value), 1.5)
            };
            canvas.fill(dash, colour, 1.0)?;
            left += 2.0 * DASH;
        }
        Ok(())
    }

    /// What a dashed line means, at its right end on the side with more room, and legible on any curve.
    fn rule_label(
        &self,
        canvas: &mut Canvas,
        value: f64,
        colour: RGBColor,
        meaning: &str,
    ) -> Result<(), ChartError> {
        const HALF_HEIGHT: f64 = 8.0;
        let lettering = Lettering {
            size: 13.0,
            colour,
            ..LABEL
        };
        let line = self.y(value);
        let distance = HALF_HEIGHT + 2.0;
        let y = if self.axis.share(value) > 0.5 {
            line + distance
        } else {
            line - distance
        };
        let right = self.plot.right - 6.0;
        let backing = Area {
            left: right - Canvas::text_width(meaning, lettering)? - 4.0,
            top: y - HALF_HEIGHT,
            right: right + 4.0,
            bottom: y + HALF_HEIGHT,
        };
        canvas.fill(backing, palette::PAPER, 0.75)?;
        canvas.write(meaning, (right, y), Anchor::Right, lettering)
    }

    fn frame(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
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
