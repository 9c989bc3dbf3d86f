//! A test for every refusal in `pkg/apis/autoscaling/validation/validation.go` of Kubernetes, in its order.

use super::testing::{hpa_text, read_text};

/// Checks that what is written is refused at a field, and that with the second text in place of the first it is taken.
#[track_caller]
fn check(text: &str, field: &str, wrong: &str, right: &str) {
    assert!(text.contains(wrong), "no `{wrong}` in\n{text}");
    let refused = read_text(text);
    let told: Vec<&str> = refused
        .errors
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert!(
        told.iter().any(|message| message.starts_with(field)),
        "{told:#?} of\n{text}"
    );
    assert_eq!(refused.autoscalers.len(), 0);
    let taken = read_text(&text.replacen(wrong, right, 1));
    assert_eq!(taken.errors, [], "{right} in\n{text}");
}

fn spec(lines: &str) -> String {
    hpa_text("v2", lines)
}

fn metric(metric: &str) -> String {
    spec(&format!("  maxReplicas: 3\n  metrics:\n  - {metric}\n"))
}

fn rules(direction: &str, rules: &str) -> String {
    spec(&format!(
        "  maxReplicas: 3\n  behavior: {{{direction}: {{{rules}}}}}\n"
    ))
}

#[test]
fn metadata() {
    let text = spec("  maxReplicas: 3\n");
    check(
        &text.replace("{name: a}", "{name: \"a b\"}"),
        "metadata.name",
        "\"a b\"",
        "a-b",
    );
    check(
        &text.replace("{name: a}\nspec", "{labels: {}}\nspec"),
        "metadata.name",
        "labels: {}",
        "name: a",
    );
    check(
        &text.replace("{name: a}\nspec", "{name: a, namespace: \"a/b\"}\nspec"),
        "metadata.namespace",
        "\"a/b\"",
        "ab",
    );
}

#[test]
fn bounds() {
    check(
        &spec("  minReplicas: -1\n  maxReplicas: 3\n"),
        "spec.minReplicas",
        "-1",
        "1",
    );
    check(
        &spec("  minReplicas: 0\n  maxReplicas: 3\n"),
        "spec.minReplicas",
        "minReplicas: 0",
        "minReplicas: 1",
    );
    check(
        &spec("  maxReplicas: 0\n"),
        "spec.maxReplicas",
        "maxReplicas: 0",
        "maxReplicas: 1",
    );
    check(&spec("  maxReplicas: -3\n"), "spec.maxReplicas", "-3", "3");
    check(
        &spec("  minReplicas: 4\n  maxReplicas: 3\n"),
        "spec.maxReplicas",
        "minReplicas: 4",
        "minReplicas: 3",
    );
    check(
        &spec("  minReplicas: 2\n"),
        "spec.maxReplicas is missing",
        "minReplicas",
        "maxReplicas",
    );
}

#[test]
fn references() {
    let whole = "{apiVersion: apps/v1, kind: Deployment, name: a}";
    let target = |text: &str| spec("  maxReplicas: 3\n").replace(whole, text);
    for (wrong, field) in [
        ("{apiVersion: apps/v1, name: a}", "spec.scaleTargetRef.kind"),
        (
            "{apiVersion: apps/v1, kind: \"\", name: a}",
            "spec.scaleTargetRef.kind",
        ),
        (
            "{apiVersion: apps/v1, kind: a/b, name: a}",
            "spec.scaleTargetRef.kind",
        ),
        (
            "{apiVersion: apps/v1, kind: a%b, name: a}",
            "spec.scaleTargetRef.kind",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment}",
            "spec.scaleTargetRef.name",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, name: \"\"}",
            "spec.scaleTargetRef.name",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, name: ..}",
            "spec.scaleTargetRef.name",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, name: \".\"}",
            "spec.scaleTargetRef.name",
        ),
        (
            "{apiVersion: a/b/c, kind: Deployment, name: a}",
            "spec.scaleTargetRef.apiVersion",
        ),
    ] {
        check(&target(wrong), field, wrong, whole);
    }
    let object = "{type: Object, object: {describedObject: {kind: Service, name: a}, metric: {name: m}, target: {type: Value, value: 1}}}";
    for (right, wrong, field) in [
        (
            "kind: Service",
            "kind: \"\"",
            "spec.metrics[0].object.describedObject.kind",
        ),
        (
            "name: a}",
            "name: a/b}",
            "spec.metrics[0].object.describedObject.name",
        ),
        (
            "describedObject: {kind: Service, name: a}, ",
            "",
            "spec.metrics[0].object.describedObject",
        ),
        (
            "{kind: Service",
            "{apiVersion: a/b/c, kind: Service",
            "spec.metrics[0].object.describedObject.apiVersion",
        ),
    ] {
        let wrong = object.replacen(right, wrong, 1);
        check(&metric(&wrong), field, &wrong, object);
    }
}

