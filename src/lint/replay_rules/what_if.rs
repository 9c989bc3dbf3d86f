//! Counterfactuals: the same workload under other settings, and the least change that clears a missed objective.

use rayon::prelude::*;

use super::replay::Replay;
use super::words::{costs, target_in_words};
use crate::engine::{EngineError, GiveUp, Stage, Trial, TrialFigures, Trialled, simulate};
use crate::hpa::{Behavior, HpaSpec, MetricSpec, MetricTarget};
use crate::outcome::{Bound, RunOutcome};
use crate::scenario::Scenario;
use crate::stats::Band;
use crate::units::SimDuration;

/// Share of the runs that must hold the objective, as in the verdict of a report.
const RUNS_THAT_MUST_HOLD: f64 = 0.95;
/// Runs of a variant whose writes are looked at one by one.
const MOST_RUNS: u32 = 3;
/// Runs that are played before it is looked whether the rest can still hold.
const AT_ONCE: usize = 4;
/// Targets that are tried instead of one of this many percent, in steps of so much.
const TARGET_STEP: i32 = 5;
/// The lowest target that is tried, percent.
const LOWEST_TARGET: i32 = 20;

/// What settings come to: medians over the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tried {
    /// Whether so many runs hold the objective that it counts as held.
    pub(super) holds: bool,
    /// Runs that miss it.
    pub(super) missed_runs: u32,
    /// Requests that were bad, percent.
    pub(super) bad_percent: f64,
    /// Minutes below the objective.
    pub(super) violation_minutes: f64,
    /// Replica-hours a day.
    pub(super) replica_hours: f64,
    /// Most replicas that existed at one time.
    pub(super) peak: f64,
    /// Changes of direction.
    pub(super) reversals: f64,
    /// Seconds for which each bound kept capacity below the demand.
    pub(super) bound_seconds: [f64; Bound::ALL.len()],
}

/// A change of one setting that clears a missed objective, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cleared<T> {
    pub(super) value: T,
    /// Replica-hours a day beyond those of the settings as they are.
    pub(super) more_replica_hours: f64,
}

/// The least change of each setting that clears a missed objective.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Clearing {
    /// Of `minReplicas`.
    pub(super) min: Option<Cleared<i32>>,
    /// Of the target, where there is one metric.
    pub(super) target: Option<Cleared<MetricTarget>>,
    /// Of `maxReplicas`.
    pub(super) max: Option<Cleared<i32>>,
}

impl Tried {
    /// Plays every run to its end.
    pub(super) fn of(stage: &Stage<'_>, hpa: &HpaSpec) -> Self {
        let scenario = stage.scenario();
        let played: Vec<TrialFigures> = (0..scenario.runs)
            .into_par_iter()
            .map(|run| *play(stage, hpa, run, GiveUp::NEVER).figures())
            .collect();
        let days = scenario.trace.end().as_seconds() / 86_400.0;
        let of = |figure: &dyn Fn(&TrialFigures) -> f64| {
            median(&played.iter().map(figure).collect::<Vec<_>>())
        };
        let held = played.iter().filter(|it| is_held(scenario, it)).count();
        Self {
            missed_runs: u32::try_from(played.len() - held).unwrap_or(u32::MAX),
            holds: held as f64 >= RUNS_THAT_MUST_HOLD * played.len() as f64,
            bad_percent: of(&|it| 100.0 * (1.0 - it.requests.good_share())),
            violation_minutes: of(&|it| f64::from(it.violation_slices)),
            replica_hours: of(&|it| it.existing / 3600.0) / days,
            peak: of(&|it| f64::from(it.peak_existing)),
            reversals: of(&|it| f64::from(it.reversals)),
            bound_seconds: Bound::ALL
                .map(|bound| of(&|it| it.bound_time[bound as usize].as_seconds())),
        }
    }

    /// Likewise of another scenario, under its own settings.
    pub(super) fn of_scenario(scenario: &Scenario) -> Result<Self, EngineError> {
        Ok(Self::of(&Stage::new(scenario)?, &scenario.hpa))
    }
}

