//! The scale target sets `spec.replicas`, which the autoscaler writes too.
//!
//! ## What it does
//!
//! Looks at the workload that an autoscaler scales for a count of its own.
//!
//! ## Why is this bad
//!
//! Each apply sets the count back to the manifest's, and the autoscaler needs one or more syncs and the start of pods to
//! get it up again: a deployment at peak takes capacity away. With server-side apply (Helm 4, Flux, Argo CD) the field
//! has two owners and the upgrade fails with a conflict.
//!
//! ## Example
//!
//! ```yaml
//! kind: Deployment
//! metadata: {name: web}
//! spec:
//!   replicas: 3
//! ---
//! kind: HorizontalPodAutoscaler
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//! ```
//!
//! ## Fix
//!
//! Remove the field. In a cluster where it was applied before, first take it out of what kubectl remembers
//! (`kubectl apply edit-last-applied`), or the next apply sets the count to 1 once.
//!
//! ## Evidence
//!
//! Kubernetes issues 25238, 66385 and 94585. kube-score, KICS and Datadog's rules look for it too, some in Deployments
//! only.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let replicas = owner.object.document.at("spec.replicas");
        let Some(replicas) = replicas.filter(|replicas| !replicas.is_null()) else {
            continue;
        };
        findings
            .put(
                Place::new(&owner.object.document, replicas.span()),
                format!(
                    "replicas is set to `{}` here, while HorizontalPodAutoscaler `{}` scales this {}",
                    replicas.text().unwrap_or_default(),
                    autoscaled.object.name,
                    owner.object.kind
                ),
                "remove replicas and leave the count to the autoscaler",
            )
            .with_related(Place::at(autoscaled.object, "metadata.name"), "the autoscaler");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{STATIC_REPLICAS, deployment, fires, hpa, silent};

    #[test]
    fn a_count_beside_an_autoscaler_is_told() {
        fires(
            "SP204",
            STATIC_REPLICAS,
            &[
                "5:13 replicas is set to `3` here, while HorizontalPodAutoscaler `web` scales this Deployment",
            ],
        );
        // Without a namespace, the one of `kubectl -n` is meant.
        fires(
            "SP204",
            &STATIC_REPLICAS.replacen("{name: web}", "{name: web, namespace: prod}", 1),
            &["5:13 replicas"],
        );
        // Also of kinds that are not replayed, and of an autoscaler that is refused.
        let rollout = STATIC_REPLICAS
            .replace("apps/v1", "argoproj.io/v1alpha1")
            .replace("Deployment", "Rollout");
        fires("SP204", &rollout, &["5:13 replicas"]);
        fires(
            "SP204",
            &STATIC_REPLICAS.replace("minReplicas: 2", "minReplicas: 20"),
            &["5:13 replicas"],
        );
    }

    #[test]
    fn a_count_of_something_else_is_silent() {
        silent(
            "SP204",
            &(deployment("image: web") + &hpa("  maxReplicas: 10\n")),
        );
        silent(
            "SP204",
            &STATIC_REPLICAS.replacen("{name: web}", "{name: api}", 1),
        );
        silent(
            "SP204",
            &STATIC_REPLICAS.replace("replicas: 3", "replicas: null"),
        );
        let apart = STATIC_REPLICAS.replacen("{name: web}", "{name: web, namespace: prod}", 1);
        silent(
            "SP204",
            &apart.replacen("{name: web}", "{name: web, namespace: test}", 1),
        );
        // Which the API server fills in where nothing scales it.
        silent(
            "SP204",
            STATIC_REPLICAS.split("---").next().unwrap_or_default(),
        );
    }
}
