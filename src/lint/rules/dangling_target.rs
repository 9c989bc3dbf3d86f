//! The scale target is not there.
//!
//! ## What it does
//!
//! Looks for the object that `scaleTargetRef` names, by kind, name and namespace, and for a name close to it. It is a
//! warning where only part of a whole was given: a file could not be read, or nothing else of that kind is in the
//! autoscaler's folder or in the namespace that it names. Of a custom resource it is then worth knowing only.
//!
//! ## Why is this bad
//!
//! The autoscaler reports FailedGetScale and scales nothing, while the workload keeps the count it has.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! metadata: {name: web-app}
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ```
//!
//! ## Fix
//!
//! Write kind and name as the workload has them, and give all manifests of the namespace to the linter.
//!
//! ## Evidence
//!
//! kube-score, kube-linter (`dangling-horizontalpodautoscaler`), kubescape C-0300 and popeye look for it; kube-linter
//! and C-0300 know built-in kinds only.

use std::borrow::Cow;

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::Target;
use crate::lint::nearness::nearest_name;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let is_known = match autoscaled.target {
            Target::Absent => context.is_whole(),
            Target::OutOfSight => false,
            _ => continue,
        };
        let Some((kind, name)) = autoscaled.target_name() else {
            continue;
        };
        let is_built_in = matches!(autoscaled.target_group(), "" | "apps" | "extensions");
        let severity = match (is_known, is_built_in) {
            (true, _) => Severity::Error,
            (false, true) => Severity::Warning,
            (false, false) => Severity::Info,
        };
        let same_kind = context.owners_beside(autoscaled.object);
        let same_kind = same_kind.filter(|owner| owner.object.kind == kind);
        let nearest = nearest_name(name, same_kind.map(|owner| owner.object.name.as_str()));
        let help = match nearest {
            Some(nearest) => Cow::Owned(format!("did you mean `{nearest}`?")),
            None => Cow::Borrowed(
                "write kind and name as the workload has them, or give its manifest too",
            ),
        };
        let known = if is_known { "" } else { " among these files" };
        findings
            .put(
                Place::at(autoscaled.object, "spec.scaleTargetRef"),
                format!("{kind} `{name}`, which this autoscaler scales, is not there{known}"),
                help,
            )
            .with_severity(severity);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::finding::Severity;
    use crate::lint::testing::{deployment, findings, findings_in, fires, hpa, silent};

    #[track_caller]
    fn check(text: &str, severity: Severity) {
        fires("SP201", text, &[text_of(text)]);
        let found = findings(text);
        let found = found.iter().find(|it| it.rule.code == "SP201");
        assert_eq!(found.map(|it| it.severity), Some(severity));
    }

    fn text_of(text: &str) -> &'static str {
        if text.contains("kind: Deployment\n") {
            "14:19 "
        } else {
            "5:19 "
        }
    }

    fn other() -> String {
        deployment("image: web").replacen("{name: web}", "{name: web-app}", 1)
    }

    #[test]
    fn an_absent_target_is_told_as_surely_as_it_is_known() {
        let spec = hpa("  maxReplicas: 3\n");
        check(&(other() + &spec), Severity::Error);
        check(&spec, Severity::Warning);
        let custom = spec.replace("apps/v1, kind: Deployment", "example.com/v1, kind: Thing");
        check(&custom, Severity::Info);
        fires(
            "SP201",
            &(other() + &spec),
            &["14:19 Deployment `web`, which this autoscaler scales, is not there"],
        );
        let apart =
            deployment("image: web").replacen("{name: web}", "{name: web, namespace: prod}", 1);
        let named = spec.replacen("{name: web}", "{name: web, namespace: test}", 1);
        check(&(apart + &named), Severity::Warning);
    }

    #[test]
    fn what_stands_in_other_folders_is_no_sign_that_all_was_given() {
        let spec = hpa("  maxReplicas: 3\n");
        let in_default = spec.replacen("{name: web}", "{name: web, namespace: default}", 1);
        let in_shop = spec.replacen("{name: web}", "{name: web, namespace: shop}", 1);
        let other_in = |namespace: &str| {
            other().replacen(
                "{name: web-app}",
                &format!("{{name: web-app, namespace: {namespace}}}"),
                1,
            )
        };
        let check = |files: &[(&str, &str)], severity: Severity| {
            let found = findings_in(files);
            let found = found.iter().find(|it| it.rule.code == "SP201");
            assert_eq!(found.map(|it| it.severity), Some(severity), "{files:?}");
        };
        check(
            &[("k8s/hpa.yaml", &spec), ("k8s/web.yaml", &other())],
            Severity::Error,
        );
        check(
            &[("hpa/web.yaml", &spec), ("extras/web.yaml", &other())],
            Severity::Warning,
        );
        check(
            &[
                ("a/web.yaml", &in_default),
                ("b/web.yaml", &other_in("default")),
            ],
            Severity::Warning,
        );
        check(
            &[("a/web.yaml", &in_shop), ("b/web.yaml", &other_in("shop"))],
            Severity::Error,
        );
        // Samples, which repeat objects.
        let samples = [
            ("k8s/1.yaml", &*spec),
            ("k8s/2.yaml", &*other()),
            ("k8s/3.yaml", &*other()),
        ];
        check(&samples, Severity::Warning);
    }

    #[test]
    fn the_name_that_was_meant_is_offered() {
        let found = findings(&(other() + &hpa("  maxReplicas: 3\n")));
        let found = found.iter().find(|it| it.rule.code == "SP201");
        assert_eq!(found.map(|it| &*it.help), Some("did you mean `web-app`?"));
    }

    #[test]
    fn a_target_of_any_kind_is_enough() {
        silent(
            "SP201",
            &(deployment("image: web") + &hpa("  maxReplicas: 3\n")),
        );
        let custom = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: web}\n---\n";
        let of = hpa("  maxReplicas: 3\n")
            .replace("apps/v1, kind: Deployment", "example.com/v1, kind: Thing");
        silent("SP201", &format!("{custom}{of}"));
    }
}
