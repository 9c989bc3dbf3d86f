//! `Goal`: what is sought; `Elites`: the best so far for it, which others are bred from.

use std::cmp::Ordering;

use super::contract::{Bar, Ranked};
use crate::advice::{Appraisal, Candidate};

/// How many are bred from.
const MOST: usize = 32;
/// How much of the budget of a goal those may spend that are bred from, beyond it.
const LOOSE_BUDGET: f64 = 3.0;
/// How much more than the best one those may cost that are bred from.
const LOOSE_COST: f64 = 1.25;

/// The cheapest candidate that spends no more of the budget than this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Goal {
    pub(super) budget_spent: f64,
}

/// The best so far for a goal, best first.
pub(super) struct Elites {
    pub(super) goal: Goal,
    ranked: Vec<Ranked>,
    /// From where a descent has begun, or led.
    descended: Vec<Candidate>,
}

impl Goal {
    /// The objective itself.
    pub(super) const OBJECTIVE: Self = Self { budget_spent: 1.0 };

    pub(super) fn is_met(self, appraisal: &Appraisal) -> bool {
        appraisal.whole && appraisal.budget_spent <= self.budget_spent
    }

    /// Whether one is better than another: it meets the goal, then costs less, or where none does, it spends less of the
    /// budget.
    pub(super) fn is_better(self, one: &Ranked, other: &Ranked) -> bool {
        self.compare(one, other) == Ordering::Less
    }

    /// `Less` where `a` is better; never `Equal` for two candidates.
    pub(super) fn compare(self, a: &Ranked, b: &Ranked) -> Ordering {
        let (x, y) = (&a.appraisal, &b.appraisal);
        let is_met = self.is_met(x);
        let by_budget = x.budget_spent.total_cmp(&y.budget_spent);
        let by_cost = x.cost.total_cmp(&y.cost);
        let figures = if is_met {
            // On a plateau, what is left of the budget says which way costs can be saved.
            by_cost.then(by_budget)
        } else {
            // Minutes can all be bad whatever the settings; requests then say what is nearer.
            by_budget.then(x.bad.total_cmp(&y.bad)).then(by_cost)
        };
        let calm = x.reversals.total_cmp(&y.reversals);
        let rest = calm
            .then(x.changes.cmp(&y.changes))
            .then_with(|| a.candidate.cmp(&b.candidate));
        self.is_met(y).cmp(&is_met).then(figures).then(rest)
    }

    /// What is as good as a candidate at least, its calm aside.
    pub(super) fn bar_of(self, appraisal: &Appraisal) -> Bar {
        if self.is_met(appraisal) {
            Bar {
                budget_spent: self.budget_spent,
                cost: appraisal.cost,
            }
        } else {
            Bar {
                budget_spent: appraisal.budget_spent,
                cost: f64::INFINITY,
            }
        }
    }
}

impl Elites {
    pub(super) fn new(goal: Goal, known: impl Iterator<Item = Ranked>) -> Self {
        let mut elites = Self {
            goal,
            ranked: Vec::with_capacity(MOST + 1),
            descended: Vec::new(),
        };
        for ranked in known {
            elites.offer(ranked);
        }
        elites
    }

    /// Takes a candidate in if it is among the best, and returns whether it is the very best now.
    pub(super) fn offer(&mut self, ranked: Ranked) -> bool {
        let goal = self.goal;
        let place = self
            .ranked
            .binary_search_by(|known| goal.compare(known, &ranked));
        let Err(place) = place else { return false };
        self.ranked.insert(place, ranked);
        self.ranked.truncate(MOST);
        place == 0
    }

    pub(super) fn best(&self) -> Option<&Ranked> {
        self.ranked.first()
    }

    pub(super) fn all(&self) -> &[Ranked] {
        &self.ranked
    }

    /// Where to descend from next: the best one from which nobody has.
    pub(super) fn next_start(&self) -> Option<Ranked> {
        let mut fresh = self
            .ranked
            .iter()
            .filter(|ranked| !self.descended.contains(&ranked.candidate));
        fresh.next().cloned()
    }

    pub(super) fn note_descent(&mut self, from: Candidate) {
        self.descended.push(from);
    }

    /// What is worth breeding from.
    pub(super) fn loose_bar(&self) -> Bar {
        let Some(best) = self.best() else {
            return Bar::NONE;
        };
        let appraisal = &best.appraisal;
        if self.goal.is_met(appraisal) {
            Bar {
                budget_spent: self.goal.budget_spent * LOOSE_BUDGET,
                cost: appraisal.cost * LOOSE_COST,
            }
        } else {
            Bar {
                budget_spent: appraisal.budget_spent * LOOSE_BUDGET,
                cost: f64::INFINITY,
            }
        }
    }
}
