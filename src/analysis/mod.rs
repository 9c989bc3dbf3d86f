//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.
//!
//! Entry point: [`judge`].

mod judge;
mod scorecard;

pub use judge::judge;
pub use scorecard::{
    BackendCard, BoundCard, LagCard, ProvisionCard, Scorecard, SloCard, StabilityCard, StageCard,
    Verdict,
};
