//! `Flow`: what happened to the requests of a span of time.

use super::rotation::Routing;

/// Requests by fate over a span, in expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// All that arrived.
    pub arrived: f64,
    /// Those whose fate became known: in expectation all that arrived, one by one when the answer is there or given up.
    pub ended: f64,
    /// Answered, or to be answered, later than the objective allows.
    pub late: f64,
    /// Given up by the client.
    pub timed_out: f64,
    /// Turned away: no replica in rotation, no room in its queue or on its path, or it no longer took requests.
    pub refused: f64,
    /// Taken in by a replica that was gone before it answered.
    pub failed: f64,
    /// Attempts beyond the first one of a request.
    pub retried: f64,
    /// Sent to replicas that were dead, or that no longer took requests.
    pub misrouted: f64,
    /// Whether a dead replica was still sent requests.
    pub to_dead: bool,
    /// What the network path did.
    pub path: PathFlow,
    /// The highest occupancy that a request met.
    pub occupancy: f64,
    /// The longest wait that a request met, seconds.
    pub wait: f64,
    /// Requests waiting at the span's end, of all replicas.
    pub backlog: f64,
}

/// What the network path did over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PathFlow {
    /// Requests that went over it.
    pub travelled: f64,
    /// Time that they were on it, all together, seconds.
    pub seconds: f64,
    /// Mean bits/s of the busiest replica's path; one by one that of the one-minute slice so far, so that the means of its
    /// spans make the mean of the replica that was the busiest in the whole slice.
    pub bits_per_second: f64,
    /// Most connections of one replica; in expectation 0 where they were surely no more than in an earlier span.
    pub connections: f64,
    /// Requests that would have been good but for the path's latency.
    pub spoilt_by_latency: f64,
    /// Requests that would have been in time but for the wait for the path.
    pub spoilt_by_throughput: f64,
    /// Requests refused for want of a connection.
    pub spoilt_by_connections: f64,
}

impl Flow {
    /// Late, timed out, refused or failed.
    #[must_use]
    pub fn bad(&self) -> f64 {
        self.late + self.timed_out + self.refused + self.failed
    }

    /// What a span brings of which this is one second: counts grow with it, levels stay.
    pub(super) fn over(&self, seconds: f64) -> Self {
        let path = &self.path;
        Self {
            arrived: self.arrived * seconds,
            ended: self.ended * seconds,
            late: self.late * seconds,
            timed_out: self.timed_out * seconds,
            refused: self.refused * seconds,
            failed: self.failed * seconds,
            retried: self.retried * seconds,
            misrouted: self.misrouted * seconds,
            path: PathFlow {
                travelled: path.travelled * seconds,
                seconds: path.seconds * seconds,
                spoilt_by_latency: path.spoilt_by_latency * seconds,
                spoilt_by_throughput: path.spoilt_by_throughput * seconds,
                spoilt_by_connections: path.spoilt_by_connections * seconds,
                ..*path
            },
            ..*self
        }
    }

    /// Requests are sent to replicas that do with them what their routing says; those that take them are counted
    /// elsewhere.
    pub(super) fn send(&mut self, routing: Routing, requests: f64) {
        match routing {
            Routing::Out | Routing::Takes => {}
            Routing::Refuses => {
                self.refused += requests;
                self.misrouted += requests;
            }
            Routing::Dead => {
                self.timed_out += requests;
                self.misrouted += requests;
                self.to_dead |= requests > 0.0;
            }
        }
    }
}
