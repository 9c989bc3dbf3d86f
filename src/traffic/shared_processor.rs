//! `SharedProcessor`: requests that are served at once and share the speed of one server.
//!
//! Limited processor sharing: at most so many are in service, the rest wait in a line. With k in service each runs at
//! speed min(1, speed / k). What each has received since it entered grows for all of them alike, so one virtual clock
//! that runs at this speed replaces all of their remaining times: a request leaves when the clock has moved on by its
//! service, whatever came and went meanwhile (Nagle 1987; Parekh and Gallager 1993).
//!
//! It stands for processor sharing, and for a replica whose cpu feeds a number of workers that is not whole.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// A server whose speed is shared by the requests in service; `T` is what a request is known by.
#[derive(Clone, Debug)]
pub(super) struct SharedProcessor<T> {
    /// Service-seconds per second, all requests together.
    speed: f64,
    /// The most requests in service.
    most: usize,
    /// Seconds since the scenario began.
    clock: f64,
    /// Service received by each request that has been in service since this was zero, seconds.
    virtual_clock: f64,
    serving: BinaryHeap<Reverse<Serving<T>>>,
    line: VecDeque<Waiting<T>>,
    /// Requests that have started, ever.
    started: u64,
    /// Service done, ever; service-seconds.
    done: f64,
}

/// A request that leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Departure<T> {
    /// Which one.
    pub request: T,
    /// When, seconds since the scenario began.
    pub at: f64,
    /// How.
    pub end: DepartureKind,
    /// How long it was in the line, seconds.
    pub waited: f64,
}

/// How a request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DepartureKind {
    /// All of its service is done.
    Served,
    /// It had not started when it gave up.
    GaveUp,
}

#[derive(Clone, Debug)]
struct Serving<T> {
    /// What the virtual clock shows at the end.
    ends: f64,
    /// The how-manieth to start; of those that end together, the first to start goes first.
    ordinal: u64,
    waited: f64,
    request: T,
}

#[derive(Clone, Debug)]
struct Waiting<T> {
    arrival: f64,
    gives_up: f64,
    service: f64,
    request: T,
}

impl<T> SharedProcessor<T> {
    /// A server of so many service-seconds per second, with at most `most` requests in service (none counts as one,
    /// `u32::MAX` is plain processor sharing) and the rest in a line. At a speed that is not over zero nothing is ever
    /// done.
    #[must_use]
    pub(super) fn new(speed: f64, most: u32) -> Self {
        Self {
            speed: if speed > 0.0 { speed } else { 0.0 },
            most: most.max(1) as usize,
            clock: 0.0,
            virtual_clock: 0.0,
            serving: BinaryHeap::new(),
            line: VecDeque::new(),
            started: 0,
            done: 0.0,
        }
    }

    /// Requests in service.
    #[must_use]
    pub(super) fn in_service(&self) -> usize {
        self.serving.len()
    }

    /// Requests in the line.
    #[must_use]
    pub(super) fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Service done until the latest instant that it was advanced to; service-seconds since the beginning.
    #[must_use]
    pub(super) const fn done(&self) -> f64 {
        self.done
    }

    /// When the next request leaves if no other comes; `None` if none is there or none would ever leave.
    #[must_use]
    pub(super) fn next_departure(&self) -> Option<f64> {
        let gives_up = self
            .line
            .front()
            .map_or(f64::INFINITY, |front| front.gives_up);
        let next = self.next_end().min(gives_up);
        next.is_finite().then_some(next)
    }

    /// The next request to leave by `now`, at its own instant; `None` when all have left that do, and it is `now`.
    ///
    /// To be called until it is `None`. An earlier `now` than before changes nothing.
    pub(super) fn advance_to(&mut self, now: f64) -> Option<Departure<T>> {
        let end = self.next_end();
        // Who could start at the very instant of giving up starts.
        if let Some(front) = self.line.front()
            && front.gives_up < end
            && front.gives_up <= now
        {
            let at = front.gives_up;
            let quitter = self.line.pop_front()?;
            self.run_until(at);
            return Some(Departure {
                request: quitter.request,
                at,
                end: DepartureKind::GaveUp,
                waited: at - quitter.arrival,
            });
        }
        if end <= now {
            let Reverse(served) = self.serving.peek()?;
            let ends = served.ends;
            self.run_until(end);
            // The quotient in `end` was rounded; this is the exact reading.
            self.virtual_clock = ends;
            let Reverse(served) = self.serving.pop()?;
            self.refill();
            return Some(Departure {
                request: served.request,
                at: end,
                end: DepartureKind::Served,
                waited: served.waited,
            });
        }
        self.run_until(now);
        None
    }

    /// Takes in a request that arrives at the instant to which it was last advanced, and that needs `service` seconds of
    /// a server of its own; finite and not negative. If it has not started by `gives_up`, which is not before that of
    /// an earlier request, it leaves then.
    pub(super) fn admit(&mut self, service: f64, gives_up: f64, request: T) {
        if self.serving.len() < self.most {
            self.start(service, 0.0, request);
        } else {
            self.line.push_back(Waiting {
                arrival: self.clock,
                gives_up,
                service,
                request,
            });
        }
    }

