//! The network path to virtual machines breaks the objective, a container's path does not.
//!
//! ## What it does
//!
//! Where the target is a virtual machine and the objective is missed, it replays the trace with the machines as they are
//! behind the path of a container. It fires where that holds the objective, and tells which limit of the path bound first.
//!
//! ## Why is this bad
//!
//! More replicas do not shorten a path. Scaling hides the cause, at a cost.
//!
//! ## Example
//!
//! A guest behind a userspace proxy that takes 35,000 connections, and clients that keep theirs open.
//!
//! ## Fix
//!
//! A path that passes the proxy by: SR-IOV, DPDK, or a bridge in place of masquerade.
//!
//! ## Evidence
//!
//! The replay. docs/model.md has the figures of the two paths with their sources.

use super::case::{Case, Field};
use super::tried::Tried;
use super::words::percent;
use crate::lint::finding::Findings;
use crate::outcome::PathLimit;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let Some(containers) = replay.on_containers().filter(|_| replay.is_missed()) else {
        return;
    };
    let mut changed = replay.scenario().clone();
    for backend in &mut changed.backends {
        backend.plant.path = containers.backends[0].plant.path.clone();
    }
    let Some(other) = Tried::of_scenario(&changed)
        .ok()
        .filter(|other| other.holds)
    else {
        return;
    };
    let first = replay.card().path.bound_first().map(|(limit, _)| limit);
    let limit = match first {
        Some(PathLimit::Throughput) => "its throughput",
        Some(PathLimit::Connections) => "its connections",
        Some(PathLimit::Latency) | None => "its latency",
    };
    findings.put(
        case.place(Field::Name),
        format!(
            "the path to `{}` breaks the objective, {limit} first: {} of the requests are bad, and {} behind the path of `{}`",
            replay.backend().name,
            percent(replay.as_it_is().service.bad_percent),
            percent(other.service.bad_percent),
            containers.backends[0].name
        ),
        "give the machines a path that passes the proxy by, such as SR-IOV: `scaleplan simulate --with-each` ranks the known ones",
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, machines, silent};

    fn with_path(latency: &'static str) -> Play {
        machines("  minReplicas: 2\n  maxReplicas: 10\n", &[(60, 60.0)]).with(&[
            "--vm-path-latency",
            latency,
            "--slo",
            "99%<100ms",
        ])
    }

    #[test]
    fn a_path_that_is_too_long_is_told() {
        fires(
            "SP921",
            &with_path("120ms"),
            "12:18 warning: the path to `vm` breaks the objective, its latency first: 100 % of the requests \
             are bad, and 0.09 % behind the path of `container`\n\
             help: give the machines a path that passes the proxy by, such as SR-IOV: `scaleplan simulate \
             --with-each` ranks the known ones",
        );
    }

    #[test]
    fn a_path_that_is_short_enough_is_silent() {
        silent("SP921", &with_path("1ms"));
    }
}
