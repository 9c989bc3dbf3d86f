//! Creating and deleting pods to match a replica count, at once or as a rolling update.

use super::cohort::Cohort;
use super::pod::Startup;
use super::rotation::Deletion;
use super::server::Server;
use super::workload::{Grouping, Lost, Workload};
use crate::stats::Distribution;
use crate::units::{SimDuration, SimTime};

/// Pods of one write beyond this many share their draws, so that a write of millions stays small.
const MOST_DRAWS_AT_ONCE: u32 = 256;

/// A rolling update under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rollout {
    pub(super) max_surge: u32,
    pub(super) max_unavailable: u32,
}

/// Whether what is still to come for pods that leave or die is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Departing {
    /// It is not: pods that are alike stay together.
    Alike,
    /// It is.
    Apart,
}

/// Pods that are not being deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    all: u32,
    ready: u32,
}

impl Workload<'_> {
    /// Creates or deletes pods until `replicas` are active, or has a rolling update do so.
    ///
    /// Deletion order is the ReplicaSet controller's (`ActivePodsWithRanks`), as far as pods differ here: without a node
    /// before scheduled, not started before started, unready before ready, those on the fullest nodes first, younger
    /// before older.
    pub fn scale_to(&mut self, replicas: u32) {
        self.desired = replicas;
        self.reconcile();
        self.refresh();
    }

    /// Has as many pods as are wanted, gives them nodes and their turn to be prepared.
    pub(super) fn reconcile(&mut self) {
        if let Some(rollout) = self.rollout {
            while self.roll_on(rollout) {}
        } else {
            let active = self.active_of(|_| true).all;
            if self.desired > active {
                self.create(self.desired - active);
            } else if self.desired < active {
                self.delete(active - self.desired, |_| true);
            }
        }
        self.place();
        self.begin_preparing();
    }

    /// One turn of the Deployment controller (`rolling.go`); returns whether it did anything.
    fn roll_on(&mut self, rollout: Rollout) -> bool {
        let current = self.generation;
        let is_new = |cohort: &Cohort| cohort.generation == current;
        let is_old = |cohort: &Cohort| cohort.generation != current;
        let (new, old) = (self.active_of(is_new), self.active_of(is_old));
        if old.all == 0 && new.all == self.desired {
            self.rollout = None;
            return false;
        }
        let most = self.desired.saturating_add(rollout.max_surge);
        let total = new.all.saturating_add(old.all);
        let room = most.saturating_sub(total);
        if total > most {
            // The count was lowered meanwhile: old and new ones go in proportion.
            let excess = total - most;
            let of_old = (u64::from(excess) * u64::from(old.all)).div_ceil(u64::from(total));
            let of_old = u32::try_from(of_old).unwrap_or(excess);
            self.delete(of_old, is_old);
            self.delete(excess - of_old, is_new);
            return true;
        }
        if new.all > self.desired {
            self.delete(new.all - self.desired, is_new);
        } else {
            self.create(room.min(self.desired - new.all));
        }
        // Old ones go: first those that are not ready, as long as enough others are; then ready ones, as far as more are
        // ready than must be. Both zero is taken as one that may be missing, as the controller does.
        let may_be_missing = if rollout.max_surge == 0 {
            rollout.max_unavailable.max(1)
        } else {
            rollout.max_unavailable
        };
        let least = self.desired.saturating_sub(may_be_missing);
        let (new, old) = (self.active_of(is_new), self.active_of(is_old));
        let removable = (new.all.saturating_add(old.all))
            .saturating_sub(least)
            .saturating_sub(new.all - new.ready);
        let unhealthy = (old.all - old.ready).min(removable);
        let healthy = if removable == 0 {
            0
        } else {
            let ready = new.ready.saturating_add(old.ready);
            ready.saturating_sub(least).min(old.ready)
        };
        self.delete(unhealthy, |cohort| is_old(cohort) && !cohort.ready);
        self.delete(healthy, |cohort| is_old(cohort) && cohort.ready);
        (self.active_of(is_new), self.active_of(is_old)) != (new, old)
    }

    fn active_of(&self, which: impl Fn(&Cohort) -> bool) -> Count {
        let active = self.cohorts.iter().filter(|cohort| !cohort.is_leaving());
        let none = Count { all: 0, ready: 0 };
        active
            .filter(|cohort| which(cohort))
            .fold(none, |sum, cohort| Count {
                all: sum.all.saturating_add(cohort.count),
                ready: sum
                    .ready
                    .saturating_add(if cohort.ready { cohort.count } else { 0 }),
            })
    }

    /// Creates pods, without nodes yet.
    pub(super) fn create(&mut self, pods: u32) {
        let factor = self.prepare_factor();
        let mut left = pods;
        let together = pods.div_ceil(MOST_DRAWS_AT_ONCE);
        while left > 0 {
            let count = together.min(left);
            let mut cohort = Cohort::new(count, self.next_ordinal, Startup::pending(self.now));
            cohort.generation = self.generation;
            cohort.prepare_factor = factor;
            if self.grouping == Grouping::Single {
                while cohort.count > 1 {
                    self.cohorts.push(cohort.split_off(1));
                }
            }
            self.cohorts.push(cohort);
            self.next_ordinal += u64::from(count);
            left -= count;
        }
    }

    fn delete(&mut self, pods: u32, which: impl Fn(&Cohort) -> bool) {
        if pods == 0 {
            return;
        }
        let now = self.now;
        let ranks = self.active_on_nodes();
        let rank = |cohort: &Cohort| cohort.node.map_or(0, |node| ranks[node]);
        // Where delays are drawn, alike pods part here.
        let draws = match self.spec.endpoints.remove_delay {
            Distribution::Deterministic { .. } => Departing::Alike,
            _ => Departing::Apart,
        };
        let leaving = self.take(pods, draws, |cohort| {
            (!cohort.is_leaving() && which(cohort)).then(|| cohort.deletion_order(rank(cohort)))
        });
        let grace = self.spec.pod.termination_grace_period;
        for mut cohort in leaving {
            let takes_until = now + self.spec.endpoints.pre_stop.min(grace);
            let mut deletion = Deletion {
                takes_until,
                grace_end: now + grace,
                gone: None,
            };
            let out = now + self.remove_delay(cohort.departure);
            cohort.rotation.leave_by(out);
            if !cohort.works() {
                deletion.gone = Some(now);
            }
            if let Some(death) = &mut cohort.death {
                (death.restart, death.evicted) = (SimTime::MAX, SimTime::MAX);
            }
            cohort.deletion = Some(deletion);
            if takes_until <= now {
                drain(&mut cohort, self.server, now, &mut self.lost);
            }
            self.cohorts.push(cohort);
        }
    }

    /// Takes out so many pods, those of the largest `order` first, as cohorts that share their number of departure.
    pub(super) fn take<K: Ord>(
        &mut self,
        pods: u32,
        departing: Departing,
        order: impl Fn(&Cohort) -> Option<K>,
    ) -> Vec<Cohort> {
        let mut candidates: Vec<(K, usize)> = self
            .cohorts
            .iter()
            .enumerate()
            .filter_map(|(index, cohort)| order(cohort).map(|key| (key, index)))
            .collect();
        candidates.sort_unstable_by(|a, b| b.cmp(a));
        let together = match departing {
            Departing::Alike => pods,
            Departing::Apart => pods.div_ceil(MOST_DRAWS_AT_ONCE),
        };
        let mut taken = Vec::new();
        let mut done = 0;
        for (_, index) in candidates {
            while done < pods && self.cohorts[index].count > 0 {
                let cohort = &mut self.cohorts[index];
                let same_draw = done % together;
                let count = cohort.count.min(pods - done).min(together - same_draw);
                let mut leaving = cohort.clone();
                cohort.count -= count;
                leaving.count = count;
                leaving.departure = self.departures + u64::from(done - same_draw);
                taken.push(leaving);
                done += count;
            }
        }
        self.departures += u64::from(done);
        self.cohorts.retain(|cohort| cohort.count > 0);
        taken
    }
}

/// A pod past its preStop serves what waits there until its grace period ends; an idle one is gone at once.
pub(super) fn drain(cohort: &mut Cohort, server: &Server, now: SimTime, lost: &mut Lost) {
    let works = cohort.works();
    let Some(deletion) = &mut cohort.deletion else {
        return;
    };
    if deletion.gone.is_some() {
        return;
    }
    let (capacity, pods) = (server.capacity(), f64::from(cohort.count));
    let grace = (deletion.grace_end - now).as_seconds();
    let objective = server.table().slo_seconds();
    let backlog = if works { cohort.backlog } else { 0.0 };
    let waiting_beyond = |seconds: f64| (backlog - capacity * seconds).max(0.0) * pods;
    lost.requests += waiting_beyond(grace);
    lost.counted_late += waiting_beyond(grace.max(objective));
    let needed = match cohort.counted {
        // Followed one by one: whoever counts them says when the last one is done.
        Some(inside) if inside.all > 0.0 => grace,
        _ => (backlog / capacity).min(grace),
    };
    deletion.gone = Some(now + SimDuration::from_seconds_rounded(needed));
}
