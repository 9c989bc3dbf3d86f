//! What happened. Data only: the engine fills it, analysis judges it, report draws it.
//!
//! It must not know how a run is played nor how it is judged.

mod backends;
mod decision;
mod elasticity;
mod episode;
mod run;
mod sync_log;
mod timeline;
mod traffic;

pub use backends::{BackendOutcome, Outcome};
pub use decision::{
    Brake, DecidedBy, DecisionLog, Measured, MetricVote, ScaleDecision, SyncInputs, VoteRule,
};
pub use elasticity::{ElasticityFigures, MismatchSums};
pub use episode::{Bound, EpisodeEnd, LagEpisode, Rescale, ScaleUpBurst, Violation};
pub use run::{LatencyFigures, Provision, RequestTotals, RunOutcome};
pub use sync_log::{StatusConditions, SyncLog, SyncRecord, SyncWrite};
pub use timeline::{Timeline, TimelineRow};
pub use traffic::{Imbalance, PathFigures, PathLimit, Spoilt, TrafficFigures};
