//! `Confirmed`: candidates played over all runs, the hardest first, each once.

use std::collections::HashMap;

use rayon::prelude::*;

use super::hunt::Grounds;
use super::part::{HOUR, Tried, may_miss, rank_that_must_hold};
use super::search::Ranked;
use super::{Appraisal, Candidate, Lattice};
use crate::stats::Band;

/// Candidates played over all runs.
pub(super) struct Confirmed<'a> {
    lattice: &'a Lattice,
    grounds: Grounds<'a>,
    /// All runs, the hardest first.
    hardest: Vec<u32>,
    known: HashMap<Candidate, Appraisal>,
}

/// What the runs of a part came to that were played, in the order of `hardest`.
#[derive(Default)]
struct Played {
    spent: Vec<f64>,
    hours: Vec<f64>,
    reversals: Vec<f64>,
}

impl<'a> Confirmed<'a> {
    /// Plays some candidates whole, and learns from them which runs are the hardest.
    ///
    /// Runs share their random draws and the phase of the control loop among candidates, so a run that is hard on one is
    /// hard on its like.
    pub(super) fn pilot(
        lattice: &'a Lattice,
        grounds: Grounds<'a>,
        candidates: &[Candidate],
    ) -> Self {
        let runs = grounds.runs();
        let mut confirmed = Self {
            lattice,
            grounds,
            hardest: (0..runs).collect(),
            known: HashMap::new(),
        };
        let mut hardness = vec![0.0; runs as usize];
        for candidate in candidates {
            if confirmed.known.contains_key(candidate) || !lattice.is_valid(candidate) {
                continue;
            }
            let (appraisal, played) = confirmed.play(candidate, f64::INFINITY);
            for part in &played {
                let mean = part.spent.iter().sum::<f64>() / part.spent.len() as f64;
                if mean > 0.0 && mean.is_finite() {
                    for (sum, spent) in hardness.iter_mut().zip(&part.spent) {
                        *sum += spent / mean;
                    }
                }
            }
            confirmed.known.insert(candidate.clone(), appraisal);
        }
        confirmed.hardest.sort_by(|a, b| {
            let of = |run: &u32| hardness[*run as usize];
            of(b).total_cmp(&of(a)).then(a.cmp(b))
        });
        confirmed
    }

    /// The runs of a first look, at most so many: the one that decides whether the objective holds in as many as it
    /// must, then the next easier ones.
    pub(super) fn looks(&self, most: u32) -> Vec<u32> {
        let may_miss = may_miss(self.hardest.len(), self.grounds.confidence);
        let last = self.hardest.len().saturating_sub(1);
        let looks = self.hardest.iter().skip(may_miss.min(last));
        looks.take(most as usize).copied().collect()
    }

    /// What a candidate came to, if it was played over all runs.
    pub(super) fn whole(&self, candidate: &Candidate) -> Option<&Appraisal> {
        let appraisal = self.known.get(candidate)?;
        appraisal.whole.then_some(appraisal)
    }

    /// What a candidate came to, if it was played; of those that were sure to miss what is known of them.
    pub(super) fn get(&self, candidate: &Candidate) -> Option<&Appraisal> {
        self.known.get(candidate)
    }

    /// How many were played.
    pub(super) fn len(&self) -> u64 {
        self.known.len() as u64
    }

    /// All of them, in the order of the lattice.
    pub(super) fn all(&self) -> Vec<Ranked> {
        let mut all: Vec<Ranked> = self
            .known
            .iter()
            .map(|(candidate, appraisal)| Ranked {
                candidate: candidate.clone(),
                appraisal: *appraisal,
            })
            .collect();
        all.sort_by(|a, b| a.candidate.cmp(&b.candidate));
        all
    }

    /// Those that were played over all runs, in the order of the lattice.
    pub(super) fn all_whole(&self) -> Vec<Ranked> {
        let mut all = self.all();
        all.retain(|ranked| ranked.appraisal.whole);
        all
    }

