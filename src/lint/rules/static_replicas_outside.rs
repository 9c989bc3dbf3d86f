//! The scale target's own count is outside the autoscaler's bounds.
//!
//! ## What it does
//!
//! Compares `spec.replicas` of the workload with `minReplicas` and `maxReplicas` of its autoscaler. A count of 0 turns
//! autoscaling off.
//!
//! ## Why is this bad
//!
//! Each apply sets the count to the manifest's: below the floor that was meant to be kept, or above the ceiling, until
//! the next sync sets it back, by starting or killing pods at once. From 0 it does not come back at all.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! spec:
//!   replicas: 1
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 4
//! ```
//!
//! ## Fix
//!
//! Remove `spec.replicas` from the workload and leave the count to the autoscaler.
//!
//! ## Evidence
//!
//! Kubernetes issue 66385; `reconcileAutoscaler` in `pkg/controller/podautoscaler/horizontal.go`, which corrects such a
//! count without looking at metrics.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (autoscaled, meant) in context.valid_autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let node = owner.object.document.at("spec.replicas");
        let count = node.and_then(|node| node.text()?.parse::<i32>().ok());
        let (Some(node), Some(count)) = (node, count) else {
            continue;
        };
        let (min, max) = (meant.min_replicas, meant.max_replicas);
        let what = format!("{} `{}`", owner.object.kind, owner.object.name);
        let problem = if count == 0 && min > 0 {
            format!("replicas 0 turns the autoscaler of {what} off, whose floor is {min}")
        } else if count < min {
            format!("each apply takes {what} to {count} replicas, below minReplicas {min}")
        } else if count > max {
            format!("each apply takes {what} to {count} replicas, above maxReplicas {max}")
        } else {
            continue;
        };
        let field = if count < min {
            "spec.minReplicas"
        } else {
            "spec.maxReplicas"
        };
        findings
            .put(
                Place::new(&owner.object.document, node.span()),
                problem,
                "remove replicas and leave the count to the autoscaler",
            )
            .with_related(
                Place::at(autoscaled.object, field),
                "the autoscaler's bound",
            );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{STATIC_REPLICAS, findings_in, fires, silent};

    fn with(replicas: &str) -> String {
        STATIC_REPLICAS.replace("replicas: 3", &format!("replicas: {replicas}"))
    }

    #[test]
    fn counts_outside_the_bounds_are_told() {
        fires(
            "SP205",
            &with("1"),
            &["5:13 each apply takes Deployment `web` to 1 replicas, below minReplicas 2"],
        );
        fires(
            "SP205",
            &with("11"),
            &["5:13 each apply takes Deployment `web` to 11 replicas, above maxReplicas 10"],
        );
        fires(
            "SP205",
            &with("0"),
            &["5:13 replicas 0 turns the autoscaler of Deployment `web` off"],
        );
    }

    #[test]
    fn each_stage_has_its_own_workload() {
        let check = |files: &[(&str, &str)], expected: &[&str]| {
            let found = findings_in(files);
            let found = found.iter().filter(|it| it.rule.code == "SP205");
            let sources: Vec<_> = found.map(|it| &*it.place.source).collect();
            assert_eq!(sources, expected, "{files:?}");
        };
        let web = |replicas: u32| {
            let (workload, _) = STATIC_REPLICAS.split_once("---\n").expect("two objects");
            workload.replace("replicas: 3", &format!("replicas: {replicas}"))
        };
        let (_, autoscaler) = STATIC_REPLICAS.split_once("---\n").expect("two objects");
        let stages = [
            ("dev/hpa.yaml", autoscaler),
            ("dev/web.yaml", &*web(1)),
            ("prod/hpa.yaml", autoscaler),
            ("prod/web.yaml", &*web(2)),
        ];
        check(&stages, &["dev/web.yaml"]);
        // What the autoscaler's own file says of the workload counts, though it lacks a template.
        let partial = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n---\n";
        let both = format!("{partial}{autoscaler}");
        check(&[("docs/1.yaml", &both), ("docs/2.yaml", &web(1))], &[]);
        // Of two samples of one autoscaler, the nearer one has the pods.
        let both = format!("{}---\n{autoscaler}", web(2));
        let sample = autoscaler.replace("minReplicas: 2", "minReplicas: 5");
        check(&[("docs/1.yaml", &both), ("docs/2.yaml", &sample)], &[]);
        check(
            &[("docs/1.yaml", &web(2)), ("docs/2.yaml", &sample)],
            &["docs/1.yaml"],
        );
    }

    #[test]
    fn counts_within_are_silent() {
        silent("SP205", &with("2"));
        silent("SP205", &with("10"));
        silent("SP205", &with("null"));
    }
}
