//! `control_loop`: what an autoscaler's control loop is made of, for which no trace is needed.

use super::assemble::{
    Chosen, full_name, played, verdict_backend, verdict_kind, warn_of_missing_workload,
};
use super::backends::Surroundings;
use super::balancing::balancing;
use super::choose::Chooser;
use super::controller::{controller, intervals};
use super::demand::{self, Targets};
use super::feasibility::{warn_of_the_path, warn_of_the_unreachable};
use super::metrics::{metric_requests, stated_sources, warn_of_containers};
use super::nodes::node_pool;
use super::path::paths;
use super::replica::{self, replica};
use super::{
    Assumptions, Backend, Inputs, MetricSource, MetricsIntervals, Scenario, ScenarioError,
    Settings, Slo, Target,
};
use crate::hpa::{ControllerConfig, HpaSpec};
use crate::manifest::{Autoscaler, Service, Workload};
use crate::trace::Trace;

/// An autoscaler with what it steers and what it sees: a scenario without its trace.
#[derive(Clone, Debug)]
pub struct ControlLoop {
    /// The autoscaler's name, `namespace/name` where a namespace is given.
    pub name: String,
    /// What it scales.
    pub target: Target,
    /// The autoscaler.
    pub hpa: HpaSpec,
    /// The controller's flags.
    pub controller: ControllerConfig,
    /// Where each of the autoscaler's metrics comes from, in order; `None` where nobody said.
    pub metric_sources: Vec<Option<MetricSource>>,
    /// The request of one pod for each of the autoscaler's metrics, thousandths; `None` where a container states none.
    pub metric_requests: Vec<Option<i64>>,
    /// When the sensors look.
    pub intervals: MetricsIntervals,
    /// The objective.
    pub slo: Slo,
    /// The backends that run the replicas.
    pub backends: Vec<Backend>,
    /// The backend whose verdict counts: its index in `backends`.
    pub verdict_backend: usize,
    /// Arrival rate that brings one replica exactly to the metric target, requests/s.
    pub rate_at_target: f64,
    /// Every number that no manifest said, and who said it.
    pub assumptions: Assumptions,
    /// What the reader should know before trusting what follows.
    pub warnings: Vec<String>,
}

/// What a control loop is made of.
#[derive(Clone, Copy, Debug)]
pub struct LoopInputs<'a> {
    /// The autoscaler.
    pub autoscaler: &'a Autoscaler,
    /// The workload that it scales, where its manifest is at hand.
    pub workload: Option<&'a Workload>,
    /// The Service with `sessionAffinity: ClientIP` that selects the workload's pods, where there is one.
    pub service: Option<&'a Service>,
    /// What flags say.
    pub flags: &'a Settings,
    /// What the scenario file says.
    pub file: &'a Settings,
    /// The backends, by name; all where empty.
    pub only: &'a [String],
}

impl<'a> LoopInputs<'a> {
    /// The same with a trace, and without any optimization besides those of flags and file.
    #[must_use]
    pub const fn with_trace(self, trace: Trace) -> Inputs<'a> {
        Inputs {
            autoscaler: self.autoscaler,
            workload: self.workload,
            service: self.service,
            trace,
            flags: self.flags,
            file: self.file,
            only: self.only,
            with: &[],
        }
    }
}

