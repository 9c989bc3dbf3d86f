//! `Screen`: a first look at candidates: few runs, the hardest slices before the whole, given up where there is no hope.

use std::collections::HashMap;

use super::part::{HOUR, Part};
use super::search::{Appraiser, Bar};
use super::{Appraisal, Candidate, Lattice, Shuns};

/// Where candidates are played at first.
pub(super) struct Screen<'a> {
    /// What is searched.
    pub(super) lattice: &'a Lattice,
    /// The hardest slices of the first part, short ones, played first; none where the whole is short.
    pub(super) slices: &'a [Part<'a>],
    /// The parts of the trace, on each of which the objective has to hold.
    pub(super) parts: &'a [&'a Part<'a>],
    /// The backends that the settings are for.
    pub(super) backends: &'a [usize],
    /// Runs that are played; at least one. Easier ones may miss no more than the one that decides.
    pub(super) looks: &'a [u32],
    /// What is never advised.
    pub(super) shuns: Shuns<'a>,
}

/// A slice begins at rest, without the replicas that a long window may have kept: only what spends so many times the
/// budget in question on the slices has no hope on the whole.
const SLICE_MARGIN: f64 = 1.5;

impl Appraiser for Screen<'_> {
    fn appraise(&self, candidate: &Candidate, bar: &Bar) -> Appraisal {
        let hpa = self.lattice.spec(candidate);
        let changes = u32::try_from(self.lattice.changed(candidate).count()).unwrap_or(u32::MAX);
        let mut appraisal = Appraisal {
            budget_spent: 0.0,
            bad: 0.0,
            cost: 0.0,
            reversals: 0.0,
            changes,
            whole: false,
        };
        let (Some(first), Some(look)) = (self.parts.first(), self.looks.first()) else {
            return appraisal;
        };
        for backend in self.backends {
            let mut spent = 0.0;
            for slice in self.slices {
                // What a slice spends of the whole part's budget.
                let share = slice.allowance / first.allowance;
                let left = (SLICE_MARGIN * bar.budget_spent - spent) / share;
                let tried = slice.play(&hpa, *backend, *look, left, f64::INFINITY);
                spent += tried.budget_spent * share;
            }
            appraisal.budget_spent = appraisal.budget_spent.max(spent);
            if spent > SLICE_MARGIN * bar.budget_spent {
                return appraisal;
            }
        }
        appraisal.budget_spent = 0.0;
        let days: f64 = self.parts.iter().map(|part| part.days).sum();
        // So many replica-seconds are a replica-hour a day in every run.
        let runs = self.looks.len();
        let replica_seconds = days * HOUR * runs as f64;
        let mut spent_seconds = 0.0;
        let mut reversals = 0.0;
        let (mut bad, mut arrived) = (0.0, 0.0);
        let mut spent: f64 = 0.0;
        for run in self.looks {
            let mut run_spent: f64 = 0.0;
            for part in self.parts {
                for backend in self.backends {
                    let left = bar.cost * replica_seconds - spent_seconds;
                    let tried = part.play(&hpa, *backend, *run, bar.budget_spent, left);
                    spent_seconds += tried.figures.existing;
                    reversals += f64::from(tried.figures.reversals);
                    bad += tried.figures.requests.bad();
                    arrived += tried.figures.requests.arrived;
                    run_spent = run_spent.max(tried.budget_spent);
                    appraisal.cost = spent_seconds / replica_seconds;
                    if !tried.whole {
                        appraisal.budget_spent = spent.max(run_spent);
                        return appraisal;
                    }
                }
            }
            spent = spent.max(run_spent);
        }
        appraisal.budget_spent = spent;
        appraisal.reversals = reversals / (days * runs as f64);
        appraisal.bad = if arrived > 0.0 { bad / arrived } else { 0.0 };
        appraisal.whole = true;
        // Asking costs, so only of what would be taken.
        appraisal.whole = !(bar.admits(&appraisal) && changes > 0 && (self.shuns)(&hpa));
        appraisal
    }
}

/// A first look that counts so many times what is spent in it: as all runs together spend.
pub(super) struct Hardened<'a> {
    pub(super) screen: &'a Screen<'a>,
    pub(super) growth: f64,
    /// What an earlier look without growth came to.
    pub(super) known: &'a HashMap<Candidate, Appraisal>,
}

impl Appraiser for Hardened<'_> {
    fn appraise(&self, candidate: &Candidate, bar: &Bar) -> Appraisal {
        let bar = Bar {
            budget_spent: bar.budget_spent / self.growth,
            ..*bar
        };
        self.grown(self.screen.appraise(candidate, &bar))
    }

    fn recall(&self, candidate: &Candidate) -> Option<Appraisal> {
        let known = self.known.get(candidate)?;
        Some(self.grown(*known))
    }
}

impl Hardened<'_> {
    fn grown(&self, appraisal: Appraisal) -> Appraisal {
        Appraisal {
            budget_spent: appraisal.budget_spent * self.growth,
            ..appraisal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::testing::{candidates, lattice, scenario};

    /// Screens the run 0 of the scenario.
    fn screened(check: impl Fn(&Screen<'_>, &[Candidate])) {
        let scenario = scenario();
        let part = Part::new(&scenario).expect("it plays");
        let lattice = lattice(&scenario);
        let screen = Screen {
            lattice: &lattice,
            slices: &[],
            parts: &[&part],
            backends: &[0],
            looks: &[0],
            shuns: &|hpa| hpa.min_replicas == 6,
        };
        check(&screen, &candidates(&lattice));
    }

    #[test]
    fn a_look_is_a_whole_run_or_sure_to_be_beyond_the_bar() {
        screened(|screen, candidates| {
            let mut given_up = 0;
            for candidate in candidates {
                let whole = screen.appraise(candidate, &Bar::NONE);
                let bar = Bar {
                    budget_spent: 1.0,
                    cost: 4.0,
                };
                let looked_at = screen.appraise(candidate, &bar);
                assert_eq!(looked_at.whole, bar.admits(&whole), "{whole:?}");
                given_up += u32::from(!looked_at.whole);
            }
            assert!(given_up > 0);
        });
    }

    #[test]
    fn what_is_never_advised_is_of_no_interest() {
        screened(|screen, candidates| {
            for candidate in candidates {
                let is_shunned = screen.lattice.spec(candidate).min_replicas == 6;
                assert_eq!(screen.appraise(candidate, &Bar::NONE).whole, !is_shunned);
            }
        });
    }

    #[test]
    fn a_harder_look_counts_budgets_more_and_recalls_what_is_known() {
        screened(|screen, candidates| {
            let plain = screen.appraise(&candidates[0], &Bar::NONE);
            let harder = Hardened {
                screen,
                growth: 2.0,
                known: &HashMap::from([(candidates[0].clone(), plain)]),
            };
            let recalled = harder.recall(&candidates[0]).expect("it is known");
            assert_eq!(recalled, harder.appraise(&candidates[0], &Bar::NONE));
            assert!((recalled.budget_spent - 2.0 * plain.budget_spent).abs() < 1e-12);
            assert_eq!(harder.recall(&candidates[1]), None);
        });
    }
}
