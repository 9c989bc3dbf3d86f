//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.
//!
//! Entry point: [`judge`].

mod bands;
mod judge;
mod scorecard;
mod traffic;

pub use judge::judge;
pub use scorecard::{
    BackendCard, BoundCard, LagCard, PathCard, PathLimitCard, PathLossCard, ProvisionCard,
    Scorecard, SloCard, StabilityCard, StageCard, TrafficCard, Verdict,
};
