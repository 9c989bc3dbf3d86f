//! Giving new pods a node, their turn to be prepared, or a place in the warm pool.

use super::cohort::Cohort;
use super::pod::Startup;
use super::spec::PrepareScope;
use super::workload::Workload;
use crate::units::SimTime;

impl Workload<'_> {
    /// Gives pods without a node one, first come first served, and asks for new nodes where there is no room.
    pub(super) fn place(&mut self) {
        let now = self.now;
        if self.nodes.is_none() {
            for cohort in &mut self.cohorts {
                if !cohort.startup.is_scheduled() {
                    cohort.startup.scheduled = now;
                }
            }
            return;
        }
        let waiting = self.indices(|cohort| {
            (!cohort.startup.is_scheduled() && !cohort.is_leaving()).then_some(cohort.ordinal)
        });
        if waiting.is_empty() {
            return;
        }
        let mut replicas = self.pods_on_nodes(|cohort| !cohort.is_gone(now));
        let mut placed = Vec::new();
        let Some(nodes) = &mut self.nodes else { return };
        for index in waiting {
            let cohort = &mut self.cohorts[index];
            while cohort.count > 0
                && let Some(node) = nodes.emptiest(&replicas)
            {
                let mut pod = cohort.split_off(1);
                pod.node = Some(node);
                pod.startup.scheduled = now;
                replicas[node] += 1;
                placed.push(pod);
            }
            if cohort.count > 0 {
                break;
            }
        }
        self.cohorts.retain(|cohort| cohort.count > 0);
        self.cohorts.append(&mut placed);
        let without_room = self.count(Cohort::is_without_room);
        if let Some(nodes) = &mut self.nodes
            && without_room > 0
        {
            nodes.provision(without_room, now);
        }
    }

    /// Begins to prepare scheduled pods: those that the warm pool has ready at once, others as far as limits allow, in
    /// the order in which they were scheduled.
    pub(super) fn begin_preparing(&mut self) {
        let now = self.now;
        let waiting = self.indices(|cohort| {
            let waits = cohort.startup.is_scheduled() && cohort.startup.begun == SimTime::MAX;
            (waits && !cohort.is_dead() && !cohort.is_leaving())
                .then_some((cohort.startup.scheduled, cohort.ordinal))
        });
        if waiting.is_empty() {
            return;
        }
        let mut free = self.free_turns();
        for index in waiting {
            if !self.cohorts[index].ran {
                let warm = self.warm_pool.available(now);
                let count = self.cohorts[index].count.min(warm);
                let spec = &self.spec.startup;
                self.advance_some(index, count, |pod, draws| {
                    (pod.startup.begun, pod.startup.prepared) = (now, now);
                    pod.startup.get_ready(spec, draws, pod.lot, now);
                });
                let cohort = &self.cohorts[index];
                let replacement =
                    Startup::whole(spec, self.draws, cohort.lot, cohort.prepare_factor);
                self.warm_pool.take(count, now + replacement);
                if self.cohorts[index].startup.begun < SimTime::MAX {
                    continue;
                }
            }
            let cohort = &self.cohorts[index];
            // One storage for all nodes, or no limit.
            let scope = if free.len() == 1 {
                0
            } else {
                cohort.node.unwrap_or(0)
            };
            let turns = &mut free[scope];
            let count = cohort.count.min(*turns);
            *turns -= count;
            let spec = &self.spec.startup;
            self.advance_some(index, count, |pod, draws| {
                pod.startup
                    .prepare(spec, draws, pod.lot, now, pod.prepare_factor);
            });
        }
    }

    /// Does something to the first `count` pods of a cohort, which part from the others if those are left behind.
    fn advance_some(
        &mut self,
        index: usize,
        count: u32,
        change: impl Fn(&mut Cohort, super::pod::Draws),
    ) {
        let cohort = &mut self.cohorts[index];
        if count == 0 {
            return;
        }
        if count >= cohort.count {
            change(cohort, self.draws);
            return;
        }
        let mut first = cohort.split_off(count);
        change(&mut first, self.draws);
        self.cohorts.push(first);
    }

    /// How many more pods may be prepared: of each node, or a single number.
    fn free_turns(&self) -> Vec<u32> {
        let Some(limit) = self.spec.startup.prepare_at_once else {
            return vec![u32::MAX];
        };
        let now = self.now;
        let at_once = limit.at_once.max(1);
        let prepares = |cohort: &Cohort| {
            let startup = &cohort.startup;
            startup.begun <= now
                && startup.prepared > now
                && !cohort.is_dead()
                && !cohort.is_leaving()
        };
        match (limit.scope, &self.nodes) {
            (PrepareScope::Node, Some(_)) => self
                .pods_on_nodes(prepares)
                .iter()
                .map(|used| at_once.saturating_sub(*used))
                .collect(),
            _ => vec![at_once.saturating_sub(self.count(prepares))],
        }
    }

    /// Pods of each node that are not being deleted.
    pub(super) fn active_on_nodes(&self) -> Vec<u32> {
        self.pods_on_nodes(|cohort| !cohort.is_leaving())
    }

    fn pods_on_nodes(&self, which: impl Fn(&Cohort) -> bool) -> Vec<u32> {
        let nodes = self.nodes.as_ref().map_or(0, super::node_pool::Nodes::len);
        let mut pods = vec![0_u32; nodes];
        for cohort in self.cohorts.iter().filter(|cohort| which(cohort)) {
            if let Some(node) = cohort.node {
                pods[node] = pods[node].saturating_add(cohort.count);
            }
        }
        pods
    }

    /// The cohorts that `order` has something to say about, the least first.
    fn indices<K: Ord>(&self, order: impl Fn(&Cohort) -> Option<K>) -> Vec<usize> {
        let cohorts = self.cohorts.iter().enumerate();
        let mut keyed: Vec<(K, usize)> = cohorts
            .filter_map(|(index, cohort)| order(cohort).map(|key| (key, index)))
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, index)| index).collect()
    }
}

/// Replicas kept prepared and started. They have room of their own.
#[derive(Clone, Debug)]
pub(super) struct WarmPool {
    there: u32,
    /// When replacements are there, and how many.
    coming: Vec<(SimTime, u32)>,
}

impl WarmPool {
    pub(super) const fn of(size: u32) -> Self {
        Self {
            there: size,
            coming: Vec::new(),
        }
    }

    fn available(&mut self, now: SimTime) -> u32 {
        let there = &mut self.there;
        self.coming.retain(|(arrival, count)| {
            let arrived = *arrival <= now;
            *there += if arrived { *count } else { 0 };
            !arrived
        });
        *there
    }

    fn take(&mut self, count: u32, replaced: SimTime) {
        if count > 0 {
            self.there -= count;
            self.coming.push((replaced, count));
        }
    }
}