impl Clearing {
    /// Looks for the least changes.
    pub(super) fn search(stage: &Stage<'_>, as_it_is: &Tried) -> Self {
        let hpa = &stage.scenario().hpa;
        let cleared_by =
            |changed: &HpaSpec| Tried::of(stage, changed).replica_hours - as_it_is.replica_hours;
        let with_min = |min: i32| HpaSpec {
            min_replicas: min,
            ..hpa.clone()
        };
        let min = least(hpa.min_replicas + 1, hpa.max_replicas, |min| {
            holds(stage, &with_min(min))
        });
        let with_max = |max: i32| HpaSpec {
            max_replicas: max,
            ..hpa.clone()
        };
        // Where maxReplicas never bound, more of it changes nothing.
        let is_bound = as_it_is.bound_seconds[Bound::MaxReplicas as usize] > 0.0;
        let most = hpa.max_replicas.saturating_mul(4);
        let max = is_bound
            .then(|| {
                least(hpa.max_replicas + 1, most, |max| {
                    holds(stage, &with_max(max))
                })
            })
            .flatten();
        let target = lower_targets(hpa).and_then(|targets| {
            let steps = i32::try_from(targets.len()).unwrap_or(i32::MAX);
            let at = |step: i32| usize::try_from(step - 1).ok().map(|step| targets[step]);
            let holds_at =
                |step| at(step).is_some_and(|target| holds(stage, &with_target(hpa, target)));
            at(least(1, steps, holds_at)?)
        });
        Self {
            min: min.map(|min| Cleared {
                value: min,
                more_replica_hours: cleared_by(&with_min(min)),
            }),
            target: target.map(|target| Cleared {
                value: target,
                more_replica_hours: cleared_by(&with_target(hpa, target)),
            }),
            max: max.map(|max| Cleared {
                value: max,
                more_replica_hours: cleared_by(&with_max(max)),
            }),
        }
    }

    /// In words: `minReplicas 3 or a target of 55 % clears it; costs +0.8 or +1.2 replica-hours a day`.
    pub(super) fn sentence(&self) -> Option<String> {
        let min = self
            .min
            .map(|it| (format!("minReplicas {}", it.value), it.more_replica_hours));
        let target = self
            .target
            .map(|it| (target_in_words(it.value), it.more_replica_hours));
        let max = self
            .max
            .map(|it| (format!("maxReplicas {}", it.value), it.more_replica_hours));
        let ways: Vec<(String, f64)> = [min, target, max].into_iter().flatten().collect();
        if ways.is_empty() {
            return None;
        }
        let names: Vec<&str> = ways.iter().map(|(name, _)| name.as_str()).collect();
        let hours: Vec<f64> = ways.iter().map(|(_, hours)| *hours).collect();
        Some(format!(
            "{} clears it; costs {}",
            names.join(" or "),
            costs(&hours)
        ))
    }
}

/// The autoscaler with another target of its first metric.
pub(super) fn with_target(hpa: &HpaSpec, wanted: MetricTarget) -> HpaSpec {
    let mut changed = hpa.clone();
    if let Some(metric) = changed.metrics.first_mut() {
        match metric {
            MetricSpec::Resource { target, .. }
            | MetricSpec::ContainerResource { target, .. }
            | MetricSpec::Pods { target, .. }
            | MetricSpec::Object { target, .. }
            | MetricSpec::External { target, .. } => *target = wanted,
        }
    }
    changed
}

/// Lower targets than that of the only metric, the highest first; `None` where there are several metrics.
pub(super) fn lower_targets(hpa: &HpaSpec) -> Option<Vec<MetricTarget>> {
    let [metric] = hpa.metrics.as_slice() else {
        return None;
    };
    // A share of the target, in twentieths, which makes whole percents of a utilization where it is read.
    let parts = || (5..20_i64).rev();
    let of = |amount: i64, part: i64| (amount / 20).saturating_mul(part);
    Some(match metric.target() {
        MetricTarget::Utilization(percent) => {
            let highest = (percent - 1) / TARGET_STEP;
            let steps = (LOWEST_TARGET / TARGET_STEP..=highest).rev();
            steps
                .map(|step| MetricTarget::Utilization(step * TARGET_STEP))
                .collect()
        }
        MetricTarget::AverageValue(milli) => parts()
            .map(|part| MetricTarget::AverageValue(of(milli, part)))
            .filter(|target| *target != MetricTarget::AverageValue(0))
            .collect(),
        MetricTarget::Value(milli) => parts()
            .map(|part| MetricTarget::Value(of(milli, part)))
            .filter(|target| *target != MetricTarget::Value(0))
            .collect(),
    })
}

/// Whether settings hold the objective; runs are given up once they have missed it.
pub(super) fn holds(stage: &Stage<'_>, hpa: &HpaSpec) -> bool {
    let scenario = stage.scenario();
    let slo = scenario.slo;
    // A run that is given up has missed: its bound is above what a whole run may spend.
    let give_up = match slo.good_slices {
        None => GiveUp {
            bad_requests: scenario.trace.total_requests() * (1.0 - slo.objective) * 1.05 + 1.0,
            ..GiveUp::NEVER
        },
        Some(share) => GiveUp {
            violation_slices: (scenario.trace.end().as_seconds() / 60.0 + 1.0) * (1.0 - share)
                + 1.0,
            ..GiveUp::NEVER
        },
    };
    let runs: Vec<u32> = (0..scenario.runs).collect();
    let may_miss = (1.0 - RUNS_THAT_MUST_HOLD) * f64::from(scenario.runs) + 1e-9;
    let mut missed = 0;
    // Most candidates that miss do so in the first few runs.
    for some in runs.chunks(AT_ONCE) {
        let is_missed = |run: &&u32| match play(stage, hpa, **run, give_up) {
            Trialled::Whole(figures) => !is_held(scenario, &figures),
            Trialled::GivenUp { .. } => true,
        };
        missed += some.par_iter().filter(is_missed).count();
        if missed as f64 > may_miss {
            return false;
        }
    }
    true
}

