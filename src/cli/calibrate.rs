//! `scaleplan calibrate`: measurements in, a scenario file out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::calibrate_args::CalibrateArgs;
use super::calibrate_run::from_run;
use super::exit::ExitStatus;
use super::input::{self, is_stdin, shown};
use super::output::{self, WholeFile};
use super::recorded::{RecordedFile, between};
use crate::calibration::{
    CapacityTable, Estimate, Latencies, Measured, RateAndUsage, cost, pooled, read_startups,
    scenario_file, startup_settings,
};
use crate::scenario::{Settings, Span};
use crate::trace::{self, CpuConversion, ReadOptions, RecordedSeries, Trace, TraceUnit, arrivals};
use crate::units::SimDuration;

/// The largest file of objects that is read, bytes.
const LARGEST_OBJECTS: u64 = 512 << 20;
/// The largest load test that is read, bytes.
const LARGEST_TABLE: u64 = 16 << 20;
/// What several measurements may tell.
pub(super) const COST: &str = "cpu-per-request";

pub(super) fn calibrate(args: &CalibrateArgs) -> Result<ExitStatus> {
    let target = (!is_stdin(&args.output))
        .then(|| WholeFile::create(&args.output))
        .transpose()?;
    let load = args.load.as_deref().map(WholeFile::create).transpose()?;
    let given = match &args.input.scenario {
        Some(path) => {
            let text = input::scenario(path)?;
            Settings::from_file(&text).map_err(|error| anyhow!("{}: {error}", shown(path)))?;
            text
        }
        None => String::new(),
    };
    let capacity = args
        .capacity
        .as_deref()
        .map(|path| -> Result<CapacityTable> {
            let (_, stream) = input::trace(path)?;
            let bytes = input::read_at_most(stream, LARGEST_TABLE, &shown(path), "a load test")?;
            let text = String::from_utf8_lossy(&bytes);
            Ok(CapacityTable::read(&shown(path), &text)?)
        })
        .transpose()?;
    let mut measured = measurements(args, capacity.as_ref())?;
    measured.retain(|one| !is_said(&given, one.key));
    if let Some(path) = &args.recorded {
        let Some(learnt) = from_run(args, path, &measured, &given)? else {
            return Ok(ExitStatus::CouldNot);
        };
        // A cost that was given is where the fit began.
        let is_new = |one: &Measured| one.key == COST || !is_said(&given, one.key);
        measured.extend(learnt.into_iter().filter(is_new));
    }
    measured.extend(cost_of_all(&measured));
    if let (Some(path), Some(table), Some(load)) = (&args.users, &capacity, load) {
        load.write(requests_of(args, path, table)?.as_bytes())?;
    }
    if measured.is_empty() && args.users.is_none() {
        bail!(
            "nothing was measured: expected --pods, --capacity, --rate with --usage, --latency or --recorded"
        );
    }
    let mut text = scenario_file(&measured);
    if !given.trim().is_empty() {
        let _ = write!(
            text,
            "\n# As it was given with --scenario.\n{}\n",
            replaced(&given, &measured).trim()
        );
    }
    Settings::from_file(&text)
        .map_err(|error| anyhow!("the scenario file would not be read again: {error}"))?;
    match target {
        Some(target) => target.write(text.as_bytes())?,
        None if args.users.is_some() && measured.is_empty() => {}
        None => output::report(&text)?,
    }
    Ok(ExitStatus::Clean)
}

/// The cpu per request that several measurements tell, weighed against one another.
fn cost_of_all(measured: &[Measured]) -> Option<Measured> {
    let of_cost = || measured.iter().filter(|one| one.key == COST);
    let estimates: Vec<Estimate> = of_cost().filter_map(|one| one.estimate).collect();
    let all = pooled(&estimates)?;
    let rounded = |seconds: f64| Span((seconds.max(0.0) * 1e5).round() / 1e5);
    let values: Vec<&str> = of_cost().map(|one| one.value.as_str()).collect();
    let told = values.join(" and ");
    Some(Measured {
        key: COST,
        value: rounded(all.mean.value).to_string(),
        interval: format!(
            "95 % interval {} to {}",
            rounded(all.mean.low),
            rounded(all.mean.high)
        ),
        source: format!(
            "the mean of {told}, each weighed by its interval and by how far they are apart (DerSimonian and Laird 1986)"
        ),
        notes: if all.between > 0.0 {
            vec![format!(
                "they differ by more than their intervals: from run to run the cost varies by {} (a standard deviation), so \
                 a further run will too",
                rounded(all.between)
            )]
        } else {
            Vec::new()
        },
        estimate: Some(all.mean),
    })
}

