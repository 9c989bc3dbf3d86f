//! `Soonest`: which backend has the next event.

/// The next instant of each of a number of places, and the earliest of all.
///
/// A tournament: each inner node has the earlier of its two children, so a change climbs one path.
#[derive(Clone, Debug)]
pub(super) struct Soonest {
    /// The root at 1, the children of `n` at `2 n` and `2 n + 1`, the places in the second half.
    nodes: Vec<f64>,
}

impl Soonest {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![f64::INFINITY; 2],
        }
    }

    /// Makes room for so many places.
    pub(super) fn grow(&mut self, places: usize) {
        let old = self.nodes.len() / 2;
        if places <= old {
            return;
        }
        let leaves = self.nodes.split_off(old);
        let new = places.next_power_of_two();
        self.nodes = vec![f64::INFINITY; 2 * new];
        self.nodes[new..new + old].copy_from_slice(&leaves);
        for node in (1..new).rev() {
            self.nodes[node] = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
        }
    }

    /// The earliest instant of all; infinite without any.
    #[inline]
    pub(super) fn instant(&self) -> f64 {
        self.nodes[1]
    }

    /// The place whose instant is the earliest; the first of several.
    #[inline]
    pub(super) fn place(&self) -> usize {
        let leaves = self.nodes.len() / 2;
        let mut node = 1;
        while node < leaves {
            // Without a branch, which could not be predicted.
            node = 2 * node + usize::from(self.nodes[2 * node + 1] < self.nodes[2 * node]);
        }
        node - leaves
    }

    /// The next instant of `place`, which there is room for, is now this.
    #[inline]
    pub(super) fn set(&mut self, place: usize, instant: f64) {
        let mut node = self.nodes.len() / 2 + place;
        self.nodes[node] = instant;
        while node > 1 {
            let (a, b) = (self.nodes[node], self.nodes[node ^ 1]);
            node /= 2;
            let earlier = if a < b { a } else { b };
            if self.nodes[node].to_bits() == earlier.to_bits() {
                break;
            }
            self.nodes[node] = earlier;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "instants are returned as they were set")]

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_least_of_a_plain_list(
            changes in prop::collection::vec((0_usize..40, 0.0..100.0_f64), 1..200)
        ) {
            let mut soonest = Soonest::new();
            let mut plain = vec![f64::INFINITY; 40];
            for (place, instant) in changes {
                soonest.grow(place + 1);
                soonest.set(place, instant);
                plain[place] = instant;
                let least = plain.iter().copied().fold(f64::INFINITY, f64::min);
                prop_assert_eq!(soonest.instant(), least);
                prop_assert_eq!(plain[soonest.place()], least);
            }
        }
    }

    #[test]
    fn without_places_nothing_is_due() {
        assert_eq!(Soonest::new().instant(), f64::INFINITY);
    }
}
