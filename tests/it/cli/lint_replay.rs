//! `scaleplan lint` with a load: the rules that need a replay.

use serde_json::Value;

use super::{Ran, Sandbox, WEB};

/// An hour that one replica carries, a quarter of an hour that needs five, and the hour again.
fn spike() -> String {
    let rate = |minute: u32| if (60..75).contains(&minute) { 300 } else { 20 };
    let rows = (0..540).map(|row| format!("{},{}\n", row * 15, rate(row / 4)));
    format!("timestamp,rps\n{}", rows.collect::<Vec<String>>().concat())
}

/// A request of 2 ms of cpu: a replica of 200m carries 100 a second.
const COSTS: &str = "cpu-per-request: 2ms\nservice-time: 5ms\nruns: 3\n";

fn sandbox(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("k8s/web.yaml", manifest);
    sandbox.write("loads/spike.csv", spike());
    sandbox.write("loads/web.yaml", COSTS);
    sandbox
}

const PLAYED: &str = "lint k8s --trace loads/spike.csv --scenario loads/web.yaml --select SP9";

/// The codes of the findings of a JSON report.
fn codes(ran: &Ran) -> Vec<String> {
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let findings = report["findings"].as_array().expect("a list");
    let code = |it: &Value| it["code"].as_str().expect("a code").to_owned();
    findings.iter().map(code).collect()
}

#[test]
fn a_missed_objective_is_told_with_time_replicas_and_what_clears_it() {
    let ran = sandbox(WEB).run(PLAYED);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for part in [
        "error[SP901 slo-violation]: the objective 99%<300ms is missed in 3 of 3 runs: ",
        ", worst at 1 h for ",
        " with 1 replica ready where ",
        "--> k8s/web.yaml:7:16",
        "= help: minReplicas ",
        " clears it; costs +",
        " replica-hours a day",
    ] {
        assert!(ran.stdout.contains(part), "`{part}` in\n{}", ran.stdout);
    }
    assert!(
        ran.stderr.contains("replaying web with loads/spike.csv"),
        "{}",
        ran.stderr
    );
}

#[test]
fn without_a_load_the_rules_are_silent_and_listed() {
    let ran = sandbox(WEB).run("lint k8s --select SP9");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let listed = Sandbox::new().run("lint --list-rules");
    assert!(listed.stdout.contains("SP901"), "{}", listed.stdout);
    let explained = Sandbox::new().run("explain SP927");
    assert!(
        explained.stdout.contains("trace-insufficient"),
        "{}",
        explained.stdout
    );
}

#[test]
fn a_counterfactual_that_is_taken_over_clears_the_finding() {
    let ran = sandbox(WEB).run(PLAYED);
    let cleared = ran
        .stdout
        .split("= help: minReplicas ")
        .nth(1)
        .expect("a value");
    let min = cleared.split(' ').next().expect("a number");
    let mended = WEB.replace("minReplicas: 1", &format!("minReplicas: {min}"));
    let ran = sandbox(&mended).run(&format!("{PLAYED} -o json"));
    let codes = codes(&ran);
    assert!(!codes.iter().any(|code| code == "SP901"), "{codes:?}");
}

#[test]
fn findings_are_the_same_on_any_number_of_threads_and_in_every_form() {
    let sandbox = sandbox(WEB);
    for form in ["text", "json", "sarif", "junit", "github", "gitlab"] {
        let told = ["1", "3"].map(|threads| {
            let mut command = sandbox.command();
            command.env("RAYON_NUM_THREADS", threads);
            let arguments = format!("{PLAYED} -q -o {form}");
            let output = command
                .args(arguments.split(' '))
                .output()
                .expect("it runs");
            String::from_utf8(output.stdout).expect("text")
        });
        assert!(told[0].contains("SP901"), "{form}: {}", told[0]);
        assert_eq!(told[0], told[1], "{form}");
    }
}

#[test]
fn selection_severity_suppression_and_baseline_hold_for_them_too() {
    let sandbox = sandbox(WEB);
    let ran = sandbox.run(&format!("{PLAYED}01 --severity SP901=info"));
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("info[SP901"), "{}", ran.stdout);

    sandbox.run(&format!("{PLAYED} --write-baseline known.json"));
    let ran = sandbox.run(&format!("{PLAYED} --baseline known.json -o json"));
    assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{}", ran.stdout);
    // Another recording of the same fault is no new finding.
    sandbox.write("loads/spike.csv", spike().replace(",300\n", ",310\n"));
    let ran = sandbox.run(&format!("{PLAYED}01 --baseline known.json -o json"));
    assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{}", ran.stdout);

    let silenced = WEB.replace(
        "  name: web\n",
        "  name: web\n  annotations: {scaleplan.dev/ignore: \"SP901: known, a campaign\"}\n",
    );
    let sandbox = self::sandbox(&silenced);
    let ran = sandbox.run(&format!("{PLAYED}01,SP002 -o json"));
    assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{}", ran.stdout);
    // Nor is it unused where nothing is replayed.
    let ran = sandbox.run("lint k8s --select SP002,SP901 -o json");
    assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{}", ran.stdout);
}

#[test]
fn a_settings_file_says_which_autoscaler_meets_which_load() {
    let sandbox = sandbox(&WEB.replace("name: web\nspec", "name: web\n  namespace: shop\nspec"));
    sandbox.write("k8s/other.yaml", WEB.replace("name: web", "name: other"));
    sandbox.write(
        ".scaleplan.yaml",
        "lint:\n  select: [SP901]\n  replay:\n  - {hpa: shop/web, trace: loads/spike.csv, scenario: loads/web.yaml}\n  \
         - {hpa: gone, trace: loads/spike.csv}\n",
    );
    let ran = sandbox.run("lint k8s");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("k8s/web.yaml:8:16"), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("warning: no replay: no autoscaler named `gone` that could be replayed"),
        "{}",
        ran.stderr
    );
    let lenient = sandbox.run("lint k8s --slo 50%<30s");
    assert_eq!(lenient.code, 0, "{}", lenient.stdout);
}

