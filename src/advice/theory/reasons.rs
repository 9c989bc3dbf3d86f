//! Every reason of a loop, in the order of a report: the numbers of one backend put into the formulas.

mod dead_time;
mod oscillation;
mod ramp;
mod reserve;
mod saturation;
mod steady_state;

use super::facts::Facts;
use super::figure::{Figure, Given, Reason, Unit};
use crate::scenario::{Backend, ControlLoop};

/// Everything that is known of a loop whose metric grows with the load.
pub(super) fn reasons(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = dead_time::dead_time(facts);
    reasons.extend(ramp::ramp(facts));
    reasons.extend(saturation::saturation(facts));
    reasons.extend(reserve::reserve(facts));
    reasons.extend(oscillation::oscillation(facts));
    reasons.extend(steady_state::steady_state(facts));
    reasons
}

/// What is known of any loop.
pub(super) fn without_metric(control: &ControlLoop, backend: &Backend) -> Vec<Reason> {
    let least = u32::try_from(control.hpa.min_replicas).unwrap_or(0).max(1);
    let most = u32::try_from(control.hpa.max_replicas).unwrap_or(1).max(1);
    let mut reasons = vec![saturation::rate_limit(control, least, most)];
    reasons.extend(reserve::node_loss(backend, least));
    reasons
}

fn seconds(value: f64) -> Figure {
    Figure::new(value, Unit::Seconds)
}

fn percent(share: f64) -> Figure {
    Figure::new(100.0 * share, Unit::Percent)
}

fn replicas(value: f64) -> Figure {
    Figure::new(value, Unit::Replicas)
}

fn count(value: u32) -> Figure {
    Figure::new(f64::from(value), Unit::Count)
}

const fn given(symbol: &'static str, figure: Figure) -> Given {
    Given { symbol, figure }
}
