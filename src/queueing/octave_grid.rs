//! `OctaveGrid`: a grid whose steps grow with the value, found by the bits of a number instead of its logarithm.

/// Nodes from 2^`first_exponent` over `octaves` doublings, each doubling cut into 2^`step_bits` equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OctaveGrid {
    first_bits: u64,
    nodes: usize,
    step_bits: u32,
}

/// Bits of the fraction of an f64.
const FRACTION_BITS: u32 = 52;
/// The exponent's bias in an f64.
const BIAS: i32 = 1023;

impl OctaveGrid {
    #[expect(
        clippy::cast_sign_loss,
        reason = "the exponents used are far above the least one"
    )]
    pub(super) const fn new(first_exponent: i32, octaves: u32, step_bits: u32) -> Self {
        Self {
            first_bits: ((BIAS + first_exponent) as u64) << FRACTION_BITS,
            nodes: ((octaves as usize) << step_bits) + 1,
            step_bits,
        }
    }

    /// How many nodes there are.
    pub(super) const fn nodes(&self) -> usize {
        self.nodes
    }

    /// The value of a node.
    pub(super) const fn value(&self, node: usize) -> f64 {
        f64::from_bits(self.first_bits + ((node as u64) << (FRACTION_BITS - self.step_bits)))
    }

    /// The node at or below `value`, and how far `value` lies towards the next, in [0, 1). Values outside the grid, and
    /// NaN, count as its ends; the last node is never returned itself.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the difference of two places within the grid"
    )]
    pub(super) fn locate(&self, value: f64) -> (usize, f64) {
        let shift = FRACTION_BITS - self.step_bits;
        let last_bits = self.first_bits + (((self.nodes - 1) as u64) << shift) - 1;
        // Positive numbers are ordered as their bits are.
        let bits = if value > 0.0 { value.to_bits() } else { 0 };
        let offset = bits.clamp(self.first_bits, last_bits) - self.first_bits;
        let rest = offset & ((1 << shift) - 1);
        (
            (offset >> shift) as usize,
            rest as f64 / (1_u64 << shift) as f64,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GRID: OctaveGrid = OctaveGrid::new(-3, 5, 4);

    #[test]
    fn values_outside_count_as_the_ends() {
        for low in [f64::NAN, -1.0, 0.0, 1e-300, 0.125] {
            assert_eq!(GRID.locate(low), (0, 0.0));
        }
        for high in [4.0, 1e300, f64::INFINITY] {
            let (node, rest) = GRID.locate(high);
            assert!(node == GRID.nodes() - 2 && rest > 0.999_999, "{high}");
        }
        assert!((GRID.value(0) - 0.125).abs() < 1e-300);
        assert!((GRID.value(GRID.nodes() - 1) - 4.0).abs() < 1e-300);
    }

    proptest! {
        #[test]
        fn a_value_lies_between_its_nodes(value in 0.125..4.0_f64) {
            let (node, rest) = GRID.locate(value);
            let (below, above) = (GRID.value(node), GRID.value(node + 1));
            prop_assert!((below + rest * (above - below) - value).abs() < 1e-12);
            prop_assert!((above / below - 1.0) <= 1.0 / 16.0 + 1e-12);
        }
    }
}
