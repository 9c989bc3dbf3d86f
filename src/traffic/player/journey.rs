//! The journey of an attempt: balancer, connection, link, server and back; and how it ends.

use super::{EventOrder, MOST_UNDER_WAY, RequestPlayer};
use crate::traffic::answers::Answer;
use crate::traffic::attempts::{Attempt, Ticket};
use crate::traffic::backend::{Door, Server};
use crate::traffic::balancer::Choice;
use crate::traffic::books::Fate;
use crate::traffic::connections::{Connection, Leaving};
use crate::traffic::fifo_server::Admission;
use crate::traffic::link::Cargo;
use crate::traffic::retries::Planned;
use crate::traffic::shared_server::Event;

impl RequestPlayer {
    /// A new request comes at `now`.
    #[inline]
    pub(super) fn first_attempt(&mut self, now: f64) {
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

    /// The next of the retries that wait is made at `now`.
    pub(super) fn retry(&mut self, now: f64) {
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

    /// An attempt at `now` goes from the balancer to the server, or as far as it gets.
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
        let Some(turn) = backend.link.turn(now, deadline) else {
            backend.link.hang(now, deadline);
            let ticket = self.begin(attempt);
            return self.attempts.will_give_up(ticket, deadline);
        };
        attempt.link_wait = turn - now;
        let arrival = turn + backend.link.seconds(Cargo::Request);
        tally.path.travelled += 1;
        tally.path.seconds += attempt.latency + (arrival - now);
        if arrival >= deadline {
            backend.link.carry(turn, Cargo::Request);
            backend.link.hang(now, deadline);
            let ticket = self.begin(attempt);
            return self.attempts.will_give_up(ticket, deadline);
        }
        let response = backend.link.response_seconds();
        let admission = match &mut backend.server {
            Server::Fifo(server) => server.offer(now, arrival, service, deadline),
            Server::Shared(server) => {
                // Whether it will be answered is not known yet: it pays for its response anyway.
                backend.link.carry(turn, Cargo::Both);
                tally.path.seconds += response;
                let ticket = self.attempts.insert(attempt);
                server.send(arrival, service, deadline, ticket);
                backend.under_way += 1;
                self.attempts.will_give_up(ticket, deadline);
                self.loads.add(choice);
                return self.settle(choice.slot, now);
            }
            Server::Dead(_) => Admission::NeverStarts,
        };
        match admission {
            Admission::Refused => {
                backend.link.carry(turn, Cargo::Request);
                backend.connections.leave(now, Leaving::Open);
                self.fail(now, first, Some(choice), number, Fate::Refused);
            }
            Admission::NeverStarts => {
                backend.link.carry(turn, Cargo::Request);
                backend.taken_in += 1;
                backend.taken_in_slice += 1;
                self.books.waited(deadline - arrival);
                let ticket = self.begin(attempt);
                self.attempts.will_give_up(ticket, deadline);
            }
            Admission::Starts(start) => {
                backend.taken_in += 1;
                backend.taken_in_slice += 1;
                backend.under_way += 1;
                self.books.waited(start - arrival);
                let back = response + attempt.latency + self.spec.path.ingress_latency;
                let at = start + service + back;
                self.loads.add(choice);
                let ticket = self.attempts.insert(attempt);
                if at > deadline {
                    backend.link.carry(turn, Cargo::Request);
                    return self.attempts.will_give_up(ticket, deadline);
                }
                backend.link.carry(turn, Cargo::Both);
                self.books.tally.path.seconds += response;
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
        if door == Door::Silent {
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
    pub(super) fn settle(&mut self, slot: usize, now: f64) {
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
                        let response = backend.link.response_seconds();
                        let back = response + attempt.latency + self.spec.path.ingress_latency;
                        let at = at + back;
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
    pub(super) fn give_up(&mut self, now: f64) {
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
    pub(super) fn stop_serving(&mut self, slot: usize, now: f64) {
        self.settle(slot, now);
        let backend = &mut self.backends[slot];
        backend.server = Server::Dead(backend.server.done_by(now));
        backend.link.cut(now);
        backend.answers.clear();
        self.soonest.set(slot, f64::INFINITY);
    }

    /// All attempts at a backend fail at `now`.
    pub(super) fn fail_inside(&mut self, slot: usize, now: f64) {
        for ticket in self.tickets_at(slot) {
            if let Some(attempt) = self.attempts.take(ticket).copied() {
                self.backends[slot].under_way -= 1;
                self.loads.take(attempt.choice);
                self.end_attempt(now, &attempt, Fate::Failed);
            }
        }
    }

    /// The attempts under way that went to a backend.
    pub(super) fn tickets_at(&self, slot: usize) -> Vec<Ticket> {
        if self.backends[slot].under_way == 0 {
            return Vec::new();
        }
        self.attempts.at_slot(slot)
    }
}
