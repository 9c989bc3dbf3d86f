use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::command_line::{folder, run};

const MANIFEST: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  \
    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 1\n  maxReplicas: 10\n  metrics:\n  - \
    {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}\n---\napiVersion: apps/v1\n\
    kind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: \
    {app: web}}\n    spec: {containers: [{name: a, image: x, resources: {requests: {cpu: 500m}}}]}\n";

/// An hour of a metric that doubles once, for 30 s, and of replicas that answer; some first cells of either are empty.
fn table(time: impl Fn(u32) -> String, empty: [u32; 2]) -> String {
    let mut text = "t,cpu_percent,replicas\n".to_owned();
    for row in 0..240 {
        let cell = |begins: u32, value: u32| {
            if row >= begins {
                value.to_string()
            } else {
                String::new()
            }
        };
        let metric = if (100..102).contains(&row) { 100 } else { 50 };
        let replicas = if row < 101 { 2 } else { 4 };
        let cells = [cell(empty[0], metric), cell(empty[1], replicas)];
        writeln!(text, "{},{}", time(row), cells.join(",")).expect("memory");
    }
    text
}

fn since_a_beginning(row: u32) -> String {
    (row * 15).to_string()
}

fn dated(row: u32) -> String {
    format!(
        "2026-01-01T{:02}:{:02}:{:02}Z",
        row / 240,
        row / 4 % 60,
        row % 4 * 15
    )
}

fn written(files: &[(&str, &str)]) -> TempDir {
    let work = TempDir::new().expect("a folder");
    for (name, text) in files {
        fs::write(work.path().join(name), text).expect("it can be written");
    }
    work
}

/// The one recorded rise of a table, and how much later the predicted one is, s.
#[track_caller]
fn rise(table: &str, flags: &[&str]) -> f64 {
    let work = written(&[("hpa.yaml", MANIFEST), ("rec.csv", table)]);
    let mut args = vec![
        "backtest",
        "hpa.yaml",
        "--recorded",
        "rec.csv",
        "--metric-column",
        "cpu_percent",
    ];
    args.extend(["--fail-on", "never", "-q", "-o", "json"]);
    args.extend(flags);
    let (code, report, said) = run(work.path(), &args);
    assert_eq!(code, 0, "{said}");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let rises = report["rises"].as_array().expect("rises");
    assert_eq!(rises.len(), 1, "{rises:?}");
    rises[0]["lateSeconds"]
        .as_f64()
        .unwrap_or_else(|| panic!("{rises:?}"))
}

#[test]
fn columns_of_one_table_keep_their_distance_whatever_their_first_cells_are() {
    let forms: [fn(u32) -> String; 2] = [since_a_beginning, dated];
    for time in forms {
        for empty in [[0, 0], [40, 0], [0, 40], [40, 20]] {
            for feed in ["own", "recorded"] {
                let late = rise(&table(time, empty), &["--feed", feed]);
                assert!(late.abs() <= 16.0, "{empty:?}, {feed}: {late} s");
            }
        }
    }
}

#[test]
fn a_load_without_dates_begins_with_the_table_and_not_with_its_first_replicas() {
    let mut load = "t,rps\n".to_owned();
    for row in 0..240 {
        let rate = if row < 101 { 40 } else { 80 };
        writeln!(load, "{},{rate}", row * 15).expect("memory");
    }
    let empty = table(since_a_beginning, [0, 40]);
    let work = written(&[
        ("hpa.yaml", MANIFEST),
        ("rec.csv", &empty),
        ("load.csv", &load),
    ]);
    let args = "backtest hpa.yaml --trace load.csv --recorded rec.csv --cpu-per-request 12ms --runs 1 --fail-on never -q -o json";
    let (code, report, said) = run(work.path(), &args.split(' ').collect::<Vec<_>>());
    assert_eq!(code, 0, "{said}");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let late = report["rises"][0]["lateSeconds"].as_f64().expect("a rise");
    assert!((0.0..120.0).contains(&late), "{late} s");
    let compared = report["comparedSeconds"].as_f64().expect("a number");
    assert!((compared - 3000.0).abs() < 1e-6, "{compared}");
}

#[test]
fn a_replica_column_that_cannot_be_read_is_not_passed_over_for_another() {
    let text = "t,replicas,ready_replicas,cpu_percent\n0,3,1,50\n15,x,1,50\n30,3,1,50\n45,3,2,50\n";
    let work = written(&[("hpa.yaml", MANIFEST), ("rec.csv", text)]);
    let args = [
        "backtest",
        "hpa.yaml",
        "--recorded",
        "rec.csv",
        "--metric-column",
        "cpu_percent",
        "-q",
    ];
    let (code, _, said) = run(work.path(), &args);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("column `replicas`") && said.contains("`x`"),
        "{said}"
    );
    let mut named = args.to_vec();
    named.extend(["--recorded-column", "ready_replicas", "--fail-on", "never"]);
    let (code, report, said) = run(work.path(), &named);
    assert_eq!(code, 0, "{said}");
    assert!(
        report.contains("rec.csv (column `ready_replicas`)"),
        "{report}"
    );
}

