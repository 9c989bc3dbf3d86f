//! `Ledger`: who was asked for and what came of it; the only one that asks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rayon::prelude::*;

use super::contract::{Appraiser, Bar, Limits, Progress, Ranked};
use super::elites::Goal;
use super::finalists::ALIKE;
use crate::advice::{Appraisal, Candidate, Ended, Lattice};

/// Candidates that are asked for at once; `stop` is asked before each.
pub(super) const BATCH: usize = 32;

/// Who was asked for and what came of it.
pub(super) struct Ledger<'a, A: ?Sized> {
    pub(super) lattice: &'a Lattice,
    appraiser: &'a A,
    limits: &'a Limits<'a>,
    told: &'a dyn Fn(&Progress<'_>),
    /// Every candidate that was asked for, to its place among `entries`.
    places: HashMap<Candidate, usize>,
    entries: Vec<Asked>,
    best: Option<Ranked>,
    /// Those whose figures were known beforehand.
    recalled: u64,
    /// How many may be looked at for now.
    cap: u64,
    ended: Option<Ended>,
}

/// A candidate that was asked for.
struct Asked {
    candidate: Candidate,
    /// The bar that it was asked under at last.
    bar: Bar,
    appraisal: Appraisal,
    /// Whether the bar admitted it.
    admitted: bool,
}

impl<'a, A: Appraiser + ?Sized> Ledger<'a, A> {
    pub(super) fn new(
        lattice: &'a Lattice,
        appraiser: &'a A,
        limits: &'a Limits<'a>,
        told: &'a dyn Fn(&Progress<'_>),
    ) -> Self {
        Self {
            lattice,
            appraiser,
            limits,
            told,
            places: HashMap::new(),
            entries: Vec::new(),
            best: None,
            recalled: 0,
            cap: limits.evaluations,
            ended: None,
        }
    }

    /// Asks for candidates under a bar, and returns those that it admits, each once, in the order asked for.
    ///
    /// What the bar does not admit is treated alike, whether the appraiser gave it up or not: so giving up changes no
    /// answer. For that the bar never keeps out what is better for the objective than the best so far, or costs alike.
    /// Candidates that may not be advised are left out, and so is what the limits leave no room for.
    pub(super) fn ask(&mut self, wanted: &[Candidate], bar: Bar) -> Vec<Ranked> {
        let bar = match &self.best {
            None => Bar::NONE,
            Some(best) => {
                let own = Goal::OBJECTIVE.bar_of(&best.appraisal);
                bar.or(&Bar {
                    cost: own.cost * (1.0 + ALIKE),
                    ..own
                })
            }
        };
        let mut known = Vec::with_capacity(wanted.len());
        let mut open = Vec::new();
        for candidate in wanted {
            let candidate = self.lattice.canonical(candidate);
            if known.contains(&candidate) || !self.lattice.is_valid(&candidate) {
                continue;
            }
            let answered = self.places.get(&candidate).is_some_and(|place| {
                let entry = &self.entries[*place];
                entry.admitted || entry.bar.covers(&bar)
            });
            if !answered {
                open.push(candidate.clone());
            }
            known.push(candidate);
        }
        let mut room = self.room();
        open.retain(|candidate| {
            let is_new =
                !self.places.contains_key(candidate) && self.appraiser.recall(candidate).is_none();
            let has_room = !is_new || room > 0;
            room -= u64::from(is_new && has_room);
            has_room
        });
        for batch in open.chunks(BATCH) {
            if self.has_ended() {
                break;
            }
            self.appraise(batch, bar);
        }
        let admitted = known.into_iter().filter_map(|candidate| {
            let entry = &self.entries[*self.places.get(&candidate)?];
            (entry.admitted && bar.admits(&entry.appraisal)).then_some(Ranked {
                candidate,
                appraisal: entry.appraisal,
            })
        });
        admitted.collect()
    }

    /// How many more may be looked at; none once the search has to end.
    pub(super) fn room(&mut self) -> u64 {
        if self.has_ended() {
            return 0;
        }
        self.cap.saturating_sub(self.tried())
    }

    /// Lets no more than so many be looked at, and no more than the limits do.
    pub(super) fn cap_at(&mut self, tried: u64) {
        self.cap = tried.min(self.limits.evaluations);
    }

    fn has_ended(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = (self.limits.stop)();
        }
        self.ended.is_some()
    }

    /// Why the search was ended from outside, if it was.
    pub(super) const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// How many candidates were looked at, those aside that were known beforehand.
    pub(super) fn tried(&self) -> u64 {
        self.entries.len() as u64 - self.recalled
    }

    /// Every candidate that was looked at, with whether it was played to its end.
    pub(super) fn looked_at(&self) -> impl Iterator<Item = (Candidate, bool)> + '_ {
        self.entries
            .iter()
            .map(|entry| (entry.candidate.clone(), entry.appraisal.whole))
    }

    /// Whether a candidate was asked for.
    pub(super) fn knows(&self, candidate: &Candidate) -> bool {
        self.places.contains_key(candidate)
    }

    /// What was admitted, in the order asked for.
    pub(super) fn admitted(&self) -> impl Iterator<Item = Ranked> + '_ {
        self.entries
            .iter()
            .filter(|entry| entry.admitted)
            .map(Asked::ranked)
    }

    /// What was played to its end, in the order asked for.
    pub(super) fn whole(&self) -> impl Iterator<Item = Ranked> + '_ {
        self.entries
            .iter()
            .filter(|entry| entry.appraisal.whole)
            .map(Asked::ranked)
    }

    fn appraise(&mut self, batch: &[Candidate], bar: Bar) {
        let appraiser = self.appraiser;
        let earlier: Vec<Option<Appraisal>> = batch
            .iter()
            .map(|candidate| match self.places.get(candidate) {
                Some(place) => {
                    let known = self.entries[*place].appraisal;
                    known.whole.then_some(known)
                }
                None => appraiser.recall(candidate),
            })
            .collect();
        let stop = self.limits.stop;
        let appraisals: Vec<Option<Appraisal>> = batch
            .par_iter()
            .zip(earlier)
            .map(|(candidate, earlier)| {
                earlier.or_else(|| {
                    stop()
                        .is_none()
                        .then(|| appraiser.appraise(candidate, &bar))
                })
            })
            .collect();
        for (candidate, appraisal) in batch.iter().zip(appraisals) {
            if let Some(appraisal) = appraisal {
                self.note(candidate, appraisal, bar);
            }
        }
        (self.told)(&Progress {
            tried: self.tried(),
            at_most: self.limits.evaluations,
            best: self.best.as_ref(),
        });
    }

    fn note(&mut self, candidate: &Candidate, appraisal: Appraisal, bar: Bar) {
        let entry = Asked {
            candidate: candidate.clone(),
            bar,
            appraisal,
            admitted: bar.admits(&appraisal),
        };
        if entry.admitted {
            let ranked = entry.ranked();
            let is_better = self
                .best
                .as_ref()
                .is_none_or(|best| Goal::OBJECTIVE.is_better(&ranked, best));
            if is_better {
                self.best = Some(ranked);
            }
        }
        match self.places.entry(candidate.clone()) {
            Entry::Occupied(place) => self.entries[*place.get()] = entry,
            Entry::Vacant(place) => {
                place.insert(self.entries.len());
                self.recalled += u64::from(self.appraiser.recall(candidate).is_some());
                self.entries.push(entry);
            }
        }
    }
}

impl Asked {
    fn ranked(&self) -> Ranked {
        Ranked {
            candidate: self.candidate.clone(),
            appraisal: self.appraisal,
        }
    }
}
