//! `Counts`: replicas over time.

use crate::outcome::Rescale;
use crate::units::{SimDuration, SimTime};

/// Replicas over time: each count holds from its time to the next one's, the last one to the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// When a count begins, and the count; times grow strictly, and neighbours differ.
    steps: Vec<(SimTime, u32)>,
    end: SimTime,
}

impl Counts {
    /// Of steps in the order of time; of several at one time the last counts.
    pub(super) fn of_steps(steps: impl IntoIterator<Item = (SimTime, u32)>, end: SimTime) -> Self {
        let mut kept: Vec<(SimTime, u32)> = Vec::new();
        for (at, count) in steps.into_iter().take_while(|(at, _)| *at < end) {
            if kept.last().is_some_and(|(last, _)| *last == at) {
                kept.pop();
            }
            if kept.last().is_none_or(|(_, last)| *last != count) {
                kept.push((at, count));
            }
        }
        Self { steps: kept, end }
    }

    /// What writes make of an initial count.
    pub(super) fn of_rescales(initial: u32, rescales: &[Rescale], end: SimTime) -> Self {
        let writes = rescales.iter().map(|write| (write.at, write.to));
        Self::of_steps(std::iter::once((SimTime::ZERO, initial)).chain(writes), end)
    }

    /// The steps: when a count begins, and the count.
    #[must_use]
    pub fn steps(&self) -> &[(SimTime, u32)] {
        &self.steps
    }

    /// When the last count ends.
    #[must_use]
    pub const fn end(&self) -> SimTime {
        self.end
    }

    /// When the first count begins; the end where there is none.
    #[must_use]
    pub fn begin(&self) -> SimTime {
        self.steps.first().map_or(self.end, |(at, _)| *at)
    }

    /// The count at a time; `None` before the first and from the end on.
    #[must_use]
    pub fn at(&self, time: SimTime) -> Option<u32> {
        if time >= self.end {
            return None;
        }
        let after = self.steps.partition_point(|(at, _)| *at <= time);
        self.steps
            .get(after.checked_sub(1)?)
            .map(|(_, count)| *count)
    }

    /// The highest count; 0 where there is none.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.steps
            .iter()
            .map(|(_, count)| *count)
            .max()
            .unwrap_or(0)
    }

    /// Changes: when, from how many, to how many.
    pub fn changes(&self) -> impl Iterator<Item = (SimTime, u32, u32)> + '_ {
        self.steps
            .windows(2)
            .map(|pair| (pair[1].0, pair[0].1, pair[1].1))
    }

    /// The part from `from` until `to`, on the same clock.
    #[must_use]
    pub fn between(&self, from: SimTime, to: SimTime) -> Self {
        let end = to.min(self.end);
        let first = self.at(from).map(|count| (from, count));
        let later = self.steps.iter().copied().filter(|(at, _)| *at > from);
        Self::of_steps(first.into_iter().chain(later), end)
    }

    /// The same with every time later by `by`; what comes before time zero is cut off.
    #[must_use]
    pub fn shifted(&self, by: SimDuration) -> Self {
        let moved = self.steps.iter().map(|(at, count)| (*at + by, *count));
        let all = Self {
            steps: moved.collect(),
            end: self.end + by,
        };
        if all.begin() < SimTime::ZERO {
            all.between(SimTime::ZERO, all.end)
        } else {
            all
        }
    }

    /// The count that half of several courses are at or below, moment by moment, and likewise for any share `q`: the lower
    /// of two middle ones, so that it is a whole number.
    #[must_use]
    pub fn quantile(courses: &[Self], q: f64) -> Self {
        let end = courses.iter().map(Self::end).min().unwrap_or(SimTime::ZERO);
        let mut times: Vec<SimTime> = courses
            .iter()
            .flat_map(|course| course.steps.iter().map(|(at, _)| *at))
            .collect();
        times.sort_unstable();
        times.dedup();
        let mut at_once: Vec<u32> = Vec::with_capacity(courses.len());
        let steps: Vec<(SimTime, u32)> = times
            .into_iter()
            .filter_map(|time| {
                at_once.clear();
                at_once.extend(courses.iter().filter_map(|course| course.at(time)));
                at_once.sort_unstable();
                let rank = rank_of(q, at_once.len());
                at_once.get(rank).map(|count| (time, *count))
            })
            .collect();
        Self::of_steps(steps, end)
    }
}

