//! `diff`: folders, files and revisions side by side, what it says of a change and how it ends.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::{Ran, Sandbox, WEB};
use crate::docs::{document, fenced};

/// A sandbox with `base/web.yaml` as it is and `head/web.yaml` with replacements.
fn versions(replacements: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let mut head = WEB.to_owned();
    for (old, new) in replacements {
        assert!(head.contains(old), "{old}");
        head = head.replace(old, new);
    }
    sandbox.write("base/web.yaml", WEB);
    sandbox.write("head/web.yaml", head);
    sandbox
}

/// Compares `base/` and `head/` under the load, three runs.
fn replayed(sandbox: &Sandbox, more: &str) -> Ran {
    sandbox.run(&format!(
        "diff base/ head/ --trace load.csv --cpu-per-request 20ms --runs 3 -q {more}"
    ))
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

/// Makes a repository of the sandbox: `k8s/web.yaml` at the tag `before`, then with replacements on the branch `change`.
fn repository(replacements: &[(&str, &str)]) -> Sandbox {
    let sandbox = versions(replacements);
    sandbox.write("k8s/web.yaml", WEB);
    git(&sandbox, "init -q -b main .");
    git(&sandbox, "add k8s load.csv");
    git(&sandbox, "commit -q -m before");
    git(&sandbox, "tag before");
    git(&sandbox, "checkout -q -b change");
    let head = fs::read(sandbox.path("head/web.yaml")).expect("it was written");
    sandbox.write("k8s/web.yaml", head);
    git(&sandbox, "commit -q -a -m after");
    for folder in ["base", "head"] {
        fs::remove_dir_all(sandbox.path(folder)).expect("a folder");
    }
    fs::remove_file(sandbox.path("web.yaml")).expect("a file");
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &str) -> Output {
    let ran = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments.split_whitespace())
        .current_dir(sandbox.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("there is a git");
    assert!(ran.status.success(), "{arguments}: {ran:?}");
    ran
}

/// The binary in a repository, with git on the path.
fn in_repository(sandbox: &Sandbox, arguments: &str) -> Ran {
    let mut command = sandbox.command();
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    Ran::of(command.args(arguments.split_whitespace()))
}

#[test]
fn nothing_relevant_is_one_line_and_no_failure() {
    let sandbox = versions(&[("registry.example/web", "registry.example/web:2")]);
    for form in ["markdown", "table"] {
        let ran = sandbox.run(&format!("diff base/ head/ -o {form}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
        assert!(ran.stdout.starts_with("No change from"), "{}", ran.stdout);
    }
    assert_eq!(
        json(&replayed(&sandbox, "-o json"))["verdict"],
        "nothingChanged"
    );
}

#[test]
fn too_few_replicas_are_a_regression() {
    let sandbox = versions(&[("maxReplicas: 10", "maxReplicas: 2")]);
    let ran = replayed(&sandbox, "-o json");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report = json(&ran);
    assert_eq!(report["verdict"], "regression");
    let entry = &report["autoscalers"][0];
    assert_eq!(entry["settings"][0]["path"], "spec.maxReplicas");
    assert_eq!(entry["settings"][0]["head"], "2");
    let bad = &entry["replay"]["differences"]["badRequestsPercent"];
    assert_eq!(bad["movement"], "rose", "{bad}");
    let cost = &entry["replay"]["differences"]["replicaHoursADay"];
    assert_eq!(cost["movement"], "fell", "{cost}");
    assert_eq!(replayed(&sandbox, "--fail-on never").code, 0);
    assert_eq!(replayed(&sandbox, "--fail-on missed").code, 1);
    let markdown = replayed(&sandbox, "");
    assert!(
        markdown
            .stdout
            .starts_with("### ❌ Autoscaling from `base/` to `head/`: regression")
    );
    assert_eq!(markdown.stdout, replayed(&sandbox, "").stdout);
}

#[test]
fn the_other_way_round_is_none() {
    let sandbox = versions(&[("maxReplicas: 10", "maxReplicas: 2")]);
    let ran =
        sandbox.run("diff head/ base/ --trace load.csv --cpu-per-request 20ms --runs 3 -q -o json");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(json(&ran)["verdict"], "noRegression");
}

#[test]
fn both_sides_meet_the_same_load_where_nobody_says_what_a_request_costs() {
    // Alone, each side would have its load follow from its own target and maximum.
    let sandbox = versions(&[
        ("maxReplicas: 10", "maxReplicas: 40"),
        ("averageUtilization: 50", "averageUtilization: 25"),
    ]);
    let ran = sandbox.run("diff base/ head/ --trace load.csv --runs 2 -q -o json");
    let report = json(&ran);
    let replay = &report["autoscalers"][0]["replay"];
    let hours = |side: &str| replay[side]["figures"]["replicaHoursADay"]["median"].as_f64();
    let (base, head) = (
        hours("base").expect("a figure"),
        hours("head").expect("a figure"),
    );
    // Half the target takes some twice the replicas; a load four times as high would take eight times.
    assert!(head > 1.2 * base && head < 4.0 * base, "{base} {head}");
}

#[test]
fn a_change_of_the_workload_counts() {
    let sandbox = versions(&[("cpu: 200m", "cpu: 100m")]);
    let report = json(&replayed(&sandbox, "-o json"));
    let setting = &report["autoscalers"][0]["settings"][0];
    assert_eq!(setting["object"], "Deployment web");
    assert_eq!(setting["path"], "containers[app].requests.cpu");
    assert!(report["autoscalers"][0]["replay"]["head"]["runs"] == 3);
}

#[test]
fn without_a_load_settings_and_findings_are_compared_and_it_says_so() {
    let sandbox = versions(&[("minReplicas: 1", "minReplicas: 20")]);
    let ran = sandbox.run("diff base head");
    assert!(ran.stdout.contains("No load was named"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("| `spec.minReplicas` | `1` |") || ran.stdout.contains("removed"),
        "{}",
        ran.stdout
    );
    // The API server refuses more than the maximum: lint has a new error.
    assert!(ran.stdout.contains("**new** error"), "{}", ran.stdout);
    assert_eq!(ran.code, 1);
}

#[test]
fn one_that_came_is_played_alone_and_one_that_went_is_named() {
    let sandbox = versions(&[("name: web\n", "name: shop\n")]);
    let report = json(&replayed(&sandbox, "-o json"));
    let told: Vec<(&str, &str, bool)> = report["autoscalers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            (
                entry["object"].as_str().unwrap_or_default(),
                entry["change"].as_str().unwrap_or_default(),
                entry["replay"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("HorizontalPodAutoscaler shop", "added", false),
            ("HorizontalPodAutoscaler web", "removed", true),
        ]
    );
    assert!(
        replayed(&sandbox, "")
            .stdout
            .contains("`HorizontalPodAutoscaler web` removed")
    );
}

#[test]
fn a_broken_file_on_one_side_is_said_and_the_rest_is_compared() {
    let sandbox = versions(&[("maxReplicas: 10", "maxReplicas: 12")]);
    sandbox.write("head/broken.yaml", "a: [\n");
    let ran = sandbox.run("diff base head --fail-on never");
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.contains("warning: head: broken.yaml:"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("`12`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("could not be read"), "{}", ran.stdout);
    sandbox.write("base/web.yaml", "a: [\n");
    sandbox.write("head/web.yaml", "a: [\n");
    assert_eq!(sandbox.run("diff base head").code, 2);
}

#[test]
fn revisions_are_read_by_git() {
    let sandbox = repository(&[("maxReplicas: 10", "maxReplicas: 2")]);
    for arguments in [
        "diff before change",
        "diff main HEAD -- k8s/",
        "diff main HEAD --path k8s",
        "diff main..change",
        "diff main...",
        "diff main",
        "diff --git before change",
    ] {
        let ran = in_repository(&sandbox, arguments);
        assert!(
            ran.stdout.contains("| `spec.maxReplicas` | `10` | `2` |"),
            "{arguments}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
    let same = in_repository(&sandbox, "diff change");
    assert!(same.stdout.starts_with("No change"), "{}", same.stdout);
    let elsewhere = in_repository(&sandbox, "diff main HEAD -- other/");
    assert_eq!(elsewhere.code, 2, "{}", elsewhere.stdout);
    // A folder of the name wins, unless --git says otherwise.
    sandbox.write(
        "main/web.yaml",
        WEB.replace("maxReplicas: 10", "maxReplicas: 7"),
    );
    let ran = in_repository(&sandbox, "diff main HEAD");
    assert!(ran.stdout.contains("`7`"), "{}", ran.stdout);
    let ran = in_repository(&sandbox, "diff --git main HEAD");
    assert!(ran.stdout.contains("`10`"), "{}", ran.stdout);
}

#[test]
fn the_working_tree_is_what_git_would_add() {
    let sandbox = repository(&[("maxReplicas: 10", "maxReplicas: 9")]);
    sandbox.write(".gitignore", "rendered/\n");
    sandbox.write("rendered/web.yaml", WEB);
    sandbox.write(
        "k8s/web.yaml",
        WEB.replace("maxReplicas: 10", "maxReplicas: 8"),
    );
    sandbox.write("k8s/more.yaml", WEB.replace("name: web", "name: more"));
    let ran = in_repository(&sandbox, "diff HEAD -q");
    assert!(ran.stdout.contains("| `9` | `8` |"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("`HorizontalPodAutoscaler more` added"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.matches("####").count(), 3, "{}", ran.stdout);
}

#[test]
fn what_is_neither_path_nor_revision_is_an_error() {
    let sandbox = repository(&[("maxReplicas: 10", "maxReplicas: 9")]);
    for (arguments, expected) in [
        (
            "diff nowhere HEAD",
            "nowhere: there is no such file or folder, and no such revision",
        ),
        ("diff --git -- --upload-pack=x", "required"),
        ("diff k8s", "HEAD is missing"),
        ("diff - -", "standard input (-) was named twice"),
        (
            "diff main change --trace none.csv",
            "none.csv: cannot be read",
        ),
    ] {
        let ran = in_repository(&sandbox, arguments);
        assert_eq!(ran.code, 2, "{arguments}: {}", ran.stdout);
        assert!(ran.stderr.contains(expected), "{arguments}: {}", ran.stderr);
    }
    // Where there is no git, revisions cannot be read, and it says so.
    let mut command = sandbox.command();
    command.env("PATH", sandbox.path("k8s"));
    let ran = Ran::of(command.args(["diff", "main", "change"]));
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("git was not found on the PATH"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_hostile_name_is_inert_in_markdown() {
    let sandbox = versions(&[]);
    let hostile = "<img src=x onerror=alert(1)>|`@all`";
    let metric = format!(
        "  - type: External\n    external: {{metric: {{name: '{hostile}'}}, target: {{type: Value, value: 5}}}}\n---"
    );
    sandbox.write("head/web.yaml", WEB.replacen("---", &metric, 1));
    let ran = sandbox.run("diff base head --fail-on never");
    let line = ran
        .stdout
        .lines()
        .find(|line| line.contains("onerror"))
        .expect("it is told");
    assert!(line.starts_with("| ``spec.metrics[<img"), "{line}");
    assert!(line.contains("\\|"), "{line}");
}

#[test]
fn the_documented_commands_run() {
    let sandbox = repository(&[("maxReplicas: 10", "maxReplicas: 4")]);
    git(&sandbox, "update-ref refs/remotes/origin/main before");
    sandbox.write("base/web.yaml", WEB);
    sandbox.write("head/web.yaml", WEB);
    let binary = Path::new(env!("CARGO_BIN_EXE_scaleplan"));
    let folder = binary.parent().expect("the binary is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    for page in ["docs/diff.md", "docs/ci.md"] {
        let text = document(page);
        let blocks = fenced(&text, "console").into_iter();
        let lines: Vec<&str> = blocks
            .flat_map(str::lines)
            .filter(|line| line.starts_with("scaleplan diff"))
            .collect();
        assert!(!lines.is_empty(), "{page}");
        for line in lines {
            let ran = Command::new("bash")
                .args(["-c", line])
                .current_dir(sandbox.path(""))
                .env("PATH", format!("{}:{path}", folder.display()))
                .env("GITHUB_BASE_REF", "main")
                .env("GITHUB_STEP_SUMMARY", sandbox.path("summary.md"))
                .output()
                .expect("there is a bash");
            let code = ran.status.code();
            assert!(
                code == Some(0) || code == Some(1),
                "{page}: {line}: {ran:?}"
            );
        }
    }
}