const RESOURCE: &str =
    "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}";
const CONTAINER: &str = "{type: ContainerResource, containerResource: {name: cpu, container: c, target: {type: Utilization, averageUtilization: 50}}}";
const PODS: &str =
    "{type: Pods, pods: {metric: {name: m}, target: {type: AverageValue, averageValue: 1}}}";
const OBJECT: &str = "{type: Object, object: {describedObject: {kind: K, name: o}, metric: {name: m}, target: {type: Value, value: 1}}}";
const EXTERNAL: &str =
    "{type: External, external: {metric: {name: m}, target: {type: Value, value: 1}}}";

/// Checks that a change to a metric that is taken makes it refused.
#[track_caller]
fn check_metric(whole: &str, right: &str, wrong: &str, field: &str) {
    let changed = whole.replacen(right, wrong, 1);
    assert_ne!(changed, whole);
    check(
        &metric(&changed),
        &format!("spec.metrics[0]{field}"),
        &changed,
        whole,
    );
}

#[test]
fn metric_types_and_sources() {
    check_metric(RESOURCE, "type: Resource, ", "", ".type is missing");
    check_metric(RESOURCE, "type: Resource", "type: \"\"", ".type is missing");
    check_metric(RESOURCE, "type: Resource", "type: Cpu", ".type");
    for (type_name, field) in [
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
        ("External", "external"),
        ("ContainerResource", "containerResource"),
    ] {
        let bare = format!("{{type: {type_name}}}");
        check(
            &metric(&bare),
            &format!("spec.metrics[0].{field} is missing"),
            &bare,
            RESOURCE,
        );
    }
    check_metric(RESOURCE, "type: Resource", "type: Pods", ".resource");
    check_metric(
        RESOURCE,
        "type: Resource,",
        "type: Resource, pods: {},",
        ".pods",
    );
}

#[test]
fn metric_names() {
    for (whole, field) in [
        (PODS, ".pods"),
        (OBJECT, ".object"),
        (EXTERNAL, ".external"),
    ] {
        check_metric(
            whole,
            "metric: {name: m}",
            "metric: {}",
            &format!("{field}.metric.name"),
        );
        check_metric(
            whole,
            "metric: {name: m}",
            "metric: {name: \"\"}",
            &format!("{field}.metric.name"),
        );
        check_metric(
            whole,
            "metric: {name: m}",
            "metric: {name: a/b}",
            &format!("{field}.metric.name"),
        );
    }
    check_metric(RESOURCE, "name: cpu, ", "", ".resource.name");
    check_metric(CONTAINER, "name: cpu, ", "", ".containerResource.name");
    check_metric(
        CONTAINER,
        "name: cpu",
        "name: qps",
        ".containerResource.name",
    );
    check_metric(
        CONTAINER,
        "container: c, ",
        "",
        ".containerResource.container",
    );
    check_metric(
        CONTAINER,
        "container: c",
        "container: A_b",
        ".containerResource.container",
    );
    for name in [
        "memory",
        "ephemeral-storage",
        "hugepages-2Mi",
        "example.com/gpu",
    ] {
        let text = metric(&CONTAINER.replace("name: cpu", &format!("name: {name}")));
        assert_eq!(read_text(&text).errors, [], "{name}");
    }
}

