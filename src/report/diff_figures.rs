//! The figures of `scaleplan diff`: what they are called and how a change of them is told.

use super::format::{self, Unit};
use crate::analysis::{ChangeFigure, Movement, ReplayChange, ReplayedSide};
use crate::stats::Band;

/// How a figure is written.
pub(super) struct ShownFigure {
    pub(super) figure: ChangeFigure,
    /// Its name in machine-readable output, with its unit where that is not a count.
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    unit: Unit,
    unit_of_change: Unit,
}

/// The figures, in order.
pub(super) const FIGURES: [ShownFigure; 6] = [
    shown(
        ChangeFigure::Bad,
        "badRequestsPercent",
        "bad requests",
        Unit::Percent,
    ),
    shown(
        ChangeFigure::ViolationMinutes,
        "violationMinutes",
        "violation minutes",
        Unit::Minutes,
    ),
    shown(
        ChangeFigure::LagP95,
        "lagP95Seconds",
        "scale lag p95",
        Unit::Seconds,
    ),
    shown(
        ChangeFigure::P99,
        "latencyP99Seconds",
        "latency p99",
        Unit::Seconds,
    ),
    shown(
        ChangeFigure::ReplicaHoursADay,
        "replicaHoursADay",
        "cost a day",
        Unit::ReplicaHours,
    ),
    shown(
        ChangeFigure::ScaleEvents,
        "scaleEvents",
        "scale events",
        Unit::Count,
    ),
];

const fn shown(
    figure: ChangeFigure,
    key: &'static str,
    label: &'static str,
    unit: Unit,
) -> ShownFigure {
    let unit_of_change = match unit {
        Unit::Percent => Unit::PercentagePoints,
        other => other,
    };
    ShownFigure {
        figure,
        key,
        label,
        unit,
        unit_of_change,
    }
}

impl ShownFigure {
    /// Its value on one side, with its band.
    pub(super) fn of(&self, side: &ReplayedSide) -> String {
        format::band(&self.band(side), self.unit).joined()
    }

    pub(super) fn band(&self, side: &ReplayedSide) -> Band {
        side.figures[self.figure.index()]
    }

    /// Where it went.
    pub(super) fn movement(&self, change: &ReplayChange) -> Movement {
        Movement::of(&change.differences[self.figure.index()])
    }

    /// Its change: `+3.2 pp`, `none`, or `+0.1 s, within noise`.
    pub(super) fn change(&self, change: &ReplayChange) -> String {
        let difference = &change.differences[self.figure.index()];
        let ends = [difference.low, difference.median, difference.high];
        if ends.iter().any(|value| value.is_nan()) {
            return format::ABSENT.to_owned();
        }
        let median = format::difference(difference.median, self.unit_of_change);
        if ends.iter().all(|value| *value == 0.0) {
            "none".to_owned()
        } else if self.movement(change) == Movement::Unclear {
            format!("{median}, within noise")
        } else {
            median + &self.relative(change)
        }
    }

    /// Of costs, the change in percent.
    fn relative(&self, change: &ReplayChange) -> String {
        let before = self.band(&change.base).median;
        let difference = change.differences[self.figure.index()].median;
        if self.figure == ChangeFigure::ReplicaHoursADay && before > 0.0 {
            let percent = format::signed_percent(100.0 * difference / before);
            format!(", {percent}")
        } else {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_shown_in_its_place() {
        for (shown, figure) in FIGURES.iter().zip(ChangeFigure::ALL) {
            assert_eq!(shown.figure, figure);
        }
    }
}
