//! `scaleplan simulate`: files in, a report out.

use anyhow::{Result, bail};

use super::args::{FailOn, Format, SimulateArgs};
use super::compare::{Asked, asked_for};
use super::exit::ExitStatus;
use super::output;
use super::pictures::Pictures;
use super::progress::Progress;
use super::reading::Reading;
use super::report::with_chart;
use crate::analysis::{Comparison, Played, Verdict, judge};
use crate::engine::{KeepSyncs, simulate_keeping};
use crate::report::{self, Detail, Report, Subject, TextStyle};
use crate::scenario::{FOLLOWED_VERSION, Fidelity, Scenario, assemble};

/// Syncs that JSON and YAML hold without being asked to.
const MOST_SYNCS_UNASKED: f64 = 20_000.0;
/// Syncs beyond which a replay takes longer than some ten seconds.
const LONG_WORK: f64 = 3e7;
/// Requests beyond which following each takes longer than some ten seconds.
const LONG_COUNT: f64 = 1.5e8;
/// Requests that a core follows in a minute, roughly.
const REQUESTS_A_MINUTE: f64 = 3e8;

pub(super) fn simulate(args: &SimulateArgs) -> Result<ExitStatus> {
    let pictures = Pictures::new(&args.pictures)?;
    if args.chart.chart && !matches!(args.output, Format::Table | Format::Wide) {
        bail!("--chart draws below a table, expected -o table or -o wide with it");
    }
    let Some(reading) = Reading::new(&args.input)? else {
        return Ok(ExitStatus::CouldNot);
    };
    let Some(inputs) = reading.inputs()? else {
        return Ok(ExitStatus::CouldNot);
    };
    let scenario = assemble(inputs.clone())?;
    let asked = asked_for(args, &scenario, &inputs)?;
    if !args.input.quiet {
        tell_of_long_work(&scenario, replays(&scenario, &asked));
    }
    report_on(&scenario, &asked, args, &pictures)
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
    pictures: &Pictures,
) -> Result<ExitStatus> {
    let progress = (!args.input.quiet).then(|| Progress::new(replays(scenario, asked), "runs"));
    let run_done = || {
        if let Some(progress) = &progress {
            progress.step();
        }
    };
    let outcome = simulate_keeping(scenario, kept_syncs(scenario, args), run_done)?;
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
        subject: Subject::of(scenario),
        outcome: &outcome,
        scorecard: &scorecard,
        comparisons: &comparisons,
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
    pictures.write(&report)?;
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

/// Only JSON and YAML hold syncs; of long traces they would be tens of megabytes, which nobody asked for.
fn kept_syncs(scenario: &Scenario, args: &SimulateArgs) -> KeepSyncs {
    let period = scenario.controller.sync_period.as_seconds();
    let syncs = scenario.trace.end().as_seconds() / period;
    let is_kept = args.every_sync || syncs <= MOST_SYNCS_UNASKED;
    if is_kept && matches!(args.output, Format::Json | Format::Yaml) {
        KeepSyncs::Every
    } else {
        KeepSyncs::No
    }
}

fn table(report: &Report<'_>, detail: Detail, args: &SimulateArgs) -> String {
    let TextStyle { colour, width } = output::text_style();
    let table = report::table(report, detail, width, colour);
    with_chart(table, args.chart.glyphs(), report)
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