#[test]
fn wrong_usage_ends_with_2_and_what_cannot_be_replayed_does_not() {
    let sandbox = sandbox(WEB);
    for (arguments, expected) in [
        ("--trace missing.csv", "missing.csv: cannot be read"),
        (
            "--trace loads/spike.csv --hpa web2",
            "--hpa: no HorizontalPodAutoscaler is named `web2`",
        ),
        ("--trace loads/web.yaml", "loads/web.yaml"),
    ] {
        let ran = sandbox.run(&format!("lint k8s {arguments}"));
        assert_eq!(ran.code, 2, "{arguments}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{arguments}: {}", ran.stderr);
        assert!(ran.stdout.contains("SP410"), "{}", ran.stdout);
    }
    sandbox.write("k8s/other.yaml", WEB.replace("name: web", "name: other"));
    let ran = sandbox.run("lint k8s --trace loads/spike.csv");
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("there are 2 autoscalers, choose one with --hpa"),
        "{}",
        ran.stderr
    );

    let external = WEB.replace(
        "type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}",
        "type: External\n    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 5}}",
    );
    let ran = self::sandbox(&external).run(PLAYED);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("warning: no replay of web: ")
            && ran.stderr.contains("`queue` is not mapped"),
        "{}",
        ran.stderr
    );
    let none = WEB.split("---\n").nth(1).expect("the Deployment");
    let ran = self::sandbox(none).run(PLAYED);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr
            .contains("no replay: no autoscaler that could be replayed"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_scaled_object_is_replayed_as_the_autoscaler_that_it_becomes() {
    let deployment = WEB.split("---\n").nth(1).expect("the Deployment");
    let scaled = format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: {{name: web}}\n  \
         minReplicaCount: 1\n  maxReplicaCount: 10\n  triggers:\n  - {{type: cpu, metricType: Utilization, metadata: {{value: \
         \"50\"}}}}\n---\n{deployment}"
    );
    let ran = sandbox(&scaled).run(&format!("{PLAYED}01"));
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("k8s/web.yaml:6:20"), "{}", ran.stdout);
}

#[test]
fn hpa_picks_among_the_standing_replays_by_what_the_names_mean() {
    let sandbox = sandbox(WEB);
    let entry = |hpa: &str| {
        let text = format!(
            "lint:\n  select: [SP901]\n  replay:\n  - {{{hpa}trace: loads/spike.csv, scenario: loads/web.yaml}}\n"
        );
        sandbox.write(".scaleplan.yaml", text);
    };
    for hpa in ["", "hpa: web, ", "hpa: default/web, "] {
        entry(hpa);
        for name in ["web", "default/web"] {
            let ran = sandbox.run(&format!("lint k8s --hpa {name}"));
            assert_eq!(ran.code, 1, "`{hpa}` {name}: {}{}", ran.stdout, ran.stderr);
        }
        let ran = sandbox.run("lint k8s --hpa wep");
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(
            ran.stderr
                .contains("--hpa: no HorizontalPodAutoscaler is named `wep`"),
            "{}",
            ran.stderr
        );
    }
    sandbox.write("k8s/other.yaml", WEB.replace("name: web", "name: other"));
    entry("hpa: web, ");
    let ran = sandbox.run("lint k8s --hpa other");
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("`other` is in no `replay`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_said_of_a_replay_needs_one() {
    let sandbox = sandbox(WEB);
    for flag in ["--slo 99%<1s", "--hpa web", "--cpu-per-request 2ms"] {
        let ran = sandbox.run(&format!("lint k8s {flag}"));
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        let name = flag.split(' ').next().expect("a flag");
        let expected = format!(
            "{name} is about a replay and there is none, expected also --trace or --scenario"
        );
        assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    }
}

#[test]
fn the_load_is_read_once_and_told_what_it_means() {
    let sandbox = sandbox(WEB);
    sandbox.write("k8s/other.yaml", WEB.replace("name: web", "name: other"));
    let said = "--cpu-per-request 2ms --rate-scale 1 --value-column rps --select SP901 -o json";
    let ran = sandbox.run(&format!(
        "lint k8s --trace loads/spike.csv --hpa web --hpa other {said}"
    ));
    assert_eq!(codes(&ran), ["SP901", "SP901"], "{}", ran.stderr);
    // What comes from standard input can be read once only.
    let mut command = sandbox.command();
    let line = format!("lint k8s --trace - --hpa web --hpa other {said}");
    command.args(line.split(' ')).write_stdin(spike());
    let told = String::from_utf8(command.output().expect("it runs").stdout).expect("text");
    assert_eq!(told, ran.stdout);
}

#[test]
fn a_scaled_object_is_found_by_its_own_name() {
    let deployment = WEB.split("---\n").nth(1).expect("the Deployment");
    let scaled = format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: {{name: web}}\n  \
         minReplicaCount: 1\n  maxReplicaCount: 10\n  triggers:\n  - {{type: cpu, metricType: Utilization, metadata: {{value: \
         \"50\"}}}}\n---\n{deployment}"
    );
    let sandbox = sandbox(&scaled);
    for name in ["web", "keda-hpa-web", "default/web"] {
        let ran = sandbox.run(&format!("{PLAYED}01 --hpa {name}"));
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.stdout, ran.stderr);
    }
}
