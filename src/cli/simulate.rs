//! `scaleplan simulate`: files in, a report out.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::args::{FailOn, Format, SimulateArgs};
use super::choose::choose;
use super::compare::{Asked, asked_for};
use super::exit::ExitStatus;
use super::input::{self, Gathered};
use super::output::{self, WholeFile};
use super::progress::Progress;
use super::{embedded, service_samples, workload};
use crate::analysis::{Comparison, Played, Verdict, judge};
use crate::engine::simulate_with_progress;
use crate::manifest::{self, Autoscaler, Manifests};
use crate::report::{self, Colour, Detail, Report};
use crate::scenario::{FOLLOWED_VERSION, Fidelity, Inputs, Scenario, Settings, assemble};
use crate::trace::Trace;

/// The most problems, and the most warnings, that are shown of the manifests.
const MOST_PROBLEMS: usize = 50;
/// The most kinds of skipped objects that are named.
const MOST_KINDS: usize = 20;
/// Syncs beyond which a replay takes longer than some ten seconds.
const LONG_WORK: f64 = 3e7;
/// Requests beyond which following each takes longer than some ten seconds.
const LONG_COUNT: f64 = 1.5e8;
/// Requests that a core follows in a minute, roughly.
const REQUESTS_A_MINUTE: f64 = 3e8;

pub(super) fn simulate(args: &SimulateArgs) -> Result<ExitStatus> {
    let picture = args
        .png
        .as_deref()
        .map(WholeFile::create_picture)
        .transpose()?;
    let file = scenario_file(args)?;
    let Some(manifests) = read_manifests(args)? else {
        return Ok(ExitStatus::CouldNot);
    };
    let autoscaler = choose(&manifests, args.hpa.as_deref())?;
    let trace = workload::read(args, &file)?;
    if !args.quiet {
        tell_of_trace(&trace);
    }
    let workload = manifests.workload_for(autoscaler);
    if workload.is_none() && has_broken_neighbours(args, &manifests, autoscaler) {
        return Ok(ExitStatus::CouldNot);
    }
    let inputs = Inputs {
        autoscaler,
        workload,
        service: workload.and_then(|workload| manifests.service_for(workload)),
        trace,
        flags: &args.settings,
        file: &file,
        only: &args.backend,
        with: &[],
    };
    let scenario = assemble(inputs.clone())?;
    let asked = asked_for(args, &scenario, &inputs)?;
    if !args.quiet {
        tell_of_long_work(&scenario, replays(&scenario, &asked));
    }
    report_on(&scenario, &asked, args, picture)
}

/// Whether the workload is missing because the file that should hold it has errors: one that was named, or the
/// autoscaler's own. What else lies in a folder may be broken.
fn has_broken_neighbours(
    args: &SimulateArgs,
    manifests: &Manifests,
    autoscaler: &Autoscaler,
) -> bool {
    let is_named = |source: &str| {
        args.manifests
            .iter()
            .any(|path| input::shown(path) == source)
    };
    let broken = manifests
        .errors
        .iter()
        .any(|error| error.source == autoscaler.origin.source || is_named(&error.source));
    if broken {
        output::error(&format!(
            "{} {} was not found, and what was given could not be read whole",
            autoscaler.scale_target.kind.name(),
            autoscaler.scale_target.name
        ));
    }
    broken
}

/// How often the trace is replayed.
fn replays(scenario: &Scenario, asked: &[Asked]) -> u64 {
    let variants: usize = asked.iter().map(Asked::backends).sum();
    u64::from(scenario.runs) * (scenario.backends.len() + variants) as u64
}

fn report_on(
    scenario: &Scenario,
    asked: &[Asked],
    args: &SimulateArgs,
    picture: Option<WholeFile>,
) -> Result<ExitStatus> {
    let progress = (!args.quiet).then(|| Progress::new(replays(scenario, asked)));
    let run_done = || {
        if let Some(progress) = &progress {
            progress.step();
        }
    };
    let outcome = simulate_with_progress(scenario, run_done)?;
    let baseline = Played {
        scenario,
        outcome: &outcome,
    };
    let comparisons = asked
        .iter()
        .map(|asked| asked.play(baseline, run_done))
        .collect::<Result<Vec<Comparison>>>()?;
    if let Some(progress) = &progress {
        progress.finish();
    }
    let scorecard = judge(scenario, &outcome);
    let report = Report {
        scenario,
        outcome: &outcome,
        scorecard: &scorecard,
        comparisons: &comparisons,
        followed_version: FOLLOWED_VERSION,
    };
    let text = match args.output {
        Format::Table => table(&report, Detail::Normal),
        Format::Wide => table(&report, Detail::Wide),
        Format::Json => report::json(&report),
        Format::Yaml => report::yaml(&report),
        Format::Csv => report::csv(&report),
        Format::Markdown => report::markdown(&report),
    };
    if let Some(picture) = picture {
        picture.write(&report::png(&report)?)?;
    }
    output::report(&text)?;
    let verdict = scorecard.backends[scorecard.verdict_backend].slo.verdict;
    let fails = match args.fail_on {
        FailOn::Missed => verdict == Verdict::Missed,
        FailOn::Unproven => verdict != Verdict::Met,
        FailOn::Never => false,
    };
    Ok(if fails {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    })
}

fn table(report: &Report<'_>, detail: Detail) -> String {
    let colour = if output::colours() {
        Colour::Ansi
    } else {
        Colour::Plain
    };
    report::table(report, detail, output::width(), colour)
}

fn scenario_file(args: &SimulateArgs) -> Result<Settings> {
    let Some(path) = &args.scenario else {
        return Ok(Settings::default());
    };
    let text = input::scenario(path)?;
    let mut settings =
        Settings::from_file(&text).map_err(|error| anyhow!("{}: {error}", input::shown(path)))?;
    if args.settings.service_samples.is_none() {
        let folder = path.parent().unwrap_or(Path::new(""));
        service_samples::read(&mut settings, folder)?;
    }
    Ok(settings)
}

/// Reads the manifests and says what is wrong with them; `None` where that leaves no autoscaler.
fn read_manifests(args: &SimulateArgs) -> Result<Option<Manifests>> {
    if args.manifests.is_empty() {
        return Ok(Some(manifest::read(vec![embedded::manifest()])));
    }
    let Gathered {
        manifests,
        problems,
    } = input::manifests(&args.manifests)?;
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

/// Says what was made of the trace.
fn tell_of_trace(trace: &Trace) {
    output::note(&format!("{}: {}", trace.name, trace.unit));
    for note in &trace.notes {
        output::note(&format!("{}: {note}", trace.name));
    }
}

/// Says so beforehand where a replay will take its time.
fn tell_of_long_work(scenario: &Scenario, replays: u64) {
    let horizon = scenario.trace.end().since_start().as_seconds();
    let syncs = horizon / scenario.controller.sync_period.as_seconds();
    let requests = scenario.trace.total_requests() * replays as f64;
    if scenario.fidelity == Fidelity::Discrete && requests > LONG_COUNT {
        output::note(&format!(
            "following {requests:.2e} requests one by one takes some {:.0} minutes of cpu; fewer --runs or one --backend is \
             quicker",
            requests / REQUESTS_A_MINUTE
        ));
    } else if syncs * replays as f64 > LONG_WORK {
        output::note(&format!(
            "{replays} replays of {:.0} days take a while; fewer --runs, a shorter trace or one --backend is quicker",
            horizon / 86_400.0
        ));
    }
}
