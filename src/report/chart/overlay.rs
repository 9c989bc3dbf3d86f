//! The picture of a backtest: recorded replicas, and the predicted ones with their band, over time.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Lettering, Weight};
use super::error::ChartError;
use super::page::{FOOTNOTE, MARGIN, TICK_ROOM, WIDTH, fitted, whole};
use super::palette;
use super::panels::LABEL;
use super::scale::time_ticks;
use crate::backtest::Counts;
use crate::report::backtest_input::BacktestReport;
use crate::report::escape;

const HEIGHT: f64 = 620.0;
const TOP: f64 = 150.0;
const BOTTOM: f64 = 90.0;
const RECORDED: f64 = 4.0;
const PREDICTED: f64 = 2.5;
const BAND: f64 = 0.25;
const TIME_LABEL_ROOM: f64 = 110.0;

const TITLE: Lettering = Lettering {
    size: 24.0,
    weight: Weight::Bold,
    colour: palette::INK,
};

/// A backtest as a PNG picture, 1600 pixels wide: recorded replicas under predicted ones, with the band of 5 to 95 % of the
/// runs. The same backtest gives the same bytes.
///
/// # Errors
/// When the drawing or the image library refuses; nothing that a backtest can hold makes them do so.
pub fn backtest_png(report: &BacktestReport<'_>) -> Result<Vec<u8>, ChartError> {
    let mut canvas = Canvas::new(WIDTH, whole(HEIGHT))?;
    let width = f64::from(WIDTH) - 2.0 * MARGIN;
    let mut lines = report.heading(escape::plain);
    lines.push(report.verdict());
    for ((text, lettering), y) in lines
        .iter()
        .zip([TITLE, LABEL, LABEL])
        .zip([34.0, 66.0, 92.0])
    {
        let text = fitted(text, lettering, width)?;
        canvas.write(&text, (MARGIN, y), Anchor::Left, lettering)?;
    }
    let comparison = report.comparison;
    let (begin, end) = (comparison.begin.as_seconds(), comparison.end.as_seconds());
    let top = report
        .recording
        .counts
        .peak()
        .max(report.prediction.high.peak());
    let plot = Plot {
        area: Area {
            left: MARGIN + TICK_ROOM,
            top: TOP,
            right: f64::from(WIDTH) - MARGIN,
            bottom: HEIGHT - BOTTOM,
        },
        axis: Axis::counts(f64::from(top)),
        begin,
        span: (end - begin).max(1e-9),
    };
    let legend = [
        (palette::ORANGE, "recorded"),
        (palette::BLUE, "predicted, median of the runs"),
        (palette::SKY_BLUE, "5 to 95 % of the runs"),
    ];
    let mut left = MARGIN + TICK_ROOM;
    for (colour, text) in legend {
        let mark = Area {
            left,
            top: TOP - 26.0,
            right: left + 22.0,
            bottom: TOP - 18.0,
        };
        canvas.fill(mark, colour, 1.0)?;
        canvas.write(text, (left + 30.0, TOP - 22.0), Anchor::Left, LABEL)?;
        left += 62.0 + Canvas::text_width(text, LABEL)?;
    }
    plot.grid(&mut canvas)?;
    plot.band(&mut canvas, &report.prediction.low, &report.prediction.high)?;
    plot.course(
        &mut canvas,
        &report.recording.counts,
        palette::ORANGE,
        RECORDED,
    )?;
    plot.course(
        &mut canvas,
        &report.prediction.middle,
        palette::BLUE,
        PREDICTED,
    )?;
    let text = format!(
        "Replicas against the time since the recording began. Followed: {}",
        report.followed_version
    );
    let text = fitted(&text, FOOTNOTE, width)?;
    canvas.write(&text, (MARGIN, HEIGHT - 22.0), Anchor::Left, FOOTNOTE)?;
    canvas.into_png()
}

struct Plot {
    area: Area,
    axis: Axis,
    begin: f64,
    span: f64,
}

impl Plot {
    fn x(&self, seconds: f64) -> f64 {
        let share = ((seconds - self.begin) / self.span).clamp(0.0, 1.0);
        self.area.left + self.area.width() * share
    }

    fn y(&self, replicas: f64) -> f64 {
        self.area.bottom - self.area.height() * self.axis.share(replicas)
    }

    fn grid(&self, canvas: &mut Canvas) -> Result<(), ChartError> {
        for tick in &self.axis.ticks {
            let y = self.y(tick.at);
            let line = Area {
                top: y - 0.5,
                bottom: y + 0.5,
                ..self.area
            };
            canvas.fill(line, palette::GRID, 1.0)?;
            canvas.write(&tick.label, (self.area.left - 8.0, y), Anchor::Right, LABEL)?;
        }
        let labels = whole(self.area.width() / TIME_LABEL_ROOM) as usize;
        for tick in time_ticks(self.span, labels) {
            let x = self.x(self.begin + tick.at);
            let line = Area {
                left: x - 0.5,
                right: x + 0.5,
                ..self.area
            };
            canvas.fill(line, palette::GRID, 1.0)?;
            canvas.write(
                &tick.label,
                (x, self.area.bottom + 18.0),
                Anchor::Centre,
                LABEL,
            )?;
        }
        Ok(())
    }

    /// The steps of a course, with the time at which each ends.
    fn steps(counts: &Counts) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let starts = counts.steps().iter();
        let ends = counts.steps().iter().skip(1).map(|(at, _)| *at);
        starts
            .zip(ends.chain(std::iter::once(counts.end())))
            .map(|((from, count), to)| (from.as_seconds(), to.as_seconds(), f64::from(*count)))
    }

    fn band(&self, canvas: &mut Canvas, low: &Counts, high: &Counts) -> Result<(), ChartError> {
        for (from, to, most) in Self::steps(high) {
            for (other_from, other_to, least) in Self::steps(low) {
                let area = Area {
                    left: self.x(from.max(other_from)),
                    right: self.x(to.min(other_to)),
                    top: self.y(most),
                    bottom: self.y(least),
                };
                canvas.fill(area, palette::SKY_BLUE, BAND)?;
            }
        }
        Ok(())
    }

    fn course(
        &self,
        canvas: &mut Canvas,
        counts: &Counts,
        colour: RGBColor,
        width: f64,
    ) -> Result<(), ChartError> {
        let half = width / 2.0;
        let mut before: Option<f64> = None;
        for (from, to, count) in Self::steps(counts) {
            let y = self.y(count);
            let (left, right) = (self.x(from), self.x(to));
            let tread = Area {
                left: left - half,
                right: right + half,
                top: y - half,
                bottom: y + half,
            };
            canvas.fill(tread, colour, 1.0)?;
            if let Some(before) = before {
                let riser = Area {
                    left: left - half,
                    right: left + half,
                    top: y.min(before) - half,
                    bottom: y.max(before) + half,
                };
                canvas.fill(riser, colour, 1.0)?;
            }
            before = Some(y);
        }
        Ok(())
    }
}
