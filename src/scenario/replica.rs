//! One replica's size, startup and service: from the workload's manifest, flags and defaults.

use super::choose::Chooser;
use super::range::{in_range, out_of_range, span_in_range};
use super::service_samples::measured;
use super::settings::{Amount, BackendSettings, Resemblance};
use super::{Backend, BackendKind, Origin, ScenarioError, Settings, Slo, Span};
use crate::hpa::{ControllerConfig, Resource};
use crate::manifest::{PodFacts, Probe as WrittenProbe, Workload};
use crate::plant::{EndpointSpec, HealthSpec, PlantSpec, PodSpec, Probe, ServingSpec, StartupSpec};
use crate::stats::Distribution;
use crate::traffic::{Balancing, Discipline, PathSpec, RetrySpec};
use crate::units::{Quantity, SimDuration};

/// `periodSeconds` of a probe that does not say, seconds.
const DEFAULT_PROBE_PERIOD: f64 = 10.0;

/// The longest time that a client waits, seconds.
const LONGEST_TIMEOUT: f64 = 86_400.0;

/// The most backends that are played side by side.
const MOST_BACKENDS: usize = 16;

/// More memory than any machine has, in bytes: 16 TiB. The controller adds up thousandths of a byte in 64 bits.
const MOST_MEMORY: f64 = 17_592_186_044_416.0;

const MEBI: f64 = 1024.0 * 1024.0;

/// What a replica is like on every backend; its cost per request is still open.
pub(super) struct Replica {
    pub(super) pod: PodSpec,
    pub(super) memory_request: f64,
    pub(super) serving: ServingSpec,
    /// The workload's startup probe.
    startup_probe: Option<Probe>,
    /// Whether the workload's manifest is that of virtual machines.
    is_vm: bool,
    /// What sees the end of a container's startup.
    container_probe: Probe,
    /// What sees the end of a virtual machine's startup.
    vm_probe: Probe,
}

/// The size, probe and service of a replica.
pub(super) fn replica(
    choose: &mut Chooser<'_>,
    controller: &ControllerConfig,
    pod: Option<&PodFacts>,
    slo: Slo,
    warnings: &mut Vec<String>,
) -> Result<Replica, ScenarioError> {
    let request = |resource| {
        let milli = pod?.shape().request(controller, &resource, None)?;
        Some(Amount(Quantity::from_milli(milli)))
    };
    let cpu_request = choose.choose(
        "cpu-request",
        |settings| &settings.cpu_request,
        request(Resource::Cpu),
        Amount(Quantity::from_milli(500)),
        show_cores,
    );
    let cpu_limit = cpu_limit(choose, pod, cpu_request);
    let cores = |choose: &mut Chooser<'_>, key: &str, of: fn(&Settings) -> &Option<Amount>| {
        choose
            .choose(key, of, None, Amount(Quantity::from_milli(0)), show_cores)
            .units()
    };
    let cpu_idle = cores(choose, "cpu-idle", |settings| &settings.cpu_idle);
    let cpu_starting = cores(choose, "cpu-starting", |settings| &settings.cpu_starting);
    let memory_request = choose.choose(
        "memory-request",
        |settings| &settings.memory_request,
        request(Resource::Memory),
        bytes(512.0 * MEBI),
        show_bytes,
    );
    let memory_idle = choose.choose(
        "memory-idle",
        |settings| &settings.memory_idle,
        None,
        bytes(memory_request.units() / 2.0),
        show_bytes,
    );
    let memory_per_request = choose.choose(
        "memory-per-request",
        |settings| &settings.memory_per_request,
        None,
        bytes(MEBI),
        show_bytes,
    );
    let grace = choose.choose(
        "grace-period",
        |settings| &settings.grace_period,
        pod.map(|pod| Span(pod.termination_grace_period.as_seconds())),
        Span(30.0),
        Span::to_string,
    );
    let serving = serving(choose, slo)?;
    let [container_probe, vm_probe] = probes(choose, pod, warnings);
    Ok(Replica {
        pod: PodSpec {
            cpu_request: cpu_request.units(),
            cpu_limit,
            cpu_idle,
            cpu_starting,
            memory_idle: memory_idle.units(),
            memory_per_request: memory_per_request.units(),
            termination_grace_period: grace.duration(),
        },
        memory_request: memory_request.units(),
        serving,
        startup_probe: startup_probe(choose, pod),
        is_vm: pod.is_some_and(|pod| pod.vm.is_some()),
        container_probe,
        vm_probe,
    })
}

