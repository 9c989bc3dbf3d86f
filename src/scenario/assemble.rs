//! `assemble`: manifests, trace and settings make a scenario, or say what is missing.

use super::choose::Chooser;
use super::demand::{self, Targets};
use super::replica::{Replica, backends, replica};
use super::{
    BackendKind, MetricSource, MetricsIntervals, Origin, Scenario, ScenarioError, Settings, Slo, Span, Target,
};
use crate::hpa::{ControllerConfig, HpaSpec, MetricSpec, Resource};
use crate::manifest::{Autoscaler, PodFacts, TargetKind, Workload};
use crate::trace::{ArrivalTrace, CpuConversion, Trace, arrivals};
use crate::units::SimDuration;

/// Steps of the trace longer than this get seeded arrivals within them.
const ARRIVAL_GRAIN: SimDuration = SimDuration::from_seconds(60);

/// What a scenario is made of.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The autoscaler.
    pub autoscaler: &'a Autoscaler,
    /// The workload that it scales, where its manifest is at hand.
    pub workload: Option<&'a Workload>,
    /// The trace.
    pub trace: Trace,
    /// What flags say.
    pub flags: &'a Settings,
    /// What the scenario file says.
    pub file: &'a Settings,
    /// The backends to play, by name; all where empty.
    pub only: &'a [String],
}

/// Makes a scenario, and lists every assumption in it with where it came from.
///
/// # Errors
/// When a metric has no source, the trace carries no request, or a number is out of its range.
pub fn assemble(inputs: Inputs<'_>) -> Result<Scenario, ScenarioError> {
    let Inputs { autoscaler, workload, trace, flags, file, only } = inputs;
    let mut choose = Chooser::new(flags, file);
    let mut warnings: Vec<String> = Vec::new();
    let hpa = &autoscaler.spec;
    let pod = workload.map(|workload| &workload.pod);
    let target_kind = &autoscaler.scale_target.kind;
    let trace_unit = trace.unit.clone();
    let columns = trace.columns.clone();

    choose.note("unit", trace_unit.unit.to_string(), unit_origin(&trace_unit, flags, file), "");
    let slo = choose.choose("slo", |settings| &settings.slo, None, Slo::DEFAULT, Slo::to_string);
    let controller = controller(&mut choose)?;
    if workload.is_none() {
        warnings.push(format!(
            "no manifest of {} {} was given: its requests, limits and probe are defaults",
            target_kind.name(),
            autoscaler.scale_target.name
        ));
    }
    let replica = replica(&mut choose, &controller, pod, &mut warnings);
    check_replica(&replica)?;
    let sources = metric_sources(&mut choose, autoscaler, &columns)?;
    let requests = metric_requests(&choose, &controller, hpa, pod, &replica, &mut warnings);
    let targets = Targets { hpa, sources: &sources, requests: &requests };

    let trace_name = trace.name.clone();
    if trace.series.peak() <= 0.0 {
        return Err(ScenarioError::NoRequests(trace_name));
    }
    let is_cpu = trace_unit.unit.is_cpu();
    let share_of = choose.said(|settings| &settings.percent_of).map(|said| said.value.0.milli_value());
    let request_milli = (replica.pod.cpu_request * 1e3).round();
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let conversion = CpuConversion {
        // Cores are turned into requests of one core-second each first; the demand is settled on those.
        cpu_per_request: Some(SimDuration::from_seconds(1)),
        share_of_milli: Some(share_of.unwrap_or(request_milli as i64)),
    };
    let trace = arrivals(trace, &conversion).map_err(|error| ScenarioError::Trace {
        name: trace_name.clone(),
        problem: error.to_string(),
    })?;
    let peak = trace.series().peak();
    let demand = demand::settle(&mut choose, &replica, &targets, peak, is_cpu)?;
    let scale = if is_cpu { demand.rate_scale / demand.cpu_per_request } else { demand.rate_scale };
    let trace = scaled(trace, scale, &trace_name)?;
    warn_of_coarse_steps(&trace, &mut warnings);

    let own = choose.layers().into_iter().flat_map(|settings| settings.backends.clone());
    let mut backends = backends(&mut choose, &replica, own);
    for backend in &mut backends {
        backend.plant.serving.cpu_per_request = demand.cpu_per_request;
    }
    if !only.is_empty() {
        if let Some(unknown) = only.iter().find(|name| backends.iter().all(|backend| backend.name != **name)) {
            let known: Vec<&str> = backends.iter().map(|backend| backend.name.as_str()).collect();
            return Err(ScenarioError::UnknownBackend { name: unknown.clone(), known: known.join(", ") });
        }
        backends.retain(|backend| only.contains(&backend.name));
    }
    let verdict_kind = verdict_kind(target_kind, workload);
    let verdict_backend = backends.iter().position(|backend| backend.kind == verdict_kind).unwrap_or(0);

    let first_rate = trace.rates().first().copied().unwrap_or(0.0);
    let initial_replicas = initial_replicas(&mut choose, hpa, first_rate / demand.rate_at_target);
    let intervals = intervals(&mut choose)?;
    let runs = choose.choose("runs", |settings| &settings.runs, None, 20, u32::to_string);
    in_range("runs", f64::from(runs), 1.0..=1e6, "a whole number from 1 to 1,000,000")?;
    let seed = choose.choose("seed", |settings| &settings.seed, None, 1, u64::to_string);
    let price = choose.choose("price-per-core-hour", |s| &s.price_per_core_hour, None, 0.04, f64::to_string);
    in_range("price-per-core-hour", price, 0.0..=1e12, "a finite number, zero or more")?;

    Ok(Scenario {
        name: match &autoscaler.namespace {
            Some(namespace) => format!("{namespace}/{}", autoscaler.name),
            None => autoscaler.name.clone(),
        },
        target: Target {
            kind: target_kind.name().to_owned(),
            name: autoscaler.scale_target.name.clone(),
        },
        hpa: hpa.clone(),
        controller,
        metric_sources: sources,
        metric_requests: requests,
        columns,
        intervals,
        trace,
        trace_name,
        arrival_grain: ARRIVAL_GRAIN,
        initial_replicas,
        slo,
        backends,
        verdict_backend,
        rate_at_target: demand.rate_at_target,
        price_per_core_hour: price,
        runs,
        seed,
        assumptions: choose.into_assumptions(),
        warnings,
    })
}

