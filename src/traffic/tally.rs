//! `Tally`: what became of the requests of a span.

use crate::units::SimTime;

/// Requests by fate over a span, each counted when its fate is known: when the answer is there, or its client gives up.
///
/// Over spans from the beginning on, added up:
/// `arrived = answered + refused + timed_out + failed + in_flight`, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// First attempts.
    pub arrived: u64,
    /// Answered, in time or late.
    pub answered: u64,
    /// Answered later than the objective allows, counted from the first attempt.
    pub late: u64,
    /// The last attempt had no answer before its timeout.
    pub timed_out: u64,
    /// The last attempt was turned away: nothing in rotation, no connection, no room in line or among those under way, or
    /// the backend took no requests.
    pub refused: u64,
    /// The last attempt was inside a backend that crashed or was removed.
    pub failed: u64,
    /// Attempts beyond the first one of a request.
    pub retried: u64,
    /// Attempts sent to backends that were dead, or that no longer took requests.
    pub misrouted: u64,
    /// Of those, to ones that died silently.
    pub to_dead: u64,
    /// Requests whose fate is open at the span's end, those waiting to be tried again included.
    pub in_flight: u64,
    /// The longest wait for a worker that a request met, seconds; until it gave up, where it did.
    pub worst_wait: f64,
    /// Waits for a worker that became known, those of nothing included.
    pub waits: u64,
    /// The same, all together, seconds.
    pub wait_seconds: f64,
    /// Requests waiting for a worker, or on the path to it, at the span's end.
    pub backlog: u64,
    /// The most of them. Looked at with every 4 n-th arrival of n backends, and at the span's end.
    pub worst_backlog: u64,
    /// When that was.
    pub worst_backlog_at: SimTime,
    /// What the path did.
    pub path: PathTally,
}

/// What the network path did over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PathTally {
    /// Attempts that went over it.
    pub travelled: u64,
    /// Time that they were on it, all together: latency, handshake, wait and transfer; seconds.
    pub seconds: f64,
    /// By how much the most grew that one backend's path has carried since the slice began, bits. Over the spans of a
    /// slice it adds up to what the slice's busiest path carried.
    pub busiest_bits: f64,
    /// Most connections of one backend at one time.
    pub connections: u64,
    /// Requests answered late that would have been in time but for the path's latency (and handshake).
    pub spoilt_by_latency: u64,
    /// Requests answered late that would have been in time but for the wait for the path.
    pub spoilt_by_throughput: u64,
    /// Requests refused for want of a connection.
    pub spoilt_by_connections: u64,
}

impl Tally {
    /// Mean wait for a worker, seconds; `None` without any.
    #[must_use]
    pub fn mean_wait(&self) -> Option<f64> {
        (self.waits > 0).then(|| self.wait_seconds / self.waits as f64)
    }

    /// Takes in the tally of the span that follows.
    pub fn add(&mut self, next: &Self) {
        self.arrived += next.arrived;
        self.answered += next.answered;
        self.late += next.late;
        self.timed_out += next.timed_out;
        self.refused += next.refused;
        self.failed += next.failed;
        self.retried += next.retried;
        self.misrouted += next.misrouted;
        self.to_dead += next.to_dead;
        self.in_flight = next.in_flight;
        self.worst_wait = self.worst_wait.max(next.worst_wait);
        self.waits += next.waits;
        self.wait_seconds += next.wait_seconds;
        self.backlog = next.backlog;
        if next.worst_backlog > self.worst_backlog {
            self.worst_backlog = next.worst_backlog;
            self.worst_backlog_at = next.worst_backlog_at;
        }
        self.path.add(&next.path);
    }
}

impl PathTally {
    fn add(&mut self, next: &Self) {
        self.travelled += next.travelled;
        self.seconds += next.seconds;
        self.busiest_bits += next.busiest_bits;
        self.connections = self.connections.max(next.connections);
        self.spoilt_by_latency += next.spoilt_by_latency;
        self.spoilt_by_throughput += next.spoilt_by_throughput;
        self.spoilt_by_connections += next.spoilt_by_connections;
    }
}
