//! Charts for a terminal: demand and replicas over time, in braille or in ASCII.

use super::chart::{Tick, calendar_ticks, time_ticks};
use super::escape;
use super::format;
use super::input::{BackendView, Colour, Report};
use super::layout::page_width;
use super::paint::{Tone, paint};
use crate::outcome::{Timeline, TimelineRow};

/// Rows of a chart.
const HEIGHT: usize = 6;
/// Room for the numbers left of a chart.
const AXIS_ROOM: usize = 6;
/// The least room for the label of a time, columns.
const TICK_ROOM: usize = 12;
/// Dots of a braille character, across and down.
const DOTS: (usize, usize) = (2, 4);
/// Where in a braille character each dot is, by column and row from the bottom.
const BRAILLE: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
/// What a cell of ASCII looks like by how full it is.
const ASCII: [char; 5] = [' ', '.', ':', '|', '#'];

/// What a chart is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Braille: eight dots for each character.
    Braille,
    /// Letters that every terminal has.
    Ascii,
}

/// One chart of a backend.
struct Chart {
    title: &'static str,
    tone: Tone,
    read: fn(&TimelineRow) -> u32,
    /// Which of several steps a dot shows.
    worst: fn(u32, u32) -> u32,
}

const CHARTS: [Chart; 3] = [
    Chart {
        title: "Demand, replicas",
        tone: Tone::Bad,
        read: |row| row.demand,
        worst: Ord::max,
    },
    Chart {
        title: "Ready replicas",
        tone: Tone::Demand,
        read: |row| row.ready_min,
        worst: Ord::min,
    },
    Chart {
        title: "Desired replicas",
        tone: Tone::Normal,
        read: |row| row.desired,
        worst: Ord::max,
    },
];

/// Demand, ready and desired replicas of the first run over time, one chart above the other on the same scale, as wide as
/// the terminal where there is one. Where a dot stands for several steps it shows the most demand and the fewest ready
/// replicas.
#[must_use]
pub fn terminal_chart(
    report: &Report,
    width: Option<u16>,
    glyphs: Glyphs,
    colour: Colour,
) -> String {
    let columns = usize::from(page_width(width)).saturating_sub(AXIS_ROOM);
    let mut lines: Vec<String> = Vec::new();
    for view in report.backends() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let name = escape::plain(&view.card.backend);
        let heading = format!("Run 1 over time, {name}");
        lines.push(paint(&heading, Tone::Heading, colour));
        lines.extend(charts(report, &view, columns, glyphs, colour));
    }
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn charts(
    report: &Report,
    view: &BackendView,
    columns: usize,
    glyphs: Glyphs,
    colour: Colour,
) -> Vec<String> {
    let timeline = &view.outcome.timeline;
    if timeline.rows.is_empty() {
        return vec!["no time passed".to_owned()];
    }
    let rows = timeline.rows.iter();
    let most = rows.map(|row| row.demand.max(row.ready_max).max(row.desired));
    let top = most.max().unwrap_or(0).max(1);
    let mut lines = Vec::new();
    for chart in &CHARTS {
        lines.push(chart.title.to_owned());
        let values = columns_of(timeline, chart, columns * dots(glyphs).0);
        for row in (0..HEIGHT).rev() {
            let label = match row {
                row if row == HEIGHT - 1 => format::count(f64::from(top)),
                0 => "0".to_owned(),
                _ => String::new(),
            };
            let cells: String = (0..columns)
                .map(|column| cell(&values, top, (column, row), glyphs))
                .collect();
            let cells = paint(cells.trim_end(), chart.tone, colour);
            let room = AXIS_ROOM - 1;
            lines.push(format!("{label:>room$} {cells}"));
        }
    }
    lines.push(time_axis(report, timeline, columns));
    lines
}

const fn dots(glyphs: Glyphs) -> (usize, usize) {
    match glyphs {
        Glyphs::Braille => DOTS,
        Glyphs::Ascii => (1, ASCII.len() - 1),
    }
}

/// The value of each column of dots.
fn columns_of(timeline: &Timeline, chart: &Chart, columns: usize) -> Vec<u32> {
    let rows = &timeline.rows;
    (0..columns)
        .map(|column| {
            let first = column * rows.len() / columns;
            let end = ((column + 1) * rows.len()).div_ceil(columns).max(first + 1);
            let values = rows[first..end.min(rows.len())].iter().map(chart.read);
            values.reduce(chart.worst).unwrap_or(0)
        })
        .collect()
}

/// One character: dots from the chart's foot up to the values.
fn cell(values: &[u32], top: u32, (column, row): (usize, usize), glyphs: Glyphs) -> char {
    let (across, down) = dots(glyphs);
    let heights = (0..across).map(|dot| {
        let value = values.get(column * across + dot).copied().unwrap_or(0);
        // One replica is at least one dot.
        let whole = u64::from(value) * (HEIGHT * down) as u64;
        let height = usize::try_from(whole.div_ceil(u64::from(top.max(1)))).unwrap_or(0);
        height.saturating_sub(row * down).min(down)
    });
    match glyphs {
        Glyphs::Braille => {
            let mut bits = 0;
            for (dots, height) in BRAILLE.iter().zip(heights) {
                bits |= dots.iter().take(height).fold(0, |all, dot| all | dot);
            }
            if bits == 0 {
                ' '
            } else {
                char::from_u32(0x2800 + bits).unwrap_or(' ')
            }
        }
        Glyphs::Ascii => ASCII[heights.max().unwrap_or(0).min(ASCII.len() - 1)],
    }
}

/// The times below a backend's charts.
fn time_axis(report: &Report, timeline: &Timeline, columns: usize) -> String {
    let span = timeline.step.as_seconds() * timeline.rows.len() as f64;
    let most = (columns / TICK_ROOM).max(1);
    let ticks: Vec<Tick> = match report.subject.trace_start {
        Some(start) => calendar_ticks(start, span, most),
        None => time_ticks(span, most),
    };
    let mut line = " ".repeat(AXIS_ROOM);
    for tick in ticks {
        let share = if span > 0.0 { tick.at / span } else { 0.0 };
        let place = AXIS_ROOM + nearest(share * columns as f64);
        let length = line.chars().count();
        let is_room = place >= length && place + tick.label.chars().count() <= AXIS_ROOM + columns;
        if is_room {
            line.push_str(&" ".repeat(place - length));
            line.push_str(&tick.label);
            line.push(' ');
        }
    }
    line
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a column of a terminal"
)]
fn nearest(column: f64) -> usize {
    column.max(0.0).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[u32], top: u32, glyphs: Glyphs, expected: &str) {
        let across = dots(glyphs).0;
        let text: String = (0..values.len() / across)
            .map(|column| cell(values, top, (column, 0), glyphs))
            .collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn dots_reach_up_to_the_values() {
        check(&[0, 0, 1, 1, 24, 24], 24, Glyphs::Braille, " ⣀⣿");
        check(&[0, 1, 2, 3, 4, 24], 24, Glyphs::Ascii, " .:|##");
    }

    #[test]
    fn values_of_any_size_are_drawn() {
        check(&[u32::MAX, 1], u32::MAX, Glyphs::Ascii, "#.");
    }
}
