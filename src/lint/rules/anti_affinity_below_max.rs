//! Pods that may not share a node are scaled beyond the number of nodes.
//!
//! ## What it does
//!
//! Where the number of nodes is given (`--nodes`), compares it with `maxReplicas` of targets whose pods need a node
//! each: by required anti-affinity to themselves on `kubernetes.io/hostname`, or by a host port; or whose topology
//! spread asks for more nodes (`minDomains`) than there are.
//!
//! ## Why is this bad
//!
//! The pods beyond the nodes stay pending for ever, unless the cluster grows by a node for each.
//!
//! ## Example
//!
//! ```yaml
//! affinity:
//!   podAntiAffinity:
//!     requiredDuringSchedulingIgnoredDuringExecution:
//!     - topologyKey: kubernetes.io/hostname
//!       labelSelector: {matchLabels: {app: web}}
//! ```
//!
//! ## Fix
//!
//! Prefer (`preferredDuringSchedulingIgnoredDuringExecution`) rather than require, spread with
//! `topologySpreadConstraints`, or lower `maxReplicas` to the number of nodes.
//!
//! ## Evidence
//!
//! The documentation of inter-pod anti-affinity and of topology spread constraints. No other linter compares the two.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};
use crate::lint::joined::PodOwner;
use crate::manifest::{LabelSelector, Node, Span};

const HOSTNAME: &str = "kubernetes.io/hostname";

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(nodes) = context.settings.cluster.nodes else {
        return;
    };
    for (autoscaled, meant) in context.valid_autoscalers() {
        let max = meant.max_replicas;
        let Some(owner) = context.owner(autoscaled) else {
            continue;
        };
        let Some((span, reason, most)) = bound(owner, nodes).filter(|(.., most)| *most < max)
        else {
            continue;
        };
        findings
            .put(
                Place::new(&owner.object.document, span),
                format!("{reason}, so that of {max} replicas {most} fit on {nodes} nodes"),
                "prefer rather than require other nodes, spread over topology, or lower maxReplicas",
            )
            .with_related(Place::at(autoscaled.object, "spec.maxReplicas"), "the maximum");
    }
}

/// Where pods are held apart, why, and how many fit on so many nodes.
fn bound(owner: &PodOwner<'_>, nodes: i32) -> Option<(Span, &'static str, i32)> {
    let template = owner.object.pod_template()?;
    let spec = template.get("spec")?;
    let matches_itself = |selector: Node<'_>| {
        let selector = LabelSelector::at(selector, "labelSelector");
        selector.is_some_and(|selector| selector.matches(&owner.labels))
    };
    let text =
        |node: Node<'_>, key: &str| node.get(key).and_then(|it| it.text().map(str::to_owned));
    let apart = spec.at("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    for term in apart.into_iter().flat_map(|list| list.items()) {
        if text(term, "topologyKey").as_deref() == Some(HOSTNAME) && matches_itself(term) {
            return Some((term.span(), "no two of these pods may share a node", nodes));
        }
    }
    let containers = spec
        .get("containers")
        .into_iter()
        .flat_map(|list| list.items());
    let mut ports = containers
        .filter_map(|it| it.get("ports"))
        .flat_map(|list| list.items());
    if let Some(port) = ports.find_map(|port| port.get("hostPort")) {
        return Some((port.span(), "a host port can be had once on a node", nodes));
    }
    let spread = spec.get("topologySpreadConstraints");
    for term in spread.into_iter().flat_map(|list| list.items()) {
        let number = |key: &str| text(term, key).and_then(|text| text.parse::<i32>().ok());
        let is_strict = text(term, "whenUnsatisfiable").as_deref() != Some("ScheduleAnyway")
            && text(term, "topologyKey").as_deref() == Some(HOSTNAME);
        // With fewer domains than asked for, the emptiest counts as empty: each takes `maxSkew` and no more.
        if is_strict
            && matches_itself(term)
            && number("minDomains").is_some_and(|least| least > nodes)
        {
            let most = number("maxSkew").unwrap_or(1).saturating_mul(nodes);
            return Some((
                term.span(),
                "topology spread asks for more nodes than there are",
                most,
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{deployment, fires_with, hpa, silent, silent_with};

    fn with(pod: &str) -> String {
        let deployment = deployment("image: web").replacen(
            "spec: {containers",
            &format!("spec: {{{pod}, containers"),
            1,
        );
        deployment + &hpa("  maxReplicas: 10\n")
    }

    fn nodes(count: i32) -> Settings {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.nodes = Some(count);
        settings
    }

    fn apart(labels: &str) -> String {
        with(&format!(
            "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: kubernetes.io/hostname, labelSelector: {{matchLabels: {{app: {labels}}}}}}}]}}}}"
        ))
    }

    fn spread(domains: i32) -> String {
        with(&format!(
            "topologySpreadConstraints: [{{maxSkew: 2, minDomains: {domains}, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: web}}}}}}]"
        ))
    }

    #[test]
    fn more_pods_than_nodes_are_told() {
        fires_with(
            "SP216",
            &nodes(6),
            &apart("web"),
            &[
                "8:90 no two of these pods may share a node, so that of 10 replicas 6 fit on 6 nodes",
            ],
        );
        fires_with(
            "SP216",
            &nodes(4),
            &spread(5),
            &[
                "8:40 topology spread asks for more nodes than there are, so that of 10 replicas 8 fit",
            ],
        );
        let port = deployment("ports: [{hostPort: 80}]") + &hpa("  maxReplicas: 10\n");
        fires_with(
            "SP216",
            &nodes(6),
            &port,
            &["8:56 a host port can be had once on a node"],
        );
    }

    #[test]
    fn what_fits_is_silent() {
        silent_with("SP216", &nodes(10), &apart("web"));
        silent_with("SP216", &nodes(6), &apart("other"));
        silent_with(
            "SP216",
            &nodes(6),
            &apart("web").replace("required", "preferred"),
        );
        silent_with("SP216", &nodes(4), &spread(3));
        silent("SP216", &apart("web"));
    }
}
