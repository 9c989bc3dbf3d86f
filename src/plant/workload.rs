//! `Workload`: the scaled set. Creates and removes pods to match a replica count, and moves them through time.

use super::cohort::Cohort;
use super::flow::Flow;
use super::fluid::{Load, serve};
use super::pod::{Draws, Startup};
use super::sensor::Sensor;
use super::server::Server;
use super::spec::PlantSpec;
use crate::queueing::LatencyMix;
use crate::units::{SimDuration, SimTime};

/// Pods of one write beyond this many share their startup draws, so that a write of millions stays small.
const MOST_DRAWS_AT_ONCE: u32 = 256;

/// Whether pods that nothing tells apart are kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// They are: the cost of a step does not grow with the number of pods.
    Merged,
    /// Each pod stays alone: the slow model that the fast one is tested against.
    Single,
}

/// The grids of the sensors, as far as pods must be started in step with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorGrids {
    /// Time between two looks at the usage counters.
    pub usage: SimDuration,
    /// Time between two scrapes of custom metrics; `None` where nobody scrapes them.
    pub custom: Option<SimDuration>,
    /// Pods that have been ready for less than this are told apart by somebody.
    pub settle_after: SimDuration,
}

/// The scaled set.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    spec: &'a PlantSpec,
    server: &'a Server,
    draws: Draws,
    grids: SensorGrids,
    grouping: Grouping,
    cohorts: Vec<Cohort>,
    next_ordinal: u64,
    now: SimTime,
    next_transition: SimTime,
    active: u32,
    serving: u32,
    mix: LatencyMix,
    /// When the replicas' occupancy last rose above what is steady within a minute; `None` below.
    busy_since: Option<SimTime>,
    lost: Lost,
}

/// Requests that were still queued at a pod when its grace period ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lost {
    /// All of them.
    pub requests: f64,
    /// Those that had been counted as late when they arrived, because they were to wait for longer than the objective.
    pub counted_late: f64,
}

impl<'a> Workload<'a> {
    /// `replicas` pods that have been ready, and have taken `arrival_rate` requests/s together, since long before time
    /// zero.
    #[must_use]
    pub fn settled(
        spec: &'a PlantSpec,
        server: &'a Server,
        draws: Draws,
        grids: SensorGrids,
        grouping: Grouping,
        replicas: u32,
        arrival_rate: f64,
    ) -> Self {
        let mut workload = Self {
            spec,
            server,
            draws,
            grids,
            grouping,
            cohorts: Vec::with_capacity(16),
            next_ordinal: 0,
            now: SimTime::ZERO,
            next_transition: SimTime::MAX,
            active: replicas,
            serving: replicas,
            mix: LatencyMix::new(server.table().clone()),
            busy_since: None,
            lost: Lost::default(),
        };
        if replicas > 0 {
            let throughput = (arrival_rate / f64::from(replicas)).min(server.capacity());
            let size = match grouping {
                Grouping::Merged => replicas,
                Grouping::Single => 1,
            };
            for _ in 0..replicas / size {
                let mut cohort = Cohort::starting(
                    size,
                    workload.next_ordinal,
                    Startup::long_ago(SimTime::ZERO),
                );
                workload.next_ordinal += u64::from(size);
                cohort.started = true;
                cohort.ready = true;
                cohort.throughput = throughput;
                cohort.replicas = replicas;
                cohort.occupancy = server.steady_occupancy(throughput, replicas, SimDuration::ZERO);
                let usage = cohort.usage_point(SimTime::ZERO, server);
                let cpu = server.cpu_at(throughput);
                cohort.usage = Sensor::settled(SimTime::ZERO, grids.usage, cpu, usage.gauge);
                if let Some(step) = grids.custom {
                    let inside = cohort.custom_point(SimTime::ZERO, server).gauge;
                    cohort.custom = Sensor::settled(SimTime::ZERO, step, throughput, inside);
                }
                workload.cohorts.push(cohort);
            }
        }
        workload
    }

    /// Pods that are not being deleted (`status.replicas`).
    #[must_use]
    pub const fn active(&self) -> u32 {
        self.active
    }

    /// Pods that take requests.
    #[must_use]
    pub const fn serving(&self) -> u32 {
        self.serving
    }

    /// Pods that exist, those being deleted included.
    #[must_use]
    pub fn existing(&self) -> u32 {
        let counts = self.cohorts.iter().map(|cohort| cohort.count);
        counts.fold(0, u32::saturating_add)
    }

