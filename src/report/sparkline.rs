//! The terminal chart: demand against ready capacity over time, in block characters.

use std::ops::Range;

use super::chart::time_step;
use super::format;
use super::input::Colour;
use super::paint::{Tone, paint};
use crate::outcome::{Timeline, TimelineRow, Violation};
use crate::units::{SimDuration, SimTime};

/// Rows of the chart where a replica does not get a row of its own.
const HEIGHT: u32 = 8;
/// Up to so many replicas, each has a row of its own.
const MOST_SINGLE_ROWS: u32 = 10;
/// The least room for the time of a tick, columns.
const TICK_ROOM: usize = 14;
/// Room for the number of replicas, left of the chart.
const AXIS_ROOM: usize = 6;

/// What a cell of the chart shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    Empty,
    /// Ready replicas beyond the demand.
    Spare,
    /// Demand with a ready replica.
    Covered,
    /// Demand without one, for less than half of the column's time.
    BrieflyShort,
    /// Demand without one.
    Short,
}

/// What a column of the chart shows, replicas: extremes of its steps.
#[derive(Clone, Copy, Default)]
struct Column {
    demand: u32,
    /// The largest shortage of one step.
    short: u32,
    ready: u32,
    steps: u32,
    /// Steps with a shortage.
    short_steps: u32,
}

impl Cell {
    const fn glyph(self) -> char {
        match self {
            Self::Empty => ' ',
            Self::Spare => '░',
            Self::Covered => '█',
            Self::BrieflyShort => '╱',
            Self::Short => '╳',
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Empty => Tone::Normal,
            Self::Spare => Tone::Faint,
            Self::Covered => Tone::Demand,
            Self::BrieflyShort | Self::Short => Tone::Bad,
        }
    }
}

/// The most replicas that a timeline shows, demanded or ready.
pub(crate) fn peak(timeline: &Timeline) -> u32 {
    timeline
        .rows
        .iter()
        .map(|row| row.demand.max(row.ready_max))
        .max()
        .unwrap_or(0)
}

/// What the chart's characters mean, in one line where it fits.
pub(crate) fn legend(width: usize, colour: Colour) -> Vec<String> {
    const GAP: &str = "   ";
    let entries = [
        (Cell::Covered, "demand met"),
        (Cell::Short, "demand above ready"),
        (Cell::BrieflyShort, "above ready under half the time"),
        (Cell::Spare, "ready above demand"),
    ];
    let glyph_room = "# ".len();
    let whole: usize = entries
        .iter()
        .map(|(_, meaning)| glyph_room + meaning.len() + GAP.len())
        .sum();
    let texts = entries.map(|(cell, meaning)| {
        let glyph = paint(&cell.glyph().to_string(), cell.tone(), colour);
        format!("{glyph} {meaning}")
    });
    if whole - GAP.len() <= width {
        vec![texts.join(GAP)]
    } else {
        texts.to_vec()
    }
}

/// The rows around an episode that are worth a chart of their own: one for each column, or more for a long episode;
/// `None` where the chart of all rows is nearly as fine.
pub(crate) fn closer(
    timeline: &Timeline,
    episode: &Violation,
    width: usize,
) -> Option<Range<usize>> {
    let count = timeline.rows.len();
    let row_at = |time: SimTime| timeline.rows.partition_point(|row| row.at < time);
    let (begin, end) = (row_at(episode.begin), row_at(episode.end));
    let shown = width
        .saturating_sub(AXIS_ROOM)
        .max(2 * (end - begin.min(end)));
    let first = begin
        .saturating_sub(shown / 4)
        .min(count.saturating_sub(shown));
    (2 * shown <= count).then(|| first..first + shown)
}

