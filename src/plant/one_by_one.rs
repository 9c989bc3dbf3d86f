//! Requests one by one: keeps the player of requests in step with the pods, and tells the pods what it did.

use std::collections::{BTreeMap, BTreeSet};

use super::cohort::{Cohort, Inside};
use super::flow::{Flow, PathFlow};
use super::pod::Draws;
use super::rotation::Routing;
use super::server::Server;
use super::spec::PlantSpec;
use crate::traffic::{Death, LatencyHistogram, Offered, PlayerSpec, RequestPlayer, Tally};
use crate::units::SimTime;

/// Moves requests one by one. Pods must be kept single.
#[derive(Clone, Debug)]
pub(super) struct OneByOne {
    player: RequestPlayer,
    /// The player's backends by the ordinal of their pod. A pod that was restarted is another backend.
    known: BTreeMap<u64, Known>,
    next_backend: u64,
    seen: Option<Seen>,
    rotation: Vec<u64>,
    /// Cores per worker that serves.
    cores_per_worker: f64,
    in_flight: u64,
    imbalance: ImbalanceSum,
}

/// What the pods were like when they were last looked at: as long as this stays, the player knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Of their routings.
    version: u64,
    pods: u64,
    gone: u64,
}

/// A number that changes when one pod takes the place of another: ordinals only grow, and so do their squares.
fn marks<'c>(cohorts: impl Iterator<Item = &'c Cohort>) -> u64 {
    let squares = cohorts.map(|cohort| (cohort.ordinal + 1).wrapping_mul(cohort.ordinal + 1));
    squares.fold(0, u64::wrapping_add)
}

/// What the player was last told of a pod.
#[derive(Clone, Copy, Debug)]
struct Known {
    backend: u64,
    door: Door,
    worker_seconds: f64,
    taken_in: u64,
}

/// What the player does with requests for a backend. It never goes back: a pod that does is another backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    Open,
    Closed,
    Dead,
    Gone,
}

/// Slices' imbalance, added up by requests.
#[derive(Clone, Copy, Debug, Default)]
struct ImbalanceSum {
    requests: f64,
    share_cv: f64,
    busiest: f64,
}

/// How unequally replicas took requests in: means over slices, by requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unevenness {
    /// Standard deviation over mean of the requests that replicas took in.
    pub share_cv: f64,
    /// Requests of the busiest replica over the mean.
    pub busiest: f64,
}

impl OneByOne {
    pub(super) fn new(spec: &PlantSpec, server: &Server, draws: Draws) -> Self {
        let serving = &spec.serving;
        let player = PlayerSpec {
            balancing: spec.balancing.clone(),
            path: spec.path.clone(),
            workers: server.workers(),
            speed: server.capacity() * serving.service_time(),
            service: serving.service.clone(),
            discipline: serving.discipline,
            queue_bound: serving.queue_bound,
            timeout: serving.timeout,
            retry: serving.retry,
            slo_seconds: server.table().slo_seconds(),
        };
        Self {
            player: RequestPlayer::new(player, draws.seed, draws.run),
            known: BTreeMap::new(),
            next_backend: 0,
            seen: None,
            rotation: Vec::new(),
            cores_per_worker: serving.cpu_per_request / serving.service_time(),
            in_flight: 0,
            imbalance: ImbalanceSum::default(),
        }
    }

    /// Tells the player what became of the pods since the last span. `version` changes with every routing.
    pub(super) fn follow(&mut self, cohorts: &[Cohort], version: u64, now: SimTime) {
        let seen = Some(Seen {
            version,
            pods: marks(cohorts.iter()),
            gone: marks(cohorts.iter().filter(|cohort| cohort.is_gone(now))),
        });
        if self.seen == seen {
            return;
        }
        self.seen = seen;
        let there: BTreeSet<u64> = cohorts.iter().map(|cohort| cohort.ordinal).collect();
        let player = &mut self.player;
        self.known.retain(|ordinal, known| {
            if !there.contains(ordinal) {
                player.remove(known.backend, now);
            }
            there.contains(ordinal)
        });
        let mut rotation = Vec::with_capacity(cohorts.len());
        for cohort in cohorts {
            let backend = self.follow_pod(cohort, now);
            if cohort.routing != Routing::Out {
                rotation.extend(backend);
            }
        }
        if rotation != self.rotation {
            self.player.set_rotation(&rotation);
            self.rotation = rotation;
        }
    }

