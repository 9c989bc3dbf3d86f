//! The two ways to move requests, each the other's test: the same scenarios played in expectation and one by one.

use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::outcome::RunOutcome;
use scaleplan::scenario::{Fidelity, Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{ReadOptions, read};

/// A recorded workload: its first rows are played.
struct Recorded {
    name: &'static str,
    csv: &'static str,
    rows: usize,
    /// For how long a peak of 130 % is over what is there: in half a minute, what chance adds weighs too much to hold.
    overload: Overload,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Overload {
    Minutes,
    HalfAMinute,
}

const CONVERSATIONS: Recorded = Recorded {
    name: "azure_llm_2023_conv",
    csv: include_str!("../traces/azure_llm_2023_conv/agg_15s.csv"),
    rows: 234,
    overload: Overload::Minutes,
};

const RECORDED: [Recorded; 5] = [
    Recorded {
        name: "nab_elb_request_count",
        csv: include_str!("../traces/nab_elb_request_count/trace.csv"),
        rows: 288,
        overload: Overload::Minutes,
    },
    Recorded {
        name: "elastic_apache_log",
        csv: include_str!("../traces/elastic_apache_log/agg_60s.csv"),
        rows: 360,
        overload: Overload::Minutes,
    },
    CONVERSATIONS,
    Recorded {
        name: "mooncake_conversation",
        csv: include_str!("../traces/mooncake_conversation/agg_15s.csv"),
        rows: 236,
        overload: Overload::Minutes,
    },
    Recorded {
        name: "teastore_profile_high",
        csv: include_str!("../traces/teastore_profile_high/trace.csv"),
        rows: 120,
        overload: Overload::HalfAMinute,
    },
];

/// How many replicas there are.
struct Replicas {
    least: u32,
    most: u32,
    cpu_percent: u32,
}

const TEN: Replicas = Replicas {
    least: 10,
    most: 10,
    cpu_percent: 100,
};

/// The trace's peak needs `peak` replicas that are full, of 100 requests/s each; there are ten.
fn scenario(recorded: &Recorded, peak: f64, flags: &[&str]) -> Scenario {
    scaled(&TEN, recorded, peak, flags)
}

fn scaled(replicas: &Replicas, recorded: &Recorded, peak: f64, further: &[&str]) -> Scenario {
    let Replicas {
        least,
        most,
        cpu_percent,
    } = replicas;
    let hpa = format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: app}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: app}}\n  minReplicas: {least}\n  \
         maxReplicas: {most}\n  metrics:\n  - type: Resource\n    resource: {{name: cpu, target: {{type: \
         Utilization, averageUtilization: {cpu_percent}}}}}\n"
    );
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: hpa.into_bytes(),
    }]);
    let rows: Vec<&str> = recorded.csv.lines().take(recorded.rows + 1).collect();
    let trace = read(
        recorded.name,
        rows.join("\n").as_bytes(),
        &ReadOptions::infer(),
    );
    let peak = peak.to_string();
    let mut flags = vec![
        "--cpu-request",
        "500m",
        "--cpu-per-request",
        "5ms",
        "--service-time",
        "50ms",
        "--slo",
        "99%<2s",
        "--runs",
        "3",
        "--peak-replicas",
        &peak,
    ];
    flags.extend(further);
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace: trace.expect("a trace"),
        flags: &Settings::from_flags(flags).expect("valid flags"),
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })
    .expect("a scenario")
}

/// Fluid over discrete, medians over the runs.
#[derive(Clone, Copy)]
struct Ratios {
    mean: f64,
    p99: f64,
    backlog: f64,
}