/// Puts together what is known of a control loop without any trace. What a request costs is then assumed, unless
/// somebody says it; metrics that nobody mapped are left out.
///
/// # Errors
/// When a metric cannot be modelled, or a number is out of its range.
pub fn control_loop(inputs: LoopInputs<'_>) -> Result<ControlLoop, ScenarioError> {
    let LoopInputs {
        autoscaler,
        workload,
        service,
        flags,
        file,
        only,
    } = inputs;
    let mut choose = Chooser::new(flags, file);
    let mut warnings: Vec<String> = Vec::new();
    let hpa = &autoscaler.spec;
    let pod = workload.map(|workload| &workload.pod);
    let slo = choose.choose(
        "slo",
        |settings| &settings.slo,
        None,
        Slo::DEFAULT,
        Slo::to_string,
    );
    let controller = controller(&mut choose)?;
    warn_of_missing_workload(autoscaler, workload, &mut warnings);
    let mut replica = replica(&mut choose, &controller, pod, slo, &mut warnings)?;
    replica::check(&replica, workload)?;
    let metric_sources = stated_sources(&mut choose, autoscaler, &mut warnings)?;
    warn_of_containers(hpa, pod, &mut warnings);
    let metric_requests = metric_requests(&choose, &controller, hpa, pod, &replica, &mut warnings);
    let known = Known::of(hpa, &metric_sources, &metric_requests);
    let targets = Targets {
        hpa: &known.hpa,
        sources: &known.sources,
        requests: &known.requests,
    };
    let demand = demand::settle_without_trace(&mut choose, &replica, &targets)?;
    replica.serving.cpu_per_request = demand.cpu_per_request;
    let surroundings = Surroundings {
        balancing: balancing(&mut choose, service, &mut warnings)?,
        paths: paths(&mut choose)?,
    };
    let chosen = Chosen { only, with: &[] };
    let mut backends = played(&mut choose, &replica, surroundings, chosen, &mut warnings)?;
    let rate_at_target = demand.rate_at_target;
    warn_of_the_unreachable(&backends, &controller, slo, rate_at_target, &mut warnings)?;
    warn_of_the_path(&backends, rate_at_target, &mut warnings);
    let first_replicas = u32::try_from(hpa.min_replicas).unwrap_or(0);
    let nodes = node_pool(&mut choose, hpa, first_replicas, &mut warnings)?;
    for backend in &mut backends {
        backend.plant.nodes.clone_from(&nodes);
    }
    let intervals = intervals(&mut choose)?;
    Ok(ControlLoop {
        name: full_name(autoscaler),
        target: Target {
            kind: autoscaler.scale_target.kind.name().to_owned(),
            name: autoscaler.scale_target.name.clone(),
        },
        hpa: hpa.clone(),
        controller,
        metric_sources,
        metric_requests,
        intervals,
        slo,
        verdict_backend: verdict_backend(
            &backends,
            verdict_kind(&autoscaler.scale_target.kind, workload),
        ),
        backends,
        rate_at_target,
        assumptions: choose.into_assumptions(),
        warnings,
    })
}

impl From<&Scenario> for ControlLoop {
    fn from(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            target: scenario.target.clone(),
            hpa: scenario.hpa.clone(),
            controller: scenario.controller.clone(),
            metric_sources: scenario.metric_sources.iter().cloned().map(Some).collect(),
            metric_requests: scenario.metric_requests.clone(),
            intervals: scenario.intervals,
            slo: scenario.slo,
            backends: scenario.backends.clone(),
            verdict_backend: scenario.verdict_backend,
            rate_at_target: scenario.rate_at_target,
            assumptions: scenario.assumptions.clone(),
            warnings: scenario.warnings.clone(),
        }
    }
}

/// The autoscaler with those metrics alone whose source is known.
struct Known {
    hpa: HpaSpec,
    sources: Vec<MetricSource>,
    requests: Vec<Option<i64>>,
}

impl Known {
    fn of(hpa: &HpaSpec, sources: &[Option<MetricSource>], requests: &[Option<i64>]) -> Self {
        let mut known = Self {
            hpa: hpa.clone(),
            sources: sources.iter().flatten().cloned().collect(),
            requests: Vec::new(),
        };
        known.hpa.metrics.clear();
        for ((metric, source), request) in hpa.metrics.iter().zip(sources).zip(requests) {
            if source.is_some() {
                known.hpa.metrics.push(metric.clone());
                known.requests.push(*request);
            }
        }
        known
    }
}
