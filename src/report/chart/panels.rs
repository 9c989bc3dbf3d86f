//! The four panels of a backend over time: arrivals, replicas, usage, latency.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Lettering, Weight};
use super::error::ChartError;
use super::palette;
use super::plotter::{Curve, Plotter, dashes};
use super::scale::Tick;
use crate::outcome::Timeline;
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
const LINE: f64 = 2.0;
const THIN_LINE: f64 = 1.0;

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

/// What one colour means.
struct Key {
    colour: RGBColor,
    mark: Mark,
    meaning: String,
}

/// How a colour is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Line,
    Dashes,
    Area,
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
            Self::Latency => 220.0,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Arrivals => "Arrival rate [requests/s]",
            Self::Replicas => "Replicas",
            Self::Usage => "Usage / target",
            Self::Latency => "Latency percentiles",
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
                curve(palette::BLACK, THIN_LINE, |row| f64::from(row.desired)),
                curve(palette::VERMILLION, LINE, |row| f64::from(row.demand)),
            ],
            Self::Usage => vec![curve(palette::PURPLE, LINE, |row| row.usage_ratio)],
            Self::Latency => vec![
                curve(palette::SKY_BLUE, LINE, |row| row.p50),
                curve(palette::BLUE, THIN_LINE, |row| row.p95),
                curve(palette::BLACK, LINE, |row| row.p99),
            ],
        }
    }

    /// What its colours mean.
    fn legend(self, scales: &Scales) -> Vec<Key> {
        let key = |colour, mark, meaning: &str| Key {
            colour,
            mark,
            meaning: meaning.to_owned(),
        };
        match self {
            Self::Arrivals => Vec::new(),
            Self::Replicas => {
                let mut keys = vec![
                    key(palette::VERMILLION, Mark::Line, "demand"),
                    key(palette::SKY_BLUE, Mark::Area, "ready"),
                    key(palette::BLACK, Mark::Line, "desired"),
                ];
                if let Some(most) = scales.max_replicas {
                    let meaning = format!("maxReplicas {most}");
                    keys.push(key(palette::FAINT_INK, Mark::Dashes, &meaning));
                }
                keys
            }
            Self::Usage => vec![
                key(palette::PURPLE, Mark::Line, "usage"),
                key(palette::GREEN, Mark::Area, "tolerance"),
            ],
            Self::Latency => {
                let latency = format::number(scales.objective, Unit::Seconds);
                let objective = format!("objective {latency}");
                vec![
                    key(palette::SKY_BLUE, Mark::Line, "p50"),
                    key(palette::BLUE, Mark::Line, "p95"),
                    key(palette::BLACK, Mark::Line, "p99"),
                    key(palette::VERMILLION, Mark::Dashes, &objective),
                    key(palette::ORANGE, Mark::Area, "minutes that miss it"),
                ]
            }
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
    heading(canvas, panel, plot, scales)?;
    for (from, to) in shaded {
        plotter.shade_time(canvas, from / scales.horizon, to / scales.horizon)?;
    }
    plotter.grid(canvas, scales)?;
    match panel {
        Panel::Arrivals => plotter.fill_below(canvas, timeline, |row| row.arrival_rate)?,
        Panel::Replicas => {
            plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_min))?;
            plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_max))?;
            if let Some(most) = scales.max_replicas {
                plotter.rule(canvas, most, palette::FAINT_INK)?;
            }
        }
        Panel::Usage => {
            plotter.shade_values(canvas, scales.tolerance)?;
            plotter.rule(canvas, 1.0, palette::GREEN)?;
        }
        Panel::Latency => {
            plotter.fill_between(canvas, timeline, |row| row.p50, |row| row.p95, 0.28)?;
            plotter.fill_between(canvas, timeline, |row| row.p95, |row| row.p99, 0.14)?;
        }
    }
    let mut is_empty = true;
    for curve in panel.curves() {
        let drawn = plotter.curve(canvas, timeline, &curve)?;
        is_empty = is_empty && drawn == 0;
    }
    if panel == Panel::Latency {
        plotter.rule(canvas, scales.objective, palette::VERMILLION)?;
    }
    if is_empty {
        let middle = (
            f64::midpoint(plot.left, plot.right),
            f64::midpoint(plot.top, plot.bottom),
        );
        canvas.write(panel.nothing(), middle, Anchor::Centre, NOTHING)?;
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

fn heading(
    canvas: &mut Canvas,
    panel: Panel,
    plot: Area,
    scales: &Scales,
) -> Result<(), ChartError> {
    let line = plot.top - 14.0;
    canvas.write(panel.title(), (plot.left, line), Anchor::Left, TITLE)?;
    let mut right = plot.right;
    for key in panel.legend(scales).iter().rev() {
        canvas.write(&key.meaning, (right, line), Anchor::Right, LABEL)?;
        right -= Canvas::text_width(&key.meaning, LABEL)? + 6.0;
        right = swatch(canvas, key, right, line)? - 18.0;
    }
    Ok(())
}

/// A sample of a colour in use, and where it begins.
fn swatch(canvas: &mut Canvas, key: &Key, right: f64, line: f64) -> Result<f64, ChartError> {
    const LENGTH: f64 = 18.0;
    let left = right - LENGTH;
    let (half, opacity) = match key.mark {
        Mark::Area => (6.0, 0.5),
        Mark::Line | Mark::Dashes => (1.0, 1.0),
    };
    let area = Area {
        left,
        top: line - half,
        right,
        bottom: line + half,
    };
    if key.mark == Mark::Dashes {
        dashes(canvas, area, key.colour)?;
    } else {
        canvas.fill(area, key.colour, opacity)?;
    }
    Ok(left)
}
