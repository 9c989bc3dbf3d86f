//! What was decided while a trace was read, for the caller to show.

use std::fmt;

use super::GapFill;
use crate::units::SimDuration;

/// One thing that was decided, assumed or repaired while a trace was read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TraceNote {
    /// The file has no header row.
    NoHeader,
    /// A column was taken as the times.
    TimeColumn {
        /// Its name.
        column: String,
        /// The form of its times.
        form: &'static str,
    },
    /// A column was taken as the load.
    ValueColumn {
        /// Its name.
        column: String,
        /// Other columns that look like a load.
        others: Vec<String>,
    },
    /// The file has no times; its rows were taken to be this far apart.
    TimesFromStep(SimDuration),
    /// Times without an offset were taken as UTC.
    AssumedUtc,
    /// Commas in numbers were taken as decimal points.
    DecimalComma,
    /// Rows were out of order and have been sorted.
    OutOfOrder {
        /// Rows earlier than one before them.
        rows: u64,
        /// The first such row's line; unknown in JSON.
        first_line: Option<u64>,
    },
    /// Rows with the same time were merged.
    DuplicatesMerged {
        /// Rows that went into others.
        rows: usize,
        /// How.
        how: Merge,
    },
    /// Rows without a number were left out.
    MissingValues {
        /// How many.
        rows: u64,
    },
    /// Rows that cannot be read were skipped, as the caller asked.
    BadRowsSkipped {
        /// How many.
        rows: u64,
        /// The first one's line.
        first_line: Option<u64>,
    },
    /// The header came again between the rows and was skipped.
    RepeatedHeader {
        /// How often.
        rows: u64,
    },
    /// A column with the length of each step said what the times mean.
    StepLengths {
        /// The column.
        column: String,
        /// Which end of its step a time marks.
        end: StepsEnd,
    },
    /// Holes in the recording were filled.
    GapsFilled {
        /// How many.
        gaps: usize,
        /// Their time together.
        total: SimDuration,
        /// The longest one's time.
        longest: SimDuration,
        /// With what.
        fill: GapFill,
    },
    /// The samples are not evenly spaced.
    IrregularSteps {
        /// The median distance.
        median: SimDuration,
    },
    /// The last sample was taken to hold this long.
    LastStepAssumed(SimDuration),
    /// Rows of an event log were counted.
    EventsCounted {
        /// How many rows.
        rows: usize,
        /// Per which step.
        bin: SimDuration,
    },
    /// A counter was turned into its increase.
    CounterDifferenced {
        /// How often it started again from zero.
        resets: usize,
    },
    /// Samples have a time and no number, and stay as such.
    NumbersMissing {
        /// How many.
        samples: u64,
    },
    /// Samples of one series at one time were merged.
    SameTimesMerged {
        /// Samples that went into others.
        samples: usize,
    },
    /// Local times went back or on by an hour where summer time ends or begins, which was undone.
    ClockChanges {
        /// How often.
        changes: usize,
    },
    /// Samples of an exposition had no times and were left out.
    UntimedSamples {
        /// How many.
        samples: u64,
        /// The first one's line.
        first_line: Option<u64>,
    },
    /// OpenMetrics text lacks the `# EOF` that it should end in.
    NoEnd,
    /// The answer has further pages that are not in the file.
    MorePages,
    /// The service gave a part of the data only.
    PartialData {
        /// Of which series.
        series: String,
    },
    /// Numbers without a unit were taken as lengths of time in this unit.
    LatencyUnit(&'static str),
    /// Which keys of log lines were read.
    LogKeys {
        /// The key of the time.
        time: String,
        /// The key of how long a request took, and the unit of its bare numbers.
        latency: Option<(String, &'static str)>,
    },
    /// The server that answered the query had something to say.
    ServerWarning(String),
    /// Several series were added up.
    SeriesSummed {
        /// How many.
        series: usize,
        /// Of which metric; empty when the series have no name.
        metric: String,
    },
}

/// How rows with the same time were merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Added up: parts of one step's count.
    Sum,
    /// Averaged: readings of one quantity.
    Mean,
}

