//! `RequestPlayer`: requests one by one through balancer, path, queue and server, and back.
//!
//! An attempt goes from its client over the ingress to the balancer, gets a connection of the chosen backend, waits for
//! the link, waits for a worker, is served, and its answer goes back. Latencies are added to the client's time and
//! do not reorder arrivals: a request comes to the balancer when it is sent.
//!
//! What a FIFO backend will do with a request is known when it comes (`WorkerPool`), so there is no event list of
//! services: only attempts that will time out, retries, and the next answer of each backend. Answers are looked at when
//! their backend gets its next request or the span ends, or when they come where the balancer counts requests in flight.

mod journey;

use std::collections::BTreeMap;

use super::attempts::{Attempts, Ticket};
use super::backend::{Backend, Door};
use super::balancer::Balancer;
use super::books::Books;
use super::connections::Connections;
use super::draws::Draws;
use super::latency_histogram::LatencyHistogram;
use super::link::Link;
use super::loads::Loads;
use super::offered::{Arrivals, Listed, Offered, Silence, Steady};
use super::player_spec::{BackendUsage, Death, PlayerSpec, SliceShares};
use super::retries::Retries;
use super::soonest::Soonest;
use super::tally::Tally;
use crate::stats::{Purpose, stream};
use crate::units::SimTime;

/// The most attempts that are under way at the same time; more are refused, so that memory stays bounded.
const MOST_UNDER_WAY: usize = 8_000_000;

/// Plays requests, span by span.
///
/// The same spec, seed, run and calls give the same figures to the last bit.
#[derive(Clone, Debug)]
pub struct RequestPlayer {
    spec: PlayerSpec,
    /// How long a client waits for the answer to an attempt, seconds.
    timeout: f64,
    balancer: Balancer,
    loads: Loads,
    slots: BTreeMap<u64, usize>,
    backends: Vec<Backend>,
    vacant: Vec<usize>,
    /// The next event of each backend; kept up to date only where the order of events across backends matters.
    soonest: Soonest,
    order: EventOrder,
    attempts: Attempts,
    retries: Retries,
    draws: Draws,
    books: Books,
    now: f64,
    /// The most bits that one backend's path has carried since the slice began.
    busiest_bits: f64,
    /// Arrivals until the backlog is looked at again.
    until_look: usize,
}

/// When a backend's own events are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EventOrder {
    /// When the backend gets a request: nothing else depends on them.
    AtRequests,
    /// When they happen.
    AsTheyCome,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// At the backend whose event is the soonest.
    Backend,
    GiveUp,
    Retry,
}

impl RequestPlayer {
    /// A player without backends, at the scenario's beginning; what comes before is left out.
    #[must_use]
    pub fn new(spec: PlayerSpec, seed: u64, run: u32) -> Self {
        let as_they_come = spec.balancing.strategy.compares() || spec.is_shared();
        Self {
            timeout: spec.timeout.as_seconds().max(0.0),
            balancer: Balancer::new(&spec.balancing, seed, run),
            loads: Loads::new(&spec.balancing),
            slots: BTreeMap::new(),
            backends: Vec::new(),
            vacant: Vec::new(),
            soonest: Soonest::new(),
            order: if as_they_come {
                EventOrder::AsTheyCome
            } else {
                EventOrder::AtRequests
            },
            attempts: Attempts::new(),
            retries: Retries::new(spec.retry, stream(seed, run, Purpose::Retry, 0)),
            draws: Draws::new(&spec, seed, run),
            books: Books::new(spec.slo_seconds),
            now: 0.0,
            busiest_bits: 0.0,
            until_look: 1,
            spec,
        }
    }

    /// A new backend, which gets no requests before it is put in rotation. Nothing happens where `id` is there already.
    pub fn add(&mut self, id: u64) {
        if self.slots.contains_key(&id) {
            return;
        }
        let spec = &self.spec;
        let backend = Backend::new(
            Connections::new(&spec.path.connections),
            Link::new(&spec.path),
            spec.server(),
        );
        let slot = if let Some(slot) = self.vacant.pop() {
            self.backends[slot] = backend;
            slot
        } else {
            self.backends.push(backend);
            self.backends.len() - 1
        };
        self.slots.insert(id, slot);
        self.soonest.grow(self.backends.len());
        self.loads.grow(self.backends.len());
    }

