//! A file can't be read as Kubernetes manifests.
//!
//! ## What it does
//!
//! Tells of files that are neither YAML nor JSON, of templates that have not been rendered, of damaged or oversized
//! files, and of documents that are no Kubernetes objects. Reading goes on after them.
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
//! Of 313 manifests of public projects, some two dozen are templates whose suffix says `.yaml`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Severity};
use crate::manifest::ErrorKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for error in &context.objects.errors {
        let (severity, help) = match error.kind {
            ErrorKind::Encoding | ErrorKind::Syntax => (
                Severity::Error,
                "write it as YAML or JSON in UTF-8, as `kubectl apply` takes it",
            ),
            ErrorKind::TooLarge => (Severity::Error, "split it into smaller files"),
            ErrorKind::Template => (
                Severity::Warning,
                "render the template and lint what comes out",
            ),
            ErrorKind::NotAnObject => (
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

#[cfg(test)]
mod tests {
    use crate::lint::testing::{STATIC_REPLICAS, fires, silent};

    #[test]
    fn what_is_no_manifest_is_told_and_the_rest_is_read() {
        fires("SP001", "a: [\n", &["2:1 not YAML"]);
        fires(
            "SP001",
            &format!("spec: {{{{ .Values.max }}}}\n---\n{STATIC_REPLICAS}"),
            &["1:7 this is a Go template"],
        );
        fires("SP001", "a: 1\n", &["1:1 kind is missing"]);
    }

    #[test]
    fn manifests_are_read() {
        silent("SP001", STATIC_REPLICAS);
        silent("SP001", "apiVersion: v1\nkind: Secret\n");
    }
}
