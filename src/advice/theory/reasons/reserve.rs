//! What must stand by: for steps of the load, for lost nodes, for spikes.

use super::{count, given, percent, replicas, seconds};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Figure, Finding, Part, Reason, Unit};
use crate::advice::theory::minimum::least_replicas;
use crate::advice::theory::node_loss::NodeLoss;
use crate::advice::theory::rising_load::RisingLoad;
use crate::queueing::StepOverload;
use crate::scenario::Backend;

/// How much of what can be served a spike asks for, in the line about spikes.
const SPIKE: f64 = 1.5;

pub(super) fn reserve(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(load) = &facts.load {
        let allowed = 1.0 - facts.control.slo.objective;
        reasons.push(minimum(
            facts,
            load,
            ["minReplicas", "minReplicas for the worst step of the trace"],
            0.0,
        ));
        reasons.push(minimum(
            facts,
            load,
            [
                "minReplicasAllowed",
                "the same, without the steps that the objective leaves room for",
            ],
            allowed,
        ));
    }
    let needed = facts.least();
    reasons.extend(node_loss(facts.backend, needed));
    let spike = StepOverload {
        arrival_rate: SPIKE * facts.server.capacity(),
        capacity_before: facts.server.capacity(),
        capacity_after: f64::INFINITY,
        capacity_delay: facts.dead_time.whole.median,
    };
    let rate = |value| Figure::new(value, Unit::RequestsPerSecond);
    let numbers = || {
        vec![
            given("T", seconds(spike.capacity_delay)),
            given("C0", rate(spike.capacity_before)),
            given("l", rate(spike.arrival_rate)),
        ]
    };
    reasons.push(Reason {
        part: Part::Reserve,
        key: "spikeWait",
        quantity: "longest wait in a spike to 1.5 times what is served",
        formula: "T (1 - C0 / l), whatever capacity comes later",
        given: numbers(),
        finding: Finding::Figure(seconds(
            spike.capacity_delay * (1.0 - spike.capacity_before / spike.arrival_rate),
        )),
        source: "Newell, Applications of Queueing Theory",
    });
    reasons.push(Reason {
        part: Part::Reserve,
        key: "spikeBacklog",
        quantity: "requests then waiting at each replica",
        formula: "(l - C0) T",
        given: numbers(),
        finding: Finding::Figure(Figure::new(spike.backlog_peak(), Unit::Requests)),
        source: "as before",
    });
    reasons
}

fn minimum(
    facts: &Facts<'_>,
    load: &RisingLoad,
    [key, quantity]: [&'static str; 2],
    allowed_share: f64,
) -> Reason {
    let floor = facts.floor(facts.rate_at_target(), u32::MAX, allowed_share);
    Reason {
        part: Part::Reserve,
        key,
        quantity,
        formula: "the most ceil(a / u) of steps with ceil(a seen / (r (1 + δ))) u < a",
        given: vec![
            given("u", Figure::new(floor.rate_at_slo, Unit::RequestsPerSecond)),
            given(
                "r (1 + δ)",
                Figure::new(floor.rate_at_threshold, Unit::RequestsPerSecond),
            ),
            given("L + h", seconds(load.dead_time)),
        ],
        finding: Finding::Figure(replicas(f64::from(least_replicas(load, floor)))),
        source: "docs/model.md, the loop in closed form",
    }
}

/// N + 1; without nodes each replica is taken to be on one of its own.
pub(super) fn node_loss(backend: &Backend, needed: u32) -> [Reason; 2] {
    let per_node = backend
        .plant
        .nodes
        .as_ref()
        .map_or(1, |pool| pool.replicas_per_node);
    let unseen = backend.plant.health.node_lost_after.as_seconds();
    let loss = NodeLoss {
        replicas: needed,
        per_node,
        lost_nodes: 1,
        unseen,
    };
    let numbers = || {
        vec![
            given("k", count(loss.lost_nodes)),
            given("replicas a node", count(loss.per_node)),
        ]
    };
    [
        Reason {
            part: Part::Reserve,
            key: "nodeLossReplicas",
            quantity: "minReplicas so that a node may fail, N + k",
            formula: "N + k × replicas a node; N is minReplicas now",
            given: [vec![given("N", count(needed))], numbers()].concat(),
            finding: Finding::Figure(replicas(f64::from(loss.in_all()))),
            source: "SRE book, N + 2; without --nodes a replica a node",
        },
        Reason {
            part: Part::Reserve,
            key: "nodeLossSeconds",
            quantity: "seconds of all traffic that its loss then costs",
            formula: "share of its replicas × time until it is seen",
            given: vec![
                given("share", percent(loss.share())),
                given("unseen", seconds(unseen)),
            ],
            finding: Finding::Figure(seconds(loss.lost_seconds())),
            source: "node lease 40 s (containers), virt-handler heartbeat 5 min (VMs)",
        },
    ]
}
