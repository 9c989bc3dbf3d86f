//! Follows demand against ready replicas, and why they differ.

use super::bound_clock::BoundClock;
use super::record::Levels;
use crate::outcome::{Bound, EpisodeEnd, LagEpisode};
use crate::plant::Startup;
use crate::units::{SimDuration, SimTime};

/// What a sync says about a demand that is not covered.
#[derive(Clone, Copy, Debug)]
pub(super) struct SyncView {
    pub(super) at: SimTime,
    /// Whether a metric asked for more than there is, or would have without the limits.
    pub(super) above_band: bool,
    /// Replicas asked for after the sync.
    pub(super) asked_for: u32,
    /// What keeps the count below the demand, if it is.
    pub(super) bound: Bound,
}

/// Collects lag episodes and the time for which each bound held.
pub(super) struct LagRecorder {
    open: Option<OpenEpisode>,
    episodes: Vec<LagEpisode>,
    clock: BoundClock,
    /// Since when as many replicas as the demand have been asked for; `None` while they have not.
    covered: Option<SimTime>,
    /// The last pod that became ready, and when.
    newly_ready: Option<(SimTime, Startup)>,
}

struct OpenEpisode {
    begin: SimTime,
    detected: Option<SimTime>,
    ready_at_begin: u32,
    peak_demand: u32,
    bound_time: [SimDuration; Bound::ALL.len()],
}

impl LagRecorder {
    pub(super) fn new(asked_for: u32) -> Self {
        Self {
            open: None,
            episodes: Vec::new(),
            clock: BoundClock::new(asked_for),
            covered: None,
            newly_ready: None,
        }
    }

    /// A pod became ready.
    pub(super) fn pod_ready(&mut self, at: SimTime, startup: Startup) {
        self.newly_ready = Some((at, startup));
    }

    /// The controller made a sync.
    pub(super) fn sync(&mut self, view: SyncView) {
        self.clock.sync(&view);
        if let Some(open) = &mut self.open
            && view.above_band
        {
            open.detected.get_or_insert(view.at);
        }
    }

    /// Demand, and replicas that answer, over a span. `starting` is the startup of the pod that will be ready last.
    pub(super) fn span(
        &mut self,
        from: SimTime,
        to: SimTime,
        levels: &Levels,
        starting: impl FnOnce() -> Option<Startup>,
    ) {
        let Levels { demand, ready, .. } = *levels;
        if demand <= ready {
            if let Some(open) = self.open.take() {
                let arrived = self.newly_ready.filter(|(at, _)| *at == from);
                let (ending, last_pod) = match arrived {
                    Some((_, startup)) => (EpisodeEnd::CapacityArrived, Some(startup)),
                    None => (EpisodeEnd::DemandFell, starting()),
                };
                self.close(&open, from, ending, last_pod);
            }
            self.covered = None;
            return;
        }
        let covered = self.clock.covers(demand);
        if covered {
            self.covered.get_or_insert(from);
        } else {
            self.covered = None;
        }
        let bound = self.clock.pass(to - from, levels);
        let open = self.open.get_or_insert(OpenEpisode {
            begin: from,
            detected: None,
            ready_at_begin: ready,
            peak_demand: demand,
            bound_time: [SimDuration::ZERO; Bound::ALL.len()],
        });
        if covered {
            // Asked for before any sync within the episode: there was nothing left to detect.
            open.detected.get_or_insert(from);
        }
        open.peak_demand = open.peak_demand.max(demand);
        open.bound_time[bound as usize] += to - from;
    }

    /// The trace ends.
    pub(super) fn finish(
        mut self,
        end: SimTime,
        starting: Option<Startup>,
    ) -> (Vec<LagEpisode>, [SimDuration; Bound::ALL.len()]) {
        if let Some(open) = self.open.take() {
            self.close(&open, end, EpisodeEnd::Censored, starting);
        }
        (self.episodes, self.clock.time())
    }

    fn close(
        &mut self,
        open: &OpenEpisode,
        end: SimTime,
        ending: EpisodeEnd,
        last_pod: Option<Startup>,
    ) {
        // Where the demand was never covered, the stage under way takes the rest.
        let pod = last_pod.filter(|_| self.covered.is_some());
        let marks = [
            open.detected.unwrap_or(end),
            self.covered.unwrap_or(end),
            pod.map_or(end, |pod| pod.prepared),
            pod.map_or(end, |pod| pod.started),
            end,
        ];
        let mut passed = open.begin;
        let mut stages = [SimDuration::ZERO; 5];
        for (stage, mark) in stages.iter_mut().zip(&marks) {
            let mark = (*mark).clamp(passed, end);
            *stage = mark - passed;
            passed = mark;
        }
        let [detect, decide, prepare, start, ready] = stages;
        let longest = |bound: &&Bound| open.bound_time[**bound as usize];
        // Of equal ones the earlier in the order of a scale-up.
        let bound = Bound::ALL.iter().rev().max_by_key(longest).copied();
        self.episodes.push(LagEpisode {
            begin: open.begin,
            end,
            ending,
            detect,
            decide,
            prepare,
            start,
            ready,
            ready_at_begin: open.ready_at_begin,
            peak_demand: open.peak_demand,
            bound: bound.unwrap_or(Bound::Metrics),
        });
    }
}