    /// Virtual seconds per second, with these in service.
    fn pace(&self) -> f64 {
        (self.speed / self.serving.len() as f64).min(1.0)
    }

    /// When the next request in service ends; infinite when none does.
    fn next_end(&self) -> f64 {
        match self.serving.peek() {
            Some(Reverse(first)) if self.speed > 0.0 => {
                self.clock + (first.ends - self.virtual_clock).max(0.0) / self.pace()
            }
            _ => f64::INFINITY,
        }
    }

    /// Moves both clocks on, in a time in which nobody comes or goes.
    fn run_until(&mut self, now: f64) {
        let elapsed = now - self.clock;
        if elapsed > 0.0 {
            self.clock = now;
            if !self.serving.is_empty() {
                self.virtual_clock += elapsed * self.pace();
                self.done += elapsed * self.speed.min(self.serving.len() as f64);
            }
        }
    }

    fn start(&mut self, service: f64, waited: f64, request: T) {
        if self.serving.is_empty() {
            // Small readings are fine ones.
            self.virtual_clock = 0.0;
        }
        self.serving.push(Reverse(Serving {
            ends: self.virtual_clock + service,
            ordinal: self.started,
            waited,
            request,
        }));
        self.started += 1;
    }

    /// Lets those start for whom there is room, first come first.
    fn refill(&mut self) {
        while self.serving.len() < self.most
            && let Some(next) = self.line.pop_front()
        {
            self.start(next.service, self.clock - next.arrival, next.request);
        }
    }
}

impl<T> Ord for Serving<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_end = self.ends.total_cmp(&other.ends);
        by_end.then(self.ordinal.cmp(&other.ordinal))
    }
}