    /// The backend that stands for a pod; none before its first request can come.
    fn follow_pod(&mut self, cohort: &Cohort, now: SimTime) -> Option<u64> {
        let known = self.known.get(&cohort.ordinal).copied();
        let door = match cohort.routing {
            Routing::Takes => Door::Open,
            Routing::Dead => Door::Dead,
            Routing::Refuses if cohort.is_gone(now) => Door::Gone,
            Routing::Refuses => Door::Closed,
            // It goes on serving what it has, unless it died.
            Routing::Out if cohort.is_dead() => Door::Dead,
            Routing::Out if cohort.is_gone(now) => Door::Gone,
            Routing::Out => known?.door,
        };
        let known = match known {
            Some(known) if known.door <= door => known,
            // It was restarted: what it had is gone, and it begins anew.
            before => self.enter(before, now),
        };
        let backend = known.backend;
        match door {
            Door::Open => {}
            Door::Closed => self.player.stop_accepting(backend),
            Door::Dead => self.player.kill(backend, now, Death::Silent),
            Door::Gone => self.player.kill(backend, now, Death::Refusing),
        }
        self.known.insert(cohort.ordinal, Known { door, ..known });
        Some(backend)
    }

    fn enter(&mut self, before: Option<Known>, now: SimTime) -> Known {
        if let Some(before) = before {
            self.player.remove(before.backend, now);
        }
        let backend = self.next_backend;
        self.next_backend += 1;
        self.player.add(backend);
        Known {
            backend,
            door: Door::Open,
            worker_seconds: 0.0,
            taken_in: 0,
        }
    }

    /// Plays a span; writes into the pods what they did.
    pub(super) fn advance(
        &mut self,
        cohorts: &mut [Cohort],
        (from, to): (SimTime, SimTime),
        offered: Offered<'_>,
        idle_cores: f64,
    ) -> Flow {
        let tally = self.player.play(from, to, offered);
        self.in_flight = tally.in_flight;
        let seconds = (to - from).as_seconds();
        for cohort in cohorts {
            if cohort.ready && !cohort.is_dead() && !cohort.is_gone(from) {
                cohort.cpu_seconds += idle_cores * seconds;
            }
            let Some(known) = self.known.get_mut(&cohort.ordinal) else {
                continue;
            };
            let Some(usage) = self.player.usage(known.backend) else {
                continue;
            };
            let served = usage.worker_seconds - known.worker_seconds;
            known.worker_seconds = usage.worker_seconds;
            cohort.cpu_seconds += served * self.cores_per_worker;
            cohort.taken_in += (usage.taken_in - known.taken_in) as f64;
            known.taken_in = usage.taken_in;
            cohort.counted = Some(Inside {
                waiting: usage.waiting as f64,
                all: usage.inside as f64,
            });
        }
        flow(&tally, seconds)
    }

    /// Whether a pod that is being deleted has nothing left to serve.
    pub(super) fn is_idle(&self, ordinal: u64) -> bool {
        let known = self.known.get(&ordinal);
        known.is_none_or(|known| self.player.is_idle(known.backend))
    }

    /// Requests that are neither answered nor given up.
    pub(super) const fn in_flight(&self) -> u64 {
        self.in_flight
    }

    pub(super) fn latencies(&self) -> LatencyHistogram {
        self.player.latencies()
    }

    /// The latencies since the last call.
    pub(super) fn end_row(&mut self) -> &LatencyHistogram {
        self.player.end_row()
    }

    /// A one-minute slice ends.
    pub(super) fn end_slice(&mut self) {
        if let Some(shares) = self.player.end_slice() {
            let requests = shares.requests as f64;
            self.imbalance.requests += requests;
            self.imbalance.share_cv += shares.share_cv * requests;
            self.imbalance.busiest += shares.busiest_over_mean * requests;
        }
    }

    /// `None` where there never were two replicas with requests for a whole slice.
    pub(super) fn unevenness(&self) -> Option<Unevenness> {
        let sum = &self.imbalance;
        (sum.requests > 0.0).then(|| Unevenness {
            share_cv: sum.share_cv / sum.requests,
            busiest: sum.busiest / sum.requests,
        })
    }
}

fn flow(tally: &Tally, seconds: f64) -> Flow {
    let path = &tally.path;
    Flow {
        arrived: tally.arrived as f64,
        ended: (tally.answered + tally.refused + tally.timed_out + tally.failed) as f64,
        late: tally.late as f64,
        timed_out: tally.timed_out as f64,
        refused: tally.refused as f64,
        failed: tally.failed as f64,
        retried: tally.retried as f64,
        misrouted: tally.misrouted as f64,
        to_dead: tally.to_dead > 0,
        path: PathFlow {
            travelled: path.travelled as f64,
            seconds: path.seconds,
            bits_per_second: if seconds > 0.0 {
                path.busiest_bits / seconds
            } else {
                0.0
            },
            connections: path.connections as f64,
            spoilt_by_latency: path.spoilt_by_latency as f64,
            spoilt_by_throughput: path.spoilt_by_throughput as f64,
            spoilt_by_connections: path.spoilt_by_connections as f64,
        },
        occupancy: 0.0,
        wait: tally.worst_wait,
        backlog: tally.worst_backlog as f64,
    }
}
