//! The one test binary. Each module says what belongs in it.

/// Decisions recorded from the real controller, replayed one by one.
mod golden_hpa;
/// The house rules that a text scan can hold.
mod tidy;
