//! `Confirmed`: candidates played over all runs, the hardest first, each once.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::hunt::Grounds;
use super::part::{HOUR, Tried, may_miss, rank_that_must_hold};
use super::search::Ranked;
use super::{Appraisal, Candidate, Lattice, Stop};
use crate::stats::Band;

/// Candidates played over all runs.
pub(super) struct Confirmed<'a> {
    lattice: &'a Lattice,
    grounds: Grounds<'a>,
    /// All runs, the hardest first.
    hardest: Vec<u32>,
    known: HashMap<Candidate, Appraisal>,
    /// What is never advised, of what was to be confirmed.
    left_out: HashSet<Candidate>,
}

/// What the runs of a part came to that were played, in the order of `hardest`.
#[derive(Default)]
struct Played {
    spent: Vec<f64>,
    hours: Vec<f64>,
    reversals: Vec<f64>,
    bad: f64,
    arrived: f64,
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
        stop: Stop<'_>,
    ) -> Self {
        let runs = grounds.runs();
        let mut confirmed = Self {
            lattice,
            grounds,
            hardest: (0..runs).collect(),
            known: HashMap::new(),
            left_out: HashSet::new(),
        };
        let mut hardness = vec![0.0; runs as usize];
        for candidate in candidates {
            let is_known = confirmed.known.contains_key(candidate);
            if is_known || !lattice.is_valid(candidate) || confirmed.shuns(candidate) {
                continue;
            }
            let Some((appraisal, played)) = confirmed.play(candidate, f64::INFINITY, stop) else {
                break;
            };
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

    /// Whether a candidate was neither played nor left out.
    pub(super) fn is_open(&self, candidate: &Candidate) -> bool {
        !self.known.contains_key(candidate) && !self.left_out.contains(candidate)
    }

    /// Every candidate that was played, with whether that was over all runs.
    pub(super) fn looked_at(&self) -> HashMap<Candidate, bool> {
        let known = self.known.iter();
        known
            .map(|(candidate, appraisal)| (candidate.clone(), appraisal.whole))
            .collect()
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
    /// gives each up as soon as that is sure. What is never advised is left out, and what has to be stopped too.
    pub(super) fn confirm(&mut self, candidates: &[Candidate], most: f64, stop: Stop<'_>) {
        let is_open = |candidate: &&Candidate| match self.known.get(*candidate) {
            Some(known) => !known.whole && known.budget_spent <= most,
            None => self.is_open(candidate),
        };
        let mut open: Vec<&Candidate> = candidates.iter().filter(is_open).collect();
        open.sort();
        open.dedup();
        let (shunned, open): (Vec<&Candidate>, Vec<&Candidate>) = open
            .into_iter()
            .partition(|candidate| self.shuns(candidate));
        self.left_out.extend(shunned.into_iter().cloned());
        let appraised: Vec<Option<Appraisal>> = open
            .par_iter()
            .map(|candidate| {
                let played = self.play(candidate, most, stop);
                played.map(|(appraisal, _)| appraisal)
            })
            .collect();
        for (candidate, appraisal) in open.into_iter().zip(appraised) {
            let appraisal = appraisal.map(|appraisal| (candidate.clone(), appraisal));
            self.known.extend(appraisal);
        }
    }

    /// Whether a candidate is never advised; the autoscaler as it is always may be.
    fn shuns(&self, candidate: &Candidate) -> bool {
        let changes = self.lattice.changed(candidate).next().is_some();
        changes && (self.grounds.shuns)(&self.lattice.spec(candidate))
    }

    /// Plays a candidate on all parts: first as many of the hardest runs as can make a miss sure, then twice as many
    /// each time. `None` where it had to stop before.
    fn play(
        &self,
        candidate: &Candidate,
        most: f64,
        stop: Stop<'_>,
    ) -> Option<(Appraisal, Vec<Played>)> {
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
                let tried: Vec<Option<Vec<Tried>>> = runs
                    .par_iter()
                    .map(|run| {
                        let backends = self.grounds.backends.iter();
                        stop().is_none().then(|| {
                            backends
                                .map(|backend| {
                                    part.play(&hpa, *backend, *run, f64::INFINITY, f64::INFINITY)
                                })
                                .collect()
                        })
                    })
                    .collect();
                for tried in tried {
                    played.add(&tried?, part.days);
                }
            }
            rest = later;
            wave *= 2;
        }
        let days: f64 = parts.iter().map(|part| part.days).sum();
        let mut appraisal = Appraisal {
            budget_spent: 0.0,
            bad: bad_share(&played),
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
        Some((appraisal, played))
    }
}

/// The share of all requests that were bad.
fn bad_share(played: &[Played]) -> f64 {
    let arrived: f64 = played.iter().map(|part| part.arrived).sum();
    let bad: f64 = played.iter().map(|part| part.bad).sum();
    if arrived > 0.0 { bad / arrived } else { 0.0 }
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
        let requests = tried.iter().map(|tried| tried.figures.requests);
        for requests in requests {
            self.bad += requests.bad();
            self.arrived += requests.arrived;
        }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::advice::Ended;
    use crate::advice::part::Part;
    use crate::advice::testing::{candidates, grounds, lattice, scenario};

    /// Confirms a handful of candidates once whole and once given up, and hands both over.
    fn confirmed(check: impl Fn(&Confirmed<'_>, &Confirmed<'_>, &[Candidate])) {
        let scenario = scenario();
        let part = Part::new(&scenario).expect("it plays");
        let lattice = lattice(&scenario);
        let parts = [&part];
        let grounds = grounds(&parts);
        let candidates = candidates(&lattice);
        let pilots = [lattice.present()];
        let mut whole = Confirmed::pilot(&lattice, grounds, &pilots, &|| None);
        whole.confirm(&candidates, f64::INFINITY, &|| None);
        let mut given_up = Confirmed::pilot(&lattice, grounds, &pilots, &|| None);
        given_up.confirm(&candidates, 1.0, &|| None);
        check(&whole, &given_up, &candidates);
    }

    #[test]
    fn giving_up_changes_no_verdict_and_leaves_a_lower_bound() {
        confirmed(|whole, given_up, candidates| {
            let mut gave_up = 0;
            for candidate in candidates {
                let all = whole.whole(candidate).expect("played whole");
                let some = given_up.get(candidate).expect("played");
                assert_eq!(all.holds(), some.holds(), "{all:?} {some:?}");
                assert!(some.budget_spent <= all.budget_spent, "{all:?} {some:?}");
                gave_up += usize::from(!some.whole);
                assert_eq!(some.whole, given_up.whole(candidate).is_some());
            }
            assert!(0 < gave_up && gave_up < candidates.len(), "{gave_up}");
        });
    }

    #[test]
    fn the_first_look_is_at_the_run_that_decides() {
        confirmed(|whole, _, _| {
            // The pilot itself: what taught which runs are hard.
            let present = &whole.lattice.present();
            let looks = whole.looks(3);
            assert_eq!(looks.len(), 3);
            let played = whole.play(present, f64::INFINITY, &|| None);
            let (appraisal, played) = played.expect("it was played");
            let run = whole.hardest.iter().position(|run| *run == looks[0]);
            let spent = played[0].spent[run.expect("it was played")];
            let harder = played[0].spent.iter().filter(|other| **other > spent);
            assert!(harder.count() <= 1, "{:?}", played[0].spent);
            assert!((appraisal.budget_spent - spent).abs() < 1e-9);
        });
    }

    #[test]
    fn a_stop_is_heard_between_runs_and_leaves_nothing_half_played() {
        confirmed(|whole, _, candidates| {
            let asked = AtomicU32::new(0);
            let stop = || (asked.fetch_add(1, Ordering::Relaxed) > 30).then_some(Ended::TimeSpent);
            let pilots = [whole.lattice.present()];
            let mut stopped = Confirmed::pilot(whole.lattice, whole.grounds, &pilots, &stop);
            assert_eq!(stopped.all_whole().len(), 1);
            stopped.confirm(candidates, f64::INFINITY, &stop);
            assert!(stopped.looked_at().len() < candidates.len());
            for one in stopped.all() {
                assert_eq!(whole.whole(&one.candidate), Some(&one.appraisal));
            }
        });
    }

    #[test]
    fn what_is_never_advised_is_not_confirmed() {
        confirmed(|whole, _, candidates| {
            let grounds = Grounds {
                shuns: &|hpa| hpa.min_replicas > 2,
                ..whole.grounds
            };
            let mut confirmed = Confirmed::pilot(whole.lattice, grounds, &[], &|| None);
            confirmed.confirm(candidates, f64::INFINITY, &|| None);
            let spec = |one: &Ranked| whole.lattice.spec(&one.candidate);
            let all = confirmed.all();
            assert!(all.len() > 3 && all.iter().all(|one| spec(one).min_replicas <= 2));
        });
    }
}
