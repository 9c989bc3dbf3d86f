//! The fluid: moves the queue of a cohort of pods over a span in closed form.

use super::cohort::Cohort;
use super::flow::Flow;
use super::server::Server;
use crate::queueing::LatencyMix;

/// What each pod of a cohort is offered over a span.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// Requests/s.
    pub(super) rate: f64,
    /// The occupancy whose steady state they meet.
    pub(super) occupancy: f64,
    pub(super) seconds: f64,
}

/// Moves one cohort's queue on.
///
/// Below capacity and without a backlog requests meet the steady state of the latency model. Otherwise the queue is a
/// fluid: it grows or drains at `rate - capacity`, and a request waits backlog / capacity, but no less than chance makes
/// requests wait just below capacity. A queue that the last client would give up on takes in only what it serves.
pub(super) fn serve(
    cohort: &mut Cohort,
    server: &Server,
    load: Load,
    mix: &mut LatencyMix,
    flow: &mut Flow,
) {
    let pods = f64::from(cohort.count);
    let capacity = server.capacity();
    let Load {
        rate,
        occupancy,
        seconds,
    } = load;
    cohort.taken_in += rate * seconds;
    let mut left = seconds;
    while left > 0.0 {
        let growth = rate - capacity;
        if cohort.backlog <= 0.0 && growth <= 0.0 {
            cohort.throughput = rate;
            cohort.occupancy = occupancy;
            cohort.cpu_seconds += server.cpu_at(rate) * left;
            if rate > 0.0 {
                flow.late += mix.add_steady(occupancy, rate * left * pods);
                flow.occupancy = flow.occupancy.max(occupancy);
            }
            return;
        }
        cohort.throughput = capacity;
        cohort.occupancy = 0.0;
        let bound = server.queue_bound();
        let full = cohort.backlog >= bound && growth >= 0.0;
        let span = if full || growth == 0.0 {
            left
        } else if growth > 0.0 {
            left.min((bound - cohort.backlog) / growth)
        } else {
            left.min(cohort.backlog / -growth)
        };
        let (from, to) = if full {
            (bound, bound)
        } else {
            (
                cohort.backlog,
                (cohort.backlog + growth * span).clamp(0.0, bound),
            )
        };
        let answered = if full { capacity } else { rate };
        if answered > 0.0 && span > 0.0 {
            let waits = (from / capacity, to / capacity);
            flow.late += add_waiting(waits, answered * span * pods, occupancy, server, mix);
            flow.occupancy = flow.occupancy.max(occupancy);
        }
        flow.timed_out += (rate - answered).max(0.0) * span * pods;
        flow.wait = flow.wait.max(from.max(to) / capacity);
        cohort.cpu_seconds += server.cpu_at(capacity) * span;
        let emptied = growth < 0.0 && span < left;
        cohort.backlog = if emptied { 0.0 } else { to };
        left -= span;
        if span <= 0.0 && !full {
            // The bound or the bottom was reached within rounding: the next round takes the other branch.
            cohort.backlog = if growth > 0.0 { bound } else { 0.0 };
        }
    }
}

/// Adds requests that arrived while the fluid's wait moved linearly between two values; returns how many are late.
///
/// A backlog below what chance makes wait just below capacity is not seen by the requests: they meet that steady state.
fn add_waiting(
    (from, to): (f64, f64),
    requests: f64,
    occupancy: f64,
    server: &Server,
    mix: &mut LatencyMix,
) -> f64 {
    let by_chance = server.wait_at_highest();
    let (low, high) = (from.min(to), from.max(to));
    let hidden = if high <= by_chance {
        1.0
    } else if low >= by_chance {
        0.0
    } else {
        (by_chance - low) / (high - low)
    };
    let steady = occupancy.max(server.highest_at_once());
    let mut late = 0.0;
    if hidden > 0.0 {
        late += mix.add_steady(steady, requests * hidden);
    }
    if hidden < 1.0 {
        late += mix.add_waiting_linear(low.max(by_chance), high, requests * (1.0 - hidden));
    }
    late
}
