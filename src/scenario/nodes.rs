//! Nodes for the replicas: from flags, and from what maxReplicas needs.

use super::choose::Chooser;
use super::range::{counted, out_of_range, times_in_range};
use super::{ScenarioError, Settings, show};
use crate::hpa::HpaSpec;
use crate::plant::NodePool;
use crate::stats::Distribution;

/// The most nodes.
const MOST_NODES: u32 = NodePool::LARGEST;
/// Zones where nobody says: as many as most regions have.
const USUAL_ZONES: u32 = 3;

/// The node pool; `None` where nobody says that there are nodes.
pub(super) fn node_pool(
    choose: &mut Chooser<'_>,
    hpa: &HpaSpec,
    initial_replicas: u32,
    warnings: &mut Vec<String>,
) -> Result<Option<NodePool>, ScenarioError> {
    let nodes = choose.said(|settings| &settings.nodes);
    let per_node = choose.said(|settings| &settings.replicas_per_node);
    if nodes.is_none() && per_node.is_none() {
        warn_of_no_nodes(choose, warnings);
        return Ok(None);
    }
    let max_replicas = u32::try_from(hpa.max_replicas).unwrap_or(0);
    let expected = "a count from 1 to 10,000";
    for (key, said) in [("nodes", &nodes), ("replicas-per-node", &per_node)] {
        if let Some(said) = said {
            counted(key, said.value, 1..=MOST_NODES, expected)?;
        }
    }
    let per_node = settled(
        choose,
        "replicas-per-node",
        |settings| &settings.replicas_per_node,
        nodes.map_or(1, |nodes| max_replicas.div_ceil(nodes.value).max(1)),
        "so that maxReplicas fit",
    );
    let nodes = settled(
        choose,
        "nodes",
        |settings| &settings.nodes,
        initial_replicas.div_ceil(per_node).clamp(1, MOST_NODES),
        "what the first replicas need",
    );
    let most = settled(
        choose,
        "max-nodes",
        |settings| &settings.max_nodes,
        max_replicas.div_ceil(per_node).clamp(nodes, MOST_NODES),
        "what maxReplicas need",
    );
    counted("max-nodes", most, 1..=MOST_NODES, expected)?;
    if most < nodes {
        return Err(out_of_range(
            "max-nodes",
            &most.to_string(),
            "at least as many as nodes",
        ));
    }
    let zones = choose.choose(
        "zones",
        |settings| &settings.zones,
        None,
        USUAL_ZONES.min(nodes),
        u32::to_string,
    );
    if !(1..=most).contains(&zones) {
        return Err(out_of_range(
            "zones",
            &zones.to_string(),
            "at least 1, and at most as many as max-nodes",
        ));
    }
    let provisioning = choose.choose(
        "node-provisioning",
        |settings| &settings.node_provisioning,
        None,
        Distribution::Uniform {
            low: 45.0,
            high: 90.0,
        },
        show::times,
    );
    times_in_range(
        "node-provisioning",
        &provisioning,
        0.0..=1e6,
        "times of at most 11d on average",
    )?;
    Ok(Some(NodePool {
        nodes,
        most,
        zones,
        replicas_per_node: per_node,
        provisioning,
    }))
}

/// What was said, or else what follows from the rest.
fn settled(
    choose: &mut Chooser<'_>,
    key: &str,
    of: fn(&Settings) -> &Option<u32>,
    derived: u32,
    how: &str,
) -> u32 {
    if let Some(said) = choose.said(of) {
        choose.note(key, said.value.to_string(), said.origin);
        return said.value;
    }
    choose.derived(key, derived.to_string(), how);
    derived
}

/// A word about nodes makes none.
fn warn_of_no_nodes(choose: &Chooser<'_>, warnings: &mut Vec<String>) {
    let said = [
        ("max-nodes", choose.said(|s| &s.max_nodes).is_some()),
        ("zones", choose.said(|s| &s.zones).is_some()),
        (
            "node-provisioning",
            choose.said(|s| &s.node_provisioning).is_some(),
        ),
    ];
    for (key, _) in said.iter().filter(|(_, said)| *said) {
        warnings.push(format!(
            "{key} is not used: there are no nodes, --nodes or --replicas-per-node makes some"
        ));
    }
}