/// Refuses sizes and times that no model takes.
pub(super) fn check(
    replica: &Replica,
    workload: Option<&Workload>,
    slo: Slo,
) -> Result<(), ScenarioError> {
    let pod = &replica.pod;
    let serving = &replica.serving;
    if pod.cpu_request <= 0.0 && pod.cpu_limit <= 0.0 {
        return Err(match workload {
            Some(workload) => ScenarioError::NoCpu {
                place: workload.origin.to_string(),
                workload: format!("{} {}", workload.kind.name(), workload.name),
            },
            None => out_of_range(
                "cpu-request",
                "0",
                "more than zero, or a cpu limit beside it",
            ),
        });
    }
    in_range(
        "cpu-request",
        pod.cpu_request,
        0.0..=1e6,
        "at most a million cores",
    )?;
    in_range(
        "cpu-limit",
        pod.cpu_limit,
        1e-3..=1e6,
        "from 1m to a million cores",
    )?;
    span_in_range(
        "service-time",
        Span(serving.service_time()),
        1e-6..=86_400.0,
        "a time from 1us to 24h",
    )?;
    in_range(
        "service-scv",
        serving.service.scv(),
        0.0..=100.0,
        "a number from 0 to 100",
    )?;
    span_in_range(
        "timeout",
        Span(serving.timeout.as_seconds()),
        1e-3..=86_400.0,
        "a time from 1ms to 24h",
    )?;
    let memory = [
        ("memory-request", replica.memory_request),
        ("memory-idle", pod.memory_idle),
        ("memory-per-request", pod.memory_per_request),
    ];
    for (key, bytes) in memory {
        in_range(key, bytes, 0.0..=MOST_MEMORY, "at most 16Ti")?;
    }
    in_range(
        "cpu-starting",
        pod.cpu_starting,
        0.0..=1e6,
        "at most a million cores",
    )?;
    if serving.timeout.as_seconds() < slo.latency.min(LONGEST_TIMEOUT) {
        return Err(out_of_range(
            "timeout",
            &Span(serving.timeout.as_seconds()).to_string(),
            "at least the latency of the objective",
        ));
    }
    if serving.concurrency == Some(0) {
        return Err(out_of_range("concurrency", "0", "at least 1"));
    }
    if pod.cpu_idle >= pod.cpu_limit {
        return Err(out_of_range(
            "cpu-idle",
            &pod.cpu_idle.to_string(),
            "less than the cpu limit",
        ));
    }
    Ok(())
}

/// The backends, the built-in ones first.
pub(super) fn backends(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    own: impl Iterator<Item = (String, BackendSettings)>,
) -> Result<Vec<Backend>, ScenarioError> {
    let uniform = |low, high| Distribution::Uniform { low, high };
    let mut backends = Vec::new();
    let startup =
        |choose: &mut Chooser<'_>,
         key: &str,
         of: fn(&Settings) -> &Option<Distribution>,
         default| { choose.choose(key, of, None, default, Distribution::to_string) };
    let container = StartupSpec {
        prepare: startup(
            choose,
            "container-prepare",
            |s| &s.container_prepare,
            uniform(0.0, 5.0),
        ),
        start: startup(
            choose,
            "container-start",
            |s| &s.container_start,
            uniform(1.0, 2.0),
        ),
        ready: startup(
            choose,
            "container-ready",
            |s| &s.container_ready,
            uniform(5.0, 30.0),
        ),
        startup_probe: replica.startup_probe.filter(|_| !replica.is_vm),
        probe: replica.container_probe,
        prepare_at_once: None,
        warm_pool: 0,
    };
    let path = choose.choose(
        "container-path-latency",
        |settings| &settings.container_path_latency,
        None,
        Span(1e-4),
        Span::to_string,
    );
    backends.push(backend(
        "container",
        BackendKind::Container,
        replica,
        container,
        path,
    ));
    let vm = StartupSpec {
        prepare: startup(
            choose,
            "vm-prepare",
            |s| &s.vm_prepare,
            uniform(30.0, 180.0),
        ),
        start: startup(choose, "vm-start", |s| &s.vm_start, uniform(20.0, 45.0)),
        ready: startup(choose, "vm-ready", |s| &s.vm_ready, uniform(5.0, 30.0)),
        startup_probe: replica.startup_probe,
        probe: replica.vm_probe,
        prepare_at_once: None,
        warm_pool: 0,
    };
    let path = choose.choose(
        "vm-path-latency",
        |settings| &settings.vm_path_latency,
        None,
        Span(7.5e-4),
        Span::to_string,
    );
    backends.push(backend("vm", BackendKind::Vm, replica, vm, path));
    for (name, settings) in own {
        if name.is_empty() || backends[..2].iter().any(|backend| backend.name == name) {
            return Err(ScenarioError::BackendName(name));
        }
        if backends.len() == MOST_BACKENDS {
            let told = format!("{MOST_BACKENDS} or more");
            return Err(out_of_range(
                "the number of backends",
                &told,
                "at most 14 besides the built-in two",
            ));
        }
        let like = match settings.like {
            Resemblance::Container => &backends[0],
            Resemblance::Vm => &backends[1],
        };
        let backend = resembling(&name, like, settings);
        let startup = &backend.plant.startup;
        let value = format!(
            "prepare {}, start {}, ready {}",
            startup.prepare, startup.start, startup.ready
        );
        choose.note(&format!("backends.{name}"), value, Origin::ScenarioFile);
        backends.push(backend);
    }
    Ok(backends)
}

