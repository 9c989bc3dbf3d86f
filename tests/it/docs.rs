//! What the documents say is so: tables, links, keys, commands and the report that the README shows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use scaleplan::scenario::{BackendKind, Optimization, example_file};

use crate::cli::{Sandbox, WEB};
use crate::tidy::MAY_IMPORT;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of the table below a heading that starts with `first`, cells trimmed, without heading and rule.
fn table(text: &str, first: &str) -> Vec<Vec<String>> {
    let heading = format!("| {first} |");
    text.lines()
        .skip_while(|line| !line.starts_with(&heading))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// The text between fences of a language.
pub(crate) fn fenced<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    text.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[test]
fn the_import_table_of_the_architecture_is_the_one_that_is_held() {
    let written = table(&document("docs/architecture.md"), "floor");
    let held: Vec<Vec<String>> = MAY_IMPORT
        .iter()
        .map(|(floor, allowed)| {
            let allowed = match allowed {
                [] => "–".to_owned(),
                some => some.join(", "),
            };
            vec![(*floor).to_owned(), allowed]
        })
        .collect();
    assert_eq!(written, held);
}

#[test]
fn the_codemap_names_every_folder_of_the_source_and_no_other() {
    let written: BTreeSet<String> = table(&document("docs/architecture.md"), "folder")
        .into_iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    let there: BTreeSet<String> = fs::read_dir(root().join("src"))
        .expect("src can be listed")
        .map(|entry| entry.expect("src can be listed"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| format!("src/{}", entry.file_name().to_string_lossy()))
        .collect();
    assert_eq!(written, there);
}

#[test]
fn the_two_commands_of_the_readme_are_the_ones_that_work() {
    let readme = document("README.md");
    let commands = fenced(&readme, "console")[0];
    assert_eq!(commands, "cargo run --release -- simulate\ncargo test\n");
    let checks = document(".ci/run");
    let tests = checks.lines().any(|line| line.starts_with("cargo test"));
    assert!(tests, ".ci/run does not run the tests");
}

#[test]
fn the_report_in_the_readme_is_the_one_that_is_printed() {
    let ran = Command::new(env!("CARGO_BIN_EXE_scaleplan"))
        .args(["simulate", "--color", "never", "--quiet"])
        .env_remove("COLUMNS")
        .output()
        .expect("the binary runs");
    assert_eq!(ran.status.code(), Some(1), "the README says 1");
    let printed = String::from_utf8(ran.stdout).expect("a report is UTF-8");
    let readme = document("README.md");
    let shown = fenced(&readme, "text")[0];
    let missing: Vec<&str> = shown
        .lines()
        .filter(|line| {
            !printed
                .lines()
                .any(|other| other.trim_end() == line.trim_end())
        })
        .collect();
    assert!(
        missing.is_empty(),
        "README.md shows what is not printed any more:\n{}\n\nThe report is now:\n{printed}",
        missing.join("\n")
    );
}

/// Runs the commands that a page shows, in their order, in a folder where `bin` may hold more programs.
#[track_caller]
fn run_commands(page: &str, sandbox: &Sandbox, least: usize) {
    let binary = Path::new(env!("CARGO_BIN_EXE_scaleplan"));
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        binary.parent().expect("a folder").display(),
        sandbox.path("bin").display()
    );
    let page = document(page);
    let commands: Vec<&str> = fenced(&page, "console")
        .into_iter()
        .flat_map(str::lines)
        .collect();
    assert!(commands.len() >= least, "{commands:?}");
    for command in commands {
        let ran = Command::new("sh")
            .args(["-c", command])
            .env("PATH", &path)
            .current_dir(sandbox.path("."))
            .output()
            .expect("sh runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(!said.contains("error:"), "{command}: {said}");
        assert!(
            matches!(ran.status.code(), Some(0 | 1)),
            "{command}: {said}"
        );
    }
}

/// A folder with the recorded run of `tests/backtest/smadduri9` under the names that the pages use, and a kubectl.
fn recorded_run() -> Sandbox {
    let sandbox = Sandbox::new();
    let files = [
        ("hpa.yaml", "smadduri9/as-it-ran.yaml"),
        ("steps.csv", "smadduri9/capacity_steps.csv"),
        ("load.csv", "smadduri9/flash_load.csv"),
        (
            "replicas.csv",
            "smadduri9/flash_rep1_stock/replica_series_hpa.csv",
        ),
        ("calibrated.yaml", "smadduri9/calibrated.yaml"),
        ("hpa.csv", "civicpulse/hpa-collect.csv"),
    ];
    for (name, source) in files {
        sandbox.write(name, document(&format!("tests/backtest/{source}")));
    }
    let envelope = document("tests/backtest/smadduri9/flash_user_envelope.csv");
    sandbox.write(
        "envelope.csv",
        envelope.replace("users_at_mean_69", "users"),
    );
    sandbox.write(
        "bin/kubectl",
        format!("#!/bin/sh\ncat <<'END'\n{POD}\nEND\n"),
    );
    let kubectl = sandbox.path("bin/kubectl");
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).expect("a script");
    sandbox
}

const POD: &str = r#"{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "web-0", "creationTimestamp": "2026-01-01T00:00:00Z"},
"spec": {"containers": [{"readinessProbe": {"periodSeconds": 5}}]}, "status": {"conditions": [
{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:20Z"}],
"containerStatuses": [{"restartCount": 0, "state": {"running": {"startedAt": "2026-01-01T00:00:03Z"}}}]}}]}"#;

