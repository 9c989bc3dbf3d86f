//! `PlayerSpec`: what a player of requests plays, and what it tells of its backends.

use super::backend::Server;
use super::balancing::Balancing;
use super::fifo_server::FifoServer;
use super::path::PathSpec;
use super::retry::RetrySpec;
use super::service::Discipline;
use super::shared_server::SharedServer;
use crate::stats::Distribution;
use crate::units::SimDuration;

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

impl PlayerSpec {
    /// Whether requests in service share what the backend can do.
    pub(super) fn is_shared(&self) -> bool {
        self.discipline == Discipline::ProcessorSharing || self.speed < f64::from(self.workers)
    }

    /// The server of a new backend.
    pub(super) fn server(&self) -> Server {
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
    /// Of the attempts that each backend took in.
    pub(super) fn of(taken: &[u64]) -> Option<Self> {
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
