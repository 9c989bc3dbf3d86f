//! The closed loop of controller, plant, metrics pipeline and analysis over 30 days at 15 s, against a plain scalar
//! loop of formula, window and counters in the same run.
//!
//! `cargo bench --bench closed_loop` prints the ratio; the ceiling is 30, its aim 10.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod common;

use std::hint::black_box;
use std::time::Duration;

use common::{STEP_SECONDS, median, plain_loop, rates, scenario, timed};
use scaleplan::analysis::judge;
use scaleplan::engine::simulate;

const SYNCS: u32 = 30 * 86_400 / STEP_SECONDS;
const ROUNDS: usize = 15;

fn main() {
    let rates = rates(SYNCS);
    let scenario = scenario(&rates, "p99<300ms");
    let capacity = scenario.rate_at_target / 0.7;
    let rates = scenario.trace.rates().to_vec();
    // In turns, so that whatever else the machine does meets both.
    let (mut plains, mut wholes, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let plain = timed(|| {
            black_box(plain_loop(black_box(&rates), capacity));
        });
        let whole = timed(|| {
            let outcome = simulate(black_box(&scenario)).expect("it plays");
            black_box(judge(&scenario, &outcome));
        });
        ratios.push(whole.as_secs_f64() / plain.as_secs_f64());
        plains.push(plain);
        wholes.push(whole);
    }
    let (plain, whole) = (median(plains), median(wholes));
    let outcome = simulate(&scenario).expect("it plays");
    let run = &outcome.backends[0].runs[0];
    let per_sync = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(SYNCS);
    println!(
        "plain loop:   {:?} for {SYNCS} syncs, {:.1} ns each",
        plain,
        per_sync(plain)
    );
    println!(
        "closed loop:  {:?} for {} syncs, {:.0} ns each",
        whole,
        run.syncs,
        per_sync(whole)
    );
    println!(
        "              {} rescales, {} lag episodes",
        run.rescales.len(),
        run.lag_episodes.len()
    );
    println!(
        "ratio:        {:.1}, the median of rounds (at most 30, aim 10)",
        median(ratios)
    );
}
