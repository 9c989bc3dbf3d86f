//! `FifoServer`: a pool of workers with a line of bounded length, whose clients give up.

use std::collections::VecDeque;

use super::worker_pool::WorkerPool;

/// Who has left the line is taken out of its ring whenever so many have joined.
const LOOK_EVERY: usize = 16;

/// Serves in order of arrival. What becomes of a request is known when it arrives.
///
/// A client that gives up in line is never served, and the ones behind it move up; one that gives up in service is
/// served to its end. Clients give up in order of arrival, so those that still wait are the tail of a plain ring.
#[derive(Clone, Debug)]
pub(super) struct FifoServer {
    pool: WorkerPool,
    bound: usize,
    /// When each of those in line leaves it, to be served or because it gives up; in ascending order.
    line: VecDeque<f64>,
    /// Spans in which a worker is idle although the pool has something for it, on its way here; in order of their ends.
    idle: VecDeque<(f64, f64)>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Admission {
    /// It is served from then on.
    Starts(f64),
    /// Its client gives up before that.
    NeverStarts,
    /// The line is full.
    Refused,
}

impl FifoServer {
    pub(super) fn new(workers: u32, bound: Option<u32>) -> Self {
        Self {
            pool: WorkerPool::new(workers),
            bound: bound.map_or(usize::MAX, |bound| bound as usize),
            line: VecDeque::new(),
            idle: VecDeque::new(),
        }
    }

    /// A request that is sent at `now` gets here at `arrival`, takes `service` seconds and is given up at `deadline`.
    /// None of the three instants is before that of an earlier request.
    #[inline]
    pub(super) fn offer(
        &mut self,
        now: f64,
        arrival: f64,
        service: f64,
        deadline: f64,
    ) -> Admission {
        let start = self.pool.next_start(arrival);
        if start > arrival {
            if self.bound != usize::MAX && self.waiting_at(arrival) >= self.bound {
                return Admission::Refused;
            }
            if self.line.len() % LOOK_EVERY == LOOK_EVERY - 1 {
                self.forget(now);
            }
            if start >= deadline {
                self.line.push_back(deadline);
                return Admission::NeverStarts;
            }
            self.line.push_back(start);
        } else if arrival >= deadline {
            return Admission::NeverStarts;
        } else if arrival > now {
            let idle_from = self.pool.next_start(now);
            if idle_from < arrival {
                while self.idle.front().is_some_and(|(_, end)| *end <= now) {
                    self.idle.pop_front();
                }
                self.idle.push_back((idle_from, arrival));
            }
        }
        Admission::Starts(self.pool.admit(arrival, service))
    }

    /// Requests in line at `now`, which is not before the last one was sent; those on their way to that line count.
    pub(super) fn waiting_at(&self, now: f64) -> usize {
        match self.line.front() {
            Some(first) if *first <= now => {
                self.line.len() - self.line.partition_point(|leaves| *leaves <= now)
            }
            _ => self.line.len(),
        }
    }

    /// Requests on their way to an idle worker at `now`, which is not before the last one was sent.
    pub(super) fn on_their_way_at(&self, now: f64) -> usize {
        self.idle.len() - self.idle.partition_point(|(_, end)| *end <= now)
    }

    /// Workers that serve a request at `now`, which is not before the last one was sent.
    pub(super) fn busy_at(&self, now: f64) -> usize {
        (self.pool.busy_at(now) as usize).saturating_sub(self.on_their_way_at(now))
    }

    /// Service done by `now`, which is not before the last request was sent; worker-seconds.
    pub(super) fn done_by(&self, now: f64) -> f64 {
        let idle: f64 = self
            .idle
            .iter()
            .map(|(begin, end)| (end - begin.max(now)).max(0.0))
            .sum();
        self.pool.done_by(now) + idle
    }

    /// Forgets what is over at `now`.
    fn forget(&mut self, now: f64) {
        let left = self.line.partition_point(|leaves| *leaves <= now);
        self.line.drain(..left);
        while self.idle.front().is_some_and(|(_, end)| *end <= now) {
            self.idle.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the figures are sums of small integers")]

    use super::*;

    const LONG: f64 = 1000.0;

    #[test]
    fn a_request_waits_for_the_first_free_worker() {
        let mut server = FifoServer::new(1, None);
        assert_eq!(server.offer(0.0, 0.0, 4.0, LONG), Admission::Starts(0.0));
        assert_eq!(server.offer(1.0, 1.0, 4.0, LONG), Admission::Starts(4.0));
        assert_eq!((server.waiting_at(3.0), server.busy_at(3.0)), (1, 1));
        assert_eq!((server.waiting_at(5.0), server.busy_at(5.0)), (0, 1));
    }

    #[test]
    fn who_gives_up_in_line_leaves_room_then_and_is_never_served() {
        let mut server = FifoServer::new(1, Some(1));
        assert_eq!(server.offer(0.0, 0.0, 10.0, 3.0), Admission::Starts(0.0));
        assert_eq!(server.offer(1.0, 1.0, 10.0, 4.0), Admission::NeverStarts);
        assert_eq!(server.offer(3.5, 3.5, 10.0, 6.5), Admission::Refused);
        assert_eq!(server.offer(4.0, 4.0, 10.0, 7.0), Admission::NeverStarts);
        assert_eq!(server.offer(9.0, 9.0, 10.0, 12.0), Admission::Starts(10.0));
        assert_eq!(server.done_by(15.0), 15.0);
    }

    #[test]
    fn a_bound_of_zero_serves_who_finds_a_free_worker() {
        let mut server = FifoServer::new(1, Some(0));
        assert_eq!(server.offer(0.0, 0.0, 2.0, LONG), Admission::Starts(0.0));
        assert_eq!(server.offer(1.0, 1.0, 2.0, LONG), Admission::Refused);
        assert_eq!(server.offer(2.0, 2.0, 2.0, LONG), Admission::Starts(2.0));
    }

    #[test]
    fn what_is_on_its_way_is_not_yet_work() {
        let mut server = FifoServer::new(2, None);
        server.offer(0.0, 0.0, 6.0, LONG);
        assert_eq!(server.offer(1.0, 5.0, 3.0, LONG), Admission::Starts(5.0));
        assert_eq!((server.busy_at(2.0), server.done_by(2.0)), (1, 2.0));
        assert_eq!((server.busy_at(5.5), server.done_by(5.5)), (2, 6.0));
        assert_eq!(server.done_by(8.0), 9.0);
    }
}
