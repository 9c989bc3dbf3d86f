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
}

const RECORDED: [Recorded; 5] = [
    Recorded {
        name: "nab_elb_request_count",
        csv: include_str!("../traces/nab_elb_request_count/trace.csv"),
        rows: 288,
    },
    Recorded {
        name: "elastic_apache_log",
        csv: include_str!("../traces/elastic_apache_log/agg_60s.csv"),
        rows: 360,
    },
    Recorded {
        name: "azure_llm_2023_conv",
        csv: include_str!("../traces/azure_llm_2023_conv/agg_15s.csv"),
        rows: 234,
    },
    Recorded {
        name: "mooncake_conversation",
        csv: include_str!("../traces/mooncake_conversation/agg_15s.csv"),
        rows: 236,
    },
    Recorded {
        name: "teastore_profile_high",
        csv: include_str!("../traces/teastore_profile_high/trace.csv"),
        rows: 120,
    },
];

/// The trace's peak needs `peak` replicas that are full; there are ten of 10 requests/s each.
fn scenario(recorded: &Recorded, peak: f64, service: &[&str]) -> Scenario {
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: app}\nspec:\n  \
               scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}\n  minReplicas: 10\n  \
               maxReplicas: 10\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: \
               Utilization, averageUtilization: 100}}\n";
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: hpa.into(),
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
    flags.extend(service);
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
fn hold(name: &str, scv: &str, ratios: Ratios, checked: &[(&str, f64, f64)]) {
    let Ratios { mean, p99, backlog } = ratios;
    println!("| {name} | {scv} | {mean:.3} | {p99:.3} | {backlog:.3} |");
    for (figure, ratio, tolerance) in checked {
        assert!(
            (ratio - 1.0).abs() <= *tolerance,
            "{name}, scv {scv}: the fluid's {figure} is {ratio:.3} times the counted one"
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
        // Half a minute of overload: what chance adds to it weighs more.
        let tolerance = if recorded.name.starts_with("teastore") {
            0.08
        } else {
            0.05
        };
        for scv in ["0", "1"] {
            let found = ratios(scenario(recorded, 13.0, &["--service-scv", scv]));
            hold(
                recorded.name,
                scv,
                found,
                &[("backlog", found.backlog, tolerance)],
            );
        }
    }
}