/// The lines of a chart of some rows, `width` columns wide, with `top` replicas at its upper end.
pub(crate) fn lines(
    timeline: &Timeline,
    shown: Range<usize>,
    top: u32,
    width: usize,
    colour: Colour,
) -> Vec<String> {
    let rows = timeline.rows.get(shown).unwrap_or_default();
    let Some(first) = rows.first() else {
        return vec!["(no time passed)".to_owned()];
    };
    let top = top.max(1);
    let height = if top <= MOST_SINGLE_ROWS { top } else { HEIGHT };
    let axis = top.to_string().len().max(2);
    let columns = columns(rows, width.saturating_sub(axis + 2).max(10));
    let mut lines = Vec::new();
    for row in (1..=height).rev() {
        let label = axis_label(row, height, top);
        let cells = columns.iter().map(|column| column.cell(row, height, top));
        let line = format!("{label:>axis$} │{}", painted(cells, colour));
        lines.push(line.trim_end().to_owned());
    }
    let span = timeline.step.as_seconds() * rows.len() as f64;
    let (rule, labels) = time_axis(first.at.as_seconds(), span, columns.len());
    lines.push(format!("{:>axis$} └{rule}", 0));
    lines.push(format!("{:>axis$}  {labels}", ""));
    lines
}

impl Column {
    fn add(&mut self, row: &TimelineRow) {
        let short = row.demand.saturating_sub(row.ready_min);
        self.demand = self.demand.max(row.demand);
        self.short = self.short.max(short);
        self.ready = self.ready.max(row.ready_max);
        self.steps += 1;
        self.short_steps += u32::from(short > 0);
    }

    /// The cell in row `row` of `height`, counted from 1 at the bottom.
    fn cell(self, row: u32, height: u32, top: u32) -> Cell {
        let filled = |replicas: u32| rows_of(replicas, height, top);
        let demand = filled(self.demand);
        let covered = match self.short {
            0 => demand,
            // A shortage shows, however small beside the top.
            short => filled(self.demand - short).min(demand.saturating_sub(1)),
        };
        match row {
            row if row <= covered => Cell::Covered,
            row if row <= demand && 2 * self.short_steps < self.steps => Cell::BrieflyShort,
            row if row <= demand => Cell::Short,
            row if row <= filled(self.ready) => Cell::Spare,
            _ => Cell::Empty,
        }
    }
}

/// How many rows so many replicas fill, at least one for at least one.
fn rows_of(replicas: u32, height: u32, top: u32) -> u32 {
    let rows = (u64::from(replicas) * u64::from(height)).div_ceil(u64::from(top));
    u32::try_from(rows).unwrap_or(height).min(height)
}

/// One column for each character; several where there are fewer steps than characters.
fn columns(rows: &[TimelineRow], width: usize) -> Vec<Column> {
    (0..width)
        .map(|index| {
            let first = index * rows.len() / width;
            let last = ((index + 1) * rows.len() / width).max(first + 1);
            let mut column = Column::default();
            for row in &rows[first..last] {
                column.add(row);
            }
            column
        })
        .collect()
}

fn painted(cells: impl Iterator<Item = Cell>, colour: Colour) -> String {
    let cells: Vec<Cell> = cells.collect();
    cells
        .chunk_by(|a, b| a == b)
        .map(|run| {
            let glyphs: String = run.iter().map(|cell| cell.glyph()).collect();
            paint(&glyphs, run[0].tone(), colour)
        })
        .collect()
}

/// The number of replicas at the top of a row: of the first and the middle one.
fn axis_label(row: u32, height: u32, top: u32) -> String {
    let replicas = u64::from(top) * u64::from(row);
    let height_here = u64::from(height);
    let is_whole = replicas.is_multiple_of(height_here);
    let is_middle = height >= 4 && row == height.div_ceil(2) && is_whole;
    if row == height || is_middle {
        (replicas / height_here).to_string()
    } else {
        String::new()
    }
}

/// The line below the chart, and the times below that, from `begin` on for `span` seconds.
fn time_axis(begin: f64, span: f64, width: usize) -> (String, String) {
    let mut rule = vec!['─'; width];
    let mut labels = String::new();
    let step = time_step(span, (width / TICK_ROOM).max(1));
    let first = (begin / step).ceil();
    for index in 0..width {
        let at = (first + index as f64) * step;
        let label = label(at);
        let column = column_of(at - begin, span, width);
        let taken = labels.chars().count();
        if column + label.chars().count() > width {
            break;
        }
        if column > taken || taken == 0 {
            rule[column] = '┬';
            labels.push_str(&" ".repeat(column - taken));
            labels.push_str(&label);
        }
    }
    (rule.into_iter().collect(), labels)
}

