//! What the tests of this floor share.

use super::{Autoscaler, ManifestError, Manifests, Source, Workload, read};

/// Reads one file.
pub(crate) fn read_text(text: &str) -> Manifests {
    read_bytes(text.as_bytes())
}

/// Reads one file.
pub(crate) fn read_bytes(bytes: &[u8]) -> Manifests {
    read(vec![Source {
        name: "a.yaml".to_owned(),
        bytes: bytes.to_vec(),
    }])
}

/// An autoscaler of a version with these further lines of its `spec`, indented by two blanks.
pub(crate) fn hpa_text(version: &str, spec: &str) -> String {
    format!(
        "apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}\n{spec}"
    )
}

/// A Deployment of one container, in one line.
pub(crate) fn deployment_text(name: &str, namespace: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}, namespace: {namespace}}}, \
         spec: {{selector: {{}}, template: {{spec: {{containers: [{{name: c}}]}}}}}}}}\n"
    )
}

/// The only autoscaler of a file without errors.
#[track_caller]
pub(crate) fn only_autoscaler(text: &str) -> Autoscaler {
    let mut manifests = read_text(text);
    assert_eq!(manifests.errors, []);
    assert_eq!(manifests.autoscalers.len(), 1);
    manifests.autoscalers.remove(0)
}

/// The only workload of a file without errors.
#[track_caller]
pub(crate) fn only_workload(text: &str) -> Workload {
    let mut manifests = read_text(text);
    assert_eq!(manifests.errors, []);
    assert_eq!(manifests.workloads.len(), 1);
    manifests.workloads.remove(0)
}

/// Checks errors or warnings against `line:column beginning of the message`.
#[track_caller]
pub(crate) fn check_told(told: &[ManifestError], expected: &[&str]) {
    let told: Vec<String> = told
        .iter()
        .map(|it| format!("{}:{} {}", it.line, it.column, it.message))
        .collect();
    let agrees = told.len() == expected.len()
        && told
            .iter()
            .zip(expected)
            .all(|(told, expected)| told.starts_with(expected));
    assert!(agrees, "told     {told:#?}\nexpected {expected:#?}");
}

/// Checks what is wrong with the lines of a v2 spec that starts at line 6.
#[track_caller]
pub(crate) fn check_spec(spec: &str, expected: &[&str]) {
    let manifests = read_text(&hpa_text("v2", spec));
    check_told(&manifests.errors, expected);
    assert_eq!(
        manifests.autoscalers.len(),
        usize::from(expected.is_empty())
    );
}
