//! Counts of replicas at which latencies are tabulated: two to a doubling.

/// How many counts there are: 1, 2, 3, 4, 6, 8, 12 ... up to 2^20.
pub(super) const REPLICA_NODES: usize = 40;

/// The count at a node.
pub(super) const fn replicas_at(node: usize) -> u32 {
    match node {
        0 => 1,
        node if node % 2 == 1 => 1 << node.div_ceil(2),
        node => 3 << (node / 2 - 1),
    }
}

/// The node at or below a count, and how far 1 / count lies towards the next, in [0, 1). Latencies under every rule tend
/// to a limit in about 1 / count, so that is what is interpolated in. Counts beyond the grid count as its ends.
pub(super) fn locate_replicas(replicas: u32) -> (usize, f64) {
    let replicas = replicas.clamp(1, replicas_at(REPLICA_NODES - 1));
    let octave = replicas.ilog2() as usize;
    let node = match octave {
        0 => 0,
        octave if replicas >= 3 << (octave - 1) => 2 * octave,
        octave => 2 * octave - 1,
    };
    let here = replicas_at(node);
    if here == replicas {
        return (node, 0.0);
    }
    let inverse = |count: u32| f64::from(count).recip();
    let next = replicas_at(node + 1);
    let rest = (inverse(here) - inverse(replicas)) / (inverse(here) - inverse(next));
    (node, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_grid_has_two_counts_to_a_doubling() {
        let counts: Vec<u32> = (0..10).map(replicas_at).collect();
        assert_eq!(counts, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]);
        assert_eq!(locate_replicas(0), (0, 0.0));
        assert_eq!(locate_replicas(u32::MAX), (REPLICA_NODES - 1, 0.0));
    }

    proptest! {
        #[test]
        fn a_count_lies_between_its_nodes(replicas in 1..1_000_000_u32) {
            let (node, rest) = locate_replicas(replicas);
            let inverse = |count: u32| f64::from(count).recip();
            let (here, next) = (inverse(replicas_at(node)), inverse(replicas_at(node + 1)));
            prop_assert!((0.0..1.0).contains(&rest));
            prop_assert!((here + rest * (next - here) - inverse(replicas)).abs() < 1e-12);
        }
    }
}