/// A time on the axis, in seconds since the trace began.
fn label(at: f64) -> String {
    if at < 1.0 && at > 0.0 {
        format::number(at, format::Unit::Seconds)
    } else {
        format::moment(SimTime::ZERO + SimDuration::from_seconds_rounded(at))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a width is a small positive number"
)]
fn column_of(at: f64, span: f64, width: usize) -> usize {
    (at / span * width as f64).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One step a minute, of (demand, ready).
    fn timeline(steps: &[(u32, u32)]) -> Timeline {
        let rows = (0..)
            .zip(steps)
            .map(|(index, (demand, ready))| TimelineRow {
                at: SimTime::from_seconds(60 * index),
                arrival_rate: 0.0,
                demand: *demand,
                ready_min: *ready,
                ready_max: *ready,
                desired: *ready,
                desired_min: *ready,
                desired_max: *ready,
                usage_ratio: f64::NAN,
                usage_ratio_min: f64::NAN,
                usage_ratio_max: f64::NAN,
                p50: f64::NAN,
                p95: f64::NAN,
                p99: f64::NAN,
                requests: 0.0,
                bad_requests: 0.0,
                backlog: 0.0,
            });
        Timeline {
            step: SimDuration::from_seconds(60),
            rows: rows.collect(),
        }
    }

    #[track_caller]
    fn check(steps: &[(u32, u32)], expected: &[&str]) {
        let timeline = timeline(steps);
        let lines = lines(
            &timeline,
            0..steps.len(),
            peak(&timeline),
            14,
            Colour::Plain,
        );
        assert_eq!(lines[..lines.len() - 2], *expected);
    }

    #[test]
    fn demand_without_a_ready_replica_stands_out() {
        check(
            &[(1, 1), (1, 2), (3, 2), (3, 3), (1, 3)],
            &[" 3 │    ╳╳██░░", "   │  ░░████░░", "   │██████████"],
        );
    }

    #[test]
    fn a_short_lack_among_many_steps_is_not_lost() {
        let mut steps = vec![(100, 100); 1000];
        steps[512] = (100, 99);
        let timeline = timeline(&steps);
        let lines = lines(&timeline, 0..1000, 100, 14, Colour::Plain);
        assert_eq!(lines[0], "100 │█████╱████");
    }

    #[test]
    fn a_closer_look_is_taken_only_where_it_shows_more() {
        let at = |minutes: i64, length: i64| Violation {
            begin: SimTime::from_seconds(60 * minutes),
            end: SimTime::from_seconds(60 * (minutes + length)),
            requests: 1.0,
            bad_requests: 1.0,
            worst_wait: SimDuration::ZERO,
        };
        let week = timeline(&vec![(1, 1); 10_080]);
        assert_eq!(closer(&week, &at(5000, 3), 106), Some(4975..5075));
        assert_eq!(closer(&week, &at(5, 3), 106), Some(0..100));
        assert_eq!(closer(&week, &at(10_079, 1), 106), Some(9980..10_080));
        assert_eq!(closer(&week, &at(1000, 200), 106), Some(900..1300));
        assert_eq!(closer(&week, &at(0, 10_080), 106), None);
        assert_eq!(closer(&timeline(&[(1, 1); 120]), &at(50, 3), 106), None);
    }

    #[test]
    fn nothing_at_all_is_drawn_as_nothing() {
        check(&[(0, 0)], &[" 1 │"]);
        assert_eq!(lines(&timeline(&[]), 0..0, 0, 80, Colour::Plain).len(), 1);
    }

    #[test]
    fn the_time_axis_never_grows_past_the_chart() {
        for width in [10, 17, 80, 200] {
            for span in [0.5, 60.0, 5400.0, 86_400.0, 1_209_600.0] {
                for begin in [0.0, 7.5, 70_200.0] {
                    let (rule, labels) = time_axis(begin, span, width);
                    assert_eq!(rule.chars().count(), width);
                    assert!(labels.chars().count() <= width, "{labels}");
                }
            }
        }
    }
}
