//! `.scaleplan.yaml`: settings of `scaleplan lint` for a repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use serde::Deserialize;

use super::exclude::Exclude;
use super::input::{self, shown};
use super::lint_args::{
    Capacity, FailOnSeverity, LintArgs, SeverityChoice, read_amount, read_severity,
};
use super::lint_thresholds;
use crate::lint::{Choice, KubernetesVersion, Selection, Settings};
use crate::scenario::Slo;

/// The name of the file.
const NAME: &str = ".scaleplan.yaml";
/// Its keys.
const KEYS: [&str; 12] = [
    "select",
    "ignore",
    "severity",
    "fail-on",
    "exclude",
    "baseline",
    "kubernetes-version",
    "capacity",
    "nodes",
    "cpu-allocation-ratio",
    "thresholds",
    "replay",
];
/// The keys of one of its replays.
const REPLAY_KEYS: [&str; 4] = ["hpa", "trace", "scenario", "slo"];

/// What flags and file come to.
pub(super) struct LintConfig {
    pub(super) settings: Settings,
    pub(super) selection: Selection,
    pub(super) fail_on: FailOnSeverity,
    pub(super) baseline: Option<PathBuf>,
    pub(super) exclude: Vec<Exclude>,
    /// What is to be replayed.
    pub(super) replays: Vec<ReplayConfig>,
    /// Where settings were read from.
    pub(super) file: Option<PathBuf>,
}

/// An autoscaler and what is replayed through it.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplayConfig {
    /// Its name, alone or after its namespace; `None` for the only one.
    pub(super) hpa: Option<String>,
    /// The load; `None` for the embedded day.
    pub(super) trace: Option<PathBuf>,
    /// What is assumed of the workload.
    pub(super) scenario: Option<PathBuf>,
    /// The objective.
    pub(super) slo: Option<Slo>,
    /// Whether the settings file says so, which may be meant for other manifests than those at hand.
    pub(super) is_standing: bool,
}

/// The file as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    lint: Option<Section>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Section {
    select: Vec<String>,
    ignore: Vec<String>,
    severity: BTreeMap<String, String>,
    fail_on: Option<String>,
    exclude: Vec<String>,
    baseline: Option<PathBuf>,
    kubernetes_version: Option<Scalar>,
    capacity: BTreeMap<String, Scalar>,
    nodes: Option<i32>,
    cpu_allocation_ratio: Option<i64>,
    thresholds: BTreeMap<String, Scalar>,
    replay: Vec<ReplayEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ReplayEntry {
    hpa: Option<String>,
    trace: Option<PathBuf>,
    scenario: Option<PathBuf>,
    slo: Option<String>,
}

/// A text, or a number, which YAML takes `1.33` for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Text(String),
    Number(f64),
}

impl LintConfig {
    /// Joins flags with the file that they name, or that is found upward from the working folder.
    pub(super) fn of(args: &LintArgs) -> Result<Self> {
        let here = std::env::current_dir()?;
        let file = match (&args.config, args.no_config) {
            (Some(file), _) => Some(file.clone()),
            (None, true) => None,
            (None, false) => find(&here),
        };
        let mut config = Self::of_file(file, &here)?;
        config.take_flags(args, &here)?;
        Ok(config)
    }

    /// What the file that is found upward from the working folder says.
    pub(super) fn standing() -> Result<Self> {
        let here = std::env::current_dir()?;
        Self::of_file(find(&here), &here)
    }

    fn of_file(file: Option<PathBuf>, here: &Path) -> Result<Self> {
        let mut config = Self {
            settings: Settings::USUAL,
            selection: Selection::default(),
            fail_on: FailOnSeverity::Warning,
            baseline: None,
            exclude: Vec::new(),
            replays: Vec::new(),
            file: None,
        };
        if let Some(file) = file {
            let text = input::lint_config(&file)?;
            let section = read(&text).map_err(|problem| anyhow!("{}: {problem}", shown(&file)))?;
            let folder = std::path::absolute(&file)?;
            let folder = folder.parent().unwrap_or(here).to_owned();
            config
                .take_file(section, &folder)
                .map_err(|problem| anyhow!("{}: {problem}", shown(&file)))?;
            config.file = Some(file);
        }
        Ok(config)
    }

