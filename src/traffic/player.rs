//! `RequestPlayer`: requests one by one through balancer, path, queue and server, and back.
//!
//! An attempt goes from its client over the ingress to the balancer, gets a connection of the chosen backend, waits for
//! the link, waits for a worker, is served, and its answer goes back. Latencies are added to the client's time and
//! do not reorder arrivals: a request comes to the balancer when it is sent.
//!
//! What a FIFO backend will do with a request is known when it comes (`WorkerPool`), so there is no event list of
//! services: only attempts that will time out, retries, and the next answer of each backend. Answers are looked at when
//! their backend gets its next request or the span ends, or when they come where the balancer counts requests in flight.

use std::collections::BTreeMap;

use super::answers::Answer;
use super::attempts::{Attempt, Attempts, Ticket};
use super::backend::{Backend, Door, Server};
use super::balancer::{Balancer, Choice};
use super::balancing::{Balancing, Strategy};
use super::books::{Books, Fate};
use super::connections::{Connection, Connections, Leaving};
use super::draws::Draws;
use super::fifo_server::{Admission, FifoServer};
use super::latency_histogram::LatencyHistogram;
use super::link::Link;
use super::offered::{Arrivals, Listed, Offered, Silence, Steady};
use super::path::PathSpec;
use super::retries::{Planned, Retries};
use super::retry::RetrySpec;
use super::service::Discipline;
use super::shared_server::{Event, SharedServer};
use super::soonest::Soonest;
use super::tally::Tally;
use crate::stats::{Distribution, Purpose, stream};
use crate::units::{SimDuration, SimTime};

/// The most attempts that are under way at the same time; more are refused, so that memory stays bounded.
const MOST_UNDER_WAY: usize = 8_000_000;

/// The most requests that share one backend under processor sharing; more wait in line, so that memory stays bounded
/// where clients give up and their requests go on being served.
const MOST_SHARING: u32 = 1_000_000;

/// Everything about the requests and their backends that does not change during a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayerSpec {
    /// How a backend is chosen.
    pub balancing: Balancing,
    /// The path to one.
    pub path: PathSpec,
    /// Requests that one serves at the same time under FIFO; none counts as one.
    pub workers: u32,
    /// Worker-seconds of service that one does per second, at most `workers`.
    pub speed: f64,
    /// Service of one request, seconds as if alone.
    pub service: Distribution,
    /// In which order.
    pub discipline: Discipline,
    /// Requests that may wait for a worker at one; more are refused. Under processor sharing, where none waits, it
    /// takes in `workers` and so many.
    pub queue_bound: Option<u32>,
    /// How long a client waits for the answer to an attempt.
    pub timeout: SimDuration,
    /// What it does then.
    pub retry: RetrySpec,
    /// An answer after more than so many seconds is late.
    pub slo_seconds: f64,
}

/// How a backend dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Without a word, as with its node: clients inside, and those sent there later, wait until their timeouts.
    Silent,
    /// Its process: clients inside fail at once, and those sent there later are refused.
    Refusing,
}

/// What a backend has done, and has to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackendUsage {
    /// Service done so far, worker-seconds; that of requests in service counts as far as it is done.
    pub worker_seconds: f64,
    /// Attempts taken in so far.
    pub taken_in: u64,
    /// Requests waiting for a worker, or on the path to it.
    pub waiting: u64,
    /// Those, and the ones in service, also for clients that have given up.
    pub inside: u64,
}

/// How unequally the backends took requests in over a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceShares {
    /// Standard deviation over mean.
    pub share_cv: f64,
    /// The busiest one's over the mean.
    pub busiest_over_mean: f64,
    /// Attempts taken in, of all.
    pub requests: u64,
}

