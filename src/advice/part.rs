//! `Part`: a part of the trace on which settings are judged, and how they stand on it.

use rayon::prelude::*;

use super::{Figures, Standing, Stop};
use crate::engine::{EngineError, GiveUp, Stage, Trial, TrialFigures, Trialled};
use crate::hpa::HpaSpec;
use crate::scenario::{Scenario, Slo};
use crate::stats::Band;

/// Seconds of an hour.
pub(super) const HOUR: f64 = 3600.0;

/// Seconds of a day.
pub(super) const DAY: f64 = 86_400.0;

/// A part of the trace on which settings are judged.
#[derive(Debug)]
pub(super) struct Part<'a> {
    stage: Stage<'a>,
    /// Requests, or one-minute slices, of a run that may be bad.
    pub(super) allowance: f64,
    /// Its length, days.
    pub(super) days: f64,
}

/// What a run came to on one backend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    /// The figures, up to where it was given up.
    pub(super) figures: TrialFigures,
    /// Share of the error budget spent up to there.
    pub(super) budget_spent: f64,
    /// Whether it was played to the end.
    pub(super) whole: bool,
}

impl<'a> Part<'a> {
    /// Prepares the scenario of a part.
    pub(super) fn new(scenario: &'a Scenario) -> Result<Self, EngineError> {
        let seconds = scenario.trace.end().as_seconds();
        let slo = scenario.slo;
        Ok(Self {
            stage: Stage::new(scenario)?,
            allowance: allowance(slo, scenario.trace.total_requests(), seconds / 60.0),
            days: seconds / DAY,
        })
    }

    /// Its scenario.
    pub(super) const fn scenario(&self) -> &'a Scenario {
        self.stage.scenario()
    }

    /// Plays one run of one backend; gives up where it spends more budget, or replica-seconds, than that.
    pub(super) fn play(
        &self,
        hpa: &HpaSpec,
        backend: usize,
        run: u32,
        budget_spent: f64,
        replica_seconds: f64,
    ) -> Tried {
        let scenario = self.scenario();
        let most = self.allowance * budget_spent;
        let (bad_requests, violation_slices) = match scenario.slo.good_slices {
            None => (most, f64::INFINITY),
            Some(_) => (f64::INFINITY, most),
        };
        let played = self.stage.play(
            backend,
            run,
            &Trial {
                hpa,
                initial_replicas: scenario.initial_replicas_under(hpa),
                give_up: GiveUp {
                    bad_requests,
                    violation_slices,
                    replica_seconds,
                },
            },
        );
        let figures = *played.figures();
        let whole = matches!(played, Trialled::Whole(_));
        Tried {
            figures,
            budget_spent: self.budget_spent(&figures, whole),
            whole,
        }
    }

    /// Share of a run's error budget that was spent: of a run given up, against the budget of a whole one.
    fn budget_spent(&self, figures: &TrialFigures, whole: bool) -> f64 {
        let slo = self.scenario().slo;
        let requests = figures.requests;
        let allowance = if whole {
            allowance(slo, requests.arrived, f64::from(figures.slices))
        } else {
            self.allowance
        };
        let bad = match slo.good_slices {
            None => requests.bad(),
            Some(_) => f64::from(figures.violation_slices),
        };
        if bad <= 0.0 {
            0.0
        } else if allowance > 0.0 {
            bad / allowance
        } else {
            f64::INFINITY
        }
    }

    /// How settings stand on the part, over all runs of these backends: of each run the worst backend, costs summed. Where
    /// it has to stop, over those played until then: the first at least.
    pub(super) fn standing(
        &self,
        hpa: &HpaSpec,
        backends: &[usize],
        confidence: f64,
        stop: Stop<'_>,
    ) -> Standing {
        let scenario = self.scenario();
        let play = |run: u32| -> Option<Vec<Tried>> {
            let backends = backends.iter();
            (run == 0 || stop().is_none()).then(|| {
                backends
                    .map(|backend| self.play(hpa, *backend, run, f64::INFINITY, f64::INFINITY))
                    .collect()
            })
        };
        let played: Vec<Option<Vec<Tried>>> =
            (0..scenario.runs).into_par_iter().map(play).collect();
        let played: Vec<Vec<Tried>> = played.into_iter().flatten().collect();
        let runs = u32::try_from(played.len()).unwrap_or(u32::MAX);
        let by_run = || played.iter();
        let worst = |figure: &dyn Fn(&Tried) -> f64| {
            let runs = by_run().map(|tried| tried.iter().map(figure).fold(0.0, f64::max));
            band(&runs.collect::<Vec<_>>())
        };
        let total = |figure: &dyn Fn(usize, &Tried) -> f64| {
            let runs = by_run().map(|tried| {
                let pairs = backends.iter().zip(tried);
                pairs
                    .map(|(backend, tried)| figure(*backend, tried))
                    .sum::<f64>()
                    / self.days
            });
            band(&runs.collect::<Vec<_>>())
        };
        let price = |backend: usize| {
            scenario.backends[backend].plant.pod.cpu_request * scenario.price_per_core_hour
        };
        let spent: Vec<f64> = by_run()
            .map(|tried| {
                tried
                    .iter()
                    .map(|tried| tried.budget_spent)
                    .fold(0.0, f64::max)
            })
            .collect();
        let held_runs = spent.iter().filter(|spent| **spent <= 1.0).count();
        Standing {
            held_runs: u32::try_from(held_runs).unwrap_or(u32::MAX),
            runs,
            holds: rank_that_must_hold(&spent, confidence) <= 1.0,
            proven: self.proves(),
            figures: Figures {
                budget_spent: band(&spent),
                must_hold: rank_that_must_hold(&spent, confidence),
                bad_percent: worst(&|tried| 100.0 * (1.0 - tried.figures.requests.good_share())),
                violation_minutes: worst(&|tried| {
                    f64::from(tried.figures.violation_slices) / self.days
                }),
                replica_hours: total(&|_, tried| tried.figures.existing / HOUR),
                cost: total(&|backend, tried| tried.figures.existing / HOUR * price(backend)),
                reversals: total(&|_, tried| f64::from(tried.figures.reversals)),
                peak_ready: worst(&|tried| f64::from(tried.figures.peak_ready)),
            },
        }
    }

    /// Whether so many requests, or slices, can show the objective: the rule of three (see the verdict of a report).
    fn proves(&self) -> bool {
        let scenario = self.scenario();
        let real = match scenario.slo.good_slices {
            None => self.allowance / scenario.rate_scale.max(1.0),
            Some(_) => self.allowance,
        };
        real >= 3.0
    }
}

