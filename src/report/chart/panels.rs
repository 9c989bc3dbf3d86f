//! The four panels of a backend over time: capacity, replicas, usage, latency.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Lettering, Weight};
use super::error::ChartError;
use super::palette;
use super::plotter::{Curve, Plotter, dashes};
use super::scale::Tick;
use crate::outcome::{ScaleDecision, Timeline};
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
/// Room right of a plot that a label of the time axis may take.
const EDGE: f64 = 24.0;
/// Room for a sample of a colour, and around it.
const SWATCH_ROOM: f64 = 44.0;
const NOTHING: Lettering = Lettering {
    colour: palette::FAINT_INK,
    ..LABEL
};
const LINE: f64 = 2.0;
const THIN_LINE: f64 = 1.0;
/// The height of a scale event's mark.
const TICK: f64 = 6.0;

/// The scales that all backends share, so that their panels compare.
pub(super) struct Scales {
    pub(super) capacity: Axis,
    /// The highest arrival rate, requests/s: where the line of arrivals is at the top of its panel.
    pub(super) peak_rate: f64,
    pub(super) replicas: Axis,
    pub(super) usage: Axis,
    pub(super) latency: Axis,
    /// Usage ratios within which the controller does nothing.
    pub(super) tolerance: (f64, f64),
    /// The objective's latency, seconds.
    pub(super) objective: f64,
    /// `minReplicas`.
    pub(super) min_replicas: f64,
    /// `maxReplicas`.
    pub(super) max_replicas: f64,
    /// Whether the replicas come near enough to it for a line.
    pub(super) max_is_near: bool,
    /// How long the trace lasts, seconds.
    pub(super) horizon: f64,
    pub(super) time: Vec<Tick>,
}

/// What the panels of a backend draw.
pub(super) struct Course<'a> {
    pub(super) timeline: &'a Timeline,
    /// What changed the scale.
    pub(super) decisions: &'a [ScaleDecision],
    /// Spans of time, in seconds, to stand out.
    pub(super) shaded: &'a [(f64, f64)],
}

/// Which panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    Capacity,
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
    Tick,
}

impl Panel {
    /// Every panel, from the top.
    pub(super) const ALL: [Self; 4] = [Self::Capacity, Self::Replicas, Self::Usage, Self::Latency];

    /// Its share of the room for plots.
    pub(super) const fn share(self) -> f64 {
        match self {
            Self::Capacity | Self::Replicas | Self::Latency => 1.1,
            Self::Usage => 0.8,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Capacity => "Capacity [replicas]",
            Self::Replicas => "Replicas",
            Self::Usage => "Usage / target",
            Self::Latency => "Latency percentiles",
        }
    }

