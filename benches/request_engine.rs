//! Requests one by one against a plain event loop on a `BinaryHeap` that has only arrivals, departures and queues, in the
//! same run, on one thread: the player alone (path, connections, timeouts, a histogram), and the whole engine with control
//! loop, plant and recorders around it, with and without retries.
//!
//! `cargo bench --bench request_engine` prints requests/s and the ratio; the floor for the whole engine's ratio is
//! 1, its aim on a steady trace without retries 5 M requests/s.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "nanoseconds of a time that is not negative"
)]

#[path = "common/played.rs"]
mod played;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::{Duration, Instant};

use played::played;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::Exp1;
use rand_pcg::Pcg64Mcg;
use scaleplan::engine::simulate;
use scaleplan::scenario::Scenario;
use scaleplan::stats::Distribution;
use scaleplan::traffic::{
    Balancing, ConnectionSpec, Discipline, Offered, PathSpec, PlayerSpec, RequestPlayer, RetrySpec,
    Strategy,
};
use scaleplan::units::{SimDuration, SimTime};

const BACKENDS: usize = 10;
const WORKERS: u32 = 5;
const SERVICE_SECONDS: f64 = 0.1;
const OCCUPANCY: f64 = 0.8;
const SECONDS: i64 = 5000;
const ROUNDS: usize = 5;

const RATE: f64 = OCCUPANCY * BACKENDS as f64 * WORKERS as f64 / SERVICE_SECONDS;

fn spec(strategy: Strategy) -> PlayerSpec {
    PlayerSpec {
        balancing: Balancing {
            strategy,
            ..Balancing::random()
        },
        path: PathSpec {
            latency: Distribution::Deterministic { value: 1e-4 },
            ingress_latency: 0.0,
            bits_per_second: 1e10,
            request_bytes: 1000.0,
            response_bytes: 10_000.0,
            connections: ConnectionSpec {
                most: 100_000,
                keep_alive: SimDuration::from_seconds(60),
                linger: SimDuration::from_seconds(120),
            },
        },
        workers: WORKERS,
        speed: f64::from(WORKERS),
        service: Distribution::Exponential {
            mean: SERVICE_SECONDS,
        },
        discipline: Discipline::Fifo,
        queue_bound: None,
        timeout: SimDuration::from_seconds(30),
        retry: RetrySpec::NONE,
        slo_seconds: 0.3,
    }
}

/// Plays the span in steps of 15 s, as a control loop would. Returns the requests and their mean latency.
fn player(strategy: Strategy) -> (f64, f64) {
    let mut player = RequestPlayer::new(spec(strategy), 1, 0);
    let ids: Vec<u64> = (0..BACKENDS as u64).collect();
    for id in &ids {
        player.add(*id);
    }
    player.set_rotation(&ids);
    let mut arrived = 0.0;
    let mut begin = 0;
    while begin < SECONDS {
        let end = (begin + 15).min(SECONDS);
        let span = (SimTime::from_seconds(begin), SimTime::from_seconds(end));
        let tally = player.play(span.0, span.1, Offered::Poisson { rate: RATE });
        arrived += tally.arrived as f64;
        begin = end;
    }
    (arrived, player.latencies().mean().unwrap_or(f64::NAN))
}

const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 10
  maxReplicas: 12
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
";

/// The same load as a scenario: a steady trace, one run of one backend.
fn scenario(strategy: Strategy, retries: &str) -> Scenario {
    let rows: Vec<String> = (0..SECONDS)
        .step_by(50)
        .map(|second| format!("{second},{RATE}"))
        .collect();
    let csv = format!("timestamp,rps\n{}\n", rows.join("\n"));
    let workers = WORKERS.to_string();
    let strategy = strategy.to_string();
    let flags = [
        ["--runs", "1"],
        ["--fidelity", "discrete"],
        ["--rate-scale", "1"],
        ["--cpu-per-request", "100ms"],
        ["--cpu-request", &workers],
        ["--cpu-limit", &workers],
        ["--concurrency", &workers],
        ["--service", "exp(100ms)"],
        ["--timeout", "2s"],
        ["--slo", "99%<2s"],
        ["--retries", retries],
        ["--balancing", &strategy],
    ];
    played(MANIFEST, &csv, flags.as_flattened())
}

/// Plays a scenario. Returns the requests and their mean latency.
fn engine(scenario: &Scenario) -> (f64, f64) {
    let outcome = simulate(scenario).expect("it plays");
    let run = &outcome.backends[0].runs[0];
    (run.requests.arrived, run.latency.mean)
}

