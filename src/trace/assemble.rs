//! Makes a trace of raw columns: order, unit, duplicates, counters, steps, holes.

use super::cadence::Cadence;
use super::error::{listed, quoted};
use super::gaps::{CountsOrRates, Filled, Holes, Samples, fill};
use super::infer::{Counter, choose_unit};
use super::merge::{merge_duplicates, rates_of_counter};
use super::names::{Meaning, holds_from_start};
use super::raw::{Columns, RawTrace, Subject};
use super::{
    EventTimes, GapFill, ReadOptions, Series, StepsEnd, TimeBase, Trace, TraceNote, TraceProblem,
    TraceUnit, UnitChoice, UnitSource,
};
use crate::units::SimDuration;

/// The longest time a trace may span; a stray time of another unit or of 1970 makes more.
const MAX_YEARS: i64 = 20;
const NANOS_PER_YEAR: i64 = 365 * 86_400 * 1_000_000_000;

/// The most steps that an event log is counted into.
const MAX_BINS: usize = 10_000_000;

/// Makes a trace of raw columns.
pub(crate) fn assemble(
    name: &str,
    raw: RawTrace,
    options: &ReadOptions,
) -> Result<Trace, TraceProblem> {
    let RawTrace {
        base,
        mut columns,
        subject,
        mut notes,
    } = raw;
    if columns.times.is_empty() {
        return Err(TraceProblem::NoSamples);
    }
    if columns.out_of_order > 0 {
        notes.push(TraceNote::OutOfOrder {
            rows: columns.out_of_order,
            first_line: columns.first_out_of_order,
        });
        columns.sort();
    }
    apply_step_lengths(&mut columns, &mut notes);
    let (Some(first), Some(last)) = (
        columns.times.first().copied(),
        columns.times.last().copied(),
    ) else {
        return Err(TraceProblem::NoSamples);
    };
    let span = last.checked_sub(first).unwrap_or(i64::MAX);
    if span > MAX_YEARS * NANOS_PER_YEAR {
        return Err(TraceProblem::SpanTooLong {
            years: span / NANOS_PER_YEAR,
        });
    }
    let cadence = Cadence::of(&columns.times);
    let made = if holds_events(&subject, &columns, cadence, options) {
        count_events(columns, &subject, options, &mut notes)?
    } else {
        level_series(name, columns, &subject, cadence, options, &mut notes)?
    };
    let end = made.series.end().as_nanos();
    if end > 2 * MAX_YEARS * NANOS_PER_YEAR {
        // Only a column of step lengths can say so much more than the times do.
        return Err(TraceProblem::SpanTooLong {
            years: end / NANOS_PER_YEAR,
        });
    }
    if made.series.peak() <= 0.0 {
        return Err(TraceProblem::AllZero);
    }
    let start = match base {
        TimeBase::Epoch => jiff::Timestamp::from_nanosecond(i128::from(first)).ok(),
        TimeBase::Unknown => None,
    };
    Ok(Trace {
        name: name.to_owned(),
        format: None,
        start,
        begins: SimDuration::from_nanos(first),
        series: made.series,
        columns: made.columns,
        unit: made.unit,
        events: made.events,
        notes,
    })
}

struct Made {
    series: Series,
    columns: Vec<(String, Series)>,
    unit: UnitChoice,
    events: Option<EventTimes>,
}

/// If a column says how long each step lasts, finds out which end of its step a time marks and moves it to the start.
fn apply_step_lengths(columns: &mut Columns, notes: &mut Vec<TraceNote>) {
    if columns.lengths.is_empty() {
        return;
    }
    // The distance to the neighbour on the covered side is the length itself, give or take a second of jitter.
    let near = |distance: i64, length: i64| (distance - length).abs() <= length / 20;
    let (mut before, mut after) = (0_usize, 0_usize);
    for (pair, lengths) in columns.times.windows(2).zip(columns.lengths.windows(2)) {
        let distance = pair[1].saturating_sub(pair[0]);
        after += usize::from(near(distance, lengths[0]));
        before += usize::from(near(distance, lengths[1]));
    }
    let end = if before > after && !holds_from_start(&columns.length_name) {
        StepsEnd::Finish
    } else {
        StepsEnd::Start
    };
    if end == StepsEnd::Finish {
        for (time, length) in columns.times.iter_mut().zip(&columns.lengths) {
            *time = time.saturating_sub(*length);
        }
        columns.sort();
    }
    notes.push(TraceNote::StepLengths {
        column: quoted(&columns.length_name),
        end,
    });
}

/// Whether each row is one request.
fn holds_events(
    subject: &Subject,
    columns: &Columns,
    cadence: Option<Cadence>,
    options: &ReadOptions,
) -> bool {
    match (options.unit, subject) {
        (Some(TraceUnit::Events), _) | (None, Subject::TimesOnly | Subject::Requests { .. }) => {
            return true;
        }
        (None, Subject::Rows { .. }) => {}
        (None, Subject::Named { meaning, .. }) if *meaning == Meaning::Unknown => {}
        _ => return false,
    }
    let Some(cadence) = cadence else {
        return false;
    };
    let rows = columns.times.len();
    let span = columns.times[rows - 1].saturating_sub(columns.times[0]);
    // A log worth counting has more than one row in the average step.
    let mean_distance = span / i64::try_from(rows).unwrap_or(i64::MAX);
    let is_dense = mean_distance <= options.event_bin.as_nanos();
    let distinct = 1 + columns
        .times
        .windows(2)
        .filter(|pair| pair[0] < pair[1])
        .count();
    is_dense && (cadence.is_event_like() || distinct * 2 < rows)
}

