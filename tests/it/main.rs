//! The one test binary. Each module says what belongs in it.

/// Decisions recorded from the real controller, replayed one by one.
mod golden_hpa;
/// Pods one by one and in groups give the same decisions.
mod grouped_pods;
/// Documentation, KEPs, upstream unit tests and observed runs, held decision by decision.
mod published_cases;
/// The house rules that a text scan can hold.
mod tidy;

/// Real manifests of many authors: what each loads to, or how its error begins.
mod manifests;
