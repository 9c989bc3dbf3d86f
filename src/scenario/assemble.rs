//! `assemble`: manifests, trace and settings make a scenario, or say what is missing.

use super::activation::{activation, asleep_at_first};
use super::backends::{Surroundings, backends};
use super::balancing::{balancing, only_discrete};
use super::between::{INITIAL_REPLICAS, resting_replicas};
use super::cautions::{Grounds, cautions};
use super::choose::Chooser;
use super::controller::{controller, intervals};
use super::demand::{self, Demand, Load, Targets};
use super::feasibility::{warn_of_the_fluid, warn_of_the_path, warn_of_the_unreachable};
use super::metrics::{metric_requests, metric_sources, warn_of_containers};
use super::nodes::node_pool;
use super::path::paths;
use super::range::{in_range, out_of_range};
use super::replica::{self, Replica, replica};
use super::{
    Activation, Backend, BackendKind, Disturbance, Fidelity, Optimization, Origin, Scenario,
    ScenarioError, Settings, Slo, Span, Target, optimize,
};
use crate::hpa::{ControllerConfig, HpaSpec};
use crate::manifest::{Autoscaler, Service, TargetKind, Workload};
use crate::trace::{ArrivalTrace, CpuConversion, Trace, UnitChoice, UnitSource, arrivals};
use crate::traffic::Balancing;
use crate::units::{SimDuration, SimTime};

/// The highest rate that is played.
const MOST_REQUESTS_A_SECOND: f64 = 1e15;

/// The most requests of one run that are followed one by one: some half an hour of work.
const MOST_ONE_BY_ONE: f64 = 1e10;

/// The most replicas that are kept one by one.
const MOST_FOLLOWED: f64 = 1e4;

/// So many requests are followed one by one without being asked to, where the fluid is not to be trusted.
const FEW_REQUESTS: f64 = 5e6;

/// Steps of the trace longer than this get seeded arrivals within them.
const ARRIVAL_GRAIN: SimDuration = SimDuration::from_seconds(60);

/// The most disturbances of one scenario.
const MOST_DISTURBANCES: usize = 1000;

/// What a scenario is made of.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The autoscaler.
    pub autoscaler: &'a Autoscaler,
    /// The workload that it scales, where its manifest is at hand.
    pub workload: Option<&'a Workload>,
    /// The Service with `sessionAffinity: ClientIP` that selects the workload's pods, where there is one.
    pub service: Option<&'a Service>,
    /// The trace.
    pub trace: Trace,
    /// What flags say.
    pub flags: &'a Settings,
    /// What the scenario file says.
    pub file: &'a Settings,
    /// The backends to play, by name; all where empty.
    pub only: &'a [String],
    /// Optimizations to play besides those of flags and file: to compare several, assemble once for each.
    pub with: &'a [Optimization],
}

