//! A container without a request makes a utilization target fail for all pods.
//!
//! ## What it does
//!
//! For each utilization target on cpu or memory it looks for a request in every container that the controller adds up:
//! the containers and the sidecars (`restartPolicy: Always`), or the one that the metric names. A limit stands in for an
//! absent request, a request of the pod as a whole for all of them. Where a LimitRange or a VerticalPodAutoscaler beside
//! it fills requests in, it is silent.
//!
//! ## Why is this bad
//!
//! Utilization is usage over request. One container without a request fails the metric with `missing request for cpu`,
//! whatever the others say, and nothing scales on it; with other metrics beside it nothing scales down any more.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//! - name: web
//!   resources: {requests: {cpu: 250m}}
//! - name: log-shipper   # no requests
//! ```
//!
//! ## Fix
//!
//! Give every container a request for the resource, or aim at one container with a `ContainerResource` metric.
//!
//! ## Evidence
//!
//! `calculatePodRequests` in `pkg/controller/podautoscaler/replica_calculator.go`; Kubernetes issue 79365. k8sgpt tells
//! it only where all containers lack the request.

use crate::hpa::MetricTarget;
use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::lint::joined::Amounts;
use crate::lint::pods::{Scaled, name_of, request_of, scaled};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for it in scaled(context) {
        for metric in it.autoscaled.metrics() {
            let Some((resource, container, MetricTarget::Utilization(_))) = metric.resource()
            else {
                continue;
            };
            let name = name_of(resource);
            match it.owner.amounts(resource, container) {
                Some(Amounts { request: None, .. }) => {}
                Some(Amounts {
                    request: Some(0), ..
                }) => {
                    findings.put(
                        it.autoscaled.place_of_target(&metric),
                        format!(
                            "the {name} requests of {} `{}` add up to zero, of which no utilization can be taken",
                            it.owner.object.kind, it.owner.object.name
                        ),
                        format!("request some {name}"),
                    );
                    continue;
                }
                _ => continue,
            }
            if is_filled_in(context, &it, name) {
                continue;
            }
            let counted = it.pod.lasting_containers();
            let counted = counted.filter(|it| container.is_none_or(|name| name == it.name));
            for lacking in counted.filter(|it| request_of(it, resource).is_none()) {
                findings
                    .put(
                        it.place(lacking, "resources.requests"),
                        format!(
                            "container `{}` has no {name} request, so that the {name} utilization of HorizontalPodAutoscaler \
                             `{}` can't be computed",
                            lacking.name, it.autoscaled.object.name
                        ),
                        format!("add resources.requests.{name}"),
                    )
                    .with_related(it.autoscaled.place_of_target(&metric), "the utilization target");
            }
        }
    }
}

/// Whether something else than the manifest sets the request.
fn is_filled_in(context: &Context<'_>, it: &Scaled<'_, '_>, resource: &str) -> bool {
    let object = it.owner.object;
    let mut ranges = context.limit_ranges_beside(object);
    let mut verticals = context.vertical_autoscalers_of(it.owner);
    ranges.any(|(_, range)| range.default_request(resource).is_some())
        || verticals.any(|(_, vertical)| !vertical.is_off())
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    fn with(container: &str) -> String {
        deployment(container) + &hpa(&format!("  maxReplicas: 10\n{}", cpu(60)))
    }

    const TWO: &str = "resources: {requests: {cpu: 1}}}, {name: log, image: log";

    #[test]
    fn a_container_without_request_is_told() {
        fires(
            "SP301",
            &with("image: web"),
            &["8:32 container `web` has no cpu request"],
        );
        fires(
            "SP301",
            &with(TWO),
            &["8:78 container `log` has no cpu request"],
        );
        let memory_only = "resources: {requests: {memory: 1Gi}}";
        fires("SP301", &with(memory_only), &["8:59 container `web`"]);
        let sidecar = with("resources: {requests: {cpu: 1}}").replace(
            "spec: {containers",
            "spec: {initContainers: [{name: mesh, restartPolicy: Always}], containers",
        );
        fires("SP301", &sidecar, &["8:36 container `mesh`"]);
        // Also for the metric that stands in where none is named.
        let silent_metric = deployment("image: web") + &hpa("  maxReplicas: 10\n");
        fires("SP301", &silent_metric, &["8:32 container `web`"]);
        let zero = with("resources: {requests: {cpu: 0}}");
        fires(
            "SP301",
            &zero,
            &["17:92 the cpu requests of Deployment `web` add up to zero"],
        );
    }

    #[test]
    fn a_request_from_anywhere_is_silent() {
        silent("SP301", &with("resources: {requests: {cpu: 1}}"));
        silent("SP301", &with("resources: {limits: {cpu: 1}}"));
        let plain = with("resources: {requests: {cpu: 1}}").replace(
            "spec: {containers",
            "spec: {initContainers: [{name: setup}], containers",
        );
        silent("SP301", &plain);
        let of_pod = with("image: web").replace(
            "spec: {containers",
            "spec: {resources: {requests: {cpu: 1}}, containers",
        );
        silent("SP301", &of_pod);
        let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: all}\nspec: {limits: [{type: Container, \
                     defaultRequest: {cpu: 100m}}]}\n";
        silent("SP301", &(with("image: web") + range));
        let average = "  maxReplicas: 10\n  metrics:\n  - {type: Resource, resource: {name: cpu, target: {type: AverageValue, \
                       averageValue: 1}}}\n";
        silent("SP301", &(deployment("image: web") + &hpa(average)));
        let named = with(TWO).replace(
            "type: Resource, resource: {",
            "type: ContainerResource, containerResource: {container: web, ",
        );
        silent("SP301", &named);
    }
}
