//! `BoundClock`: what keeps capacity below the demand, and for how long each bound did.

use super::lag_recorder::SyncView;
use super::record::Levels;
use crate::outcome::Bound;
use crate::units::SimDuration;

/// Time by bound.
pub(super) struct BoundClock {
    /// What a demand above ready replicas is waiting for at present, if not for their startup.
    bound: Bound,
    asked_for: u32,
    time: [SimDuration; Bound::ALL.len()],
}

impl BoundClock {
    pub(super) const fn new(asked_for: u32) -> Self {
        Self {
            bound: Bound::Metrics,
            asked_for,
            time: [SimDuration::ZERO; Bound::ALL.len()],
        }
    }

    /// The controller made a sync.
    pub(super) const fn sync(&mut self, view: &SyncView) {
        self.asked_for = view.asked_for;
        self.bound = view.bound;
    }

    /// Whether as many replicas as the demand are asked for.
    pub(super) const fn covers(&self, demand: u32) -> bool {
        self.asked_for >= demand
    }

    /// A span with more demand than ready replicas; returns what bound.
    pub(super) fn pass(&mut self, length: SimDuration, levels: &Levels) -> Bound {
        let bound = if levels.without_room > 0 && levels.placed < levels.demand {
            // Whoever asks for more asks in vain.
            Bound::Nodes
        } else if self.covers(levels.demand) {
            Bound::Startup
        } else if self.bound == Bound::Startup {
            // Demand grew beyond what was asked for; no sync has seen that yet.
            Bound::Metrics
        } else {
            self.bound
        };
        self.time[bound as usize] += length;
        bound
    }

    /// Time for which each of [`Bound::ALL`] kept capacity below demand.
    pub(super) const fn time(&self) -> [SimDuration; Bound::ALL.len()] {
        self.time
    }
}
