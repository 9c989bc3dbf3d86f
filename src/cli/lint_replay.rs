//! Replays for `scaleplan lint`: which autoscaler meets which load, and the scenarios of both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use rayon::prelude::*;

use super::choose::{choose, named};
use super::lint_args::LintArgs;
use super::lint_config::{LintConfig, ReplayConfig};
use super::output::{self, printable};
use super::{reading, workload};
use crate::lint::{Group, RULES, Replay, ReplayInput};
use crate::manifest::{self, Autoscaler, Manifests, Objects, Source};
use crate::scenario::{Inputs, ScenarioError, Settings, assemble};
use crate::trace::Trace;

/// What is to be played.
#[derive(Default)]
pub(super) struct ReplayPlan {
    pub(super) inputs: Vec<ReplayInput>,
    /// One line for each replay that was asked for wrongly, or whose files cannot be read.
    pub(super) problems: Vec<String>,
}

/// What a wish comes to.
enum Planned {
    Play(Box<ReplayInput>),
    /// Why the manifests allow no replay.
    No(String),
}

/// Files that replays name, each read once.
#[derive(Default)]
struct Read {
    scenarios: BTreeMap<PathBuf, Settings>,
    /// By the trace, and the scenario file that says how to read it.
    traces: BTreeMap<(Option<PathBuf>, Option<PathBuf>), Trace>,
}

/// Finds out what is to be played. What the manifests hold but cannot be replayed is told, and is no failure.
pub(super) fn plan(args: &LintArgs, config: &LintConfig, objects: &Objects) -> ReplayPlan {
    let is_selected = RULES
        .iter()
        .any(|rule| rule.group() == Group::Replay && config.selection.runs(rule));
    let mut plan = ReplayPlan::default();
    if config.replays.is_empty() || !is_selected {
        return plan;
    }
    let manifests = manifests_of(objects);
    let asked = match asked_for(args, config, &manifests) {
        Ok(asked) => asked,
        Err(problem) => {
            plan.problems.push(format!("{problem:#}"));
            return plan;
        }
    };
    let mut read = Read::default();
    for wanted in asked {
        match planned(args, wanted, &manifests, &mut read) {
            Ok(Planned::Play(input)) => plan.inputs.push(*input),
            Ok(Planned::No(why)) => warn(args, &why),
            Err(problem) => plan.problems.push(format!("{problem:#}")),
        }
    }
    plan
}

/// Plays each once. One that cannot be played is told.
pub(super) fn play<'a>(inputs: &'a [ReplayInput], args: &LintArgs) -> Vec<Replay<'a>> {
    let played: Vec<_> = inputs.par_iter().map(Replay::play).collect();
    let mut replays = Vec::new();
    for played in played {
        match played {
            Ok(replay) => replays.push(replay),
            Err(error) => warn(args, &format!("no replay: {error}")),
        }
    }
    replays
}

fn warn(args: &LintArgs, text: &str) {
    if !args.quiet {
        output::warning(text);
    }
}

/// The wishes of the flags, or those of the settings file that play an autoscaler which `--hpa` names.
///
/// # Errors
/// When `--hpa` has a name that no autoscaler has, or that no wish plays.
fn asked_for<'c>(
    args: &LintArgs,
    config: &'c LintConfig,
    manifests: &Manifests,
) -> Result<Vec<&'c ReplayConfig>> {
    let all = config.replays.iter();
    let is_standing = config.replays.iter().any(|it| it.is_standing);
    if args.hpa.is_empty() || !is_standing {
        return Ok(all.collect());
    }
    let plays = |wanted: &ReplayConfig, autoscaler: &Autoscaler| {
        let found = autoscaler_of(wanted, manifests).ok().flatten();
        found.is_some_and(|found| std::ptr::eq(found, autoscaler))
    };
    let mut asked = Vec::new();
    for name in &args.hpa {
        let autoscaler = choose(manifests, Some(name))?;
        let before = asked.len();
        asked.extend(all.clone().filter(|wanted| plays(wanted, autoscaler)));
        if asked.len() == before {
            bail!(
                "--hpa: `{}` is in no `replay` of the settings file, expected one that is, or --trace",
                printable(name)
            );
        }
    }
    Ok(asked)
}