/// Plays requests, span by span.
///
/// The same spec, seed, run and calls give the same figures to the last bit.
#[derive(Clone, Debug)]
pub struct RequestPlayer {
    spec: PlayerSpec,
    /// Timeout and transfer, seconds.
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
    /// A player without backends, at the scenario's beginning.
    #[must_use]
    pub fn new(spec: PlayerSpec, seed: u64, run: u32) -> Self {
        let compares = matches!(
            spec.balancing.strategy,
            Strategy::LeastConnections | Strategy::PowerOfTwoChoices
        );
        let shared = spec.is_shared();
        Self {
            timeout: spec.timeout.as_seconds().max(0.0),
            balancer: Balancer::new(&spec.balancing, seed, run),
            loads: Loads::new(&spec.balancing, compares),
            slots: BTreeMap::new(),
            backends: Vec::new(),
            vacant: Vec::new(),
            soonest: Soonest::new(),
            order: if compares || shared {
                EventOrder::AsTheyCome
            } else {
                EventOrder::AtRequests
            },
            attempts: Attempts::new(),
            retries: Retries::new(spec.retry, stream(seed, run, Purpose::Retry, 0)),
            draws: Draws::new(&spec, seed, run),
            books: Books::new(spec.slo_seconds),
            now: f64::NEG_INFINITY,
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
            Link::new(spec.path.transfer_seconds()),
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
        let waiting = backend.server.waiting_at(self.now) as u64;
        Some(BackendUsage {
            worker_seconds: backend.server.done_by(self.now),
            taken_in: backend.taken_in,
            waiting,
            inside: waiting + backend.server.serving_at(self.now) as u64,
        })
    }

    /// Plays all requests of a span, which begins where the last one ended.
    ///
    /// Also tells what became of requests since then: by [`kill`](Self::kill) and [`remove`](Self::remove).
    pub fn play(&mut self, from: SimTime, to: SimTime, offered: Offered<'_>) -> Tally {
        let begin = self.pass_until(from);
        let end = to.as_seconds().max(begin);
        match offered {
            Offered::Poisson { rate } if self.balancer.rotation().is_empty() => {
                let mut arrivals = Steady::new(rate, begin, end);
                self.books
                    .turned_away(arrivals.in_bulk(&mut self.draws.arrivals));
                self.run(arrivals, end);
            }
            Offered::Poisson { rate } => self.run(Steady::new(rate, begin, end), end),
            Offered::Times(times) => self.run(Listed::new(times, begin, end), end),
        }
        self.close(begin, end)
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
        }
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

    #[inline]
    fn first_attempt(&mut self, now: f64) {
        self.books.tally.arrived += 1;
        self.retries.earn(now);
        let (service, latency) = (self.draws.service.draw(), self.draws.latency.draw());
        let loads = &self.loads;
        let choice = self
            .balancer
            .select(now, |dispatcher, slot| loads.get(dispatcher, slot));
        self.attempt(now, now, 1, choice, service, latency);
        self.until_look -= 1;
        if self.until_look == 0 {
            self.until_look = 4 * self.backends.len().max(1);
            self.look_at_backlog(now);
        }
    }

    fn retry(&mut self, now: f64) {
        let Some(waiting) = self.retries.pop() else {
            return;
        };
        self.books.tally.retried += 1;
        let (service, latency) = (
            self.draws.retry_service.draw(),
            self.draws.retry_latency.draw(),
        );
        let loads = &self.loads;
        let load = |dispatcher, slot| loads.get(dispatcher, slot);
        let choice = match waiting.earlier {
            Some(earlier) => self.balancer.select_again(earlier, now, load),
            None => self.balancer.select(now, load),
        };
        self.attempt(now, waiting.first, waiting.number, choice, service, latency);
    }

    #[inline]
    fn attempt(
        &mut self,
        now: f64,
        first: f64,
        number: u32,
        choice: Option<Choice>,
        service: f64,
        latency: f64,
    ) {
        let Some(choice) = choice else {
            return self.fail(now, first, None, number, Fate::Refused);
        };
        let mut attempt = Attempt {
            first,
            began: now,
            latency,
            link_wait: 0.0,
            number,
            choice,
        };
        if self.backends[choice.slot].door != Door::Open {
            return self.misrouted(&attempt);
        }
        if self.attempts.count() >= MOST_UNDER_WAY {
            return self.fail(now, first, Some(choice), number, Fate::Refused);
        }
        if self.order == EventOrder::AtRequests {
            self.settle(choice.slot, now);
        }
        let backend = &mut self.backends[choice.slot];
        let Some(connection) = backend.connections.take(now) else {
            return self.fail(now, first, Some(choice), number, Fate::NoConnection);
        };
        if connection == Connection::Opened {
            attempt.latency += latency;
        }
        let tally = &mut self.books.tally;
        tally.path.connections = tally.path.connections.max(backend.connections.count());
        let deadline = now + self.timeout;
        let Some(carried) = backend.link.send(now, deadline) else {
            let ticket = self.begin(attempt);
            return self.attempts.will_give_up(ticket, deadline);
        };
        attempt.link_wait = carried - now - backend.link.transfer();
        tally.path.travelled += 1;
        tally.path.seconds += attempt.latency + (carried - now);
        backend.taken_in_span += 1;
        let admission = match &mut backend.server {
            Server::Fifo(server) => server.offer(now, carried, service, deadline),
            Server::Shared(server) => {
                let ticket = self.attempts.insert(attempt);
                server.send(carried, service, deadline, ticket);
                backend.under_way += 1;
                self.attempts.will_give_up(ticket, deadline);
                self.loads.add(choice);
                return self.settle(choice.slot, now);
            }
            Server::Dead(_) => Admission::NeverStarts,
        };
        match admission {
            Admission::Refused => {
                backend.connections.leave(now, Leaving::Open);
                self.fail(now, first, Some(choice), number, Fate::Refused);
            }
            Admission::NeverStarts => {
                backend.taken_in += 1;
                backend.taken_in_slice += 1;
                self.books.waited(deadline - carried);
                let ticket = self.begin(attempt);
                self.attempts.will_give_up(ticket, deadline);
            }
            Admission::Starts(start) => {
                backend.taken_in += 1;
                backend.taken_in_slice += 1;
                backend.under_way += 1;
                self.books.waited(start - carried);
                let at = start + service + attempt.latency + self.spec.path.ingress_latency;
                self.loads.add(choice);
                let ticket = self.attempts.insert(attempt);
                if at > deadline {
                    return self.attempts.will_give_up(ticket, deadline);
                }
                backend.answers.push(Answer { at, ticket });
                if self.order == EventOrder::AsTheyCome {
                    self.soonest.set(choice.slot, backend.next_event());
                }
            }
        }
    }

    /// An attempt is under way.
    fn begin(&mut self, attempt: Attempt) -> Ticket {
        self.backends[attempt.choice.slot].under_way += 1;
        self.loads.add(attempt.choice);
        self.attempts.insert(attempt)
    }

    /// An attempt comes to a backend that takes none.
    #[cold]
    fn misrouted(&mut self, attempt: &Attempt) {
        let door = self.backends[attempt.choice.slot].door;
        self.books.tally.misrouted += 1;
        if matches!(door, Door::Crashed | Door::Silent) {
            self.books.tally.to_dead += 1;
        }
        if door == Door::Silent && self.attempts.count() < MOST_UNDER_WAY {
            let ticket = self.begin(*attempt);
            self.attempts
                .will_give_up(ticket, attempt.began + self.timeout);
        } else {
            self.end_attempt(attempt.began, attempt, Fate::Refused);
        }
    }

    /// Lets everything happen at one backend that is due at `now`.
    #[inline]
    fn settle(&mut self, slot: usize, now: f64) {
        if matches!(self.backends[slot].server, Server::Shared(_)) {
            self.settle_shared(slot, now);
        }
        let backend = &mut self.backends[slot];
        while let Some(Answer { at, ticket }) = backend.answers.pop(now) {
            if let Some(attempt) = self.attempts.take(ticket) {
                backend.connections.leave(at, Leaving::Open);
                backend.under_way -= 1;
                self.loads.take(attempt.choice);
                self.books.answered(attempt, at);
            }
        }
        if self.order == EventOrder::AsTheyCome {
            self.soonest.set(slot, backend.next_event());
        }
    }

    /// Lets the processor of a backend go on until `now`.
    fn settle_shared(&mut self, slot: usize, now: f64) {
        loop {
            let backend = &mut self.backends[slot];
            let Server::Shared(server) = &mut backend.server else {
                return;
            };
            match server.advance(now) {
                None => return,
                Some(Event::TakenIn) => {
                    backend.taken_in += 1;
                    backend.taken_in_slice += 1;
                }
                Some(Event::GaveUp(waited)) => self.books.waited(waited),
                Some(Event::Served { ticket, at, waited }) => {
                    self.books.waited(waited);
                    // A client that gave up meanwhile gets no answer, nor does one that will before it is there.
                    if let Some(attempt) = self.attempts.get(ticket) {
                        let at = at + attempt.latency + self.spec.path.ingress_latency;
                        if at <= attempt.began + self.timeout {
                            backend.answers.push(Answer { at, ticket });
                        }
                    }
                }
                Some(Event::Refused(ticket, at)) => {
                    if let Some(attempt) = self.attempts.take(ticket).copied() {
                        backend.connections.leave(at, Leaving::Open);
                        backend.under_way -= 1;
                        self.loads.take(attempt.choice);
                        self.end_attempt(at, &attempt, Fate::Refused);
                    }
                }
            }
        }
    }

    /// The next of those that give up does so, unless it has had its answer.
    fn give_up(&mut self, now: f64) {
        let Some(ticket) = self.attempts.pop_give_up() else {
            return;
        };
        let Some(attempt) = self.attempts.take(ticket).copied() else {
            return;
        };
        // It hung in a backend that is long gone, or the backend has to let it go.
        if let Some(backend) = self.backends.get_mut(attempt.choice.slot) {
            backend.under_way -= 1;
            self.loads.take(attempt.choice);
            if matches!(backend.door, Door::Open | Door::Closed) {
                backend.connections.leave(now, Leaving::Closed);
            }
        }
        self.end_attempt(now, &attempt, Fate::TimedOut);
    }

    /// An attempt that is no longer under way ended at `now` without an answer.
    fn end_attempt(&mut self, now: f64, attempt: &Attempt, fate: Fate) {
        self.fail(
            now,
            attempt.first,
            Some(attempt.choice),
            attempt.number,
            fate,
        );
    }

    /// An attempt failed at `now`: it is made again later, or that was the request's fate.
    #[inline]
    fn fail(&mut self, now: f64, first: f64, earlier: Option<Choice>, number: u32, fate: Fate) {
        if self.retries.plan(now, first, earlier, number) == Planned::GivenUp {
            self.books.ended(fate);
        }
    }

    /// The server of a backend stops at `now`, and no answer comes any more.
    fn stop_serving(&mut self, slot: usize, now: f64) {
        self.settle(slot, now);
        let backend = &mut self.backends[slot];
        backend.server = Server::Dead(backend.server.done_by(now));
        backend.answers.clear();
        self.soonest.set(slot, f64::INFINITY);
    }

    fn fail_inside(&mut self, slot: usize, now: f64) {
        for ticket in self.tickets_at(slot) {
            if let Some(attempt) = self.attempts.take(ticket).copied() {
                self.backends[slot].under_way -= 1;
                self.loads.take(attempt.choice);
                self.end_attempt(now, &attempt, Fate::Failed);
            }
        }
    }

    fn tickets_at(&self, slot: usize) -> Vec<Ticket> {
        if self.backends[slot].under_way == 0 {
            return Vec::new();
        }
        self.attempts.at_slot(slot)
    }

    fn look_at_backlog(&mut self, now: f64) {
        let mut backlog = 0;
        for backend in &self.backends {
            backlog += backend.server.waiting_at(now) as u64;
        }
        self.books.backlog(backlog, instant(now));
    }

    /// The figures of the span that ends here.
    fn close(&mut self, begin: f64, end: f64) -> Tally {
        let mut busiest = 0;
        for slot in 0..self.backends.len() {
            self.settle(slot, end);
            let taken_in = std::mem::take(&mut self.backends[slot].taken_in_span);
            busiest = busiest.max(taken_in);
        }
        self.look_at_backlog(end);
        let path = &self.spec.path;
        let bits = 8.0 * (path.request_bytes + path.response_bytes);
        let mut tally = std::mem::take(&mut self.books.tally);
        if end > begin {
            tally.path.bits_per_second = busiest as f64 * bits / (end - begin);
        }
        tally.in_flight = (self.attempts.count() + self.retries.waiting()) as u64;
        tally
    }
}

impl PlayerSpec {
    /// Whether requests in service share what the backend can do.
    fn is_shared(&self) -> bool {
        self.discipline == Discipline::ProcessorSharing || self.speed < f64::from(self.workers)
    }

