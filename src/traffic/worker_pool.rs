//! `WorkerPool`: a FIFO queue before equal workers, which says at arrival when each request starts.
//!
//! The recursion of Kiefer and Wolfowitz (1955): with the instants at which each worker will have done all that has
//! been given to it, a request starts at the least of them, or on arrival if that is later, and that worker is then
//! taken until its end. So nothing has to be played: no events, no line, and memory that does not grow with the queue.
//! With one worker it is the recursion of Lindley (1952).
//!
//! Instants are `f64` seconds since the scenario began. Until day 24 their steps are under 0.25 ns, finer than the
//! nanosecond of `SimTime`, and they have a minimum and a maximum of one instruction on every x86-64, also in lanes, which
//! 64-bit integers have not.

/// Equal workers that take requests in order of arrival, each serving one at a time.
#[derive(Clone, Debug)]
pub struct WorkerPool {
    free: FreeInstants,
    workers: u32,
    /// All service that was ever admitted, worker-seconds.
    admitted: f64,
}

/// When each worker is free.
#[derive(Clone, Debug)]
enum FreeInstants {
    One(f64),
    UpToFour(Ascending<4>),
    UpToEight(Ascending<8>),
    UpToSixteen(Box<Ascending<16>>),
    UpToThirtyTwo(Box<Ascending<32>>),
    Many(Heap),
}

impl WorkerPool {
    /// So many workers, all free from the beginning; none counts as one.
    #[must_use]
    pub fn new(workers: u32) -> Self {
        let workers = workers.max(1);
        let free = match workers {
            1 => FreeInstants::One(0.0),
            2..=4 => FreeInstants::UpToFour(Ascending::new(workers)),
            5..=8 => FreeInstants::UpToEight(Ascending::new(workers)),
            9..=16 => FreeInstants::UpToSixteen(Box::new(Ascending::new(workers))),
            17..=32 => FreeInstants::UpToThirtyTwo(Box::new(Ascending::new(workers))),
            _ => FreeInstants::Many(Heap::new(workers)),
        };
        Self {
            free,
            workers,
            admitted: 0.0,
        }
    }

    /// How many workers there are.
    #[must_use]
    pub const fn workers(&self) -> u32 {
        self.workers
    }

    /// When a request that arrives at `arrival` would start, were it admitted.
    #[inline]
    #[must_use]
    pub fn next_start(&self, arrival: f64) -> f64 {
        later(arrival, self.first_free())
    }

    /// Takes in a request that arrives at `arrival`, not before any that was taken in earlier, and keeps a worker for
    /// `service` seconds, which are finite and not negative. Says when it starts; it ends `service` later.
    #[inline]
    pub fn admit(&mut self, arrival: f64, service: f64) -> f64 {
        self.admitted += service;
        self.free.admit(arrival, service)
    }

    /// [`admit`](Self::admit) for each of many requests, given by arrival and service; `started` gets the arrival and the
    /// start of each. The same as one call each, but faster for a few workers.
    #[inline]
    pub fn admit_all(
        &mut self,
        requests: impl Iterator<Item = (f64, f64)>,
        started: impl FnMut(f64, f64),
    ) {
        self.admitted += match &mut self.free {
            FreeInstants::UpToFour(free) => free.admit_all(requests, started),
            FreeInstants::UpToEight(free) => free.admit_all(requests, started),
            free => each(requests, started, |arrival, service| {
                free.admit(arrival, service)
            }),
        };
    }

    /// Workers that serve a request at `now`, which is not before the last arrival.
    #[must_use]
    pub fn busy_at(&self, now: f64) -> u32 {
        let busy = self.instants().iter().filter(|free| **free > now).count();
        u32::try_from(busy).unwrap_or(self.workers)
    }

    /// Service that has been admitted and is still to be done at `now`, which is not before the last arrival;
    /// worker-seconds.
    #[must_use]
    pub fn unfinished_at(&self, now: f64) -> f64 {
        let left = |free: &f64| if *free > now { free - now } else { 0.0 };
        self.instants().iter().map(left).sum()
    }

    /// Service done by `now`, which is not before the last arrival; worker-seconds since the beginning.
    #[must_use]
    pub fn done_by(&self, now: f64) -> f64 {
        self.admitted - self.unfinished_at(now)
    }

    #[inline]
    fn first_free(&self) -> f64 {
        match &self.free {
            FreeInstants::One(free) => *free,
            FreeInstants::UpToFour(free) => free.0[0],
            FreeInstants::UpToEight(free) => free.0[0],
            FreeInstants::UpToSixteen(free) => free.0[0],
            FreeInstants::UpToThirtyTwo(free) => free.0[0],
            FreeInstants::Many(free) => free.0[0],
        }
    }