/// Virtual machines are judged as such; everything else as containers.
fn verdict_kind(kind: &TargetKind, workload: Option<&Workload>) -> BackendKind {
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

fn unit_origin(unit: &crate::trace::UnitChoice, flags: &Settings, file: &Settings) -> Origin {
    if flags.unit.is_some() {
        Origin::Flag
    } else if file.unit.is_some() {
        Origin::ScenarioFile
    } else {
        match &unit.source {
            crate::trace::UnitSource::Inferred { because } => Origin::Derived(because.clone()),
            crate::trace::UnitSource::Chosen => Origin::Trace,
        }
    }
}

fn controller(choose: &mut Chooser<'_>) -> Result<ControllerConfig, ScenarioError> {
    let followed = ControllerConfig::KUBERNETES_1_36;
    let span = |choose: &mut Chooser<'_>, key: &str, of: fn(&Settings) -> &Option<Span>, default: SimDuration| {
        choose.choose(key, of, None, Span(default.as_seconds()), Span::to_string)
    };
    let sync_period = span(choose, "sync-period", |s| &s.sync_period, followed.sync_period);
    in_range("sync-period", sync_period.0, 0.1..=86_400.0, "a time from 100ms to 24h")?;
    let tolerance = choose.choose("tolerance", |s| &s.tolerance, None, followed.tolerance, f64::to_string);
    in_range("tolerance", tolerance, 0.0..=1e6, "a finite number, zero or more")?;
    Ok(ControllerConfig {
        sync_period: sync_period.duration(),
        tolerance,
        downscale_stabilization: span(
            choose,
            "downscale-stabilization",
            |s| &s.downscale_stabilization,
            followed.downscale_stabilization,
        )
        .duration(),
        cpu_initialization_period: span(
            choose,
            "cpu-initialization-period",
            |s| &s.cpu_initialization_period,
            followed.cpu_initialization_period,
        )
        .duration(),
        initial_readiness_delay: span(
            choose,
            "initial-readiness-delay",
            |s| &s.initial_readiness_delay,
            followed.initial_readiness_delay,
        )
        .duration(),
        ..followed
    })
}

