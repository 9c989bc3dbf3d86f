//! `Flow`: what happened to the requests of a span of time.

/// Requests by fate over a span, in expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// All that arrived.
    pub arrived: f64,
    /// Answered, or to be answered, later than the objective allows.
    pub late: f64,
    /// Given up by the client.
    pub timed_out: f64,
    /// Arrived with no ready replica.
    pub refused: f64,
    /// The highest occupancy that a request met.
    pub occupancy: f64,
    /// The longest wait that a request met, seconds.
    pub wait: f64,
    /// Requests waiting at the span's end, of all replicas.
    pub backlog: f64,
}

impl Flow {
    /// Late, timed out or refused.
    #[must_use]
    pub fn bad(&self) -> f64 {
        self.late + self.timed_out + self.refused
    }
}
