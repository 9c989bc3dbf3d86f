//! Whether days are alike, and weeks.

use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// What may repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeasonPeriod {
    /// The hours of a day.
    Day,
    /// The days of a week.
    Week,
}

/// Whether a period repeats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Season {
    /// The share of the variance within periods that their common course explains, beyond what chance would; 0 to 1.
    Strength {
        /// That share.
        share: f64,
        /// Whole periods that were compared.
        periods: usize,
        /// When, since the beginning of each period, the common course is highest.
        highest_at: SimDuration,
    },
    /// There are fewer than two whole periods.
    TooShort {
        /// How many there are.
        periods: f64,
    },
    /// The steps are longer than the parts of a period that are compared.
    TooCoarse,
    /// Too much is not recorded.
    TooManyGaps,
    /// Nothing varies within a period.
    Level,
}

impl SeasonPeriod {
    /// How long it is, and the parts that are compared: hours, days.
    const fn parts(self) -> (SimDuration, usize) {
        match self {
            Self::Day => (SimDuration::from_seconds(3_600), 24),
            Self::Week => (SimDuration::from_seconds(86_400), 7),
        }
    }
}

/// Compares whole periods part by part, each after its own mean was taken off, so that growth from period to period
/// does not count.
///
/// With n periods of k parts the share explained is 1 - (residual / n') / (total / n''), where n' = (n - 1)(k - 1) and n''
/// = n (k - 1) are the degrees of freedom (the adjusted R² of a two-way table), not below zero.
pub(super) fn season(series: &Series, period: SeasonPeriod) -> Season {
    let (part, parts) = period.parts();
    let whole = part.as_nanos() * i64::try_from(parts).unwrap_or(i64::MAX);
    let periods = series.end().as_nanos() / whole;
    let Some(count) = usize::try_from(periods).ok().filter(|count| *count >= 2) else {
        let periods = series.end().as_seconds() / SimDuration::from_nanos(whole).as_seconds();
        return Season::TooShort { periods };
    };
    let longest = series.steps().enumerate();
    let longest = longest.filter(|(index, _)| !series.is_gap(*index));
    if longest.map(|(_, step)| step.length()).max() > Some(part) {
        return Season::TooCoarse;
    }
    let cells = cells(series, part, count * parts);
    let rows: Vec<&[Option<f64>]> = cells
        .chunks(parts)
        .filter(|row| row.iter().flatten().count() * 2 > parts)
        .collect();
    let course: Option<Vec<f64>> = (0..parts).map(|at| common(&rows, at)).collect();
    match course {
        Some(course) if rows.len() >= 2 => strength(&rows, &course, part),
        _ => Season::TooManyGaps,
    }
}

/// The mean of each part of the time, where at least half of it was recorded.
fn cells(series: &Series, part: SimDuration, count: usize) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); count];
    let mut gaps = series.gaps().iter().copied().peekable();
    for (index, step) in series.steps().enumerate() {
        if gaps.next_if_eq(&index).is_some() {
            continue;
        }
        let mut from = step.start;
        while from < step.end {
            let cell = from.as_nanos() / part.as_nanos();
            let end = SimTime::from_nanos((cell + 1).saturating_mul(part.as_nanos()));
            let to = step.end.min(end);
            if let Some((sum, time)) = usize::try_from(cell).ok().and_then(|at| sums.get_mut(at)) {
                *sum += step.value * (to - from).as_seconds();
                *time += (to - from).as_seconds();
            }
            from = to;
        }
    }
    let half = part.as_seconds() / 2.0;
    sums.into_iter()
        .map(|(sum, time)| (time >= half).then(|| sum / time))
        .collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count().max(1) as f64
}

/// What a row's numbers are above its own mean.
fn above_mean(row: &[Option<f64>]) -> impl Iterator<Item = Option<f64>> + '_ {
    let own = mean(row.iter().flatten().copied());
    row.iter().map(move |cell| cell.map(|value| value - own))
}

/// The mean of all rows at one place, each less its own mean; `None` where no row has it.
fn common(rows: &[&[Option<f64>]], at: usize) -> Option<f64> {
    let values: Vec<f64> = rows
        .iter()
        .filter_map(|row| above_mean(row).nth(at)?)
        .collect();
    (!values.is_empty()).then(|| mean(values.into_iter()))
}

fn strength(rows: &[&[Option<f64>]], course: &[f64], part: SimDuration) -> Season {
    let (mut total, mut residual, mut size) = (0.0, 0.0, 0.0);
    for row in rows {
        for (value, expected) in above_mean(row).zip(course) {
            let Some(value) = value else { continue };
            total += value * value;
            residual += (value - expected) * (value - expected);
        }
        size += row.iter().flatten().map(|value| value * value).sum::<f64>();
    }
    // What rounding leaves of equal numbers is no variance.
    if total <= size * 1e-18 {
        return Season::Level;
    }
    let periods = rows.len() as f64;
    let share = 1.0 - residual / total * (periods / (periods - 1.0));
    let highest = course
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(at, _)| at);
    Season::Strength {
        share: share.clamp(0.0, 1.0),
        periods: rows.len(),
        highest_at: part * i64::try_from(highest).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SimDuration = SimDuration::from_seconds(3_600);

    fn hours(count: usize, value: impl Fn(usize) -> f64) -> Series {
        Series::evenly_spaced(HOUR, (0..count).map(value).collect(), Vec::new())
    }

    #[track_caller]
    fn check(series: &Series, period: SeasonPeriod, at_least: f64, at_most: f64, highest: i64) {
        let Season::Strength {
            share, highest_at, ..
        } = season(series, period)
        else {
            panic!("{:?}", season(series, period));
        };
        assert!((at_least..=at_most).contains(&share), "{share}");
        assert!(highest < 0 || highest_at == HOUR * highest, "{highest_at}");
    }

    #[test]
    fn days_that_are_alike_are_found_and_growth_does_not_hide_them() {
        let day = |hour: usize| if hour % 24 == 14 { 10.0 } else { 1.0 };
        check(&hours(24 * 3, day), SeasonPeriod::Day, 0.999, 1.0, 14);
        let grows = |hour: usize| day(hour) + 100.0 * (hour / 24) as f64;
        check(&hours(24 * 5, grows), SeasonPeriod::Day, 0.999, 1.0, 14);
    }

    #[test]
    fn noise_is_no_season() {
        let noise = |hour: usize| ((hour * 7_919 + 13) % 1_009) as f64;
        check(&hours(24 * 20, noise), SeasonPeriod::Day, 0.0, 0.15, -1);
    }

    #[test]
    fn weekdays_are_a_week_and_no_day() {
        let week = |hour: usize| if (hour / 24) % 7 < 5 { 8.0 } else { 2.0 };
        let series = hours(24 * 7 * 3, week);
        check(&series, SeasonPeriod::Week, 0.999, 1.0, -1);
        assert_eq!(season(&series, SeasonPeriod::Day), Season::Level);
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let short = season(&hours(36, |_| 1.0), SeasonPeriod::Day);
        assert_eq!(short, Season::TooShort { periods: 1.5 });
        let steady = season(&hours(96, |_| 0.1), SeasonPeriod::Day);
        assert_eq!(steady, Season::Level);
        let coarse = Series::evenly_spaced(HOUR * 2, vec![1.0; 48], Vec::new());
        assert_eq!(season(&coarse, SeasonPeriod::Day), Season::TooCoarse);
        let holes = Series::evenly_spaced(HOUR, vec![1.0; 48], (12..40).collect());
        assert_eq!(season(&holes, SeasonPeriod::Day), Season::TooManyGaps);
    }
}
