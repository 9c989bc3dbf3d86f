//! N + k: what must stand by so that the objective holds while nodes are lost.

use super::whole::whole_replicas;

/// Replicas spread evenly over nodes, of which some are lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeLoss {
    /// Replicas that the load needs.
    pub replicas: u32,
    /// Replicas on a node.
    pub per_node: u32,
    /// Nodes that are lost at once, k.
    pub lost_nodes: u32,
    /// Until a lost node is seen, seconds: so long its share of the requests finds nobody.
    pub unseen: f64,
}

impl NodeLoss {
    /// Replicas to keep beside those needed: as many as the lost nodes hold.
    #[must_use]
    pub const fn spare(&self) -> u32 {
        self.per_node.saturating_mul(self.lost_nodes)
    }

    /// Replicas in all, N + k.
    #[must_use]
    pub const fn in_all(&self) -> u32 {
        self.replicas.saturating_add(self.spare())
    }

    /// The share of requests that goes to the lost nodes until somebody sees it, in [0, 1]: random balancing gives every
    /// replica the same.
    #[must_use]
    pub fn share(&self) -> f64 {
        let nodes = whole_replicas(f64::from(self.in_all()) / f64::from(self.per_node.max(1)));
        (f64::from(self.lost_nodes) / f64::from(nodes.max(1))).min(1.0)
    }

    /// Seconds of all traffic that one such loss costs: the share times the time unseen.
    #[must_use]
    pub fn lost_seconds(&self) -> f64 {
        self.share() * self.unseen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_node_of_five_takes_a_fifth_for_forty_seconds() {
        let loss = NodeLoss {
            replicas: 8,
            per_node: 2,
            lost_nodes: 1,
            unseen: 40.0,
        };
        assert_eq!((loss.spare(), loss.in_all()), (2, 10));
        assert!((loss.share() - 0.2).abs() < 1e-12);
        assert!((loss.lost_seconds() - 8.0).abs() < 1e-12);
    }

    #[test]
    fn no_replicas_and_no_room_are_no_trouble() {
        let loss = NodeLoss {
            replicas: 0,
            per_node: 0,
            lost_nodes: 3,
            unseen: 40.0,
        };
        assert!((loss.share() - 1.0).abs() < 1e-12);
    }
}
