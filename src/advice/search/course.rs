//! The course of a search: the starts, then all of a small lattice, or goal by goal what is likely to be better.

use super::contract::{Appraiser, Bar, Found, Limits, Progress, Ranked};
use super::descent::{Reach, descend};
use super::elites::{Elites, Goal};
use super::finalists::{best_first, calm_down};
use super::ledger::{BATCH, Ledger};
use super::offspring::Breeder;
use crate::advice::front::non_dominated;
use crate::advice::{Candidate, Ended, Lattice};
use crate::stats::{Purpose, stream};

/// Batches that are bred between two descents.
const GENERATIONS: usize = 2;
/// Rounds of breeding and descending that may bring nothing before a goal counts as settled.
const PATIENCE: u32 = 6;
/// The same for a goal beside the objective.
const LITTLE_PATIENCE: u32 = 2;
/// So many starts show enough of the lattice.
const MANY_STARTS: usize = 8;
/// How near to the best a descent has to come for its surroundings to be looked at closely.
const NEAR: f64 = 1.01;

/// Searches a lattice from given candidates on.
///
/// A lattice with no more candidates than may be looked at is searched whole, the likely best ones first. Otherwise
/// batches are drawn anew, bred from the best so far, or taken from around them, until so many were looked at or
/// nothing better comes. `told` hears of every batch.
pub(in crate::advice) fn search<A: Appraiser + ?Sized>(
    lattice: &Lattice,
    starts: &[Candidate],
    appraiser: &A,
    limits: &Limits<'_>,
    seed: u64,
    told: &dyn Fn(&Progress<'_>),
) -> Found {
    let mut course = Course {
        ledger: Ledger::new(lattice, appraiser, limits, told),
        breeder: Breeder {
            lattice,
            random: stream(seed, 0, Purpose::CandidateChoice, 0),
        },
        limits,
        spread: if starts.len() < MANY_STARTS {
            2 * BATCH
        } else {
            BATCH / 2
        },
    };
    let mut first = starts.to_vec();
    first.push(lattice.present());
    course.ledger.ask(&first, Bar::NONE);
    let fits = lattice.valid_len() <= limits.evaluations;
    let ended = if fits {
        course.search_whole()
    } else {
        course.search_for_goals()
    };
    course.found(ended)
}

struct Course<'a, A: ?Sized> {
    ledger: Ledger<'a, A>,
    breeder: Breeder<'a>,
    limits: &'a Limits<'a>,
    /// Candidates that are drawn at the outset.
    spread: usize,
}

impl<'a, A: Appraiser + ?Sized> Course<'a, A> {
    /// Good candidates first, so that the rest is given up early; then the rest in its order.
    fn search_whole(&mut self) -> Ended {
        let lattice = self.ledger.lattice;
        self.explore(Goal::OBJECTIVE, lattice.valid_len() / 4, PATIENCE);
        for goal in self.further_goals() {
            let share = lattice.valid_len() / 8 / self.limits.further_budgets.len() as u64;
            self.explore(goal, self.ledger.tried() + share, LITTLE_PATIENCE);
        }
        self.ledger.cap_at(u64::MAX);
        let mut goals = vec![Elites::new(Goal::OBJECTIVE, self.ledger.admitted())];
        for goal in self.further_goals() {
            goals.push(Elites::new(goal, self.ledger.admitted()));
        }
        let mut next = 0;
        while next < lattice.len() && self.ledger.ended().is_none() {
            let end = lattice.len().min(next + BATCH as u64);
            let batch: Vec<Candidate> = (next..end).map(|number| lattice.nth(number)).collect();
            let bar = goals.iter().fold(Self::NOTHING, |bar, elites| {
                // What nobody has met yet would keep everything in play.
                let best = elites.best().map(|best| &best.appraisal);
                let met = best.filter(|best| elites.goal.is_met(best));
                met.map_or(bar, |met| bar.or(&elites.goal.bar_of(met)))
            });
            for ranked in self.ledger.ask(&batch, bar) {
                for elites in &mut goals {
                    elites.offer(ranked.clone());
                }
            }
            next = end;
        }
        self.ledger.ended().unwrap_or(Ended::Exhausted)
    }

    /// Nothing is of interest but what the objective asks for.
    const NOTHING: Bar = Bar {
        budget_spent: 0.0,
        cost: 0.0,
    };

