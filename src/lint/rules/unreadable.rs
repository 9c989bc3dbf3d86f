//! A file can't be read as Kubernetes manifests.
//!
//! ## What it does
//!
//! Tells of files that are neither YAML nor JSON, of templates that have not been rendered, of damaged or oversized
//! files, and of documents that are no Kubernetes objects. Reading goes on after them. Where nothing looks like a manifest
//! (no `apiVersion` and `kind` in the file), what cannot be read is an info, and what can, such as a chart's values, is
//! passed over.
//!
//! ## Why is this bad
//!
//! Nothing is known of what could not be read: other rules are silent about it, which is no sign of health.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   maxReplicas: {{ .Values.max }}
//! ```
//!
//! ## Fix
//!
//! Render templates first, for example `helm template . | scaleplan lint -`.
//!
//! ## Evidence
//!
//! Of 313 manifests of public projects, 68 are templates whose suffix says `.yaml`.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::manifest::ErrorKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let texts: BTreeMap<&str, &[u8]> = context.objects.sources().collect();
    for error in &context.objects.errors {
        let text = texts.get(&*error.source).copied();
        let is_manifest = text.is_none_or(looks_like_a_manifest);
        let (severity, help) = match error.kind {
            ErrorKind::Syntax if !is_manifest => (
                Severity::Info,
                "leave the file out with --exclude if it is no manifest",
            ),
            ErrorKind::Encoding | ErrorKind::Syntax => (
                Severity::Error,
                "write it as YAML or JSON in UTF-8, as `kubectl apply` takes it",
            ),
            ErrorKind::TooLarge => (Severity::Error, "split it into smaller files"),
            ErrorKind::Template => (
                Severity::Warning,
                "render the template and lint what comes out",
            ),
            ErrorKind::NotAnObject if is_manifest => (
                Severity::Info,
                "leave the file out if it is no manifest, or add `apiVersion` and `kind`",
            ),
            _ => continue,
        };
        findings
            .put(context.place_of(error), &*error.message, help)
            .with_severity(severity);
    }
}

/// Whether a file has the two words that every manifest has.
fn looks_like_a_manifest(text: &[u8]) -> bool {
    let mut words = ["apiVersion", "kind"].into_iter();
    words.all(|word| memmem::find(text, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::testing::{STATIC_REPLICAS, findings, fires, silent};

    #[test]
    fn what_is_no_manifest_is_told_and_the_rest_is_read() {
        fires("SP001", "a: [\n", &["2:1 not YAML"]);
        fires(
            "SP001",
            &format!("spec: {{{{ .Values.max }}}}\n---\n{STATIC_REPLICAS}"),
            &["1:7 this is a Go template"],
        );
        fires(
            "SP001",
            "apiVersion: v1\nkindly: 1\n",
            &["1:1 kind is missing"],
        );
    }

    #[test]
    fn files_that_are_meant_for_something_else_are_none_of_its_business() {
        silent("SP001", "replicaCount: 1\nimage: {tag: latest}\n");
        silent("SP001", "resources: [a.yaml]\npatches: [{path: b.yaml}]\n");
        silent("SP001", "- {op: remove, path: /spec/replicas}\n");
        let severity = |text: &str| findings(text).first().map(|it| it.severity);
        silent(
            "SP001",
            "{\n  // with comments\n  \"compilerOptions\": {},\n}\n",
        );
        assert_eq!(severity("a: [\n"), Some(Severity::Info));
        let broken = "apiVersion: v1\nkind: Pod\na: [\n";
        assert_eq!(severity(broken), Some(Severity::Error));
    }

    #[test]
    fn manifests_are_read() {
        silent("SP001", STATIC_REPLICAS);
        silent("SP001", "apiVersion: v1\nkind: Secret\n");
    }
}
