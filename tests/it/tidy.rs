//! The import table, and what must not happen below `cli`.

use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. The absences are the architecture (`docs/architecture.md`).
pub(crate) const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("stats", &["units"]),
    ("queueing", &["units"]),
    ("hpa", &["units"]),
    ("trace", &["units", "stats"]),
    ("traffic", &["units", "stats"]),
    ("plant", &["units", "stats", "queueing", "traffic"]),
    ("manifest", &["units", "hpa"]),
    ("lint", &["units", "queueing", "hpa", "manifest"]),
    ("outcome", &["units", "stats", "hpa"]),
    (
        "scenario",
        &[
            "units", "stats", "hpa", "trace", "traffic", "plant", "manifest",
        ],
    ),
    (
        "engine",
        &[
            "units", "stats", "queueing", "hpa", "trace", "traffic", "plant", "scenario", "outcome",
        ],
    ),
    (
        "analysis",
        &["units", "stats", "queueing", "scenario", "outcome"],
    ),
    (
        "lint/replay_rules",
        &[
            "units", "stats", "hpa", "trace", "manifest", "lint", "scenario", "engine", "outcome",
            "analysis",
        ],
    ),
    (
        "advice",
        &[
            "units", "stats", "queueing", "hpa", "trace", "plant", "manifest", "scenario",
            "engine", "outcome", "analysis",
        ],
    ),
    (
        "calibration",
        &["units", "stats", "trace", "manifest", "plant", "scenario"],
    ),
    (
        "backtest",
        &[
            "units", "stats", "trace", "scenario", "engine", "outcome", "analysis",
        ],
    ),
    (
        "report",
        &[
            "units",
            "stats",
            "trace",
            "manifest",
            "scenario",
            "outcome",
            "analysis",
            "advice",
            "lint",
            "calibration",
            "backtest",
        ],
    ),
    (
        "cli",
        &[
            "units",
            "trace",
            "manifest",
            "lint",
            "scenario",
            "engine",
            "outcome",
            "analysis",
            "advice",
            "calibration",
            "backtest",
            "report",
        ],
    ),
];

/// What only `cli` may touch.
const CLI_ONLY: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Zoned::now",
    "Timestamp::now",
    "std::fs",
    "fs::",
    "std::env",
    "env::var",
    "std::net",
    "File::open",
    "File::create",
    "stdout()",
    "stderr()",
    "stdin()",
    "println!",
    "eprintln!",
    "rand::rng",
    "thread_rng",
    "from_entropy",
    "from_os_rng",
];

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("src can be read") {
            let path = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The code before a file's own tests, without comment lines.
fn code_of(text: &str) -> String {
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The floors named after `crate::` in a text, also inside a group `crate::{a::b, c}`.
fn imported(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(letter),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(rest.to_owned());
        }
    }
    names
        .iter()
        .map(|name| {
            name.trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

/// The row that a file keeps to: that of its folder within the floor where the table has one, else that of the floor.
fn floor_of(floor: &str, within: &str) -> String {
    let folder = format!("{floor}/{within}");
    let has_row = MAY_IMPORT.iter().any(|(name, _)| *name == folder);
    if has_row { folder } else { floor.to_owned() }
}

fn breaches(floor: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == floor) else {
        return vec![format!("{floor} is not in the import table")];
    };
    let mut found = Vec::new();
    for name in imported(&code) {
        let is_floor = MAY_IMPORT.iter().any(|(known, _)| *known == name);
        if is_floor && name != floor && !allowed.contains(&name.as_str()) {
            found.push(format!("{floor} may not import {name}"));
        }
    }
    if code.contains("super::super::") {
        found.push("super::super:: hides an import".to_owned());
    }
    if floor != "cli" {
        for word in CLI_ONLY {
            if code.contains(word) {
                found.push(format!("{word} outside cli"));
            }
        }
    }
    found
}

#[test]
fn every_file_keeps_to_its_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for path in source_files(&src) {
        let inside = path.strip_prefix(&src).expect("listed below src");
        let mut parts = inside.components();
        let first = parts
            .next()
            .expect("a file has a name")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let Some(second) = parts.next() else {
            continue; // lib.rs and main.rs stand above the floors.
        };
        let first = floor_of(&first, &second.as_os_str().to_string_lossy());
        let text = fs::read_to_string(&path).expect("source is UTF-8");
        found.extend(
            breaches(&first, &text)
                .into_iter()
                .map(|breach| format!("{}: {breach}", inside.display())),
        );
        if !text.starts_with("//!") {
            found.push(format!("{}: no first //! line", inside.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_upward_import_is_found_in_a_path_and_in_a_group() {
    assert_eq!(
        breaches("hpa", "use crate::engine::simulate;"),
        ["hpa may not import engine"]
    );
    assert_eq!(
        breaches("hpa", "use crate::{units::{SimTime}, engine};"),
        ["hpa may not import engine"]
    );
    assert_eq!(
        breaches("plant", "let now = std::time::Instant::now();"),
        ["Instant::now outside cli"]
    );
    assert!(breaches("engine", "use crate::{hpa::reconcile, plant::Plant};").is_empty());
    let of_folder = floor_of("lint", "replay_rules");
    assert!(breaches(&of_folder, "use crate::engine::Stage;").is_empty());
    assert_eq!(
        breaches(&floor_of("lint", "rules"), "use crate::engine::Stage;"),
        ["lint may not import engine"]
    );
}

#[test]
fn the_table_has_no_cycle() {
    for (row, (_, allowed)) in MAY_IMPORT.iter().enumerate() {
        for name in *allowed {
            let at = MAY_IMPORT
                .iter()
                .position(|(floor, _)| floor == name)
                .expect("a floor of the table");
            assert!(at < row, "{name} must stand below {}", MAY_IMPORT[row].0);
        }
    }
}