fn backend(
    name: &str,
    kind: BackendKind,
    replica: &Replica,
    startup: StartupSpec,
    path: Span,
) -> Backend {
    Backend {
        name: name.to_owned(),
        kind,
        plant: PlantSpec {
            pod: replica.pod.clone(),
            startup,
            serving: replica.serving.clone(),
            path: PathSpec::direct(path.0),
            balancing: Balancing::random(),
            endpoints: EndpointSpec::immediate(),
            health: HealthSpec::CONTAINER,
            nodes: None,
        },
    }
}

fn resembling(name: &str, like: &Backend, settings: BackendSettings) -> Backend {
    let mut backend = like.clone();
    name.clone_into(&mut backend.name);
    let startup = &mut backend.plant.startup;
    if let Some(prepare) = settings.prepare {
        startup.prepare = prepare;
    }
    if let Some(start) = settings.start {
        startup.start = start;
    }
    if let Some(ready) = settings.ready {
        startup.ready = ready;
    }
    if let Some(path) = settings.path_latency {
        backend.plant.path = PathSpec::direct(path.0);
    }
    backend
}

/// The limit of all containers together, the vCPUs of a virtual machine, or else the request.
fn cpu_limit(choose: &mut Chooser<'_>, pod: Option<&PodFacts>, request: Amount) -> f64 {
    let written = pod.and_then(|pod| {
        if let Some(vcpus) = pod.vm.as_ref().and_then(|vm| vm.vcpus) {
            return Some(vcpus.saturating_mul(1000));
        }
        pod.pod_level_limits.cpu_milli.or_else(|| {
            let limits = pod
                .lasting_containers()
                .map(|container| container.limits.cpu_milli);
            limits.sum::<Option<i64>>()
        })
    });
    if let Some(said) = choose.said(|settings| &settings.cpu_limit) {
        choose.note("cpu-limit", show_cores(&said.value), said.origin);
        return said.value.units();
    }
    if let Some(milli) = written.filter(|milli| *milli > 0) {
        let limit = Amount(Quantity::from_milli(milli));
        choose.note("cpu-limit", show_cores(&limit), Origin::Manifest);
        return limit.units();
    }
    let note = "no limit is given: the request is all that a busy node guarantees";
    choose.remark("cpu-limit", show_cores(&request), Origin::Default, note);
    request.units()
}

fn serving(choose: &mut Chooser<'_>, slo: Slo) -> Result<ServingSpec, ScenarioError> {
    let span =
        |choose: &mut Chooser<'_>, key: &str, of: fn(&Settings) -> &Option<Span>, default| {
            choose.choose(key, of, None, Span(default), Span::to_string)
        };
    let service = if let Some(measured) = measured(choose)? {
        measured
    } else {
        let mean = span(
            choose,
            "service-time",
            |settings| &settings.service_time,
            0.05,
        );
        let scv = choose.choose("service-scv", |s| &s.service_scv, None, 1.0, f64::to_string);
        Distribution::Gamma { mean: mean.0, scv }
    };
    let concurrency = choose.said(|settings| &settings.concurrency);
    match &concurrency {
        Some(workers) => {
            choose.note(
                "concurrency",
                workers.value.to_string(),
                workers.origin.clone(),
            );
        }
        None => choose.note(
            "concurrency",
            "as many as its cpu can feed".to_owned(),
            Origin::Default,
        ),
    }
    let patience = slo.latency.clamp(30.0, LONGEST_TIMEOUT);
    let timeout = span(choose, "timeout", |settings| &settings.timeout, patience);
    Ok(ServingSpec {
        cpu_per_request: 0.0,
        service,
        discipline: Discipline::Fifo,
        concurrency: concurrency.map(|workers| workers.value),
        queue_bound: None,
        timeout: timeout.duration(),
        retry: RetrySpec::NONE,
    })
}

