//! What the API server refuses in an autoscaler, each with its place.
//!
//! Follows `pkg/apis/autoscaling/validation/validation.go` of Kubernetes 1.36 with the gates `HPAScaleToZero` and
//! `HPAConfigurableTolerance` on.

use super::decode::Written;
use super::error::{Concern, Fault, quoted};
use super::hpa_v2::{
    BehaviorAsWritten, HpaAsWritten, MetricAsWritten, MetricSourceAsWritten, PolicyAsWritten,
    ReferenceAsWritten, RulesAsWritten, SourceKind, TargetAsWritten,
};
use super::name;
use crate::units::Quantity;

/// Longest `periodSeconds`.
const LONGEST_POLICY_PERIOD: i32 = 1800;
/// Longest `stabilizationWindowSeconds`.
const LONGEST_WINDOW: i32 = 3600;

/// All that is wrong with an autoscaler whose values have the right types.
pub(crate) fn faults(hpa: &HpaAsWritten) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_bounds(hpa, &mut faults);
    mark(&mut faults, Concern::Bounds);
    if let Some(reference) = &hpa.scale_target {
        check_reference(reference, &mut faults);
    } else {
        let missing = hpa.spec.missing(
            "scaleTargetRef",
            "the object to scale; a kustomize patch has to be built first: `kubectl kustomize DIR | scaleplan ... -`",
        );
        faults.push(missing.about(Concern::Whole));
    }
    let before = faults.len();
    for metric in hpa.metrics.iter().flat_map(|metrics| &metrics.value) {
        check_metric(metric, &mut faults);
    }
    mark(&mut faults[before..], Concern::Metric);
    if let Some(behavior) = &hpa.behavior {
        check_behavior(&behavior.value, &mut faults);
    }
    faults
}

/// Says which part of the validation speaks where nothing more exact is known.
fn mark(faults: &mut [Fault], concern: Concern) {
    for fault in faults {
        if fault.concern == Concern::General {
            fault.concern = concern;
        }
    }
}

fn check_bounds(hpa: &HpaAsWritten, faults: &mut Vec<Fault>) {
    if let Some(min) = &hpa.min_replicas {
        if min.value < 0 {
            let problem = format!("`{}` replicas, expected 0 or more", min.value);
            faults.push(min.invalid(problem));
        }
        if min.value == 0 && !has_metric_at_zero(hpa) {
            let problem = "`0` replicas without an Object or External metric, expected at least 1 or such a metric";
            faults.push(min.invalid(problem).about(Concern::ScaleToZero));
        }
    }
    let Some(max) = &hpa.max_replicas else {
        faults.push(hpa.spec.missing("maxReplicas", "a whole number from 1 up"));
        return;
    };
    if max.value < 1 {
        let problem = format!("`{}` replicas, expected at least 1", max.value);
        faults.push(max.invalid(problem));
    }
    // An absent minReplicas counts as 1, which the check above covers; one problem is told once.
    if let Some(min) = &hpa.min_replicas
        && max.value >= 1
        && max.value < min.value
    {
        faults.push(max.invalid(format!(
            "`{}` is below minReplicas, expected at least {}",
            max.value, min.value
        )));
    }
}

/// Whether a metric says something while there are no pods.
fn has_metric_at_zero(hpa: &HpaAsWritten) -> bool {
    let metrics = hpa.metrics.iter().flat_map(|metrics| &metrics.value);
    let mut kinds = metrics.filter_map(|metric| metric.value.kind.as_ref());
    kinds.any(|kind| matches!(kind.value.as_str(), "Object" | "External"))
}

fn check_reference(reference: &Written<ReferenceAsWritten>, faults: &mut Vec<Fault>) {
    let expected = [
        ("kind", &reference.value.kind, "a kind such as `Deployment`"),
        ("name", &reference.value.name, "the object's name"),
    ];
    for (key, field, example) in expected {
        match field {
            Some(text) if !text.value.is_empty() => check_path_segment(text, faults),
            _ => faults.push(reference.missing(key, example)),
        }
    }
    if let Some(version) = &reference.value.api_version
        && version.value.matches('/').count() > 1
    {
        let problem = format!(
            "{} is no API version, expected one such as `apps/v1`",
            quoted(&version.value)
        );
        faults.push(version.invalid(problem));
    }
}