/// Makes a scenario, and lists every assumption in it with where it came from.
///
/// # Errors
/// When a metric has no source, the trace carries no request, or a number is out of its range.
#[expect(
    clippy::too_many_lines,
    reason = "one part of the scenario after the other, each needing those before"
)]
pub fn assemble(inputs: Inputs<'_>) -> Result<Scenario, ScenarioError> {
    let Inputs {
        autoscaler,
        workload,
        service,
        trace,
        flags,
        file,
        only,
        with,
    } = inputs;
    let mut choose = Chooser::new(flags, file);
    let mut warnings: Vec<String> = Vec::new();
    let hpa = &autoscaler.spec;
    let pod = workload.map(|workload| &workload.pod);
    let (columns, trace_name) = (trace.columns.clone(), trace.name.clone());
    let trace_start = trace.start;

    choose.note(
        "unit",
        trace.unit.unit.to_string(),
        unit_origin(&trace.unit, flags, file),
    );
    let slo = choose.choose(
        "slo",
        |settings| &settings.slo,
        None,
        Slo::DEFAULT,
        Slo::to_string,
    );
    let controller = controller(&mut choose)?;
    warn_of_manifests(autoscaler, workload, &mut warnings);
    let mut replica = replica(&mut choose, &controller, pod, slo, &mut warnings)?;
    replica::check(&replica, workload)?;
    let sources = metric_sources(&mut choose, autoscaler, &columns, &mut warnings)?;
    warn_of_containers(hpa, pod, &mut warnings);
    let requests = metric_requests(&choose, &controller, hpa, pod, &replica, &mut warnings);
    let targets = Targets {
        hpa,
        sources: &sources,
        requests: &requests,
    };
    let (trace, demand) = demanded(&mut choose, &replica, &targets, trace)?;
    warn_of_short_trace(&trace, &controller, &mut warnings);
    replica.serving.cpu_per_request = demand.cpu_per_request;

    let balancing = balancing(&mut choose, service, &mut warnings)?;
    let fidelity = fidelity(&mut choose, &balancing, &trace);
    note_arrivals(&mut choose, fidelity, &trace, &mut warnings)?;
    let surroundings = Surroundings {
        balancing,
        paths: paths(&mut choose)?,
    };
    let chosen = Chosen { only, with };
    let mut backends = played(&mut choose, &replica, surroundings, chosen, &mut warnings)?;
    let rate_at_target = demand.rate_at_target;
    let rates_at_slo =
        warn_of_the_unreachable(&backends, &controller, slo, rate_at_target, &mut warnings)?;
    warn_of_the_path(&backends, rate_at_target, &mut warnings);
    warn_of_the_fluid(&backends, fidelity, &mut warnings);
    let verdict_kind = verdict_kind(&autoscaler.scale_target.kind, workload);
    let first_rate = trace.rates().first().copied().unwrap_or(0.0);
    let activation = activation(&mut choose, autoscaler, &sources)?;
    let asleep = asleep_at_first(
        activation.as_ref(),
        &sources,
        &columns,
        first_rate,
        &backends,
    );
    let needed = first_rate / demand.rate_at_target;
    let initial_replicas = initial_replicas(&mut choose, hpa, needed, asleep)?;
    warn_of_sleep(initial_replicas, hpa, activation.as_ref(), &mut warnings);
    let nodes = node_pool(&mut choose, hpa, initial_replicas, &mut warnings)?;
    let needed = trace.series().peak() / demand.rate_at_target;
    if fidelity == Fidelity::Discrete || nodes.is_some() {
        refuse_crowds(hpa, initial_replicas, needed)?;
    }
    for backend in &mut backends {
        backend.plant.nodes.clone_from(&nodes);
    }
    let disturbances = disturbances(&mut choose, trace.end(), nodes.is_some())?;
    let intervals = intervals(&mut choose)?;
    let repeat = repetition(&mut choose)?;
    let verdict_backend = verdict_backend(&backends, verdict_kind);
    let assumptions = choose.into_assumptions();
    let is_out_of_reach = |backend: &usize| rates_at_slo[*backend].is_none();

    Ok(Scenario {
        name: full_name(autoscaler),
        target: target(autoscaler),
        hpa: hpa.clone(),
        activation,
        controller,
        metric_sources: sources,
        metric_requests: requests,
        columns,
        intervals,
        trace,
        trace_name,
        trace_start,
        arrival_grain: ARRIVAL_GRAIN,
        initial_replicas,
        unscaled_replicas: unscaled_replicas(workload, initial_replicas),
        slo,
        fidelity,
        disturbances,
        cautions: cautions(&Grounds {
            autoscaler,
            assumptions: &assumptions,
            backend: &backends[verdict_backend],
            rate_at_slo: rates_at_slo[verdict_backend],
            rate_at_target,
        }),
        out_of_reach: (0..backends.len()).filter(is_out_of_reach).collect(),
        verdict_backend,
        backends,
        rate_at_target: demand.rate_at_target,
        rate_scale: demand.rate_scale,
        price_per_core_hour: repeat.price_per_core_hour,
        runs: repeat.runs,
        seed: repeat.seed,
        assumptions,
        warnings,
    })
}

fn target(autoscaler: &Autoscaler) -> Target {
    Target {
        kind: autoscaler.scale_target.kind.name().to_owned(),
        name: autoscaler.scale_target.name.clone(),
    }
}

pub(super) fn full_name(autoscaler: &Autoscaler) -> String {
    match &autoscaler.namespace {
        Some(namespace) => format!("{namespace}/{}", autoscaler.name),
        None => autoscaler.name.clone(),
    }
}

/// What of the manifests is missing or not played.
fn warn_of_manifests(
    autoscaler: &Autoscaler,
    workload: Option<&Workload>,
    warnings: &mut Vec<String>,
) {
    warn_of_missing_workload(autoscaler, workload, warnings);
    warn_of_keda(autoscaler, warnings);
    warn_of_order(&autoscaler.scale_target.kind, warnings);
}

pub(super) fn warn_of_missing_workload(
    autoscaler: &Autoscaler,
    workload: Option<&Workload>,
    warnings: &mut Vec<String>,
) {
    if workload.is_none() {
        warnings.push(format!(
            "no manifest of {} {} was given: its requests, limits and probe are defaults",
            autoscaler.scale_target.kind.name(),
            autoscaler.scale_target.name
        ));
    }
}

