//! What the API server refuses in a metric of an autoscaler, each with its place.
//!
//! Follows `pkg/apis/autoscaling/validation/validation.go` of Kubernetes 1.36.

use super::decode::Written;
use super::error::{Fault, quoted};
use super::hpa_v2::{MetricAsWritten, MetricSourceAsWritten, SourceKind, TargetAsWritten};
use super::name;
use super::validate::{check_path_segment, check_reference};
use crate::units::Quantity;
/// All that is wrong with a metric whose values have the right types.
pub(super) fn check(metric: &Written<MetricAsWritten>, faults: &mut Vec<Fault>) {
    let types = "Resource, ContainerResource, Pods, Object or External";
    let Some(kind) = metric
        .value
        .kind
        .as_ref()
        .filter(|kind| !kind.value.is_empty())
    else {
        faults.push(metric.missing("type", types));
        return;
    };
    let asked = SourceKind::ALL
        .into_iter()
        .find(|source| source.type_name() == kind.value);
    let Some(asked) = asked else {
        let problem = format!(
            "{} is no metric type, expected {types}",
            quoted(&kind.value)
        );
        faults.push(kind.invalid(problem));
        return;
    };
    let mut found = false;
    for (source, written) in &metric.value.sources {
        if *source == asked {
            found = true;
            check_source(asked, written, faults);
        } else if metric.value.sources.len() == 1 {
            let problem = format!(
                "another source than `type: {}` says, expected `{}`",
                asked.type_name(),
                asked.field()
            );
            faults.push(written.invalid(problem));
            return;
        } else {
            let problem = format!(
                "a second source, expected `{}` only, as `type` says",
                asked.field()
            );
            faults.push(written.invalid(problem));
        }
    }
    if !found {
        let expected = format!("what `type: {}` needs", asked.type_name());
        faults.push(metric.missing(asked.field(), &expected));
    }
}

fn check_source(
    kind: SourceKind,
    source: &Written<MetricSourceAsWritten>,
    faults: &mut Vec<Fault>,
) {
    let is_resource = matches!(kind, SourceKind::Resource | SourceKind::ContainerResource);
    match source
        .value
        .name
        .as_ref()
        .filter(|name| !name.value.is_empty())
    {
        Some(name) if kind == SourceKind::ContainerResource => check_resource(name, faults),
        Some(name) if !is_resource => check_path_segment(name, faults),
        Some(_) => {}
        None if is_resource => {
            faults.push(source.missing("name", "a resource such as `cpu` or `memory`"));
        }
        None => faults.push(source.missing("metric.name", "the metric's name")),
    }
    if kind == SourceKind::ContainerResource {
        match source
            .value
            .container
            .as_ref()
            .filter(|name| !name.value.is_empty())
        {
            Some(container) if !name::is_dns_label(&container.value) => {
                let problem = format!(
                    "{} can't name a container, expected lower-case letters, digits and `-`",
                    quoted(&container.value)
                );
                faults.push(container.invalid(problem));
            }
            Some(_) => {}
            None => faults.push(source.missing("container", "the name of a container")),
        }
    }
    if kind == SourceKind::Object {
        match &source.value.described_object {
            Some(reference) => check_reference(reference, faults),
            None => {
                faults.push(source.missing("describedObject", "the object that has the metric"));
            }
        }
    }
    match &source.value.target {
        Some(target) => check_target(kind, target, faults),
        None => faults.push(source.missing("target", "a target `type` and value")),
    }
}

/// A resource that a container can have. Of a whole pod's metric the API server takes any name.
fn check_resource(name: &Written<String>, faults: &mut Vec<Fault>) {
    let text = name.value.as_str();
    let is_known = matches!(text, "cpu" | "memory" | "ephemeral-storage")
        || text
            .strip_prefix("hugepages-")
            .is_some_and(|size| !size.is_empty());
    let is_extended = text
        .split_once('/')
        .is_some_and(|(domain, name)| name::is_dns_subdomain(domain) && !name.is_empty());
    if !is_known && !is_extended {
        let problem = format!(
            "{} is no resource of a container, expected one such as `cpu`, `memory` or `example.com/gpu`",
            quoted(text)
        );
        faults.push(name.invalid(problem));
    }
}

fn check_target(kind: SourceKind, target: &Written<TargetAsWritten>, faults: &mut Vec<Fault>) {
    let TargetAsWritten {
        kind: target_type,
        value,
        average_value,
        average_utilization,
    } = &target.value;
    let types = "Utilization, AverageValue or Value";
    match target_type.as_ref().filter(|kind| !kind.value.is_empty()) {
        Some(kind)
            if !matches!(
                kind.value.as_str(),
                "Utilization" | "AverageValue" | "Value"
            ) =>
        {
            let problem = format!(
                "{} is no target type, expected {types}",
                quoted(&kind.value)
            );
            faults.push(kind.invalid(problem));
        }
        Some(_) => {}
        None => faults.push(target.missing("type", types)),
    }
    for quantity in [value, average_value].into_iter().flatten() {
        check_positive(quantity, faults);
    }
    if let Some(percent) = average_utilization
        && percent.value < 1
    {
        let problem = format!("`{}` percent, expected at least 1", percent.value);
        faults.push(percent.invalid(problem));
    }
    match kind {
        SourceKind::Resource | SourceKind::ContainerResource => {
            match (average_utilization, average_value) {
                (None, None) => faults.push(target.missing(
                    "averageUtilization",
                    "a percentage of the request, or an `averageValue`",
                )),
                (Some(_), Some(both)) => faults.push(
                    both.invalid("set next to a target utilization, expected one of the two"),
                ),
                _ => {}
            }
        }
        SourceKind::Pods => {
            if average_value.is_none() {
                faults.push(target.missing("averageValue", "a quantity for each pod"));
            }
        }
        SourceKind::Object => check_object_target(target, faults),
        SourceKind::External => match (value, average_value) {
            (None, None) => {
                faults
                    .push(target.missing("averageValue", "a quantity for each pod, or a `value`"));
            }
            (Some(both), Some(_)) => {
                faults.push(both.invalid("set next to an average value, expected one of the two"));
            }
            _ => {}
        },
    }
}

