//! The preStop hook uses up the grace period, so that pods are killed while they finish requests.
//!
//! ## What it does
//!
//! Compares the longest time that a container's preStop hook sleeps with `terminationGracePeriodSeconds`, 30 s by
//! default.
//!
//! ## Why is this bad
//!
//! The grace period runs from the start of the hook. Where the hook takes all of it, the container gets SIGTERM and, two
//! seconds later, SIGKILL: what it has in hand is dropped, at every scale-down.
//!
//! ## Example
//!
//! ```yaml
//! terminationGracePeriodSeconds: 30
//! containers:
//! - lifecycle: {preStop: {sleep: {seconds: 30}}}
//! ```
//!
//! ## Fix
//!
//! Set `terminationGracePeriodSeconds` to the hook's time and what the longest request takes besides.
//!
//! ## Evidence
//!
//! `killContainer` in `pkg/kubelet/kuberuntime/kuberuntime_container.go` takes the hook's time off the grace period.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::lint::pods::scaled_once;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for it in scaled_once(context) {
        let grace = it.pod.termination_grace_period;
        for container in it.pod.lasting_containers() {
            let Some(sleep) = container.pre_stop.filter(|sleep| *sleep >= grace) else {
                continue;
            };
            findings.put(
                it.place(container, "lifecycle.preStop"),
                format!(
                    "the preStop hook of `{}` sleeps {} of the {} that a pod has to end: what it has in hand is dropped at each \
                     scale-down",
                    container.name,
                    length(sleep),
                    length(grace)
                ),
                "raise terminationGracePeriodSeconds above the hook's time and the longest request's",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, hpa, silent};

    fn with(container: &str) -> String {
        deployment(container) + &hpa("  maxReplicas: 10\n")
    }

    #[test]
    fn a_hook_that_takes_all_of_the_grace_period_is_told() {
        fires(
            "SP314",
            &with("lifecycle: {preStop: {exec: {command: [sleep, '30']}}}"),
            &["8:58 the preStop hook of `web` sleeps 30 s of the 30 s that a pod has to end"],
        );
        let short = with("lifecycle: {preStop: {sleep: {seconds: 15}}}").replace(
            "spec: {containers",
            "spec: {terminationGracePeriodSeconds: 10, containers",
        );
        fires(
            "SP314",
            &short,
            &["8:93 the preStop hook of `web` sleeps 15 s of the 10 s"],
        );
    }

    #[test]
    fn a_hook_within_the_grace_period_is_silent() {
        silent(
            "SP314",
            &with("lifecycle: {preStop: {sleep: {seconds: 15}}}"),
        );
        silent("SP314", &with("image: web"));
        let long = with("lifecycle: {preStop: {sleep: {seconds: 60}}}").replace(
            "spec: {containers",
            "spec: {terminationGracePeriodSeconds: 90, containers",
        );
        silent("SP314", &long);
    }
}
