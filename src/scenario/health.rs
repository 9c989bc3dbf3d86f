//! When traffic follows the replicas, and who notices that one is ready or dead: from manifest, flags and defaults.

use super::choose::Chooser;
use super::range::{counted, span_in_range, times_in_range};
use super::{Origin, ScenarioError, Settings, Span, show};
use crate::manifest::{PodFacts, Probe as WrittenProbe};
use crate::plant::{EndpointSpec, HealthSpec, Probe};
use crate::stats::Distribution;
use crate::units::SimDuration;

/// `periodSeconds` of a probe that does not say, seconds.
const DEFAULT_PROBE_PERIOD: f64 = 10.0;
/// Between two polls of the guest agent by virt-launcher (`cmd/virt-launcher/virt-launcher.go`), seconds.
const GUEST_AGENT_INTERVAL: f64 = 10.0;
/// Longer than any trace, seconds.
const FOREVER: f64 = 1e9;

/// Endpoints and health of every backend.
pub(super) struct Health {
    pub(super) endpoints: EndpointSpec,
    /// The workload's startup probe.
    pub(super) startup_probe: Option<Probe>,
    /// Of containers.
    pub(super) container: Watch,
    /// Of virtual machines.
    pub(super) vm: Watch,
}

/// Who sees that a replica is ready, and when somebody sees that it is dead.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Watch {
    pub(super) probe: Probe,
    pub(super) health: HealthSpec,
}

/// What sees the end of a replica's startup, and its end.
struct Readiness {
    probe: Probe,
    lost_after: SimDuration,
}

/// Endpoints, probes and health.
pub(super) fn health(
    choose: &mut Chooser<'_>,
    pod: Option<&PodFacts>,
    grace: SimDuration,
    warnings: &mut Vec<String>,
) -> Result<Health, ScenarioError> {
    let startup_probe = startup_probe(choose, pod);
    let [container, vm] = readiness(choose, pod, warnings)?;
    let endpoints = endpoints(choose, pod, grace, warnings)?;
    let span =
        |choose: &mut Chooser<'_>, key: &str, of: fn(&Settings) -> &Option<Span>, default| {
            choose
                .choose(key, of, None, Span(default), Span::to_string)
                .duration()
        };
    // The node's lease, and virt-controller's patience with a virt-handler that is silent.
    let container_node = span(
        choose,
        "container-node-lost-after",
        |settings| &settings.container_node_lost_after,
        40.0,
    );
    let vm_node = span(
        choose,
        "vm-node-lost-after",
        |settings| &settings.vm_node_lost_after,
        300.0,
    );
    let evicted_after = span(
        choose,
        "eviction-after",
        |settings| &settings.eviction_after,
        300.0,
    );
    let watch = |readiness: Readiness, node_lost_after| Watch {
        probe: readiness.probe,
        health: HealthSpec {
            replica_lost_after: readiness.lost_after,
            node_lost_after,
            evicted_after,
        },
    };
    Ok(Health {
        endpoints,
        startup_probe,
        container: watch(container, container_node),
        vm: watch(vm, vm_node),
    })
}