    /// When each worker is free, without the places that only fill a block up.
    fn instants(&self) -> &[f64] {
        let all: &[f64] = match &self.free {
            FreeInstants::One(free) => std::slice::from_ref(free),
            FreeInstants::UpToFour(free) => &free.0,
            FreeInstants::UpToEight(free) => &free.0,
            FreeInstants::UpToSixteen(free) => &free.0,
            FreeInstants::UpToThirtyTwo(free) => &free.0,
            FreeInstants::Many(free) => &free.0,
        };
        all.get(..self.workers as usize).unwrap_or(all)
    }
}

impl FreeInstants {
    #[inline]
    fn admit(&mut self, arrival: f64, service: f64) -> f64 {
        // The recursion of Lindley, short enough to be put in place; the rest is a call.
        if let Self::One(free) = self {
            let start = later(arrival, *free);
            *free = start + service;
            start
        } else {
            self.admit_to_several(arrival, service)
        }
    }

    fn admit_to_several(&mut self, arrival: f64, service: f64) -> f64 {
        match self {
            Self::One(free) => later(arrival, *free),
            Self::UpToFour(free) => free.admit(arrival, service),
            Self::UpToEight(free) => free.admit(arrival, service),
            Self::UpToSixteen(free) => free.admit(arrival, service),
            Self::UpToThirtyTwo(free) => free.admit(arrival, service),
            Self::Many(free) => free.admit(arrival, service),
        }
    }
}

/// Admits each request; returns their service in all.
#[inline]
fn each(
    requests: impl Iterator<Item = (f64, f64)>,
    mut started: impl FnMut(f64, f64),
    mut admit: impl FnMut(f64, f64) -> f64,
) -> f64 {
    let mut admitted = 0.0;
    for (arrival, service) in requests {
        started(arrival, admit(arrival, service));
        admitted += service;
    }
    admitted
}

