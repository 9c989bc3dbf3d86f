//! Trials of settings over seven days at 15 s (40,320 syncs), whole and with hopeless ones given up, against `simulate`
//! and the plain loop in the same run.
//!
//! `cargo bench --bench trials` prints trials/s of one core; the issue asks for 100 whole ones and 500 with giving up,
//! and that none costs more than 1.2 times a simulation.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod common;

use std::hint::black_box;
use std::time::Duration;

use common::{STEP_SECONDS, median, plain_loop, rates, scenario, timed};
use scaleplan::engine::{GiveUp, Stage, Trial, Trialled, simulate};
use scaleplan::hpa::{HpaSpec, MetricSpec, MetricTarget};
use scaleplan::scenario::Scenario;

const SYNCS: u32 = 7 * 86_400 / STEP_SECONDS;
const ROUNDS: usize = 15;

/// Candidates of a lattice: fewest replicas and target, in an order that a search could take.
fn candidates(scenario: &Scenario) -> Vec<HpaSpec> {
    let mut candidates = Vec::new();
    for percent in (30..=95).rev().step_by(5) {
        for min_replicas in [1, 2, 4, 8, 12, 16, 20, 25] {
            let mut hpa = scenario.hpa.clone();
            hpa.min_replicas = min_replicas;
            if let MetricSpec::Resource { target, .. } = &mut hpa.metrics[0] {
                *target = MetricTarget::Utilization(percent);
            }
            candidates.push(hpa);
        }
    }
    candidates
}

fn play(stage: &Stage<'_>, hpa: &HpaSpec, give_up: GiveUp) -> Trialled {
    let least = u32::try_from(hpa.min_replicas).unwrap_or(0);
    stage.play(
        0,
        0,
        &Trial {
            hpa,
            initial_replicas: stage.scenario().initial_replicas.max(least),
            give_up,
        },
    )
}

/// What a search over all candidates came to.
#[derive(Debug, Default)]
struct Search {
    whole: usize,
    given_up: usize,
    /// Replica-seconds of the cheapest that holds the objective.
    cheapest: Option<f64>,
    /// Share of the trace that was played.
    played: f64,
}

/// Tries all; a candidate is given up once it has broken the objective's budget, or cost more than the cheapest so far.
fn search(stage: &Stage<'_>, candidates: &[HpaSpec]) -> Search {
    let scenario = stage.scenario();
    let mut search = Search::default();
    let budget = (1.0 - scenario.slo.objective) * scenario.trace.total_requests();
    for hpa in candidates {
        let give_up = GiveUp {
            bad_requests: budget,
            replica_seconds: search.cheapest.unwrap_or(f64::INFINITY),
            ..GiveUp::NEVER
        };
        match play(stage, hpa, give_up) {
            Trialled::Whole(figures) => {
                search.whole += 1;
                search.played += 1.0;
                if figures.requests.bad() <= budget {
                    let cheapest = search.cheapest.unwrap_or(f64::INFINITY);
                    search.cheapest = Some(cheapest.min(figures.existing));
                }
            }
            Trialled::GivenUp { at, .. } => {
                search.given_up += 1;
                search.played += at.as_seconds() / scenario.trace.end().as_seconds();
            }
        }
    }
    search.played /= candidates.len() as f64;
    search
}

fn main() {
    let scenario = scenario(&rates(SYNCS), "99.9%<1s");
    let capacity = scenario.rate_at_target / 0.7;
    let rates = scenario.trace.rates().to_vec();
    let stage = Stage::new(&scenario).expect("a stage");
    let candidates = candidates(&scenario);
    // In turns, so that whatever else the machine does meets all.
    let (mut plains, mut simulations, mut trials, mut searches) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut to_plain, mut to_simulation) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let plain = timed(|| {
            black_box(plain_loop(black_box(&rates), capacity));
        });
        let simulation = timed(|| {
            black_box(simulate(black_box(&scenario)).expect("it plays"));
        });
        let trial = timed(|| {
            black_box(play(&stage, black_box(&scenario.hpa), GiveUp::NEVER));
        });
        let searched = timed(|| {
            black_box(search(&stage, black_box(&candidates)));
        });
        to_plain.push(trial.as_secs_f64() / plain.as_secs_f64());
        to_simulation.push(trial.as_secs_f64() / simulation.as_secs_f64());
        plains.push(plain);
        simulations.push(simulation);
        trials.push(trial);
        searches.push(searched);
    }
    let searched = search(&stage, &candidates);
    let per_sync = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(SYNCS);
    let line = |name: &str, time: Duration| {
        println!("{name:<12} {time:?}, {:.0} ns a sync", per_sync(time));
    };
    let trial = median(trials);
    line("plain loop:", median(plains));
    line("simulation:", median(simulations));
    line("whole trial:", trial);
    println!(
        "             {:.0} trials/s (at least 100)",
        1.0 / trial.as_secs_f64()
    );
    println!(
        "             {:.2} of a simulation (at most 1.2), {:.1} of the plain loop, the medians of rounds",
        median(to_simulation),
        median(to_plain)
    );
    let each = median(searches) / u32::try_from(candidates.len()).expect("few");
    println!(
        "giving up:   {:.0} trials/s (at least 500): {} candidates, {} given up, {:.0} % of the trace played",
        1.0 / each.as_secs_f64(),
        candidates.len(),
        searched.given_up,
        100.0 * searched.played
    );
    println!(
        "             {} whole; the cheapest that holds has {:.0} replica-hours",
        searched.whole,
        searched.cheapest.unwrap_or(f64::NAN) / 3600.0
    );
}