/// The controller goes by the type here, where for other sources it goes by which field is set.
fn check_object_target(target: &Written<TargetAsWritten>, faults: &mut Vec<Fault>) {
    let Some(kind) = &target.value.kind else {
        return;
    };
    match kind.value.as_str() {
        "Value" if target.value.value.is_none() => {
            faults.push(target.missing("value", "a quantity, as `type: Value` needs"));
        }
        "AverageValue" if target.value.average_value.is_none() => {
            faults.push(target.missing("averageValue", "a quantity, as `type: AverageValue` needs"));
        }
        "Utilization" => faults.push(kind.invalid(
            "`Utilization` of an object is unknown to the controller, expected Value or AverageValue",
        )),
        _ => {}
    }
}

fn check_positive(quantity: &Written<Quantity>, faults: &mut Vec<Fault>) {
    if quantity.value <= Quantity::from_milli(0) {
        let problem = format!("`{}` is not positive, expected more than 0", quantity.value);
        faults.push(quantity.invalid(problem));
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::check_spec;

    /// Checks what is wrong with a metric at line 8, column 5.
    #[track_caller]
    fn check_metric(metric: &str, expected: &[&str]) {
        check_spec(
            &format!("  maxReplicas: 3\n  metrics:\n  - {metric}\n"),
            expected,
        );
    }

    #[test]
    fn a_metric_has_one_source_that_of_its_type() {
        check_metric("{}", &["8:5 spec.metrics[0].type is missing"]);
        check_metric(
            "{type: Cpu}",
            &["8:12 spec.metrics[0].type: `Cpu` is no metric type, expected Resource,"],
        );
        check_metric("{type: Pods}", &["8:5 spec.metrics[0].pods is missing"]);
        let target = "target: {type: Utilization, averageUtilization: 50}";
        check_metric(
            &format!("{{type: Pods, resource: {{name: cpu, {target}}}}}"),
            &[
                "8:28 spec.metrics[0].resource: another source than `type: Pods` says, expected `pods`",
            ],
        );
        check_metric(
            &format!(
                "{{type: Pods, pods: {{metric: {{name: m}}, target: {{type: AverageValue, averageValue: 1}}}}, resource: {{name: cpu, {target}}}}}"
            ),
            &["8:102 spec.metrics[0].resource: a second source, expected `pods` only"],
        );
        check_metric(
            &format!("{{type: ContainerResource, containerResource: {{name: cpu, {target}}}}}"),
            &["8:50 spec.metrics[0].containerResource.container is missing"],
        );
    }

    #[test]
    fn a_target_has_the_value_that_its_source_needs() {
        let pods = |target: &str| {
            format!("{{type: Pods, pods: {{metric: {{name: m}}, target: {target}}}}}")
        };
        check_metric(&pods("{type: AverageValue, averageValue: 100m}"), &[]);
        check_metric(
            &pods("{type: Utilization, averageUtilization: 50}"),
            &["8:52 spec.metrics[0].pods.target.averageValue is missing"],
        );
        check_metric(
            &pods("{averageValue: 1}"),
            &["8:52 spec.metrics[0].pods.target.type is missing"],
        );
        let resource =
            |target: &str| format!("{{type: Resource, resource: {{name: cpu, target: {target}}}}}");
        check_metric(
            &resource("{type: Utilization, averageUtilization: 0}"),
            &[
                "8:92 spec.metrics[0].resource.target.averageUtilization: `0` percent, expected at least 1",
            ],
        );
        check_metric(
            &resource("{type: AverageValue, averageValue: -1}"),
            &["8:87 spec.metrics[0].resource.target.averageValue: `-1` is not positive"],
        );
        check_metric(
            &resource("{type: Utilization, averageUtilization: 5, averageValue: 1}"),
            &[
                "8:109 spec.metrics[0].resource.target.averageValue: set next to a target utilization",
            ],
        );
        check_metric(
            &resource("{type: Utilization, averageUtilization: .nan}"),
            &[
                "8:92 spec.metrics[0].resource.target.averageUtilization: `.nan` is a number, expected a whole number",
            ],
        );
        check_metric(
            &resource("{type: AverageValue, averageValue: .inf}"),
            &[
                "8:87 spec.metrics[0].resource.target.averageValue: `.inf` is a number, expected a quantity",
            ],
        );
        let object = |target: &str| {
            format!(
                "{{type: Object, object: {{describedObject: {{kind: K, name: t}}, metric: {{name: m}}, target: {target}}}}}"
            )
        };
        check_metric(
            &object("{type: Value, averageValue: 1}"),
            &[
                "8:93 spec.metrics[0].object.target.value is missing, expected a quantity, as `type: Value` needs",
            ],
        );
    }
}
