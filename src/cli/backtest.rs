//! `scaleplan backtest`: a recorded run in, what a replay makes of it out.

use anyhow::{Context as _, Result, bail};

use super::backtest_args::{BacktestArgs, BacktestFailOn, BacktestFormat, FeedChoice};
use super::exit::ExitStatus;
use super::input;
use super::moment::Moment;
use super::output::{self, WholeFile};
use super::progress::Progress;
use super::reading::Reading;
use super::recorded::{RecordedFile, count_at, load_begins, on_clock, replicas_of, verdict_alone};
use crate::backtest::{
    Comparison, OpenInputs, Prediction, Recording, Thresholds, compare, judge_backtest, predict,
    predict_open,
};
use crate::engine::Feed;
use crate::report::{self, BacktestReport, Colour, Drive};
use crate::scenario::{FOLLOWED_VERSION, assemble, control_loop};
use crate::trace::Trace;
use crate::units::{SimDuration, SimTime};

/// Less than this share of the recording in common is told.
const LITTLE: f64 = 0.8;

pub(super) fn backtest(args: &BacktestArgs) -> Result<ExitStatus> {
    let picture = args
        .png
        .as_deref()
        .map(WholeFile::create_picture)
        .transpose()?;
    if args.metric_column.is_none() && args.input.trace.is_none() {
        bail!(
            "no load: expected --trace with the load of the recorded run, or --metric-column with what the autoscaler saw"
        );
    }
    let file = RecordedFile::read(&args.recorded)?;
    let replicas = replicas_of(&file, args.recorded_column.as_deref())?;
    let recording = Recording::of(&replicas)?;
    let left_out = left_out(args, &replicas)?;
    let Some(mut reading) = Reading::new(&args.input)? else {
        return Ok(ExitStatus::CouldNot);
    };
    let mut notes = Vec::new();
    let played = if let Some(column) = &args.metric_column {
        driven(
            args, &reading, &file, &replicas, column, &left_out, &mut notes,
        )?
    } else {
        let trace = reading.trace()?;
        let (later, told) = load_begins(args.trace_start.or(trace.start), &file, &replicas);
        notes.extend(told.map(str::to_owned));
        loaded(args, &mut reading, trace, &recording, later, &mut notes)?
    };
    let Some(Played {
        autoscaler,
        prediction,
        driven_by,
        runs,
    }) = played
    else {
        return Ok(ExitStatus::CouldNot);
    };
    let thresholds = Thresholds {
        skill: args.min_skill.0,
        peak: args.max_peak_error,
        replica_seconds: args.max_replica_hours_error.0.abs(),
        rise: args.max_rise_error.duration(),
        changes: args.min_matched.map(|share| share.0),
    };
    let against = |counts| {
        compare(
            &recording.counts,
            counts,
            &left_out,
            thresholds.rise,
            thresholds.peak,
        )
    };
    let comparison = against(&prediction.middle).with_context(|| {
        format!(
            "{}: recording and load have no time in common, see --trace-start and --leave-out",
            input::shown(&args.recorded)
        )
    })?;
    let all: Vec<Comparison> = prediction.runs.iter().filter_map(against).collect();
    let length = (recording.counts.end() - recording.counts.begin()).as_seconds();
    if (comparison.end - comparison.begin).as_seconds() < LITTLE * length {
        notes.push(format!(
            "only {:.0} s of the recording's {length:.0} s are covered by the load",
            (comparison.end - comparison.begin).as_seconds()
        ));
    }
    let checks = judge_backtest(&comparison, &thresholds);
    let report = BacktestReport {
        autoscaler: &autoscaler,
        drive: match runs {
            Some(runs) => Drive::Load(&driven_by, runs),
            None => Drive::Metric(&driven_by),
        },
        recording: &recording,
        prediction: &prediction,
        comparison: &comparison,
        runs: &all,
        checks: &checks,
        notes: &notes,
        followed_version: FOLLOWED_VERSION,
    };
    if let Some(picture) = picture {
        picture.write(&report::backtest_png(&report)?)?;
    }
    output::report(&rendered(&report, args.output))?;
    Ok(
        if !report.holds() && args.fail_on == BacktestFailOn::Missed {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        },
    )
}

/// A prediction on the recording's clock.
struct Played {
    autoscaler: String,
    prediction: Prediction,
    driven_by: String,
    /// How often a load was played; `None` where a metric drove.
    runs: Option<u32>,
}

