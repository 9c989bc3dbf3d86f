//! Measurements made scenario files: each input alone, several of one value, and what is said where they tell nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{Ran, Sandbox};

/// The values of the scenario file that a command prints, without its comments.
#[track_caller]
fn values(sandbox: &Sandbox, arguments: &str) -> Vec<String> {
    let written = printed(sandbox.run(arguments));
    let lines = written.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn printed(ran: Ran) -> String {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

#[track_caller]
fn check_refusal(sandbox: &Sandbox, arguments: &str, expected: &str) {
    let ran = sandbox.run(arguments);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

fn copy(sandbox: &Sandbox, name: &str, source: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = fs::read_to_string(root.join(source)).expect("it is there");
    sandbox.write(name, text);
}

/// A wave of requests, and the cpu of four replicas 30 s behind it: 20 ms a request, and 10 millicores idle of each.
fn rate_and_usage(sandbox: &Sandbox) {
    let rate = |row: i32| 50.0 + f64::from(row * row * 7 % 53);
    let mut requests = "timestamp,rps\n".to_owned();
    let mut cpu = "timestamp,cpu_usage_millicores\n".to_owned();
    for row in 0..120 {
        writeln!(requests, "{},{}", 1_767_225_600 + row * 15, rate(row)).expect("memory");
        let used = 40.0 + 20.0 * rate((row - 2).max(0));
        writeln!(cpu, "{},{used}", 1_767_225_600 + row * 15).expect("memory");
    }
    sandbox.write("rate.csv", requests);
    sandbox.write("cpu.csv", cpu);
}

#[test]
fn a_rate_and_a_usage_are_a_cost_and_what_is_used_idle() {
    let sandbox = Sandbox::new();
    rate_and_usage(&sandbox);
    let arguments = "calibrate --rate rate.csv --usage cpu.csv --usage-replicas 4";
    let expected = ["cpu-per-request: 20ms", "cpu-idle: 10m"];
    assert_eq!(values(&sandbox, arguments), expected);
    let written = printed(sandbox.run(arguments));
    assert!(written.contains("usage 30 s after the rate"), "{written}");
    check_refusal(&sandbox, "calibrate --rate rate.csv", "--usage <FILE>");
    check_refusal(
        &sandbox,
        "calibrate --rate rate.csv --usage rate.csv",
        "expected cores or millicores of cpu",
    );
}

#[test]
fn buckets_of_a_latency_are_a_service_time() {
    let sandbox = Sandbox::new();
    // Ten of a hundred requests below 0.1 s, ninety from there to 0.2 s.
    let bucket = |le: &str, count: u32| {
        format!(
            r#"{{"metric":{{"__name__":"latency_bucket","le":"{le}"}},"values":[[1767225600,"0"],[1767225615,"{count}"]]}}"#
        )
    };
    let series = [bucket("0.1", 10), bucket("0.2", 100), bucket("+Inf", 100)].join(",");
    sandbox.write(
        "latency.json",
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}}}"#),
    );
    let expected = ["service-time: 140ms", "service-scv: 0.09"];
    assert_eq!(
        values(&sandbox, "calibrate --latency latency.json"),
        expected
    );
    check_refusal(
        &sandbox,
        "calibrate --latency load.csv",
        "no series with an le label",
    );
}

#[test]
fn a_histogram_as_opentelemetry_exports_it_is_a_service_time_too() {
    let sandbox = Sandbox::new();
    copy(&sandbox, "otlp.json", "traces/formats/otlp.json");
    let found = values(&sandbox, "calibrate --latency otlp.json");
    assert!(found[0].starts_with("service-time: "), "{found:?}");
    assert!(found[1].starts_with("service-scv: "), "{found:?}");
}

#[test]
fn two_measurements_of_one_cost_are_weighed() {
    let sandbox = Sandbox::new();
    rate_and_usage(&sandbox);
    let steps = |cost: f64| {
        let mut table = "users,rps,millicores,ready_pods\n".to_owned();
        for step in 1..=12_u32 {
            let rate = f64::from(step * 10);
            let wobble = if step % 2 == 0 { 8.0 } else { -8.0 };
            let used = 100.0 + cost * rate / 2.0 + wobble;
            writeln!(table, "{},{rate},{used},2", step * 20).expect("memory");
        }
        table
    };
    sandbox.write("near.csv", steps(22.0));
    sandbox.write("far.csv", steps(40.0));
    let both = "calibrate --rate rate.csv --usage cpu.csv --capacity";
    let written = printed(sandbox.run(&format!("{both} near.csv")));
    assert!(written.contains("DerSimonian and Laird"), "{written}");
    let cost = |written: &str| -> f64 {
        let mut lines = written.lines();
        let line = lines.find_map(|line| line.strip_prefix("cpu-per-request: "));
        let number = line.and_then(|value| value.strip_suffix("ms"));
        number
            .and_then(|number| number.parse().ok())
            .expect("a cost")
    };
    let found = cost(&written);
    assert!(20.0 < found && found < 22.0, "{written}");
    // Twice as much is another thing; the later of both counts.
    let written = printed(sandbox.run(&format!("{both} far.csv")));
    assert!(!written.contains("DerSimonian and Laird"), "{written}");
    assert!((cost(&written) - 40.0).abs() < 1.0, "{written}");
}

#[test]
fn a_recorded_run_tells_startup_where_nothing_else_does() {
    let sandbox = Sandbox::new();
    let run = "backtest/smadduri9";
    copy(&sandbox, "hpa.yaml", &format!("{run}/as-it-ran.yaml"));
    copy(&sandbox, "run.csv", &format!("{run}/flash_load.csv"));
    copy(
        &sandbox,
        "replicas.csv",
        &format!("{run}/flash_rep1_stock/replica_series_hpa.csv"),
    );
    let command =
        "calibrate hpa.yaml --trace run.csv --recorded replicas.csv --fidelity fluid --runs 4 -q";
    let found = values(&sandbox, command);
    assert_eq!(found[0], "container-prepare: 0s");
    assert!(found[1].starts_with("container-start: "), "{found:?}");
    assert_eq!(found[2], "container-ready: 0s");
    assert!(found[3].starts_with("cpu-per-request: "), "{found:?}");
    sandbox.write("known.yaml", "container-ready: 3s\n");
    let known = values(&sandbox, &format!("{command} --scenario known.yaml"));
    assert_eq!(known.len(), 2, "{known:?}");
    check_refusal(
        &sandbox,
        &format!("{command} --ready-column nobody"),
        "--ready-column",
    );
}

#[test]
fn help_shows_measurements_and_not_every_setting_of_a_replay() {
    let sandbox = Sandbox::new();
    let help = printed(sandbox.run("calibrate --help"));
    for shown in ["--capacity", "--ready-column", "--unit", "--scenario"] {
        assert!(help.contains(shown), "{shown}\n{help}");
    }
    for hidden in ["--vm-prepare", "--zones", "--slo", "--prometheus"] {
        assert!(!help.contains(hidden), "{hidden}\n{help}");
    }
    assert!(help.contains("every setting of simulate"), "{help}");
}
