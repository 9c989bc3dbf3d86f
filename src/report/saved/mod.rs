//! Saved runs: the JSON of a report read back, as far as reports and explanations need it.
//!
//! It must not know where the text comes from. Entry point: [`SavedRun::read`].

mod card;
mod document;
mod error;
mod run;

pub use error::SavedRunError;
pub use run::SavedRun;