    /// What a panel says where it has nothing to draw.
    const fn nothing(self) -> &'static str {
        match self {
            Self::Capacity | Self::Replicas => "no time passed",
            Self::Usage => "the controller saw no usage",
            Self::Latency => "no request was answered",
        }
    }

    fn axis(self, scales: &Scales) -> &Axis {
        match self {
            Self::Capacity => &scales.capacity,
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
            Self::Capacity => vec![
                curve(palette::BLUE, THIN_LINE, |row| f64::from(row.ready_min)),
                curve(palette::VERMILLION, LINE, |row| f64::from(row.demand)),
            ],
            Self::Replicas => vec![
                curve(palette::BLUE, THIN_LINE, |row| f64::from(row.ready_min)),
                curve(palette::BLACK, LINE, |row| f64::from(row.desired)),
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
            Self::Capacity => {
                let peak = format::number(scales.peak_rate, Unit::Ratio);
                vec![
                    key(palette::VERMILLION, Mark::Line, "demand"),
                    key(palette::SKY_BLUE, Mark::Area, "ready"),
                    key(
                        palette::FRAME,
                        Mark::Line,
                        &format!("arrivals, peak {peak}/s"),
                    ),
                ]
            }
            Self::Replicas => {
                let mut keys = vec![
                    key(palette::BLACK, Mark::Line, "desired"),
                    key(palette::SKY_BLUE, Mark::Area, "ready"),
                ];
                let bounds = if scales.max_is_near {
                    format!("min {}, max {}", scales.min_replicas, scales.max_replicas)
                } else {
                    format!("min {}", scales.min_replicas)
                };
                keys.push(key(palette::FAINT_INK, Mark::Dashes, &bounds));
                keys.push(key(palette::VERMILLION, Mark::Tick, "up"));
                keys.push(key(palette::BLUE, Mark::Tick, "down"));
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

/// Draws one panel.
pub(super) fn draw(
    canvas: &mut Canvas,
    panel: Panel,
    plot: Area,
    course: &Course<'_>,
    scales: &Scales,
) -> Result<(), ChartError> {
    let timeline = course.timeline;
    let plotter = Plotter {
        plot,
        axis: panel.axis(scales),
    };
    heading(canvas, panel, plot, scales)?;
    for (from, to) in course.shaded {
        plotter.shade_time(canvas, from / scales.horizon, to / scales.horizon)?;
    }
    plotter.grid(canvas, scales)?;
    match panel {
        Panel::Capacity => {
            ready(&plotter, canvas, timeline)?;
            if scales.peak_rate > 0.0 {
                // On a scale of its own: its peak is at the top, and the legend says what that is.
                let axis = Axis::around(0.0, scales.peak_rate);
                let beside = Plotter { plot, axis: &axis };
                let arrivals = Curve {
                    read: |row| row.arrival_rate,
                    colour: palette::FRAME,
                    width: THIN_LINE,
                };
                beside.curve(canvas, timeline, &arrivals)?;
            }
        }
        Panel::Replicas => {
            ready(&plotter, canvas, timeline)?;
            plotter.rule(canvas, scales.min_replicas, palette::FAINT_INK)?;
            if scales.max_is_near {
                plotter.rule(canvas, scales.max_replicas, palette::FAINT_INK)?;
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
    if panel == Panel::Replicas {
        scale_events(canvas, plot, course.decisions, scales)?;
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

/// Ready replicas as an area: the fewest of each step, and lighter the most.
fn ready(
    plotter: &Plotter<'_>,
    canvas: &mut Canvas,
    timeline: &Timeline,
) -> Result<(), ChartError> {
    plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_min))?;
    canvas.end_layer();
    plotter.fill_below(canvas, timeline, |row| f64::from(row.ready_max))
}

/// Ticks for scale events over the plot: those that added replicas above those that removed some.
fn scale_events(
    canvas: &mut Canvas,
    plot: Area,
    decisions: &[ScaleDecision],
    scales: &Scales,
) -> Result<(), ChartError> {
    for decision in decisions {
        let rescale = decision.rescale;
        let share = (rescale.at.as_seconds() / scales.horizon).clamp(0.0, 1.0);
        let x = plot.left + plot.width() * share;
        let (colour, bottom) = if rescale.to > rescale.from {
            (palette::VERMILLION, plot.top + TICK)
        } else {
            (palette::BLUE, plot.top + 2.0 * TICK + 1.0)
        };
        let area = Area {
            left: x - 0.75,
            right: x + 0.75,
            top: bottom - TICK,
            bottom,
        };
        canvas.fill(area, colour, 1.0)?;
    }
    Ok(())
}

/// The times below the lowest panel.
pub(super) fn time_labels(
    canvas: &mut Canvas,
    plot: Area,
    scales: &Scales,
) -> Result<(), ChartError> {
    for tick in &scales.time {
        let x = plot.left + plot.width() * tick.at / scales.horizon;
        // A label at the end stays on the page.
        let half = Canvas::text_width(&tick.label, LABEL)? / 2.0;
        let x = x.min(plot.right + EDGE - half);
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
    let title_end = plot.left + Canvas::text_width(panel.title(), TITLE)?;
    // Where there is no room for all, the first ones matter most.
    let mut keys = Vec::new();
    let mut room = plot.right - title_end;
    for key in panel.legend(scales) {
        room -= Canvas::text_width(&key.meaning, LABEL)? + SWATCH_ROOM;
        if room < 0.0 {
            break;
        }
        keys.push(key);
    }
    let mut right = plot.right;
    for key in keys.iter().rev() {
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
        Mark::Tick => (TICK, 1.0),
    };
    let left = if key.mark == Mark::Tick {
        right - 2.0
    } else {
        left
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
