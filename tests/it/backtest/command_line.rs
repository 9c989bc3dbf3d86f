use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::reports::schema;

pub(super) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/backtest")
        .join(name)
}

/// Runs the binary in a folder; its exit code and standard output, or what it complained of.
#[track_caller]
pub(super) fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scaleplan"));
    let ran = command
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        ran.status.code().expect("an exit code"),
        text(&ran.stdout),
        text(&ran.stderr),
    )
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("`{value}` is no number"))
}

const FLASH: [&str; 9] = [
    "as-it-ran.yaml",
    "--trace",
    "flash_load.csv",
    "--trace-start",
    "2026-09-09T06:36:50Z",
    "--recorded",
    "flash_rep1_stock/replica_series_hpa.csv",
    "--quiet",
    "--scenario",
];

#[test]
fn the_calibration_is_what_the_command_writes_and_simulate_reads_it() {
    let folder = folder("smadduri9");
    let mut args = vec!["calibrate", "--capacity", "capacity_steps.csv"];
    args.extend(FLASH);
    args.push("users.yaml");
    let (code, written, said) = run(&folder, &args);
    assert_eq!(code, 0, "{said}");
    let kept = fs::read_to_string(folder.join("calibrated.yaml")).expect("a calibration");
    assert_eq!(written, kept);
    let (code, _, said) = run(
        &folder,
        &[
            "simulate",
            "as-it-ran.yaml",
            "--trace",
            "flash_load.csv",
            "--scenario",
            "calibrated.yaml",
            "--runs",
            "1",
            "--fail-on",
            "never",
            "-q",
        ],
    );
    assert_eq!(code, 0, "{said}");
}

#[test]
fn users_become_the_load_that_is_kept() {
    let work = TempDir::new().expect("a folder");
    let source = folder("smadduri9");
    for file in ["capacity_steps.csv", "ramp_user_envelope.csv"] {
        fs::copy(source.join(file), work.path().join(file)).expect("it can be copied");
    }
    let args = "calibrate -q --capacity capacity_steps.csv --users ramp_user_envelope.csv --users-column users_at_mean_69 --load load.csv";
    let (code, _, said) = run(work.path(), &args.split(' ').collect::<Vec<_>>());
    assert_eq!(code, 0, "{said}");
    let read = |path: PathBuf| fs::read_to_string(path).expect("a load");
    assert_eq!(
        read(work.path().join("load.csv")),
        read(source.join("ramp_load.csv"))
    );
}

/// The prediction that docs/backtest.md tells of. What holds is held; one of its rises comes too early, and the command says
/// so.
#[test]
fn the_prediction_of_the_ramp_is_as_told() {
    let args = "backtest as-it-ran.yaml --scenario calibrated.yaml --trace ramp_load.csv --trace-start 2026-09-10T04:00:13Z \
                --recorded ramp_rep1_stock/replica_series_hpa.csv -q -o json";
    let (code, report, said) = run(
        &folder("smadduri9"),
        &args.split_whitespace().collect::<Vec<_>>(),
    );
    assert_eq!(code, 1, "{said}");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert!(number(&report["skill"]) >= 0.3, "{}", report["skill"]);
    assert!((number(&report["replicaSecondsRatio"]) - 1.0).abs() <= 0.15);
    let peaks = [
        &report["predictedPeakReplicas"],
        &report["recordedPeakReplicas"],
    ]
    .map(number);
    assert!((peaks[0] - peaks[1]).abs() <= 1.0, "{peaks:?}");
    let missed: Vec<&Value> = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["holds"] == false)
        .map(|check| &check["figure"])
        .collect();
    assert_eq!(missed, ["rise"]);
    let late = report["rises"].as_array().expect("rises").iter();
    let late: Vec<f64> = late.map(|rise| number(&rise["lateSeconds"])).collect();
    let near = late.iter().filter(|late| late.abs() <= 15.0).count();
    assert_eq!((late.len(), near), (4, 3), "{late:?}");
}

#[test]
fn the_run_that_was_calibrated_on_holds_every_threshold() {
    let mut args = vec!["backtest"];
    args.extend(FLASH);
    args.push("calibrated.yaml");
    let (code, report, said) = run(&folder("smadduri9"), &args);
    assert_eq!(code, 0, "{said}{report}");
}

#[test]
fn an_autoscaler_driven_by_its_recorded_metric_is_reported_in_every_form() {
    let args = "backtest hpa.yaml --recorded hpa-collect.csv --recorded-column replicas --metric-column cpu_percent --leave-out \
                2026-09-25T22:32:05+05:00..2026-09-25T22:32:35+05:00 -q";
    let args: Vec<&str> = args.split_whitespace().collect();
    for form in ["table", "json", "yaml", "markdown"] {
        let mut args = args.clone();
        args.extend(["-o", form]);
        let (code, report, said) = run(&folder("civicpulse"), &args);
        assert_eq!((code, said.as_str()), (0, ""), "{report}");
        assert!(report.contains("hpa-collect.csv"), "{report}");
    }
}

#[test]
fn the_report_keeps_to_the_published_schema() {
    let published =
        serde_json::from_str(include_str!("../../../docs/backtest-schema.json")).expect("JSON");
    let keeps = |folder: &str, args: &str| {
        let args: Vec<&str> = args.split_whitespace().collect();
        let (_, report, said) = run(&self::folder(folder), &args);
        let report = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{said}"));
        assert_eq!(schema::breaches(&published, &report), Vec::<String>::new());
    };
    keeps(
        "smadduri9",
        "backtest as-it-ran.yaml --trace ramp_load.csv --recorded ramp_rep1_stock/replica_series_hpa.csv --runs 2 -q -o json",
    );
    keeps(
        "civicpulse",
        "backtest hpa.yaml --recorded hpa-collect.csv --recorded-column replicas --metric-column cpu_percent -q -o json",
    );
}

#[test]
fn recordings_that_cannot_be_compared_are_refused() {
    let folder = folder("smadduri9");
    let flash = "flash_rep1_stock/replica_series_hpa.csv";
    let refused = |args: &[&str], expected: &str| {
        let (code, _, said) = run(&folder, args);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(expected), "{said}");
    };
    refused(
        &["backtest", "as-it-ran.yaml", "--recorded", flash],
        "no load: expected --trace",
    );
    let mut far = vec!["backtest"];
    far.extend(FLASH);
    far.push("users.yaml");
    far[5] = "2020-01-01T00:00:00Z";
    refused(&far, "no time in common");
    refused(
        &[
            "backtest",
            "as-it-ran.yaml",
            "--trace",
            "flash_load.csv",
            "--recorded",
            "t0.csv",
        ],
        "--recorded-column",
    );
    refused(&["calibrate"], "nothing was measured");
    refused(
        &["calibrate", "--pods", "capacity_steps.csv"],
        "not what `kubectl get pods -o json` prints",
    );
}
