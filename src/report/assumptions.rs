//! Assumptions in the order in which a reader should doubt them.

use crate::scenario::{Assumption, Origin};

/// Assumptions that somebody or something stated, those that were guessed first; and the built-in defaults.
pub(crate) fn stated_and_defaults(
    assumptions: &[Assumption],
) -> (Vec<&Assumption>, Vec<&Assumption>) {
    let mut sorted: Vec<&Assumption> = assumptions.iter().collect();
    sorted.sort_by_key(|assumption| doubt(&assumption.origin));
    sorted
        .into_iter()
        .partition(|assumption| assumption.origin != Origin::Default)
}

/// Who said it, and how where it was computed.
pub(crate) fn origin(assumption: &Assumption) -> String {
    match &assumption.origin {
        Origin::Derived(how) if !how.is_empty() => format!("derived: {how}"),
        other => other.name().to_owned(),
    }
}

/// What was guessed from other values comes before what somebody said; what nobody said comes last.
const fn doubt(origin: &Origin) -> u8 {
    match origin {
        Origin::Derived(_) => 0,
        Origin::Flag => 1,
        Origin::ScenarioFile => 2,
        Origin::Trace => 3,
        Origin::Manifest => 4,
        Origin::Default => 5,
    }
}
