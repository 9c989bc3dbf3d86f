//! `RandomWords`: uniform 64-bit words, made in blocks.

use rand::Rng;

use super::stream::{Stream, below};

/// Generators side by side: what one register of plain x86-64 holds. With more, their state no longer stays in registers.
const LANES: usize = 2;
/// Words made at a time, a multiple of the lanes; a run stays in the innermost cache.
pub(super) const RUN: usize = 256;

/// A source of uniform 64-bit words, faster than a [`Stream`] where many are taken.
///
/// Generators of xoshiro256+ (Blackman and Vigna 2021) run side by side in one vector register. The three lowest bits of
/// a word are weak.
#[derive(Clone, Debug)]
pub struct RandomWords {
    /// The generators' four words of state, one word of all of them together.
    state: [[u64; LANES]; 4],
    block: Box<[u64; RUN]>,
    /// Words of the block that were taken.
    taken: usize,
}

impl RandomWords {
    /// A source whose words depend on the numbers of `stream` alone.
    #[must_use]
    pub fn new(stream: &mut Stream) -> Self {
        Self {
            // A state of zeros alone would stay so; 256 bits of a stream never are.
            state: [(); 4].map(|()| [(); LANES].map(|()| stream.next_u64())),
            block: Box::new([0; RUN]),
            taken: RUN,
        }
    }

    /// The next word.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        if self.taken >= RUN {
            self.refill();
        }
        let word = self.block[self.taken];
        self.taken += 1;
        word
    }

    /// A whole number below `bound`, each equally likely within one part in 2^64 / `bound`; 0 for a bound of 0.
    #[inline]
    pub fn draw_below(&mut self, bound: u32) -> u32 {
        below(self.draw(), bound)
    }

    /// A number from 0 to under 1, uniform in steps of 2^-53.
    #[inline]
    pub fn draw_unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 * (f64::EPSILON / 2.0)
    }

    /// Fills `numbers` as one [`draw_below`](Self::draw_below) each would, but faster.
    pub fn fill_below(&mut self, bound: u32, numbers: &mut [u32]) {
        let mut rest = numbers;
        while !rest.is_empty() {
            let words = self.draw_run(rest.len());
            let (filled, unfilled) = rest.split_at_mut(words.len());
            for (number, word) in filled.iter_mut().zip(words) {
                *number = below(*word, bound);
            }
            rest = unfilled;
        }
    }

    /// The next words, at least one and at most `most`: those that as many single draws would give.
    #[inline]
    pub(super) fn draw_run(&mut self, most: usize) -> &[u64] {
        if self.taken >= RUN {
            self.refill();
        }
        let first = self.taken;
        self.taken = RUN.min(first + most.max(1));
        &self.block[first..self.taken]
    }

    #[inline(never)]
    fn refill(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.state;
        for group in self.block.chunks_exact_mut(LANES) {
            for (lane, word) in group.iter_mut().enumerate() {
                *word = a[lane].wrapping_add(d[lane]);
                let shifted = b[lane] << 17;
                c[lane] ^= a[lane];
                d[lane] ^= b[lane];
                b[lane] ^= c[lane];
                a[lane] ^= d[lane];
                c[lane] ^= shifted;
                d[lane] = d[lane].rotate_left(45);
            }
        }
        self.state = [a, b, c, d];
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};
    use proptest::prelude::*;

    fn words(seed: u64) -> RandomWords {
        RandomWords::new(&mut stream(seed, 0, Purpose::Balancing, 0))
    }

    /// The published reference code, written as it is there.
    fn reference(state: &mut [u64; 4]) -> u64 {
        let result = state[0].wrapping_add(state[3]);
        let t = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= t;
        state[3] = state[3].rotate_left(45);
        result
    }

    #[test]
    fn each_lane_is_a_generator_of_the_reference() {
        let mut words = words(1);
        let mut lanes = [0, 1].map(|lane| words.state.map(|word| word[lane]));
        for _ in 0..2000 {
            for lane in &mut lanes {
                assert_eq!(words.draw(), reference(lane));
            }
        }
    }

    proptest! {
        #[test]
        fn runs_and_single_draws_give_the_same(lengths in prop::collection::vec(0..700_usize, 1..20)) {
            let mut one_by_one = words(3);
            let mut mixed = words(3);
            for length in lengths {
                let run = mixed.draw_run(length);
                prop_assert!((1..=length.max(1)).contains(&run.len()));
                for word in run {
                    prop_assert_eq!(*word, one_by_one.draw());
                }
                prop_assert_eq!(mixed.draw(), one_by_one.draw());
            }
        }
    }

    #[test]
    fn many_numbers_at_once_are_those_of_single_draws() {
        let mut one_by_one = words(5);
        let mut numbers = [0; 1000];
        words(5).fill_below(1000, &mut numbers);
        assert_eq!(numbers, [(); 1000].map(|()| one_by_one.draw_below(1000)));
    }

    #[test]
    fn every_number_below_a_bound_is_equally_likely() {
        let mut words = words(1);
        let mut tally = [0_u32; 7];
        for _ in 0..70_000 {
            tally[words.draw_below(7) as usize] += 1;
        }
        // 10,000 each, with a standard error of 93.
        assert!(
            tally.iter().all(|count| count.abs_diff(10_000) < 450),
            "{tally:?}"
        );
        assert_eq!(words.draw_below(1), 0);
        assert_eq!(words.draw_below(0), 0);
    }
}
