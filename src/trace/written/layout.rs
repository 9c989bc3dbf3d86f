//! Which rows a series is written as, and whether their times alone tell how long each lasts.

use crate::trace::Series;
use crate::trace::cadence::Cadence;
use crate::units::{SimDuration, SimTime};

/// A series as rows.
pub(super) struct Layout<'a> {
    series: &'a Series,
    /// The first step that was recorded, and the one after the last.
    first: usize,
    end: usize,
    /// Whether rows must say how long they last.
    pub(super) needs_lengths: bool,
}

/// One row: a step that was recorded, or one that was not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// Which step of the series.
    pub(super) index: usize,
    pub(super) start: SimTime,
    /// How long it lasts, and what it holds; `None` of a gap.
    pub(super) recorded: Option<(SimDuration, f64)>,
}

impl<'a> Layout<'a> {
    /// The rows of a series; `None` where nothing was recorded. Gaps at both ends are left out.
    pub(super) fn of(series: &'a Series) -> Option<Self> {
        let mut gaps = series.gaps().iter().copied().peekable();
        let mut first = 0;
        while gaps.next_if_eq(&first).is_some() {
            first += 1;
        }
        let mut end = series.len();
        let mut gaps = series.gaps().iter().rev().copied().peekable();
        while end > 0 && gaps.next_if_eq(&(end - 1)).is_some() {
            end -= 1;
        }
        if first >= end {
            return None;
        }
        let mut layout = Self {
            series,
            first,
            end,
            needs_lengths: false,
        };
        layout.needs_lengths = !layout.times_tell_all();
        Some(layout)
    }

    /// When the first row begins.
    pub(super) fn start(&self) -> SimTime {
        self.series.starts()[self.first]
    }

    /// When the last row ends.
    pub(super) fn finish(&self) -> SimTime {
        self.end_of(self.end - 1)
    }

    /// The time at both ends that was not recorded.
    pub(super) fn left_out(&self) -> SimDuration {
        (self.start() - SimTime::ZERO) + (self.series.end() - self.finish())
    }

    /// The rows in order; what was not recorded is one row, however many steps it has. A gap of at most half the step
    /// before it is a step that came late, as the reader takes it.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let mut gaps = Gaps::new(self.series, self.first);
        let mut index = self.first;
        let mut pending_gap = false;
        std::iter::from_fn(move || {
            while index < self.end {
                let at = index;
                index += 1;
                let start = self.series.starts()[at];
                if gaps.holds(at) {
                    if std::mem::take(&mut pending_gap) {
                        return Some(Row {
                            index: at,
                            start,
                            recorded: None,
                        });
                    }
                    continue;
                }
                let own_end = self.end_of(at);
                let next = gaps.next_recorded(at + 1);
                let next_start = if next < self.end {
                    self.series.starts()[next]
                } else {
                    own_end
                };
                pending_gap = is_hole(own_end - start, next_start - own_end);
                let end = if pending_gap { own_end } else { next_start };
                return Some(Row {
                    index: at,
                    start,
                    recorded: Some((end - start, self.series.values()[at])),
                });
            }
            None
        })
    }

    fn end_of(&self, index: usize) -> SimTime {
        let next = self.series.starts().get(index + 1);
        next.copied().unwrap_or(self.series.end())
    }

    /// Whether a reader that sees the times alone finds the same lengths and gaps.
    fn times_tell_all(&self) -> bool {
        let recorded = || {
            self.rows()
                .filter_map(|row| Some((row.start, row.recorded?.0)))
        };
        let times: Vec<i64> = recorded().map(|(start, _)| start.as_nanos()).collect();
        let Some(cadence) = Cadence::of(&times) else {
            return false;
        };
        let step = SimDuration::from_nanos(cadence.step);
        let mut rows = recorded().peekable();
        while let Some((start, length)) = rows.next() {
            let told = match rows.peek() {
                // The reader takes the distance as the length, unless it sees a hole.
                Some((next, _)) => {
                    if is_hole(step, *next - start - step) {
                        step
                    } else {
                        *next - start
                    }
                }
                None => step,
            };
            if told != length {
                return false;
            }
        }
        true
    }
}