#[test]
fn metric_targets() {
    for (whole, field) in [
        (RESOURCE, ".resource.target"),
        (CONTAINER, ".containerResource.target"),
    ] {
        let percent = "averageUtilization: 50";
        check_metric(whole, "type: Utilization, ", "", &format!("{field}.type"));
        check_metric(
            whole,
            "type: Utilization",
            "type: Percent",
            &format!("{field}.type"),
        );
        check_metric(
            whole,
            &format!(", {percent}"),
            "",
            &format!("{field}.averageUtilization"),
        );
        check_metric(
            whole,
            percent,
            "averageUtilization: 0",
            &format!("{field}.averageUtilization"),
        );
        check_metric(
            whole,
            percent,
            "averageValue: 0",
            &format!("{field}.averageValue"),
        );
        check_metric(
            whole,
            percent,
            "averageUtilization: 50, averageValue: 1",
            &format!("{field}.averageValue"),
        );
        check_metric(
            whole,
            percent,
            "averageUtilization: 50, value: -1",
            &format!("{field}.value"),
        );
    }
    check_metric(
        PODS,
        "averageValue: 1",
        "averageValue: 0",
        ".pods.target.averageValue",
    );
    check_metric(PODS, ", averageValue: 1", "", ".pods.target.averageValue");
    check_metric(
        PODS,
        "averageValue: 1",
        "value: 1",
        ".pods.target.averageValue",
    );
    check_metric(OBJECT, "value: 1", "value: 0", ".object.target.value");
    check_metric(OBJECT, ", value: 1", "", ".object.target.value");
    check_metric(
        OBJECT,
        "Value, value: 1",
        "AverageValue",
        ".object.target.averageValue",
    );
    check_metric(
        EXTERNAL,
        "value: 1",
        "value: \"-1\"",
        ".external.target.value",
    );
    check_metric(EXTERNAL, ", value: 1", "", ".external.target.averageValue");
    check_metric(
        EXTERNAL,
        "value: 1",
        "value: 1, averageValue: 1",
        ".external.target.value",
    );
}

#[test]
fn behavior() {
    for direction in ["scaleUp", "scaleDown"] {
        let check_rules = |wrong: &str, right: &str, field: &str| {
            let field = format!("spec.behavior.{direction}.{field}");
            check(&rules(direction, wrong), &field, wrong, right);
        };
        check_rules(
            "stabilizationWindowSeconds: -1",
            "stabilizationWindowSeconds: 0",
            "stabilizationWindowSeconds",
        );
        check_rules(
            "stabilizationWindowSeconds: 3601",
            "stabilizationWindowSeconds: 3600",
            "stabilizationWindowSeconds",
        );
        check_rules("selectPolicy: max", "selectPolicy: Max", "selectPolicy");
        check_rules("tolerance: -0.01", "tolerance: 0", "tolerance");
        check_rules("policies: []", "policies: null", "policies");
        let whole = "{type: Pods, value: 1, periodSeconds: 1800}";
        for (right, wrong, field) in [
            ("type: Pods", "type: Pod", "type"),
            ("type: Pods, ", "", "type"),
            ("value: 1", "value: 0", "value"),
            ("value: 1, ", "", "value"),
            ("periodSeconds: 1800", "periodSeconds: 0", "periodSeconds"),
            (
                "periodSeconds: 1800",
                "periodSeconds: 1801",
                "periodSeconds",
            ),
            (", periodSeconds: 1800", "", "periodSeconds"),
        ] {
            let wrong = format!("policies: [{}]", whole.replacen(right, wrong, 1));
            check_rules(
                &wrong,
                &format!("policies: [{whole}]"),
                &format!("policies[0].{field}"),
            );
        }
    }
}

#[test]
fn version_v1() {
    let text = hpa_text(
        "v1",
        "  maxReplicas: 3\n  targetCPUUtilizationPercentage: 0\n",
    );
    check(
        &text,
        "spec.targetCPUUtilizationPercentage",
        "Percentage: 0",
        "Percentage: 1",
    );
    let text = hpa_text("v1", "  minReplicas: 0\n  maxReplicas: 3\n");
    check(
        &text,
        "spec.minReplicas",
        "minReplicas: 0",
        "minReplicas: 1",
    );
    let text = hpa_text("v1", "  minReplicas: 4\n  maxReplicas: 3\n");
    check(
        &text,
        "spec.maxReplicas",
        "minReplicas: 4",
        "minReplicas: 3",
    );
}