/// A name that becomes part of a URL's path.
fn check_path_segment(name: &Written<String>, faults: &mut Vec<Fault>) {
    let text = &name.value;
    let is_part = text != "." && text != ".." && !text.contains(['/', '%']);
    if !is_part || text.chars().any(char::is_control) {
        let problem = format!(
            "{} can't be a name, expected no `/`, `%` or control character",
            quoted(text)
        );
        faults.push(name.invalid(problem));
    }
}

fn check_metric(metric: &Written<MetricAsWritten>, faults: &mut Vec<Fault>) {
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

fn check_behavior(behavior: &BehaviorAsWritten, faults: &mut Vec<Fault>) {
    for rules in [&behavior.scale_up, &behavior.scale_down]
        .into_iter()
        .flatten()
    {
        check_rules(&rules.value, faults);
    }
}

fn check_rules(rules: &RulesAsWritten, faults: &mut Vec<Fault>) {
    if let Some(window) = &rules.stabilization_window
        && !(0..=LONGEST_WINDOW).contains(&window.value)
    {
        let problem = format!("`{}` seconds, expected 0 to {LONGEST_WINDOW}", window.value);
        faults.push(window.invalid(problem).about(Concern::Window));
    }
    if let Some(select) = &rules.select_policy
        && !matches!(select.value.as_str(), "Max" | "Min" | "Disabled")
    {
        let problem = format!(
            "{} is no choice, expected Max, Min or Disabled",
            quoted(&select.value)
        );
        faults.push(select.invalid(problem));
    }
    if let Some(tolerance) = &rules.tolerance
        && tolerance.value < Quantity::from_milli(0)
    {
        let problem = format!("`{}` is negative, expected 0 or more", tolerance.value);
        faults.push(tolerance.invalid(problem).about(Concern::Tolerance));
    }
    if let Some(policies) = &rules.policies {
        if policies.value.is_empty() {
            let problem = "an empty list, expected at least one policy or no list";
            faults.push(policies.invalid(problem).about(Concern::EmptyPolicies));
        }
        let before = faults.len();
        for policy in &policies.value {
            check_policy(policy, faults);
        }
        mark(&mut faults[before..], Concern::Policy);
    }
}

fn check_policy(policy: &Written<PolicyAsWritten>, faults: &mut Vec<Fault>) {
    let types = "Pods or Percent";
    match &policy.value.kind {
        Some(kind) if !matches!(kind.value.as_str(), "Pods" | "Percent") => {
            let problem = format!(
                "{} is no policy type, expected {types}",
                quoted(&kind.value)
            );
            faults.push(kind.invalid(problem));
        }
        Some(_) => {}
        None => faults.push(policy.missing("type", types)),
    }
    match &policy.value.value {
        Some(value) if value.value <= 0 => {
            let problem = format!("`{}`, expected more than 0", value.value);
            faults.push(value.invalid(problem));
        }
        Some(_) => {}
        None => faults.push(policy.missing("value", "a whole number from 1 up")),
    }
    match &policy.value.policy_period {
        Some(period) if !(1..=LONGEST_POLICY_PERIOD).contains(&period.value) => {
            let problem = format!(
                "`{}` seconds, expected 1 to {LONGEST_POLICY_PERIOD}",
                period.value
            );
            faults.push(period.invalid(problem));
        }
        Some(_) => {}
        None => {
            let expected = format!("1 to {LONGEST_POLICY_PERIOD} seconds");
            faults.push(policy.missing("periodSeconds", &expected));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::{check_told, hpa_text, only_autoscaler, read_text};

    /// Checks what is wrong with the lines of a v2 spec that starts at line 6.
    #[track_caller]
    fn check(spec: &str, expected: &[&str]) {
        let manifests = read_text(&hpa_text("v2", spec));
        check_told(&manifests.errors, expected);
        assert_eq!(
            manifests.autoscalers.len(),
            usize::from(expected.is_empty())
        );
    }

    /// Checks what is wrong with a metric at line 8, column 5.
    #[track_caller]
    fn check_metric(metric: &str, expected: &[&str]) {
        check(
            &format!("  maxReplicas: 3\n  metrics:\n  - {metric}\n"),
            expected,
        );
    }

    /// Checks what is wrong with rules at line 8.
    #[track_caller]
    fn check_rules(rules: &str, expected: &[&str]) {
        check(
            &format!("  maxReplicas: 3\n  behavior:\n    scaleUp: {rules}\n"),
            expected,
        );
    }

    #[test]
    fn bounds_are_as_the_api_server_wants_them() {
        check("  maxReplicas: 3\n", &[]);
        check(
            "  maxReplicas: 0\n",
            &["6:16 spec.maxReplicas: `0` replicas, expected at least 1"],
        );
        check(
            "  minReplicas: 1\n",
            &["5:3 spec.maxReplicas is missing, expected"],
        );
        check(
            "  minReplicas: 5\n  maxReplicas: 3\n",
            &["7:16 spec.maxReplicas: `3` is below minReplicas, expected at least 5"],
        );
        check(
            "  minReplicas: -1\n  maxReplicas: 3\n",
            &["6:16 spec.minReplicas: `-1` replicas, expected 0 or more"],
        );
        check(
            "  minReplicas: 0\n  maxReplicas: 3\n",
            &["6:16 spec.minReplicas: `0` replicas without an Object or External metric"],
        );
    }

    #[test]
    fn zero_replicas_need_a_metric_that_has_a_value_without_pods() {
        let metric =
            "{type: External, external: {metric: {name: q}, target: {type: Value, value: 1}}}";
        let spec = format!("  minReplicas: 0\n  maxReplicas: 3\n  metrics: [{metric}]\n");
        let autoscaler = only_autoscaler(&hpa_text("v2", &spec));
        assert_eq!(autoscaler.spec.min_replicas, 0);
    }

    #[test]
    fn the_scale_target_is_named() {
        let text = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n";
        let check = |spec: &str, expected: &[&str]| {
            check_told(&read_text(&format!("{text}{spec}")).errors, expected);
        };
        check(
            "  maxReplicas: 3\n",
            &["5:3 spec.scaleTargetRef is missing"],
        );
        check(
            "  {scaleTargetRef: {name: a/b}, maxReplicas: 3}\n",
            &[
                "5:20 spec.scaleTargetRef.kind is missing",
                "5:27 spec.scaleTargetRef.name: `a/b` can't be a name",
            ],
        );
        check(
            "  minReplicas: 3\n",
            &["5:3 spec has neither scaleTargetRef nor maxReplicas"],
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

    #[test]
    fn behavior_keeps_to_its_ranges() {
        check_rules("{}", &[]);
        check_rules(
            "{stabilizationWindowSeconds: 3600, policies: [{type: Pods, value: 1, periodSeconds: 1800}]}",
            &[],
        );
        check_rules(
            "{stabilizationWindowSeconds: 3601}",
            &[
                "8:43 spec.behavior.scaleUp.stabilizationWindowSeconds: `3601` seconds, expected 0 to 3600",
            ],
        );
        check_rules(
            "{policies: []}",
            &["8:25 spec.behavior.scaleUp.policies: an empty list"],
        );
        check_rules("{policies: null}", &[]);
        check_rules(
            "{selectPolicy: max}",
            &["8:29 spec.behavior.scaleUp.selectPolicy: `max` is no choice"],
        );
        check_rules(
            "{tolerance: -0.1}",
            &["8:26 spec.behavior.scaleUp.tolerance: `-100m` is negative"],
        );
        check_rules(
            "{policies: [{type: Pod, value: 0, periodSeconds: 1801}]}",
            &[
                "8:33 spec.behavior.scaleUp.policies[0].type: `Pod` is no policy type",
                "8:45 spec.behavior.scaleUp.policies[0].value: `0`, expected more than 0",
                "8:63 spec.behavior.scaleUp.policies[0].periodSeconds: `1801` seconds, expected 1 to 1800",
            ],
        );
    }

    #[test]
    fn types_are_those_of_json() {
        check(
            "  maxReplicas: \"3\"\n",
            &["6:16 spec.maxReplicas: `\"3\"` is a string, expected a whole number"],
        );
        check(
            "  maxReplicas: yes\n",
            &["6:16 spec.maxReplicas: `yes` is a boolean, expected a whole number"],
        );
        check(
            "  maxReplicas: 1e308\n",
            &["6:16 spec.maxReplicas: `1e308` is a number, expected a whole number"],
        );
        check("  maxReplicas: 3.0\n", &[]);
        check(
            "  maxReplicas: 3\n  metrics: {}\n",
            &["7:12 spec.metrics: found an object, expected a list"],
        );
        check_metric(
            "{type: Pods, pods: {metric: {name: on}, target: {type: AverageValue, averageValue: 1}}}",
            &[
                "8:40 spec.metrics[0].pods.metric.name: `on` is a boolean, expected a string, so in quotes",
            ],
        );
    }
}
