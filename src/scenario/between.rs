//! A part of a scenario, and where it begins.

use super::activation::asleep_at_first;
use super::{Origin, Scenario};
use crate::hpa::HpaSpec;
use crate::units::SimTime;

impl Scenario {
    /// The scenario of the part of the trace from `from` until `to`, its time counted from `from`.
    ///
    /// It begins with the replicas at which the autoscaler would have come to rest under the part's first rate, but for
    /// a part from the very beginning where the user said how many there are. What befell pods before is forgotten.
    #[must_use]
    pub fn between(&self, from: SimTime, to: SimTime) -> Self {
        let mut part = self.clone();
        part.trace = self.trace.between(from, to);
        for (_, column) in &mut part.columns {
            *column = column.between(from, to);
        }
        part.disturbances
            .retain(|disturbance| from <= disturbance.at && disturbance.at < to);
        for disturbance in &mut part.disturbances {
            disturbance.at = SimTime::ZERO + (disturbance.at - from);
        }
        if from > SimTime::ZERO {
            for assumption in &mut part.assumptions {
                if assumption.key == INITIAL_REPLICAS {
                    assumption.origin = Origin::Derived("the part's first rate".to_owned());
                }
            }
            part.initial_replicas = part.replicas_at_rest(&part.hpa);
        }
        part
    }

    /// Replicas to begin with under other settings of the autoscaler: what the user said, within the bounds, or else
    /// where it would have come to rest under the first rate.
    #[must_use]
    pub fn initial_replicas_under(&self, hpa: &HpaSpec) -> u32 {
        let said = self.assumptions.iter().any(|assumption| {
            assumption.key == INITIAL_REPLICAS && !matches!(assumption.origin, Origin::Derived(_))
        });
        if said {
            let bound = |count: i32| u32::try_from(count).unwrap_or(0);
            let lowest = match &self.activation {
                Some(activation) => activation.floor(hpa),
                None => bound(hpa.min_replicas),
            };
            let highest = bound(hpa.max_replicas);
            return self.initial_replicas.max(lowest).min(highest.max(lowest));
        }
        if *hpa == self.hpa {
            return self.initial_replicas;
        }
        self.replicas_at_rest(hpa)
    }

    /// The replicas that the first rate needs at the metric targets, within the bounds.
    ///
    /// Where targets differ from the scenario's own, each metric's rate at its target goes with the target; of several
    /// the one that asks for most replicas counts.
    pub(super) fn replicas_at_rest(&self, hpa: &HpaSpec) -> u32 {
        let pairs = hpa.metrics.iter().zip(&self.hpa.metrics);
        let lowest = pairs
            .map(|(own, base)| own.target().amount() / base.target().amount())
            .filter(|ratio| *ratio > 0.0)
            .fold(f64::INFINITY, f64::min);
        let share = if lowest.is_finite() { lowest } else { 1.0 };
        let first_rate = self.trace.rates().first().copied().unwrap_or(0.0);
        if let Some(idle) = asleep_at_first(
            self.activation.as_ref(),
            &self.metric_sources,
            &self.columns,
            first_rate,
            &self.backends,
        ) {
            return idle;
        }
        resting_replicas(hpa, first_rate / (self.rate_at_target * share))
    }
}

/// The key of the setting.
pub(super) const INITIAL_REPLICAS: &str = "initial-replicas";

/// A real-valued need as a count within an autoscaler's bounds. Not zero unless maxReplicas is: the controller only
/// wakes a workload that it has put to sleep itself.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of replicas, clamped to the autoscaler's bounds; a float cast saturates"
)]
pub(super) fn resting_replicas(hpa: &HpaSpec, needed: f64) -> u32 {
    let (lowest, highest) = (f64::from(hpa.min_replicas), f64::from(hpa.max_replicas));
    (needed - 1e-9)
        .ceil()
        .max(lowest)
        .max(1.0)
        .min(highest)
        .max(0.0) as u32
}
