//! What to change in the user's own autoscaler so that it asks for what is wanted, and nothing else.
//!
//! [`plan`] finds the fields that have to change; [`edits`] changes them in the bytes of the file, at their places, and
//! reads the result again before it hands it out. A [`Plan`] can also be told as a strategic-merge patch or as a JSON
//! patch, which need no file.

mod behavior;
mod block;
mod change;
mod edit;
mod editor;
mod error;
mod flow;
mod json_patch;
mod layout;
mod metrics;
mod op;
mod patched;
mod places;
mod plan;
mod scaled_object;
mod strategic;
#[cfg(test)]
mod testing;
mod unified_diff;
mod value;

pub use change::FieldChange;
pub use edit::Edit;
pub use error::PatchError;
pub use patched::{Patch, edits};
pub use places::knobs_without_place;
pub use plan::{Plan, plan};
pub use unified_diff::unified_diff;
