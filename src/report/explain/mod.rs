//! Explanations of a run: one sync as `kubectl describe hpa` would show it, with its arithmetic; and over a span, what
//! kept the count from going down or up.
//!
//! Entry points: [`ExplainedSync`] and [`ExplainedHold`].

mod arithmetic;
mod describe;
mod hold;
mod messages;
mod sync;

pub use hold::ExplainedHold;
pub use sync::ExplainedSync;
