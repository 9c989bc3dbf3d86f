//! One replica's size: from the workload's manifest, flags and defaults; its service and health come from beside.

use super::choose::Chooser;
use super::health::{Health, health};
use super::range::{in_range, out_of_range};
use super::service::serving;
use super::{Amount, Origin, ScenarioError, Settings, Slo, Span};
use crate::hpa::{ControllerConfig, Resource};
use crate::manifest::{PodFacts, Workload};
use crate::plant::{PodSpec, ServingSpec};
use crate::units::Quantity;

/// More memory than any machine has, in bytes: 16 TiB. The controller adds up thousandths of a byte in 64 bits.
const MOST_MEMORY: f64 = 17_592_186_044_416.0;

const MEBI: f64 = 1024.0 * 1024.0;

/// What a replica is like on every backend; its cost per request is still open.
pub(super) struct Replica {
    pub(super) pod: PodSpec,
    pub(super) memory_request: f64,
    pub(super) serving: ServingSpec,
    pub(super) health: Health,
    /// Whether the workload's manifest is that of virtual machines.
    pub(super) is_vm: bool,
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
    let grace = grace.duration();
    let health = health(choose, pod, grace, warnings)?;
    Ok(Replica {
        pod: PodSpec {
            cpu_request: cpu_request.units(),
            cpu_limit,
            cpu_idle,
            cpu_starting,
            memory_idle: memory_idle.units(),
            memory_per_request: memory_per_request.units(),
            termination_grace_period: grace,
        },
        memory_request: memory_request.units(),
        serving,
        health,
        is_vm: pod.is_some_and(|pod| pod.vm.is_some()),
    })
}

/// Refuses sizes that no model takes.
pub(super) fn check(replica: &Replica, workload: Option<&Workload>) -> Result<(), ScenarioError> {
    let pod = &replica.pod;
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
    if pod.cpu_idle >= pod.cpu_limit {
        return Err(out_of_range(
            "cpu-idle",
            &pod.cpu_idle.to_string(),
            "less than the cpu limit",
        ));
    }
    Ok(())
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
