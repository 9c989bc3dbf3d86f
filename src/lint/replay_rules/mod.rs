//! The rules that need a replay, one a file, and what they share: the replay, its places, counterfactuals.
//!
//! This folder alone of its floor knows scenario, engine, outcome and analysis. [`Replay::play`] plays an autoscaler once;
//! a rule reads what came out, and plays candidates on the same stage for what would clear a finding.

mod case;
mod clearing;
mod field_names;
mod ground;
mod least;
mod replay;
mod reruns;
mod targets;
#[cfg(test)]
pub(crate) mod testing;
mod tried;
mod windows;
mod words;

pub(super) mod backend_infeasible;
pub(super) mod cannot_return_to_min;
pub(super) mod cold_start_zero;
pub(super) mod cost_above_optimal;
pub(super) mod dead_band_slo;
pub(super) mod lb_path_bound;
pub(super) mod max_never_near;
pub(super) mod metric_outage;
pub(super) mod min_too_high;
pub(super) mod min_too_low;
pub(super) mod n_minus_one;
pub(super) mod node_provisioning_bound;
pub(super) mod oscillation;
pub(super) mod pinned_at_max;
pub(super) mod premature_scale_in;
pub(super) mod quota_hit;
pub(super) mod ramp_outruns_policy;
pub(super) mod rollout_overshoot;
pub(super) mod saturation_capped;
pub(super) mod scale_lag;
pub(super) mod slo_violation;
pub(super) mod small_count_quantisation;
pub(super) mod stale_metric_double_step;
pub(super) mod startup_cpu_overshoot;
pub(super) mod target_too_high_for_backend;
pub(super) mod trace_insufficient;
pub(super) mod unready_dampening;

pub(crate) use case::{check_each, replayed_objects};
pub use replay::{Replay, ReplayInput};
