//! The fluid's latency formulas for each balancing strategy, against simulation: the recorded rows, and a small
//! simulator of its own.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts in a test"
)]

use scaleplan::queueing::{ServiceModel, ServiceSpec, Splitting, SplittingRule};
use serde_json::Value;

fn model(rule: SplittingRule, servers: u32, mean: f64, scv: f64) -> ServiceModel {
    let spec = ServiceSpec {
        servers,
        mean,
        scv,
        path_latency: 0.0,
    };
    let splitting = Splitting {
        rule,
        dispatchers: 1,
    };
    ServiceModel::new(spec)
        .expect("figures within the tested range")
        .split(splitting)
}

/// Relative errors that a row may have: of the mean, and of the 99th percentile.
type Tolerance = (f64, f64);

/// The recorded rows of one server each: policy, service, and what the formulas are off by at most.
const ROWS: &[(&str, SplittingRule, &str, f64, Tolerance)] = &[
    ("random", SplittingRule::Random, "exp", 1.0, (0.01, 0.02)),
    ("rr", SplittingRule::RoundRobin, "exp", 1.0, (0.01, 0.02)),
    (
        "p2c",
        SplittingRule::PowerOfTwoChoices,
        "exp",
        1.0,
        (0.02, 0.09),
    ),
    (
        "jsq",
        SplittingRule::LeastConnections,
        "exp",
        1.0,
        (0.02, 0.02),
    ),
    // Gamma service in the place of two exponential phases with the same variability.
    (
        "random",
        SplittingRule::Random,
        "H2 balanced scv=4",
        4.0,
        (0.02, 0.15),
    ),
    (
        "rr",
        SplittingRule::RoundRobin,
        "H2 balanced scv=4",
        4.0,
        (0.10, 0.15),
    ),
    (
        "p2c",
        SplittingRule::PowerOfTwoChoices,
        "H2 balanced scv=4",
        4.0,
        (0.15, 0.10),
    ),
    (
        "jsq",
        SplittingRule::LeastConnections,
        "H2 balanced scv=4",
        4.0,
        (0.06, 0.12),
    ),
];

#[test]
fn recorded_strategies_are_within_their_stated_errors() {
    let truth: Value =
        serde_json::from_str(include_str!("../ground_truth/lb_sim_ground_truth.json"))
            .expect("ground truth is JSON");
    let rows = truth["rows"].as_array().expect("a list of rows");
    let mut checked = 0;
    let mut misses = Vec::new();
    for row in rows {
        let number = |key: &str| row[key].as_f64().expect("a number");
        let known = ROWS.iter().find(|(policy, _, service, ..)| {
            row["policy"] == *policy && row["service"] == *service
        });
        let Some((_, rule, _, scv, (mean_tolerance, tail_tolerance))) = known else {
            continue;
        };
        checked += 1;
        let replicas = u32::try_from(row["c"].as_u64().expect("a count")).expect("a small count");
        let service = number("ES");
        let occupancy = number("lam") * service / f64::from(replicas);
        let model = model(*rule, 1, service, *scv);
        let mean = service + model.mean_wait_among(occupancy, replicas);
        let tail = model.quantile_among(occupancy, replicas, 0.99);
        let errors = (mean / number("mean") - 1.0, tail / number("p99") - 1.0);
        if errors.0.abs() > *mean_tolerance || errors.1.abs() > *tail_tolerance {
            misses.push(format!("{row}: {errors:?}"));
        }
    }
    assert_eq!(checked, 15);
    assert!(misses.is_empty(), "{misses:#?}");
}

/// Numbers by xorshift, uniform in (0, 1).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self) -> f64 {
        -self.next().ln()
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.next() * count as f64) as usize).min(count - 1)
    }
}

/// A first-come replica: when each of its servers is free, and when each of its requests leaves.
#[derive(Clone)]
struct Replica {
    free_at: Vec<f64>,
    leaving: Vec<f64>,
}

/// Mean and 99th percentile of latency, in mean service times: every request through a balancer and a replica.
fn simulate(
    rule: SplittingRule,
    replicas: usize,
    servers: usize,
    scv: f64,
    occupancy: f64,
) -> (f64, f64) {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let idle = Replica {
        free_at: vec![0.0; servers],
        leaving: Vec::new(),
    };
    let mut all = vec![idle; replicas];
    let rate = occupancy * (replicas * servers) as f64;
    let (mut now, mut turn) = (0.0, 0);
    let requests = 400_000;
    let mut latencies = Vec::with_capacity(requests);
    for request in 0..requests + requests / 10 {
        now += numbers.exponential() / rate;
        for replica in &mut all {
            replica.leaving.retain(|time| *time > now);
        }
        let chosen = match rule {
            SplittingRule::RoundRobin => {
                turn = (turn + 1) % replicas;
                turn
            }
            SplittingRule::PowerOfTwoChoices => {
                let first = numbers.below(replicas);
                let second = (first + 1 + numbers.below(replicas - 1)) % replicas;
                if all[first].leaving.len() <= all[second].leaving.len() {
                    first
                } else {
                    second
                }
            }
            SplittingRule::LeastConnections => {
                let start = numbers.below(replicas);
                let least = (0..replicas).map(|step| (start + step) % replicas);
                least
                    .min_by_key(|index| all[*index].leaving.len())
                    .unwrap_or(0)
            }
            _ => numbers.below(replicas),
        };
        let replica = &mut all[chosen];
        let free = replica
            .free_at
            .iter_mut()
            .min_by(|a, b| a.total_cmp(b))
            .expect("a server");
        let service = if scv == 0.0 {
            1.0
        } else if scv < 1.0 {
            // Two exponential stages: scv 0.5.
            0.5 * (numbers.exponential() + numbers.exponential())
        } else {
            numbers.exponential()
        };
        let left = free.max(now) + service;
        *free = left;
        replica.leaving.push(left);
        if request >= requests / 10 {
            latencies.push(left - now);
        }
    }
    let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
    latencies.sort_unstable_by(f64::total_cmp);
    (mean, latencies[latencies.len() * 99 / 100])
}

#[test]
fn few_replicas_and_many_workers_are_near_their_simulation() {
    let mut misses = Vec::new();
    for rule in [
        SplittingRule::RoundRobin,
        SplittingRule::LeastConnections,
        SplittingRule::PowerOfTwoChoices,
    ] {
        for (replicas, servers) in [(2, 1), (3, 4), (5, 5), (20, 1)] {
            for scv in [0.0, 0.5, 1.0] {
                for occupancy in [0.7, 0.9] {
                    let (mean, tail) =
                        simulate(rule, replicas as usize, servers as usize, scv, occupancy);
                    let model = model(rule, servers, 1.0, scv);
                    let found = 1.0 + model.mean_wait_among(occupancy, replicas);
                    let found_tail = model.quantile_among(occupancy, replicas, 0.99);
                    let errors = (found / mean - 1.0, found_tail / tail - 1.0);
                    // The wait of fixed service behind two choices is the roughest.
                    let tail_tolerance = if scv == 0.0 { 0.18 } else { 0.12 };
                    if errors.0.abs() > 0.04 || errors.1.abs() > tail_tolerance {
                        misses.push(format!(
                            "{rule:?} n {replicas} c {servers} scv {scv} at {occupancy}: {errors:?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(misses.is_empty(), "{misses:#?}");
}
