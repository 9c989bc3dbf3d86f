use std::fs;

use super::{Ran, Sandbox};

/// Two hours of a wave, a value each 30 s.
fn wave() -> String {
    let rows = (0..240).map(|row| {
        let rate = 60.0 + 40.0 * (f64::from(row) / 40.0).sin();
        format!("{},{rate:.1}\n", row * 30)
    });
    format!("timestamp,rps\n{}", rows.collect::<String>())
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("wave.csv", wave());
    sandbox
}

const ASKED: [&str; 11] = [
    "recommend",
    "web.yaml",
    "--trace",
    "wave.csv",
    "--slo",
    "p99<300ms@99%",
    "--backend",
    "container",
    "--runs",
    "4",
    "-q",
];

/// A small search of the wave, with these flags too.
fn recommend(sandbox: &Sandbox, further: &[&str]) -> Ran {
    let small = ["--budget", "150", "--confidence", "75%"];
    let given: Vec<&str> = ASKED
        .iter()
        .chain(small.iter().filter(|_| !further.contains(&"--confidence")))
        .chain(further)
        .copied()
        .collect();
    Ran::of(sandbox.command().args(given))
}

/// All white space as single spaces, as pages break lines.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check_refused(further: &[&str], expected: &str) {
    let ran = recommend(&sandbox(), further);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn wishes_that_cannot_be_followed_are_refused_with_what_was_expected() {
    check_refused(
        &["--fix", "mim"],
        "error: --fix: there is no knob `mim`, expected `min`, `max`, `target`",
    );
    check_refused(
        &["--fix", "min=0"],
        "error: --fix min cannot be `0`, expected a whole number from 1",
    );
    check_refused(
        &["--range", "target=40"],
        "error: --range: `target=40` has no bounds, expected a range such as `target=40..80`",
    );
    check_refused(
        &["--range", "min=5..2"],
        "error: --range min: `5..2` holds nothing, expected the smaller value first",
    );
    check_refused(
        &["--values", "down-window=60"],
        "error: --values down-window cannot be `60`, expected whole seconds, minutes or hours with their unit",
    );
    check_refused(
        &["--fix", "min", "--values", "min=1,2"],
        "error: --values: `min` is named a second time, expected once among --fix, --range and --values",
    );
    check_refused(
        &["--range", "min=200..300"],
        "error: no settings are left to try: minReplicas is at least 200 and maxReplicas at most",
    );
    check_refused(
        &["--for", "vm"],
        "error: --for vm: no backend of this kind is played, expected one among those of --backend",
    );
}

#[test]
fn a_patch_that_is_written_is_not_printed_too() {
    let ran = recommend(&sandbox(), &["--write", "--patch", "json"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("'--write' cannot be used with '--patch"),
        "{}",
        ran.stderr
    );
}

#[test]
fn on_the_file_that_it_wrote_and_the_same_load_hardly_anything_is_left_to_change() {
    let sandbox = sandbox();
    let before = recommend(&sandbox, &["--write"]);
    assert_eq!(before.code, 0, "{}", before.stderr);
    assert_ne!(
        fs::read_to_string(sandbox.path("web.yaml")).expect("the file"),
        super::WEB
    );
    let told = unwrapped(&before.stdout);
    let flags = told
        .split_once("on the changed manifest give ")
        .and_then(|(_, rest)| rest.split_once(" to judge it"))
        .map(|(flags, _)| flags.to_owned())
        .expect("the flags that keep the load");
    let flags: Vec<&str> = flags.split(' ').collect();
    assert_eq!((flags[0], flags[2]), ("--cpu-per-request", "--rate-scale"));
    let after = recommend(&sandbox, &flags);
    assert_eq!(after.code, 0, "{}", after.stderr);
    let hours = |text: &str| -> f64 {
        let told = unwrapped(text);
        let (before, _) = told.split_once(" replica-hours a day").expect("a cost");
        let number = before.rsplit(' ').next().expect("a number");
        number.parse().expect("a number")
    };
    let (first, second) = (hours(&before.stdout), hours(&after.stdout));
    assert!(
        (second / first - 1.0).abs() < 0.05,
        "{first} then {second}: {}",
        after.stdout
    );
    assert!(!after.stdout.contains("on the changed manifest give"));
}

#[test]
fn what_a_version_has_no_field_for_is_told_and_not_turned() {
    let sandbox = sandbox();
    sandbox.write(
        "web.yaml",
        "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: \
         {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 10\n  targetCPUUtilizationPercentage: 50\n",
    );
    let ran = recommend(&sandbox, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let told = unwrapped(&ran.stdout);
    assert!(
        told.contains(
            "There is no place for stabilization windows, scaling policies and tolerances in autoscaling/v1: these were left \
             as they are."
        ),
        "{told}"
    );
    assert!(!told.contains("scaleDown window"), "{told}");
    let ran = recommend(&sandbox, &["--fix", "up-window=30s"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains(
            "--fix up-window: autoscaling/v1 has no such field, expected a manifest of autoscaling/v2"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn more_confidence_than_the_runs_can_show_is_told() {
    let ran = recommend(&sandbox(), &["--confidence", "99%"]);
    let told = unwrapped(&ran.stdout);
    assert!(
        told.contains("4 runs cannot tell 99 % of the runs from all of them"),
        "{told}"
    );
}

#[test]
fn two_minutes_are_a_guess_at_best() {
    let sandbox = Sandbox::new();
    sandbox.write("wave.csv", super::LOAD);
    let ran = recommend(&sandbox, &[]);
    assert!(!ran.stdout.starts_with('✓'), "{}", ran.stdout);
    assert!(
        unwrapped(&ran.stdout)
            .contains("This is a guess at best: the trace is too short to judge settings by"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_page_is_as_wide_as_the_environment_says() {
    let sandbox = sandbox();
    for columns in [60, 80] {
        let mut command = sandbox.command();
        command.env("COLUMNS", columns.to_string());
        command.args(ASKED);
        command.args(["--budget", "150", "--confidence", "75%", "--patch", "none"]);
        let text = Ran::of(&mut command).report();
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest.unwrap_or(0) <= columns, "{text}");
        assert!(longest.unwrap_or(0) > columns - 15, "{text}");
    }
}
