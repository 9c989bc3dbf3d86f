//! What goes wrong with pods and nodes, or is done to all of them on purpose.

use super::cohort::Cohort;
use super::pod::Lot;
use super::replicas::{Departing, Rollout};
use super::rotation::{Cause, Death, Deletion};
use super::sensor::Sensor;
use super::workload::Workload;
use crate::stats::{Purpose, unit_draw};
use crate::units::{SimDuration, SimTime};

impl Workload<'_> {
    /// So many pods stop answering, those first that became ready last, as with deletion. Each is restarted where it is
    /// once it is seen dead.
    pub fn fail_replicas(&mut self, replicas: u32) {
        let seen = self.now + self.spec.health.replica_lost_after;
        let dying = self.take(replicas, Departing::Apart, |cohort| {
            let newest = (cohort.startup.ready, cohort.ordinal);
            (cohort.works() && !cohort.is_leaving()).then_some(newest)
        });
        let death = Death {
            at: self.now,
            cause: Cause::Process,
            seen,
            restart: seen,
            evicted: SimTime::MAX,
        };
        for mut cohort in dying {
            self.kill(&mut cohort, death);
            self.cohorts.push(cohort);
        }
        self.refresh();
    }

    /// So many nodes fall silent, those with most pods first, for a while or for good. Without a node pool there are
    /// none.
    pub fn fail_nodes(&mut self, nodes: u32, lasts: Option<SimDuration>) {
        let pods = self.active_on_nodes();
        let Some(pool) = &self.nodes else { return };
        let mut up: Vec<usize> = (0..pool.len()).filter(|node| pool.is_up(*node)).collect();
        up.sort_by_key(|node| std::cmp::Reverse(pods[*node]));
        up.truncate(usize::try_from(nodes).unwrap_or(usize::MAX));
        self.lose_nodes(&up, lasts);
    }

    /// As [`fail_nodes`](Self::fail_nodes), with all nodes of so many zones.
    pub fn fail_zones(&mut self, zones: u32, lasts: Option<SimDuration>) {
        let pods = self.active_on_nodes();
        let Some(pool) = &self.nodes else { return };
        let up: Vec<usize> = (0..pool.len()).filter(|node| pool.is_up(*node)).collect();
        // A zone without a node cannot be told from one that is gone.
        let mut of_zones = vec![0_u32; pool.zones().min(pool.len())];
        for node in &up {
            let sum = &mut of_zones[pool.zone_of(*node)];
            *sum = sum.saturating_add(pods[*node]);
        }
        let mut order: Vec<usize> = (0..of_zones.len()).collect();
        order.sort_by_key(|zone| std::cmp::Reverse(of_zones[*zone]));
        order.truncate(usize::try_from(zones).unwrap_or(usize::MAX));
        let lost: Vec<usize> = up
            .into_iter()
            .filter(|node| order.contains(&pool.zone_of(*node)))
            .collect();
        self.lose_nodes(&lost, lasts);
    }

    /// Every pod is replaced by a new one, as the Deployment controller does it.
    pub fn roll(&mut self, max_surge: u32, max_unavailable: u32) {
        self.generation = self.generation.saturating_add(1);
        self.rollout = Some(Rollout {
            max_surge,
            max_unavailable,
        });
        self.reconcile();
        self.refresh();
    }

    /// Pods created from now on take `factor` times as long to prepare, for a while; of several the factors multiply.
    pub fn slow_prepare(&mut self, factor: f64, lasts: SimDuration) {
        self.slow.push((self.now + lasts, factor));
    }

    /// Times the usual time to prepare of a pod that is created now.
    pub(super) fn prepare_factor(&mut self) -> f64 {
        let now = self.now;
        self.slow.retain(|(until, _)| *until > now);
        self.slow.iter().map(|(_, factor)| factor).product()
    }

    /// From being deleted or seen dead until the last request comes, for the departure with the given number.
    pub(super) fn remove_delay(&self, departure: u64) -> SimDuration {
        let (seed, run) = (self.draws.seed, self.draws.run);
        let unit = unit_draw(seed, run, Purpose::EndpointRemoveDelay, departure);
        SimDuration::from_seconds_rounded(self.spec.endpoints.remove_delay.quantile(unit))
    }

    fn lose_nodes(&mut self, lost: &[usize], lasts: Option<SimDuration>) {
        let now = self.now;
        let health = self.spec.health;
        let seen = now + health.node_lost_after;
        let evicted = seen + health.evicted_after;
        let back = lasts.map_or(SimTime::MAX, |span| now + span);
        if let Some(pool) = &mut self.nodes {
            for node in lost {
                pool.lose(*node, back, evicted);
            }
        }
        let (restart, evicted) = if back < evicted {
            (back, SimTime::MAX)
        } else {
            (SimTime::MAX, evicted)
        };
        let death = Death {
            at: now,
            cause: Cause::Node,
            seen: seen.min(back),
            restart,
            evicted,
        };
        let mut cohorts = std::mem::take(&mut self.cohorts);
        for cohort in &mut cohorts {
            let on_it = cohort.node.is_some_and(|node| lost.contains(&node));
            if on_it && !cohort.is_gone(now) {
                cohort.departure = self.departures;
                self.departures += 1;
                self.kill(cohort, death);
            }
        }
        self.cohorts = cohorts;
        self.refresh();
    }

    /// What was inside is lost. One that is being deleted is gone.
    fn kill(&mut self, cohort: &mut Cohort, death: Death) {
        let pods = f64::from(cohort.count);
        // One by one, the player knows what becomes of them.
        if cohort.works() && cohort.counted.is_none() {
            let objective = self.server.table().slo_seconds();
            let beyond = cohort.backlog - self.server.capacity() * objective;
            self.failed += cohort.inside(self.server) * pods;
            self.lost.counted_late += beyond.max(0.0) * pods;
        }
        (cohort.backlog, cohort.in_vain) = (0.0, 0.0);
        (cohort.throughput, cohort.occupancy) = (0.0, 0.0);
        // One that hung before keeps the time at which that is seen.
        let seen = cohort
            .death
            .map_or(death.seen, |before| before.seen.min(death.seen));
        let at = cohort.death.map_or(death.at, |before| before.at);
        cohort
            .rotation
            .leave_by(seen + self.remove_delay(cohort.departure));
        cohort.death = Some(Death { at, seen, ..death });
        if let Some(deletion) = &mut cohort.deletion {
            *deletion = Deletion {
                gone: Some(self.now),
                ..*deletion
            };
        }
    }
}

/// A dead pod's container, or guest, starts again where it is; what had not been prepared is prepared again.
pub(super) fn restart(cohort: &mut Cohort, spec: &super::spec::StartupSpec, draws: super::Draws) {
    let Some(death) = cohort.death.take() else {
        return;
    };
    cohort.lot = Lot::of_restart(cohort.departure);
    if cohort.startup.prepared <= death.at {
        cohort.startup.start(spec, draws, cohort.lot, death.restart);
    } else {
        let startup = super::Startup::pending(cohort.startup.created);
        cohort.startup = super::Startup {
            scheduled: cohort.startup.scheduled,
            ..startup
        };
    }
    cohort.started = false;
    (cohort.cpu_seconds, cohort.taken_in) = (0.0, 0.0);
    (cohort.usage, cohort.custom) = (Sensor::default(), Sensor::default());
}
