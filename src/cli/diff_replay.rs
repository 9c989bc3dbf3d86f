//! Replays for `scaleplan diff`: both sides of each autoscaler that changed meet the same load.

use std::path::PathBuf;

use anyhow::Result;

use super::choose::full_name;
use super::diff_args::DiffArgs;
use super::progress::Progress;
use super::{reading, service_samples, workload};
use crate::analysis::{Played, replay_change, replayed_side};
use crate::engine::simulate_with_progress;
use crate::manifest::{Autoscaler, AutoscalerChange, Manifests};
use crate::outcome::Outcome;
use crate::report::{DiffReplay, ReplayedChange};
use crate::scenario::{Amount, Fidelity, Inputs, Scenario, Settings, Span, assemble};
use crate::trace::Trace;
use crate::units::Quantity;

/// What changes are replayed with.
pub(super) struct Replayer<'a> {
    base: &'a Manifests,
    head: &'a Manifests,
    trace: Trace,
    flags: Settings,
    file: Settings,
    only: Vec<String>,
    quiet: bool,
}

/// What is to be played for one change.
enum Plan {
    Both(Box<(Scenario, Scenario)>),
    HeadAlone(Box<Scenario>),
    /// Why nothing is.
    Not(String),
}

impl<'a> Replayer<'a> {
    /// Reads trace and scenario file; `None` where no trace is named.
    pub(super) fn new(
        args: &DiffArgs,
        base: &'a Manifests,
        head: &'a Manifests,
    ) -> Result<Option<Self>> {
        let Some(trace) = &args.trace else {
            return Ok(None);
        };
        let mut flags = args.settings.clone();
        service_samples::read(&mut flags, std::path::Path::new(""))?;
        let file = match &args.scenario {
            Some(path) => reading::read_scenario_file(path, &flags)?,
            None => Settings::default(),
        };
        let sides = args.head.iter().chain([&args.base]).map(PathBuf::from);
        let sides: Vec<PathBuf> = sides.collect();
        let trace = workload::read_beside(Some(trace), &sides, &flags, &file)?;
        if !args.quiet {
            reading::tell_of_trace(&trace);
        }
        Ok(Some(Self {
            base,
            head,
            trace,
            flags,
            file,
            only: args.backend.iter().cloned().collect(),
            quiet: args.quiet,
        }))
    }