/// Whether a scenario file says something of a key.
pub(super) fn is_said(given: &str, key: &str) -> bool {
    given.lines().any(|line| key_of(line) == Some(key))
}

/// The key that a line of a scenario file begins; none of what is indented.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    let key = key.trim_end();
    let bare = key.trim_matches(['"', '\'']);
    (!key.starts_with([' ', '\t', '#'])).then_some(bare)
}

/// A scenario file with what was measured nonetheless as comments: the cost that a fit began with.
fn replaced(given: &str, measured: &[Measured]) -> String {
    let mut text = String::new();
    let mut is_replaced = false;
    for line in given.lines() {
        if !line.starts_with([' ', '\t']) {
            let key = key_of(line);
            is_replaced = measured.iter().any(|one| Some(one.key) == key);
        }
        let sign = if is_replaced {
            "# replaced above: "
        } else {
            ""
        };
        let _ = writeln!(text, "{sign}{line}");
    }
    text
}

fn measurements(args: &CalibrateArgs, capacity: Option<&CapacityTable>) -> Result<Vec<Measured>> {
    let mut measured = Vec::new();
    for path in &args.pods {
        let (_, stream) = input::trace(path)?;
        let name = shown(path);
        let bytes = input::read_at_most(stream, LARGEST_OBJECTS, &name, "objects of kubectl")?;
        let startups = read_startups(&name, &bytes)?;
        if startups.without_times > 0 && !args.input.quiet {
            output::warning(&format!(
                "{name}: {} pods or machines tell no startup times (not started yet, or restarted)",
                startups.without_times
            ));
        }
        measured.extend(startup_settings(&name, &startups));
    }
    if let (Some(rate), Some(usage)) = (&args.rate, &args.usage) {
        measured.extend(cost_of(args, rate, usage)?);
    }
    if let Some(table) = capacity {
        let figures = table.figures();
        if figures.line.is_none() {
            output::warning(
                "the load test tells no cpu that grows with the rate: no cpu per request",
            );
        }
        if !args.input.quiet {
            let knee = figures.knee.map_or_else(
                || "throughput follows the users to its end".to_owned(),
                |knee| format!("its knee is at {knee:.3} requests/s of a replica"),
            );
            output::note(&format!(
                "the load test reached {:.3} requests/s of a replica; {knee}",
                figures.highest_rate
            ));
        }
        measured.extend(figures.settings);
    }
    if let Some(path) = &args.latency {
        let (name, stream) = input::trace(path)?;
        let recording = trace::read_recording(&name, stream, &ReadOptions::infer())?;
        let mut buckets: BTreeMap<String, Vec<(f64, &RecordedSeries)>> = BTreeMap::new();
        for series in &recording.series {
            let Some(bound) = series.label("le").and_then(|le| le.parse::<f64>().ok()) else {
                continue;
            };
            let list = buckets.entry(series.name.clone()).or_default();
            list.push((bound, series));
        }
        if buckets.len() > 1 {
            let names: Vec<&str> = buckets.keys().map(String::as_str).collect();
            bail!(
                "{name}: several histograms, expected one: {}",
                names.join(", ")
            );
        }
        let Some((_, list)) = buckets.pop_first() else {
            bail!("{name}: no series with an le label, expected the buckets of a histogram");
        };
        // Rates, as of `sum by (le) (rate(…))`, do not grow; the buckets of one histogram are of one kind.
        let are_counters = list.iter().any(|(_, series)| series.is_counter());
        let count = if are_counters { increase } else { mean };
        let list = list
            .into_iter()
            .map(|(bound, series)| (bound, count(&series.values)));
        let latencies = Latencies::new(list.collect()).with_context(|| name.clone())?;
        let told = if are_counters {
            name
        } else {
            format!("{name}, the means of its samples as they are no counters")
        };
        measured.extend(latencies.settings(&told));
    }
    Ok(measured)
}

