//! `Fidelity`: how closely requests are followed.

/// How closely requests are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// As a fluid, in expectation: rates, backlogs and queueing formulas.
    Fluid,
    /// One by one, through balancer, path, queue and server.
    Discrete,
}
