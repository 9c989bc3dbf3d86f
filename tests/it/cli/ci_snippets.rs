//! The files of `docs/ci`, tried on a repository: a commit is stopped, a job fails, reports are there.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::WEB;

/// A manifest that fires: its count and its autoscaler are at odds.
fn faulty() -> String {
    WEB.replace("\nspec:\n  selector", "\nspec:\n  replicas: 3\n  selector")
        .replace("minReplicas: 1", "minReplicas: 2")
}

fn snippet(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/ci")
        .join(name);
    fs::read_to_string(path).expect("docs/ci has this file")
}

/// What follows a key in a snippet, on one line.
#[track_caller]
fn line_of(name: &str, key: &str) -> String {
    let text = snippet(name);
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(key));
    line.expect("the snippet has this line").trim().to_owned()
}

/// A repository with the manifest in `k8s/web.yaml`.
fn repository(manifest: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::create_dir(folder.path().join("k8s")).expect("a folder");
    fs::write(folder.path().join("k8s/web.yaml"), manifest).expect("a file");
    shell(&folder, "git init -q && git add -A", &[]);
    folder
}

/// Runs shell lines in a repository, with the binary on the path.
fn shell(folder: &TempDir, lines: &str, variables: &[(&str, &str)]) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_scaleplan"));
    let folder_of_binary = binary.parent().expect("the binary is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .args(["-c", lines])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder_of_binary.display()))
        .envs([
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ])
        .envs(variables.iter().copied())
        .output()
        .expect("there is a bash")
}

fn read_json(folder: &TempDir, name: &str) -> Value {
    let text = fs::read_to_string(folder.path().join(name)).expect("the report was written");
    serde_json::from_str(&text).expect("the report is JSON")
}

#[test]
fn the_action_annotates_lines_and_leaves_a_sarif_report() {
    let command = line_of("action.yml", "run:");
    let inputs = |fail_on| {
        [
            ("INPUT_PATHS", "k8s/"),
            ("INPUT_FAIL_ON", fail_on),
            ("INPUT_SARIF", "scaleplan.sarif"),
        ]
    };
    let folder = repository(&faulty());
    let ran = shell(&folder, &command, &inputs("warning"));
    assert_eq!(ran.status.code(), Some(1));
    let shown = String::from_utf8_lossy(&ran.stdout);
    assert!(
        shown
            .lines()
            .any(|line| line.starts_with("::warning file=k8s/web.yaml,line=17,col=13,")),
        "{shown}"
    );
    let sarif = read_json(&folder, "scaleplan.sarif");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert!(results.iter().any(|result| result["ruleId"] == "SP204"));
    let ran = shell(&folder, &command, &inputs("never"));
    assert_eq!(ran.status.code(), Some(0));
}

#[test]
fn the_hook_stops_a_commit_until_the_fault_is_mended() {
    let entry = line_of("pre-commit-hooks.yaml", "entry:");
    let folder = repository(&faulty());
    let hook = format!("#!/bin/sh\nexec {entry}\n");
    fs::write(folder.path().join(".git/hooks/pre-commit"), hook).expect("a file");
    shell(&folder, "chmod +x .git/hooks/pre-commit", &[]);
    let ran = shell(&folder, "git commit -q -m faulty", &[]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let mended = faulty().replace("  replicas: 3\n", "");
    fs::write(folder.path().join("k8s/web.yaml"), mended).expect("a file");
    let ran = shell(&folder, "git commit -q -a -m mended", &[]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
}

#[test]
fn the_gitlab_job_leaves_its_two_reports() {
    let command = line_of("gitlab-ci.yml", "- scaleplan").replacen("", "scaleplan ", 1);
    let folder = repository(&faulty());
    let ran = shell(&folder, &command, &[]);
    assert_eq!(ran.status.code(), Some(1));
    let issues = read_json(&folder, "gl-code-quality-report.json");
    assert_eq!(issues[0]["location"]["path"], "k8s/web.yaml");
    let junit = fs::read_to_string(folder.path().join("scaleplan-junit.xml")).expect("a report");
    assert!(junit.contains("<failure type=\"warning\""), "{junit}");
}
