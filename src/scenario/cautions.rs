//! What makes a verdict say less than it seems: told beside it, not below the assumptions.

use super::{Assumption, Backend, Origin, Span};
use crate::manifest::{Autoscaler, TargetKind};
use crate::plant::PlantSpec;

/// What cautions are drawn from.
pub(super) struct Grounds<'a> {
    pub(super) autoscaler: &'a Autoscaler,
    pub(super) assumptions: &'a [Assumption],
    /// The backend whose verdict counts.
    pub(super) backend: &'a Backend,
    /// The load up to which a replica of it holds the objective, requests/s; `None` where even an idle one misses it.
    pub(super) rate_at_slo: Option<f64>,
    /// The load that brings a replica to the metric target, requests/s.
    pub(super) rate_at_target: f64,
}

/// The cautions, each a fragment as warnings are.
pub(super) fn cautions(grounds: &Grounds<'_>) -> Vec<String> {
    let plant = &grounds.backend.plant;
    [
        without_scale(grounds.autoscaler),
        // What cannot be answered at all is not worth a second word.
        too_dear(grounds.assumptions, plant).or_else(|| bound_by_latency(grounds)),
        fitted(grounds.assumptions),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A target of a kind that nothing scales is played as if something did.
fn without_scale(autoscaler: &Autoscaler) -> Option<String> {
    let target = &autoscaler.scale_target;
    let instead = match target.kind {
        TargetKind::VirtualMachine | TargetKind::VirtualMachineInstance => {
            ", as of a VirtualMachinePool"
        }
        _ => "",
    };
    target.has_no_scale().then(|| {
        format!(
            "{} {} has no count that could be scaled, so that its autoscaler does nothing; it is played as if it had \
             one{instead}",
            target.kind.name(),
            target.name
        )
    })
}

/// A request that a whole replica cannot answer before clients give up: a wrong unit rather than a cost.
fn too_dear(assumptions: &[Assumption], plant: &PlantSpec) -> Option<String> {
    let said = assumptions
        .iter()
        .find(|assumption| assumption.key == "cpu-per-request")?;
    let timeout = plant.serving.timeout.as_seconds();
    let alone = plant.serving.cpu_per_request / plant.pod.cpu_limit;
    (alone > timeout).then(|| {
        format!(
            "a request costs {} of cpu, which takes a whole replica {}, and clients give up after {}; in \
             --cpu-per-request ms are milliseconds and m minutes",
            said.value,
            Span(alone),
            Span(timeout)
        )
    })
}

/// Where latency, not the metric's target, says how many replicas it takes, much hangs on the service time.
fn bound_by_latency(grounds: &Grounds<'_>) -> Option<String> {
    let name = &grounds.backend.name;
    let target = grounds.rate_at_target;
    let bound = match grounds.rate_at_slo {
        Some(most) if most < target => format!(
            "on {name} latency says how many replicas it takes, not the metric target: one holds the objective up to \
             {most:.4} requests/s of the {target:.4} that the target gives it"
        ),
        Some(_) => return None,
        None => format!("on {name} even an idle replica is too slow for the objective"),
    };
    let mut assumptions = grounds.assumptions.iter();
    let assumed = assumptions.find(|it| it.key == "service-time" && it.origin == Origin::Default);
    let rests = assumed.map_or_else(String::new, |assumed| {
        format!(
            ". This rests on the service time, which is assumed to be {} in the mean: --service-time tells yours",
            assumed.value
        )
    });
    Some(bound + &rests)
}

/// A load that was fitted to the autoscaler cannot show that the autoscaler is too small.
fn fitted(assumptions: &[Assumption]) -> Option<String> {
    let peak = assumptions
        .iter()
        .find(|it| it.key == "peak-replicas" && it.origin == Origin::Default)?;
    Some(format!(
        "the load was fitted to the autoscaler: its peak is taken to need {} replicas at the target, 60 % of maxReplicas, so \
         that a maxReplicas which is too small cannot show. --cpu-per-request tells what a request costs",
        peak.value
    ))
}
