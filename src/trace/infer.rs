//! Infers what a trace's numbers mean: from the caller, the cells, the name above them, the file's path, the values.

use super::error::quoted;
use super::names::{self, Meaning};
use super::raw::Subject;
use super::{ReadOptions, TraceUnit, UnitChoice, UnitSource};

/// Whether values are a counter that is yet to be turned into a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counter {
    Yes,
    No,
}

/// The unit, and whether the values are a counter that is yet to be turned into a rate.
pub(super) fn choose_unit(
    file: &str,
    subject: &Subject,
    values: &[f64],
    is_irregular: bool,
    options: &ReadOptions,
) -> (UnitChoice, Counter) {
    if let Some(unit) = options.unit {
        let (unit, counter) = match unit {
            TraceUnit::Counter if matches!(subject, Subject::Differenced { .. }) => {
                (TraceUnit::RequestsPerSecond, Counter::No)
            }
            TraceUnit::Counter => (TraceUnit::RequestsPerSecond, Counter::Yes),
            other => (other, Counter::No),
        };
        let source = UnitSource::Chosen;
        return (UnitChoice { unit, source }, counter);
    }
    let inferred = |unit, because, counter| {
        let source = UnitSource::Inferred { because };
        (UnitChoice { unit, source }, counter)
    };
    let (kind, name, meaning) = match subject {
        Subject::Stated { unit, because } | Subject::Differenced { unit, because } => {
            return inferred(*unit, because.clone(), Counter::No);
        }
        Subject::Named {
            kind,
            name,
            meaning,
        } => (*kind, name.as_str(), *meaning),
        Subject::Rows { .. } | Subject::Requests { .. } | Subject::TimesOnly => {
            ("column", "", Meaning::Unknown)
        }
    };
    if let Some((unit, why, counter)) = unit_of(meaning, values) {
        let because = format!("the {kind} is named {}{why}", quoted(name));
        return inferred(unit, because, counter);
    }
    let of_file = file_words(file)
        .into_iter()
        // A file named after the query that it answers does not count queries.
        .filter(|part| kind != "metric" || !part.contains("query"))
        .find_map(|part| Some((unit_of(names::meaning(part), values)?, part)));
    if let Some(((unit, why, counter), part)) = of_file {
        let because = format!("the file's path says {}{why}", quoted(part));
        return inferred(unit, because, counter);
    }
    let unnamed = format!("nothing says what {} is", quoted(name));
    if kind == "metric" {
        let because = "a range query without a telling name is most often a rate".to_owned();
        inferred(TraceUnit::RequestsPerSecond, because, Counter::No)
    } else if is_irregular {
        let because = format!("{unnamed} and uneven steps do not suit a count");
        inferred(TraceUnit::RequestsPerSecond, because, Counter::No)
    } else {
        let because = format!("{unnamed} and a count per step is commonest");
        inferred(TraceUnit::CountPerStep, because, Counter::No)
    }
}

/// What a name's meaning says about its values; the text completes "the column is named …".
fn unit_of(meaning: Meaning, values: &[f64]) -> Option<(TraceUnit, &'static str, Counter)> {
    let peak = || values.iter().copied().fold(0.0, f64::max);
    let plain = |unit| Some((unit, "", Counter::No));
    match meaning {
        Meaning::RequestsPerSecond => plain(TraceUnit::RequestsPerSecond),
        Meaning::RequestsPerMinute => plain(TraceUnit::RequestsPerMinute),
        Meaning::CountPerStep => plain(TraceUnit::CountPerStep),
        Meaning::Counter if is_counter(values) => Some((
            TraceUnit::RequestsPerSecond,
            ", so its increase is the rate",
            Counter::Yes,
        )),
        Meaning::Counter => Some((
            TraceUnit::CountPerStep,
            " but values fall too often for a counter",
            Counter::No,
        )),
        Meaning::CpuSecondsCounter => Some((
            TraceUnit::Cores,
            " and its increase per second is cores",
            Counter::Yes,
        )),
        Meaning::Cores | Meaning::MaybeCores => plain(TraceUnit::Cores),
        Meaning::MilliCores => plain(TraceUnit::MilliCores),
        Meaning::Percent => plain(TraceUnit::Percent),
        Meaning::Fraction => plain(TraceUnit::Fraction),
        Meaning::Utilization if peak() <= 1.0 => {
            Some((TraceUnit::Fraction, " and no value exceeds 1", Counter::No))
        }
        Meaning::Utilization => Some((TraceUnit::Percent, " and values exceed 1", Counter::No)),
        Meaning::Cpu if peak() <= 100.0 => {
            Some((TraceUnit::Percent, " and no value exceeds 100", Counter::No))
        }
        Meaning::Cpu => Some((TraceUnit::MilliCores, " and values exceed 100", Counter::No)),
        Meaning::Megahertz
        | Meaning::MegahertzCapacity
        | Meaning::Bare
        | Meaning::StepLength(_)
        | Meaning::NotLoad
        | Meaning::Unknown => None,
    }
}

/// Whether values only grow, but for a restart now and then, or for many that each begin again far below: one that
/// restarts all the time grows more often than it falls all the same, which a gauge does not.
pub(super) fn is_counter(values: &[f64]) -> bool {
    let count = |is_such: fn(f64, f64) -> bool| {
        let pairs = values.windows(2);
        pairs.filter(|pair| is_such(pair[0], pair[1])).count()
    };
    let falls = count(|before, after| after < before);
    let little_falls = count(|before, after| after < before && after > before / 2.0);
    let rises = count(|before, after| after > before);
    falls * 20 <= values.len() || (little_falls * 20 <= values.len() && rises > 2 * falls)
}

/// The parts of a path that may tell a unit: the file's name without its endings, then its folder.
fn file_words(file: &str) -> Vec<&str> {
    let mut parts = file.rsplit(['/', '\\']);
    let stem = parts.next().and_then(|last| last.split('.').next());
    stem.into_iter().chain(parts.next()).collect()
}
