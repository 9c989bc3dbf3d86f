//! The closed loop of controller, plant, metrics pipeline and analysis over 30 days at 15 s, against a plain scalar
//! loop of formula, window and counters in the same run.
//!
//! `cargo bench --bench closed_loop` prints the ratio; the ceiling is 30, its aim 10.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use scaleplan::analysis::judge;
use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{self, ReadOptions};

const STEP_SECONDS: u32 = 15;
const SYNCS: u32 = 30 * 86_400 / STEP_SECONDS;
const ROUNDS: usize = 15;

const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 1
  maxReplicas: 50
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

/// A daily wave with noise and a spike now and then, requests/s.
fn rates() -> Vec<f64> {
    let mut noise: u64 = 0x9e37_79b9_7f4a_7c15;
    (0..SYNCS)
        .map(|step| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let day = f64::from(step * STEP_SECONDS) / 86_400.0;
            let wave = 1000.0 + 800.0 * (day * std::f64::consts::TAU).sin();
            let spike = if noise % 2000 < 3 { 1.6 } else { 1.0 };
            wave * spike * (0.97 + 0.06 * (noise >> 40) as f64 / f64::from(1 << 24))
        })
        .collect()
}

fn scenario(rates: &[f64]) -> Scenario {
    let rows: Vec<String> = rates
        .iter()
        .enumerate()
        .map(|(row, rate)| format!("{},{rate}", row * STEP_SECONDS as usize))
        .collect();
    let csv = format!("timestamp,rps\n{}\n", rows.join("\n"));
    let trace = trace::read("load.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
    let source = Source {
        name: "hpa.yaml".to_owned(),
        bytes: MANIFEST.into(),
    };
    let manifests = manifest::read(vec![source]);
    let flags = Settings::from_flags(["--runs", "1", "--peak-replicas", "30"]).expect("settings");
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace,
        flags: &flags,
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })
    .expect("a scenario")
}

/// What the plain loop counts.
#[derive(Debug, Default)]
struct Counters {
    replica_syncs: u64,
    overloaded: u64,
    rescales: u64,
    backlog: f64,
}

/// The plain loop: utilization, tolerance, ceil, the doubling limit, a window of 20 recommendations, a backlog.
fn plain_loop(rates: &[f64], capacity: f64) -> Counters {
    let mut counters = Counters::default();
    let mut window = [1_i32; 20];
    let mut replicas = 1_i32;
    let mut backlog = 0.0_f64;
    for (sync, rate) in rates.iter().enumerate() {
        let offered = rate + backlog / f64::from(STEP_SECONDS);
        let served = offered.min(f64::from(replicas) * capacity);
        backlog = ((offered - served) * f64::from(STEP_SECONDS)).max(0.0);
        let ratio = served / (f64::from(replicas) * capacity * 0.7);
        #[expect(clippy::cast_possible_truncation, reason = "a small count of replicas")]
        let wanted = if (0.9..=1.1).contains(&ratio) {
            replicas
        } else {
            (f64::from(replicas) * ratio).ceil() as i32
        };
        window[sync % 20] = wanted;
        let highest = window.iter().copied().fold(0, i32::max);
        let next = highest.min((2 * replicas).max(4)).clamp(1, 50);
        counters.rescales += u64::from(next != replicas);
        counters.overloaded += u64::from(backlog > 0.0);
        counters.replica_syncs += u64::from(replicas.unsigned_abs());
        counters.backlog += backlog;
        replicas = next;
    }
    counters
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// The middle one.
fn median<T: PartialOrd + Copy>(mut times: Vec<T>) -> T {
    times.sort_by(|a, b| a.partial_cmp(b).expect("times are numbers"));
    times[times.len() / 2]
}

fn main() {
    let rates = rates();
    let scenario = scenario(&rates);
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
