//! `scaleplan simulate`: files in, a report out.

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::{FailOn, Format, SimulateArgs};
use super::exit::ExitStatus;
use super::output::{self, WholeFile, printable};
use super::progress::Progress;
use super::{embedded, input};
use crate::analysis::{Verdict, judge};
use crate::engine::simulate_with_progress;
use crate::manifest::{self, Autoscaler, Manifests};
use crate::report::{self, Colour, Detail, Report};
use crate::scenario::{FOLLOWED_VERSION, Inputs, MetricSource, Scenario, Settings, Span, assemble};
use crate::trace::{self, ReadOptions, Trace};

pub(super) fn simulate(args: &SimulateArgs) -> Result<ExitStatus> {
    let picture = args.png.as_deref().map(WholeFile::create).transpose()?;
    let file = scenario_file(args)?;
    let manifests = read_manifests(args)?;
    let autoscaler = choose_autoscaler(&manifests, args.hpa.as_deref())?;
    let trace = read_trace(args, &file)?;
    if !args.quiet {
        output::note(&format!("{}: {}", printable(&trace.name), trace.unit));
        for note in &trace.notes {
            output::note(&format!("{}: {note}", printable(&trace.name)));
        }
    }
    let scenario = assemble(Inputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        trace,
        flags: &args.settings,
        file: &file,
        only: &args.backend,
    })?;
    report_on(&scenario, args, picture)
}

fn report_on(
    scenario: &Scenario,
    args: &SimulateArgs,
    picture: Option<WholeFile>,
) -> Result<ExitStatus> {
    let steps = u64::from(scenario.runs) * scenario.backends.len() as u64;
    let progress = (!args.quiet).then(|| Progress::new(steps));
    let outcome = simulate_with_progress(scenario, || {
        if let Some(progress) = &progress {
            progress.step();
        }
    })?;
    if let Some(progress) = &progress {
        progress.finish();
    }
    let scorecard = judge(scenario, &outcome);
    let report = Report {
        scenario,
        outcome: &outcome,
        scorecard: &scorecard,
        followed_version: FOLLOWED_VERSION,
    };
    let text = match args.output {
        Format::Table => table(&report, Detail::Normal, args),
        Format::Wide => table(&report, Detail::Wide, args),
        Format::Json => report::json(&report),
        Format::Yaml => report::yaml(&report),
        Format::Csv => report::csv(&report),
        Format::Markdown => report::markdown(&report),
    };
    if let Some(picture) = picture {
        picture.write(&report::png(&report).context("the picture cannot be drawn")?)?;
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

fn table(report: &Report<'_>, detail: Detail, args: &SimulateArgs) -> String {
    let colour = if output::colours(args.color) {
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
    Settings::from_file(&text).map_err(|error| anyhow!("{}: {error}", input::shown(path)))
}

fn read_manifests(args: &SimulateArgs) -> Result<Manifests> {
    if args.manifests.is_empty() {
        return Ok(manifest::read(vec![embedded::manifest()]));
    }
    let manifests = manifest::read(input::manifests(&args.manifests)?);
    for error in &manifests.errors {
        output::error(&error.to_string());
    }
    if !args.quiet {
        for warning in &manifests.warnings {
            output::warning(&warning.to_string());
        }
        if !manifests.skipped.is_empty() {
            let kinds = manifests
                .skipped
                .iter()
                .map(|(kind, count)| format!("{} ({count})", printable(kind)));
            output::note(&format!("skipped {}", kinds.collect::<Vec<_>>().join(", ")));
        }
    }
    Ok(manifests)
}

/// The autoscaler asked for, or the only one.
fn choose_autoscaler<'a>(manifests: &'a Manifests, wanted: Option<&str>) -> Result<&'a Autoscaler> {
    let full_name = |autoscaler: &Autoscaler| match &autoscaler.namespace {
        Some(namespace) => format!("{namespace}/{}", autoscaler.name),
        None => autoscaler.name.clone(),
    };
    let all = &manifests.autoscalers;
    let matching: Vec<&Autoscaler> = all
        .iter()
        .filter(|autoscaler| {
            wanted.is_none_or(|name| autoscaler.name == name || full_name(autoscaler) == name)
        })
        .collect();
    let names = || all.iter().map(full_name).collect::<Vec<_>>().join(", ");
    match (matching.as_slice(), wanted) {
        ([one], _) => Ok(one),
        ([], Some(name)) if !all.is_empty() => {
            bail!(
                "no HorizontalPodAutoscaler is named `{name}`, there are {}",
                names()
            )
        }
        ([], _) if manifests.errors.is_empty() => {
            bail!("the manifests hold no HorizontalPodAutoscaler, expected one to replay")
        }
        ([], _) => bail!("no HorizontalPodAutoscaler could be read, see above"),
        _ => bail!(
            "there are {} autoscalers, choose one with --hpa: {}",
            matching.len(),
            names()
        ),
    }
}

fn read_trace(args: &SimulateArgs, file: &Settings) -> Result<Trace> {
    let options = read_options(&args.settings, file);
    let read = match &args.trace {
        None => trace::read(embedded::TRACE_NAME, embedded::TRACE, &options),
        Some(path)
            if input::is_stdin(path) && args.manifests.iter().any(|path| input::is_stdin(path)) =>
        {
            bail!(
                "standard input (-) was named for the manifest and for the trace, it can be read once"
            )
        }
        Some(path) => {
            let (name, stream) = input::trace(path)?;
            trace::read(&name, stream, &options)
        }
    };
    Ok(read?)
}

/// What flags, and where they are silent the scenario file, say of reading the trace.
fn read_options(flags: &Settings, file: &Settings) -> ReadOptions {
    let mut options = ReadOptions::infer();
    options.time_column = flags
        .time_column
        .clone()
        .or_else(|| file.time_column.clone());
    options.value_column = flags
        .value_column
        .clone()
        .or_else(|| file.value_column.clone());
    options.series = flags.series.clone().or_else(|| file.series.clone());
    options.unit = flags.unit.or(file.unit);
    options.gaps = flags.gaps.or(file.gaps);
    options.step = flags.step.or(file.step).map(Span::duration);
    if let Some(step) = flags.event_step.or(file.event_step) {
        options.event_bin = step.duration();
    }
    let mappings = flags.metric.iter().chain(&file.metric);
    let mut columns: Vec<String> = mappings
        .filter_map(|mapping| match &mapping.source {
            MetricSource::Column(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    columns.sort();
    columns.dedup();
    options.columns = columns;
    options
}