    fn take_file(&mut self, section: Section, folder: &Path) -> Result<(), String> {
        let rules = |key: &str, texts: Vec<String>| -> Result<Vec<Choice>, String> {
            let read = texts.iter().map(|text| text.parse::<Choice>());
            let read: Result<Vec<Choice>, _> = read.collect();
            read.map_err(|error| format!("lint.{key}: {error}"))
        };
        self.selection.select = rules("select", section.select)?;
        self.selection.ignore = rules("ignore", section.ignore)?;
        for (rule, level) in &section.severity {
            let at = |problem: String| format!("lint.severity: {problem}");
            let choice = rule
                .parse::<Choice>()
                .map_err(|error| at(error.to_string()))?;
            let level = read_severity(level).map_err(at)?;
            self.selection.severities.push((choice, level));
        }
        // A longer code is more to the point than a shorter one, which the file's order may not show.
        self.selection
            .severities
            .sort_by_key(|(choice, _)| std::cmp::Reverse(choice.breadth()));
        if let Some(level) = section.fail_on {
            self.fail_on = level
                .parse()
                .map_err(|problem| format!("lint.fail-on: {problem}"))?;
        }
        self.exclude.push(Exclude::new(folder, section.exclude));
        self.baseline = section.baseline.map(|file| beside(folder, &file));
        for entry in section.replay {
            self.replays.push(replay_of(entry, folder)?);
        }
        let cluster = &mut self.settings.cluster;
        if let Some(version) = section.kubernetes_version {
            let is_number = matches!(version, Scalar::Number(_));
            let text = version.into_text();
            // YAML reads 1.30 as the number 1.3; no cluster that has autoscaling/v2 has a minor version below 10.
            if is_number
                && text
                    .split_once('.')
                    .is_none_or(|(_, minor)| minor.len() < 2)
            {
                return Err(format!(
                    "lint.kubernetes-version: the number {text} may have been written as {text}0, expected quotes around the version"
                ));
            }
            let version = text.parse::<KubernetesVersion>();
            let version = version.map_err(|error| format!("lint.kubernetes-version: {error}"))?;
            cluster.version = Some(version);
        }
        for (resource, amount) in section.capacity {
            let amount = read_amount(&amount.into_text());
            let amount =
                amount.map_err(|problem| format!("lint.capacity.{resource}: {problem}"))?;
            match resource.as_str() {
                "cpu" => cluster.cpu = Some(amount),
                "memory" => cluster.memory = Some(amount),
                _ => return Err(unknown("lint.capacity", &resource, &["cpu", "memory"])),
            }
        }
        cluster.nodes = positive("nodes", section.nodes)?.or(cluster.nodes);
        let ratio = positive("cpu-allocation-ratio", section.cpu_allocation_ratio)?;
        cluster.cpu_allocation_ratio = ratio.unwrap_or(cluster.cpu_allocation_ratio);
        for (key, value) in section.thresholds {
            lint_thresholds::set(&mut self.settings.thresholds, &key, &value.into_text())?;
        }
        Ok(())
    }

    /// `--select` stands in for the file's; what leaves out or changes something comes on top.
    fn take_flags(&mut self, args: &LintArgs, here: &Path) -> Result<()> {
        if !args.select.is_empty() {
            self.selection.select.clone_from(&args.select);
        }
        self.selection.ignore.extend(args.ignore.iter().cloned());
        let severities = args.severity.iter().cloned();
        let severities = severities.map(|SeverityChoice(choice, severity)| (choice, severity));
        self.selection.severities.extend(severities);
        self.fail_on = args.fail_on.unwrap_or(self.fail_on);
        self.exclude.push(Exclude::new(here, args.exclude.clone()));
        if let Some(file) = &args.baseline {
            self.baseline = Some(file.clone());
        }
        if args.trace.is_some() || args.scenario.is_some() {
            self.replays = asked_for(args);
        } else {
            if self.replays.is_empty()
                && let Some(flag) = args.replayed.first_given().or(hpa_flag(args))
            {
                bail!(
                    "{flag} is about a replay and there is none, expected also --trace or --scenario, or `replay` in {NAME}"
                );
            }
            for replay in &mut self.replays {
                replay.slo = args.replayed.slo.or(replay.slo);
            }
        }
        let cluster = &mut self.settings.cluster;
        cluster.version = args.kubernetes_version.or(cluster.version);
        for capacity in args.capacity.iter().cloned() {
            match capacity {
                Capacity::Cpu(amount) => cluster.cpu = Some(amount),
                Capacity::Memory(amount) => cluster.memory = Some(amount),
            }
        }
        cluster.nodes = args.nodes.or(cluster.nodes);
        cluster.cpu_allocation_ratio = args
            .cpu_allocation_ratio
            .unwrap_or(cluster.cpu_allocation_ratio);
        Ok(())
    }
}

fn hpa_flag(args: &LintArgs) -> Option<&'static str> {
    (!args.hpa.is_empty()).then_some("--hpa")
}

/// What flags want to have replayed: their load through each autoscaler that they name, or the only one.
fn asked_for(args: &LintArgs) -> Vec<ReplayConfig> {
    let of = |hpa: Option<String>| ReplayConfig {
        hpa,
        trace: args.trace.clone(),
        scenario: args.scenario.clone(),
        slo: args.replayed.slo,
        is_standing: false,
    };
    if args.hpa.is_empty() {
        vec![of(None)]
    } else {
        args.hpa.iter().cloned().map(Some).map(of).collect()
    }
}

fn replay_of(entry: ReplayEntry, folder: &Path) -> Result<ReplayConfig, String> {
    if entry.trace.is_none() && entry.scenario.is_none() {
        return Err(
            "lint.replay: an entry has neither `trace` nor `scenario`, expected one of them"
                .to_owned(),
        );
    }
    let slo = entry.slo.map(|text| text.parse::<Slo>()).transpose();
    Ok(ReplayConfig {
        hpa: entry.hpa,
        trace: entry.trace.map(|file| beside(folder, &file)),
        scenario: entry.scenario.map(|file| beside(folder, &file)),
        slo: slo.map_err(|problem| format!("lint.replay: {problem}"))?,
        is_standing: true,
    })
}

