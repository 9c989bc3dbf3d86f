//! What the tests of this floor share: manifests in few lines, and what a rule says of them.

use super::finding::Finding;
use super::registry;
use super::run::{Linted, lint};
use super::selection::Selection;
use super::settings::Settings;
use crate::manifest::{Source, read_objects};

/// A Deployment with `replicas`, and its autoscaler.
pub(crate) const STATIC_REPLICAS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, resources: {requests: {cpu: 100m}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 10
";

/// The autoscaler `web` of the Deployment `web` with these further lines of its spec, each indented by two blanks. They
/// start at line 6, or after [`deployment`] at line 15.
pub(crate) fn hpa(spec: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n{spec}"
    )
}

/// The Deployment `web` with pods labelled `app: web` and this container, in flow style without braces, and the `---`
/// after it: 9 lines, the container on line 8.
pub(crate) fn deployment(container: &str) -> String {
    deployment_with("", container)
}

/// Likewise with a further line of the Deployment's spec, indented by two blanks: 10 lines if there is one, line 5 being
/// the further one.
pub(crate) fn deployment_with(line: &str, container: &str) -> String {
    let line = if line.is_empty() {
        String::new()
    } else {
        format!("{line}\n")
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n{line}  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: web, {container}}}]}}\n---\n"
    )
}

/// The VirtualMachineInstanceReplicaSet `web` with these further lines of a machine's spec, indented by six blanks, and the
/// `---` after it. They start at line 9, after the domain on line 8.
pub(crate) fn machines(domain: &str, spec: &str) -> String {
    format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceReplicaSet\nmetadata: {{name: web}}\nspec:\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    spec:\n      domain: {domain}\n{spec}---\n"
    )
}

/// The autoscaler of [`machines`] with these further lines of its spec.
pub(crate) fn hpa_of_machines(spec: &str) -> String {
    let target = "{apiVersion: kubevirt.io/v1, kind: VirtualMachineInstanceReplicaSet, name: web}";
    hpa(spec).replacen(
        "{apiVersion: apps/v1, kind: Deployment, name: web}",
        target,
        1,
    )
}

/// One metric on cpu of this utilization, as lines of a spec.
pub(crate) fn cpu(percent: u32) -> String {
    format!(
        "  metrics:\n  - {{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: \
         {percent}}}}}}}\n"
    )
}

/// The ScaledObject `web` of the Deployment `web` with these further lines of its spec, each indented by two blanks. They
/// start at line 6, or after [`deployment`] at line 15.
pub(crate) fn scaled_object(spec: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  \
         scaleTargetRef: {{name: web}}\n{spec}"
    )
}

/// One trigger of this type, as lines of a ScaledObject's spec.
pub(crate) fn trigger(kind: &str) -> String {
    format!("  triggers:\n  - {{type: {kind}, metadata: {{value: \"5\"}}}}\n")
}

/// Everything that is found in one file.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    lint_text(text, &Selection::default()).findings
}

/// Everything that is found in several files, each with its name.
pub(crate) fn findings_in(files: &[(&str, &str)]) -> Vec<Finding> {
    let sources = files.iter().map(|(name, text)| Source {
        name: (*name).to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    let objects = read_objects(sources.collect());
    lint(&objects, &Settings::USUAL, &Selection::default()).findings
}

/// Lints one file with the usual settings.
pub(crate) fn lint_text(text: &str, selection: &Selection) -> Linted {
    lint_with(text, &Settings::USUAL, selection)
}

fn lint_with(text: &str, settings: &Settings, selection: &Selection) -> Linted {
    let source = Source {
        name: "a.yaml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    lint(&read_objects(vec![source]), settings, selection)
}

/// Checks that a rule says exactly this of a file: for each finding `line:column beginning of the message`.
#[track_caller]
pub(crate) fn fires(code: &str, text: &str, expected: &[&str]) {
    fires_with(code, &Settings::USUAL, text, expected);
}

/// Likewise with other settings than the usual ones.
#[track_caller]
pub(crate) fn fires_with(code: &str, settings: &Settings, text: &str, expected: &[&str]) {
    assert!(
        !expected.is_empty(),
        "use `silent` where nothing is expected"
    );
    check(code, settings, text, expected);
}

/// Checks that a rule says nothing of a file.
#[track_caller]
pub(crate) fn silent(code: &str, text: &str) {
    silent_with(code, &Settings::USUAL, text);
}

/// Likewise with other settings than the usual ones.
#[track_caller]
pub(crate) fn silent_with(code: &str, settings: &Settings, text: &str) {
    check(code, settings, text, &[]);
}

#[track_caller]
fn check(code: &str, settings: &Settings, text: &str, expected: &[&str]) {
    let rule = registry::rule(code).expect("there is a rule of this code");
    let selection = if code.starts_with("SP00") {
        Selection::default()
    } else {
        Selection::only(rule)
    };
    // A rule about what is right in itself is tested on manifests that can be read.
    if !code.starts_with("SP0") && !code.starts_with("SP10") {
        let unreadable = Selection {
            select: vec!["SP001".parse().expect("it chooses a rule")],
            ..Selection::default()
        };
        let wrong = lint_with(text, settings, &unreadable).findings;
        assert!(
            wrong.is_empty(),
            "the manifest can't be read: {wrong:#?}\n{text}"
        );
    }
    let linted = lint_with(text, settings, &selection);
    let told: Vec<String> = linted
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| {
            let at = finding.place.start;
            format!("{}:{} {}", at.line, at.column, finding.message)
        })
        .collect();
    let agrees = told.len() == expected.len()
        && told
            .iter()
            .zip(expected)
            .all(|(told, expected)| told.starts_with(expected));
    assert!(
        agrees,
        "told     {told:#?}\nexpected {expected:#?}\nof\n{text}"
    );
    for finding in &linted.findings {
        assert!(!finding.help.is_empty(), "no help: {finding:#?}");
        let last = finding.message.chars().last();
        assert!(
            last.is_some_and(|last| last != '.'),
            "no fragment: {}",
            finding.message
        );
    }
}
