//! The bare kernels of the request path against a plain event loop in the same run, on one thread.
//!
//! `cargo bench --bench request_kernels`; millions of requests a round may follow after `--`. Eight workers, occupancy
//! 0.8, exponential gaps and service. The plain loop is what one writes first: a `BinaryHeap` of arrivals and departures
//! and draws one by one. Both print the mean wait, which must agree with what is known.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;
use rand_pcg::Pcg64;
use scaleplan::stats::{ExponentialDraws, Purpose, stream};
use scaleplan::traffic::{
    Balancer, Balancing, ClientPopulation, InFlight, LoneWorkers, Strategy, WorkerPool,
};

const WORKERS: u32 = 8;
const BACKENDS: usize = 8;
/// Mean gap between arrivals at an occupancy of 0.8, in service times.
const MEAN_GAP: f64 = 1.0 / (0.8 * 8.0);
const ROUNDS: usize = 9;
/// So many that each backend gets its share within 1 %.
const CLIENTS: u32 = 100_000;
/// Requests drawn at a time.
const BLOCK: usize = 256;

fn main() {
    let millions = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(2);
    let requests = millions * 1_000_000;
    println!(
        "{WORKERS} workers, occupancy 0.8, exponential; {millions} M requests a round, median of {ROUNDS} rounds"
    );
    compare(
        "central queue",
        Some(6.0),
        Some(0.286),
        requests,
        central,
        plain_central,
    );
    for (name, aim, known, strategy) in [
        ("round robin", Some(10.0), Some(1.97), Strategy::RoundRobin),
        ("random", Some(10.0), Some(4.0), Strategy::Random),
        ("ip hash", Some(10.0), Some(4.0), Strategy::IpHash),
        (
            "least connections",
            Some(2.0),
            Some(0.458),
            Strategy::LeastConnections,
        ),
        (
            "power of two choices",
            None,
            None,
            Strategy::PowerOfTwoChoices,
        ),
    ] {
        let ours = |requests| balanced(strategy, requests);
        let plain = |requests| plain_balanced(strategy, requests);
        compare(name, aim, known, requests, ours, plain);
    }
}

/// Times both in turns, so that whatever else the machine does meets both.
fn compare(
    name: &str,
    aim: Option<f64>,
    known: Option<f64>,
    requests: usize,
    ours: impl Fn(usize) -> f64,
    plain: impl Fn(usize) -> f64,
) {
    let mut nanos = [Vec::new(), Vec::new()];
    let mut waits = [0.0; 2];
    for _ in 0..ROUNDS {
        let kernels: [&dyn Fn(usize) -> f64; 2] = [&ours, &plain];
        for ((kernel, nanos), wait) in kernels.iter().zip(&mut nanos).zip(&mut waits) {
            let start = Instant::now();
            *wait = kernel(black_box(requests));
            nanos.push(start.elapsed().as_secs_f64() * 1e9 / requests as f64);
        }
    }
    let [ours, plain] = nanos.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[rounds.len() / 2]
    });
    let ratio = plain / ours;
    let aimed = match aim {
        Some(aim) if ratio >= aim => format!(", aim {aim}: met"),
        Some(aim) => format!(", aim {aim}: MISSED"),
        None => String::new(),
    };
    let known = known.map_or_else(String::new, |wait| format!(", known {wait}"));
    println!(
        "{name}: {ours:.1} ns ({:.0} M/s), plain event loop {plain:.1} ns: {ratio:.1} times as fast{aimed}; mean wait {:.3}, plain {:.3}{known}",
        1000.0 / ours,
        waits[0],
        waits[1],
    );
}

/// Arrivals and service of a block of requests.
struct Workload {
    gap_draws: ExponentialDraws,
    service_draws: ExponentialDraws,
    now: f64,
    arrivals: [f64; BLOCK],
    services: [f64; BLOCK],
}

impl Workload {
    fn new() -> Self {
        let draws = |which| ExponentialDraws::new(stream(1, 0, Purpose::ArrivalsWithinStep, which));
        Self {
            gap_draws: draws(0),
            service_draws: draws(1),
            now: 0.0,
            arrivals: [0.0; BLOCK],
            services: [0.0; BLOCK],
        }
    }

    /// Draws arrival and service of each request of another block.
    fn next_block(&mut self) {
        self.gap_draws.fill(&mut self.arrivals);
        self.service_draws.fill(&mut self.services);
        let mut now = self.now;
        for arrival in &mut self.arrivals {
            now += *arrival * MEAN_GAP;
            *arrival = now;
        }
        self.now = now;
    }

    fn requests(&self) -> impl Iterator<Item = (f64, f64)> {
        let requests = self.arrivals.iter().zip(&self.services);
        requests.map(|(arrival, service)| (*arrival, *service))
    }
}

fn central(requests: usize) -> f64 {
    let mut pool = WorkerPool::new(WORKERS);
    let mut workload = Workload::new();
    let mut waited = 0.0;
    for _ in 0..requests / BLOCK {
        workload.next_block();
        let requests = workload.requests();
        pool.admit_all(requests, |arrival, start| waited += start - arrival);
    }
    waited / (requests / BLOCK * BLOCK) as f64
}