fn intervals(choose: &mut Chooser<'_>) -> Result<MetricsIntervals, ScenarioError> {
    let mut span = |key: &'static str, of: fn(&Settings) -> &Option<Span>, default| {
        let span = choose.choose(key, of, None, Span(default), Span::to_string);
        in_range(key, span.0, 0.1..=86_400.0, "a time from 100ms to 24h")?;
        Ok(span.duration())
    };
    Ok(MetricsIntervals {
        usage: span("usage-interval", |s| &s.usage_interval, 10.0)?,
        resource: span("metrics-interval", |s| &s.metrics_interval, 15.0)?,
        custom: span("custom-metrics-interval", |s| &s.custom_metrics_interval, 30.0)?,
    })
}

fn check_replica(replica: &Replica) -> Result<(), ScenarioError> {
    let pod = &replica.pod;
    let serving = &replica.serving;
    in_range("cpu-request", pod.cpu_request, 0.0..=1e6, "at most a million cores")?;
    in_range("cpu-limit", pod.cpu_limit, 1e-3..=1e6, "from 1m to a million cores")?;
    in_range("service-time", serving.service_time, 1e-6..=86_400.0, "a time from 1us to 24h")?;
    in_range("service-scv", serving.service_scv, 0.0..=100.0, "a number from 0 to 100")?;
    in_range("timeout", serving.timeout.as_seconds(), 1e-3..=86_400.0, "a time from 1ms to 24h")?;
    if serving.concurrency == Some(0) {
        return Err(out_of_range("concurrency", "0", "at least 1"));
    }
    if pod.cpu_idle >= pod.cpu_limit {
        return Err(out_of_range("cpu-idle", &pod.cpu_idle.to_string(), "less than the cpu limit"));
    }
    Ok(())
}

/// Where each metric of the autoscaler comes from.
fn metric_sources(
    choose: &mut Chooser<'_>,
    autoscaler: &Autoscaler,
    columns: &[(String, crate::trace::Series)],
) -> Result<Vec<MetricSource>, ScenarioError> {
    let mut sources = Vec::new();
    for (index, metric) in autoscaler.spec.metrics.iter().enumerate() {
        let (kind, name) = match metric {
            MetricSpec::Resource { resource: Resource::Cpu, .. }
            | MetricSpec::ContainerResource { resource: Resource::Cpu, .. } => {
                sources.push(MetricSource::Cpu);
                continue;
            }
            MetricSpec::Resource { resource: Resource::Memory, .. }
            | MetricSpec::ContainerResource { resource: Resource::Memory, .. } => {
                sources.push(MetricSource::Memory);
                continue;
            }
            MetricSpec::Resource { resource: Resource::Other(name), .. }
            | MetricSpec::ContainerResource { resource: Resource::Other(name), .. } => ("Resource", name),
            MetricSpec::Pods { name, .. } => ("Pods", name),
            MetricSpec::Object { name, .. } => ("Object", name),
            MetricSpec::External { name, .. } => ("External", name),
        };
        let mapped = [(Origin::Flag, choose.layers()[0]), (Origin::ScenarioFile, choose.layers()[1])]
            .into_iter()
            .find_map(|(origin, settings)| {
                let mapping = settings.metric.iter().find(|mapping| mapping.name == *name)?;
                Some((origin, mapping.source.clone()))
            });
        let Some((origin, source)) = mapped else {
            let place = autoscaler.metric_sources.get(index).map_or(&autoscaler.origin, |metric| &metric.origin);
            return Err(ScenarioError::UnmappedMetric {
                place: format!("{}:{}:{}", place.source, place.line, place.column),
                kind,
                name: name.clone(),
            });
        };
        if let MetricSource::Column(column) = &source {
            if !columns.iter().any(|(known, _)| known == column) {
                let known: Vec<&str> = columns.iter().map(|(known, _)| known.as_str()).collect();
                return Err(ScenarioError::UnknownColumn { name: column.clone(), known: known.join(", ") });
            }
            if kind == "Pods" {
                return Err(ScenarioError::ColumnOfPods(name.clone()));
            }
        }
        choose.note(&format!("metric {name}"), source.to_string(), origin, "");
        sources.push(source);
    }
    Ok(sources)
}