    fn search_for_goals(&mut self) -> Ended {
        let all = self.limits.evaluations;
        let goals = self.further_goals();
        let main = if goals.is_empty() { all } else { all - all / 8 };
        let has_settled = self.explore(Goal::OBJECTIVE, main - main / 16, PATIENCE);
        self.ledger.cap_at(main);
        calm_down(&mut self.ledger);
        for (nth, goal) in goals.iter().enumerate() {
            let left = all.saturating_sub(self.ledger.tried());
            let share = left / (goals.len() - nth) as u64;
            self.explore(*goal, self.ledger.tried() + share, LITTLE_PATIENCE);
        }
        let otherwise = if has_settled {
            Ended::Settled
        } else {
            Ended::CountSpent
        };
        self.ledger.ended().unwrap_or(otherwise)
    }

    fn further_goals(&self) -> Vec<Goal> {
        let budgets = self.limits.further_budgets.iter();
        budgets
            .map(|budget_spent| Goal {
                budget_spent: *budget_spent,
            })
            .collect()
    }

    /// Looks for the best candidate of a goal until so many were looked at, and returns whether nothing better came for
    /// long.
    fn explore(&mut self, goal: Goal, until: u64, patience: u32) -> bool {
        self.ledger.cap_at(until);
        let mut elites = Elites::new(goal, self.ledger.admitted());
        if goal == Goal::OBJECTIVE {
            let spread = self.draw(self.spread);
            self.offer_all(&mut elites, &spread);
        }
        let mut idle = 0;
        while idle < patience {
            let before = elites.best().cloned();
            // The first rounds refine what is there; then new regions are tried in turn with it.
            let start = if idle % 2 == 1 {
                self.restart(&mut elites)
            } else {
                elites.next_start()
            };
            if let Some(start) = start {
                self.descend(&mut elites, start);
            }
            for _ in 0..GENERATIONS {
                let children = self.breed(&elites);
                self.offer_all(&mut elites, &children);
            }
            if self.ledger.room() == 0 {
                return false;
            }
            let has_gained = match (before, elites.best()) {
                (Some(before), Some(best)) => goal.is_better(best, &before),
                (before, best) => before.is_none() && best.is_some(),
            };
            idle = if has_gained { 0 } else { idle + 1 };
        }
        true
    }

    /// Descends, and looks closely around where it leads unless that is far from the best.
    fn descend(&mut self, elites: &mut Elites, start: Ranked) {
        let goal = elites.goal;
        let end = descend(&mut self.ledger, elites, start, Reach::Singles);
        let is_near = elites.best().is_none_or(|best| {
            let (own, best) = (&end.appraisal, &best.appraisal);
            if goal.is_met(best) {
                goal.is_met(own) && own.cost <= best.cost * NEAR
            } else {
                own.budget_spent <= best.budget_spent * NEAR
            }
        });
        if is_near {
            descend(&mut self.ledger, elites, end, Reach::Pairs);
        }
    }

    /// The best of a batch drawn anew, whatever the best so far.
    fn restart(&mut self, elites: &mut Elites) -> Option<Ranked> {
        let drawn = self.draw(BATCH);
        let found = self.ledger.ask(&drawn, Bar::NONE);
        for ranked in &found {
            elites.offer(ranked.clone());
        }
        let goal = elites.goal;
        found.into_iter().min_by(|a, b| goal.compare(a, b))
    }

    fn offer_all(&mut self, elites: &mut Elites, wanted: &[Candidate]) {
        let bar = elites.loose_bar();
        for ranked in self.ledger.ask(wanted, bar) {
            elites.offer(ranked);
        }
    }

    /// So many candidates drawn anew that may be advised; fewer where such are rare.
    fn draw(&mut self, count: usize) -> Vec<Candidate> {
        self.gather(count, Breeder::anew)
    }

    /// A batch of children, and some drawn anew.
    fn breed(&mut self, elites: &Elites) -> Vec<Candidate> {
        let strangers = BATCH / 8;
        let mut children = self.gather(BATCH - strangers, |breeder| breeder.child(elites.all()));
        children.extend(self.draw(strangers));
        children
    }

    fn gather(
        &mut self,
        count: usize,
        mut draw: impl FnMut(&mut Breeder<'a>) -> Candidate,
    ) -> Vec<Candidate> {
        let mut gathered: Vec<Candidate> = Vec::with_capacity(count);
        for _ in 0..8 * count {
            if gathered.len() == count {
                break;
            }
            let drawn = self.ledger.lattice.canonical(&draw(&mut self.breeder));
            let is_new = !self.ledger.knows(&drawn) && !gathered.contains(&drawn);
            if is_new && self.ledger.lattice.is_valid(&drawn) {
                gathered.push(drawn);
            }
        }
        gathered
    }

    fn found(self, ended: Ended) -> Found {
        let mut ranked = best_first(self.ledger.whole().collect());
        let archive = non_dominated(&ranked);
        ranked.truncate(self.limits.finalists);
        Found {
            ranked,
            archive,
            looked_at: self.ledger.looked_at().collect(),
            ended,
        }
    }
}