    fn server(&self) -> Server {
        if !self.is_shared() {
            return Server::Fifo(FifoServer::new(self.workers, self.queue_bound));
        }
        let (most, bound) = match self.discipline {
            Discipline::Fifo => (self.workers.max(1), self.queue_bound),
            Discipline::ProcessorSharing => match self.queue_bound {
                Some(bound) => (self.workers.max(1).saturating_add(bound), Some(0)),
                None => (MOST_SHARING, None),
            },
        };
        Server::Shared(SharedServer::new(most, self.speed, bound))
    }
}

impl SliceShares {
    fn of(taken: &[u64]) -> Option<Self> {
        let requests: u64 = taken.iter().sum();
        if taken.len() < 2 || requests == 0 {
            return None;
        }
        let mean = requests as f64 / taken.len() as f64;
        let squares: f64 = taken.iter().map(|own| (*own as f64 - mean).powi(2)).sum();
        let busiest = taken.iter().copied().max().unwrap_or_default();
        Some(Self {
            share_cv: (squares / taken.len() as f64).sqrt() / mean,
            busiest_over_mean: busiest as f64 / mean,
            requests,
        })
    }
}

/// Requests in flight of each dispatcher at each slot, where the strategy compares them.
#[derive(Clone, Debug)]
struct Loads {
    /// 0 where nobody asks.
    dispatchers: usize,
    /// By slot, then by dispatcher.
    counts: Vec<u32>,
}

impl Loads {
    fn new(balancing: &Balancing, compares: bool) -> Self {
        Self {
            dispatchers: if compares {
                balancing.dispatchers.max(1) as usize
            } else {
                0
            },
            counts: Vec::new(),
        }
    }

    fn grow(&mut self, slots: usize) {
        let places = slots * self.dispatchers;
        if self.counts.len() < places {
            self.counts.resize(places, 0);
        }
    }

    #[inline]
    fn get(&self, dispatcher: u32, slot: usize) -> u32 {
        self.counts[slot * self.dispatchers + dispatcher as usize]
    }

    #[inline]
    fn add(&mut self, choice: Choice) {
        if self.dispatchers > 0 {
            self.counts[choice.slot * self.dispatchers + choice.dispatcher as usize] += 1;
        }
    }

    #[inline]
    fn take(&mut self, choice: Choice) {
        if self.dispatchers > 0 {
            self.counts[choice.slot * self.dispatchers + choice.dispatcher as usize] -= 1;
        }
    }

    fn forget(&mut self, slot: usize) {
        let begin = slot * self.dispatchers;
        self.counts[begin..begin + self.dispatchers].fill(0);
    }
}

/// The instant that seconds since the beginning mean.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn instant(seconds: f64) -> SimTime {
    SimTime::from_nanos((seconds * 1e9) as i64)
}
