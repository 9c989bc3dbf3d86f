//! `Figure`: one number of a report, how it is written and who wants to see it.

use super::format::Unit;
use super::lag_figures;
use crate::analysis::{BackendCard, Scorecard};
use crate::stats::Band;

/// Figures that answer one question.
pub(crate) struct Section {
    /// What a JSON object of them is called.
    pub(crate) key: &'static str,
    /// What the section is about, in a few words.
    pub(crate) title: &'static str,
    /// The same as a sentence for whoever meets the words for the first time.
    pub(crate) meaning: &'static str,
    /// The figures, in order.
    pub(crate) figures: &'static [Figure],
}

/// One figure of a backend.
pub(crate) struct Figure {
    /// Its name in machine-readable output, unique among all sections, with its unit where that is not a count.
    pub(crate) key: &'static str,
    /// Its name for people.
    pub(crate) label: &'static str,
    /// What it counts.
    pub(crate) unit: Unit,
    /// When people want to see it.
    pub(crate) shown: Shown,
    /// Takes it from the card.
    read: fn(&BackendCard) -> Band,
}

/// When a figure is shown to people; machines get all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In every report where some backend has it.
    Always,
    /// In every report where some backend's figure is known and not zero.
    WhereNotZero,
    /// Only in wide reports.
    Wide,
}

impl Figure {
    /// The figure of one backend.
    pub(crate) fn of(&self, card: &BackendCard) -> Band {
        (self.read)(card)
    }

    /// Whether a report that is not wide shows it.
    pub(crate) fn is_brief(&self, scorecard: &Scorecard) -> bool {
        match self.shown {
            Shown::Always => {
                scorecard.backends.iter().any(|card| self.is_known(card))
                    && !lag_figures::is_repeated(self, scorecard)
            }
            Shown::WhereNotZero => scorecard
                .backends
                .iter()
                .any(|card| self.says_something(card)),
            Shown::Wide => false,
        }
    }

    /// Whether some run of one backend has it: the lag of no episodes is none.
    fn is_known(&self, card: &BackendCard) -> bool {
        !self.of(card).median.is_nan()
    }

    /// Whether the figure of one backend is known and not zero.
    pub(crate) fn says_something(&self, card: &BackendCard) -> bool {
        let band = self.of(card);
        [band.low, band.median, band.high]
            .iter()
            .any(|value| *value != 0.0 && !value.is_nan())
    }
}

/// A figure of the list.
pub(super) const fn figure(
    key: &'static str,
    label: &'static str,
    unit: Unit,
    shown: Shown,
    read: fn(&BackendCard) -> Band,
) -> Figure {
    Figure {
        key,
        label,
        unit,
        shown,
        read,
    }
}
