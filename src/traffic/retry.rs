//! `RetrySpec`: what a client does after a request failed.

use crate::units::SimDuration;

/// What a client does after a request was refused, failed or timed out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetrySpec {
    /// How often it tries in all; 1 is no retry.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one, and the wait is uniform from zero
    /// up to it (full jitter).
    pub backoff: SimDuration,
    /// Retries as a share of requests that all clients together may make in the long run; infinite for no budget.
    pub budget: f64,
}

impl RetrySpec {
    /// No retries.
    pub const NONE: Self = Self {
        attempts: 1,
        backoff: SimDuration::from_millis(100),
        budget: f64::INFINITY,
    };
}
