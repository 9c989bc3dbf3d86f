//! Local times around the change between summer time and standard time.

use super::cadence::Cadence;

const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;

/// Undoes the changes of a clock in evenly spaced local times that have no offset; returns how many it saw.
///
/// Where times go back by an hour and go on from there, summer time has ended, and what follows is an hour later than
/// it says. In a file with such a place, an hour left out in the night to a Sunday is where summer time begins, and what
/// follows is an hour earlier again. If times are still out of order after that, nothing is changed and zero returned:
/// their disorder has another reason.
pub(crate) fn mend_clock_changes(times: &mut [i64]) -> usize {
    let Some(step) = Cadence::of(times).map(|cadence| cadence.step) else {
        return 0;
    };
    if step > HOUR {
        return 0;
    }
    let is_near = |distance: i64, wanted: i64| (distance - wanted).abs() <= step / 2;
    let is_fall = |pair: &[i64]| is_near(pair[1] - pair[0], step - HOUR) && pair[1] <= pair[0];
    if !times.windows(2).any(is_fall) {
        return 0;
    }
    let is_spring = |pair: &[i64]| {
        is_near(pair[1] - pair[0], step + HOUR)
            && is_sunday(pair[1])
            && (HOUR..=4 * HOUR).contains(&pair[1].rem_euclid(DAY))
    };
    let mut shifts = Vec::new();
    let mut shift = 0;
    for (row, pair) in times.windows(2).enumerate() {
        let change = if is_fall(pair) {
            HOUR
        } else if shift > 0 && is_spring(pair) {
            -HOUR
        } else {
            continue;
        };
        shift += change;
        shifts.push((row + 1, change));
    }
    apply(times, &shifts);
    if times.is_sorted() {
        return shifts.len();
    }
    let undone: Vec<(usize, i64)> = shifts.iter().map(|(row, by)| (*row, -by)).collect();
    apply(times, &undone);
    0
}

/// Moves all times from each row on.
fn apply(times: &mut [i64], shifts: &[(usize, i64)]) {
    let mut shifts = shifts.iter().peekable();
    let mut shift = 0_i64;
    for (row, time) in times.iter_mut().enumerate() {
        while let Some((_, by)) = shifts.next_if(|(from, _)| *from == row) {
            shift += by;
        }
        *time = time.saturating_add(shift);
    }
}

/// Whether a time falls on a Sunday; 1970 began on a Thursday.
fn is_sunday(time: i64) -> bool {
    time.div_euclid(DAY).rem_euclid(7) == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday 2026-10-25, in quarters of an hour from midnight.
    const SUNDAY: i64 = 1_792_886_400_000_000_000;
    const QUARTER: i64 = HOUR / 4;

    #[track_caller]
    fn check(quarters: &[i64], expected: &[i64], changes: usize) {
        let mut times: Vec<i64> = quarters.iter().map(|at| SUNDAY + at * QUARTER).collect();
        assert_eq!(mend_clock_changes(&mut times), changes);
        let found: Vec<i64> = times.iter().map(|time| (time - SUNDAY) / QUARTER).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_hour_that_comes_twice_is_two_hours() {
        check(
            &[8, 9, 10, 11, 8, 9, 10, 11, 12],
            &[8, 9, 10, 11, 12, 13, 14, 15, 16],
            1,
        );
    }

    #[test]
    fn any_other_disorder_is_left_alone() {
        check(&[8, 9, 11, 10, 12], &[8, 9, 11, 10, 12], 0);
        check(
            &[8, 9, 10, 11, 8, 9, 10, 3],
            &[8, 9, 10, 11, 8, 9, 10, 3],
            0,
        );
        check(&[8, 9, 10, 15, 16], &[8, 9, 10, 15, 16], 0);
        check(&[], &[], 0);
    }

    #[test]
    fn summer_time_that_ends_and_begins_again_is_an_hour_each_way() {
        let quarters = |from: i64, count: i64| (from..).take(usize::try_from(count).expect("few"));
        let week = 7 * 96;
        // Until three on the first Sunday, again from two on; until two on the next one, then from three on.
        let written: Vec<i64> = quarters(8, 4)
            .chain(quarters(8, week))
            .chain(quarters(week + 12, 8))
            .collect();
        let expected: Vec<i64> = quarters(8, 4 + week + 8).collect();
        check(&written, &expected, 2);
    }
}