/// Which end of its step a time marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepsEnd {
    /// The time marks the beginning.
    Start,
    /// The time marks the end.
    Finish,
}

/// A count and its noun.
struct Counted(u64, &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

/// A span in its two largest units, as `27h 1m`; below a minute in seconds.
struct Span(SimDuration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, char); 4] = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
        let seconds = self.0.as_nanos() / 1_000_000_000;
        let Some(largest) = UNITS[..3].iter().position(|(unit, _)| seconds >= *unit) else {
            return self.0.fmt(f);
        };
        let [(unit, letter), (small_unit, small_letter)] = [UNITS[largest], UNITS[largest + 1]];
        write!(f, "{}{letter}", seconds / unit)?;
        match seconds % unit / small_unit {
            0 => Ok(()),
            rest => write!(f, " {rest}{small_letter}"),
        }
    }
}

fn counted(count: usize, noun: &'static str) -> Counted {
    Counted(count as u64, noun)
}

fn from_line(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", the first in line {line}"))
}

impl fmt::Display for TraceNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader => f.write_str("there is no header row"),
            Self::TimeColumn { column, form } => write!(f, "{column} holds {form}"),
            Self::ValueColumn { column, others } => {
                write!(f, "the load is {column}")?;
                if !others.is_empty() {
                    write!(f, ", though {} would do too", others.join(", "))?;
                }
                Ok(())
            }
            Self::TimesFromStep(step) => {
                write!(f, "there are no times; rows are {} apart", Span(*step))
            }
            Self::AssumedUtc => f.write_str("times have no offset and were taken as UTC"),
            Self::DecimalComma => f.write_str("commas in numbers were taken as decimal points"),
            Self::OutOfOrder { rows, first_line } => {
                let rows = Counted(*rows, "row");
                write!(
                    f,
                    "{rows} out of order{}; sorted by time",
                    from_line(*first_line)
                )
            }
            Self::DuplicatesMerged { rows, how } => {
                let how = match how {
                    Merge::Sum => "added to",
                    Merge::Mean => "averaged with",
                };
                let rows = counted(*rows, "row");
                write!(f, "{rows} with the time of another {how} it")
            }
            Self::MissingValues { rows } => {
                write!(f, "{} without a number left out", Counted(*rows, "sample"))
            }
            Self::BadRowsSkipped { rows, first_line } => {
                let rows = Counted(*rows, "unreadable row");
                write!(f, "{rows} skipped{}", from_line(*first_line))
            }
            Self::RepeatedHeader { rows } => {
                write!(f, "{} skipped", Counted(*rows, "repeated header row"))
            }
            Self::StepLengths { column, end } => {
                let end = match end {
                    StepsEnd::Start => "beginning",
                    StepsEnd::Finish => "end",
                };
                write!(
                    f,
                    "steps last as long as {column} says; a time marks a step's {end}"
                )
            }
            Self::GapsFilled {
                gaps,
                total,
                longest,
                fill,
            } => {
                let fill = match fill {
                    GapFill::Hold => "the last value before each",
                    GapFill::Zero => "zero",
                };
                let (gaps, total, longest) = (counted(*gaps, "gap"), Span(*total), Span(*longest));
                write!(
                    f,
                    "{gaps} of {total} in all, the longest {longest}, filled with {fill}"
                )
            }
            Self::IrregularSteps { median } => {
                write!(
                    f,
                    "samples are unevenly spaced, {} apart in the median",
                    Span(*median)
                )
            }
            Self::LastStepAssumed(length) => {
                write!(
                    f,
                    "the last sample was taken to hold for {}, as the others do",
                    Span(*length)
                )
            }
            Self::EventsCounted { rows, bin } => {
                write!(f, "{} counted per {}", counted(*rows, "row"), Span(*bin))
            }
            Self::ClockChanges { .. }
            | Self::CounterDifferenced { .. }
            | Self::UntimedSamples { .. }
            | Self::NoEnd
            | Self::MorePages
            | Self::PartialData { .. }
            | Self::LatencyUnit(_)
            | Self::LogKeys { .. }
            | Self::NumbersMissing { .. }
            | Self::SameTimesMerged { .. }
            | Self::ServerWarning(_)
            | Self::SeriesSummed { .. } => self.fmt_of_format(f),
        }
    }
}