/// What happens in the event loop: the backend of a departure, or an arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    Departure { backend: usize, arrived: u64 },
}

struct PlainBackend {
    busy: u32,
    line: VecDeque<u64>,
}

/// The plain event loop, in nanoseconds. Returns the requests and their mean latency.
fn event_loop(strategy: Strategy) -> (f64, f64) {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut exponential = |mean: f64| (mean * 1e9 * random.sample::<f64, _>(Exp1)).max(0.0) as u64;
    let mut choices = Pcg64Mcg::seed_from_u64(2);
    let end = SECONDS.cast_unsigned() * 1_000_000_000;
    let mut events = BinaryHeap::new();
    let mut backends: Vec<PlainBackend> = (0..BACKENDS)
        .map(|_| PlainBackend {
            busy: 0,
            line: VecDeque::new(),
        })
        .collect();
    let (mut turn, mut arrivals, mut latencies, mut answered) = (0, 0.0, 0.0, 0.0);
    events.push(Reverse((exponential(1.0 / RATE), Event::Arrival)));
    while let Some(Reverse((now, event))) = events.pop() {
        match event {
            Event::Arrival => {
                if now >= end {
                    continue;
                }
                arrivals += 1.0;
                events.push(Reverse((now + exponential(1.0 / RATE), Event::Arrival)));
                let chosen = match strategy {
                    Strategy::RoundRobin => {
                        turn = (turn + 1) % BACKENDS;
                        turn
                    }
                    Strategy::LeastConnections => least(&backends, &mut choices),
                    _ => choices.random_range(0..BACKENDS),
                };
                let backend = &mut backends[chosen];
                if backend.busy < WORKERS {
                    backend.busy += 1;
                    let departure = Event::Departure {
                        backend: chosen,
                        arrived: now,
                    };
                    events.push(Reverse((now + exponential(SERVICE_SECONDS), departure)));
                } else {
                    backend.line.push_back(now);
                }
            }
            Event::Departure { backend, arrived } => {
                latencies += (now - arrived) as f64 * 1e-9;
                answered += 1.0;
                let place = &mut backends[backend];
                match place.line.pop_front() {
                    Some(arrived) => {
                        let departure = Event::Departure { backend, arrived };
                        events.push(Reverse((now + exponential(SERVICE_SECONDS), departure)));
                    }
                    None => place.busy -= 1,
                }
            }
        }
    }
    (arrivals, latencies / answered)
}

fn least(backends: &[PlainBackend], random: &mut impl Rng) -> usize {
    let load = |backend: &PlainBackend| backend.busy as usize + backend.line.len();
    let least = backends.iter().map(load).min().unwrap_or(0);
    let ties = backends.iter().filter(|one| load(one) == least).count();
    let chosen = random.random_range(0..ties);
    let mut tied = (0..BACKENDS).filter(|place| load(&backends[*place]) == least);
    tied.nth(chosen).unwrap_or(0)
}

/// The fastest of some rounds: requests, mean latency and time.
fn best(round: impl Fn() -> (f64, f64)) -> (f64, f64, Duration) {
    let mut best = (0.0, 0.0, Duration::MAX);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let (requests, mean) = black_box(round());
        let taken = begin.elapsed();
        if taken < best.2 {
            best = (requests, mean, taken);
        }
    }
    best
}

fn main() {
    println!("{BACKENDS} backends of {WORKERS} workers, occupancy {OCCUPANCY}, one thread");
    for strategy in [
        Strategy::Random,
        Strategy::RoundRobin,
        Strategy::LeastConnections,
    ] {
        let (requests, mean, plain) = best(|| event_loop(strategy));
        let plain = plain.as_nanos() as f64 / requests;
        println!("{strategy:?}: event loop {plain:.1} ns a request, mean {mean:.5} s");
        let report = |what: &str, (requests, mean, taken): (f64, f64, Duration)| {
            let taken = taken.as_nanos() as f64 / requests;
            println!(
                "{strategy:?}: {what} {taken:.1} ns a request, {:.1} M/s, mean {mean:.5} s, ratio {:.2}",
                1e3 / taken,
                plain / taken
            );
        };
        report("player", best(|| player(strategy)));
        for (what, retries) in [("whole engine", "0"), ("whole engine with retries", "3")] {
            let scenario = scenario(strategy, retries);
            report(what, best(|| engine(&scenario)));
        }
    }
}