fn balanced(strategy: Strategy, requests: usize) -> f64 {
    let mut balancer = Balancer::new(
        &Balancing {
            strategy,
            clients: ClientPopulation {
                count: CLIENTS,
                skew: 0.0,
            },
            ..Balancing::random()
        },
        1,
        0,
    );
    balancer.set_rotation(&(0..BACKENDS).collect::<Vec<_>>());
    let mut workers = LoneWorkers::new(BACKENDS);
    let (mut slots, mut starts) = ([0; BLOCK], [0.0; BLOCK]);
    let mut in_flight = InFlight::new(BACKENDS);
    let mut workload = Workload::new();
    let mut waited = 0.0;
    for _ in 0..requests / BLOCK {
        workload.next_block();
        if balancer.select_block(&mut slots) {
            let (arrivals, services) = (&workload.arrivals, &workload.services);
            workers.admit_all(&slots, arrivals, services, &mut starts);
        } else {
            for ((arrival, service), start) in workload.requests().zip(&mut starts) {
                let choice = balancer.select(arrival, |_, slot| in_flight.count(slot, arrival));
                let Some(choice) = choice else { continue };
                *start = workers.admit(choice.slot, arrival, service);
                in_flight.add(choice.slot, *start + service);
            }
        }
        waited += waits(&workload.arrivals, &starts);
    }
    waited / (requests / BLOCK * BLOCK) as f64
}

/// The sum of all waits, in parts, so that one addition need not wait for the other.
fn waits(arrivals: &[f64; BLOCK], starts: &[f64; BLOCK]) -> f64 {
    let mut parts = [0.0; 8];
    let (arrivals, _) = arrivals.as_chunks::<8>();
    let (starts, _) = starts.as_chunks::<8>();
    for (arrivals, starts) in arrivals.iter().zip(starts) {
        for place in 0..8 {
            parts[place] += starts[place] - arrivals[place];
        }
    }
    parts.iter().sum()
}

/// An event of the plain loop.
struct Event {
    at: f64,
    kind: Kind,
}

enum Kind {
    Arrival,
    Departure { backend: usize },
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.total_cmp(&other.at)
    }
}

fn plain_central(requests: usize) -> f64 {
    let mut random = Pcg64::seed_from_u64(1);
    let mut events = BinaryHeap::from([Reverse(Event {
        at: 0.0,
        kind: Kind::Arrival,
    })]);
    let mut line: VecDeque<f64> = VecDeque::new();
    let mut busy = 0;
    let (mut started, mut waited) = (0, 0.0);
    while let Some(Reverse(event)) = events.pop() {
        match event.kind {
            Kind::Arrival => {
                let at = event.at + random.sample::<f64, _>(Exp1) * MEAN_GAP;
                let kind = Kind::Arrival;
                events.push(Reverse(Event { at, kind }));
                line.push_back(event.at);
            }
            Kind::Departure { .. } => busy -= 1,
        }
        if busy < WORKERS
            && let Some(arrival) = line.pop_front()
        {
            busy += 1;
            waited += event.at - arrival;
            started += 1;
            if started == requests {
                break;
            }
            let at = event.at + random.sample::<f64, _>(Exp1);
            let kind = Kind::Departure { backend: 0 };
            events.push(Reverse(Event { at, kind }));
        }
    }
    waited / started as f64
}

fn plain_balanced(strategy: Strategy, requests: usize) -> f64 {
    let mut random = Pcg64::seed_from_u64(1);
    let mut events = BinaryHeap::from([Reverse(Event {
        at: 0.0,
        kind: Kind::Arrival,
    })]);
    // The requests at each backend, the one in service in front.
    let mut queues: Vec<VecDeque<f64>> = vec![VecDeque::new(); BACKENDS];
    let mut turn = 0;
    let (mut started, mut waited) = (0, 0.0);
    while let Some(Reverse(event)) = events.pop() {
        let backend = match event.kind {
            Kind::Arrival => {
                let at = event.at + random.sample::<f64, _>(Exp1) * MEAN_GAP;
                let kind = Kind::Arrival;
                events.push(Reverse(Event { at, kind }));
                let backend = match strategy {
                    Strategy::Random => random.random_range(0..BACKENDS),
                    Strategy::RoundRobin => {
                        turn = (turn + 1) % BACKENDS;
                        turn
                    }
                    Strategy::IpHash => {
                        // The multiplicative hash of Fibonacci.
                        let client = u64::from(random.random_range(0..CLIENTS));
                        let hash = client.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61;
                        usize::try_from(hash).unwrap_or(0)
                    }
                    Strategy::LeastConnections => least(&queues, random.random_range(0..BACKENDS)),
                    Strategy::PowerOfTwoChoices => {
                        let one = random.random_range(0..BACKENDS);
                        let other = (one + random.random_range(1..BACKENDS)) % BACKENDS;
                        if queues[other].len() < queues[one].len() {
                            other
                        } else {
                            one
                        }
                    }
                };
                queues[backend].push_back(event.at);
                if queues[backend].len() > 1 {
                    continue;
                }
                backend
            }
            Kind::Departure { backend } => {
                queues[backend].pop_front();
                backend
            }
        };
        if let Some(arrival) = queues[backend].front() {
            waited += event.at - arrival;
            started += 1;
            if started == requests {
                break;
            }
            let at = event.at + random.sample::<f64, _>(Exp1);
            let kind = Kind::Departure { backend };
            events.push(Reverse(Event { at, kind }));
        }
    }
    waited / started as f64
}

/// The backend with the shortest queue, the first of them from `from` on.
fn least(queues: &[VecDeque<f64>], from: usize) -> usize {
    let mut best = from;
    for step in 1..queues.len() {
        let backend = (from + step) % queues.len();
        if queues[backend].len() < queues[best].len() {
            best = backend;
        }
    }
    best
}