/// The index of the least value that the share `q` of so many does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is not negative, and at most a length"
)]
fn rank_of(q: f64, length: usize) -> usize {
    let rank = (q.clamp(0.0, 1.0) * length as f64).ceil() as usize;
    rank.clamp(1, length.max(1)) - 1
}

/// Spans of equal counts of two courses, within both and outside of what is left out: length in seconds, and both counts.
pub(super) fn spans<'a>(
    one: &'a Counts,
    other: &'a Counts,
    left_out: &'a [(SimTime, SimTime)],
) -> impl Iterator<Item = (f64, u32, u32)> + 'a {
    let begin = one.begin().max(other.begin());
    let end = one.end().min(other.end());
    let mut times: Vec<SimTime> = one
        .steps
        .iter()
        .chain(&other.steps)
        .map(|(at, _)| *at)
        .collect();
    times.extend(left_out.iter().flat_map(|(from, to)| [*from, *to]));
    times.extend([begin, end]);
    times.retain(|time| begin <= *time && *time <= end);
    times.sort_unstable();
    times.dedup();
    let ends = times.clone();
    times
        .into_iter()
        .zip(ends.into_iter().skip(1))
        .filter(|(from, _)| !is_left_out(*from, left_out))
        .filter_map(|(from, to)| Some(((to - from).as_seconds(), one.at(from)?, other.at(from)?)))
}

/// Whether a time lies in one of these spans.
pub(super) fn is_left_out(time: SimTime, left_out: &[(SimTime, SimTime)]) -> bool {
    left_out
        .iter()
        .any(|(from, to)| *from <= time && time < *to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(steps: &[(i64, u32)], end: i64) -> Counts {
        let steps = steps
            .iter()
            .map(|(at, count)| (SimTime::from_seconds(*at), *count));
        Counts::of_steps(steps, SimTime::from_seconds(end))
    }

    #[test]
    fn equal_neighbours_are_one_step() {
        let all = counts(&[(0, 2), (5, 2), (10, 3), (10, 4), (20, 4), (99, 7)], 30);
        assert_eq!(all, counts(&[(0, 2), (10, 4)], 30));
        assert_eq!(all.peak(), 4);
        assert_eq!(all.at(SimTime::from_seconds(9)), Some(2));
        assert_eq!(all.at(SimTime::from_seconds(30)), None);
    }

    #[test]
    fn what_lies_before_the_beginning_is_cut_off() {
        let moved = counts(&[(0, 2), (10, 3), (20, 4)], 30).shifted(SimDuration::from_seconds(-15));
        assert_eq!(moved, counts(&[(0, 3), (5, 4)], 15));
    }

    #[test]
    fn the_middle_course_is_the_lower_of_two_middle_ones() {
        let courses = [
            counts(&[(0, 1), (10, 5)], 40),
            counts(&[(0, 1), (20, 4)], 40),
        ];
        assert_eq!(
            Counts::quantile(&courses, 0.5),
            counts(&[(0, 1), (20, 4)], 40)
        );
        assert_eq!(
            Counts::quantile(&courses, 1.0),
            counts(&[(0, 1), (10, 5)], 40)
        );
    }

    proptest! {
        #[test]
        fn spans_cover_what_both_cover_and_is_not_left_out(
            a in prop::collection::btree_map(0..100_i64, 0..5_u32, 1..8),
            b in prop::collection::btree_map(0..100_i64, 0..5_u32, 1..8),
            out in (0..100_i64, 0..30_i64)
        ) {
            let whole = |map: &std::collections::BTreeMap<i64, u32>| {
                let steps: Vec<(i64, u32)> = map.iter().map(|(at, count)| (*at, *count)).collect();
                counts(&steps, 100)
            };
            let (a, b) = (whole(&a), whole(&b));
            let span = (SimTime::from_seconds(out.0), SimTime::from_seconds(out.0 + out.1));
            let total: f64 = spans(&a, &b, &[span]).map(|(seconds, _, _)| seconds).sum();
            let begin = a.begin().max(b.begin());
            let covered = (begin.as_seconds()..100.0, span);
            let cut = (span.1.min(a.end()).as_seconds() - span.0.max(begin).as_seconds()).max(0.0);
            prop_assert!((total - (covered.0.end - covered.0.start - cut)).abs() < 1e-9);
        }
    }
}