/// What of KEDA is not played.
fn warn_of_keda(autoscaler: &Autoscaler, warnings: &mut Vec<String>) {
    let Some(keda) = &autoscaler.keda else {
        return;
    };
    if let Some((replicas, failures)) = keda.fallback {
        warnings.push(format!(
            "KEDA puts {replicas} replicas in the place of a trigger that failed {failures} times: the report does not play \
             this fallback"
        ));
    }
    if !keda.cached.is_empty() {
        warnings.push(format!(
            "useCachedMetrics of triggers of type {}: the autoscaler would see their values as of KEDA's last poll; in this \
             replay it sees them as of its sync",
            keda.cached.join(", ")
        ));
    }
    if !keda.left_out.is_empty() {
        warnings.push(format!(
            "the report leaves out what the manifest does not settle, the triggers of type {}",
            keda.left_out.join(", ")
        ));
    }
}

/// A StatefulSet starts and removes its pods one after the other, unless told otherwise.
fn warn_of_order(kind: &TargetKind, warnings: &mut Vec<String>) {
    if *kind == TargetKind::StatefulSet {
        warnings.push(
            "a StatefulSet starts its pods one after the other (OrderedReady): the report starts them together, as with \
             podManagementPolicy Parallel"
                .to_owned(),
        );
    }
}

/// At zero replicas the controller only goes on where it may have put the workload to sleep itself; KEDA wakes it.
fn warn_of_sleep(
    initial_replicas: u32,
    hpa: &HpaSpec,
    activation: Option<&Activation>,
    warnings: &mut Vec<String>,
) {
    if initial_replicas == 0 && hpa.min_replicas > 0 && activation.is_none() {
        warnings.push(
            "the workload begins with 0 replicas, which turns the autoscaler off (ScalingDisabled): it never scales"
                .to_owned(),
        );
    }
}

/// What happens beside the trace, in the order of time.
fn disturbances(
    choose: &mut Chooser<'_>,
    end: SimTime,
    has_nodes: bool,
) -> Result<Vec<Disturbance>, ScenarioError> {
    let layers = choose.layers().into_iter();
    let mut all: Vec<Disturbance> = layers
        .flat_map(|settings| settings.disturbances.clone())
        .collect();
    if all.len() > MOST_DISTURBANCES {
        let told = all.len().to_string();
        return Err(out_of_range(
            "the number of disturbances",
            &told,
            "at most 1,000",
        ));
    }
    all.sort_by_key(|disturbance| disturbance.at);
    for disturbance in &all {
        let kind = disturbance.kind.name();
        if disturbance.at >= end {
            return Err(ScenarioError::AfterTheEnd {
                kind,
                at: Span(disturbance.at.as_seconds()).to_string(),
                end: Span(end.as_seconds()).to_string(),
            });
        }
        if disturbance.kind.needs_nodes() && !has_nodes {
            return Err(ScenarioError::NoNodes(kind));
        }
        choose.note(kind, disturbance.to_string(), Origin::ScenarioFile);
    }
    Ok(all)
}

/// How often a trace is replayed, and what a replica costs.
struct Repetition {
    runs: u32,
    seed: u64,
    price_per_core_hour: f64,
}

fn repetition(choose: &mut Chooser<'_>) -> Result<Repetition, ScenarioError> {
    let runs = choose.choose("runs", |settings| &settings.runs, None, 20, u32::to_string);
    in_range(
        "runs",
        f64::from(runs),
        1.0..=1e4,
        "a whole number from 1 to 10,000",
    )?;
    let seed = choose.choose("seed", |settings| &settings.seed, None, 1, u64::to_string);
    let price = choose.choose(
        "price-per-core-hour",
        |s| &s.price_per_core_hour,
        None,
        0.04,
        f64::to_string,
    );
    in_range(
        "price-per-core-hour",
        price,
        0.0..=1e12,
        "a finite number, zero or more",
    )?;
    Ok(Repetition {
        runs,
        seed,
        price_per_core_hour: price,
    })
}

