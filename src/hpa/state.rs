//! What the controller remembers of one autoscaler: status, recommendations and scale events.

use super::condition::Conditions;
use super::decision::{Bound, Decision, Evaluation, Event, EventReason, Reason, ScaleWrite, Usage};
use crate::units::SimTime;

/// What the controller remembers of one autoscaler from sync to sync. Begins empty.
///
/// Its lists keep their room, so that a sync in steady state allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct HpaState {
    conditions: Conditions,
    current_replicas: i32,
    desired_replicas: i32,
    last_scale_time: Option<SimTime>,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) scale_up_events: Vec<ScaleEvent>,
    pub(super) scale_down_events: Vec<ScaleEvent>,
    pub(super) evaluations: Vec<Evaluation>,
    pub(super) events: Vec<Event>,
}

/// A count that the metrics asked for at some sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// Pods.
    pub replicas: i32,
    /// The time of the sync.
    pub at: SimTime,
}

/// A change that was written to the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleEvent {
    /// Pods added, or pods removed: never negative.
    pub replica_change: i32,
    /// The time of the sync.
    pub at: SimTime,
    /// Whether the slot may be taken by the next one.
    pub outdated: bool,
}

impl HpaState {
    /// The memory of an autoscaler that has never been synced.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The status conditions.
    #[must_use]
    pub const fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// What the last sync that read the scale made of each of `HpaSpec::metrics`; empty if it did not look at them.
    pub fn evaluations(&self) -> &[Evaluation] {
        &self.evaluations
    }

    /// `status.currentMetrics`: one entry for each of `HpaSpec::metrics`, `None` for one that failed; nothing where the
    /// last sync that read the scale did not look at metrics.
    pub fn current_metrics(&self) -> impl Iterator<Item = Option<Usage>> {
        self.evaluations
            .iter()
            .map(|evaluation| evaluation.as_ref().ok().map(|proposal| proposal.usage))
    }

    /// The events of the last sync, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The recommendations, in slot order: old slots are taken again, so this is not the order of time.
    #[must_use]
    pub fn recommendations(&self) -> &[Recommendation] {
        &self.recommendations
    }

    /// The pods added, in slot order. Only kept where `behavior` is set.
    #[must_use]
    pub fn scale_up_events(&self) -> &[ScaleEvent] {
        &self.scale_up_events
    }

    /// The pods removed, in slot order. Only kept where `behavior` is set.
    #[must_use]
    pub fn scale_down_events(&self) -> &[ScaleEvent] {
        &self.scale_down_events
    }

    /// A sync's decision before it has decided anything: the status as it stands.
    pub(super) fn carried_over(&self, now: SimTime) -> Decision {
        Decision {
            now,
            current_replicas: self.current_replicas,
            desired_replicas: self.desired_replicas,
            recommendation: None,
            stabilized: None,
            write: ScaleWrite::NotNeeded,
            reason: Reason::OnTarget,
            bound: Bound::Nothing,
            failed_metrics: 0,
            conditions: self.conditions,
            last_scale_time: self.last_scale_time,
        }
    }

    /// Takes over the status of a decision.
    pub(super) fn carry(&mut self, decision: &Decision) {
        self.current_replicas = decision.current_replicas;
        self.desired_replicas = decision.desired_replicas;
        self.conditions = decision.conditions;
        self.last_scale_time = decision.last_scale_time;
    }

    pub(super) fn record_event(&mut self, reason: EventReason) {
        self.events.push(Event {
            reason,
            metric: None,
        });
    }

    /// The first sync that reads the scale remembers its count, so that nothing is removed before a whole window has
    /// passed (`recordInitialRecommendation`).
    pub(super) fn record_initial_recommendation(&mut self, replicas: i32, at: SimTime) {
        if self.recommendations.is_empty() {
            self.recommendations.push(Recommendation { replicas, at });
        }
    }
}