/// Whether the reader takes what follows a step for a hole.
fn is_hole(step: SimDuration, late: SimDuration) -> bool {
    late.as_nanos() > step.as_nanos() / 2
}

/// The gaps of a series, asked for in order.
struct Gaps<'a> {
    gaps: &'a [usize],
}

impl<'a> Gaps<'a> {
    fn new(series: &'a Series, first: usize) -> Self {
        let gaps = series.gaps();
        let from = gaps.partition_point(|gap| *gap < first);
        Self {
            gaps: &gaps[from..],
        }
    }

    /// Whether a step is a gap; steps before it are not asked for again.
    fn holds(&mut self, index: usize) -> bool {
        while self.gaps.first().is_some_and(|gap| *gap < index) {
            self.gaps = &self.gaps[1..];
        }
        self.gaps.first() == Some(&index)
    }

    /// The first step from `index` on that is no gap.
    fn next_recorded(&self, index: usize) -> usize {
        let ahead = self.gaps.iter().skip_while(|gap| **gap < index);
        let run = ahead.zip(index..).take_while(|(gap, at)| *gap == at);
        index + run.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: SimDuration = SimDuration::from_seconds(10);

    #[track_caller]
    fn check(series: &Series, expected: &[(i64, Option<i64>)], needs_lengths: bool) {
        let layout = Layout::of(series).expect("something was recorded");
        let rows: Vec<_> = layout
            .rows()
            .map(|row| {
                let length = row
                    .recorded
                    .map(|(length, _)| length.as_nanos() / 1_000_000_000);
                (row.start.as_nanos() / 1_000_000_000, length)
            })
            .collect();
        assert_eq!(rows, expected);
        assert_eq!(layout.needs_lengths, needs_lengths);
    }

    fn even(notation: &str) -> Series {
        Series::from_notation(TEN, notation).expect("valid")
    }

    fn uneven(starts: &[i64], end: i64, gaps: &[usize]) -> Series {
        let at = |seconds: &i64| SimTime::from_seconds(*seconds);
        let starts: Vec<SimTime> = starts.iter().map(at).collect();
        let values = vec![1.0; starts.len()];
        Series::from_columns(starts, values, at(&end), gaps.to_vec())
    }

    #[test]
    fn even_steps_need_no_lengths() {
        let rows = [(0, Some(10)), (10, Some(10)), (20, Some(10))];
        check(&even("1 2 3"), &rows, false);
        let rows = [(0, Some(10)), (10, Some(10)), (20, None), (40, Some(10))];
        check(&even("1 2 _ _ 3"), &rows, false);
    }

    #[test]
    fn gaps_at_the_ends_are_left_out() {
        check(&even("_ 1 2 _ _"), &[(10, Some(10)), (20, Some(10))], false);
        assert!(Layout::of(&even("_x3")).is_none());
    }

    #[test]
    fn what_times_alone_would_not_tell_needs_lengths() {
        check(&even("1"), &[(0, Some(10))], true);
        check(
            &even("1 _ 2"),
            &[(0, Some(10)), (10, None), (20, Some(10))],
            true,
        );
        let last = uneven(&[0, 10, 20], 25, &[]);
        check(&last, &[(0, Some(10)), (10, Some(10)), (20, Some(5))], true);
        let long = uneven(&[0, 10, 20, 60], 70, &[]);
        let rows = [
            (0, Some(10)),
            (10, Some(10)),
            (20, Some(40)),
            (60, Some(10)),
        ];
        check(&long, &rows, true);
    }

    #[test]
    fn a_short_gap_is_a_late_step() {
        let late = uneven(&[0, 10, 20, 24, 34, 44, 54, 64], 74, &[2, 4]);
        let rows = [
            (0, Some(10)),
            (10, Some(14)),
            (24, Some(10)),
            (34, None),
            (44, Some(10)),
            (54, Some(10)),
            (64, Some(10)),
        ];
        check(&late, &rows, false);
    }
}