/// What a counter grew by, with restarts; of one sample the sample itself.
fn increase(values: &[f64]) -> f64 {
    let present: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    match present.as_slice() {
        [] => 0.0,
        [one] => *one,
        many => many
            .windows(2)
            .map(|pair| {
                if pair[1] < pair[0] {
                    pair[1]
                } else {
                    pair[1] - pair[0]
                }
            })
            .sum(),
    }
}

/// The mean of the samples that there are.
fn mean(values: &[f64]) -> f64 {
    let present = || values.iter().filter(|value| value.is_finite());
    present().sum::<f64>() / present().count().max(1) as f64
}

/// Cpu per request from a rate and a usage.
fn cost_of(args: &CalibrateArgs, rate: &Path, usage: &Path) -> Result<Vec<Measured>> {
    let rate = as_rates(read_series(rate, None)?)?;
    let usage = read_series(usage, None)?;
    let factor = match usage.unit.unit {
        TraceUnit::Cores => 1.0,
        TraceUnit::MilliCores => 1e-3,
        other => bail!(
            "{}: read as {other}, expected cores or millicores of cpu (a column named so)",
            usage.name
        ),
    };
    let begins = match (rate.start, usage.start) {
        (Some(rate), Some(usage)) => Some(between(rate, usage)),
        _ => None,
    };
    let both = RateAndUsage {
        rate: &rate.series,
        usage: &usage.series,
        usage_unit: factor,
        usage_begins: begins.unwrap_or(SimDuration::ZERO),
        replicas: f64::from(args.usage_replicas.max(1)),
    };
    let name = format!("{} and {}", rate.name, usage.name);
    let mut settings = cost(&name, &both).with_context(|| name.clone())?;
    if let (None, Some(first)) = (begins, settings.first_mut()) {
        first.notes.push(
            "rate or usage tells no date: both are taken to begin at the same time".to_owned(),
        );
    }
    Ok(settings)
}

/// A trace in requests/s.
fn as_rates(trace: Trace) -> Result<Trace> {
    if trace.unit.unit.is_cpu() {
        bail!(
            "{}: read as {}, expected requests",
            trace.name,
            trace.unit.unit
        );
    }
    let (name, start) = (trace.name.clone(), trace.start);
    let conversion = CpuConversion {
        cpu_per_request: None,
        share_of_milli: None,
    };
    let converted = arrivals(trace, &conversion).map_err(|error| anyhow!("{name}: {error}"))?;
    let mut rates = Trace::from_series(
        name,
        converted.series().clone(),
        TraceUnit::RequestsPerSecond,
    );
    rates.start = start;
    Ok(rates)
}

fn read_series(path: &Path, column: Option<&str>) -> Result<Trace> {
    let (name, stream) = input::trace(path)?;
    let options = ReadOptions {
        value_column: column.map(str::to_owned),
        ..ReadOptions::infer()
    };
    Ok(trace::read(&name, stream, &options)?)
}

/// Users as requests/s.
fn requests_of(args: &CalibrateArgs, path: &Path, table: &CapacityTable) -> Result<String> {
    let file = RecordedFile::read(path)?;
    let users = match args.users_column.as_deref() {
        Some(column) => file.column(column)?,
        None => file.column("users").or_else(|_| file.only())?,
    };
    let mut text = String::from("timestamp,rps\n");
    let mut end = 0.0;
    for step in users.series.steps() {
        let Some(rate) = table.rate_of_users(step.value) else {
            bail!("--users: the load test tells no users, expected a column `users`");
        };
        let at = match users.start {
            Some(start) => {
                let offset = jiff::SignedDuration::from_nanos(step.start.since_start().as_nanos());
                (start + offset).to_string()
            }
            None => step.start.as_seconds().to_string(),
        };
        let _ = writeln!(text, "{at},{rate:.4}");
        end = step.end.as_seconds();
    }
    if !args.input.quiet {
        output::note(&format!(
            "{}: {end:.0} s of users as requests/s, one of each user every {:.3} s as in the load test below its knee",
            users.name,
            table.user_cycle().unwrap_or_default()
        ));
    }
    Ok(text)
}
