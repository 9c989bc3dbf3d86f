//! A VerticalPodAutoscaler sets the requests that the autoscaler measures utilization against.
//!
//! ## What it does
//!
//! Looks for a VerticalPodAutoscaler of the same target that is not `Off` and controls a resource, of a container that
//! counts, on which the autoscaler has a target. Beside an average value, which is no share of the request, it is a
//! warning.
//!
//! ## Why is this bad
//!
//! Each raised request lowers the utilization, so that pods are removed, so that the rest uses more and its requests
//! are raised: the two follow each other until one meets its bound.
//!
//! ## Example
//!
//! ```yaml
//! kind: VerticalPodAutoscaler
//! spec:
//!   targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics:
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
//! ```
//!
//! ## Fix
//!
//! Let the vertical autoscaler control the other resource only (`controlledResources: [memory]`), set `updateMode:
//! "Off"`, or scale on a metric that is no share of requests.
//!
//! ## Evidence
//!
//! The known limitations of the VerticalPodAutoscaler; autoscaler issues 6060 and 6247.

use crate::hpa::MetricTarget;
use crate::lint::context::Context;
use crate::lint::demand::resource_name;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::{Autoscaled, group_of};
use crate::manifest::VerticalAutoscaler;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, _) in context.valid_autoscalers() {
        let Some(target) = autoscaled.target_name() else {
            continue;
        };
        for (object, vertical) in context.vertical_autoscalers_naming(target, autoscaled.object) {
            if vertical.is_off() || !is_of_group(autoscaled, vertical) {
                continue;
            }
            for metric in autoscaled.metrics() {
                let Some((resource, container, target)) = metric.resource() else {
                    continue;
                };
                let name = resource_name(resource);
                let Some(controlled) = controlled(context, autoscaled, vertical, container, name)
                else {
                    continue;
                };
                let is_share = matches!(target, MetricTarget::Utilization(_));
                let problem = if is_share {
                    format!(
                        "VerticalPodAutoscaler `{}` sets the {name} requests{controlled} that this utilization is a share of",
                        object.name
                    )
                } else {
                    format!(
                        "VerticalPodAutoscaler `{}` sets {name} requests{controlled} by the usage that this target holds steady",
                        object.name
                    )
                };
                let finding = findings.put(
                    autoscaled.place_of_target(&metric),
                    problem,
                    "leave this resource out of `controlledResources`, set updateMode `Off`, or scale on another metric",
                );
                finding.with_related(
                    Place::at(object, "spec.targetRef"),
                    "the vertical autoscaler",
                );
                if !is_share {
                    finding.with_severity(Severity::Warning);
                }
            }
        }
    }
}

fn is_of_group(autoscaled: &Autoscaled<'_>, vertical: &VerticalAutoscaler) -> bool {
    let target = vertical.target.as_ref();
    target.is_some_and(|target| autoscaled.target_group() == group_of(&target.value))
}

/// The container whose request for a resource is set, in words; `None` if that of no container that counts is. Where the
/// containers are not known, what holds of all that have no entry of their own.
fn controlled(
    context: &Context<'_>,
    autoscaled: &Autoscaled<'_>,
    vertical: &VerticalAutoscaler,
    container: Option<&str>,
    resource: &str,
) -> Option<String> {
    let template = context
        .owner(autoscaled)
        .and_then(|owner| owner.object.pod_template());
    let listed = template.and_then(|template| template.at("spec.containers"));
    let names = listed.into_iter().flat_map(|list| list.items());
    let names = names.filter_map(|item| item.get("name")?.text());
    let mut names: Vec<&str> = match container {
        Some(container) => vec![container],
        None => names.collect(),
    };
    if names.is_empty() {
        names.push("*");
    }
    let set = names
        .into_iter()
        .find(|name| vertical.controls(name, resource))?;
    Some(match set {
        "*" => String::new(),
        name => format!(" of container `{name}`"),
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{cpu, deployment, fires, hpa, silent};

    /// A Deployment, a vertical autoscaler with these lines of its spec, and an autoscaler on cpu.
    fn with(spec: &str, metrics: &str) -> String {
        format!(
            "{}apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {{name: v}}\nspec:\n  \
             targetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  {spec}\n---\n{}",
            deployment("image: web"),
            hpa(&format!("  maxReplicas: 3\n{metrics}"))
        )
    }

    const AUTO: &str = "updatePolicy: {updateMode: Auto}";

    #[test]
    fn two_autoscalers_of_one_resource_are_told() {
        fires(
            "SP210",
            &with(AUTO, &cpu(60)),
            &[
                "24:92 VerticalPodAutoscaler `v` sets the cpu requests of container `web` that this utilization is a share of",
            ],
        );
        fires(
            "SP210",
            &with("updatePolicy: {}", ""),
            &["20:1 VerticalPodAutoscaler `v` sets the cpu requests"],
        );
        fires(
            "SP210",
            &with("updatePolicy: {updateMode: Initial}", &cpu(60)),
            &["24:92 "],
        );
        let average = cpu(60).replace(
            "Utilization, averageUtilization: 60",
            "AverageValue, averageValue: 1",
        );
        fires(
            "SP210",
            &with(AUTO, &average),
            &["24:87 VerticalPodAutoscaler `v` sets cpu requests"],
        );
    }

    #[test]
    fn apart_they_are_silent() {
        for spec in [
            "updatePolicy: {updateMode: \"Off\"}",
            "resourcePolicy: {containerPolicies: [{containerName: \"*\", controlledResources: [memory]}]}",
            "resourcePolicy: {containerPolicies: [{containerName: web, mode: \"Off\"}]}",
        ] {
            silent("SP210", &with(spec, &cpu(60)));
        }
        silent(
            "SP210",
            &with(AUTO, &cpu(60)).replacen("{name: v}", "{name: v, namespace: x}", 1),
        );
        let queue = "  metrics: [{type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 1}}}]\n";
        silent("SP210", &with(AUTO, queue));
    }
}
