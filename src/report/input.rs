//! `Report`: what every format draws, and how much of it.

use super::figure::Figure;
use super::subject::Subject;
use crate::analysis::{BackendCard, Comparison, Scorecard};
use crate::outcome::{BackendOutcome, Outcome};
use crate::scenario::BackendKind;

/// A judged outcome and what it came from.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What was played.
    pub subject: Subject,
    /// What happened.
    pub outcome: &'a Outcome,
    /// What it is worth.
    pub scorecard: &'a Scorecard,
    /// Variants of the scenario beside it; empty where nobody asked for them.
    pub comparisons: &'a [Comparison],
    /// The controller whose decisions were followed, `hpa::FOLLOWED_VERSION`.
    pub followed_version: &'a str,
}

/// How much a table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What most people want to know.
    Normal,
    /// Every figure, every assumption.
    Wide,
}

/// Whether a table may hold colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Text alone.
    Plain,
    /// ANSI escape sequences of the sixteen base colours.
    Ansi,
}

/// One backend from all three sides.
#[derive(Clone, Copy)]
pub(crate) struct BackendView<'a> {
    pub(crate) kind: BackendKind,
    pub(crate) outcome: &'a BackendOutcome,
    pub(crate) card: &'a BackendCard,
    /// Whether its verdict counts.
    pub(crate) counts: bool,
    /// Whether no number of its replicas holds the objective.
    pub(crate) is_out_of_reach: bool,
}

impl<'a> Report<'a> {
    /// Every backend, in the scenario's order.
    pub(crate) fn backends(&self) -> impl Iterator<Item = BackendView<'a>> + Clone {
        let verdict_backend = self.scorecard.verdict_backend;
        self.subject
            .backend_kinds
            .iter()
            .zip(&self.outcome.backends)
            .zip(&self.scorecard.backends)
            .enumerate()
            .map(move |(index, ((kind, outcome), card))| BackendView {
                kind: *kind,
                outcome,
                card,
                counts: index == verdict_backend,
                is_out_of_reach: self.subject.out_of_reach.contains(&index),
            })
    }
}

impl BackendView<'_> {
    /// What is special about a figure here: demand without an objective to keep is another one.
    pub(crate) fn remark(&self, figure: &Figure) -> Option<&'static str> {
        (figure.key == "peakDemandReplicas" && self.is_out_of_reach)
            .then_some("to serve it at all, too late")
    }
}
