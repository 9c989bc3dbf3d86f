//! `scaleplan explain decision`, `why-not-down` and `why-not-up`: what a saved run was steered by.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::LoopFormat;
use super::exit::ExitStatus;
use super::explain_run_args::{DecisionArgs, HoldArgs, SavedRunArgs};
use super::output::{self, printable};
use super::{input, words};
use crate::analysis::Direction;
use crate::outcome::{BackendOutcome, SyncLog};
use crate::report::{ExplainedHold, ExplainedSync, SavedRun};
use crate::units::{SimDuration, SimTime};

const SECOND: SimDuration = SimDuration::from_seconds(1);

/// `scaleplan explain decision`.
pub(super) fn decision(args: &DecisionArgs) -> Result<ExitStatus> {
    output::set_colour(args.run.color);
    let run = read(&args.run.file)?;
    let backend = backend(&run, &args.run)?;
    let log = syncs(backend, &args.run.file)?;
    let asked = args.at.within(run.subject())?;
    // A moment of whole seconds is that whole second: syncs are shown so, and are some milliseconds off it.
    let until = if asked.as_nanos() % SECOND.as_nanos() == 0 {
        asked + SECOND - SimDuration::from_nanos(1)
    } else {
        asked
    };
    let Some(index) = log.last_until(until) else {
        let first = log.syncs.first().map_or(0.0, |sync| sync.at.as_seconds());
        bail!(
            "the controller had made no sync by then: the first of run 1 is {first:.1} s after the trace began"
        );
    };
    let explained = ExplainedSync {
        subject: run.subject(),
        backend: &backend.backend,
        log,
        index,
        asked,
    };
    let text = match args.run.output {
        LoopFormat::Table => {
            let style = output::text_style();
            explained.table(style.width, style.colour)
        }
        LoopFormat::Json => explained.json(),
        LoopFormat::Yaml => explained.yaml(),
        LoopFormat::Markdown => explained.markdown(),
    };
    output::report(&text)?;
    Ok(ExitStatus::Clean)
}

/// `scaleplan explain why-not-down` and `why-not-up`.
pub(super) fn hold(args: &HoldArgs, way: Direction) -> Result<ExitStatus> {
    output::set_colour(args.run.color);
    let run = read(&args.run.file)?;
    let backend = backend(&run, &args.run)?;
    let log = syncs(backend, &args.run.file)?;
    let subject = run.subject();
    let from = args.from.map(|from| from.within(subject)).transpose()?;
    let to = args.to.map(|to| to.within(subject)).transpose()?;
    let from = from.unwrap_or(SimTime::ZERO);
    let to = to.unwrap_or(SimTime::ZERO + subject.horizon);
    if to < from {
        bail!("--to is before --from, expected the later moment");
    }
    let explained = ExplainedHold {
        subject,
        backend: &backend.backend,
        log,
        way,
        from,
        to,
    };
    let text = match args.run.output {
        LoopFormat::Table => {
            let style = output::text_style();
            explained.table(style.width, style.colour)
        }
        LoopFormat::Json => explained.json(),
        LoopFormat::Yaml => explained.yaml(),
        LoopFormat::Markdown => explained.markdown(),
    };
    output::report(&text)?;
    Ok(ExitStatus::Clean)
}

/// Reads a saved run.
pub(super) fn read(path: &Path) -> Result<SavedRun> {
    let text = input::saved_run(path)?;
    SavedRun::read(&text).with_context(|| input::shown(path))
}

/// The backend that was asked for, or the one whose verdict counts.
fn backend<'a>(run: &'a SavedRun, args: &SavedRunArgs) -> Result<&'a BackendOutcome> {
    let all = &run.outcome().backends;
    let Some(name) = &args.backend else {
        let Some(counting) = all.get(run.verdict_backend()) else {
            bail!("the run holds no backend");
        };
        return Ok(counting);
    };
    if let Some(found) = all.iter().find(|backend| backend.backend == *name) {
        return Ok(found);
    }
    let names: Vec<&str> = all.iter().map(|backend| backend.backend.as_str()).collect();
    let listed = match words::nearest(name, &names) {
        Some(meant) => format!("did you mean `{}`?", printable(meant)),
        None => format!("expected one of {}", printable(&names.join(", "))),
    };
    bail!(
        "--backend: `{}` is no backend of the run, {listed}",
        printable(name)
    )
}

fn syncs<'a>(backend: &'a BackendOutcome, path: &Path) -> Result<&'a SyncLog> {
    if backend.syncs.syncs.is_empty() {
        bail!(
            "{}: the run was saved without its syncs, expected one of `scaleplan simulate -o json --every-sync`",
            input::shown(path)
        );
    }
    Ok(&backend.syncs)
}