impl TraceNote {
    /// Writes the notes that only some formats call for.
    fn fmt_of_format(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockChanges { changes } => {
                let changes = counted(*changes, "change");
                write!(f, "{changes} of the clock by an hour (summer time) undone")
            }
            Self::CounterDifferenced { resets } => {
                f.write_str("the counter was turned into its increase per step")?;
                if *resets > 0 {
                    write!(f, ", over {}", counted(*resets, "reset"))?;
                }
                Ok(())
            }
            Self::UntimedSamples {
                samples,
                first_line,
            } => {
                let samples = Counted(*samples, "sample");
                let from = from_line(*first_line);
                write!(f, "{samples} without a time left out{from}")
            }
            Self::NoEnd => f.write_str("the text does not end in `# EOF` and may be cut off"),
            Self::MorePages => {
                f.write_str("the answer has further pages, which are not in the file")
            }
            Self::PartialData { series } => {
                write!(f, "{series} is partial data, as the service says itself")
            }
            Self::LatencyUnit(unit) => {
                write!(f, "how long requests took was taken to be in {unit}")
            }
            Self::LogKeys { time, latency } => {
                write!(f, "requests come at {time}")?;
                match latency {
                    Some((key, unit)) => write!(f, " and take {key} (bare numbers: {unit})"),
                    None => Ok(()),
                }
            }
            Self::NumbersMissing { samples } => {
                let samples = Counted(*samples, "sample");
                write!(f, "{samples} without a number, kept as gaps")
            }
            Self::SameTimesMerged { samples } => {
                let samples = counted(*samples, "sample");
                write!(
                    f,
                    "{samples} with the time of another of its series merged with it"
                )
            }
            Self::ServerWarning(text) => write!(f, "the server warned: {text}"),
            Self::SeriesSummed { series, metric } => {
                write!(f, "{series} series ")?;
                if !metric.is_empty() {
                    write!(f, "of {metric} ")?;
                }
                f.write_str("added up")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(note: &TraceNote, expected: &str) {
        assert_eq!(note.to_string(), expected);
    }

    #[test]
    fn a_note_is_one_sentence_with_units() {
        let fill = GapFill::Hold;
        let (total, longest) = (
            SimDuration::from_seconds(3_135_240),
            SimDuration::from_seconds(97_260),
        );
        check(
            &TraceNote::GapsFilled {
                gaps: 735,
                total,
                longest,
                fill,
            },
            "735 gaps of 36d 6h in all, the longest 1d 3h, filled with the last value before each",
        );
        check(
            &TraceNote::EventsCounted {
                rows: 1,
                bin: SimDuration::from_seconds(15),
            },
            "1 row counted per 15s",
        );
        check(
            &TraceNote::OutOfOrder {
                rows: 2,
                first_line: Some(4),
            },
            "2 rows out of order, the first in line 4; sorted by time",
        );
        check(
            &TraceNote::LastStepAssumed(SimDuration::from_seconds(60)),
            "the last sample was taken to hold for 1m, as the others do",
        );
        check(
            &TraceNote::TimesFromStep(SimDuration::from_millis(500)),
            "there are no times; rows are 0.5s apart",
        );
        let metric = "`rps`".to_owned();
        check(
            &TraceNote::SeriesSummed { series: 3, metric },
            "3 series of `rps` added up",
        );
    }
}
