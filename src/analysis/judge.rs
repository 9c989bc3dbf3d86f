//! `judge`: from an outcome to the figures of a report.

use super::bands::{band, band_of, percent_of};
use super::elasticity::elasticity_card;
use super::scorecard::{
    BackendCard, BoundCard, LagCard, ProvisionCard, Scorecard, SloCard, StabilityCard, StageCard,
    Verdict,
};
use super::traffic::{path_card, traffic_card};
use crate::outcome::{Bound, EpisodeEnd, LagEpisode, Outcome, RunOutcome, Violation};
use crate::scenario::{Backend, BackendKind, Scenario, Slo};

/// How many worst violations a card names.
const WORST: usize = 5;

/// Share of the runs that must hold the objective so that it counts as held.
pub const RUNS_THAT_MUST_HOLD: f64 = 0.95;

/// What `n p` has to reach: the rule of three (Hanley and Lippman-Hand 1983).
const SHOWN_BY: f64 = 3.0;

/// 1 - 0.999 is no thousandth in binary.
const ROUNDING: f64 = 1e-9;

/// Judges an outcome of a scenario.
#[must_use]
pub fn judge(scenario: &Scenario, outcome: &Outcome) -> Scorecard {
    let cards = scenario.backends.iter().zip(&outcome.backends);
    let container = cards
        .clone()
        .find(|(backend, _)| backend.kind == BackendKind::Container);
    Scorecard {
        backends: cards
            .map(|(backend, left)| {
                let against = container.filter(|_| backend.kind != BackendKind::Container);
                let against = against.map(|(backend, left)| (backend, left.runs.as_slice()));
                BackendCard {
                    backend: backend.name.clone(),
                    slo: slo_card(scenario, &left.runs),
                    traffic: traffic_card(&left.runs),
                    path: path_card(backend, &left.runs, against),
                    lag: lag_card(&left.runs),
                    provision: provision_card(scenario, backend, &left.runs),
                    elasticity: elasticity_card(&left.runs),
                    stability: stability_card(&left.runs),
                    bounds: bound_cards(&left.runs),
                }
            })
            .collect(),
        verdict_backend: scenario.verdict_backend,
    }
}

/// How many one-minute slices without a fault show that a share of them in (0, 1) is good, with 95 % confidence: `3 / (1 -
/// share)`, the rule of three.
#[must_use]
pub fn minutes_that_prove(share: f64) -> f64 {
    (SHOWN_BY / (1.0 - share) * (1.0 - ROUNDING)).ceil()
}

fn slo_card(scenario: &Scenario, runs: &[RunOutcome]) -> SloCard {
    let slo = scenario.slo;
    let missed = runs.iter().filter(|run| !holds(slo, run)).count();
    let budget = |run: &RunOutcome| budget_minutes(slo, run);
    let share = |part: fn(&RunOutcome) -> f64| {
        band(runs, |run| percent_of(part(run), run.requests.arrived))
    };
    SloCard {
        verdict: verdict(runs, slo, missed, scenario.rate_scale),
        missed_runs: u32::try_from(missed).unwrap_or(u32::MAX),
        runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
        requests: band(runs, |run| run.requests.arrived),
        good_percent: band(runs, |run| 100.0 * run.requests.good_share()),
        bad_percent: share(|run| run.requests.bad()),
        late_percent: share(|run| run.requests.late),
        timed_out_percent: share(|run| run.requests.timed_out),
        refused_percent: share(|run| run.requests.refused),
        failed_percent: share(|run| run.requests.failed),
        in_flight: band(runs, |run| run.requests.in_flight),
        violation_minutes: band(runs, |run| f64::from(run.violation_slices)),
        counted_minutes: band(runs, |run| f64::from(run.slices)),
        good_minutes_percent: band(runs, |run| 100.0 * run.good_slice_share()),
        allowed_minutes: band(runs, |run| budget(run).unwrap_or(f64::NAN)),
        budget_burn: band(runs, |run| match budget(run) {
            Some(minutes) => burn(f64::from(run.violation_slices), minutes),
            None => burn(
                run.requests.bad(),
                run.requests.arrived * (1.0 - slo.objective),
            ),
        }),
        violations: band(runs, |run| run.violations.len() as f64),
        worst: worst_violations(runs.first().map_or(&[], |run| &run.violations)),
        mean: band(runs, |run| run.latency.mean),
        p50: band(runs, |run| run.latency.p50),
        p95: band(runs, |run| run.latency.p95),
        p99: band(runs, |run| run.latency.p99),
        max: band(runs, |run| run.latency.max),
        worst_backlog: band(runs, |run| run.worst_backlog),
        worst_wait: band(runs, |run| run.worst_wait.as_seconds()),
    }
}