/// The same files as the replay reads them, which takes KEDA's ScaledObjects for the autoscalers that they become.
fn manifests_of(objects: &Objects) -> Manifests {
    let sources = objects.sources().map(|(name, bytes)| Source {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    });
    manifest::read(sources.collect())
}

impl Read {
    fn scenario(&mut self, wanted: &ReplayConfig, flags: &Settings) -> Result<Settings> {
        let Some(path) = &wanted.scenario else {
            return Ok(Settings::default());
        };
        if let Some(read) = self.scenarios.get(path) {
            return Ok(read.clone());
        }
        let settings = reading::read_scenario_file(path, flags)?;
        self.scenarios.insert(path.clone(), settings.clone());
        Ok(settings)
    }

    fn trace(
        &mut self,
        args: &LintArgs,
        wanted: &ReplayConfig,
        flags: &Settings,
        file: &Settings,
    ) -> Result<Trace> {
        let key = (wanted.trace.clone(), wanted.scenario.clone());
        if let Some(read) = self.traces.get(&key) {
            return Ok(read.clone());
        }
        let trace = workload::read_beside(wanted.trace.as_deref(), &args.paths, flags, file)?;
        self.traces.insert(key, trace.clone());
        Ok(trace)
    }
}

/// What is to be played for one wish.
fn planned(
    args: &LintArgs,
    wanted: &ReplayConfig,
    manifests: &Manifests,
    read: &mut Read,
) -> Result<Planned> {
    let Some(autoscaler) = autoscaler_of(wanted, manifests)? else {
        let name = wanted
            .hpa
            .as_deref()
            .map(|name| format!(" named `{}`", printable(name)));
        return Ok(Planned::No(format!(
            "no replay: no autoscaler{} that could be replayed is among the manifests",
            name.unwrap_or_default()
        )));
    };
    let flags = Settings {
        slo: wanted.slo,
        ..args.replayed.settings()
    };
    let file = read.scenario(wanted, &flags)?;
    let trace = read.trace(args, wanted, &flags, &file)?;
    let (trace_name, start) = (trace.name.clone(), trace.start);
    let workload = manifests.workload_for(autoscaler);
    let assembled = assemble(Inputs {
        autoscaler,
        workload,
        service: workload.and_then(|workload| manifests.service_for(workload)),
        trace,
        flags: &flags,
        file: &file,
        only: &[],
        with: &[],
    });
    let scenario = match assembled {
        Ok(scenario) => scenario,
        Err(error) if is_about_manifests(&error) => {
            return Ok(Planned::No(format!(
                "no replay of {}: {error}",
                printable(&autoscaler.name)
            )));
        }
        Err(error) => return Err(blamed(&error, wanted.scenario.as_deref())),
    };
    if !args.quiet {
        output::note(&format!("replaying {} with {trace_name}", scenario.name));
    }
    let input = ReplayInput::new(autoscaler, scenario).with_trace_start(start);
    Ok(Planned::Play(Box::new(input)))
}

/// The autoscaler that is meant; `None` where there is none, or none of a name that the settings file has for other
/// manifests.
///
/// # Errors
/// When several are meant, or a flag names one that is not there.
fn autoscaler_of<'a>(
    wanted: &ReplayConfig,
    manifests: &'a Manifests,
) -> Result<Option<&'a Autoscaler>> {
    let name = wanted.hpa.as_deref();
    let is_there = name.map_or(!manifests.autoscalers.is_empty(), |name| {
        !named(manifests, name).is_empty()
    });
    let may_lack = wanted.is_standing || manifests.autoscalers.is_empty();
    if !is_there && may_lack {
        return Ok(None);
    }
    choose(manifests, name).map(Some)
}

/// Whether it is the manifests that cannot be replayed, and not the trace or the scenario file that is wrong.
fn is_about_manifests(error: &ScenarioError) -> bool {
    matches!(
        error,
        ScenarioError::UnmappedMetric { .. }
            | ScenarioError::UnknownResource(_)
            | ScenarioError::ColumnOfPods(_)
            | ScenarioError::NoCpu { .. }
            | ScenarioError::Unreachable { .. }
    )
}

fn blamed(error: &ScenarioError, scenario: Option<&Path>) -> anyhow::Error {
    match scenario {
        Some(path) => anyhow!("{}: {error}", super::input::shown(path)),
        None => anyhow!("{error}"),
    }
}
