//! Reports, pictures, exit codes, colour and pipes.

use std::fs::{self, File};
use std::io::Read as _;
use std::process::{Command, Stdio};

use super::{Ran, Sandbox};

const ESCAPE: char = '\u{1b}';

#[test]
fn every_form_comes_out_as_itself() {
    let sandbox = Sandbox::new();
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.play("-o json").report()).expect("it is JSON");
    assert!(json.get("schemaVersion").is_some());
    let yaml: serde_json::Value =
        serde_yaml::from_str(&sandbox.play("-o yaml").report()).expect("it is YAML");
    assert_eq!(yaml.get("schemaVersion"), json.get("schemaVersion"));
    let csv = sandbox.play("-o csv").report();
    let commas = csv.lines().next().map(|line| line.matches(',').count());
    assert!(commas.is_some_and(|commas| commas > 1), "{csv}");
    let markdown = sandbox.play("-o markdown").report();
    assert!(markdown.starts_with("### "), "{markdown}");
    let table = sandbox.play("").report();
    assert_eq!(table, sandbox.play("-o table").report());
    assert!(sandbox.play("-o wide").report().len() > table.len());
}

#[test]
fn each_balancing_strategy_stands_beside_the_scenario_as_it_is() {
    let sandbox = Sandbox::new();
    let table = sandbox.play("--balancing-each").report();
    let plain = sandbox.play("").report();
    for line in plain.lines() {
        assert!(table.contains(line), "{line}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.play("--balancing-each -o json").report()).expect("JSON");
    let names = |backend: usize| -> Vec<&str> {
        let variants = json["comparisons"][0]["backends"][backend]["variants"].as_array();
        let names = variants.expect("variants").iter();
        names
            .filter_map(|variant| variant["name"].as_str())
            .collect()
    };
    let all = [
        "random",
        "round-robin",
        "least-connections",
        "power-of-two",
        "ip-hash",
    ];
    assert_eq!([names(0), names(1)], [all; 2]);
    let as_it_is = &json["comparisons"][0]["backends"][0]["variants"][0];
    assert_eq!(as_it_is["isOther"], false);
    assert_eq!(
        as_it_is["figures"]["latencyP99Seconds"],
        json["backends"][0]["figures"]["latency"]["latencyP99Seconds"]
    );
}

#[test]
fn each_optimization_is_played_alone_and_the_best_comes_first() {
    let sandbox = Sandbox::new();
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.play("--with-each -o json").report()).expect("JSON");
    let comparison = &json["comparisons"][0];
    assert_eq!(comparison["varied"], "optimization");
    for backend in comparison["backends"].as_array().expect("backends") {
        let variants = backend["variants"].as_array().expect("variants");
        assert_eq!(variants.len(), 8);
        let won = |variant: &serde_json::Value| {
            variant["differences"]["badRequestsDifferencePercentagePoints"]["median"].as_f64()
        };
        for pair in variants.windows(2) {
            assert!(
                won(&pair[0]) <= won(&pair[1]).map(|won| won + 1e-6),
                "{backend}"
            );
        }
        for variant in variants
            .iter()
            .filter(|variant| variant["isOther"] == false)
        {
            assert_eq!(won(variant), Some(0.0));
        }
    }
    let csv = sandbox.play("--with-each --balancing-each -o csv").report();
    assert!(csv.starts_with("backend,figure,unit,median,low,high,variant\n"));
    assert!(csv.contains(",warm-pool\n") && csv.contains(",ip-hash\n"));
}

#[test]
fn comparisons_change_nothing_in_the_picture() {
    let sandbox = Sandbox::new();
    sandbox.play("--png plain.png").report();
    sandbox.play("--png compared.png --balancing-each").report();
    let [plain, compared] =
        ["plain.png", "compared.png"].map(|name| fs::read(sandbox.path(name)).expect("a picture"));
    assert!(plain == compared);
}

#[test]
fn standard_output_holds_the_report_and_standard_error_the_chatter() {
    let sandbox = Sandbox::new();
    let talking = sandbox.run("simulate web.yaml --trace load.csv --runs 2");
    assert!(talking.stderr.lines().count() > 0);
    assert!(
        talking
            .stderr
            .lines()
            .all(|line| line.starts_with("note: ")),
        "{}",
        talking.stderr
    );
    let quiet = sandbox.play("");
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, talking.stdout);
}

/// A load so light that the objective holds, and one that only shows it where requests are many.
const CALM: &str = "time,rps\n0,50\n60,50\n120,50\n";
const FEW: &str = "time,rps\n0,0.1\n60,0.1\n120,0.1\n";

#[track_caller]
fn check_code(trace: &str, arguments: &str, expected: i32) {
    let sandbox = Sandbox::new();
    sandbox.write("load.csv", trace);
    let ran = sandbox.play(arguments);
    assert_eq!(ran.code, expected, "{}{}", ran.stdout, ran.stderr);
    ran.report();
}

#[test]
fn the_exit_code_is_the_verdict() {
    let steady = "--initial-replicas 10 --cpu-per-request 1ms";
    check_code(CALM, steady, 0);
    check_code(CALM, &format!("{steady} --fail-on unproven"), 0);
    check_code(FEW, steady, 0);
    check_code(FEW, &format!("{steady} --fail-on unproven"), 1);
    check_code(super::LOAD, "", 1);
    check_code(super::LOAD, "--fail-on unproven", 1);
    check_code(super::LOAD, "--fail-on never", 0);
}

