//! One sync of the autoscaler by hand: what it sees, and what it makes of that.
//!
//! Demonstrates in particular: the HPA algorithm alone, without plant, trace or manifest. Time is a field of what it sees.
//!
//! ```text
//! 3 ready pods at 450m of 500m ─┐
//! 1 pod still starting ─────────┼─► reconcile ─► stay at 4
//! target 70 %, at most 10 ──────┘
//! ```
//!
//! Run it with `cargo run --example hpa_one_step`.

use std::fmt::{self, Write as _};

use scaleplan::hpa::{
    ConditionStatus, ControllerConfig, HpaSpec, HpaState, MetricReading, MetricSpec, MetricTarget,
    Observation, PodGroup, PodPhase, PodSample, ReadyCondition, Resource, ScaleReading,
    ScaleUpdate, Selection, reconcile,
};
use scaleplan::units::{SimDuration, SimTime};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> fmt::Result {
    print!("{}", one_step()?);
    Ok(())
}

/// Makes the sync, and says what came of it.
pub(crate) fn one_step() -> Result<String, fmt::Error> {
    let spec = HpaSpec {
        min_replicas: 1,
        max_replicas: 10,
        metrics: vec![MetricSpec::Resource {
            resource: Resource::Cpu,
            target: MetricTarget::Utilization(70),
        }],
        behavior: None,
    };
    let now = SimTime::from_seconds(3600);
    let pods = [
        // Three pods that have been ready for an hour.
        PodGroup {
            count: 3,
            phase: PodPhase::Running,
            ready: Some(ReadyCondition {
                status: ConditionStatus::True,
                last_transition: SimTime::ZERO,
            }),
            start_time: Some(SimTime::ZERO),
            being_deleted: false,
        },
        // One that was created 20 s ago.
        PodGroup {
            count: 1,
            phase: PodPhase::Pending,
            ready: None,
            start_time: None,
            being_deleted: false,
        },
    ];
    let samples = [
        // Each of the three uses 450 millicores, measured over 15 s.
        Some(PodSample {
            timestamp: now,
            window: SimDuration::from_seconds(15),
            value: 450,
        }),
        None,
    ];
    // Each pod requests 500 millicores.
    let requests = [Some(500), Some(500)];

    let mut state = HpaState::new();
    let decision = reconcile(
        &ControllerConfig::KUBERNETES_1_36,
        &spec,
        &mut state,
        &Observation {
            now,
            scale: ScaleReading::Found {
                spec_replicas: 4,
                status_replicas: 4,
            },
            selection: Selection::Valid,
            pods: &pods,
            metrics: &[MetricReading::PodResource {
                samples: Ok(&samples),
                strays: &[],
                requests: &requests,
            }],
            update: ScaleUpdate::Accepted,
        },
    );

    let mut text = String::new();
    for proposal in state.evaluations().iter().flatten() {
        // 90 % over 70 %; the starting pod then counts as idle: 1350m of 2000m is 67 %, within the tolerance.
        writeln!(
            text,
            "usage ratio {:.3}, proposes {} replicas ({:?})",
            proposal.usage_ratio, proposal.replicas, proposal.basis
        )?;
    }
    writeln!(
        text,
        "{}, bound by {}: {:?}",
        decision.reason.as_str(),
        decision.bound.as_str(),
        decision.write
    )?;
    for (kind, status, reason) in decision.conditions.iter() {
        writeln!(text, "{kind}={status:?} {reason}")?;
    }
    Ok(text)
}
