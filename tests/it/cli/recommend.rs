use std::collections::BTreeSet;
use std::fs;

use scaleplan::lint::{Selection, Settings, Severity, lint};
use scaleplan::manifest::{Source, read_objects};

use super::{Ran, Sandbox, WEB};

/// Two hours of a wave, a value each 30 s.
pub(super) fn wave() -> String {
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
pub(super) fn unwrapped(text: &str) -> String {
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
fn a_patch_of_another_form_is_not_printed_where_the_file_is_written() {
    let ran = recommend(&sandbox(), &["--write", "--patch", "json"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("--write: it changes the file"),
        "{}",
        ran.stderr
    );
    let sandbox = sandbox();
    let ran = recommend(
        &sandbox,
        &["--write", "--accept-unproven", "--patch", "none"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("+++ "), "{}", ran.stdout);
    assert_ne!(
        fs::read_to_string(sandbox.path("web.yaml")).expect("the file"),
        WEB
    );
}

#[test]
fn a_picture_of_cost_against_objective_is_drawn() {
    let sandbox = sandbox();
    let ran = recommend(&sandbox, &["--png", "front.png", "--patch", "none"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let picture = fs::read(sandbox.path("front.png")).expect("a picture");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[test]
fn confidence_is_a_percentage_with_or_without_its_sign() {
    let of = |confidence| recommend(&sandbox(), &["--confidence", confidence]).report();
    assert_eq!(of("75"), of("75%"));
    check_refused(
        &["--confidence", "0.95"],
        "expected a percentage such as 95%",
    );
}

/// What lint warns of in a manifest.
fn warned_of(manifest: &str) -> BTreeSet<(&'static str, String)> {
    let objects = read_objects(vec![Source {
        name: "web.yaml".to_owned(),
        bytes: manifest.into(),
    }]);
    let linted = lint(&objects, &Settings::USUAL, &Selection::default());
    let findings = linted.findings.into_iter();
    findings
        .filter(|finding| finding.severity >= Severity::Warning)
        .map(|finding| (finding.rule.code, finding.object.to_string()))
        .collect()
}

/// A load that comes and goes within minutes.
pub(super) fn spikes() -> String {
    let rows = (0..240).map(|row| {
        let rate = if row % 17 < 3 { 110.0 } else { 25.0 };
        format!("{},{rate:.1}\n", row * 30)
    });
    format!("timestamp,rps\n{}", rows.collect::<String>())
}

#[test]
fn what_is_advised_is_nothing_that_lint_warns_of() {
    let limited = WEB.replace(
        "resources: {requests: {cpu: 200m, memory: 100Mi}}",
        "resources: {requests: {cpu: 200m, memory: 100Mi}, limits: {cpu: 220m}}",
    );
    let slow = WEB.replace(
        "port: 80}, periodSeconds",
        "port: 80}, initialDelaySeconds: 150, periodSeconds",
    );
    let machines = WEB
        .replace(
            "apiVersion: apps/v1, kind: Deployment",
            "apiVersion: pool.kubevirt.io/v1beta1, kind: VirtualMachinePool",
        )
        .split_once("---")
        .map(|(hpa, _)| hpa.to_owned())
        .expect("two documents");
    let scaled = WEB
        .split_once("---\n")
        .map(|(_, deployment)| {
            format!(
                "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: {{name: \
                 web}}\n  minReplicaCount: 1\n  maxReplicaCount: 10\n  triggers:\n  - {{type: cpu, metricType: Utilization, \
                 metadata: {{value: '50'}}}}\n---\n{deployment}"
            )
        })
        .expect("two documents");
    let mut changed = 0;
    for (name, manifest) in [
        ("usual", WEB),
        ("limited", &limited),
        ("slow", &slow),
        ("machines", &machines),
        ("scaled", &scaled),
    ] {
        for (load, slo) in [(wave(), "p99<300ms@99%"), (spikes(), "p95<1s")] {
            let sandbox = Sandbox::new();
            sandbox.write("wave.csv", load);
            sandbox.write("web.yaml", manifest);
            let backend = if name == "machines" {
                "vm"
            } else {
                "container"
            };
            let ran = sandbox.run(&format!(
                "recommend web.yaml --trace wave.csv --slo {slo} --backend {backend} --runs 4 --budget 150 --confidence 75 \
                 --write --accept-unproven --fail-on never -q --cpu-per-request 10ms"
            ));
            assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
            let after = fs::read_to_string(sandbox.path("web.yaml")).expect("the file");
            let (before, now) = (warned_of(manifest), warned_of(&after));
            let new: Vec<_> = now.difference(&before).collect();
            assert!(new.is_empty(), "{name}: {new:?}\n{after}");
            changed += usize::from(after != manifest);
        }
    }
    assert!(changed >= 4, "{changed}");
}

#[test]
fn what_is_wished_is_tried_though_lint_warns_of_it() {
    let sandbox = sandbox();
    let ran = recommend(
        &sandbox,
        &["--fix", "up-window=60s", "--write", "--accept-unproven"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = fs::read_to_string(sandbox.path("web.yaml")).expect("the file");
    assert!(after.contains("stabilizationWindowSeconds: 60"), "{after}");
}

#[test]
fn what_the_cluster_has_no_field_for_is_not_advised() {
    for (version, said) in [
        (
            "1.32",
            "There is no place for tolerances in Kubernetes 1.32: these were left as they are.",
        ),
        (
            "1.34",
            "There is no place for tolerances in Kubernetes 1.34 without the gate HPAConfigurableTolerance",
        ),
    ] {
        let told = recommend(&sandbox(), &["--kubernetes-version", version]).report();
        assert!(!told.contains("tolerance:"), "{told}");
        assert!(unwrapped(&told).contains(said), "{told}");
    }
    let newer = recommend(&sandbox(), &["--kubernetes-version", "v1.35.1"]).report();
    assert!(!unwrapped(&newer).contains("There is no place"), "{newer}");
    check_refused(
        &["--kubernetes-version", "1.32", "--fix", "up-tolerance=0.05"],
        "error: --fix up-tolerance: Kubernetes 1.32 has no such field, expected a cluster of Kubernetes 1.35 or later",
    );
    check_refused(
        &["--kubernetes-version", "new"],
        "`new` is no Kubernetes version",
    );
}

#[test]
fn a_moments_budget_ends_soon_and_says_what_was_tried() {
    let sandbox = Sandbox::new();
    // Half a year: a run of it takes longer than the budget.
    let rows = (0..52_000).map(|row| {
        let rate = 60.0 + 40.0 * (f64::from(row) / 40.0).sin();
        format!("{},{rate:.0}\n", row * 300)
    });
    sandbox.write(
        "wave.csv",
        format!("timestamp,rps\n{}", rows.collect::<String>()),
    );
    let ran = sandbox.run(
        "recommend web.yaml --trace wave.csv --runs 20 --budget 1ms --patch none --fail-on never -q -o json",
    );
    let told: serde_json::Value = serde_json::from_str(&ran.report()).expect("JSON");
    for part in told["parts"].as_array().expect("parts") {
        let searched = &part["searched"];
        assert_eq!(searched["ended"], "timeSpent");
        assert!(
            searched["confirmed"].as_u64() <= searched["tried"].as_u64(),
            "{searched}"
        );
        assert_eq!(part["best"]["tuned"]["runs"], 1, "{part}");
        let answer = part["answer"].as_str().expect("a sentence");
        assert!(
            answer.contains("nothing else was tried in the time"),
            "{answer}"
        );
        assert!(
            answer.contains("1 of 20 runs was played before it ended"),
            "{answer}"
        );
    }
}

#[test]
fn on_the_file_that_it_wrote_and_the_same_load_hardly_anything_is_left_to_change() {
    let sandbox = sandbox();
    let before = recommend(&sandbox, &["--write", "--accept-unproven"]);
    assert_eq!(before.code, 0, "{}", before.stderr);
    assert_ne!(
        fs::read_to_string(sandbox.path("web.yaml")).expect("the file"),
        WEB
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
