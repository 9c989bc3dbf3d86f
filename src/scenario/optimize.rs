//! Applies optimizations to backends, and says of each changed number what it was and why it changed.

use super::choose::Chooser;
use super::health::Watch;
use super::optimization::{Change, Effect, Parameter};
use super::{Backend, Optimization, ScenarioError, Span, show};
use crate::stats::Distribution;

/// The wire that optimizations are taken to run on, bits/s.
const LINE_RATE: f64 = 1e10;

/// The optimizations that flags or file and the caller ask for, each once, in the order of [`Optimization::ALL`].
pub(super) fn wanted(choose: &Chooser<'_>, further: &[Optimization]) -> Vec<Optimization> {
    let [flags, file] = choose.layers();
    let said = if flags.with.is_empty() {
        &file.with
    } else {
        &flags.with
    };
    let is_wanted = |one: &Optimization| said.contains(one) || further.contains(one);
    Optimization::ALL.into_iter().filter(is_wanted).collect()
}

/// Changes the backends, whoever said their numbers. `container` is who watches the built-in container.
pub(super) fn apply(
    choose: &mut Chooser<'_>,
    backends: &mut [Backend],
    wanted: &[Optimization],
    container: &Watch,
    warnings: &mut Vec<String>,
) -> Result<(), ScenarioError> {
    for optimization in wanted {
        let mut has_changed = false;
        for backend in &mut *backends {
            for change in optimization.changes() {
                if change.on == backend.kind {
                    has_changed |= apply_one(choose, backend, *optimization, change, container)?;
                }
            }
        }
        if !has_changed {
            warnings.push(format!(
                "{optimization} changes nothing on the backends played"
            ));
        }
    }
    Ok(())
}

/// Whether a backend is another one after a change.
fn apply_one(
    choose: &mut Chooser<'_>,
    backend: &mut Backend,
    optimization: Optimization,
    change: &Change,
    container: &Watch,
) -> Result<bool, ScenarioError> {
    let key = match (change.parameter, backend.name.as_str()) {
        (Parameter::WarmPool, _) => "warm-pool".to_owned(),
        (parameter, name @ ("container" | "vm")) => format!("{name}-{}", parameter.key()),
        (parameter, name) => format!("backends.{name}.{}", parameter.key()),
    };
    let before = shown(backend, change.parameter);
    let previous = backend.clone();
    match (change.effect, change.parameter) {
        (Effect::Times(factor), parameter) => multiply(backend, parameter, factor)?,
        (Effect::Plus(count), _) => {
            let pool = &mut backend.plant.startup.warm_pool;
            *pool = pool.saturating_add(count);
        }
        (Effect::LikeContainer, _) => {
            backend.plant.startup.probe = container.probe;
            backend.plant.health.replica_lost_after = container.health.replica_lost_after;
        }
    }
    if *backend == previous {
        return Ok(false);
    }
    let how = format!("{optimization}: {before} {}", change.effect);
    choose.amend(&key, shown(backend, change.parameter), &how, change.source);
    Ok(true)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of connections; a float cast saturates"
)]
fn multiply(backend: &mut Backend, parameter: Parameter, factor: f64) -> Result<(), ScenarioError> {
    let plant = &mut backend.plant;
    let times = match parameter {
        Parameter::Prepare => &mut plant.startup.prepare,
        Parameter::Start => &mut plant.startup.start,
        Parameter::Ready => &mut plant.startup.ready,
        Parameter::PathLatency => &mut plant.path.latency,
        Parameter::Throughput => {
            let before = plant.path.bits_per_second;
            // A faster way to the wire does not make the wire faster.
            plant.path.bits_per_second = (before * factor).min(before.max(LINE_RATE));
            return Ok(());
        }
        Parameter::Connections => {
            let most = &mut plant.path.connections.most;
            *most = ((f64::from(*most) * factor).round() as u32).max(1);
            return Ok(());
        }
        Parameter::Readiness | Parameter::WarmPool => return Ok(()),
    };
    *times = scaled(times, factor).map_err(|problem| ScenarioError::Service {
        backend: backend.name.clone(),
        problem,
    })?;
    Ok(())
}

fn scaled(times: &Distribution, factor: f64) -> Result<Distribution, String> {
    if factor == 0.0 {
        return Ok(Distribution::Deterministic { value: 0.0 });
    }
    times.scaled(factor).map_err(|error| error.to_string())
}

fn shown(backend: &Backend, parameter: Parameter) -> String {
    let plant = &backend.plant;
    let startup = &plant.startup;
    match parameter {
        Parameter::Prepare => show::rounded_times(&startup.prepare),
        Parameter::Start => show::rounded_times(&startup.start),
        Parameter::Ready => show::rounded_times(&startup.ready),
        Parameter::PathLatency => show::rounded_times(&plant.path.latency),
        Parameter::Throughput => show::throughput(plant.path.bits_per_second),
        Parameter::Connections => plant.path.connections.most.to_string(),
        Parameter::Readiness => format!(
            "seen every {}, initial delay {}, dead after {}",
            Span(startup.probe.probe_period.as_seconds()),
            Span(startup.probe.initial_delay.as_seconds()),
            Span(plant.health.replica_lost_after.as_seconds())
        ),
        Parameter::WarmPool => startup.warm_pool.to_string(),
    }
}