fn ratios(mut scenario: Scenario) -> Ratios {
    scenario.fidelity = Fidelity::Fluid;
    let fluid = simulate(&scenario).expect("it plays");
    scenario.fidelity = Fidelity::Discrete;
    let discrete = simulate(&scenario).expect("it plays");
    let ratio = |figure: fn(&RunOutcome) -> f64| {
        let median = |runs: &[RunOutcome]| {
            let mut values: Vec<f64> = runs.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        median(&fluid.backends[0].runs) / median(&discrete.backends[0].runs)
    };
    Ratios {
        mean: ratio(|run| run.latency.mean),
        p99: ratio(|run| run.latency.p99),
        backlog: ratio(|run| run.worst_backlog),
    }
}

/// Holds a ratio, and prints a line of the table in `docs/model.md`.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the table is asked for by name")]
fn hold(name: &str, case: &str, ratios: Ratios, checked: &[(&str, f64, f64)]) {
    let Ratios { mean, p99, backlog } = ratios;
    println!("| {name} | {case} | {mean:.3} | {p99:.3} | {backlog:.3} |");
    for (figure, ratio, tolerance) in checked {
        assert!(
            (ratio - 1.0).abs() <= *tolerance,
            "{name}, {case}: the fluid's {figure} is {ratio:.3} times the counted one"
        );
    }
}

#[test]
fn below_95_percent_occupancy_the_fluid_has_the_latency_of_requests_one_by_one() {
    for recorded in &RECORDED {
        for (scv, tolerances) in [("0", (0.05, 0.15)), ("1", (0.05, 0.15)), ("4", (0.1, 0.2))] {
            let found = ratios(scenario(recorded, 9.0, &["--service-scv", scv]));
            let checked = [
                ("mean", found.mean, tolerances.0),
                ("p99", found.p99, tolerances.1),
            ];
            hold(recorded.name, scv, found, &checked);
        }
    }
}

#[test]
fn in_overload_the_fluid_has_the_backlog_of_requests_one_by_one() {
    for recorded in &RECORDED {
        for scv in ["0", "1"] {
            let found = ratios(scenario(recorded, 13.0, &["--service-scv", scv]));
            let lasts = [("backlog", found.backlog, 0.05)];
            let held: &[_] = match recorded.overload {
                Overload::Minutes => &lasts,
                Overload::HalfAMinute => &[],
            };
            hold(recorded.name, scv, found, held);
        }
    }
}

/// What is put in between clients and workers, its flags, and the shares that mean and 99th percentile may be off: none
/// for hashed clients, whose shares of the replicas are another draw in each run while the fluid has their expectation.
type Between = (&'static str, &'static [&'static str], Option<(f64, f64)>);

const BETWEEN: [Between; 8] = [
    ("round-robin", &["--balancing", "round-robin"], HOLD),
    (
        "least-connections",
        &["--balancing", "least-connections"],
        HOLD,
    ),
    ("power-of-two", &["--balancing", "power-of-two"], HOLD),
    (
        "ip-hash, 1000 clients",
        &["--balancing", "ip-hash", "--clients", "1000"],
        None,
    ),
    (
        "ip-hash, 20 clients",
        &["--balancing", "ip-hash", "--clients", "20"],
        None,
    ),
    (
        "least-connections, 4 dispatchers",
        &["--balancing", "least-connections", "--dispatchers", "4"],
        HOLD,
    ),
    (
        "processor sharing",
        &["--discipline", "processor-sharing"],
        HOLD,
    ),
    (
        "7 Mbit/s to each replica",
        &["--container-throughput", "7M"],
        HOLD,
    ),
];

const HOLD: Option<(f64, f64)> = Some((0.05, 0.15));

#[test]
fn whatever_balances_the_fluid_has_the_latency_of_requests_one_by_one() {
    for (name, flags, held) in BETWEEN {
        for (peak, occupancy) in [(9.0, "90 %"), (7.0, "70 %")] {
            let found = ratios(scenario(&CONVERSATIONS, peak, flags));
            let (mean, p99) = held.unwrap_or((f64::INFINITY, f64::INFINITY));
            let checked = [("mean", found.mean, mean), ("p99", found.p99, p99)];
            hold(name, occupancy, found, &checked);
        }
    }
}

/// Median scale lag in seconds, replica-hours, and share of bad requests, over all runs.
fn scaling(scenario: &Scenario) -> [f64; 3] {
    let outcome = simulate(scenario).expect("it plays");
    let runs = &outcome.backends[0].runs;
    let mut lags: Vec<f64> = runs
        .iter()
        .flat_map(|run| &run.lag_episodes)
        .map(|episode| episode.lag().as_seconds())
        .collect();
    lags.sort_by(f64::total_cmp);
    let mean =
        |figure: fn(&RunOutcome) -> f64| runs.iter().map(figure).sum::<f64>() / runs.len() as f64;
    [
        lags[lags.len() / 2],
        mean(|run| run.provision.existing / 3600.0),
        1.0 - mean(|run| run.requests.good_share()),
    ]
}

/// Held loosely: what scales is a threshold, so a little more load at one sync moves an episode by a whole period.
#[test]
#[expect(clippy::print_stdout, reason = "the table is asked for by name")]
fn an_autoscaler_does_the_same_for_the_fluid_as_for_requests_one_by_one() {
    let replicas = Replicas {
        least: 2,
        most: 20,
        cpu_percent: 70,
    };
    let mut scenario = scaled(&replicas, &CONVERSATIONS, 9.0, &[]);
    let fluid = scaling(&scenario);
    scenario.fidelity = Fidelity::Discrete;
    let discrete = scaling(&scenario);
    println!("| fluid, discrete | {fluid:.4?} | {discrete:.4?} |");
    let [lag, hours, bad] = std::array::from_fn(|place| fluid[place] - discrete[place]);
    assert!(lag.abs() <= 15.0, "one sync: {lag}");
    assert!(hours.abs() <= 0.05 * discrete[1], "{hours}");
    assert!(bad.abs() <= 0.02, "{bad}");
}
