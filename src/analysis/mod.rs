//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.
//!
//! Entry points: [`judge`], [`compare`] for variants of a scenario, and [`replay_change`] for two versions of one.

mod bands;
mod change;
mod compare;
mod elasticity;
mod judge;
mod scorecard;
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
pub use judge::{RUNS_THAT_MUST_HOLD, judge, minutes_that_prove};
pub use scorecard::{
    BackendCard, BoundCard, ElasticityCard, LagCard, MismatchCard, PathCard, PathLimitCard,
    PathLossCard, ProvisionCard, Scorecard, SloCard, StabilityCard, StageCard, TrafficCard,
    Verdict,
};