    /// The pods, in groups of like ones.
    #[must_use]
    pub fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    /// When the next pod passes a point of its life; `SimTime::MAX` if none will.
    #[must_use]
    pub const fn next_transition(&self) -> SimTime {
        self.next_transition
    }

    /// The latencies of all requests so far.
    #[must_use]
    pub const fn latencies(&self) -> &LatencyMix {
        &self.mix
    }

    /// Requests that were still queued at a pod when its grace period ended.
    #[must_use]
    pub const fn lost(&self) -> Lost {
        self.lost
    }

    /// Requests waiting, of all pods.
    #[must_use]
    pub fn waiting(&self) -> f64 {
        self.total(|cohort| cohort.waiting(self.server))
    }

    /// Requests in service or waiting, of all pods.
    #[must_use]
    pub fn in_flight(&self) -> f64 {
        self.total(|cohort| cohort.inside(self.server))
    }

    fn total(&self, of_each: impl Fn(&Cohort) -> f64) -> f64 {
        let serving = self.cohorts.iter().filter(|cohort| cohort.serves());
        serving
            .map(|cohort| f64::from(cohort.count) * of_each(cohort))
            .sum()
    }

    /// Moves every pod on to `to` while requests arrive at a constant rate, requests/s. Must not pass
    /// [`next_transition`](Self::next_transition).
    ///
    /// kube-proxy picks a ready pod at random for each request, so each gets the same share, whatever waits there.
    pub fn advance(&mut self, to: SimTime, arrival_rate: f64) -> Flow {
        let seconds = (to - self.now).as_seconds();
        let mut flow = Flow {
            arrived: arrival_rate * seconds,
            ..Flow::default()
        };
        if self.serving == 0 {
            flow.refused = flow.arrived;
        }
        let share = arrival_rate / f64::from(self.serving.max(1));
        let occupancy = self.steady_occupancy(share);
        self.now = to;
        for cohort in &mut self.cohorts {
            if cohort.serves() {
                serve(
                    cohort,
                    self.server,
                    Load {
                        rate: share,
                        occupancy,
                        replicas: self.serving,
                        seconds,
                    },
                    &mut self.mix,
                    &mut flow,
                );
                flow.backlog += cohort.backlog * f64::from(cohort.count);
            } else if cohort.started && !cohort.ready {
                // Past its start, before it is ready: it burns cpu while it warms up.
                let cores = if cohort.startup.warm < to {
                    self.spec.pod.cpu_idle
                } else {
                    self.spec.pod.cpu_starting
                };
                cohort.cpu_seconds += cores * seconds;
            }
        }
        flow
    }

    /// The occupancy whose steady state requests meet at a rate for each replica, from the present moment on.
    fn steady_occupancy(&mut self, rate: f64) -> f64 {
        if rate <= self.server.highest_at_once() * self.server.capacity() {
            self.busy_since = None;
            return self
                .server
                .steady_occupancy(rate, self.serving, SimDuration::ZERO);
        }
        let since = *self.busy_since.get_or_insert(self.now);
        self.server
            .steady_occupancy(rate, self.serving, self.now - since)
    }

    /// Carries out what is due at the present moment. Returns the startup of the pod that became ready, if one did (of
    /// several at the same moment, the one created last).
    pub fn pass_transitions(&mut self) -> Option<Startup> {
        let now = self.now;
        let mut newly_ready: Option<Startup> = None;
        for cohort in &mut self.cohorts {
            cohort.started |= cohort.startup.started <= now;
            if !cohort.ready && cohort.gone.is_none() && cohort.startup.ready <= now {
                cohort.ready = true;
                self.serving += cohort.count;
                if newly_ready.is_none_or(|other| other.created <= cohort.startup.created) {
                    newly_ready = Some(cohort.startup);
                }
            }
        }
        self.cohorts
            .retain(|cohort| cohort.gone.is_none_or(|gone| gone > now));
        self.find_next_transition();
        newly_ready
    }

    /// Creates or deletes pods until `replicas` are active.
    ///
    /// Deletion order is the ReplicaSet controller's (`ActivePodsWithRanks`), as far as pods differ here: not started
    /// before started, unready before ready, younger before older.
    pub fn scale_to(&mut self, replicas: u32) {
        if replicas > self.active {
            self.create(replicas - self.active);
        } else if replicas < self.active {
            self.delete(self.active - replicas);
        }
        self.find_next_transition();
    }