#[test]
fn wrong_usage_ends_with_2() {
    let sandbox = Sandbox::new();
    for arguments in [
        "",
        "simulat",
        "simulate --runz 3",
        "simulate -o xml",
        "simulate --fail-on x",
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn help_and_version_read_well() {
    let sandbox = Sandbox::new();
    let version = sandbox.run("--version").report();
    assert!(version.starts_with(&format!("scaleplan {}\n", env!("CARGO_PKG_VERSION"))));
    assert!(version.contains("follows: Kubernetes 1."), "{version}");
    for arguments in ["--help", "simulate --help", "simulate -h", "init --help"] {
        let help = sandbox.run(arguments).report();
        assert!(help.contains("Usage: scaleplan"), "{help}");
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{arguments} is {widest:?} wide");
    }
    let help = sandbox.run("simulate --help").report();
    assert!(help.contains("Examples:\n  scaleplan simulate "), "{help}");
}

#[test]
fn colour_is_for_terminals_or_for_who_asks() {
    let sandbox = Sandbox::new();
    let coloured = |arguments: &str, variable: Option<(&str, &str)>| {
        let mut command = sandbox.command();
        command.envs(variable);
        let arguments = format!("simulate web.yaml --trace load.csv --runs 2 {arguments}");
        let ran = Ran::of(command.args(arguments.split_whitespace()));
        [ran.stdout.contains(ESCAPE), ran.stderr.contains(ESCAPE)]
    };
    assert_eq!(coloured("", None), [false, false]);
    assert_eq!(coloured("--color always", None), [true, true]);
    assert_eq!(
        coloured("--color always", Some(("NO_COLOR", "1"))),
        [true, true]
    );
    assert_eq!(coloured("", Some(("CLICOLOR_FORCE", "1"))), [true, true]);
    assert_eq!(
        coloured("--color never", Some(("CLICOLOR_FORCE", "1"))),
        [false, false]
    );
    assert_eq!(coloured("", Some(("NO_COLOR", "1"))), [false, false]);
}

#[test]
fn a_reader_that_goes_away_ends_it_silently() {
    let sandbox = Sandbox::new();
    for arguments in ["simulate -q --runs 1", "--help", "init -"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scaleplan"))
            .args(arguments.split_whitespace())
            .current_dir(sandbox.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let mut stderr = String::new();
        let mut pipe = child.stderr.take().expect("it is piped");
        pipe.read_to_string(&mut stderr).expect("messages in UTF-8");
        let status = child.wait().expect("it ends");
        assert_eq!(
            (status.code(), stderr.as_str()),
            (Some(0), ""),
            "{arguments}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let sandbox = Sandbox::new();
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = Command::new(env!("CARGO_BIN_EXE_scaleplan"))
        .args(["simulate", "-q", "--runs", "1"])
        .current_dir(sandbox.path(""))
        .stdout(full)
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("error: standard output cannot be written: "),
        "{stderr}"
    );
}

#[test]
fn a_picture_comes_beside_the_report() {
    let sandbox = Sandbox::new();
    let ran = sandbox.play("--png out.png");
    assert_eq!(ran.report(), sandbox.play("").report());
    let picture = fs::read(sandbox.path("out.png")).expect("it was drawn");
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(sandbox.names(), ["load.csv", "out.png", "web.yaml"]);
}

#[test]
fn a_picture_that_cannot_be_written_is_known_before_the_work() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/x", "");
    sandbox
        .run("simulate nope.yaml --png nowhere/out.png")
        .refused("nowhere/out.png: cannot be written: there is no such file or folder");
    sandbox
        .run("simulate nope.yaml --png folder")
        .refused("folder: is a folder, expected a file to write");
    sandbox
        .run("simulate nope.yaml --png web.yaml/out.png")
        .refused("web.yaml/out.png: cannot be written: a part of the path is not a folder");
    assert_eq!(sandbox.names(), ["folder", "load.csv", "web.yaml"]);
}

#[test]
fn a_picture_that_is_there_stays_until_the_new_one_is_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("out.png", "old");
    sandbox
        .run("simulate nope.yaml --png out.png")
        .refused("nope.yaml: cannot be read");
    assert_eq!(
        fs::read(sandbox.path("out.png")).expect("it is there"),
        b"old"
    );
    sandbox.play("--png out.png").report();
    assert_ne!(
        fs::read(sandbox.path("out.png")).expect("it is there"),
        b"old"
    );
    assert_eq!(sandbox.names(), ["load.csv", "out.png", "web.yaml"]);
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_written_through() {
    let sandbox = Sandbox::new();
    sandbox.write("real.png", "old");
    std::os::unix::fs::symlink("real.png", sandbox.path("link.png")).expect("a link");
    sandbox.play("--png link.png").report();
    let link = fs::symlink_metadata(sandbox.path("link.png")).expect("it is there");
    assert!(link.is_symlink());
    assert_ne!(
        fs::read(sandbox.path("real.png")).expect("it is there"),
        b"old"
    );
    sandbox.play("--png /dev/null").report();
    let device = fs::metadata("/dev/null").expect("it is there");
    assert!(!device.is_file());
}

#[test]
fn a_trace_is_not_overwritten_by_a_picture() {
    let sandbox = Sandbox::new();
    let before = fs::read(sandbox.path("load.csv")).expect("it is there");
    sandbox
        .run("simulate web.yaml --trace load.csv --png load.csv")
        .refused(
            "load.csv: is there and is no picture, expected a new file or one that ends in .png",
        );
    assert_eq!(
        fs::read(sandbox.path("load.csv")).expect("it is there"),
        before
    );
}