    /// From now on these backends get the requests, in this order; those that are not there are left out.
    pub fn set_rotation(&mut self, ids: &[u64]) {
        let slots: Vec<usize> = ids
            .iter()
            .filter_map(|id| self.slots.get(id).copied())
            .collect();
        self.balancer.set_rotation(&slots);
        for backend in &mut self.backends {
            backend.in_rotation = false;
        }
        for slot in slots {
            self.backends[slot].in_rotation = true;
        }
        for backend in &mut self.backends {
            backend.whole_slice &= backend.in_rotation;
        }
    }

    /// The backend refuses requests from now on, and serves what it has.
    pub fn stop_accepting(&mut self, id: u64) {
        if let Some(slot) = self.slots.get(&id) {
            let door = &mut self.backends[*slot].door;
            if *door == Door::Open {
                *door = Door::Closed;
            }
        }
    }

    /// The backend is dead from `now` on. A second death changes nothing.
    pub fn kill(&mut self, id: u64, now: SimTime, death: Death) {
        let Some(slot) = self.slots.get(&id).copied() else {
            return;
        };
        let now = self.pass_until(now);
        if matches!(self.backends[slot].door, Door::Crashed | Door::Silent) {
            return;
        }
        self.stop_serving(slot, now);
        match death {
            Death::Refusing => {
                self.backends[slot].door = Door::Crashed;
                self.fail_inside(slot, now);
            }
            Death::Silent => {
                self.backends[slot].door = Door::Silent;
                let inside = self.tickets_at(slot);
                let timeout = self.timeout;
                let attempts = &self.attempts;
                // Some are in that line already: who gives up twice gives up once.
                let more: Vec<(Ticket, f64)> = inside
                    .into_iter()
                    .filter_map(|ticket| Some((ticket, attempts.get(ticket)?.began + timeout)))
                    .collect();
                self.attempts.will_all_give_up(more.into_iter());
            }
        }
    }

    /// The backend is gone at `now`, also from the rotation. What is inside fails, but for those that hang in one that
    /// died silently: they still wait for their timeouts.
    pub fn remove(&mut self, id: u64, now: SimTime) {
        let Some(slot) = self.slots.get(&id).copied() else {
            return;
        };
        let now = self.pass_until(now);
        self.stop_serving(slot, now);
        if self.backends[slot].door == Door::Silent {
            for ticket in self.tickets_at(slot) {
                self.attempts.detach(ticket);
            }
        } else {
            self.fail_inside(slot, now);
        }
        let backend = &mut self.backends[slot];
        backend.door = Door::Gone;
        let bits = backend.link.carried_in_slice(now);
        self.books.tally.path.busiest_bits += (bits - self.busiest_bits).max(0.0);
        self.busiest_bits = self.busiest_bits.max(bits);
        if backend.in_rotation {
            backend.in_rotation = false;
            let rest: Vec<usize> = self
                .balancer
                .rotation()
                .iter()
                .map(|other| *other as usize)
                .filter(|other| *other != slot)
                .collect();
            self.balancer.set_rotation(&rest);
        }
        self.balancer.forget(slot);
        self.loads.forget(slot);
        self.slots.remove(&id);
        self.vacant.push(slot);
    }

    /// Whether the backend has nothing left to do: nobody waits for it, and nothing is in service. Also where it is not
    /// there.
    #[must_use]
    pub fn is_idle(&self, id: u64) -> bool {
        self.slots.get(&id).is_none_or(|slot| {
            let backend = &self.backends[*slot];
            backend.under_way == 0 && backend.server.serving_at(self.now) == 0
        })
    }

    /// What the backend has done until the end of the last span; `None` where it is not there.
    #[must_use]
    pub fn usage(&self, id: u64) -> Option<BackendUsage> {
        let backend = &self.backends[*self.slots.get(&id)?];
        let waiting = backend.waiting_at(self.now) as u64;
        Some(BackendUsage {
            worker_seconds: backend.server.done_by(self.now),
            taken_in: backend.taken_in,
            waiting,
            inside: waiting + backend.server.serving_at(self.now) as u64,
        })
    }