    /// The usage counters of all containers are read (cAdvisor housekeeping).
    pub fn read_usage(&mut self) {
        let now = self.now;
        for cohort in &mut self.cohorts {
            if cohort.started {
                let point = cohort.usage_point(now, self.server);
                cohort.usage.read(point);
            }
        }
    }

    /// metrics-server scrapes what was read.
    pub fn scrape_usage(&mut self, interval: SimDuration) {
        for cohort in &mut self.cohorts {
            cohort.usage.scrape(cohort.startup.started, interval);
        }
        self.merge();
    }

    /// A custom-metrics scraper reads and keeps at once, from every container that runs.
    pub fn scrape_custom(&mut self) {
        let now = self.now;
        for cohort in &mut self.cohorts {
            if cohort.started {
                let point = cohort.custom_point(now, self.server);
                cohort.custom.read(point);
                cohort.custom.keep();
            }
        }
    }

    fn create(&mut self, pods: u32) {
        self.active += pods;
        let mut left = pods;
        let size = pods.div_ceil(MOST_DRAWS_AT_ONCE);
        while left > 0 {
            let count = size.min(left);
            let startup =
                Startup::draw(&self.spec.startup, self.draws, self.next_ordinal, self.now);
            self.cohorts
                .push(Cohort::starting(count, self.next_ordinal, startup));
            self.next_ordinal += u64::from(count);
            left -= count;
        }
    }

    fn delete(&mut self, pods: u32) {
        self.active -= pods;
        let mut left = pods;
        while left > 0 {
            let victim = self
                .cohorts
                .iter_mut()
                .filter(|cohort| cohort.gone.is_none())
                .max_by_key(|cohort| {
                    let progress = u8::from(cohort.started) + u8::from(cohort.ready);
                    (
                        std::cmp::Reverse(progress),
                        cohort.startup.ready,
                        cohort.ordinal,
                    )
                });
            let Some(victim) = victim else { return };
            let count = victim.count.min(left);
            left -= count;
            victim.count -= count;
            let mut leaving = victim.clone();
            leaving.count = count;
            if leaving.ready {
                self.serving -= count;
                self.drain(leaving);
            }
            self.cohorts.retain(|cohort| cohort.count > 0);
        }
    }

    /// Pods that leave serve what waits there until their grace period ends; idle ones are gone at once.
    fn drain(&mut self, mut leaving: Cohort) {
        let (capacity, pods) = (self.server.capacity(), f64::from(leaving.count));
        let grace = self.spec.pod.termination_grace_period.as_seconds();
        let objective = self.server.table().slo_seconds();
        let waiting_beyond = |seconds: f64| (leaving.backlog - capacity * seconds).max(0.0) * pods;
        self.lost.requests += waiting_beyond(grace);
        self.lost.counted_late += waiting_beyond(grace.max(objective));
        let needed = leaving.backlog / capacity;
        if needed > 0.0 {
            leaving.gone = Some(self.now + SimDuration::from_seconds_rounded(needed.min(grace)));
            self.cohorts.push(leaving);
        }
    }

    fn find_next_transition(&mut self) {
        let now = self.now;
        let next = |cohort: &Cohort| match cohort.gone {
            Some(gone) => gone,
            None if cohort.ready => SimTime::MAX,
            // A startup that takes no time is over at once.
            None if cohort.startup.ready <= now
                || cohort.startup.started <= now && !cohort.started =>
            {
                now
            }
            None => cohort.startup.next_after(now),
        };
        self.next_transition = self.cohorts.iter().map(next).min().unwrap_or(SimTime::MAX);
    }

    /// Puts together what nothing tells apart any more.
    fn merge(&mut self) {
        if self.grouping == Grouping::Single || self.cohorts.len() < 2 {
            return;
        }
        let settled_before = self.now - self.grids.settle_after;
        let Some(first) = self
            .cohorts
            .iter()
            .position(|cohort| cohort.serves() && cohort.startup.ready <= settled_before)
        else {
            return;
        };
        let mut whole = self.cohorts[first].clone();
        let mut at = first + 1;
        while at < self.cohorts.len() {
            let other = &self.cohorts[at];
            if other.startup.ready <= settled_before && whole.merges_with(other) {
                whole.count += other.count;
                whole.ordinal = whole.ordinal.max(other.ordinal);
                if other.startup.ready > whole.startup.ready {
                    whole.startup = other.startup;
                }
                self.cohorts.remove(at);
            } else {
                at += 1;
            }
        }
        self.cohorts[first] = whole;
    }
}
