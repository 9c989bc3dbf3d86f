//! What the user's kubectl brings, and how it fails.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::cli::{Ran, Sandbox};

/// The autoscaler as an API server gives it: with status and fields that it filled in.
const AUTOSCALER: &str = r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"shop","uid":"1","resourceVersion":"7","managedFields":[]},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":9,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}}]},"status":{"currentReplicas":2,"desiredReplicas":2}}"#;

/// Its target.
const DEPLOYMENT: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"registry.example/web","resources":{"requests":{"cpu":"300m"}}}]}}},"status":{}}"#;

/// Runs with a kubectl that is this shell script.
fn run(script: &str, arguments: &str) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write("bin/kubectl", format!("#!/bin/sh\n{script}"));
    let kubectl = sandbox.path("bin/kubectl");
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).expect("a script");
    sandbox.write("hpa.json", AUTOSCALER);
    sandbox.write("deployment.json", DEPLOYMENT);
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let mut command = sandbox.command();
    let arguments = format!("simulate --trace load.csv --runs 1 {arguments}");
    Ran::of(command.env("PATH", path).args(arguments.split_whitespace()))
}

#[test]
fn the_autoscaler_its_target_and_services_are_asked_for() {
    let script = r#"
echo "$*" >> asked
case "$*" in
  *horizontalpodautoscalers*) cat hpa.json ;;
  *Deployment*) cat deployment.json ;;
  *services*) echo '{"apiVersion":"v1","kind":"List","items":[]}' ;;
esac
cat asked >&2
"#;
    let ran = run(script, "--from-kubectl shop/web --context test -o wide");
    let report = ran.report();
    assert!(
        report.contains(
            "HorizontalPodAutoscaler shop/web -> Deployment/web, cpu 60 %, 2..9 replicas"
        ),
        "{report}"
    );
    assert!(report.contains("300m"), "{report}");
}

#[test]
fn a_target_that_cannot_be_had_is_told_and_left_out() {
    let script = r#"
case "$*" in
  *horizontalpodautoscalers*) cat hpa.json ;;
  *) echo "Error from server (Forbidden): no" >&2; exit 1 ;;
esac
"#;
    let ran = run(script, "--from-kubectl shop/web");
    assert!(matches!(ran.code, 0 | 1), "{}", ran.stderr);
    let warning =
        "warning: kubectl get Deployment.v1.apps web -n shop: Error from server (Forbidden): no";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
}

#[test]
fn kubectl_s_own_words_say_why_there_is_no_autoscaler() {
    let script = "printf 'E1 noise\\nError from server (NotFound): \\033[31m\"web\" not found\\n' >&2; exit 1";
    let ran = run(script, "--from-kubectl shop/web");
    let expected = "error: kubectl get horizontalpodautoscalers.autoscaling web -n shop: Error from server (NotFound): \\u{1b}[31m\"web\" not found\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, expected));
}

#[test]
fn without_kubectl_or_a_whole_name_nothing_is_run() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    let arguments = "simulate --trace load.csv --from-kubectl shop/web".split_whitespace();
    let missing = Ran::of(command.env("PATH", sandbox.path("")).args(arguments));
    assert!(
        missing
            .stderr
            .starts_with("error: kubectl was not found on the PATH"),
        "{}",
        missing.stderr
    );
    let wrong = sandbox.run("simulate --trace load.csv --from-kubectl web");
    assert!(
        wrong
            .stderr
            .starts_with("error: --from-kubectl: `web` names no autoscaler"),
        "{}",
        wrong.stderr
    );
    let both = sandbox.run("simulate web.yaml --trace load.csv --from-kubectl shop/web");
    assert!(
        both.stderr
            .starts_with("error: the argument '[MANIFEST]...' cannot be used with '--from-kubectl"),
        "{}",
        both.stderr
    );
    assert_eq!((missing.code, wrong.code, both.code), (2, 2, 2));
}
