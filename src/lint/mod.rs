//! Rules about manifests: reads them, and runs them only in `replay_rules/`.
//!
//! A rule asks the [`Context`], which joins the objects of a set of files as Kubernetes would, and puts [`Finding`]s.
//! Entry points: [`lint`], and [`lint_with_replays`] where a workload is known. One rule, one file in `rules/` or, if it
//! needs a replay, in `replay_rules/`; its head comment is what users read about it.

mod aim;
mod alternatives;
mod baseline;
mod context;
mod demand;
mod finding;
mod fix;
mod identity;
mod joined;
mod kustomization;
mod length;
mod moved;
mod nearness;
mod overlap;
mod pace;
mod pods;
mod registry;
mod replay_rules;
mod rule;
mod rules;
mod run;
mod selection;
mod selector_index;
mod settings;
mod suppression;
#[cfg(test)]
mod testing;

pub use baseline::{Baseline, BaselineError};
pub use context::Context;
pub use finding::{Edit, Finding, Findings, Fix, Place, Related, Severity};
pub use fix::{Fixed, fix_text};
pub use joined::{Amounts, Autoscaled, Metric, PodOwner, Target};
pub use moved::{MovedFindings, moved_findings};
pub use registry::{RULES, rule};
pub use replay_rules::{Replay, ReplayInput};
pub use rule::{Group, Rule, Section};
pub use run::{Linted, lint, lint_with_replays};
pub use selection::{Choice, ChoiceError, Selection};
pub use settings::{Cluster, KubernetesVersion, ReplayThresholds, Settings, Thresholds};
