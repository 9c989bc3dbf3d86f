//! The fluid: moves the queues of pods over a span in closed form.

use super::cohort::Cohort;
use super::flow::Flow;
use super::mover::{Fluid, Mover};
use super::rotation::Routing;
use super::server::{Admitted, Limit, Server};
use super::workload::Workload;
use crate::queueing::LateRequests;
use crate::units::SimTime;

/// What each pod of a cohort is offered over a span.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// Requests/s.
    pub(super) rate: f64,
    /// The occupancy whose steady state they meet.
    pub(super) occupancy: f64,
    /// Pods in rotation.
    pub(super) replicas: u32,
    pub(super) seconds: f64,
}

impl Workload<'_> {
    /// Moves requests in expectation: each pod in rotation gets the same share, whatever waits there and whether it
    /// answers or not.
    pub(super) fn flow_on(&mut self, from: SimTime, arrival_rate: f64) -> Flow {
        let seconds = (self.now - from).as_seconds();
        let (replicas, share) = (self.in_rotation(), self.share(arrival_rate));
        let Self {
            mover: Mover::Fluid(fluid),
            server,
            ..
        } = self
        else {
            return Flow::default();
        };
        fluid.pace = None;
        let mut flow = Flow {
            arrived: arrival_rate * seconds,
            ended: arrival_rate * seconds,
            failed: std::mem::take(&mut self.failed),
            ..Flow::default()
        };
        if replicas == 0 {
            flow.refused = flow.arrived;
        }
        let steady = fluid.steady_occupancy(server, share, replicas, from);
        for cohort in &mut self.cohorts {
            flow.send(cohort.routing, share * seconds * f64::from(cohort.count));
            if cohort.works() {
                let (rate, occupancy) = match cohort.routing {
                    Routing::Takes => (share, steady),
                    _ => (0.0, 0.0),
                };
                let load = Load {
                    rate,
                    occupancy,
                    replicas,
                    seconds,
                };
                serve(cohort, server, load, fluid, &mut flow);
                flow.backlog += cohort.waiting(server) * f64::from(cohort.count);
            }
        }
        flow
    }
}

