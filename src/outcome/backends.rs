//! `Outcome`: every backend's runs.

use super::{DecisionLog, RunOutcome, SyncLog, Timeline};

/// What a scenario left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One entry for each backend of the scenario, in its order.
    pub backends: Vec<BackendOutcome>,
}

/// One backend's runs.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendOutcome {
    /// The backend's name, `container` or `vm` or one of the scenario file's own.
    pub backend: String,
    /// The runs, in the order of their numbers.
    pub runs: Vec<RunOutcome>,
    /// How run 0 went, over time.
    pub timeline: Timeline,
    /// What changed the scale in run 0.
    pub decisions: DecisionLog,
    /// Every sync of run 0, where that was asked for.
    pub syncs: SyncLog,
}
