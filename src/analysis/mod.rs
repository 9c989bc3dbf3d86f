//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.
//!
//! Entry points: [`judge`], and [`compare`] for variants of a scenario.

mod bands;
mod compare;
mod judge;
mod scorecard;
mod traffic;

pub use compare::{
    BackendComparison, Comparison, DifferenceCard, Played, VariantCard, Varied, compare,
};
pub use judge::judge;
pub use scorecard::{
    BackendCard, BoundCard, LagCard, PathCard, PathLimitCard, PathLossCard, ProvisionCard,
    Scorecard, SloCard, StabilityCard, StageCard, TrafficCard, Verdict,
};
