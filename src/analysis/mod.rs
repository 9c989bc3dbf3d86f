//! Judgements on an outcome. Imports no engine: any saved outcome can be judged.

mod scorecard;

pub use scorecard::{
    BackendCard, BoundCard, LagCard, ProvisionCard, Scorecard, SloCard, StabilityCard, Verdict,
};
