//! What a search asks for, what it is given, and what it hands back.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::finalists::best_first;
use crate::advice::front::non_dominated;
use crate::advice::{Appraisal, Candidate, Ended};

/// Who plays candidates.
pub(in crate::advice) trait Appraiser: Sync {
    /// What a candidate comes to. It must depend on the candidate alone, but for where it is given up: that may be as
    /// soon as it is sure to be beyond the bar.
    fn appraise(&self, candidate: &Candidate, bar: &Bar) -> Appraisal;

    /// What a candidate came to, if that is known without playing it: it is not counted.
    fn recall(&self, _: &Candidate) -> Option<Appraisal> {
        None
    }
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
    /// Asked before each candidate: why to stop, if so.
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
    /// Candidates that were looked at, each with whether it was ever played to its end.
    pub(in crate::advice) looked_at: HashMap<Candidate, bool>,
    /// Why it ended.
    pub(in crate::advice) ended: Ended,
}

impl Found {
    /// How many candidates were looked at.
    pub(in crate::advice) fn tried(&self) -> u64 {
        self.looked_at.len() as u64
    }

    /// What is known of every candidate that is handed back.
    pub(in crate::advice) fn known(&self) -> HashMap<Candidate, Appraisal> {
        let all = self.ranked.iter().chain(&self.archive);
        all.map(|one| (one.candidate.clone(), one.appraisal))
            .collect()
    }

    /// Counts every budget that was spent so many times.
    pub(in crate::advice) fn scale_budgets(&mut self, times: f64) {
        for ranked in self.ranked.iter_mut().chain(&mut self.archive) {
            ranked.appraisal.budget_spent *= times;
        }
    }

    /// Adds the candidates of a search on other grounds that this one did not come to, with what they came to there. Their
    /// costs are brought to these grounds: by the middle one of the ratios of those that both searches know.
    pub(in crate::advice) fn add_unknown(&mut self, other: &Self) {
        let known = self.known();
        let theirs = other.known();
        let mut ratios: Vec<f64> = theirs
            .iter()
            .filter_map(|(candidate, theirs)| Some(known.get(candidate)?.cost / theirs.cost))
            .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
        let unknown = theirs
            .into_iter()
            .filter(|(candidate, _)| !known.contains_key(candidate));
        self.ranked
            .extend(unknown.map(|(candidate, appraisal)| Ranked {
                candidate,
                appraisal: Appraisal {
                    cost: appraisal.cost * ratio,
                    ..appraisal
                },
            }));
        self.ranked = best_first(std::mem::take(&mut self.ranked));
    }

    /// Adds what another search found on the same grounds; of what both came to, this one's figures count.
    pub(in crate::advice) fn add(&mut self, other: Self) {
        let add = |own: &mut Vec<Ranked>, theirs: Vec<Ranked>| {
            let known: HashSet<Candidate> = own.iter().map(|one| one.candidate.clone()).collect();
            let new = theirs
                .into_iter()
                .filter(|one| !known.contains(&one.candidate));
            own.extend(new);
        };
        add(&mut self.ranked, other.ranked);
        self.ranked = best_first(std::mem::take(&mut self.ranked));
        add(&mut self.archive, other.archive);
        self.archive = non_dominated(&self.archive);
        self.note_looked_at(other.looked_at);
        self.ended = other.ended;
    }

    /// Adds the candidates that another search looked at.
    pub(in crate::advice) fn note_looked_at(&mut self, others: HashMap<Candidate, bool>) {
        let others: BTreeMap<Candidate, bool> = others.into_iter().collect();
        for (candidate, whole) in others {
            *self.looked_at.entry(candidate).or_default() |= whole;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(number: u16, budget_spent: f64, cost: f64) -> Ranked {
        Ranked {
            candidate: Candidate(vec![number]),
            appraisal: Appraisal {
                budget_spent,
                bad: 0.0,
                cost,
                reversals: 0.0,
                changes: 0,
                whole: true,
            },
        }
    }

    fn found(ranked: Vec<Ranked>) -> Found {
        Found {
            archive: non_dominated(&ranked),
            looked_at: ranked
                .iter()
                .map(|one| (one.candidate.clone(), one.appraisal.whole))
                .collect(),
            ranked,
            ended: Ended::Settled,
        }
    }

    fn numbers(ranked: &[Ranked]) -> Vec<u16> {
        ranked.iter().map(|one| one.candidate.0[0]).collect()
    }

    #[test]
    fn what_another_search_came_to_too_is_there_once_and_counted_once() {
        let mut own = found(vec![ranked(0, 0.9, 10.0), ranked(1, 0.5, 12.0)]);
        let rounded = 0.9 * (1.0 + f64::EPSILON);
        own.add(found(vec![ranked(0, rounded, 10.0), ranked(2, 0.1, 20.0)]));
        assert_eq!(numbers(&own.ranked), [0, 1, 2]);
        assert_eq!(own.tried(), 3);
        assert_eq!(
            own.known()[&Candidate(vec![0])].budget_spent.to_bits(),
            0.9_f64.to_bits()
        );
    }

    #[test]
    fn costs_of_other_grounds_are_brought_to_these() {
        let mut own = found(vec![ranked(0, 0.9, 20.0), ranked(1, 0.5, 24.0)]);
        own.add_unknown(&found(vec![
            ranked(0, 0.3, 10.0),
            ranked(1, 0.3, 12.0),
            ranked(2, 0.3, 11.0),
        ]));
        // Costing 11 where the others cost 10 and 12 is 22 here: the second, not the cheapest.
        assert_eq!(numbers(&own.ranked), [0, 2, 1]);
        assert!((own.ranked[1].appraisal.cost - 22.0).abs() < 1e-9);
        assert_eq!(own.tried(), 2);
    }
}