/// Counts the rows in each step from the first row on.
fn count_events(
    columns: Columns,
    subject: &Subject,
    options: &ReadOptions,
    notes: &mut Vec<TraceNote>,
) -> Result<Made, TraceProblem> {
    let bin = options.event_bin.as_nanos();
    let first = columns.times.first().copied().unwrap_or(0);
    let last = columns.times.last().copied().unwrap_or(0);
    let steps = (last - first) / bin + 1;
    let Some(length) = usize::try_from(steps)
        .ok()
        .filter(|length| *length <= MAX_BINS)
    else {
        return Err(TraceProblem::TooManyBins {
            bin: options.event_bin.to_string(),
            steps,
            most: MAX_BINS,
        });
    };
    let bin_of = |time: i64| usize::try_from((time - first) / bin).unwrap_or(0);
    let mut counts = vec![0.0; length];
    for time in &columns.times {
        counts[bin_of(*time)] += 1.0;
    }
    let sums = columns.extras.into_iter().map(|(name, column)| {
        let mut sums = vec![0.0; length];
        let mut numbers = vec![0.0; length];
        for (time, value) in columns.times.iter().zip(column) {
            if !value.is_nan() {
                sums[bin_of(*time)] += value;
                numbers[bin_of(*time)] += 1.0;
            }
        }
        if matches!(subject, Subject::Requests { .. }) {
            // How long requests took is averaged; what their rows amount to adds up.
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum /= f64::max(number, 1.0);
            }
        }
        (
            name,
            Series::evenly_spaced(options.event_bin, sums, Vec::new()),
        )
    });
    let columns_by_name = sums.collect();
    notes.push(TraceNote::EventsCounted {
        rows: columns.times.len(),
        bin: options.event_bin,
    });
    let source = match (options.unit, subject) {
        (Some(_), _) => UnitSource::Chosen,
        (None, Subject::Requests { because }) => UnitSource::Inferred {
            because: because.clone(),
        },
        (None, Subject::TimesOnly) => UnitSource::Inferred {
            because: "there is nothing but times".to_owned(),
        },
        (None, _) => UnitSource::Inferred {
            because: "times are scattered and no column is named like a load".to_owned(),
        },
    };
    Ok(Made {
        series: Series::evenly_spaced(options.event_bin, counts, Vec::new()),
        columns: columns_by_name,
        unit: UnitChoice {
            unit: TraceUnit::Events,
            source,
        },
        events: Some(EventTimes::of_rows(columns.times)),
    })
}

/// Makes steps of samples.
fn level_series(
    file: &str,
    mut columns: Columns,
    subject: &Subject,
    cadence: Option<Cadence>,
    options: &ReadOptions,
    notes: &mut Vec<TraceNote>,
) -> Result<Made, TraceProblem> {
    if columns.values.is_empty() {
        return Err(match subject {
            Subject::Rows { candidates, all } if candidates.is_empty() => {
                TraceProblem::NoValueColumn {
                    columns: all.clone(),
                }
            }
            Subject::Rows { candidates, .. } => TraceProblem::AmbiguousColumn {
                columns: listed(candidates.iter().map(String::as_str)),
            },
            _ => TraceProblem::NoSamples,
        });
    }
    let known = columns.lengths.first().copied();
    let step = match (cadence, options.step, known.filter(|length| *length > 0)) {
        (Some(cadence), _, _) => cadence.step,
        (None, Some(step), _) => step.as_nanos(),
        (None, None, Some(length)) => length,
        (None, None, None) => return Err(TraceProblem::OneSample),
    };
    let is_irregular = cadence.is_some_and(|cadence| cadence.is_irregular());
    let (unit, counter) = choose_unit(file, subject, &columns.values, is_irregular, options);
    merge_duplicates(&mut columns, unit.unit, notes);
    if counter == Counter::Yes {
        let resets = rates_of_counter(&mut columns);
        notes.push(TraceNote::CounterDifferenced { resets });
        if columns.times.is_empty() {
            return Err(TraceProblem::OneSample);
        }
    }
    let irregular_note = cadence.filter(|_| is_irregular && columns.lengths.is_empty());
    if let Some(cadence) = irregular_note {
        notes.push(TraceNote::IrregularSteps {
            median: SimDuration::from_nanos(cadence.median),
        });
        notes.push(TraceNote::LastStepAssumed(SimDuration::from_nanos(step)));
    }
    let kind = if unit.unit.is_count() {
        CountsOrRates::Counts
    } else {
        CountsOrRates::Rates
    };
    let gap_fill = match (counter, options.gaps, kind) {
        // A counter's rate over a hole is known: it is that of the step before the hole.
        (Counter::Yes, _, _) | (Counter::No, None, CountsOrRates::Rates) => GapFill::Hold,
        (Counter::No, Some(fill), _) => fill,
        (Counter::No, None, CountsOrRates::Counts) => GapFill::Zero,
    };
    let (names, extras) = columns.extras.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    let Filled {
        series,
        extras,
        total,
        longest,
    } = fill(
        Samples {
            times: columns.times,
            values: columns.values,
            extras,
            lengths: columns.lengths,
            step,
        },
        Holes::filled(gap_fill, kind),
    );
    if !series.gaps().is_empty() {
        notes.push(TraceNote::GapsFilled {
            gaps: series.gaps().len(),
            total,
            longest,
            fill: gap_fill,
        });
    }
    Ok(Made {
        series,
        columns: names.into_iter().zip(extras).collect(),
        unit,
        events: None,
    })
}
