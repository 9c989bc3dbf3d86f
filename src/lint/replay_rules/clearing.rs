//! `Clearing`: the least change of each setting that clears a missed objective.

use super::field_names::FieldNames;
use super::ground::{Candidate, Ground};
use super::least::least;
use super::targets::{lower_targets, with_target};
use super::tried::{Tried, holds};
use super::words::{costs, target_in_words};
use crate::hpa::{HpaSpec, MetricTarget};
use crate::outcome::Bound;

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

impl Clearing {
    /// Looks for the least changes.
    pub(super) fn search(ground: &Ground<'_>, as_it_is: &Tried) -> Self {
        let hpa = &ground.scenario().hpa;
        let cleared_by =
            |changed: &Candidate| Tried::of(ground, changed).replica_hours - as_it_is.replica_hours;
        let with_max = |max: i32| -> Candidate {
            let max_replicas = max;
            let hpa = hpa.clone();
            HpaSpec {
                max_replicas,
                ..hpa
            }
            .into()
        };
        // Where maxReplicas never bound, more of it changes nothing.
        let is_bound = as_it_is.bound_seconds[Bound::MaxReplicas as usize] > 0.0;
        let next = hpa.max_replicas.saturating_add(1);
        let most = hpa
            .max_replicas
            .saturating_mul(4)
            .min(ground.most_useful().max(next));
        let max = is_bound
            .then(|| least(next, most, |max| holds(ground, &with_max(max))))
            .flatten();
        let lower = |target| -> Candidate { with_target(hpa, target).into() };
        let target = lower_targets(hpa).and_then(|targets| {
            let steps = i32::try_from(targets.len()).unwrap_or(i32::MAX);
            let at = |step: i32| usize::try_from(step - 1).ok().map(|step| targets[step]);
            let holds_at = |step| at(step).is_some_and(|target| holds(ground, &lower(target)));
            at(least(1, steps, holds_at)?)
        });
        Self {
            min: least_min(ground, ground, as_it_is),
            target: target.map(|target| Cleared {
                value: target,
                more_replica_hours: cleared_by(&lower(target)),
            }),
            max: max.map(|max| Cleared {
                value: max,
                more_replica_hours: cleared_by(&with_max(max)),
            }),
        }
    }

    /// In words: `minReplicas 3 or a target of 55 % clears it; costs +0.8 or +1.2 replica-hours a day`.
    pub(super) fn sentence(&self, names: &FieldNames) -> Option<String> {
        let min = self
            .min
            .map(|it| (names.min_of(it.value), it.more_replica_hours));
        let target = self
            .target
            .map(|it| (target_in_words(it.value), it.more_replica_hours));
        let max = self
            .max
            .map(|it| (names.max_of(it.value), it.more_replica_hours));
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

/// The least higher `minReplicas` that holds the objective on one ground, and what it costs beyond `as_it_is` on another,
/// on which nothing befalls the workload. A workload that slept sleeps no more.
pub(super) fn least_min(
    ground: &Ground<'_>,
    everyday: &Ground<'_>,
    as_it_is: &Tried,
) -> Option<Cleared<i32>> {
    let next = ground.next_min();
    let max = ground.scenario().hpa.max_replicas;
    let most = max.min(ground.most_useful().max(next));
    let min = least(next, most, |min| holds(ground, &ground.with_min(min)))?;
    let then = Tried::of(everyday, &everyday.with_min(min));
    Some(Cleared {
        value: min,
        more_replica_hours: then.replica_hours - as_it_is.replica_hours,
    })
}
