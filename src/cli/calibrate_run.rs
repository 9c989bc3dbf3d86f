//! What `scaleplan calibrate` learns from a recorded run of the autoscaler: startup, and the cpu per request.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::calibrate::{COST, is_said};
use super::calibrate_args::CalibrateArgs;
use super::input::shown;
use super::reading::Reading;
use super::recorded::{RecordedFile, count_at, load_begins, ready_of, replicas_of, verdict_alone};
use crate::backtest::{Recording, fit_cost};
use crate::calibration::{
    Estimate, Measured, ProbeWait, StartupKind, recorded_startup_settings, recorded_startups,
    scenario_file,
};
use crate::scenario::{BackendKind, Scenario, Settings, Span, assemble};
use crate::trace::Trace;
use crate::units::SimTime;

/// Startup where the recording tells ready replicas beside the wanted ones and nothing else tells it, and the cpu per request
/// with which a replay comes nearest; `None` where manifests are broken, which has been said.
pub(super) fn from_run(
    args: &CalibrateArgs,
    path: &Path,
    measured: &[Measured],
    given: &str,
) -> Result<Option<Vec<Measured>>> {
    let file = RecordedFile::read(path)?;
    let replicas = replicas_of(&file, args.recorded_column.as_deref())?;
    let Some(mut reading) = Reading::new(&args.input)? else {
        return Ok(None);
    };
    let trace = reading.trace()?;
    let mut known = measured.to_vec();
    let ready = ready_of(&file, args.ready_column.as_deref())?;
    if let Some(ready) = ready {
        let Some(before) = assembled(&mut reading, &known, given, &trace, None)? else {
            return Ok(None);
        };
        let backend = &before.backends[0];
        let kind = match backend.kind {
            BackendKind::Container => StartupKind::Container,
            BackendKind::Vm => StartupKind::Vm,
        };
        let probe = &backend.plant.startup.probe;
        let wait = ProbeWait {
            initial_delay: probe.initial_delay.as_seconds(),
            period: probe.probe_period.as_seconds(),
        };
        let bounds = recorded_startups(&replicas.series, &ready.series);
        if !tells_startup(kind, measured, given) {
            known.extend(recorded_startup_settings(&shown(path), kind, &bounds, wait));
        }
    }
    let recording = Recording::of(&replicas)?;
    let (later, told) = load_begins(args.trace_start.or(trace.start), &file, &replicas);
    let recorded = recording.counts.shifted(-later);
    let first = count_at(&recording, SimTime::ZERO + later);
    let Some(scenario) = assembled(&mut reading, &known, given, &trace, first)? else {
        return Ok(None);
    };
    let fit = fit_cost(&scenario, &recorded, &[])?;
    let mut notes = vec![
        "it holds all that lies between the load as it was counted and the cpu that the autoscaler saw".to_owned(),
    ];
    notes.extend(told.map(str::to_owned));
    known.push(Measured {
        key: COST,
        value: rounded(fit.cost).to_string(),
        interval: format!(
            "as good within 10 %: {} to {}; mean error of the replicas {:.2}, {:.2} with what was known before; {} costs played",
            rounded(fit.low),
            rounded(fit.high),
            fit.error,
            fit.error_before,
            fit.tried
        ),
        source: format!(
            "the cost with which a replay of {} comes nearest to the replicas of {}",
            scenario.trace_name,
            shown(path)
        ),
        notes,
        estimate: Some(Estimate {
            value: fit.cost,
            low: fit.low,
            high: fit.high,
        }),
    });
    Ok(Some(known.split_off(measured.len())))
}

/// Whether the startup of such replicas is known from elsewhere.
fn tells_startup(kind: StartupKind, measured: &[Measured], given: &str) -> bool {
    kind.phases()
        .iter()
        .any(|key| is_said(given, key) || measured.iter().any(|one| one.key == *key))
}

/// The scenario with what is known so far and the backend whose verdict counts alone, begun with so many replicas; `None`
/// where manifests are broken.
fn assembled(
    reading: &mut Reading<'_>,
    known: &[Measured],
    given: &str,
    trace: &Trace,
    first: Option<u32>,
) -> Result<Option<Scenario>> {
    let text = format!("{}\n{given}", scenario_file(known));
    reading.take_settings(
        Settings::from_file(&text).map_err(|error| anyhow!("measured settings: {error}"))?,
    );
    if let Some(first) = first {
        reading.begin_with(first);
    }
    let Some(inputs) = reading.loop_inputs()? else {
        return Ok(None);
    };
    let scenario = assemble(inputs.with_trace(trace.clone()))?;
    Ok(Some(verdict_alone(scenario)))
}

/// A cost to a hundredth of a millisecond.
fn rounded(seconds: f64) -> Span {
    Span((seconds * 1e5).round() / 1e5)
}
