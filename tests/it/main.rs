//! The one test binary. Each module says what belongs in it.

/// The house rules that a text scan can hold.
mod tidy;

/// Reading workloads: the recorded ones in `tests/traces`, every form of table, and what is no trace at all.
mod traces;