#[test]
fn the_commands_on_calibrating_work() {
    let sandbox = recorded_run();
    run_commands("docs/calibrate.md", &sandbox, 3);
    let written = fs::read_to_string(sandbox.path("scenario.yaml")).expect("a scenario");
    assert!(written.contains("\ncpu-per-request: "), "{written}");
}

#[test]
fn the_commands_on_backtests_work() {
    run_commands("docs/backtest.md", &recorded_run(), 2);
}

#[test]
fn the_commands_on_working_with_traces_work() {
    let sandbox = Sandbox::new();
    let mut hour = "timestamp,rps\n".to_owned();
    for row in 0..240 {
        writeln!(hour, "{},{}", row * 15, 20 + row % 40).expect("memory");
    }
    sandbox.write("load.csv", &hour);
    sandbox.write("storm.csv", &hour);
    sandbox.write("hpa.yaml", WEB);
    run_commands("docs/traces.md", &sandbox, 9);
    let read = |name: &str| fs::read(sandbox.path(name)).expect("it was written");
    assert!(!read("answer.json").is_empty() && read("back.csv.gz").starts_with(&[0x1f, 0x8b]));
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for file in markdown_files(root()) {
        let text = fs::read_to_string(&file).expect("a document is UTF-8");
        let folder = file.parent().expect("a file is in a folder");
        for link in links(&text) {
            if !folder.join(link).exists() {
                let file = file.strip_prefix(root()).expect("below the root");
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_scenario_format_lists_every_key_and_no_other() {
    let written: BTreeSet<String> = document("docs/scenario-format.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect();
    // Keys stand at a line's start behind the comment sign; those of a backend are indented.
    let known: BTreeSet<String> = example_file()
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' ') || line.starts_with("    "))
        .filter_map(|line| line.split_once(':'))
        .map(|(key, _)| key.trim().to_owned())
        .collect();
    let missing: Vec<_> = known.difference(&written).collect();
    let unknown: Vec<_> = written.difference(&known).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "missing {missing:?}, unknown {unknown:?}"
    );
}

#[test]
fn the_scenario_format_lists_every_optimization_with_what_it_changes() {
    let written = table(&document("docs/scenario-format.md"), "name");
    let held: Vec<Vec<String>> = Optimization::ALL
        .into_iter()
        .flat_map(|one| one.changes().iter().map(move |change| (one, change)))
        .map(|(one, change)| {
            let on = match change.on {
                BackendKind::Container => "containers",
                BackendKind::Vm => "VMs",
            };
            let changes = format!("{} {}", change.parameter.key(), change.effect);
            vec![
                one.name().to_owned(),
                on.to_owned(),
                changes,
                change.source.to_owned(),
            ]
        })
        .collect();
    let rows: Vec<String> = held
        .iter()
        .map(|row| format!("| {} |", row.join(" | ")))
        .collect();
    assert_eq!(written, held, "the table should be\n{}", rows.join("\n"));
}

#[test]
fn the_page_of_rules_says_what_the_rules_say() {
    let page = scaleplan::report::rules_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join("docs/rules.md"), &page).expect("docs can be written");
    }
    assert!(
        document("docs/rules.md") == page,
        "docs/rules.md is stale: run `UPDATE_DOCS=1 cargo test --test it docs`"
    );
}

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                files.extend(markdown_files(&path));
            }
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    files
}

/// The targets of links to files of the project, without their anchors. Text between fences has no links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    prose
        .flat_map(|prose| prose.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
}

#[test]
fn the_commands_on_explaining_a_run_work() {
    let sandbox = Sandbox::new();
    let mut hour = "timestamp,rps\n".to_owned();
    for row in 0..240 {
        let (minute, second) = (row / 4, row % 4 * 15);
        let rate = 20 + row % 60;
        writeln!(hour, "2026-03-14T12:{minute:02}:{second:02}Z,{rate}").expect("memory");
    }
    sandbox.write("load.csv", &hour);
    sandbox.write("hpa.yaml", WEB);
    let page = document("docs/explain.md");
    let commands: Vec<&str> = fenced(&page, "console")
        .into_iter()
        .flat_map(str::lines)
        .collect();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        run_in(&sandbox, command);
    }
    for name in [
        "report.html",
        "report.png",
        "report.svg",
        "dark.png",
        "report.md",
    ] {
        assert!(
            fs::metadata(sandbox.path(name)).is_ok_and(|file| file.len() > 0),
            "{name}"
        );
    }
}

#[test]
fn the_tutorial_leads_where_it_says() {
    let page = document("docs/tutorial.md");
    let sandbox = Sandbox::new();
    sandbox.write("hpa.yaml", fenced(&page, "yaml")[0]);
    let trace = document("src/cli/embedded/nab_elb_request_count_2014-04-22.csv");
    sandbox.write("load.csv", trace);
    for command in fenced(&page, "console").into_iter().flat_map(str::lines) {
        run_in(&sandbox, command);
    }
    let comment = fs::read_to_string(sandbox.path("comment.md")).expect("it was written");
    assert!(comment.contains("❌ **`container` misses"), "{comment}");
    assert!(comment.contains("✅ **`container` meets"), "{comment}");
}

/// Runs a command of a document in a shell that finds the binary.
fn run_in(sandbox: &Sandbox, command: &str) {
    let binary = Path::new(env!("CARGO_BIN_EXE_scaleplan"));
    let folder = binary.parent().expect("a folder").display();
    let ran = Command::new("sh")
        .args(["-c", command])
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .current_dir(sandbox.path("."))
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(!said.contains("error:"), "{command}: {said}");
    assert!(
        matches!(ran.status.code(), Some(0 | 1)),
        "{command}: {said}"
    );
}
