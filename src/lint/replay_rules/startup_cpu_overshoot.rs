//! What starting pods use of the cpu adds replicas that no load needs.
//!
//! ## What it does
//!
//! Where the scenario says that a starting application uses more cpu than an idle one (`--cpu-starting`), it replays the
//! trace with and without. It fires where the start adds more than 20 % to the highest count or to the cost.
//!
//! ## Why is this bad
//!
//! A pod that is Ready before its start is over counts as a busy one. The replicas that it asks for start in turn.
//!
//! ## Example
//!
//! A JVM that compiles for a minute at its limit behind a probe that succeeds after ten seconds.
//!
//! ## Fix
//!
//! A startup or readiness probe that succeeds when the start is over; a cpu limit near the request; the controller's
//! `--horizontal-pod-autoscaler-cpu-initialization-period`.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #28692 and #29989.

use super::case::{Case, Field};
use super::tried::Tried;
use super::words::costs;
use crate::lint::finding::Findings;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let pod = &replay.backend().plant.pod;
    if pod.cpu_starting <= pod.cpu_idle {
        return;
    }
    let mut calm = replay.scenario().clone();
    for backend in &mut calm.backends {
        backend.plant.pod.cpu_starting = backend.plant.pod.cpu_idle;
    }
    let Ok(calm) = Tried::of_scenario(&calm) else {
        return;
    };
    let now = replay.as_it_is();
    let most = 1.0 + case.thresholds().largest_overshoot;
    if now.peak <= calm.peak * most && now.replica_hours <= calm.replica_hours * most {
        return;
    }
    findings.put(
        case.place(Field::Target),
        format!(
            "{:.2} cores of each starting replica add replicas: up to {:.0} where the load alone takes {:.0}, {}",
            pod.cpu_starting,
            now.peak,
            calm.peak,
            costs(&[now.replica_hours - calm.replica_hours])
        ),
        "let the startup or readiness probe succeed only when the start is over, or keep the cpu limit near the request",
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// Pods that are ready at once and compile for minutes.
    fn start(cores: &'static str) -> Play {
        web(
            "  minReplicas: 1\n  maxReplicas: 20\n",
            &[(30, 30.0), (60, 60.0), (30, 30.0)],
        )
        .but("limits: {cpu: 500m", "limits: {cpu: 2")
        .with(&["--cpu-starting", cores, "--container-ready", "400s"])
    }

    #[test]
    fn a_busy_start_that_adds_replicas_is_told() {
        fires(
            "SP913",
            &start("2"),
            "18:92 warning: 2.00 cores of each starting replica add replicas: up to 8 where the load alone \
             takes 2, +6.7 replica-hours a day\n\
             help: let the startup or readiness probe succeed only when the start is over, or keep the cpu \
             limit near the request",
        );
    }

    #[test]
    fn a_start_without_extra_cpu_is_silent() {
        silent("SP913", &start("0"));
        silent("SP913", &web("  maxReplicas: 5\n", &[(30, 30.0)]));
    }
}