/// The later of two instants; unlike `f64::max` it is one instruction, because neither is NaN.
#[inline]
fn later(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The earlier of two instants.
#[inline]
fn earlier(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Instants in ascending order; places beyond the workers are never free.
#[derive(Clone, Debug)]
struct Ascending<const N: usize>([f64; N]);

impl<const N: usize> Ascending<N> {
    fn new(workers: u32) -> Self {
        let mut instants = [f64::INFINITY; N];
        for free in instants.iter_mut().take(workers as usize) {
            *free = 0.0;
        }
        Self(instants)
    }

    /// Takes the first instant out and puts the end of the request in. Each place is computed from its own two old
    /// neighbours, so that nothing waits for the place before it, as it would in an insertion that shifts step by step.
    #[inline]
    fn admit(&mut self, arrival: f64, service: f64) -> f64 {
        let start = later(arrival, self.0[0]);
        let end = start + service;
        let old = self.0;
        for place in 0..N - 1 {
            self.0[place] = earlier(old[place + 1], later(old[place], end));
        }
        self.0[N - 1] = later(old[N - 1], end);
        start
    }

    /// Admits each request, with the instants in registers.
    #[inline]
    fn admit_all(
        &mut self,
        requests: impl Iterator<Item = (f64, f64)>,
        started: impl FnMut(f64, f64),
    ) -> f64 {
        let mut free = self.clone();
        let admitted = each(requests, started, |arrival, service| {
            free.admit(arrival, service)
        });
        *self = free;
        admitted
    }
}

/// Instants in a heap with four children to a place, the least on top: fewer levels than with two, and the least of four
/// is found without a branch.
#[derive(Clone, Debug)]
struct Heap(Box<[f64]>);

impl Heap {
    fn new(workers: u32) -> Self {
        Self(vec![0.0; workers as usize].into_boxed_slice())
    }

    #[inline]
    fn admit(&mut self, arrival: f64, service: f64) -> f64 {
        let start = later(arrival, self.0[0]);
        self.replace_top(start + service);
        start
    }

    fn replace_top(&mut self, end: f64) {
        let instants = &mut self.0;
        let mut place = 0;
        loop {
            let first_child = 4 * place + 1;
            let least = if let Some(&[a, b, c, d]) = instants.get(first_child..first_child + 4) {
                let left = first_child + usize::from(b < a);
                let right = first_child + 2 + usize::from(d < c);
                if earlier(c, d) < earlier(a, b) {
                    right
                } else {
                    left
                }
            } else {
                let children = first_child.min(instants.len())..instants.len();
                match children.min_by(|a, b| instants[*a].total_cmp(&instants[*b])) {
                    Some(least) => least,
                    None => break,
                }
            };
            if instants[least] >= end {
                break;
            }
            instants[place] = instants[least];
            place = least;
        }
        instants[place] = end;
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::float_cmp,
        reason = "both sides take the same sums in the same order"
    )]

    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// The slow, obvious queue: a line, and workers that are looked through one by one.
    struct PlainQueue {
        /// Start and end of what each worker ever did.
        done: Vec<Vec<(f64, f64)>>,
        line: VecDeque<(f64, f64)>,
    }

    impl PlainQueue {
        fn new(workers: usize) -> Self {
            Self {
                done: vec![Vec::new(); workers],
                line: VecDeque::new(),
            }
        }

        /// Lets the first in line go to the worker that is free first.
        fn serve(&mut self) -> f64 {
            let (arrival, service) = self.line.pop_front().expect("somebody waits");
            let free = |done: &Vec<(f64, f64)>| done.last().map_or(0.0, |(_, end)| *end);
            let first = self
                .done
                .iter_mut()
                .min_by(|a, b| free(a).total_cmp(&free(b)))
                .expect("a worker");
            let start = arrival.max(free(first));
            first.push((start, start + service));
            start
        }

        fn busy_at(&self, now: f64) -> usize {
            let serves = |done: &&Vec<(f64, f64)>| {
                done.iter().any(|(start, end)| *start <= now && now < *end)
            };
            self.done.iter().filter(serves).count()
        }

        fn done_by(&self, now: f64) -> f64 {
            let share = |(start, end): &(f64, f64)| (end.min(now) - start).max(0.0);
            self.done.iter().flatten().map(share).sum()
        }
    }

    proptest! {
        #[test]
        fn starts_busy_workers_and_work_done_are_those_of_the_plain_queue(
            workers in prop_oneof![1_u32..40, Just(100)],
            requests in prop::collection::vec((0.0..1.0_f64, 0.0..30.0_f64), 1..200),
            look in 0.0..20.0_f64,
        ) {
            let mut pool = WorkerPool::new(workers);
            let mut plain = PlainQueue::new(workers as usize);
            let mut now = 0.0;
            for (gap, service) in requests {
                now += gap;
                plain.line.push_back((now, service));
                let expected = plain.serve();
                prop_assert_eq!(pool.next_start(now), expected);
                prop_assert_eq!(pool.admit(now, service), expected);
            }
            let now = now + look;
            prop_assert_eq!(pool.busy_at(now) as usize, plain.busy_at(now));
            prop_assert!((pool.done_by(now) - plain.done_by(now)).abs() < 1e-9 * (1.0 + now));
        }

        #[test]
        fn many_at_once_leave_what_one_by_one_leaves(
            workers in 1_u32..40,
            requests in prop::collection::vec((0.0..1.0_f64, 0.0..30.0_f64), 1..100),
        ) {
            let mut now = 0.0;
            let requests: Vec<(f64, f64)> = requests
                .into_iter()
                .map(|(gap, service)| {
                    now += gap;
                    (now, service)
                })
                .collect();
            let mut starts = Vec::new();
            let mut together = WorkerPool::new(workers);
            together.admit_all(requests.iter().copied(), |arrival, start| {
                starts.push((arrival, start));
            });
            let mut apart = WorkerPool::new(workers);
            for ((arrival, service), start) in requests.iter().zip(&starts) {
                prop_assert_eq!((*arrival, apart.admit(*arrival, *service)), *start);
            }
            prop_assert_eq!(together.instants(), apart.instants());
        }
    }

    #[test]
    fn an_idle_pool_starts_at_once_and_a_full_one_when_the_first_is_free() {
        let mut pool = WorkerPool::new(2);
        let starts = [(1.0, 5.0), (2.0, 1.0), (2.5, 1.0)].map(|(at, long)| pool.admit(at, long));
        assert_eq!(starts, [1.0, 2.0, 3.0]);
        assert_eq!(pool.busy_at(3.5), 2);
        assert_eq!(pool.busy_at(4.0), 1);
    }

    #[test]
    fn no_workers_count_as_one() {
        assert_eq!(WorkerPool::new(0).workers(), 1);
    }

    #[test]
    fn a_service_of_zero_takes_no_worker() {
        let mut pool = WorkerPool::new(1);
        assert_eq!([pool.admit(1.0, 0.0), pool.admit(1.0, 0.0)], [1.0, 1.0]);
        assert_eq!(pool.busy_at(1.0), 0);
    }

    #[test]
    fn a_hundred_thousand_workers_serve_as_many_at_once() {
        let mut pool = WorkerPool::new(100_000);
        for _ in 0..100_000 {
            assert_eq!(pool.admit(1.0, 2.0), 1.0);
        }
        assert_eq!(pool.admit(1.0, 2.0), 3.0);
        assert_eq!(pool.busy_at(2.0), 100_000);
    }
}
