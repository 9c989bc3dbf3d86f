//! The one test binary. Each module says what belongs in it.

/// The house rules that a text scan can hold.
mod tidy;
