//! The autoscaler is of an API version that the cluster does not serve, or of one that says less.
//!
//! ## What it does
//!
//! Compares `apiVersion` with the cluster's version, the newest if none is given: v2beta1 was removed in 1.25, v2beta2
//! in 1.26, v2 came in 1.23. Version v1, which is served for ever, is a warning.
//!
//! ## Why is this bad
//!
//! A version that is not served can't be applied. v1 has no field for `behavior` nor for any metric but cpu; tools that
//! write it lose both, or hide them in annotations.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: autoscaling/v2beta2
//! kind: HorizontalPodAutoscaler
//! ```
//!
//! ## Fix
//!
//! Write `autoscaling/v2`. v2beta2 is written alike; in v2beta1 and v1 the metrics have another form, which `kubectl
//! convert` turns into the new one.
//!
//! ## Evidence
//!
//! The deprecated API migration guide of Kubernetes for 1.25 and 1.26. Pluto and kube-score look for it too.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::manifest::{Concern, ErrorKind};

const V2: &str = "autoscaling/v2";

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::ApiVersion) {
        if error.kind == ErrorKind::Invalid {
            findings.put(place, &*error.message, "write `autoscaling/v2`");
        }
    }
    let cluster = &context.settings.cluster;
    for autoscaled in context.autoscalers() {
        let version = autoscaled.object.api_version.as_str();
        let removed_in = |minor: u32| {
            if cluster.is_before(minor) {
                let problem = format!("{version} is removed in Kubernetes 1.{minor}");
                (Severity::Warning, problem)
            } else {
                let problem = format!("{version} is not served since Kubernetes 1.{minor}");
                (Severity::Error, problem)
            }
        };
        let (severity, problem) = match version {
            "autoscaling/v2beta1" => removed_in(25),
            "autoscaling/v2beta2" => removed_in(26),
            V2 if cluster.is_before(23) => (
                Severity::Error,
                "autoscaling/v2 is not served before Kubernetes 1.23".to_owned(),
            ),
            "autoscaling/v1" => (
                Severity::Warning,
                "autoscaling/v1 has no field for behavior, nor for a metric other than cpu"
                    .to_owned(),
            ),
            _ => continue,
        };
        let help = if version == V2 {
            "write `autoscaling/v2beta2`, which is written alike"
        } else if cluster.is_before(23) {
            "write `autoscaling/v2` once the cluster is at Kubernetes 1.23"
        } else {
            "write `autoscaling/v2` with metrics in its form, as `kubectl convert` does"
        };
        let place = Place::at(autoscaled.object, "apiVersion");
        let edit = match version {
            // These two are written alike.
            "autoscaling/v2beta2" if !cluster.is_before(23) => {
                context.replacement(&place, version, V2)
            }
            _ => None,
        };
        let finding = findings.put(place, problem, help);
        finding.with_severity(severity);
        if let Some(edit) = edit {
            finding.with_fix("write autoscaling/v2", vec![edit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::settings::Settings;
    use crate::lint::testing::{findings, fires, fires_with, hpa, silent, silent_with};

    fn of(version: &str) -> String {
        hpa("  maxReplicas: 3\n").replacen("autoscaling/v2", version, 1)
    }

    fn cluster(version: &str) -> Settings {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.version = version.parse().ok();
        settings
    }

    #[test]
    fn what_is_not_served_is_told() {
        fires(
            "SP107",
            &of("autoscaling/v2beta1"),
            &["1:13 autoscaling/v2beta1 is not served since Kubernetes 1.25"],
        );
        fires(
            "SP107",
            &of("autoscaling/v2beta2"),
            &["1:13 autoscaling/v2beta2 is not served since Kubernetes 1.26"],
        );
        fires(
            "SP107",
            &of("autoscaling/v3"),
            &["1:13 apiVersion: `autoscaling/v3` is no version"],
        );
        fires(
            "SP107",
            &of("autoscaling/v1"),
            &["1:13 autoscaling/v1 has no field for behavior"],
        );
        fires_with(
            "SP107",
            &cluster("1.25"),
            &of("autoscaling/v2beta2"),
            &["1:13 autoscaling/v2beta2 is removed in"],
        );
        fires_with(
            "SP107",
            &cluster("1.22"),
            &of("autoscaling/v2"),
            &["1:13 autoscaling/v2 is not served before"],
        );
    }

    #[test]
    fn v2beta2_becomes_v2() {
        let found = findings(&of("\"autoscaling/v2beta2\""));
        let found = found.iter().find(|it| it.rule.code == "SP107");
        let found = found.expect("it is found");
        assert_eq!(found.severity, Severity::Error);
        let fix = found.fix.as_ref().expect("it has a fix");
        assert_eq!(fix.edits[0].text, "\"autoscaling/v2\"");
    }

    #[test]
    fn v2_is_silent() {
        silent("SP107", &of("autoscaling/v2"));
        silent_with("SP107", &cluster("1.23"), &of("autoscaling/v2"));
        silent(
            "SP107",
            "apiVersion: template.openshift.io/v1\nkind: Template\n",
        );
    }
}
