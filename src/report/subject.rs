//! `Subject`: what was played, as far as a report tells of it: of a scenario at hand, or of a run that was saved.

use crate::scenario::{Assumption, BackendKind, Scenario, Slo, Steering, Target};
use crate::units::SimDuration;

/// What was played.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The version of the program that played it.
    pub program_version: String,
    /// The autoscaler's name, `namespace/name` where a namespace is given.
    pub name: String,
    /// What it scales.
    pub target: Target,
    /// Each metric of the autoscaler with its target, as text.
    pub metric_targets: Vec<String>,
    /// What the autoscaler goes by.
    pub steering: Steering,
    /// Replicas while no trigger of KEDA is active, where it lets the workload sleep.
    pub idle_replicas: Option<i64>,
    /// Replicas when the trace begins.
    pub initial_replicas: u32,
    /// The trace's name.
    pub trace_name: String,
    /// When the trace begins; `None` where its times only count from an unknown beginning.
    pub trace_start: Option<jiff::Timestamp>,
    /// How long it lasts.
    pub horizon: SimDuration,
    /// Requests in it.
    pub requests: f64,
    /// What its rate was multiplied by.
    pub rate_scale: f64,
    /// The objective.
    pub slo: Slo,
    /// How many times the trace was replayed.
    pub runs: u32,
    /// The seed of every random stream.
    pub seed: u64,
    /// What happened beside the trace, in words.
    pub disturbances: Vec<String>,
    /// What each backend's replicas are made of, in the order of the outcome.
    pub backend_kinds: Vec<BackendKind>,
    /// Every number that the trace did not say, and who said it.
    pub assumptions: Vec<Assumption>,
    /// What to know before trusting the report.
    pub warnings: Vec<String>,
    /// What makes the verdict say less than it seems.
    pub cautions: Vec<String>,
    /// Backends, by their place in the outcome, that no count of replicas brings within the objective.
    pub out_of_reach: Vec<usize>,
}

impl Subject {
    /// What a report tells of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let idle = scenario.activation.as_ref().and_then(|it| it.idle_replicas);
        Self {
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            name: scenario.name.clone(),
            target: scenario.target.clone(),
            metric_targets: scenario.metric_targets(),
            steering: scenario.steering(),
            idle_replicas: idle.map(i64::from),
            initial_replicas: scenario.initial_replicas,
            trace_name: scenario.trace_name.clone(),
            trace_start: scenario.trace_start,
            horizon: scenario.trace.end().since_start(),
            requests: scenario.trace.total_requests(),
            rate_scale: scenario.rate_scale,
            slo: scenario.slo,
            runs: scenario.runs,
            seed: scenario.seed,
            disturbances: scenario
                .disturbances
                .iter()
                .map(ToString::to_string)
                .collect(),
            backend_kinds: scenario
                .backends
                .iter()
                .map(|backend| backend.kind)
                .collect(),
            assumptions: scenario.assumptions.clone(),
            warnings: scenario.warnings.clone(),
            cautions: scenario.cautions.clone(),
            out_of_reach: scenario.out_of_reach.clone(),
        }
    }
}