impl Scalar {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// The file in the working folder or above, as far as the repository or the file system reaches.
fn find(here: &Path) -> Option<PathBuf> {
    for folder in here.ancestors() {
        let file = folder.join(NAME);
        if file.is_file() {
            let is_here = folder == here;
            return Some(if is_here { PathBuf::from(NAME) } else { file });
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}

fn read(text: &str) -> Result<Section, String> {
    let file: Option<File> = serde_yaml::from_str(text).map_err(|error| in_words(&error))?;
    Ok(file.and_then(|file| file.lint).unwrap_or_default())
}

fn in_words(error: &serde_yaml::Error) -> String {
    let message = error.to_string();
    let Some((path, rest)) = message.split_once("unknown field `") else {
        return message;
    };
    let (key, rest) = rest.split_once('`').unwrap_or((rest, ""));
    let place = rest.rfind(" at line ").map_or("", |at| &rest[at..]);
    let (section, keys) = if path.is_empty() {
        ("", ["lint"].as_slice())
    } else if path.contains("replay") {
        ("lint.replay", REPLAY_KEYS.as_slice())
    } else {
        ("lint", KEYS.as_slice())
    };
    unknown(section, key, keys) + place
}

pub(super) fn unknown(section: &str, key: &str, known: &[&str]) -> String {
    let key = key.escape_debug().to_string();
    let meant = super::words::nearest(&key, known).map_or_else(
        || format!("expected {}", known.join(", ")),
        |meant| format!("did you mean `{meant}`?"),
    );
    let place = if section.is_empty() {
        String::new()
    } else {
        format!("{section}: ")
    };
    format!("{place}`{key}` is no key, {meant}")
}

fn positive<T: PartialOrd + From<u8> + std::fmt::Display>(
    key: &str,
    number: Option<T>,
) -> Result<Option<T>, String> {
    match number {
        Some(number) if number < T::from(1) => Err(format!(
            "lint.{key}: `{number}` is below 1, expected 1 or more"
        )),
        number => Ok(number),
    }
}

/// A path that a file names: from the file's folder.
fn beside(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut config = LintConfig {
            settings: Settings::USUAL,
            selection: Selection::default(),
            fail_on: FailOnSeverity::Warning,
            baseline: None,
            exclude: Vec::new(),
            replays: Vec::new(),
            file: None,
        };
        let taken = read(text).and_then(|section| config.take_file(section, Path::new("/")));
        let problem = taken.expect_err("it is refused");
        assert!(problem.starts_with(expected), "{problem}");
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_meant() {
        check("lints: {}", "`lints` is no key, did you mean `lint`?");
        check(
            "lint: {selekt: [SP2]}",
            "lint: `selekt` is no key, did you mean `select`?",
        );
        check(
            "lint: {zzz: 1}",
            "lint: `zzz` is no key, expected select, ignore, ",
        );
        check("lint: {select: [SP777]}", "lint.select: `SP777` is no rule");
        check(
            "lint: {severity: {SP204: fatal}}",
            "lint.severity: `fatal` is no severity",
        );
        check(
            "lint: {fail-on: always}",
            "lint.fail-on: `always` is no level",
        );
        check(
            "lint: {replay: [{hpa: web, trase: a.csv}]}",
            "lint.replay: `trase` is no key, did you mean `trace`?",
        );
        check(
            "lint: {replay: [{hpa: web}]}",
            "lint.replay: an entry has neither",
        );
        check(
            "lint: {replay: [{trace: a.csv, slo: fast}]}",
            "lint.replay: `fast` is not an objective",
        );
        check("lint: {nodes: 0}", "lint.nodes: `0` is below 1");
        check(
            "lint: {capacity: {cpus: 1}}",
            "lint.capacity: `cpus` is no key, did you mean `cpu`?",
        );
        check(
            "lint: {capacity: {cpu: -1}}",
            "lint.capacity.cpu: `-1` is no amount",
        );
        check(
            "lint: {thresholds: {longest-rampe: 5m}}",
            "lint.thresholds: `longest-rampe` is no key, did you mean `longest-ramp`?",
        );
        check(
            "lint: {thresholds: [5m]}",
            "lint.thresholds: invalid type: sequence, expected a map",
        );
        check(
            "lint: {kubernetes-version: 1.30}",
            "lint.kubernetes-version: the number 1.3 may have been written as 1.30, expected quotes",
        );
        check(
            "lint: {kubernetes-version: new}",
            "lint.kubernetes-version: `new` is no",
        );
    }

    #[test]
    fn a_version_may_be_written_as_a_number() {
        let section = read("lint: {kubernetes-version: 1.33}").expect("it is read");
        let version = section.kubernetes_version.map(Scalar::into_text);
        assert_eq!(version.as_deref(), Some("1.33"));
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        for text in ["", "# nothing\n", "lint:\n"] {
            assert!(read(text).is_ok(), "{text}");
        }
    }
}