    /// Plays those of which it is not known yet whether they spend more than `most` of the budget, side by side, and
    /// gives each up as soon as that is sure.
    pub(super) fn confirm(&mut self, candidates: &[Candidate], most: f64) {
        let is_open = |candidate: &&Candidate| {
            let known = self.known.get(*candidate);
            known.is_none_or(|known| !known.whole && known.budget_spent <= most)
        };
        let open: Vec<&Candidate> = candidates.iter().filter(is_open).collect();
        let appraised: Vec<Appraisal> = open
            .par_iter()
            .map(|candidate| self.play(candidate, most).0)
            .collect();
        for (candidate, appraisal) in open.into_iter().zip(appraised) {
            self.known.insert(candidate.clone(), appraisal);
        }
    }

    /// Plays a candidate on all parts: first as many of the hardest runs as can make a miss sure, then twice as many
    /// each time.
    fn play(&self, candidate: &Candidate, most: f64) -> (Appraisal, Vec<Played>) {
        let Grounds {
            parts, confidence, ..
        } = self.grounds;
        let hpa = self.lattice.spec(candidate);
        let may_miss = may_miss(self.hardest.len(), confidence);
        let mut played: Vec<Played> = parts.iter().map(|_| Played::default()).collect();
        let mut rest = self.hardest.as_slice();
        let mut wave = may_miss + 1;
        let mut whole = true;
        while !rest.is_empty() {
            let is_missed = |played: &Played| {
                played.spent.iter().filter(|spent| **spent > most).count() > may_miss
            };
            if played.iter().any(is_missed) {
                whole = false;
                break;
            }
            let (runs, later) = rest.split_at(wave.min(rest.len()));
            for (part, played) in parts.iter().zip(&mut played) {
                let tried: Vec<Vec<Tried>> = runs
                    .par_iter()
                    .map(|run| {
                        let backends = self.grounds.backends.iter();
                        backends
                            .map(|backend| {
                                part.play(&hpa, *backend, *run, f64::INFINITY, f64::INFINITY)
                            })
                            .collect()
                    })
                    .collect();
                for tried in tried {
                    played.add(&tried, part.days);
                }
            }
            rest = later;
            wave *= 2;
        }
        let days: f64 = parts.iter().map(|part| part.days).sum();
        let mut appraisal = Appraisal {
            budget_spent: 0.0,
            cost: 0.0,
            reversals: 0.0,
            changes: u32::try_from(self.lattice.changed(candidate).count()).unwrap_or(u32::MAX),
            whole,
        };
        for (part, played) in parts.iter().zip(&played) {
            let share = part.days / days;
            let must_hold = if whole {
                rank_that_must_hold(&played.spent, confidence)
            } else {
                played.least_sure(may_miss)
            };
            appraisal.budget_spent = appraisal.budget_spent.max(must_hold);
            appraisal.cost += median(&played.hours) * share;
            appraisal.reversals += median(&played.reversals) * share;
        }
        (appraisal, played)
    }
}

impl Played {
    /// Adds a run: of several backends the worst spends, the costs add up.
    fn add(&mut self, tried: &[Tried], days: f64) {
        let spent = tried.iter().map(|tried| tried.budget_spent);
        self.spent.push(spent.fold(0.0, f64::max));
        let seconds: f64 = tried.iter().map(|tried| tried.figures.existing).sum();
        self.hours.push(seconds / HOUR / days);
        let reversals = tried.iter().map(|tried| f64::from(tried.figures.reversals));
        self.reversals.push(reversals.sum::<f64>() / days);
    }

    /// What the worst run that has to hold spends at least: of the runs played, that many are worse.
    fn least_sure(&self, may_miss: usize) -> f64 {
        let mut spent = self.spent.clone();
        spent.sort_by(|a, b| b.total_cmp(a));
        spent.get(may_miss).copied().unwrap_or(0.0)
    }
}

fn median(values: &[f64]) -> f64 {
    Band::of(values).map_or(0.0, |band| band.median)
}
