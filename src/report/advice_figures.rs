//! The figures that settings are judged by, in the order of every format.

use super::format::Unit;
use crate::advice::Figures;
use crate::stats::Band;

/// One figure of a standing.
pub(crate) struct AdviceFigure {
    /// Its name in machine-readable output, with its unit.
    pub(crate) key: &'static str,
    /// Its name for people.
    pub(crate) label: &'static str,
    /// What it counts.
    pub(crate) unit: Unit,
    read: fn(&Figures) -> Band,
}

/// Every figure.
pub(crate) const FIGURES: &[AdviceFigure] = &[
    figure(
        "errorBudgetSpentPercent",
        "error budget spent",
        Unit::Percent,
        |figures| percent(figures.budget_spent),
    ),
    figure(
        "errorBudgetSpentThatCountsPercent",
        "  worst run that counts",
        Unit::Percent,
        |figures| percent(same(figures.must_hold)),
    ),
    figure(
        "badRequestsPercent",
        "bad requests",
        Unit::Percent,
        |figures| figures.bad_percent,
    ),
    figure(
        "violationMinutesPerDay",
        "violation minutes a day",
        Unit::Minutes,
        |figures| figures.violation_minutes,
    ),
    figure(
        "replicaHoursPerDay",
        "replica-hours a day",
        Unit::ReplicaHours,
        |figures| figures.replica_hours,
    ),
    figure(
        "costPerDay",
        "cost a day, price x core-h",
        Unit::Price,
        |figures| figures.cost,
    ),
    figure(
        "reversalsPerDay",
        "reversals a day",
        Unit::Count,
        |figures| figures.reversals,
    ),
    figure(
        "peakReadyReplicas",
        "peak ready",
        Unit::Replicas,
        |figures| figures.peak_ready,
    ),
];

impl AdviceFigure {
    /// The figure of a standing.
    pub(crate) fn of(&self, figures: &Figures) -> Band {
        (self.read)(figures)
    }
}

/// A figure over all runs together.
const fn same(value: f64) -> Band {
    Band {
        median: value,
        low: value,
        high: value,
    }
}

/// A share as percent.
pub(crate) fn percent(share: Band) -> Band {
    Band {
        median: share.median * 100.0,
        low: share.low * 100.0,
        high: share.high * 100.0,
    }
}

const fn figure(
    key: &'static str,
    label: &'static str,
    unit: Unit,
    read: fn(&Figures) -> Band,
) -> AdviceFigure {
    AdviceFigure {
        key,
        label,
        unit,
        read,
    }
}
