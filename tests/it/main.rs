//! The one test binary. Each module says what belongs in it.

/// Replays against recorded runs.
mod backtest;
/// The fluid's formulas for each balancing strategy.
mod balancing_formulas;
/// The real command line, run in temporary folders: input, output, and every refusal.
mod cli;
/// The same command gives the same bytes.
mod determinism;
/// What README and docs say is so.
mod docs;
/// Elasticity scores and objectives over minutes, from a manifest to the report.
mod elasticity;
/// What a replay must keep, whatever the scenario.
mod engine;
/// The examples print what they promise.
mod examples;
/// The same scenarios in expectation and request by request.
mod fidelity;
/// Decisions recorded from the real controller, replayed one by one.
mod golden_hpa;
/// Pods one by one and in groups give the same decisions.
mod grouped_pods;
/// The HTML report: what is in the page, that nothing from files is markup, and how it does in a real browser.
mod html_report;
/// ScaledObjects, from the manifest to the report and to advice.
mod keda;
/// The plant alone: rotation, deletion, death, nodes and rolling updates.
mod lifecycle;
/// Edits of real and made-up manifests, read again; the diffs, by git.
mod patches;
/// The plant alone, against closed forms and lifecycles.
mod plant;
/// Documentation, KEPs, upstream unit tests and observed runs, held decision by decision.
mod published_cases;
/// Closed forms against figures computed elsewhere.
mod queueing_ground_truth;
/// Every format of the report, drawn from hand-made outcomes.
mod reports;
/// Requests played one by one.
mod requests;
/// Settings, disturbances, optimizations and manifest facts, in the scenario that they make.
mod scenario;
/// The control loop in closed form: against figures computed elsewhere, by properties, and as `explain loop` tells it.
mod theory;
/// The house rules that a text scan can hold.
mod tidy;
/// Trials of settings on a stage, against simulations.
mod trials;

/// Live sources: a made-up server that misbehaves, a real Prometheus on loopback, and a made-up kubectl.
mod live;
/// Real manifests of many authors: what each loads to, or how its error begins.
mod manifests;
/// Reading workloads: the recorded ones in `tests/traces`, every form of table, and what is no trace at all.
mod traces;