fn endpoints(
    choose: &mut Chooser<'_>,
    pod: Option<&PodFacts>,
    grace: SimDuration,
    warnings: &mut Vec<String>,
) -> Result<EndpointSpec, ScenarioError> {
    // kube-proxy's minSyncPeriod is 1 s.
    let delay = choose.choose(
        "endpoint-delay",
        |settings| &settings.endpoint_delay,
        None,
        Distribution::Uniform {
            low: 0.0,
            high: 1.0,
        },
        show::times,
    );
    times_in_range(
        "endpoint-delay",
        &delay,
        0.0..=86_400.0,
        "times of at most 24h on average",
    )?;
    let written = pod.and_then(PodFacts::pre_stop);
    let pre_stop = choose
        .choose(
            "pre-stop",
            |settings| &settings.pre_stop,
            written.map(|span| Span(span.as_seconds())),
            Span(0.0),
            Span::to_string,
        )
        .duration();
    if pre_stop > grace {
        warnings.push(format!(
            "the preStop time of {} is longer than the grace period of {}, which ends it",
            Span(pre_stop.as_seconds()),
            Span(grace.as_seconds())
        ));
    }
    Ok(EndpointSpec {
        add_delay: delay.clone(),
        remove_delay: delay,
        pre_stop: pre_stop.min(grace),
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

/// What sees the end of a container's startup, and of a virtual machine's. A manifest's probe counts for what the
/// manifest describes: a guest's waits for its boot, which a container does not have, and a machine in a container's
/// place is known by the reports of its guest agent.
fn readiness(
    choose: &mut Chooser<'_>,
    pod: Option<&PodFacts>,
    warnings: &mut Vec<String>,
) -> Result<[Readiness; 2], ScenarioError> {
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
    let stated = stated_probe(choose, written)?;
    let is_vm = pod.is_some_and(|pod| pod.vm.is_some());
    if !is_vm || written.is_none() {
        let agent = guest_agent(choose, stated.failures)?;
        return Ok([stated.readiness(), agent]);
    }
    let container = said_probe(choose);
    let shown = format!(
        "period {}, initial delay {}, successes {}, failures {}",
        Span(container.probe.probe_period.as_seconds()),
        Span(container.probe.initial_delay.as_seconds()),
        container.probe.success_threshold,
        container.failures
    );
    choose.derived(
        "container's probe",
        shown,
        "the manifest's probe is that of a virtual machine",
    );
    Ok([container.readiness(), stated.readiness()])
}

/// A probe, and how often it must fail.
struct WatchedProbe {
    probe: Probe,
    failures: u32,
}

impl WatchedProbe {
    fn readiness(self) -> Readiness {
        Readiness {
            lost_after: missed(self.probe.probe_period, self.failures),
            probe: self.probe,
        }
    }
}

/// The readiness probe that flags or the manifest state, or else the default one.
fn stated_probe(
    choose: &mut Chooser<'_>,
    written: Option<&WrittenProbe>,
) -> Result<WatchedProbe, ScenarioError> {
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
    let count = |number: i32, default| u32::try_from(number).unwrap_or(default);
    let probe = Probe {
        probe_period: span(
            choose,
            "probe-period",
            |settings| &settings.probe_period,
            written.map(|probe| probe.probe_period),
            DEFAULT_PROBE_PERIOD,
        ),
        initial_delay: span(
            choose,
            "probe-initial-delay",
            |settings| &settings.probe_initial_delay,
            written.map(|probe| probe.initial_delay),
            0.0,
        ),
        success_threshold: choose.choose(
            "probe-successes",
            |settings| &settings.probe_successes,
            written.map(|probe| count(probe.success_threshold, 1)),
            1,
            u32::to_string,
        ),
    };
    let failures = choose.choose(
        "probe-failures",
        |settings| &settings.probe_failures,
        written.map(|probe| count(probe.failure_threshold, 3)),
        3,
        u32::to_string,
    );
    counted("probe-failures", failures, 1..=u32::MAX, "at least 1")?;
    Ok(WatchedProbe { probe, failures })
}

/// A probe by what flags and scenario file say alone.
fn said_probe(choose: &Chooser<'_>) -> WatchedProbe {
    let said =
        |of: fn(&Settings) -> &Option<Span>| choose.said(of).map(|said| said.value.duration());
    let count = |of: fn(&Settings) -> &Option<u32>, default| {
        choose.said(of).map_or(default, |said| said.value)
    };
    WatchedProbe {
        probe: Probe {
            initial_delay: said(|settings| &settings.probe_initial_delay)
                .unwrap_or(SimDuration::ZERO),
            probe_period: said(|settings| &settings.probe_period)
                .unwrap_or_else(|| SimDuration::from_seconds_rounded(DEFAULT_PROBE_PERIOD)),
            success_threshold: count(|settings| &settings.probe_successes, 1),
        },
        failures: count(|settings| &settings.probe_failures, 3),
    }
}

/// A guest agent that reports at its own interval, and is missed after as many reports as a probe may fail.
fn guest_agent(choose: &mut Chooser<'_>, failures: u32) -> Result<Readiness, ScenarioError> {
    let interval = choose.choose(
        "guest-agent-interval",
        |settings| &settings.guest_agent_interval,
        None,
        Span(GUEST_AGENT_INTERVAL),
        Span::to_string,
    );
    span_in_range(
        "guest-agent-interval",
        interval,
        0.1..=86_400.0,
        "a time from 100ms to 24h",
    )?;
    Ok(Readiness {
        probe: Probe {
            initial_delay: SimDuration::ZERO,
            probe_period: interval.duration(),
            success_threshold: 1,
        },
        lost_after: missed(interval.duration(), failures),
    })
}

/// The time of so many periods.
fn missed(period: SimDuration, times: u32) -> SimDuration {
    SimDuration::from_seconds_rounded((period.as_seconds() * f64::from(times)).min(FOREVER))
}
