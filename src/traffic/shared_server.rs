//! `SharedServer`: a shared processor with a line of bounded length, and what is on its way to it.

use std::collections::VecDeque;

use super::attempts::Ticket;
use super::shared_processor::{Departure, DepartureKind, SharedProcessor};

/// Serves at most so many at once, who share its speed; the rest waits in order of arrival.
///
/// A client that gives up in line is never served; one that gives up in service is served to its end.
#[derive(Clone, Debug)]
pub(super) struct SharedServer {
    processor: SharedProcessor<Ticket>,
    most: usize,
    bound: usize,
    on_their_way: VecDeque<Sent>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    arrival: f64,
    service: f64,
    deadline: f64,
    ticket: Ticket,
}

/// What happened at the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    /// A request was taken in.
    TakenIn,
    /// A request found no room, at that instant.
    Refused(Ticket, f64),
    /// A request was served.
    Served {
        ticket: Ticket,
        /// When it was done.
        at: f64,
        /// How long it had waited before, seconds.
        waited: f64,
    },
    /// A client gave up in line after so many seconds.
    GaveUp(f64),
}

impl SharedServer {
    /// A server of so many service-seconds per second for at most `most` requests at once, with room for `bound` more.
    pub(super) fn new(most: u32, speed: f64, bound: Option<u32>) -> Self {
        Self {
            processor: SharedProcessor::new(speed, most),
            most: most.max(1) as usize,
            bound: bound.map_or(usize::MAX, |bound| bound as usize),
            on_their_way: VecDeque::new(),
        }
    }

    /// Sends a request that gets here at `arrival`, takes `service` seconds alone and is given up at `deadline`. None of
    /// the two instants is before that of an earlier request.
    pub(super) fn send(&mut self, arrival: f64, service: f64, deadline: f64, ticket: Ticket) {
        self.on_their_way.push_back(Sent {
            arrival,
            service,
            deadline,
            ticket,
        });
    }

    /// When something happens next; infinite for never.
    #[inline]
    pub(super) fn next_event(&self) -> f64 {
        let arrival = self
            .on_their_way
            .front()
            .map_or(f64::INFINITY, |next| next.arrival);
        self.processor
            .next_departure()
            .map_or(arrival, |departure| departure.min(arrival))
    }

    /// What happens next by `now`; `None` when all has happened, and it is `now`.
    pub(super) fn advance(&mut self, now: f64) -> Option<Event> {
        loop {
            let next = self
                .on_their_way
                .front()
                .copied()
                .filter(|next| next.arrival <= now);
            if let Some(departure) = self
                .processor
                .advance_to(next.map_or(now, |next| next.arrival))
            {
                return Some(Self::event(departure));
            }
            let next = next?;
            self.on_their_way.pop_front();
            // A client that gave up meanwhile sends nothing.
            if next.arrival >= next.deadline {
                continue;
            }
            let would_wait = self.processor.in_service() >= self.most;
            if would_wait && self.processor.waiting() >= self.bound {
                return Some(Event::Refused(next.ticket, next.arrival));
            }
            self.processor
                .admit(next.service, next.deadline, next.ticket);
            return Some(Event::TakenIn);
        }
    }

    /// Requests in line or on their way to it, at the instant to which it was last advanced.
    pub(super) fn waiting(&self) -> usize {
        self.processor.waiting() + self.on_their_way.len()
    }

    /// Requests in service then.
    pub(super) fn serving(&self) -> usize {
        self.processor.in_service()
    }

    /// Service done until then, worker-seconds.
    pub(super) fn done(&self) -> f64 {
        self.processor.done()
    }

    fn event(departure: Departure<Ticket>) -> Event {
        match departure.end {
            DepartureKind::Served => Event::Served {
                ticket: departure.request,
                at: departure.at,
                waited: departure.waited,
            },
            DepartureKind::GaveUp => Event::GaveUp(departure.waited),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempts::{Attempt, Attempts};
    use super::super::balancer::Choice;
    use super::*;

    /// Sends requests of (arrival, service, deadline); what happened by `now`.
    fn events(server: &mut SharedServer, requests: &[(f64, f64, f64)], now: f64) -> Vec<Event> {
        let mut attempts = Attempts::new();
        for (arrival, service, deadline) in requests {
            let ticket = attempts.insert(Attempt {
                first: 0.0,
                began: 0.0,
                latency: 0.0,
                link_wait: 0.0,
                number: 1,
                choice: Choice {
                    slot: 0,
                    dispatcher: 0,
                    client: 0,
                },
            });
            server.send(*arrival, *service, *deadline, ticket);
        }
        std::iter::from_fn(|| server.advance(now)).collect()
    }

    #[test]
    fn two_share_and_the_third_waits() {
        let mut server = SharedServer::new(2, 1.0, None);
        let happened = events(&mut server, &[(0.0, 1.0, 9.0); 3], 10.0);
        let waits: Vec<(f64, f64)> = happened
            .iter()
            .filter_map(|event| match event {
                Event::Served { at, waited, .. } => Some((*at, *waited)),
                _ => None,
            })
            .collect();
        assert_eq!(waits, [(2.0, 0.0), (2.0, 0.0), (3.0, 2.0)]);
    }

    #[test]
    fn who_finds_no_room_is_refused_and_who_gives_up_on_the_way_never_comes() {
        let mut server = SharedServer::new(1, 1.0, Some(0));
        let requests = [(0.0, 5.0, 9.0), (1.0, 5.0, 9.0), (3.0, 5.0, 2.0)];
        let happened = events(&mut server, &requests, 4.0);
        assert!(
            matches!(happened[..], [Event::TakenIn, Event::Refused(_, at)] if at.total_cmp(&1.0).is_eq()),
            "{happened:?}"
        );
        assert_eq!((server.waiting(), server.serving()), (0, 1));
    }

    #[test]
    fn what_is_on_its_way_waits() {
        let mut server = SharedServer::new(1, 1.0, None);
        assert_eq!(events(&mut server, &[(5.0, 1.0, 9.0)], 1.0), []);
        assert_eq!((server.waiting(), server.serving()), (1, 0));
        assert!(server.next_event().total_cmp(&5.0).is_eq());
    }
}