/// The request of one pod for each metric, as the controller computes it.
fn metric_requests(
    choose: &Chooser<'_>,
    controller: &ControllerConfig,
    hpa: &HpaSpec,
    pod: Option<&PodFacts>,
    replica: &Replica,
    warnings: &mut Vec<String>,
) -> Vec<Option<i64>> {
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let milli = |units: f64| Some((units * 1e3).round() as i64);
    let said_cpu = choose.said(|settings| &settings.cpu_request).is_some();
    let said_memory = choose.said(|settings| &settings.memory_request).is_some();
    hpa.metrics
        .iter()
        .map(|metric| {
            let (resource, container) = match metric {
                MetricSpec::Resource { resource, .. } => (resource, None),
                MetricSpec::ContainerResource { resource, container, .. } => (resource, Some(container.as_str())),
                MetricSpec::Pods { .. } | MetricSpec::Object { .. } | MetricSpec::External { .. } => return None,
            };
            let (assumed, said) = match resource {
                Resource::Cpu => (milli(replica.pod.cpu_request), said_cpu),
                Resource::Memory => (milli(replica.memory_request), said_memory),
                Resource::Other(_) => return None,
            };
            let Some(pod) = pod.filter(|_| !said) else { return assumed };
            let request = pod.shape().request(controller, resource, container);
            if request.is_none() && matches!(target_of(metric), crate::hpa::MetricTarget::Utilization(_)) {
                let (name, flag) = match resource {
                    Resource::Memory => ("memory", "--memory-request"),
                    Resource::Cpu | Resource::Other(_) => ("cpu", "--cpu-request"),
                };
                warnings.push(format!(
                    "a container of the workload states no {name} request: the real controller fails with \
                     FailedGetResourceMetric and never scales on it, and so does this replay; {flag} fills it in"
                ));
            }
            request
        })
        .collect()
}

const fn target_of(metric: &MetricSpec) -> crate::hpa::MetricTarget {
    match metric {
        MetricSpec::Resource { target, .. }
        | MetricSpec::ContainerResource { target, .. }
        | MetricSpec::Pods { target, .. }
        | MetricSpec::Object { target, .. }
        | MetricSpec::External { target, .. } => *target,
    }
}

fn scaled(trace: ArrivalTrace, factor: f64, name: &str) -> Result<ArrivalTrace, ScenarioError> {
    trace.scaled(factor).ok_or_else(|| ScenarioError::OutOfRange {
        key: "rate-scale",
        value: format!("{factor} for the trace `{name}`"),
        expected: "a factor that keeps every rate below 1e15 requests/s",
    })
}

fn warn_of_coarse_steps(trace: &ArrivalTrace, warnings: &mut Vec<String>) {
    let step = trace.median_step();
    if step > ARRIVAL_GRAIN {
        warnings.push(format!(
            "the trace's steps are {} long: bursts shorter than that are not in it; arrivals within a step are drawn \
             per minute, at the step's rate",
            Span(step.as_seconds())
        ));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of replicas, clamped to the autoscaler's bounds; a float cast saturates"
)]
fn initial_replicas(choose: &mut Chooser<'_>, hpa: &HpaSpec, needed: f64) -> u32 {
    if let Some(said) = choose.said(|settings| &settings.initial_replicas) {
        choose.note("initial-replicas", said.value.to_string(), said.origin, "");
        return said.value;
    }
    let (lowest, highest) = (f64::from(hpa.min_replicas), f64::from(hpa.max_replicas));
    let replicas = (needed - 1e-9).ceil().max(lowest).min(highest).max(0.0) as u32;
    let why = "what the trace's first rate needs at the metric target";
    choose.note("initial-replicas", replicas.to_string(), Origin::Derived(why.to_owned()), why);
    replicas
}

fn in_range(
    key: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    expected: &'static str,
) -> Result<(), ScenarioError> {
    if range.contains(&value) { Ok(()) } else { Err(out_of_range(key, &value.to_string(), expected)) }
}

fn out_of_range(key: &'static str, value: &str, expected: &'static str) -> ScenarioError {
    ScenarioError::OutOfRange { key, value: value.to_owned(), expected }
}