fn play(stage: &Stage<'_>, hpa: &HpaSpec, run: u32, give_up: GiveUp) -> Trialled {
    let trial = Trial {
        hpa,
        initial_replicas: stage.scenario().initial_replicas_under(hpa),
        give_up,
    };
    stage.play(0, run, &trial)
}

/// Whether a whole run holds the objective, by its requests or its minutes.
fn is_held(scenario: &Scenario, figures: &TrialFigures) -> bool {
    let slo = scenario.slo;
    match slo.good_slices {
        None => figures.requests.good_share() >= slo.objective,
        Some(share) => {
            let allowed = f64::from(figures.slices) * (1.0 - share) * (1.0 + 1e-9);
            f64::from(figures.violation_slices) <= allowed
        }
    }
}

/// The scale-down windows that are tried in place of a shorter one, seconds.
const WINDOWS: [i64; 8] = [60, 120, 180, 300, 600, 900, 1800, 3600];

/// The shortest longer window of scaling down under which what is left will do, and its further replica-hours a day.
pub(super) fn least_window(
    replay: &Replay<'_>,
    will_do: impl Fn(&[RunOutcome]) -> bool,
) -> Option<(SimDuration, f64)> {
    let scenario = replay.scenario();
    let now = scale_down_window(scenario);
    let windows = WINDOWS.map(SimDuration::from_seconds).into_iter();
    let longer: Vec<SimDuration> = windows.filter(|window| *window > now).collect();
    let with_window = |index: i32| {
        let window = *longer.get(usize::try_from(index).ok()?)?;
        let mut hpa = scenario.hpa.clone();
        let behavior = hpa.behavior.get_or_insert_with(Behavior::api_default);
        behavior.scale_down.stabilization_window = Some(window);
        Some((window, hpa))
    };
    let is_enough = |index: i32| {
        let runs = with_window(index).and_then(|(_, hpa)| replayed(scenario, |it| it.hpa = hpa));
        runs.is_some_and(|runs| will_do(&runs))
    };
    let last = i32::try_from(longer.len()).unwrap_or(i32::MAX) - 1;
    let (window, hpa) = with_window(least(0, last, is_enough)?)?;
    let more = Tried::of(replay.stage(), &hpa).replica_hours;
    Some((window, more - replay.as_it_is().replica_hours))
}

/// The window of scaling down that holds.
pub(super) fn scale_down_window(scenario: &Scenario) -> SimDuration {
    let behavior = scenario.hpa.behavior.as_ref();
    let own = behavior.and_then(|behavior| behavior.scale_down.stabilization_window);
    own.unwrap_or(scenario.controller.downscale_stabilization)
}

/// The first few runs of a scenario with something changed; `None` where it cannot be played.
pub(super) fn replayed(
    scenario: &Scenario,
    change: impl FnOnce(&mut Scenario),
) -> Option<Vec<RunOutcome>> {
    let mut changed = scenario.clone();
    changed.runs = changed.runs.min(MOST_RUNS);
    change(&mut changed);
    changed.initial_replicas = scenario.initial_replicas_under(&changed.hpa);
    let outcome = simulate(&changed).ok()?;
    outcome
        .backends
        .into_iter()
        .next()
        .map(|backend| backend.runs)
}

/// The least number in a range that will do, given that every larger one does: found by steps that double, then by
/// halving. `None` where the largest that is looked at will not.
pub(super) fn least(low: i32, high: i32, will_do: impl Fn(i32) -> bool) -> Option<i32> {
    if low > high {
        return None;
    }
    let (mut too_low, mut step) = (low - 1, 1);
    let mut enough = loop {
        let next = too_low.saturating_add(step).min(high);
        if will_do(next) {
            break next;
        }
        if next == high {
            return None;
        }
        too_low = next;
        step *= 2;
    };
    while enough - too_low > 1 {
        let middle = too_low + (enough - too_low) / 2;
        if will_do(middle) {
            enough = middle;
        } else {
            too_low = middle;
        }
    }
    Some(enough)
}

/// The median; NaN of none.
pub(super) fn median(figures: &[f64]) -> f64 {
    Band::of(figures).map_or(f64::NAN, |band| band.median)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_least_that_will_do_is_found(low in -5..50_i32, length in 0..200_i32, bound in -10..300_i32) {
            let high = low + length;
            let found = least(low, high, |value| value >= bound);
            let expected = (low..=high).find(|value| *value >= bound);
            prop_assert_eq!(found, expected);
        }
    }
}
