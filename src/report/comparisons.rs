//! What a comparison of variants shows: one list for every format.

use super::figure::Figure;
use super::figures::figure_of;
use super::format::Unit;
use super::input::Report;
use super::sentences::Escape;
use crate::analysis::{BackendComparison, DifferenceCard, VariantCard, Varied};
use crate::stats::Band;

/// What the scenario as it is is called beside its variants.
pub(crate) const AS_IT_IS: &str = "as it is";

/// The figures that are compared in machine-readable output.
const FIGURES: &[&str] = &[
    "badRequestsPercent",
    "lateRequestsPercent",
    "timedOutRequestsPercent",
    "refusedRequestsPercent",
    "failedRequestsPercent",
    "latencyMeanSeconds",
    "latencyP50Seconds",
    "latencyP95Seconds",
    "latencyP99Seconds",
    "latencyMaxSeconds",
    "retries",
    "loadShareCv",
    "busiestOverMean",
    "lagP95Seconds",
];

/// The figures that are compared between balancing strategies, and what they are called there. Those that nobody knows
/// are left out.
const OF_BALANCING: &[(&str, &str)] = &[
    ("latencyMeanSeconds", "mean"),
    ("latencyP50Seconds", "p50"),
    ("latencyP95Seconds", "p95"),
    ("latencyP99Seconds", "p99"),
    ("latencyMaxSeconds", "max"),
    ("badRequestsPercent", "bad"),
    ("lateRequestsPercent", "late"),
    ("timedOutRequestsPercent", "timed out"),
    ("refusedRequestsPercent", "refused"),
    ("loadShareCv", "load, CV"),
    ("busiestOverMean", "busiest/mean"),
];

/// A difference between a variant and the baseline, and the figure that differs.
pub(crate) struct Difference {
    /// Its name in machine-readable output.
    pub(crate) key: &'static str,
    /// The key of the figure that differs.
    pub(crate) of: &'static str,
    /// The figure's name for people.
    pub(crate) label: &'static str,
    /// What the difference counts.
    pub(crate) unit: Unit,
    /// Takes it from the card.
    read: fn(&DifferenceCard) -> Band,
}

impl Difference {
    /// The difference of one variant.
    pub(crate) fn of(&self, card: &DifferenceCard) -> Band {
        (self.read)(card)
    }
}

/// The differences, in the order in which optimizations are ranked by them.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        key: "badRequestsDifferencePercentagePoints",
        of: "badRequestsPercent",
        label: "bad",
        unit: Unit::PercentagePoints,
        read: |card| card.bad_points,
    },
    Difference {
        key: "lagP95DifferenceSeconds",
        of: "lagP95Seconds",
        label: "lag p95",
        unit: Unit::Seconds,
        read: |card| card.lag_p95,
    },
    Difference {
        key: "latencyP99DifferenceSeconds",
        of: "latencyP99Seconds",
        label: "p99",
        unit: Unit::Seconds,
        read: |card| card.p99,
    },
];

/// The figures that are compared.
pub(crate) fn compared_figures() -> impl Iterator<Item = &'static Figure> {
    FIGURES.iter().filter_map(|key| figure_of(key))
}

/// The figures of a table of balancing strategies with what they are called there, without those that nobody knows.
pub(crate) fn balancing_figures(
    comparison: &BackendComparison,
) -> Vec<(&'static str, &'static Figure)> {
    let figures = OF_BALANCING
        .iter()
        .filter_map(|(key, label)| Some((*label, figure_of(key)?)));
    let is_known = |figure: &Figure| {
        let mut cards = comparison.variants.iter().map(|variant| &variant.card);
        cards.any(|card| !figure.of(card).median.is_nan())
    };
    figures.filter(|(_, figure)| is_known(figure)).collect()
}

/// The variants that are others than the baseline, in order, and the names of those that are not.
pub(crate) fn effective(comparison: &BackendComparison) -> (Vec<&VariantCard>, Vec<&str>) {
    let (others, same): (Vec<&VariantCard>, Vec<&VariantCard>) = comparison
        .variants
        .iter()
        .partition(|variant| variant.is_other);
    (
        others,
        same.iter().map(|variant| variant.name.as_str()).collect(),
    )
}

/// What a table of a comparison is about.
pub(crate) fn title(varied: Varied, backend: &BackendComparison, escape: Escape) -> String {
    let name = escape(&backend.baseline.backend);
    match varied {
        Varied::Balancing => format!("Each balancing strategy, {name}"),
        Varied::Optimization => format!("Each optimization alone, {name}, the best first"),
    }
}

/// Which optimizations change nothing on a backend; `None` where all do something.
pub(crate) fn without_effect(names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| format!("Without effect on it: {}.", names.join(", ")))
}

/// How to read comparisons.
pub(crate) fn reading(report: &Report) -> &'static str {
    if report.subject.runs > 1 {
        "Medians over the runs; changes are medians of run against run, with the same arrivals and draws."
    } else {
        "Changes are those of a single run, with the same arrivals and draws."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_are_figures() {
        let keys = FIGURES
            .iter()
            .chain(OF_BALANCING.iter().map(|(key, _)| key));
        let keys = keys.chain(DIFFERENCES.iter().map(|difference| &difference.of));
        for key in keys {
            assert!(figure_of(key).is_some(), "{key}");
        }
    }

    #[test]
    fn keys_of_differences_end_in_their_unit() {
        for difference in DIFFERENCES {
            assert!(difference.key.ends_with(difference.unit.key_ending()));
        }
    }
}