/// The load through pods and sensors, from the recorded count on; it begins `later` than the recording.
fn loaded(
    args: &BacktestArgs,
    reading: &mut Reading<'_>,
    trace: Trace,
    recording: &Recording,
    later: SimDuration,
    notes: &mut Vec<String>,
) -> Result<Option<Played>> {
    if let Some(first) = count_at(recording, SimTime::ZERO + later) {
        reading.begin_with(first);
    }
    let Some(inputs) = reading.loop_inputs()? else {
        return Ok(None);
    };
    let scenario = verdict_alone(assemble(inputs.with_trace(trace))?);
    notes.extend(scenario.warnings.iter().cloned());
    let progress = (!args.input.quiet).then(|| Progress::new(u64::from(scenario.runs), "runs"));
    let prediction = predict(&scenario, || {
        if let Some(progress) = &progress {
            progress.step();
        }
    })?;
    if let Some(progress) = &progress {
        progress.finish();
    }
    Ok(Some(Played {
        autoscaler: scenario.name.clone(),
        prediction: prediction.shifted(later),
        driven_by: scenario.trace_name.clone(),
        runs: Some(scenario.runs),
    }))
}

/// The autoscaler alone, by the metric that was recorded.
fn driven(
    args: &BacktestArgs,
    reading: &Reading<'_>,
    file: &RecordedFile,
    replicas: &Trace,
    column: &str,
    left_out: &[(SimTime, SimTime)],
    notes: &mut Vec<String>,
) -> Result<Option<Played>> {
    let Some(inputs) = reading.loop_inputs()? else {
        return Ok(None);
    };
    let control = control_loop(inputs)?;
    let metric = file.column(column)?;
    let counted = args
        .counted_column
        .as_deref()
        .map(|column| file.column(column))
        .transpose()?;
    // Everything on the metric's clock, which begins where its first cell is; columns of one table have one clock.
    let later = metric.begins - replicas.begins;
    let on_its_clock = |trace: &Trace| on_clock(&trace.series, trace.begins - metric.begins);
    let recorded = on_its_clock(replicas);
    let counted = counted.as_ref().map(on_its_clock);
    let moved: Vec<(SimTime, SimTime)> = left_out
        .iter()
        .map(|(from, to)| (*from - later, *to - later))
        .collect();
    let (prediction, syncs) = predict_open(&OpenInputs {
        control: &control,
        metric: &metric.series,
        counted: counted.as_ref(),
        recorded: &recorded,
        recorded_from: SimTime::ZERO + (-later).max(SimDuration::ZERO),
        left_out: &moved,
        feed: match args.feed {
            FeedChoice::Own => Feed::Own,
            FeedChoice::Recorded => Feed::Recorded,
        },
    })?;
    notes.push(format!(
        "{} syncs, one where the metric changed and every {} between",
        syncs.len(),
        control.controller.sync_period
    ));
    if counted.is_none() {
        notes.push(
            "how many pods were in the metric is not told (--counted-column): new ones are taken to be in it after their \
             startup and one refresh"
                .to_owned(),
        );
    }
    Ok(Some(Played {
        autoscaler: control.name.clone(),
        prediction: prediction.shifted(later),
        driven_by: column.to_owned(),
        runs: None,
    }))
}

/// The spans left out, on the clock of the recorded replicas.
fn left_out(args: &BacktestArgs, replicas: &Trace) -> Result<Vec<(SimTime, SimTime)>> {
    args.leave_out
        .iter()
        .map(|span| {
            let within = |moment: Moment| moment.within(replicas).context("--leave-out");
            let (from, to) = (within(span.from)?, within(span.to)?);
            if from >= to {
                bail!("--leave-out: the span ends before it begins");
            }
            Ok((from, to))
        })
        .collect()
}

fn rendered(report: &BacktestReport<'_>, form: BacktestFormat) -> String {
    match form {
        BacktestFormat::Table => {
            let colour = if output::colours() {
                Colour::Ansi
            } else {
                Colour::Plain
            };
            report::backtest_table(report, output::width(), colour)
        }
        BacktestFormat::Json => report::backtest_json(report),
        BacktestFormat::Yaml => report::backtest_yaml(report),
        BacktestFormat::Markdown => report::backtest_markdown(report),
    }
}