/// How many of so many runs need not hold the objective.
pub(super) fn may_miss(runs: usize, confidence: f64) -> usize {
    runs - runs_that_must_hold(runs, confidence)
}

/// Of the shares of the budget that runs spent, that of the worst run which has to hold.
pub(super) fn rank_that_must_hold(spent: &[f64], confidence: f64) -> f64 {
    let mut ranked = spent.to_vec();
    ranked.sort_by(f64::total_cmp);
    let held = runs_that_must_hold(ranked.len(), confidence);
    held.checked_sub(1)
        .and_then(|last| ranked.get(last).copied())
        .unwrap_or(0.0)
}

/// How many of so many runs have to hold the objective.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count, between zero and the count"
)]
fn runs_that_must_hold(runs: usize, confidence: f64) -> usize {
    let held = (confidence.clamp(0.0, 1.0) * runs as f64 - 1e-9)
        .ceil()
        .max(0.0);
    (held as usize).min(runs)
}

/// Requests, or minutes, of which so many may be bad.
fn allowance(slo: Slo, requests: f64, minutes: f64) -> f64 {
    match slo.good_slices {
        None => requests * (1.0 - slo.objective),
        Some(share) => minutes * (1.0 - share),
    }
}

fn band(values: &[f64]) -> Band {
    Band::of(values).unwrap_or(Band {
        low: f64::NAN,
        median: f64::NAN,
        high: f64::NAN,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::Ended;
    use crate::advice::testing::scenario;

    #[test]
    fn of_twenty_runs_the_second_worst_decides_at_95_percent() {
        let spent: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(may_miss(20, 0.95), 1);
        assert_eq!(
            rank_that_must_hold(&spent, 0.95).to_bits(),
            19.0_f64.to_bits()
        );
        assert_eq!(
            rank_that_must_hold(&spent, 1.0).to_bits(),
            20.0_f64.to_bits()
        );
        assert_eq!(may_miss(10, 0.95), 0);
        assert_eq!(rank_that_must_hold(&[], 0.95).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_standing_that_has_to_stop_is_of_the_runs_played_until_then() {
        let scenario = scenario();
        let part = Part::new(&scenario).expect("it plays");
        let stopped = part.standing(&scenario.hpa, &[0], 0.95, &|| Some(Ended::TimeSpent));
        assert_eq!(stopped.runs, 1);
        let whole = part.standing(&scenario.hpa, &[0], 0.95, &|| None);
        assert_eq!(whole.runs, scenario.runs);
        assert!(stopped.figures.must_hold > 0.0);
    }

    #[test]
    fn what_a_run_spends_is_its_bad_requests_over_those_that_may_be() {
        let scenario = scenario();
        let part = Part::new(&scenario).expect("it plays");
        let whole = part.play(&scenario.hpa, 0, 0, f64::INFINITY, f64::INFINITY);
        assert!(whole.whole);
        let allowed = 0.01 * whole.figures.requests.arrived;
        assert!((whole.budget_spent - whole.figures.requests.bad() / allowed).abs() < 1e-9);
        let given_up = part.play(&scenario.hpa, 0, 0, whole.budget_spent / 2.0, f64::INFINITY);
        assert!(!given_up.whole && given_up.budget_spent > whole.budget_spent / 2.0);
    }
}