/// Whether a run holds the objective, by its requests or by its one-minute slices.
fn holds(slo: Slo, run: &RunOutcome) -> bool {
    match budget_minutes(slo, run) {
        Some(minutes) => f64::from(run.violation_slices) <= minutes * (1.0 + ROUNDING),
        None => run.requests.good_share() >= slo.objective,
    }
}

/// How many one-minute slices of a run may be below the objective; `None` where it counts requests.
fn budget_minutes(slo: Slo, run: &RunOutcome) -> Option<f64> {
    let share = slo.good_slices?;
    Some(f64::from(run.slices) * (1.0 - share))
}

/// What was spent over what was allowed; NaN where nothing happened that could be allowed.
fn burn(spent: f64, allowed: f64) -> f64 {
    if allowed > 0.0 {
        spent / allowed
    } else {
        f64::NAN
    }
}

/// An objective of `1 - p` that `n` requests keep without a fault is shown with 95 % confidence only if `n p >= 3`
/// (the rule of three). Requests that only scaling made prove nothing. Likewise of one-minute slices, where the objective
/// counts those: they would be as many at any rate.
fn verdict(runs: &[RunOutcome], slo: Slo, missed: usize, rate_scale: f64) -> Verdict {
    let held = (runs.len() - missed) as f64;
    let fewest = |of: fn(&RunOutcome) -> f64| runs.iter().map(of).fold(f64::INFINITY, f64::min);
    let expected = match slo.good_slices {
        Some(share) => fewest(|run| f64::from(run.slices)) * (1.0 - share),
        None => fewest(|run| run.requests.arrived) / rate_scale.max(1.0) * (1.0 - slo.objective),
    };
    if held < RUNS_THAT_MUST_HOLD * runs.len() as f64 {
        Verdict::Missed
    } else if expected * (1.0 + ROUNDING) < SHOWN_BY {
        Verdict::Unproven
    } else {
        Verdict::Met
    }
}

/// The worst violation episodes of a run, most bad requests first, at most five.
#[must_use]
pub fn worst_violations(violations: &[Violation]) -> Vec<Violation> {
    let mut worst = violations.to_vec();
    worst.sort_by(|a, b| {
        b.bad_requests
            .total_cmp(&a.bad_requests)
            .then(a.begin.cmp(&b.begin))
    });
    worst.truncate(WORST);
    worst
}

fn lag_card(runs: &[RunOutcome]) -> LagCard {
    let ended = |ending| {
        band(runs, |run| {
            run.lag_episodes
                .iter()
                .filter(|episode| episode.ending == ending)
                .count() as f64
        })
    };
    // Each run's episodes that ended, the shortest first.
    let ranked: Vec<Vec<LagEpisode>> = runs.iter().map(ranked_episodes).collect();
    let of_rank = |q: f64, figure: fn(&LagEpisode) -> f64| {
        let figures = ranked
            .iter()
            .filter_map(|episodes| at_rank(episodes, q))
            .map(figure);
        band_of(&figures.collect::<Vec<_>>())
    };
    let stage = |length: fn(&LagEpisode) -> f64| {
        let means = ranked
            .iter()
            .filter(|episodes| !episodes.is_empty())
            .map(|episodes| episodes.iter().map(length).sum::<f64>() / episodes.len() as f64);
        StageCard {
            mean: band_of(&means.collect::<Vec<_>>()),
            p50: of_rank(0.5, length),
            p95: of_rank(0.95, length),
            max: of_rank(1.0, length),
        }
    };
    let lag = |episode: &LagEpisode| episode.lag().as_seconds();
    LagCard {
        episodes: band(runs, |run| run.lag_episodes.len() as f64),
        capacity_arrived: ended(EpisodeEnd::CapacityArrived),
        demand_fell: ended(EpisodeEnd::DemandFell),
        censored: ended(EpisodeEnd::Censored),
        p50: of_rank(0.5, lag),
        p95: of_rank(0.95, lag),
        max: of_rank(1.0, lag),
        stages: [
            stage(|episode| episode.detect.as_seconds()),
            stage(|episode| episode.decide.as_seconds()),
            stage(|episode| episode.prepare.as_seconds()),
            stage(|episode| episode.start.as_seconds()),
            stage(|episode| episode.ready.as_seconds()),
        ],
    }
}