#[test]
fn spans_left_out_are_typed_as_those_of_a_trace() {
    let whole = table(dated, [0, 0]);
    for span in ["24m..24m45s", "2026-01-01 00:24..2026-01-01T00:24:45Z"] {
        let work = written(&[("hpa.yaml", MANIFEST), ("rec.csv", &whole)]);
        let args = "backtest hpa.yaml --recorded rec.csv --metric-column cpu_percent --fail-on never -q -o json --leave-out";
        let mut args: Vec<&str> = args.split(' ').collect();
        args.push(span);
        let (code, report, said) = run(work.path(), &args);
        assert_eq!(code, 0, "{said}");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let compared = report["comparedSeconds"].as_f64().expect("a number");
        assert!((compared - 3555.0).abs() < 1e-6, "{span}: {compared}");
    }
}

/// What calibrate writes.
fn calibrated(work: &Path, args: &[&str]) -> String {
    let mut all = vec!["calibrate"];
    all.extend(args);
    let (code, text, said) = run(work, &all);
    assert_eq!(code, 0, "{said}");
    text
}

#[test]
fn a_cost_is_found_wherever_the_search_begins_and_the_one_that_was_given_is_kept_as_a_comment() {
    let flash = folder("smadduri9");
    let of_flash = |file: &str| flash.join(file).to_string_lossy().into_owned();
    let [manifest, load, recorded] = [
        "as-it-ran.yaml",
        "flash_load.csv",
        "flash_rep1_stock/replica_series_hpa.csv",
    ]
    .map(of_flash);
    for given in ["5ms", "20ms", "400ms"] {
        let text = format!(
            "cpu-per-request: {given}\ncontainer-prepare: 1s\ncontainer-start: 1s\ncontainer-ready: 2s\nruns: 1\n"
        );
        let work = written(&[("given.yaml", &text)]);
        let mut args = vec![
            manifest.as_str(),
            "--trace",
            &load,
            "--recorded",
            &recorded,
            "-q",
        ];
        args.extend(["--scenario", "given.yaml"]);
        let text = calibrated(work.path(), &args);
        let cost = text
            .lines()
            .find_map(|line| line.strip_prefix("cpu-per-request: "));
        let cost: f64 = cost
            .and_then(|cost| cost.strip_suffix("ms")?.parse().ok())
            .expect("a cost");
        assert!((47.0..56.0).contains(&cost), "from {given}: {text}");
        assert!(
            text.contains(&format!("\n# replaced above: cpu-per-request: {given}\n")),
            "{text}"
        );
        assert!(text.contains("\ncontainer-ready: 2s\n"), "{text}");
        let told = text.replace("\n# ", " ");
        assert!(
            told.contains("both are taken to begin at the same time"),
            "{text}"
        );
    }
}

#[test]
fn a_histogram_of_rates_is_one_of_their_means() {
    let series = |le: &str, value: u32| {
        let values: Vec<String> = (0..20)
            .map(|row| format!("[{},\"{value}\"]", 1_767_225_600 + row * 15))
            .collect();
        format!(
            "{{\"metric\":{{\"le\":\"{le}\"}},\"values\":[{}]}}",
            values.join(",")
        )
    };
    let all = [series("0.1", 50), series("0.2", 100), series("+Inf", 100)].join(",");
    let text = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{all}]}}}}"
    );
    let work = written(&[("hist.json", &text)]);
    let text = calibrated(work.path(), &["--latency", "hist.json", "-q"]);
    assert!(text.contains("\nservice-time: 100ms\n"), "{text}");
    assert!(
        text.replace("\n# ", " ")
            .contains("the means of its samples"),
        "{text}"
    );
}

#[test]
fn a_rate_and_a_usage_without_a_common_clock_say_so() {
    let rows = |time: &dyn Fn(u32) -> String, value: &dyn Fn(u32) -> f64| -> String {
        let mut text = String::new();
        for row in 0..80 {
            writeln!(text, "{},{:.4}", time(row), value(row)).expect("memory");
        }
        text
    };
    let load = |row: u32| f64::from(10 + row % 30);
    let usage = rows(&since_a_beginning, &|row| 0.1 + 0.02 * load(row));
    let work = written(&[
        ("rate.csv", &format!("t,rps\n{}", rows(&dated, &load))),
        ("usage.csv", &format!("t,cores\n{usage}")),
    ]);
    let text = calibrated(
        work.path(),
        &["--rate", "rate.csv", "--usage", "usage.csv", "-q"],
    );
    assert!(text.contains("\ncpu-per-request: 20ms\n"), "{text}");
    assert!(
        text.contains("# Note: rate or usage tells no date"),
        "{text}"
    );
}
