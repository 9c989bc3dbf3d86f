//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.
//!
//! Entry points: [`judge`], [`compare`] for variants of a scenario, [`replay_change`] for two versions of one, [`sync_story`] and
//! [`held`] for what a controller did.

mod bands;
mod change;
mod compare;
mod elasticity;
mod holding;
mod judge;
mod scorecard;
mod sync_story;
mod traffic;

pub use change::{
    ChangeFigure, Judgement, Movement, ReplayChange, ReplayedSide, replay_change, replayed_side,
};
pub use compare::{
    BackendComparison, Comparison, DifferenceCard, Played, VariantCard, Varied, compare,
};
pub use elasticity::{
    ElasticSpeedup, ElasticityScores, LEAST_SCORE, MismatchScores, elastic_speedup,
    elasticity_scores,
};
pub use holding::{HeldSpan, Holder, held, leading, leading_metric};
pub use judge::{RUNS_THAT_MUST_HOLD, judge, minutes_that_prove, worst_violations};
pub use scorecard::{
    BackendCard, BoundCard, ElasticityCard, LagCard, MismatchCard, PathCard, PathLimitCard,
    PathLossCard, ProvisionCard, Scorecard, SloCard, StabilityCard, StageCard, TrafficCard,
    Verdict,
};
pub use sync_story::{Allowance, Direction, RateLimit, SyncStory, WindowPick, sync_story};