/// The trace in requests/s, scaled as the demand wants it.
fn demanded(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
    trace: Trace,
) -> Result<(ArrivalTrace, Demand), ScenarioError> {
    let name = trace.name.clone();
    if trace.series.peak() <= 0.0 {
        return Err(ScenarioError::NoRequests(name));
    }
    let in_cores = trace.unit.unit.is_cpu();
    let share_of = choose.said(|settings| &settings.percent_of);
    if trace.unit.unit.is_share() {
        let origin = share_of
            .as_ref()
            .map_or(Origin::Default, |said| said.origin.clone());
        let whole = share_of
            .as_ref()
            .map_or(replica.pod.cpu_request, |said| said.value.units());
        choose.note("percent-of", format!("{whole} cores"), origin);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let request_milli = (replica.pod.cpu_request * 1e3).round() as i64;
    let conversion = CpuConversion {
        // A core becomes one request/s of one core-second; the demand settles what requests really cost.
        cpu_per_request: Some(SimDuration::from_seconds(1)),
        share_of_milli: Some(share_of.map_or(request_milli, |said| said.value.0.milli_value())),
    };
    let trace = arrivals(trace, &conversion).map_err(|error| ScenarioError::Trace {
        name: name.clone(),
        problem: error.to_string(),
    })?;
    let load = Load {
        peak: trace.series().peak(),
        in_cores,
    };
    let demand = demand::settle(choose, replica, targets, load)?;
    let per_core = if in_cores {
        demand.cpu_per_request
    } else {
        1.0
    };
    let factor = demand.rate_scale / per_core;
    if load.peak * factor > MOST_REQUESTS_A_SECOND {
        return Err(out_of_range(
            "the trace's peak",
            &format!("{:e} requests/s", load.peak * factor),
            "at most 1e15, see --rate-scale",
        ));
    }
    let scaled = trace
        .scaled(factor)
        .ok_or_else(|| ScenarioError::OutOfRange {
            key: "rate-scale",
            value: format!("{factor} for the trace `{name}`"),
            expected: "a factor that keeps every rate below 1e15 requests/s",
        })?;
    Ok((scaled, demand))
}

/// Which backends are asked for, and what is to be changed about them.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) only: &'a [String],
    pub(super) with: &'a [Optimization],
}

/// Fluid where nobody says otherwise, but for clients that stick to replicas: there the fluid may be far off, and few
/// enough requests are followed one by one.
fn fidelity(choose: &mut Chooser<'_>, balancing: &Balancing, trace: &ArrivalTrace) -> Fidelity {
    let is_said = choose.said(|settings| &settings.fidelity).is_some();
    let approximated = only_discrete(balancing, Fidelity::Fluid).is_some();
    if !is_said && approximated && trace.total_requests() <= FEW_REQUESTS {
        let why = "clients stick to replicas, which the fluid only approximates";
        choose.derived("fidelity", Fidelity::Discrete.to_string(), why);
        return Fidelity::Discrete;
    }
    choose.choose(
        "fidelity",
        |settings| &settings.fidelity,
        None,
        Fidelity::Fluid,
        Fidelity::to_string,
    )
}