    /// Replays each change that is asked for, in order.
    pub(super) fn play(
        &self,
        changes: &[&AutoscalerChange<'_>],
        asked: &[String],
    ) -> Result<Vec<DiffReplay>> {
        let plans: Vec<Plan> = changes
            .iter()
            .map(|change| self.plan(change, asked))
            .collect();
        let runs: u64 = plans.iter().map(Plan::runs).sum();
        let progress = (!self.quiet).then(|| Progress::new(runs, "runs"));
        let run_done = || {
            if let Some(progress) = &progress {
                progress.step();
            }
        };
        let played = plans.into_iter().map(|plan| plan.play(run_done));
        let played: Result<Vec<DiffReplay>> = played.collect();
        if let Some(progress) = &progress {
            progress.finish();
        }
        played
    }

    fn plan(&self, change: &AutoscalerChange<'_>, asked: &[String]) -> Plan {
        let Some(head) = change.head else {
            return Plan::Not("it is gone".to_owned());
        };
        let is_asked = |name: &String| *name == head.name || *name == full_name(head);
        if !asked.is_empty() && !asked.iter().any(is_asked) {
            return Plan::Not("another was asked for with --hpa".to_owned());
        }
        let plan = match change.base {
            None => self
                .scenario(self.head, head, &self.flags, &self.file)
                .map(|scenario| Plan::HeadAlone(Box::new(scenario)))
                .map_err(|problem| format!("HEAD: {problem}")),
            Some(base) => self.both(base, head).map(|both| Plan::Both(Box::new(both))),
        };
        plan.unwrap_or_else(Plan::Not)
    }

    fn both(&self, base: &Autoscaler, head: &Autoscaler) -> Result<(Scenario, Scenario), String> {
        let pair = self.both_with(base, head, &self.flags)?;
        if pair.0.fidelity == pair.1.fidelity {
            return Ok(pair);
        }
        // Two models of one load would differ without any change.
        let flags = Settings {
            fidelity: Some(Fidelity::Discrete),
            ..self.flags.clone()
        };
        self.both_with(base, head, &flags)
    }

    fn both_with(
        &self,
        base: &Autoscaler,
        head: &Autoscaler,
        flags: &Settings,
    ) -> Result<(Scenario, Scenario), String> {
        let before = self
            .scenario(self.base, base, flags, &self.file)
            .map_err(|problem| format!("BASE: {problem}"))?;
        let (flags, file) = of_same_load(&before, flags, &self.file);
        let after = self
            .scenario(self.head, head, &flags, &file)
            .map_err(|problem| format!("HEAD: {problem}"))?;
        Ok((before, after))
    }

    /// The scenario of one side, with the backend alone whose verdict counts.
    fn scenario(
        &self,
        manifests: &Manifests,
        autoscaler: &Autoscaler,
        flags: &Settings,
        file: &Settings,
    ) -> Result<Scenario, String> {
        let workload = manifests.workload_for(autoscaler);
        let mut scenario = assemble(Inputs {
            autoscaler,
            workload,
            service: workload.and_then(|workload| manifests.service_for(workload)),
            trace: self.trace.clone(),
            flags,
            file,
            only: &self.only,
            with: &[],
        })
        .map_err(|error| error.to_string())?;
        let counts = scenario.backends.swap_remove(scenario.verdict_backend);
        scenario.backends = vec![counts];
        scenario.verdict_backend = 0;
        Ok(scenario)
    }
}

/// Settings by which another version meets the load of this one. Where nobody says what a request costs, it follows from
/// the target and the workload's size; but the requests of users, and what their code does, are not changed by a manifest.
fn of_same_load(base: &Scenario, flags: &Settings, file: &Settings) -> (Settings, Settings) {
    let (mut flags, mut file) = (flags.clone(), file.clone());
    let plant = &base.backends[base.verdict_backend].plant;
    flags.cpu_per_request = Some(Span(plant.serving.cpu_per_request));
    flags.rate_scale = Some(base.rate_scale);
    (flags.peak_replicas, file.peak_replicas) = (None, None);
    if flags.percent_of.is_none() && file.percent_of.is_none() {
        flags.percent_of = Some(amount(plant.pod.cpu_request));
    }
    if flags.memory_idle.is_none() && file.memory_idle.is_none() {
        flags.memory_idle = Some(amount(plant.pod.memory_idle));
    }
    (flags, file)
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn amount(units: f64) -> Amount {
    Amount(Quantity::from_milli((units * 1e3).round() as i64))
}

impl Plan {
    fn runs(&self) -> u64 {
        match self {
            Self::Both(both) => 2 * u64::from(both.0.runs),
            Self::HeadAlone(scenario) => u64::from(scenario.runs),
            Self::Not(_) => 0,
        }
    }

    fn play(self, run_done: impl Fn() + Sync) -> Result<DiffReplay> {
        Ok(match self {
            Self::Both(both) => {
                let (before, after) = *both;
                let (base, head) = (play(&before, &run_done)?, play(&after, &run_done)?);
                let of = |scenario, outcome| Played { scenario, outcome };
                let change = replay_change(of(&before, &base), of(&after, &head));
                DiffReplay::Both(Box::new(ReplayedChange {
                    change,
                    base: before,
                    head: after,
                }))
            }
            Self::HeadAlone(scenario) => {
                let outcome = play(&scenario, &run_done)?;
                let side = replayed_side(Played {
                    scenario: &scenario,
                    outcome: &outcome,
                });
                DiffReplay::HeadAlone(Box::new((side, *scenario)))
            }
            Self::Not(why) => DiffReplay::Not(why),
        })
    }
}

fn play(scenario: &Scenario, run_done: impl Fn() + Sync) -> Result<Outcome> {
    Ok(simulate_with_progress(scenario, run_done)?)
}
