//! What every command that looks at an autoscaler is given: manifests, a scenario file, flags, and a trace.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::args::InputArgs;
use super::choose::choose;
use super::input::{self, Gathered};
use super::output::printable;
use super::{embedded, output, service_samples, source, workload};
use crate::manifest::{Autoscaler, Manifests};
use crate::scenario::{Inputs, LoopInputs, Settings};
use crate::trace::Trace;

/// The most problems, and the most warnings, that are shown of the manifests.
const MOST_PROBLEMS: usize = 50;
/// The most kinds of skipped objects that are named.
const MOST_KINDS: usize = 20;

/// Manifests and settings, as read.
pub(super) struct Reading<'a> {
    args: &'a InputArgs,
    manifests: Manifests,
    flags: Settings,
    file: Settings,
}

impl<'a> Reading<'a> {
    /// Reads manifests, scenario file and service times, and says what is wrong with the manifests; `None` where that
    /// leaves no autoscaler.
    pub(super) fn new(args: &'a InputArgs) -> Result<Option<Self>> {
        let mut flags = args.settings.clone();
        service_samples::read(&mut flags, Path::new(""))?;
        let file = scenario_file(args, &flags)?;
        let manifests = read_manifests(args)?;
        Ok(manifests.map(|manifests| Self {
            args,
            manifests,
            flags,
            file,
        }))
    }

    /// The autoscaler asked for, or the only one.
    fn autoscaler(&self) -> Result<&Autoscaler> {
        choose(&self.manifests, self.args.hpa.as_deref())
    }

    /// Reads the trace, or the embedded one, and says what was made of it.
    pub(super) fn trace(&self) -> Result<Trace> {
        let trace = workload::read(self.args, &self.flags, &self.file)?;
        if !self.args.quiet {
            tell_of_trace(&trace);
        }
        Ok(trace)
    }

    /// Takes these settings in the place of those of the scenario file.
    pub(super) fn take_settings(&mut self, settings: Settings) {
        self.file = settings;
    }

    /// Begins with so many replicas, unless flags or the scenario file say otherwise.
    pub(super) fn begin_with(&mut self, replicas: u32) {
        if self.file.initial_replicas.is_none() {
            self.flags.initial_replicas.get_or_insert(replicas);
        }
    }

    /// What a scenario is made of; `None` where the workload is missing because a file is broken, which has been said.
    pub(super) fn inputs(&self) -> Result<Option<Inputs<'_>>> {
        self.autoscaler()?;
        let trace = self.trace()?;
        let inputs = self.loop_inputs()?;
        Ok(inputs.map(|inputs| inputs.with_trace(trace)))
    }

    /// The same without a trace.
    pub(super) fn loop_inputs(&self) -> Result<Option<LoopInputs<'_>>> {
        let autoscaler = self.autoscaler()?;
        let workload = self.manifests.workload_for(autoscaler);
        if workload.is_none() && self.has_broken_neighbours(autoscaler) {
            return Ok(None);
        }
        Ok(Some(LoopInputs {
            autoscaler,
            workload,
            service: workload.and_then(|workload| self.manifests.service_for(workload)),
            flags: &self.flags,
            file: &self.file,
            only: &self.args.backend,
        }))
    }

    /// Whether the workload is missing because the file that should hold it has errors: one that was named, or the
    /// autoscaler's own. What else lies in a folder may be broken.
    fn has_broken_neighbours(&self, autoscaler: &Autoscaler) -> bool {
        let broken = self.manifests.errors.iter().any(|error| {
            error.source == autoscaler.origin.source || is_named(self.args, &error.source)
        });
        if broken {
            output::error(&format!(
                "{} {} was not found, and what was given could not be read whole",
                autoscaler.scale_target.kind.name(),
                autoscaler.scale_target.name
            ));
        }
        broken
    }
}

