//! Replays for `scaleplan lint`: which autoscaler meets which load, and the scenarios of both.

use std::path::Path;

use anyhow::{Result, anyhow};
use rayon::prelude::*;

use super::choose::choose;
use super::lint_args::LintArgs;
use super::lint_config::{LintConfig, ReplayConfig};
use super::output::{self, printable};
use super::{reading, workload};
use crate::lint::{Group, RULES, Replay, ReplayInput};
use crate::manifest::{self, Autoscaler, Manifests, Objects, Source};
use crate::scenario::{Inputs, ScenarioError, Settings, assemble};

/// What is to be played.
#[derive(Default)]
pub(super) struct ReplayPlan {
    pub(super) inputs: Vec<ReplayInput>,
    /// One line for each replay that was asked for wrongly, or whose files cannot be read.
    pub(super) problems: Vec<String>,
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
    for wanted in &config.replays {
        match input_of(args, wanted, &manifests) {
            Ok(Ok(input)) => plan.inputs.push(input),
            Ok(Err(why_not)) if !args.quiet => output::warning(&why_not),
            Ok(Err(_)) => {}
            Err(problem) => plan.problems.push(format!("{problem:#}")),
        }
    }
    plan
}

/// Plays each once. One that cannot be played is told.
pub(super) fn play(inputs: &[ReplayInput], quiet: bool) -> Vec<Replay<'_>> {
    let played: Vec<_> = inputs.par_iter().map(Replay::play).collect();
    let mut replays = Vec::new();
    for played in played {
        match played {
            Ok(replay) => replays.push(replay),
            Err(error) if !quiet => output::warning(&format!("no replay: {error}")),
            Err(_) => {}
        }
    }
    replays
}

/// The same files as the replay reads them, which takes KEDA's ScaledObjects for the autoscalers that they become.
fn manifests_of(objects: &Objects) -> Manifests {
    let sources = objects.sources().map(|(name, bytes)| Source {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    });
    manifest::read(sources.collect())
}

/// What is to be played for one wish; within, why the manifests allow none.
fn input_of(
    args: &LintArgs,
    wanted: &ReplayConfig,
    manifests: &Manifests,
) -> Result<Result<ReplayInput, String>> {
    let Some(autoscaler) = autoscaler_of(wanted, manifests)? else {
        let name = wanted
            .hpa
            .as_deref()
            .map(|name| format!(" named `{}`", printable(name)));
        return Ok(Err(format!(
            "no replay: no autoscaler{} that could be replayed is among the manifests",
            name.unwrap_or_default()
        )));
    };
    let flags = Settings {
        slo: wanted.slo,
        ..Settings::default()
    };
    let file = match &wanted.scenario {
        Some(path) => reading::read_scenario_file(path, &flags)?,
        None => Settings::default(),
    };
    let trace = workload::read_beside(wanted.trace.as_deref(), &args.paths, &flags, &file)?;
    let trace_name = trace.name.clone();
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
            return Ok(Err(format!(
                "no replay of {}: {error}",
                printable(&autoscaler.name)
            )));
        }
        Err(error) => return Err(blamed(&error, wanted.scenario.as_deref())),
    };
    if !args.quiet {
        output::note(&format!("replaying {} with {trace_name}", scenario.name));
    }
    Ok(Ok(ReplayInput::new(autoscaler, scenario)))
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
    let is_meant = |it: &Autoscaler, name: &str| {
        let namespaced = it
            .namespace
            .as_ref()
            .map(|namespace| format!("{namespace}/{}", it.name));
        it.name == name || namespaced.as_deref() == Some(name)
    };
    let mut all = manifests.autoscalers.iter();
    let is_there = all.any(|it| name.is_none_or(|name| is_meant(it, name)));
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
