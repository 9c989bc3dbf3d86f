//! The one test binary. Each module says what belongs in it.

/// Closed forms against figures computed elsewhere.
mod queueing_ground_truth;
/// The house rules that a text scan can hold.
mod tidy;