impl<T> PartialOrd for Serving<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Serving<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Serving<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Distribution, Purpose, stream};
    use crate::traffic::WorkerPool;
    use proptest::prelude::*;

    /// Advances to `now` and appends who left.
    fn advance<T>(server: &mut SharedProcessor<T>, now: f64, left: &mut Vec<Departure<T>>) {
        while let Some(departure) = server.advance_to(now) {
            left.push(departure);
        }
    }

    /// Plays all requests, given by arrival and service, to the end; who left, and the service done.
    fn play(
        speed: f64,
        most: u32,
        patience: f64,
        requests: &[(f64, f64)],
    ) -> (Vec<Departure<usize>>, f64) {
        let mut server = SharedProcessor::new(speed, most);
        let mut left = Vec::new();
        for (request, (arrival, service)) in requests.iter().enumerate() {
            advance(&mut server, *arrival, &mut left);
            server.admit(*service, *arrival + patience, request);
        }
        while let Some(next) = server.next_departure() {
            advance(&mut server, next, &mut left);
        }
        (left, server.done())
    }

    /// The slow, obvious server: everyone's remaining service written down, and reduced from event to event.
    fn play_plainly(
        speed: f64,
        most: usize,
        patience: f64,
        requests: &[(f64, f64)],
    ) -> Vec<Departure<usize>> {
        let mut coming = requests.iter().enumerate().peekable();
        // Remaining service, request and wait; then give-up, service, request and arrival.
        let mut serving: Vec<(f64, usize, f64)> = Vec::new();
        let mut line: Vec<(f64, f64, usize, f64)> = Vec::new();
        let mut left = Vec::new();
        let mut now = 0.0;
        loop {
            let each = (speed / serving.len() as f64).min(1.0);
            let first = serving
                .iter()
                .enumerate()
                .min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
            let end = first.map_or(f64::INFINITY, |(_, (remaining, ..))| now + remaining / each);
            let gives_up = line.first().map_or(f64::INFINITY, |front| front.0);
            let arrival = coming.peek().map_or(f64::INFINITY, |(_, (at, _))| *at);
            let next = end.min(gives_up).min(arrival);
            if next.is_infinite() {
                return left;
            }
            let ended = first.map(|(place, _)| place).filter(|_| end <= next);
            for (remaining, ..) in &mut serving {
                *remaining -= (next - now) * each;
            }
            now = next;
            if let Some(place) = ended {
                let (_, request, waited) = serving.remove(place);
                left.push(Departure {
                    request,
                    at: now,
                    end: DepartureKind::Served,
                    waited,
                });
                if !line.is_empty() {
                    let (_, service, request, arrival) = line.remove(0);
                    serving.push((service, request, now - arrival));
                }
            } else if gives_up <= next {
                let (_, _, request, arrival) = line.remove(0);
                left.push(Departure {
                    request,
                    at: now,
                    end: DepartureKind::GaveUp,
                    waited: now - arrival,
                });
            } else if let Some((request, (_, service))) = coming.next() {
                if serving.len() < most {
                    serving.push((*service, request, 0.0));
                } else {
                    line.push((now + patience, *service, request, now));
                }
            }
        }
    }

    fn any_requests() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((0.0..1.0_f64, 0.01..5.0_f64), 1..60).prop_map(|steps| {
            let mut now = 0.0;
            let arrival = |(gap, service)| {
                now += gap;
                (now, service)
            };
            steps.into_iter().map(arrival).collect()
        })
    }

    proptest! {
        #[test]
        fn everyone_leaves_as_from_the_plain_server(
            speed in 0.3..8.0_f64,
            most in prop_oneof![1_u32..10, Just(u32::MAX)],
            patience in prop_oneof![0.0..5.0_f64, Just(f64::INFINITY)],
            requests in any_requests(),
        ) {
            let (left, done) = play(speed, most, patience, &requests);
            let expected = play_plainly(speed, most as usize, patience, &requests);
            prop_assert_eq!(left.len(), requests.len());
            for (one, other) in left.iter().zip(&expected) {
                prop_assert_eq!((one.request, one.end), (other.request, other.end));
                prop_assert!((one.at - other.at).abs() < 1e-9 * (1.0 + other.at));
                prop_assert!((one.waited - other.waited).abs() < 1e-9 * (1.0 + other.at));
            }
            let served = left.iter().filter(|one| one.end == DepartureKind::Served);
            let work: f64 = served.map(|one| requests[one.request].1).sum();
            prop_assert!((done - work).abs() < 1e-9 * (1.0 + work));
        }

        #[test]
        fn with_a_worker_for_each_in_service_it_is_a_worker_pool(
            workers in 1_u32..10,
            requests in any_requests(),
        ) {
            let (mut left, _) = play(f64::from(workers), workers, f64::INFINITY, &requests);
            left.sort_by_key(|one| one.request);
            let mut pool = WorkerPool::new(workers);
            for ((arrival, service), one) in requests.iter().zip(&left) {
                let end = pool.admit(*arrival, *service) + service;
                prop_assert!((one.at - end).abs() < 1e-9 * (1.0 + end));
            }
        }
    }

    /// The mean time in an M/G/1 queue with processor sharing is S / (1 - rho) whatever the distribution is.
    #[track_caller]
    fn check_insensitive(service: &Distribution) {
        let occupancy = 0.7;
        let count = 300_000;
        let mut random = stream(5, 0, Purpose::Balancing, 0);
        let gap = Distribution::Exponential {
            mean: service.mean() / occupancy,
        };
        let mut now = 0.0;
        let requests: Vec<(f64, f64)> = (0..count)
            .map(|_| {
                now += gap.sample(&mut random);
                (now, service.sample(&mut random))
            })
            .collect();
        let (left, _) = play(1.0, u32::MAX, f64::INFINITY, &requests);
        let in_all: f64 = left
            .iter()
            .map(|one| one.at - requests[one.request].0)
            .sum();
        let mean = in_all / f64::from(count);
        let expected = service.mean() / (1.0 - occupancy);
        assert!(
            (mean / expected - 1.0).abs() < 0.03,
            "{mean}, expected {expected}"
        );
    }

    #[test]
    fn processor_sharing_does_not_care_for_the_distribution_of_service() {
        check_insensitive(&Distribution::Deterministic { value: 2.0 });
        check_insensitive(&Distribution::Exponential { mean: 0.1 });
        check_insensitive(&Distribution::Gamma {
            mean: 1.0,
            scv: 4.0,
        });
    }

    #[test]
    fn six_workers_on_the_cpu_of_five_and_a_half_run_slower_when_all_are_busy() {
        let six: Vec<(f64, f64)> = vec![(0.0, 5.5); 6];
        let (left, _) = play(5.5, 6, f64::INFINITY, &six);
        assert!(
            left.iter().all(|one| (one.at - 6.0).abs() < 1e-12),
            "{left:?}"
        );
        let (left, _) = play(5.5, 6, f64::INFINITY, &six[..5]);
        assert!(
            left.iter().all(|one| (one.at - 5.5).abs() < 1e-12),
            "{left:?}"
        );
    }

    #[test]
    fn those_who_end_together_leave_in_the_order_in_which_they_started() {
        let (left, _) = play(1.0, u32::MAX, f64::INFINITY, &[(0.0, 1.0); 5]);
        let order: Vec<usize> = left.iter().map(|one| one.request).collect();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn without_any_speed_nothing_ends_and_nothing_hangs() {
        for speed in [0.0, -1.0, f64::NAN] {
            let (left, done) = play(speed, 1, f64::INFINITY, &[(0.0, 0.0), (1.0, 1.0)]);
            assert!(left.is_empty() && done.abs() < 1e-300, "{left:?}");
            let (left, _) = play(speed, 1, 3.0, &[(0.0, 1.0), (1.0, 1.0)]);
            let gave_up = Departure {
                request: 1,
                at: 4.0,
                end: DepartureKind::GaveUp,
                waited: 3.0,
            };
            assert_eq!(left, [gave_up]);
        }
    }

    #[test]
    fn a_service_of_zero_is_done_at_once() {
        let (left, _) = play(1.0, 1, f64::INFINITY, &[(1.0, 0.0), (1.0, 0.0)]);
        assert!(
            left.iter().all(|one| (one.at - 1.0).abs() < 1e-12),
            "{left:?}"
        );
    }
}