/// The first startup probe of the workload's containers.
fn startup_probe(choose: &mut Chooser<'_>, pod: Option<&PodFacts>) -> Option<Probe> {
    let written = pod?
        .containers
        .iter()
        .find_map(|container| container.startup.as_ref())?;
    let probe = Probe {
        initial_delay: written.initial_delay,
        probe_period: written.probe_period,
        success_threshold: u32::try_from(written.success_threshold).unwrap_or(1),
    };
    let period = Span(probe.probe_period.as_seconds());
    let delay = Span(probe.initial_delay.as_seconds());
    let shown = format!("period {period}, initial delay {delay}");
    choose.note("startup probe", shown, Origin::Manifest);
    Some(probe)
}

/// The probe of a container, and that of a virtual machine. A guest's probe waits for its boot, which a container does
/// not have: a manifest's counts for containers only where it is a container's.
fn probes(
    choose: &mut Chooser<'_>,
    pod: Option<&PodFacts>,
    warnings: &mut Vec<String>,
) -> [Probe; 2] {
    let written: Option<&WrittenProbe> = pod.and_then(|pod| {
        pod.containers
            .iter()
            .find_map(|container| container.readiness.as_ref())
    });
    if pod.is_some() && written.is_none() {
        warnings.push(
            "the workload has no readiness probe: a real pod would get requests before it can serve them; \
             the report assumes one"
                .to_owned(),
        );
    }
    let span = |choose: &mut Chooser<'_>,
                key: &str,
                of: fn(&Settings) -> &Option<Span>,
                from: Option<SimDuration>,
                default| {
        let manifest = from.map(|span| Span(span.as_seconds()));
        choose
            .choose(key, of, manifest, Span(default), Span::to_string)
            .duration()
    };
    let probe_period = span(
        choose,
        "probe-period",
        |settings| &settings.probe_period,
        written.map(|probe| probe.probe_period),
        DEFAULT_PROBE_PERIOD,
    );
    let initial_delay = span(
        choose,
        "probe-initial-delay",
        |settings| &settings.probe_initial_delay,
        written.map(|probe| probe.initial_delay),
        0.0,
    );
    let successes = choose.choose(
        "probe-successes",
        |settings| &settings.probe_successes,
        written.map(|probe| u32::try_from(probe.success_threshold).unwrap_or(1)),
        1,
        u32::to_string,
    );
    let vm = Probe {
        initial_delay,
        probe_period,
        success_threshold: successes,
    };
    if pod.is_none_or(|pod| pod.vm.is_none()) {
        return [vm, vm];
    }
    let said =
        |of: fn(&Settings) -> &Option<Span>| choose.said(of).map(|said| said.value.duration());
    let container = Probe {
        initial_delay: said(|settings| &settings.probe_initial_delay).unwrap_or(SimDuration::ZERO),
        probe_period: said(|settings| &settings.probe_period)
            .unwrap_or_else(|| SimDuration::from_seconds_rounded(DEFAULT_PROBE_PERIOD)),
        success_threshold: choose
            .said(|settings| &settings.probe_successes)
            .map_or(1, |said| said.value),
    };
    let shown = format!(
        "period {}, initial delay {}, successes {}",
        Span(container.probe_period.as_seconds()),
        Span(container.initial_delay.as_seconds()),
        container.success_threshold
    );
    choose.derived(
        "container's probe",
        shown,
        "the manifest's probe is that of a virtual machine",
    );
    [container, vm]
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn bytes(bytes: f64) -> Amount {
    Amount(Quantity::from_milli((bytes * 1e3) as i64))
}

fn show_cores(amount: &Amount) -> String {
    let cores = amount.units();
    format!("{cores} core{}", if cores > 1.0 { "s" } else { "" })
}

fn show_bytes(amount: &Amount) -> String {
    format!("{} MiB", (amount.units() / MEBI * 10.0).round() / 10.0)
}