/// Moves one cohort's queue on.
///
/// Below capacity and without a backlog requests meet the steady state of the latency model. Otherwise the queue is a
/// fluid: it grows or drains at `rate - capacity`, and a request waits backlog / capacity, but no less than chance makes
/// requests wait just below capacity. A queue that the last client would give up on, or that is full, takes in only what
/// it serves.
fn serve(cohort: &mut Cohort, server: &Server, load: Load, fluid: &mut Fluid, flow: &mut Flow) {
    let pods = f64::from(cohort.count);
    let capacity = server.capacity();
    let Load { rate, seconds, .. } = load;
    cohort.replicas = load.replicas;
    cohort.taken_in += rate * seconds;
    let mut left = seconds;
    while left > 0.0 {
        let growth = rate - capacity;
        if cohort.backlog <= 0.0 && (growth <= 0.0 || server.has_short_line()) {
            serve_steadily(
                cohort,
                server,
                Load {
                    seconds: left,
                    ..load
                },
                fluid,
                flow,
            );
            return;
        }
        let (bound, limit) = server.backlog_bound();
        // What chance keeps in line is there before the backlog begins, and is left when it ends.
        if cohort.backlog <= 0.0 {
            cohort.backlog = server
                .waiting_at(cohort.occupancy, load.replicas)
                .min(bound);
        }
        cohort.throughput = capacity;
        cohort.occupancy = 0.0;
        let full = cohort.backlog >= bound && growth >= 0.0;
        let span = if full || growth == 0.0 {
            left
        } else if growth > 0.0 {
            left.min((bound - cohort.backlog) / growth)
        } else {
            let by_chance = server.waiting_at(load.occupancy, load.replicas);
            left.min((cohort.backlog - by_chance).max(0.0) / -growth)
        };
        let (from, to) = if full {
            (bound, bound)
        } else {
            (
                cohort.backlog,
                (cohort.backlog + growth * span).clamp(0.0, bound),
            )
        };
        let answered = if full {
            let in_time = match limit {
                Limit::Timeout => server.answered_at_patience(growth),
                Limit::Room | Limit::Connections => 1.0,
            };
            capacity * server.connected_share() * in_time
        } else {
            rate
        };
        let given_up = if full && limit == Limit::Timeout {
            growth
        } else {
            0.0
        };
        wait_in_vain(cohort, server.patience(), given_up, span);
        if answered > 0.0 && span > 0.0 {
            let requests = answered * span * pods;
            let waits = (from / capacity, to / capacity);
            let late = add_waiting(waits, requests, load, server, fluid);
            flow.late += late.all;
            flow.occupancy = flow.occupancy.max(load.occupancy);
            flow.path.spoilt_by_latency += late.for_path_latency;
            flow.path.spoilt_by_throughput += late.for_link;
            let link_wait = if server.link_binds() {
                waits.0.midpoint(waits.1)
            } else {
                server.link_wait(1.0)
            };
            travel(flow, server, requests, link_wait, capacity);
            let inside = from.max(to) + server.in_service(capacity) + server.on_path(capacity);
            let heaviest = &mut fluid.heaviest_backlog;
            if !heaviest.covers(answered, inside, 0) {
                heaviest.remember(answered, inside, 0);
                let connections = server.connections(inside, answered);
                flow.path.connections = flow.path.connections.max(connections);
            }
        }
        let excess = (rate - answered).max(0.0) * span * pods;
        turn_away(limit, excess, flow);
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

/// Requests that are not answered, for want of what ran out.
fn turn_away(limit: Limit, requests: f64, flow: &mut Flow) {
    match limit {
        Limit::Timeout => flow.timed_out += requests,
        Limit::Room => flow.refused += requests,
        Limit::Connections => {
            flow.refused += requests;
            flow.path.spoilt_by_connections += requests;
        }
    }
}

/// Those in line who will give up before they are served, `given_up` of whom come in a second: as many as come while one
/// waits, in the end. What was there before goes over the time of a patience.
fn wait_in_vain(cohort: &mut Cohort, patience: f64, given_up: f64, seconds: f64) {
    let left = (1.0 - seconds / patience).max(0.0);
    let lasting = given_up * patience;
    cohort.in_vain = lasting + (cohort.in_vain - lasting) * left;
}

/// A span without a backlog.
fn serve_steadily(
    cohort: &mut Cohort,
    server: &Server,
    load: Load,
    fluid: &mut Fluid,
    flow: &mut Flow,
) {
    let Load {
        rate,
        replicas,
        seconds,
        ..
    } = load;
    cohort.in_vain = 0.0;
    let pods = f64::from(cohort.count);
    let admitted = server.admitted(rate, load.occupancy, replicas, &mut fluid.heaviest_steady);
    cohort.throughput = admitted.rate;
    cohort.occupancy = admitted.occupancy;
    cohort.cpu_seconds += server.cpu_at(admitted.rate) * seconds;
    if rate <= 0.0 {
        return;
    }
    let requests = admitted.rate * seconds * pods;
    let late = fluid.add_steady(server, admitted.occupancy, replicas, requests);
    add_admitted(flow, server, &admitted, late, seconds * pods);
}

/// Adds what replicas took in without a backlog, of which so many are late, over so many seconds of one of them.
pub(super) fn add_admitted(
    flow: &mut Flow,
    server: &Server,
    admitted: &Admitted,
    late: LateRequests,
    pod_seconds: f64,
) {
    let Admitted {
        rate,
        occupancy,
        connections,
        refused_by_room,
        refused_by_connections,
    } = *admitted;
    flow.late += late.all;
    flow.refused += (refused_by_room + refused_by_connections) * pod_seconds;
    flow.occupancy = flow.occupancy.max(occupancy);
    flow.path.spoilt_by_latency += late.for_path_latency;
    flow.path.spoilt_by_throughput += late.for_link;
    flow.path.spoilt_by_connections += refused_by_connections * pod_seconds;
    flow.path.connections = flow.path.connections.max(connections);
    let requests = rate * pod_seconds;
    travel(flow, server, requests, server.link_wait(occupancy), rate);
}

/// Requests go over the path of a replica, at a rate for each, in 1/s.
fn travel(flow: &mut Flow, server: &Server, requests: f64, link_wait: f64, rate: f64) {
    let path = &mut flow.path;
    path.travelled += requests;
    path.seconds += requests * (server.path_latency() + link_wait);
    path.bits_per_second = path.bits_per_second.max(server.bits_per_second(rate));
}

/// Adds requests that arrived while the fluid's wait moved linearly between two values; returns how many are late.
///
/// A backlog below what chance makes wait just below capacity is not seen by the requests: they meet that steady state.
fn add_waiting(
    (from, to): (f64, f64),
    requests: f64,
    load: Load,
    server: &Server,
    fluid: &mut Fluid,
) -> LateRequests {
    let by_chance = server.wait_at_highest(load.replicas);
    let (low, high) = (from.min(to), from.max(to));
    let hidden = if high <= by_chance {
        1.0
    } else if low >= by_chance {
        0.0
    } else {
        (by_chance - low) / (high - low)
    };
    let steady = load.occupancy.max(server.highest_at_once());
    let mut late = LateRequests::default();
    if hidden > 0.0 {
        late += fluid.add_steady(server, steady, load.replicas, requests * hidden);
    }
    if hidden < 1.0 {
        let requests = requests * (1.0 - hidden);
        let mut behind = fluid.add_waiting(server, (low.max(by_chance), high), requests);
        if server.link_binds() {
            // The whole wait is for the link.
            behind.for_link = behind.all - requests * server.late_share_alone();
        }
        late += behind;
    }
    late
}