fn scenario_file(args: &InputArgs, flags: &Settings) -> Result<Settings> {
    match &args.scenario {
        Some(path) => read_scenario_file(path, flags),
        None => Ok(Settings::default()),
    }
}

/// Reads a scenario file, and the service times that it names where flags name none.
pub(super) fn read_scenario_file(path: &Path, flags: &Settings) -> Result<Settings> {
    let text = input::scenario(path)?;
    let mut settings =
        Settings::from_file(&text).map_err(|error| anyhow!("{}: {error}", input::shown(path)))?;
    if flags.service_samples.is_none() {
        let folder = path.parent().unwrap_or(Path::new(""));
        service_samples::read(&mut settings, folder)?;
    }
    Ok(settings)
}

/// Reads the manifests and says what is wrong with them; `None` where that leaves no autoscaler.
fn read_manifests(args: &InputArgs) -> Result<Option<Manifests>> {
    let gathered = match source::manifests(&args.cluster)? {
        Some(sources) => input::gathered(sources),
        None if args.manifests.is_empty() => input::gathered(vec![embedded::manifest()]),
        None => input::manifests(&args.manifests)?,
    };
    let Gathered {
        manifests,
        problems,
    } = gathered;
    for problem in problems.iter().take(MOST_PROBLEMS) {
        output::error(problem);
    }
    if problems.len() > MOST_PROBLEMS {
        let rest = problems.len() - MOST_PROBLEMS;
        output::error(&format!("{rest} more problems in the manifests"));
    }
    if !args.quiet {
        for warning in manifests.warnings.iter().take(MOST_PROBLEMS) {
            output::warning(&warning.to_string());
        }
    }
    if manifests.autoscalers.is_empty() && !problems.is_empty() {
        // The problems said why.
        if !args.quiet {
            output::note("this leaves no HorizontalPodAutoscaler to replay");
        }
        return Ok(None);
    }
    if let Some(reason) = why_unsure(args, &manifests) {
        output::error(&reason);
        return Ok(None);
    }
    if !args.quiet && !manifests.skipped.is_empty() {
        let kinds = manifests.skipped.iter().take(MOST_KINDS);
        let kinds: Vec<String> = kinds
            .map(|(kind, count)| format!("{kind} ({count})"))
            .collect();
        let rest = manifests.skipped.len().saturating_sub(MOST_KINDS);
        let more = if rest > 0 {
            format!(" and {rest} more kinds")
        } else {
            String::new()
        };
        output::note(&format!("skipped {}{more}", kinds.join(", ")));
    }
    Ok(Some(manifests))
}

/// Why it is not sure that the autoscaler that could be read is the one that is meant.
///
/// Whoever names an autoscaler, or a folder in which something else is broken, gets what he asked for.
fn why_unsure(args: &InputArgs, manifests: &Manifests) -> Option<String> {
    if args.hpa.is_some() {
        return None;
    }
    let errors = &manifests.errors;
    if let Some(error) = errors.iter().find(|error| is_named(args, &error.source)) {
        return Some(format!(
            "{} was named and could not be read whole, expected all of it; --hpa NAME replays an autoscaler regardless",
            printable(&error.source)
        ));
    }
    let count = match manifests.refused_autoscalers {
        0 => return None,
        1 => "1 autoscaler".to_owned(),
        count => format!("{count} autoscalers"),
    };
    Some(format!(
        "{count} could not be read, expected all of them; --hpa NAME replays one that could"
    ))
}

/// Whether a source is a file that was named, or standard input: not one that was found in a folder.
fn is_named(args: &InputArgs, source: &str) -> bool {
    let mut named = args.manifests.iter();
    named.any(|path| input::source_name(path) == source)
}

/// Says what was made of the trace.
pub(super) fn tell_of_trace(trace: &Trace) {
    output::note(&format!("{}: {}", trace.name, trace.unit));
    for note in &trace.notes {
        output::note(&format!("{}: {note}", trace.name));
    }
}