/// The 95th percentile of the scale lag of one run, seconds; NaN where no episode ended.
pub(super) fn lag_p95(run: &RunOutcome) -> f64 {
    at_rank(&ranked_episodes(run), 0.95).map_or(f64::NAN, |episode| episode.lag().as_seconds())
}

/// The episodes of a run that ended, the shortest first.
fn ranked_episodes(run: &RunOutcome) -> Vec<LagEpisode> {
    let ended = |episode: &&LagEpisode| episode.ending != EpisodeEnd::Censored;
    let mut episodes: Vec<LagEpisode> = run.lag_episodes.iter().filter(ended).copied().collect();
    episodes.sort_by_key(LagEpisode::lag);
    episodes
}

/// The episode of a rank: the least that the share `q` of all does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank within the list"
)]
fn at_rank(episodes: &[LagEpisode], q: f64) -> Option<&LagEpisode> {
    let rank = (q * episodes.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    episodes.get(rank - 1)
}

fn provision_card(scenario: &Scenario, backend: &Backend, runs: &[RunOutcome]) -> ProvisionCard {
    const HOUR: f64 = 3600.0;
    let cores = backend.plant.pod.cpu_request;
    let of_time = |seconds: fn(&RunOutcome) -> f64| {
        band(runs, |run| {
            percent_of(seconds(run), run.horizon.as_seconds())
        })
    };
    ProvisionCard {
        under_replica_hours: band(runs, |run| run.provision.under / HOUR),
        over_replica_hours: band(runs, |run| run.provision.over / HOUR),
        under_percent: of_time(|run| run.provision.under_seconds),
        over_percent: of_time(|run| run.provision.over_seconds),
        replica_hours: band(runs, |run| run.provision.existing / HOUR),
        core_hours: band(runs, |run| run.provision.existing / HOUR * cores),
        cost: band(runs, |run| {
            run.provision.existing / HOUR * cores * scenario.price_per_core_hour
        }),
        peak_ready: band(runs, |run| f64::from(run.provision.peak_ready)),
        peak_demand: band(runs, |run| f64::from(run.provision.peak_demand)),
    }
}

fn stability_card(runs: &[RunOutcome]) -> StabilityCard {
    StabilityCard {
        scale_ups: band(runs, |run| count_rescales(run, |from, to| to > from)),
        scale_downs: band(runs, |run| count_rescales(run, |from, to| to < from)),
        reversals: band(runs, reversals),
        overshoot_percent: band(runs, overshoot_percent),
        settling_seconds: band(runs, |run| {
            let lengths = run
                .bursts
                .iter()
                .map(|burst| (burst.end - burst.begin).as_seconds());
            lengths.fold(f64::NAN, f64::max)
        }),
    }
}

fn count_rescales(run: &RunOutcome, counts: fn(u32, u32) -> bool) -> f64 {
    run.rescales
        .iter()
        .filter(|rescale| counts(rescale.from, rescale.to))
        .count() as f64
}

/// Writes whose direction differs from that of the write before.
fn reversals(run: &RunOutcome) -> f64 {
    let up: Vec<bool> = run
        .rescales
        .iter()
        .map(|rescale| rescale.to > rescale.from)
        .collect();
    up.windows(2).filter(|pair| pair[0] != pair[1]).count() as f64
}

/// The largest overshoot of the run's movements; 0 where none went too far, NaN without any.
fn overshoot_percent(run: &RunOutcome) -> f64 {
    let beyond = run.bursts.iter().map(|burst| {
        let needed = f64::from(burst.needed_at_target.max(burst.from).max(1));
        percent_of((f64::from(burst.to) - needed).max(0.0), needed)
    });
    beyond.fold(f64::NAN, f64::max)
}

fn bound_cards(runs: &[RunOutcome]) -> Vec<BoundCard> {
    let time = |bound: Bound| -> f64 {
        runs.iter()
            .map(|run| run.bound_time[bound as usize].as_seconds())
            .sum()
    };
    let whole: f64 = Bound::ALL.iter().map(|bound| time(*bound)).sum();
    Bound::ALL
        .iter()
        .map(|bound| BoundCard {
            bound: *bound,
            episodes: runs
                .iter()
                .flat_map(|run| &run.lag_episodes)
                .filter(|episode| episode.bound == *bound)
                .count() as u64,
            share: percent_of(time(*bound), whole) / 100.0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{
        ElasticityFigures, LatencyFigures, Provision, RequestTotals, Rescale, ScaleUpBurst,
        TrafficFigures,
    };
    use crate::units::{SimDuration, SimTime};

    fn run(requests: RequestTotals) -> RunOutcome {
        RunOutcome {
            run: 0,
            horizon: SimDuration::from_seconds(3600),
            requests,
            latency: LatencyFigures {
                p50: 0.1,
                p95: 0.2,
                p99: f64::NAN,
                mean: f64::NAN,
                max: f64::NAN,
            },
            traffic: TrafficFigures::NONE,
            worst_backlog: 0.0,
            worst_wait: SimDuration::ZERO,
            lag_episodes: Vec::new(),
            violations: Vec::new(),
            slices: 60,
            violation_slices: 0,
            provision: Provision::default(),
            elasticity: ElasticityFigures::default(),
            rescales: Vec::new(),
            bursts: Vec::new(),
            bound_time: [SimDuration::ZERO; Bound::ALL.len()],
            syncs: 240,
        }
    }

    fn requests(arrived: f64, late: f64) -> RequestTotals {
        RequestTotals {
            arrived,
            late,
            ..RequestTotals::default()
        }
    }

    fn episode(lag: i64, detect: i64, ending: EpisodeEnd) -> LagEpisode {
        let (whole, detect) = (
            SimDuration::from_seconds(lag),
            SimDuration::from_seconds(detect),
        );
        LagEpisode {
            begin: SimTime::ZERO,
            end: SimTime::ZERO + whole,
            ending,
            detect,
            decide: SimDuration::ZERO,
            prepare: SimDuration::ZERO,
            start: SimDuration::ZERO,
            ready: whole - detect,
            ready_at_begin: 1,
            peak_demand: 2,
            bound: Bound::Startup,
        }
    }

    #[track_caller]
    fn check_verdict(totals: &[RequestTotals], expected: Verdict) {
        let runs: Vec<RunOutcome> = totals.iter().map(|totals| run(*totals)).collect();
        let missed = runs
            .iter()
            .filter(|run| run.requests.good_share() < 0.99)
            .count();
        assert_eq!(verdict(&runs, Slo::DEFAULT, missed, 1.0), expected);
        let tenfold = verdict(&runs, Slo::DEFAULT, missed, 10.0);
        assert!(expected != Verdict::Unproven || tenfold == expected);
    }

    #[test]
    fn an_objective_is_met_missed_or_unproven() {
        check_verdict(&[requests(1000.0, 5.0); 20], Verdict::Met);
        check_verdict(&[requests(1000.0, 11.0); 20], Verdict::Missed);
        // The rule of three: 99 % needs 300 requests without a fault.
        check_verdict(&[requests(299.0, 0.0); 20], Verdict::Unproven);
        check_verdict(&[requests(300.0, 0.0); 20], Verdict::Met);
        let mut one_of_twenty = [requests(1000.0, 5.0); 20];
        one_of_twenty[7] = requests(1000.0, 500.0);
        check_verdict(&one_of_twenty, Verdict::Met);
        one_of_twenty[8] = requests(1000.0, 500.0);
        check_verdict(&one_of_twenty, Verdict::Missed);
    }

    /// Minutes with requests, and those below the objective.
    #[track_caller]
    fn check_verdict_by_minutes(good_slices: f64, slices: u32, below: u32, expected: Verdict) {
        let slo = Slo {
            good_slices: Some(good_slices),
            ..Slo::DEFAULT
        };
        // Every request is bad: it does not matter here.
        let mut run = run(requests(10.0, 10.0));
        (run.slices, run.violation_slices) = (slices, below);
        let missed = usize::from(!holds(slo, &run));
        assert_eq!(verdict(&[run], slo, missed, 1000.0), expected);
    }

    #[test]
    fn an_objective_over_minutes_counts_minutes() {
        check_verdict_by_minutes(0.99, 1000, 10, Verdict::Met);
        check_verdict_by_minutes(0.99, 1000, 11, Verdict::Missed);
        check_verdict_by_minutes(0.999, 3000, 3, Verdict::Met);
        check_verdict_by_minutes(0.999, 3000, 4, Verdict::Missed);
        // The rule of three: 99.9 % needs 3,000 minutes without a fault.
        check_verdict_by_minutes(0.999, 2999, 0, Verdict::Unproven);
        check_verdict_by_minutes(0.999, 1440, 2, Verdict::Missed);
        check_verdict_by_minutes(0.99, 0, 0, Verdict::Unproven);
        assert!((minutes_that_prove(0.999) - 3000.0).abs() < 1e-9);
        assert!((minutes_that_prove(0.95) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_budget_burns_by_what_the_objective_counts() {
        let by_requests = |run: &RunOutcome| {
            let allowed = run.requests.arrived * (1.0 - Slo::DEFAULT.objective);
            burn(run.requests.bad(), allowed)
        };
        assert!((by_requests(&run(requests(1000.0, 20.0))) - 2.0).abs() < 1e-9);
        assert!(by_requests(&run(requests(0.0, 0.0))).is_nan());
        let slo = Slo {
            good_slices: Some(0.9),
            ..Slo::DEFAULT
        };
        let run = run(requests(1000.0, 20.0));
        let allowed = budget_minutes(slo, &run).expect("minutes are counted");
        assert!((allowed - 6.0).abs() < 1e-9);
        assert_eq!(budget_minutes(Slo::DEFAULT, &run), None);
    }

    #[test]
    fn censored_episodes_are_counted_but_have_no_lag() {
        let mut run = run(requests(1000.0, 0.0));
        run.lag_episodes = vec![
            episode(30, 10, EpisodeEnd::CapacityArrived),
            episode(50, 20, EpisodeEnd::CapacityArrived),
            episode(40, 40, EpisodeEnd::DemandFell),
            episode(9000, 1, EpisodeEnd::Censored),
        ];
        let card = lag_card(&[run]);
        let medians = [
            card.p50,
            card.max,
            card.episodes,
            card.censored,
            card.demand_fell,
            card.stages[0].p50,
        ]
        .map(|band| band.median.round());
        assert_eq!(
            medians.map(|median| format!("{median}")),
            ["40", "50", "4", "1", "1", "40"]
        );
    }

    #[test]
    fn reversals_and_overshoot_follow_the_writes() {
        let mut run = run(requests(1000.0, 0.0));
        let write = |at, from, to| Rescale {
            at: SimTime::from_seconds(at),
            from,
            to,
        };
        run.rescales = vec![
            write(0, 1, 4),
            write(15, 4, 8),
            write(400, 8, 5),
            write(500, 5, 6),
        ];
        let burst = |from, to, needed_at_target| ScaleUpBurst {
            begin: SimTime::ZERO,
            end: SimTime::from_seconds(15),
            from,
            to,
            needed_at_target,
        };
        run.bursts = vec![burst(1, 8, 5), burst(5, 6, 6)];
        assert!((reversals(&run) - 2.0).abs() < 1e-12);
        assert!((overshoot_percent(&run) - 60.0).abs() < 1e-12);
        assert!(overshoot_percent(&self::run(requests(1.0, 0.0))).is_nan());
    }

    #[test]
    fn a_figure_that_no_run_has_is_nan() {
        let band = band(&[run(requests(0.0, 0.0))], |run| run.latency.p99);
        assert!(band.median.is_nan() && band.low.is_nan() && band.high.is_nan());
    }
}
