//! Makes one row of those that share a time, and rates of counters.

use super::raw::Columns;
use super::{Merge, TraceNote, TraceUnit};
use crate::units::SimDuration;

/// Merges rows of one time: counts add up, levels are averaged.
pub(super) fn merge_duplicates(columns: &mut Columns, unit: TraceUnit, notes: &mut Vec<TraceNote>) {
    let duplicates = columns
        .times
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .count();
    if duplicates == 0 {
        return;
    }
    let how = if unit.is_count() {
        Merge::Sum
    } else {
        Merge::Mean
    };
    let times = std::mem::take(&mut columns.times);
    merge_column(&times, &mut columns.values, how);
    for (_, column) in &mut columns.extras {
        merge_column(&times, column, Merge::Mean);
    }
    if !columns.lengths.is_empty() {
        let mut rows = times.iter().zip(&columns.lengths).peekable();
        let mut merged = Vec::new();
        while let Some((time, length)) = rows.next() {
            if rows.peek().is_none_or(|(next, _)| *next != time) {
                merged.push(*length);
            }
        }
        columns.lengths = merged;
    }
    columns.times = times;
    columns.times.dedup();
    notes.push(TraceNote::DuplicatesMerged {
        rows: duplicates,
        how,
    });
}

fn merge_column(times: &[i64], column: &mut Vec<f64>, how: Merge) {
    let mut to = 0;
    let mut from = 0;
    while from < times.len() {
        let (mut sum, mut count) = (0.0, 0_u32);
        let time = times[from];
        while from < times.len() && times[from] == time {
            if !column[from].is_nan() {
                sum += column[from];
                count += 1;
            }
            from += 1;
        }
        column[to] = match how {
            _ if count == 0 => f64::NAN,
            Merge::Sum => sum,
            Merge::Mean => sum / f64::from(count),
        };
        to += 1;
    }
    column.truncate(to);
}

/// Turns a counter into its increase per second between one sample and the next; returns how often it was reset.
pub(super) fn rates_of_counter(columns: &mut Columns) -> usize {
    let resets = counter_rates(&columns.times, &mut columns.values);
    columns.times.pop();
    columns.lengths.clear();
    for (_, column) in &mut columns.extras {
        column.pop();
    }
    resets
}

/// Turns a counter into its increase per second; there is one value fewer than times. After a reset the counter has
/// grown from zero, as Prometheus' `rate` assumes. Returns how often it was reset.
pub(super) fn counter_rates(times: &[i64], values: &mut Vec<f64>) -> usize {
    let mut resets = 0;
    for row in 1..values.len() {
        let (before, now) = (values[row - 1], values[row]);
        let increase = if now >= before {
            now - before
        } else {
            resets += 1;
            now
        };
        let seconds = SimDuration::from_nanos(times[row] - times[row - 1]).as_seconds();
        values[row - 1] = increase / seconds;
    }
    values.pop();
    resets
}