/// The backends to play, as flags, file and manifest make them and optimizations change them.
pub(super) fn played(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    surroundings: Surroundings,
    chosen: Chosen<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Backend>, ScenarioError> {
    let own = choose
        .layers()
        .into_iter()
        .flat_map(|settings| settings.backends.clone());
    let mut backends = chosen_backends(backends(choose, replica, surroundings, own)?, chosen.only)?;
    let wanted = optimize::wanted(choose, chosen.with);
    let container = &replica.health.container;
    optimize::apply(choose, &mut backends, &wanted, container, warnings)?;
    Ok(backends)
}

/// The backend whose verdict counts: the first of the target's kind, or else the first.
pub(super) fn verdict_backend(backends: &[Backend], verdict_kind: BackendKind) -> usize {
    let counts = |backend: &Backend| backend.kind == verdict_kind;
    backends.iter().position(counts).unwrap_or(0)
}

/// The backends asked for; all where none is named.
fn chosen_backends(
    mut backends: Vec<Backend>,
    only: &[String],
) -> Result<Vec<Backend>, ScenarioError> {
    let missing = |name: &&String| backends.iter().all(|backend| backend.name != **name);
    if let Some(unknown) = only.iter().find(missing) {
        let known: Vec<&str> = backends
            .iter()
            .map(|backend| backend.name.as_str())
            .collect();
        return Err(ScenarioError::UnknownBackend {
            name: unknown.clone(),
            known: known.join(", "),
        });
    }
    if !only.is_empty() {
        backends.retain(|backend| only.contains(&backend.name));
    }
    Ok(backends)
}

/// Virtual machines are judged as such; everything else as containers.
pub(super) fn verdict_kind(kind: &TargetKind, workload: Option<&Workload>) -> BackendKind {
    let of_vms = workload.is_some_and(|workload| workload.pod.vm.is_some());
    match kind {
        TargetKind::VirtualMachineInstanceReplicaSet
        | TargetKind::VirtualMachinePool
        | TargetKind::VirtualMachine
        | TargetKind::VirtualMachineInstance => BackendKind::Vm,
        _ if of_vms => BackendKind::Vm,
        _ => BackendKind::Container,
    }
}

fn unit_origin(unit: &UnitChoice, flags: &Settings, file: &Settings) -> Origin {
    if flags.unit.is_some() {
        Origin::Flag
    } else if file.unit.is_some() {
        Origin::ScenarioFile
    } else {
        match &unit.source {
            UnitSource::Inferred { because } => Origin::Derived(because.clone()),
            UnitSource::Chosen => Origin::Trace,
        }
    }
}

fn warn_of_short_trace(
    trace: &ArrivalTrace,
    controller: &ControllerConfig,
    warnings: &mut Vec<String>,
) {
    let horizon = trace.end().since_start();
    if horizon < controller.sync_period {
        warnings.push(format!(
            "the trace lasts {}, less than a sync period of {}: the autoscaler hardly acts on it",
            Span(horizon.as_seconds()),
            Span(controller.sync_period.as_seconds())
        ));
    }
}

/// Refuses more replicas than can be kept one by one, which both requests one by one and nodes ask for. `needed` is what
/// the trace's peak needs at the target.
fn refuse_crowds(hpa: &HpaSpec, initial: u32, needed: f64) -> Result<(), ScenarioError> {
    let expected =
        "at most 10,000 where replicas are followed one by one: see --fidelity fluid, and no nodes";
    in_range(
        "minReplicas",
        f64::from(hpa.min_replicas),
        0.0..=MOST_FOLLOWED,
        expected,
    )?;
    in_range(
        "initial-replicas",
        f64::from(initial),
        0.0..=MOST_FOLLOWED,
        expected,
    )?;
    let reached = needed.min(f64::from(hpa.max_replicas));
    in_range(
        "the replicas that the peak needs",
        reached,
        0.0..=MOST_FOLLOWED,
        expected,
    )
}

/// How requests come about within the trace's steps; refuses more than can be followed one by one.
fn note_arrivals(
    choose: &mut Chooser<'_>,
    fidelity: Fidelity,
    trace: &ArrivalTrace,
    warnings: &mut Vec<String>,
) -> Result<(), ScenarioError> {
    let (arrivals, drawn) = match (fidelity, trace.events()) {
        (Fidelity::Fluid, _) => ("drawn within steps longer than 60s", "drawn per minute, at"),
        (Fidelity::Discrete, None) => ("one by one, at random at each step's rate", "random, at"),
        (Fidelity::Discrete, Some(_)) => ("one by one, at the trace's own times", ""),
    };
    choose.note("arrivals", arrivals.to_owned(), Origin::Default);
    let step = trace.median_step();
    if step > ARRIVAL_GRAIN && !drawn.is_empty() {
        warnings.push(format!(
            "the trace's steps are {} long: bursts shorter than that are not in it; arrivals within a step are {drawn} \
             the step's rate",
            Span(step.as_seconds())
        ));
    }
    let requests = trace.total_requests();
    if fidelity == Fidelity::Discrete && requests > MOST_ONE_BY_ONE {
        return Err(out_of_range(
            "the number of requests",
            &format!("{requests:e}"),
            "at most 1e10 where each is followed, see --fidelity fluid and --rate-scale",
        ));
    }
    Ok(())
}

fn initial_replicas(
    choose: &mut Chooser<'_>,
    hpa: &HpaSpec,
    needed: f64,
    asleep: Option<u32>,
) -> Result<u32, ScenarioError> {
    if let Some(said) = choose.said(|settings| &settings.initial_replicas) {
        in_range(
            INITIAL_REPLICAS,
            f64::from(said.value),
            0.0..=f64::from(i32::MAX),
            "at most 2147483647",
        )?;
        choose.note(INITIAL_REPLICAS, said.value.to_string(), said.origin);
        return Ok(said.value);
    }
    if let Some(idle) = asleep {
        let why = "no trigger is active at the trace's first rate";
        choose.derived(INITIAL_REPLICAS, idle.to_string(), why);
        return Ok(idle);
    }
    let replicas = resting_replicas(hpa, needed);
    let why = "what the trace's first rate needs at the metric target";
    choose.derived(INITIAL_REPLICAS, replicas.to_string(), why);
    Ok(replicas)
}

/// What applying the workload's manifest without an autoscaler leaves. Zero replicas are an autoscaler turned off, not a
/// size that somebody chose.
fn unscaled_replicas(workload: Option<&Workload>, initial_replicas: u32) -> u32 {
    let written = workload.and_then(|workload| workload.replicas);
    written
        .and_then(|replicas| u32::try_from(replicas).ok())
        .filter(|replicas| *replicas > 0)
        .unwrap_or(initial_replicas)
}
