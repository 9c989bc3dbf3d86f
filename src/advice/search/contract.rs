//! What a search asks for, what it is given, and what it hands back.

use std::collections::HashSet;

use super::finalists::best_first;
use crate::advice::front::non_dominated;
use crate::advice::{Appraisal, Candidate, Ended};

/// Who plays candidates.
pub(in crate::advice) trait Appraiser: Sync {
    /// What a candidate comes to. It must depend on the candidate alone, but for where it is given up: that may be as
    /// soon as it is sure to be beyond the bar.
    fn appraise(&self, candidate: &Candidate, bar: &Bar) -> Appraisal;
}

/// What is of no interest: a candidate may be given up as soon as it is sure to spend more of the budget or to cost more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::advice) struct Bar {
    /// Share of the error budget.
    pub(in crate::advice) budget_spent: f64,
    /// Replica-hours a day.
    pub(in crate::advice) cost: f64,
}

/// How far a search may go.
pub(in crate::advice) struct Limits<'a> {
    /// The most candidates that are looked at.
    pub(in crate::advice) evaluations: u64,
    /// Asked between batches: why to stop, if so.
    pub(in crate::advice) stop: &'a (dyn Fn() -> Option<Ended> + Sync),
    /// Further shares of the error budget to find the cheapest candidates for, beside 1: an objective of one nine more
    /// is 0.1. They get what the objective itself leaves over, at least an eighth of the evaluations.
    pub(in crate::advice) further_budgets: &'a [f64],
    /// How many candidates are handed back in the end.
    pub(in crate::advice) finalists: usize,
}

/// How far a search has come.
pub(in crate::advice) struct Progress<'a> {
    /// Candidates that were looked at.
    pub(in crate::advice) tried: u64,
    /// The most that will be.
    pub(in crate::advice) at_most: u64,
    /// The best so far.
    pub(in crate::advice) best: Option<&'a Ranked>,
}

/// A candidate with what it came to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::advice) struct Ranked {
    pub(in crate::advice) candidate: Candidate,
    pub(in crate::advice) appraisal: Appraisal,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::advice) struct Found {
    /// The best candidates: those that hold, cheapest first but for [`best_first`](super::best_first), then the nearest
    /// misses.
    pub(in crate::advice) ranked: Vec<Ranked>,
    /// Those that no other one beats in budget, cost and reversals together; by cost.
    pub(in crate::advice) archive: Vec<Ranked>,
    /// Candidates that were looked at.
    pub(in crate::advice) tried: u64,
    /// Of these, those that were never played to their end.
    pub(in crate::advice) given_up: u64,
    /// Why it ended.
    pub(in crate::advice) ended: Ended,
}

impl Found {
    /// Counts every budget that was spent so many times.
    pub(in crate::advice) fn scale_budgets(&mut self, times: f64) {
        for ranked in self.ranked.iter_mut().chain(&mut self.archive) {
            ranked.appraisal.budget_spent *= times;
        }
    }

    /// Adds the candidates of a search on other grounds that this one did not come to, with what they came to there.
    pub(in crate::advice) fn add_unknown(&mut self, other: &Self) {
        let known = self.ranked.iter().chain(&self.archive);
        let known: HashSet<Candidate> = known.map(|ranked| ranked.candidate.clone()).collect();
        let all = other.ranked.iter().chain(&other.archive);
        let unknown = all.filter(|ranked| !known.contains(&ranked.candidate));
        self.ranked.extend(unknown.cloned());
    }

    /// Adds what another search found on the same grounds.
    pub(in crate::advice) fn add(&mut self, other: Self) {
        self.ranked.extend(other.ranked);
        self.ranked = best_first(std::mem::take(&mut self.ranked));
        self.ranked.dedup_by(|a, b| a.candidate == b.candidate);
        self.archive.extend(other.archive);
        self.archive = non_dominated(&self.archive);
        self.tried += other.tried;
        self.given_up += other.given_up;
        self.ended = other.ended;
    }
}

impl Bar {
    /// Everything is of interest.
    pub(in crate::advice) const NONE: Self = Self {
        budget_spent: f64::INFINITY,
        cost: f64::INFINITY,
    };

    /// Whether an appraisal is of interest.
    pub(in crate::advice) fn admits(&self, appraisal: &Appraisal) -> bool {
        appraisal.whole
            && appraisal.budget_spent <= self.budget_spent
            && appraisal.cost <= self.cost
    }

    /// What one of two admits, and more.
    pub(super) const fn or(&self, other: &Self) -> Self {
        Self {
            budget_spent: self.budget_spent.max(other.budget_spent),
            cost: self.cost.max(other.cost),
        }
    }

    /// Whether all that `other` admits, this one does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.budget_spent >= other.budget_spent && self.cost >= other.cost
    }
}
