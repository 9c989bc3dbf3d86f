//! `Nodes`: the machines that replicas run on, those that are lost, and those that are on their way.

use super::pod::Draws;
use super::spec::NodePool;
use crate::stats::{Purpose, unit_draw};
use crate::units::{SimDuration, SimTime};

/// The nodes of a run. Node k is in zone k modulo the number of zones, so that nodes are spread evenly.
#[derive(Clone, Debug)]
pub(super) struct Nodes<'a> {
    spec: &'a NodePool,
    draws: Draws,
    states: Vec<Node>,
    /// When those on their way arrive.
    coming: Vec<SimTime>,
    /// Nodes ever asked for: the ordinal of the next draw.
    asked_for: u64,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Up,
    Lost {
        /// When it is back; `SimTime::MAX` for never.
        back: SimTime,
        /// Until then nobody has given it up, so that it counts among the most that there can be.
        counted_until: SimTime,
    },
}

impl<'a> Nodes<'a> {
    pub(super) fn new(spec: &'a NodePool, draws: Draws) -> Self {
        let count = spec.nodes.clamp(1, NodePool::LARGEST);
        Self {
            spec,
            draws,
            states: (0..count).map(|_| Node::Up).collect(),
            coming: Vec::new(),
            asked_for: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    /// Replicas that fit on one.
    pub(super) fn room_of_each(&self) -> u32 {
        self.spec.replicas_per_node.max(1)
    }

    pub(super) fn is_up(&self, node: usize) -> bool {
        matches!(self.states.get(node), Some(Node::Up))
    }

    /// The zone of a node.
    pub(super) fn zone_of(&self, node: usize) -> usize {
        node % self.zones()
    }

    pub(super) fn zones(&self) -> usize {
        usize::try_from(self.spec.zones.max(1)).unwrap_or(usize::MAX)
    }

    /// The node for the next replica, given how many each has: the emptiest, of equal ones the first, which also
    /// spreads over zones.
    pub(super) fn emptiest(&self, replicas: &[u32]) -> Option<usize> {
        let room = self.room_of_each();
        let with_room = (0..self.states.len()).filter(|node| self.is_up(*node));
        with_room
            .filter(|node| replicas[*node] < room)
            .min_by_key(|node| replicas[*node])
    }

    /// Asks for as many nodes as replicas without room need beyond those that are on their way, and no more than there
    /// can be.
    pub(super) fn provision(&mut self, without_room: u32, now: SimTime) {
        let needed = without_room.div_ceil(self.room_of_each());
        let coming = u32::try_from(self.coming.len()).unwrap_or(u32::MAX);
        let possible = self.most().saturating_sub(self.counted(now));
        for _ in 0..needed.saturating_sub(coming).min(possible) {
            let Draws { seed, run } = self.draws;
            let unit = unit_draw(seed, run, Purpose::NodeProvisioning, self.asked_for);
            let seconds = self.spec.provisioning.quantile(unit);
            self.coming
                .push(now + SimDuration::from_seconds_rounded(seconds));
            self.asked_for += 1;
        }
        // Those that take no time are there.
        self.pass(now);
    }

    /// A node falls silent, until `back`; others may take its place from `given_up` on.
    pub(super) fn lose(&mut self, node: usize, back: SimTime, given_up: SimTime) {
        if let Some(node) = self.states.get_mut(node) {
            *node = Node::Lost {
                back,
                counted_until: given_up,
            };
        }
    }

    /// New nodes arrive and lost ones come back. One whose place has been taken meanwhile stays away.
    pub(super) fn pass(&mut self, now: SimTime) {
        for index in 0..self.states.len() {
            let Node::Lost {
                back,
                counted_until,
            } = self.states[index]
            else {
                continue;
            };
            if back <= now {
                let kept = back < counted_until || self.counted(now) < self.most();
                self.states[index] = if kept {
                    Node::Up
                } else {
                    Node::Lost {
                        back: SimTime::MAX,
                        counted_until,
                    }
                };
            }
        }
        let before = self.coming.len();
        self.coming.retain(|arrival| *arrival > now);
        for _ in self.coming.len()..before {
            self.states.push(Node::Up);
        }
    }

    /// When the next node arrives, comes back or is given up, after `now`.
    pub(super) fn next_after(&self, now: SimTime) -> SimTime {
        let changes = self.states.iter().flat_map(|node| match node {
            Node::Up => [SimTime::MAX; 2],
            Node::Lost {
                back,
                counted_until,
            } => [*back, *counted_until],
        });
        changes
            .chain(self.coming.iter().copied())
            .filter(|time| *time > now)
            .min()
            .unwrap_or(SimTime::MAX)
    }

    /// Never fewer than there were at the beginning.
    fn most(&self) -> u32 {
        let most = self.spec.most.max(self.spec.nodes);
        most.clamp(1, NodePool::LARGEST)
    }

    /// Nodes that count towards the most.
    fn counted(&self, now: SimTime) -> u32 {
        let there = self.states.iter().filter(|node| match node {
            Node::Up => true,
            Node::Lost { counted_until, .. } => *counted_until > now,
        });
        u32::try_from(there.count() + self.coming.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Distribution;

    fn at(count: i64) -> SimTime {
        SimTime::from_seconds(count)
    }

    fn pool(nodes: u32, most: u32) -> NodePool {
        NodePool {
            nodes,
            most,
            zones: 3,
            replicas_per_node: 4,
            provisioning: Distribution::Deterministic { value: 60.0 },
        }
    }

    #[test]
    fn as_many_nodes_come_as_replicas_need_and_no_more_than_there_can_be() {
        let spec = pool(2, 4);
        let mut nodes = Nodes::new(&spec, Draws { seed: 1, run: 0 });
        nodes.provision(3, at(0));
        nodes.provision(4, at(10)); // The one on its way has room for four.
        assert_eq!((nodes.next_after(at(0)), nodes.coming.len()), (at(60), 1));
        nodes.provision(100, at(20));
        assert_eq!(nodes.coming.len(), 2, "four at most");
        nodes.pass(at(80));
        assert_eq!((nodes.len(), nodes.coming.len()), (4, 0));
    }

    #[test]
    fn a_lost_node_keeps_its_place_until_it_is_given_up() {
        let spec = pool(2, 2);
        let mut nodes = Nodes::new(&spec, Draws { seed: 1, run: 0 });
        nodes.lose(0, at(1000), at(340));
        nodes.provision(4, at(100));
        assert!(nodes.coming.is_empty());
        nodes.provision(4, at(340));
        assert_eq!(nodes.coming.len(), 1);
        nodes.pass(at(1000));
        assert!(!nodes.is_up(0) && nodes.is_up(2), "its place is taken");
    }

    #[test]
    fn replicas_go_where_there_are_fewest() {
        let spec = pool(3, 3);
        let mut nodes = Nodes::new(&spec, Draws { seed: 1, run: 0 });
        assert_eq!(nodes.emptiest(&[1, 0, 0]), Some(1));
        nodes.lose(1, SimTime::MAX, at(0));
        assert_eq!(nodes.emptiest(&[4, 0, 4]), None);
    }
}