    /// Plays all requests of a span, which begins where the last one ended.
    ///
    /// Of Poisson arrivals 10⁸ are played at most, in expectation; the rest, taken at random, is refused for good without
    /// being played: they draw nothing and are not tried again. With nothing in rotation that is so for all arrivals of
    /// a span that expects over 10⁶.
    ///
    /// Also tells what became of requests since then: by [`kill`](Self::kill) and [`remove`](Self::remove).
    pub fn play(&mut self, from: SimTime, to: SimTime, offered: Offered<'_>) -> Tally {
        let begin = self.pass_until(from);
        let end = to.as_seconds().max(begin);
        match offered {
            Offered::Poisson { rate } => {
                let mut arrivals = Steady::new(rate, begin, end);
                let clock = &mut self.draws.arrivals;
                self.books
                    .turned_away(if self.balancer.rotation().is_empty() {
                        arrivals.in_bulk(clock)
                    } else {
                        arrivals.thin(clock)
                    });
                self.run(arrivals, end);
            }
            Offered::Times(times) => self.run(Listed::new(times, begin, end), end),
        }
        self.close(end)
    }

    /// How unequally the backends that were in rotation since the last call took requests in. `None` with fewer than two
    /// of them, or without requests.
    pub fn end_slice(&mut self) -> Option<SliceShares> {
        let taken: Vec<u64> = self
            .backends
            .iter()
            .filter(|backend| backend.whole_slice)
            .map(|backend| backend.taken_in_slice)
            .collect();
        for backend in &mut self.backends {
            backend.taken_in_slice = 0;
            backend.whole_slice = backend.in_rotation;
            backend.link.end_slice(self.now);
        }
        self.busiest_bits = 0.0;
        SliceShares::of(&taken)
    }

    /// Latencies of all requests answered so far: from the first attempt on, as their clients saw them.
    #[must_use]
    pub fn latencies(&self) -> LatencyHistogram {
        self.books.latencies()
    }

    /// Latencies of the requests answered since the last call.
    pub fn end_row(&mut self) -> &LatencyHistogram {
        self.books.end_row()
    }

    /// Lets everything happen that is due before `time`; returns the instant that is reached.
    fn pass_until(&mut self, time: SimTime) -> f64 {
        let time = time.as_seconds();
        if time > self.now {
            self.run(Silence, time);
        }
        self.now
    }

    fn run(&mut self, mut arrivals: impl Arrivals, end: f64) {
        let mut arrival = arrivals.next(&mut self.draws.arrivals);
        loop {
            let (due, next) = self.next();
            if arrival < due {
                if arrival >= end {
                    break;
                }
                self.now = arrival;
                self.first_attempt(arrival);
                arrival = arrivals.next(&mut self.draws.arrivals);
            } else {
                if due >= end {
                    break;
                }
                self.now = due;
                match next {
                    Next::Backend => self.settle(self.soonest.place(), due),
                    Next::GiveUp => self.give_up(due),
                    Next::Retry => self.retry(due),
                }
            }
        }
        self.now = end;
    }

    /// What happens next by itself, and when. At one instant answers come first, so that a client that gets one does
    /// not give up.
    #[inline]
    fn next(&self) -> (f64, Next) {
        let mut soonest = (self.soonest.instant(), Next::Backend);
        let give_up = self.attempts.next_give_up();
        if give_up < soonest.0 {
            soonest = (give_up, Next::GiveUp);
        }
        let retry = self.retries.next();
        if retry < soonest.0 {
            soonest = (retry, Next::Retry);
        }
        soonest
    }

    fn look_at_backlog(&mut self, now: f64) {
        let mut backlog = 0;
        for backend in &self.backends {
            backlog += backend.waiting_at(now) as u64;
        }
        self.books.backlog(backlog, instant(now));
    }

    /// The figures of the span that ends here.
    fn close(&mut self, end: f64) -> Tally {
        let mut busiest = self.busiest_bits;
        for slot in 0..self.backends.len() {
            self.settle(slot, end);
            busiest = busiest.max(self.backends[slot].link.carried_in_slice(end));
        }
        self.look_at_backlog(end);
        let mut tally = std::mem::take(&mut self.books.tally);
        tally.path.busiest_bits += busiest - self.busiest_bits;
        self.busiest_bits = busiest;
        tally.in_flight = (self.attempts.count() + self.retries.waiting()) as u64;
        tally
    }
}

/// The instant that seconds since the beginning mean.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn instant(seconds: f64) -> SimTime {
    SimTime::from_nanos((seconds * 1e9) as i64)
}
